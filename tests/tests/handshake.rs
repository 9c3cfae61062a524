//! The Forward handshake: both dialects, and everything that can be wrong with keys, users and answers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::time::Duration;

use mona_collector::{FaultCollector, Handshake, Helo, Listen, Script, Service, Step};
use mona_tests::ledger::{self, client, context, export};
use mona_tests::native::{Client, last_error, load_release, status};
use mona_tests::reach::{FLUSH_MS, Trust, check_all_delivered, check_all_kept, eventually};
use mona_tests::said;
use mona_tests::tap::Tap;

const KEY: &str = "a-key-of-both-sides";
const NAME: &str = "a-user";
const PASSWORD: &str = "the-password-of-the-user";

const KNOWN: [(&str, &str); 1] = [("shared_key", KEY)];
const USER: [(&str, &str); 3] = [("shared_key", KEY), ("username", NAME), ("password", PASSWORD)];

/// Fluent Bit reads no more of the PING.
const MOST_PING: usize = 1022;

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn flush(client: &Client, collector: &FaultCollector) {
    let place = collector.addr().unwrap().to_string();
    let flushed = client.flush(FLUSH_MS);
    assert_eq!(
        flushed,
        Ok(()),
        "{:#?} {:#?} {:?}",
        said::about(&place),
        collector.complaints(),
        client.stats()
    );
}

fn asks(handshake: Handshake) -> Service {
    Service::forward().handshake(handshake)
}

#[test]
fn each_dialect_with_key_and_user() {
    let trust = Trust::new();
    for helo in [Helo::Fluentd, Helo::FluentBit] {
        for (handshake, options) in [
            (Handshake::new(KEY), &KNOWN[..]),
            (Handshake::new(KEY), &USER),
            (Handshake::new(KEY).user("other", "x").user(NAME, PASSWORD), &USER),
            (Handshake::new("").user(NAME, PASSWORD), &USER[1..]),
        ] {
            for service in
                [asks(handshake.clone().helo(helo)), asks(handshake.clone().helo(helo)).tls(trust.tls())]
            {
                let collector = serve(service, Script::normal());
                let mut more = vec![("ca_file", trust.ca_file())];
                more.extend(options);
                let client = client(&collector.endpoint(), &more);
                export(&context(&client), "main", 0..2000, 50);
                flush(&client, &collector);
                let stats = ledger::check_all_delivered(&client, &collector, 2000);
                assert_eq!((stats.connections, stats.connect_failures), (1, 0), "{stats:?}");
                assert_eq!(client.close(FLUSH_MS), Ok(()));
            }
        }
    }
}

#[test]
fn one_chunk_to_a_connection_when_the_collector_says_so() {
    for ack in ["true", "false"] {
        let collector = serve(asks(Handshake::new(KEY).keepalive(false)), Script::normal());
        let more = [("shared_key", KEY), ("chunk_bytes", "4096"), ("ack", ack)];
        let client = client(&collector.endpoint(), &more);
        export(&context(&client), "main", 0..500, 100);
        assert_eq!(client.close(FLUSH_MS), Ok(()), "ack {ack}");
        assert!(collector.wait_for_records(500, Duration::from_secs(120)), "ack {ack}");
        ledger::check_all_delivered(&client, &collector, 500);
        let totals = collector.ledger().totals;
        assert_eq!(totals.connections, totals.chunks, "ack {ack}");
        assert!(totals.chunks > 10, "{totals:?}");
    }
}

#[test]
fn each_connection_has_a_salt_of_its_own() {
    let collector = serve(asks(Handshake::new(KEY).keepalive(false)), Script::normal());
    let tap = Tap::to(collector.addr().unwrap()).unwrap();
    let more = [("shared_key", KEY), ("chunk_bytes", "4096")];
    let client = client(&format!("tcp://{}", tap.address()), &more);
    export(&context(&client), "main", 0..500, 100);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    let mut salts: Vec<Vec<u8>> = tap.sent().iter().map(|sent| salt(sent)).collect();
    let connections = salts.len();
    assert!(connections > 10);
    salts.sort();
    salts.dedup();
    assert_eq!(salts.len(), connections);
    ledger::check_all_delivered(&client, &collector, 500);
}

/// The salt of a PING: `["PING", host name, salt, ...]`.
fn salt(sent: &[u8]) -> Vec<u8> {
    let rest = sent.strip_prefix(b"\x96\xa4PING").unwrap();
    let (host, rest) = match rest {
        [0xd9, length, rest @ ..] => (usize::from(*length), rest),
        [length, rest @ ..] => (usize::from(length & 0x1f), rest),
        [] => panic!("no host name"),
    };
    let salt = rest[host..].strip_prefix(b"\xd9\x20").unwrap();
    assert!(salt[..32].iter().all(u8::is_ascii_hexdigit));
    salt[..32].to_vec()
}

/// A collector that does not let us in, or must not be trusted: a PING leaves at most, the log has `words`,
/// and once it is mended everything is delivered.
fn nothing_leaves(service: Service, script: impl Into<Script>, options: &[(&str, &str)], words: &[&str]) {
    const EVENTS: u64 = 100;
    let collector = serve(service, script);
    let tap = Tap::to(collector.addr().unwrap()).unwrap();
    let place = tap.address().to_string();
    let client = client(&format!("tcp://{place}"), options);
    export(&context(&client), "main", 0..EVENTS, 1000);
    let line = said::wait_for(&place, words);
    assert!(eventually(Duration::from_secs(120), || tap.sent().len() >= 3), "it does not try again");
    assert_eq!(client.flush(50), Err(status::TIMEOUT));
    for sent in tap.sent() {
        assert!(sent.len() <= MOST_PING, "{} bytes left after: {line}", sent.len());
        assert!(sent.is_empty() || sent.starts_with(b"\x96\xa4PING"), "{sent:?} after: {line}");
    }
    check_all_kept(&client, &collector, EVENTS);
    collector.set_script(Script::normal());
    collector.set_service(asks(Handshake::new(KEY).user(NAME, PASSWORD))).unwrap();
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "mended after: {line}");
    check_all_delivered(&client, &[&collector], EVENTS);
}

#[test]
fn nothing_but_a_greeting_leaves_when_the_collector_is_wrong() {
    let asked = || asks(Handshake::new(KEY).user(NAME, PASSWORD));
    // Only where a greeting never comes: a loaded machine may be late with it, and that would be said in its place.
    let impatient = [&USER[..], &[("connect_timeout_ms", "300")]].concat();
    nothing_leaves(asked(), Step::WrongDigest, &USER, &["does not know our shared_key"]);
    nothing_leaves(asked(), Step::RejectPong, &USER, &["refuses our shared_key", "as the script says"]);
    nothing_leaves(asked(), Step::OwnHostname, &USER, &["our own greeting"]);
    nothing_leaves(
        asked(),
        Step::NoHelo,
        &impatient,
        &["no greeting within connect_timeout_ms", "shared key"],
    );
    nothing_leaves(asked(), Step::CloseAfterPing, &USER, &["closed the connection", "shared_key"]);
    nothing_leaves(asked(), Step::Garbage, &USER, &["something else than HELO", "shared key"]);
    nothing_leaves(Service::http(), Script::normal(), &impatient, &["no greeting within connect_timeout_ms"]);
}

/// What the client gives and the collector does not take. Mended at the collector, as a client keeps its
/// options for life.
fn refused(knows: Handshake, options: &[(&str, &str)], wants: Handshake, words: &[&str]) {
    const EVENTS: u64 = 100;
    for helo in [Helo::Fluentd, Helo::FluentBit] {
        let collector = serve(asks(wants.clone().helo(helo)), Script::normal());
        let tap = Tap::to(collector.addr().unwrap()).unwrap();
        let place = tap.address().to_string();
        let client = client(&format!("tcp://{place}"), options);
        export(&context(&client), "main", 0..EVENTS, 1000);
        let line = said::wait_for(&place, words);
        assert!(eventually(Duration::from_secs(120), || tap.sent().len() >= 3), "it does not try again");
        assert_eq!(client.flush(50), Err(status::TIMEOUT));
        for sent in tap.sent() {
            assert!(sent.len() <= MOST_PING, "{} bytes left after: {line}", sent.len());
            assert!(!contains(&sent, b"filling"), "an event left after: {line}");
        }
        check_all_kept(&client, &collector, EVENTS);
        collector.set_service(asks(knows.clone().helo(helo))).unwrap();
        assert_eq!(client.flush(FLUSH_MS), Ok(()), "mended after: {line}");
        check_all_delivered(&client, &[&collector], EVENTS);
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn nothing_but_a_greeting_leaves_when_the_client_is_wrong() {
    let wants = || Handshake::new(KEY).user(NAME, PASSWORD);
    let key = [("shared_key", "another-key"), ("username", NAME), ("password", PASSWORD)];
    let words = ["refuses our shared_key", "shared_key mismatch"];
    refused(Handshake::new("another-key").user(NAME, PASSWORD), &key, wants(), &words);
    let user = [("shared_key", KEY), ("username", "nobody"), ("password", PASSWORD)];
    let words = ["username or password", "username/password mismatch"];
    refused(Handshake::new(KEY).user("nobody", PASSWORD), &user, wants(), &words);
    let password = [("shared_key", KEY), ("username", NAME), ("password", "a-guess")];
    refused(Handshake::new(KEY).user(NAME, "a-guess"), &password, wants(), &words);
    // A name that nobody gave is not asked for behind a greeting either.
    refused(Handshake::new(KEY), &KNOWN, wants(), &["asks for a user", "set username and password"]);
}

#[test]
fn a_missing_key_is_said_once_and_is_no_loop() {
    for (helo, events) in [(Helo::Fluentd, 100), (Helo::FluentBit, 5000)] {
        let collector = serve(asks(Handshake::new(KEY).helo(helo)), Script::normal());
        let place = collector.addr().unwrap().to_string();
        let more = [("retry_initial_ms", "200"), ("retry_max_ms", "1000")];
        let client = client(&collector.endpoint(), &more);
        export(&context(&client), "main", 0..events, 100);
        said::wait_for(&place, &["collector requires a shared key"]);
        std::thread::sleep(Duration::from_millis(1500));
        let lines = said::about(&place);
        let requires = lines.iter().filter(|line| line.contains("requires a shared key")).count();
        assert_eq!(requires, 1, "{lines:#?}");
        // With full jitter the pauses are 100, 200, 400 and 500 ms on the average.
        let connections = collector.ledger().totals.connections;
        assert!((1..=30).contains(&connections), "{connections} connections");
        check_all_kept(&client, &collector, events);
        collector.set_service(Service::forward()).unwrap();
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        check_all_delivered(&client, &[&collector], events);
    }
}

#[test]
fn secrets_in_the_clear_to_another_machine_are_refused() {
    load_release();
    for (name, secret) in [("shared_key", KEY), ("username", NAME), ("password", PASSWORD)] {
        for place in [
            [("endpoint", "tcp://192.0.2.1:24224"), ("use_ssl", "auto")],
            [("endpoint", "tcp://127.0.0.1:24224,tcp://collector.test:24224"), ("use_ssl", "auto")],
            [("host", "192.0.2.1"), ("use_ssl", "false")],
        ] {
            let mut options = place.to_vec();
            options.push((name, secret));
            let answer = Client::new(&options).err();
            let text = last_error();
            assert_eq!(answer, Some(status::ARGUMENT), "{options:?}");
            assert!(text.contains(&format!("option \"{name}\"")), "{text}");
            assert!(text.contains("in the clear") && text.contains("tls://"), "{text}");
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn faults_behind_the_handshake() {
    for helo in [Helo::Fluentd, Helo::FluentBit] {
        let scripts: [Script; 4] = [
            [Step::ReadThenReset(20_000), Step::ReadThenReset(50), Step::Normal].into(),
            [Step::HalfAck, Step::Normal].into(),
            [Step::DropAck, Step::WrongAck, Step::Normal].into(),
            [Step::Reset, Step::NoHelo, Step::CloseAfterPing, Step::Normal].into(),
        ];
        for script in scripts {
            let collector = serve(asks(Handshake::new(KEY).helo(helo)), script);
            let more = [
                ("shared_key", KEY),
                ("chunk_bytes", "16384"),
                ("connect_timeout_ms", "300"),
                ("ack_timeout_ms", "500"),
            ];
            let client = client(&collector.endpoint(), &more);
            export(&context(&client), "main", 0..2000, 50);
            flush(&client, &collector);
            check_all_delivered(&client, &[&collector], 2000);
        }
    }
}
