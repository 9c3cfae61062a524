//! `tls://`: what is delivered, what never leaves, and what is said about a collector that cannot be trusted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

#[path = "tls/files.rs"]
mod files;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use mona_collector::{
    Authority, FaultCollector, Listen, Script, Service, Step, Tls, TlsSettings, TlsVersions,
};
use mona_tests::ledger::{self, client, context, export};
use mona_tests::native::{Client, last_error, load_release, status};
use mona_tests::reach::{
    FLUSH_MS, HOSTS, Trust, check, check_all_delivered, check_all_kept, eventually, once_within,
};
use mona_tests::tap::{Tap, application_bytes};
use mona_tests::{Program, run, said};

/// An alert that TLS 1.3 has encrypted takes some twenty bytes; one event of these tests a thousand.
const ALERT_BYTES: usize = 64;

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

#[test]
fn each_version_with_each_option_of_forward() {
    let trust = Trust::new();
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        for (ack, compress) in [("true", "none"), ("true", "gzip"), ("false", "none"), ("false", "gzip")] {
            let collector = serve(Service::forward().tls(trust.tls_of(versions)), Script::normal());
            let more = [("ca_file", trust.ca_file()), ("ack", ack), ("compress", compress)];
            let client = client(&collector.endpoint(), &more);
            export(&context(&client), "main", 0..3000, 100);
            assert_eq!(client.close(FLUSH_MS), Ok(()), "{versions:?} {more:?}");
            assert!(collector.wait_for_records(3000, Duration::from_secs(120)), "{versions:?} {more:?}");
            let stats = ledger::check_all_delivered(&client, &collector, 3000);
            assert_eq!((stats.connections, stats.chunks_resent), (1, 0), "{stats:?}");
        }
    }
}

#[test]
fn host_and_port_with_use_ssl() {
    let trust = Trust::new();
    let secured = serve(trust.forward(), Script::normal());
    let plain = serve(Service::forward(), Script::normal());
    for (collector, use_ssl) in [(&secured, "true"), (&plain, "false"), (&plain, "auto")] {
        for host in HOSTS {
            let port = collector.addr().unwrap().port().to_string();
            load_release();
            let options = [
                ("host", host),
                ("port", &port),
                ("use_ssl", use_ssl),
                ("ca_file", trust.ca_file()),
                ("event_id", "true"),
            ];
            let client = Client::new(&options).unwrap_or_else(|_| panic!("{options:?}: {}", last_error()));
            export(&context(&client), &format!("{use_ssl} {host}"), 0..10, 0);
            assert_eq!(client.close(FLUSH_MS), Ok(()), "{options:?} {:#?}", said::about(&port));
            assert_eq!(client.stats().delivered, 10);
        }
    }
    assert_eq!(ledger::arrived(&secured.records()).len(), 2);
    assert_eq!(ledger::arrived(&plain.records()).len(), 4);
}

/// A collector that shows `faulty`: no event leaves, the log has `words`, and once it shows `good`
/// everything is delivered.
fn nothing_leaves(trust: &Trust, faulty: Service, words: &[&str], options: &[(&str, &str)]) {
    const EVENTS: u64 = 100;
    let collector = serve(faulty, Script::normal());
    let tap = Tap::to(collector.addr().unwrap()).unwrap();
    let place = tap.address().to_string();
    let mut more = vec![("ca_file", trust.ca_file())];
    more.extend(options);
    let client = client(&format!("tls://{place}"), &more);
    export(&context(&client), "main", 0..EVENTS, 1000);
    let line = said::wait_for(&place, words);
    assert!(eventually(Duration::from_secs(120), || tap.sent().len() >= 3), "it does not try again");
    assert_eq!(client.flush(50), Err(status::TIMEOUT));
    for sent in tap.sent() {
        let bytes = application_bytes(&sent);
        assert!(bytes <= ALERT_BYTES, "{bytes} bytes left after: {line}");
    }
    check_all_kept(&client, &collector, EVENTS);

    collector.set_service(trust.forward()).unwrap();
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "mended after: {line}, then {:#?}", said::about(&place));
    check_all_delivered(&client, &[&collector], EVENTS);
    // The tap does see what leaves.
    let most = tap.sent().iter().map(|sent| application_bytes(sent)).max();
    assert!(most > Some(100_000), "{most:?}");
}

#[test]
fn nothing_leaves_for_a_collector_that_cannot_be_trusted() {
    let trust = Trust::new();
    let stranger = Authority::new().unwrap();
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let tls = |certificate| {
            let tls = Tls::new(&TlsSettings { versions, ..TlsSettings::new(certificate) }).unwrap();
            Service::forward().tls(tls)
        };
        let authority = trust.authority();
        let unknown = stranger.server(&HOSTS).unwrap();
        nothing_leaves(&trust, tls(unknown), &["certificate", "ca_file"], &[]);
        let expired = authority.expired(&HOSTS).unwrap();
        nothing_leaves(&trust, tls(expired), &["certificate", "expired on 2021-01-01"], &[]);
        let early = authority.not_yet_valid(&HOSTS).unwrap();
        nothing_leaves(&trust, tls(early), &["certificate", "not valid before 4000-01-01"], &[]);
        let other = authority.server(&["other.test", "10.1.2.3"]).unwrap();
        let words = ["other.test", "127.0.0.1", "tls_server_name"];
        nothing_leaves(&trust, tls(other), &words, &[]);
        // The right address does not make up for a name that was asked for.
        let address = authority.server(&["127.0.0.1", "wanted.test"]).unwrap();
        let collector = serve(tls(address), Script::normal());
        let here = Tap::to(collector.addr().unwrap()).unwrap();
        let endpoint = format!("tls://{}", here.address());
        let more = [("ca_file", trust.ca_file()), ("tls_server_name", "unwanted.test")];
        let refused = client(&endpoint, &more);
        export(&context(&refused), "main", 0..10, 1000);
        said::wait_for(&here.address().to_string(), &["wanted.test", "unwanted.test"]);
        assert!(here.sent().iter().all(|sent| application_bytes(sent) <= ALERT_BYTES));
        check_all_kept(&refused, &collector, 10);
    }
}

#[test]
fn nothing_leaves_for_what_does_not_speak_tls() {
    let trust = Trust::new();
    nothing_leaves(&trust, Service::forward(), &["TLS"], &[("connect_timeout_ms", "300")]);
    nothing_leaves(&trust, Service::http(), &["TLS"], &[]);
}

#[test]
fn the_name_to_check_can_be_another_one() {
    let trust = Trust::new();
    let certificate = trust.authority().server(&["collector.test"]).unwrap();
    let collector = serve(Service::forward().tls(Tls::try_from(certificate).unwrap()), Script::normal());
    let more = [("ca_file", trust.ca_file()), ("tls_server_name", "collector.test")];
    let client = client(&collector.endpoint(), &more);
    export(&context(&client), "main", 0..100, 0);
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    ledger::check_all_delivered(&client, &collector, 100);
}

#[test]
fn several_authorities_in_one_file() {
    let trust = Trust::new();
    let other = Authority::new().unwrap();
    let both = trust.file("both.pem", &format!("{}\n{}", other.pem(), trust.authority().pem()));
    let also = Tls::try_from(other.server(&HOSTS).unwrap()).unwrap();
    for service in [trust.forward(), Service::forward().tls(also)] {
        let collector = serve(service, Script::normal());
        let client = client(&collector.endpoint(), &[("ca_file", &both)]);
        export(&context(&client), "main", 0..100, 0);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        ledger::check_all_delivered(&client, &collector, 100);
    }
}

#[test]
fn client_certificates() {
    let trust = Trust::new();
    let certificate = trust.authority().client("a client").unwrap();
    let (chain, key) =
        (trust.file("client.pem", &certificate.chain), trust.file("client.key", &certificate.key));
    let known = [("client_cert_file", chain.as_str()), ("client_key_file", key.as_str())];
    let strange = Authority::new().unwrap().client("a stranger").unwrap();
    let (chain, key) = (trust.file("strange.pem", &strange.chain), trust.file("strange.key", &strange.key));
    let unknown = [("client_cert_file", chain.as_str()), ("client_key_file", key.as_str())];
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let mut settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
        settings.versions = versions;
        settings.client_ca = Some(trust.authority().pem().to_owned());
        let service = Service::forward().tls(Tls::new(&settings).unwrap());
        let ca = [("ca_file", trust.ca_file())];

        let collector = serve(service.clone(), Script::normal());
        let welcome = client(&collector.endpoint(), &[&ca[..], &known].concat());
        export(&context(&welcome), "main", 0..100, 0);
        assert_eq!(welcome.flush(FLUSH_MS), Ok(()), "{versions:?}");
        ledger::check_all_delivered(&welcome, &collector, 100);

        // The collector is the one that knows: what TLS 1.3 lets a client send before it hears is not taken.
        for (identity, word) in [(&[][..], "set client_cert_file"), (&unknown, "client_cert_file that it")] {
            let collector = serve(service.clone(), Script::normal());
            let refused = client(&collector.endpoint(), &[&ca[..], identity].concat());
            export(&context(&refused), "main", 0..100, 1000);
            said::wait_for(&collector.addr().unwrap().to_string(), &["certificate", word]);
            assert_eq!(refused.flush(100), Err(status::TIMEOUT));
            check_all_kept(&refused, &collector, 100);
            collector.set_service(trust.forward()).unwrap();
            assert_eq!(refused.flush(FLUSH_MS), Ok(()), "{versions:?}");
            check_all_delivered(&refused, &[&collector], 100);
        }
    }
}

#[test]
fn closing_right_after_300_kilobytes_loses_nothing() {
    const RUNS: u64 = 100;
    const EVENTS: u64 = 300;
    let trust = Trust::new();
    for versions in [TlsVersions::Tls13, TlsVersions::Tls12] {
        // Tickets are on; nothing but reading them keeps them from resetting the connection.
        let collector = serve(Service::forward().tls(trust.tls_of(versions)), Script::normal());
        let runs = if versions == TlsVersions::Tls13 { RUNS } else { RUNS / 10 };
        for run in 0..runs {
            let more = [("ca_file", trust.ca_file()), ("ack", "false")];
            let client = client(&collector.endpoint(), &more);
            export(&context(&client), &format!("run {run}"), 0..EVENTS, 1000);
            assert_eq!(client.close(FLUSH_MS), Ok(()), "run {run}");
            assert_eq!(client.stats().delivered, EVENTS);
        }
        assert!(
            collector.wait_for_records(runs * EVENTS, Duration::from_secs(120)),
            "{versions:?}: {} of {} arrived",
            collector.ledger().totals.records,
            runs * EVENTS
        );
        let arrived = ledger::arrived(&collector.records());
        assert_eq!(arrived.len() as u64, runs);
        assert!(arrived.values().all(|numbers| numbers.iter().copied().eq(0..EVENTS)));
        assert_eq!(collector.ledger().duplicates(), 0);
        assert_eq!(collector.complaints(), [""; 0]);
    }
}

#[test]
fn faults_of_the_connection_in_tls() {
    let trust = Trust::new();
    for versions in [TlsVersions::Tls12, TlsVersions::Tls13] {
        let scripts: [(&str, Script); 7] = [
            ("half a record", [Step::HalfRecord, Step::HalfRecord, Step::Normal].into()),
            ("half an ack", [Step::HalfAck, Step::Normal].into()),
            ("reset in the handshake", [Step::ReadThenReset(100), Step::Normal].into()),
            ("reset in a record", [Step::ReadThenReset(30_000), Step::Normal].into()),
            ("missing ack", [Step::DropAck, Step::Normal].into()),
            ("wrong ack", [Step::WrongAck, Step::Normal].into()),
            ("slow answers", Step::Trickle(Duration::from_millis(1)).into()),
        ];
        for (name, script) in scripts {
            let collector = serve(Service::forward().tls(trust.tls_of(versions)), script);
            let more = [("ca_file", trust.ca_file()), ("chunk_bytes", "16384"), ("ack_timeout_ms", "500")];
            let client = client(&collector.endpoint(), &more);
            export(&context(&client), "main", 0..2000, 50);
            assert_eq!(client.flush(FLUSH_MS), Ok(()), "{versions:?} {name}");
            let stats = check_all_delivered(&client, &[&collector], 2000);
            assert!(collector.ledger().duplicate_chunks() <= stats.chunks_resent, "{name}: {stats:?}");
            assert_eq!(client.close(FLUSH_MS), Ok(()), "{versions:?} {name}");
        }
    }
}

#[test]
fn a_handshake_that_stalls_does_not_hold_a_close() {
    let trust = Trust::new();
    once_within(|| {
        let collector = serve(trust.forward(), Step::AcceptNoRead);
        let client = client(&collector.endpoint(), &[("ca_file", trust.ca_file())]);
        export(&context(&client), "main", 0..10_000, 20);
        assert!(collector.wait_for_connections(1, Duration::from_secs(120)));
        let start = Instant::now();
        assert_eq!(client.close(1000), Err(status::TIMEOUT));
        let took = start.elapsed();
        let (stats, arrived) = check(&client, &[&collector]);
        assert_eq!((stats.dropped_closed, arrived.len()), (10_000, 0), "{stats:?}");
        // The promise is 250 ms more than asked for; the rest is for a machine that is busy with other tests.
        (took, Duration::from_millis(1250 + 500))
    });
}

#[test]
fn default_sigpipe_and_a_collector_that_resets_in_tls() {
    let trust = Trust::new();
    let program = Program::c("tests/c/life_cycle/default_sigpipe.c").build().unwrap();
    for service in [trust.forward(), trust.http()] {
        for step in [Step::ReadThenReset(700), Step::ReadThenReset(5000), Step::HalfRecord] {
            let collector = serve(service.clone(), step);
            let mut command = program.command();
            command
                .arg("10")
                .env("MONA_ENDPOINT", collector.endpoint())
                .env("MONA_CA_FILE", trust.ca_file())
                .envs([("MONA_RETRY_INITIAL_MS", "5"), ("MONA_RETRY_MAX_MS", "20")])
                .env("MONA_FLUSH_INTERVAL_MS", "1");
            let finished = run(&mut command, Duration::from_secs(60)).unwrap();
            let finished = finished.expect_ok().unwrap_or_else(|error| panic!("{step:?}: {error}"));
            assert_eq!(finished.stdout, "");
        }
    }
}

#[test]
fn a_port_where_nothing_listens_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    drop(listener);
    let trust = Trust::new();
    let client = client(&format!("tls://{place}"), &[("ca_file", trust.ca_file())]);
    export(&context(&client), "main", 0..10, 0);
    said::wait_for(&place, &["refused", "a collector listening there is expected"]);
    assert_eq!(client.stats().queued_events, 10);
}
