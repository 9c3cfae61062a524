//! The handshake against collectors of both kinds, good ones and others.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::*;
use crate::config::Options;
use crate::net::{Abort, Deadline};

const KEY: &str = "the shared key";
const USER: &str = "the user";
const PASSWORD: &str = "the password";

/// Bytes that are no UTF-8, as Fluent Bit sends them.
const NONCE: &[u8] = b"\xff\x00nonce of sixteen";
const AUTH: &[u8] = b"\x80auth";

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(30))
}

fn credentials(options: &[(&str, &str)]) -> Credentials {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, value).unwrap();
    }
    Credentials::of(&crate::config::resolve(&set, |_| None).settings).unwrap()
}

fn all_credentials() -> Credentials {
    credentials(&[("shared_key", KEY), ("username", USER), ("password", PASSWORD)])
}

fn fluentd(auth: &[u8], keepalive: bool) -> Vec<u8> {
    let mut helo = b"\x92\xa4HELO\x84".to_vec();
    for (key, value) in [("nonce", NONCE), ("auth", auth)] {
        msgpack::text(&mut helo, key);
        msgpack::bin_header(&mut helo, value.len());
        helo.extend_from_slice(value);
    }
    msgpack::text(&mut helo, "later version");
    helo.extend_from_slice(b"\x92\x01\x81\xa1a\xc0");
    msgpack::text(&mut helo, "keepalive");
    msgpack::boolean(&mut helo, keepalive);
    helo
}

fn fluent_bit(auth: &[u8]) -> Vec<u8> {
    let mut helo = b"\x92\xa4HELO\x82".to_vec();
    for (key, value) in [("nonce", NONCE), ("auth", auth)] {
        msgpack::text(&mut helo, key);
        msgpack::raw_text(&mut helo, value);
    }
    helo
}

fn sha512(parts: &[&[u8]]) -> String {
    Sha512::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The texts of a PING, as the other side reads them.
fn texts(ping: &[u8]) -> Vec<String> {
    let (Head::Array(6), mut rest) = msgpack::read(ping).unwrap() else { panic!("{ping:?}") };
    let mut texts = Vec::new();
    while let Some((Head::Text(text), after)) = msgpack::read(rest) {
        texts.push(String::from_utf8(text.to_vec()).unwrap());
        rest = after;
    }
    assert!(rest.is_empty());
    texts
}

fn pong(is_ok: bool, reason: &str, host: &str, digest: &str) -> Vec<u8> {
    let mut pong = b"\x95\xa4PONG".to_vec();
    msgpack::boolean(&mut pong, is_ok);
    [reason, host, digest].iter().for_each(|text| msgpack::text(&mut pong, text));
    pong
}

/// What a collector that knows the key answers.
fn right_pong(ping: &[String]) -> Vec<u8> {
    let digest = sha512(&[ping[2].as_bytes(), b"collector", NONCE, KEY.as_bytes()]);
    pong(true, "", "collector", &digest)
}

/// A collector for one connection: says `helo`, reads one PING with a single read, answers with what `answer`
/// makes of it, and gives what came after that.
fn collector(
    helo: Vec<u8>,
    answer: impl FnOnce(&[String]) -> Vec<u8> + Send + 'static,
) -> (Stream, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let mut socket: TcpStream = listener.accept().unwrap().0;
        // In pieces, as a network may deliver it.
        // Some clients give up before they heard everything.
        let _ = helo.chunks(7).try_for_each(|piece| socket.write_all(piece));
        let mut ping = [0; 1023];
        let count = socket.read(&mut ping).unwrap_or(0);
        assert!(count < 1023);
        if count > 0 {
            socket.write_all(&answer(&texts(&ping[..count]))).unwrap();
        }
        let mut after = Vec::new();
        // An end by a reset carries no more bytes than one without.
        let _ = socket.read_to_end(&mut after);
        after
    });
    (Stream::tcp(&[address], soon(), &Arc::new(Abort::default())).unwrap(), thread)
}

fn error(
    credentials: &Credentials,
    helo: Vec<u8>,
    answer: impl FnOnce(&[String]) -> Vec<u8> + Send + 'static,
) -> TransportError {
    let (mut stream, collector) = collector(helo, answer);
    let error = credentials.authenticate(&mut stream, &mut Vec::new(), soon()).unwrap_err();
    drop(stream);
    assert!(collector.join().unwrap().is_empty(), "something was sent after a failure");
    for secret in [KEY, USER, PASSWORD] {
        assert!(!error.text.contains(secret), "{}", error.text);
    }
    error
}

#[test]
fn both_kinds_of_collectors_let_us_in() {
    for (helo, keepalive, asks_user) in [
        (fluentd(AUTH, true), true, true),
        (fluentd(b"", false), false, false),
        (fluent_bit(AUTH), true, true),
        (fluent_bit(b""), true, false),
    ] {
        let (mut stream, collector) = collector(helo, move |ping| {
            let [word, host, salt, digest, user, password] = ping else { panic!("{ping:?}") };
            assert_eq!(word, "PING");
            assert!(host.ends_with(".mona"), "{host}");
            assert_eq!(salt.len(), 32);
            assert_eq!(*digest, sha512(&[salt.as_bytes(), host.as_bytes(), NONCE, KEY.as_bytes()]));
            if asks_user {
                assert_eq!(user, USER);
                assert_eq!(*password, sha512(&[AUTH, USER.as_bytes(), PASSWORD.as_bytes()]));
            } else {
                assert_eq!((user.as_str(), password.as_str()), ("", ""));
            }
            let mut answer = right_pong(ping);
            answer.push(0x81);
            answer
        });
        let mut received = Vec::new();
        let kept = all_credentials().authenticate(&mut stream, &mut received, soon()).unwrap();
        assert_eq!(kept, keepalive);
        while received.is_empty() && stream.await_bytes(soon()) {
            stream.receive(&mut received, 512).unwrap();
        }
        assert_eq!(received, [0x81], "what follows the PONG belongs to the acks");
        drop(stream);
        assert!(collector.join().unwrap().is_empty());
    }
}

#[test]
fn salts_are_fresh_and_the_longest_names_fit() {
    let salts: std::collections::HashSet<_> = (0..100).map(|_| salt()).collect();
    assert_eq!(salts.len(), 100);
    let user = "u".repeat(crate::transport::endpoint::list::MOST_USERNAME_BYTES);
    let credentials = credentials(&[("shared_key", KEY), ("username", &user), ("password", PASSWORD)]);
    let greeting = Greeting { nonce: NONCE.to_vec(), auth: AUTH.to_vec(), keepalive: true };
    let proof = Proof { salt: &salt(), nonce: NONCE, shared_key: KEY };
    let host = "h".repeat(host::MOST_BYTES) + ".mona";
    assert!(credentials.ping(&greeting, &host, &proof).len() < 1023);
}

#[test]
fn a_user_without_a_key_is_enough() {
    let (mut stream, collector) = collector(fluentd(AUTH, true), |ping| {
        assert_eq!(ping[3], sha512(&[ping[2].as_bytes(), ping[1].as_bytes(), NONCE]));
        pong(true, "", "collector", &sha512(&[ping[2].as_bytes(), b"collector", NONCE]))
    });
    let only_user = credentials(&[("username", USER), ("password", PASSWORD)]);
    assert!(only_user.authenticate(&mut stream, &mut Vec::new(), soon()).unwrap());
    drop(stream);
    collector.join().unwrap();
}

#[test]
fn collectors_that_do_not_prove_themselves_get_nothing() {
    let all = all_credentials();
    let wrong_digest = error(&all, fluentd(AUTH, true), |ping| {
        pong(true, "", "collector", &sha512(&[ping[2].as_bytes(), b"collector", NONCE, b"another key"]))
    });
    assert!(wrong_digest.text.contains("does not know our shared_key"), "{}", wrong_digest.text);
    let echo = error(&all, fluentd(AUTH, true), |ping| pong(true, "", &ping[1], &ping[3]));
    assert!(echo.text.contains("our own greeting"), "{}", echo.text);
    let none = error(&all, fluentd(AUTH, true), |_| b"\x92\xa4PONG\xc3".to_vec());
    let cut = error(&all, fluentd(AUTH, true), |ping| {
        let digest = sha512(&[ping[2].as_bytes(), b"collector", NONCE, KEY.as_bytes()]);
        pong(true, "", "collector", &digest[..127])
    });
    let nonsense = error(&all, fluentd(AUTH, true), |_| b"\x92\xa4PANG\xc3".to_vec());
    let no_list = error(&all, fluentd(AUTH, true), |_| b"\x81\xa3ack\xa1x".to_vec());
    for error in [wrong_digest, echo, none, cut, nonsense, no_list] {
        assert_eq!((error.cause, error.kind), (Cause::Configuration, "handshake"), "{}", error.text);
    }
}

#[test]
fn a_refusal_is_told_with_its_reason_and_without_secrets() {
    let refused = error(&all_credentials(), fluentd(AUTH, true), |_| {
        pong(false, &format!("no {USER}\n with {PASSWORD} and {KEY}{}", "!".repeat(250)), "", "")
    });
    assert!(refused.text.contains("no *** with *** and ***!!!"), "{}", refused.text);
    assert!(refused.text.len() < 300);
    assert_eq!(refused.cause, Cause::Configuration);
    let word = |c: char| c.is_ascii_alphanumeric();
    assert_eq!(hide("username user, user's pauser user", "user", word), "username ***, ***'s pauser ***");
    assert_eq!(hide("\u{640}user\u{640}", "user", word), "\u{640}***\u{640}");
    assert_eq!(hide("akeyb key", "key", |_| false), "a***b ***");
    assert_eq!(hide("nothing set", "", |_| false), "nothing set");
    let silent = error(&all_credentials(), fluentd(AUTH, true), |_| b"\x93\xa4PONG\xc2\xc0".to_vec());
    assert!(silent.text.contains("no reason given"), "{}", silent.text);
}

#[test]
fn greetings_that_are_none() {
    let all = all_credentials();
    for helo in [
        b"\x92\xa4HELO\x80".to_vec(),
        b"\x91\xa4HELO".to_vec(),
        b"\x92\xa4HALO\x80".to_vec(),
        b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
        [b"\x92\xa4HELO\x81\xa5nonce\xda\xff\xff".to_vec(), vec![b'x'; 600]].concat(),
    ] {
        let error = error(&all, helo, |_| Vec::new());
        assert_eq!(error.cause, Cause::Configuration, "{}", error.text);
        assert!(error.text.contains("HELO"), "{}", error.text);
    }
    let only_key = credentials(&[("shared_key", KEY)]);
    let error = error(&only_key, fluentd(AUTH, true), |_| pong(false, "who is it", "", ""));
    assert!(
        error.text.contains("who is it; it asks for a user, set username and password"),
        "{}",
        error.text
    );
}

#[test]
#[ignore = "slow: make test-slow"]
fn silence_and_the_end_are_bounded() {
    let all = all_credentials();
    let (mut stream, collector_thread) = collector(Vec::new(), |_| Vec::new());
    let deadline = Deadline::after(Duration::from_millis(100));
    let silent = all.authenticate(&mut stream, &mut Vec::new(), deadline).unwrap_err();
    assert!(silent.text.contains("no greeting"), "{}", silent.text);
    assert_eq!((silent.cause, silent.finding), (Cause::Configuration, Some(Finding::Silent)));
    drop(stream);
    assert!(collector_thread.join().unwrap().is_empty());

    let (mut stream, collector_thread) = collector(fluentd(AUTH, true), |_| Vec::new());
    let deadline = Deadline::after(Duration::from_secs(1));
    let silent = all.authenticate(&mut stream, &mut Vec::new(), deadline).unwrap_err();
    assert_eq!((silent.cause, silent.finding), (Cause::Connection, Some(Finding::Silent)), "{}", silent.text);
    drop(stream);
    assert!(collector_thread.join().unwrap().is_empty());
}

#[test]
fn an_end_is_told_as_what_it_means_then() {
    for (helo, words, cause) in [
        (Vec::new(), "without a greeting", Cause::Connection),
        (fluentd(AUTH, true), "closed the connection on our greeting", Cause::Configuration),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut stream = Stream::tcp(&[listener.local_addr().unwrap()], soon(), &Arc::default()).unwrap();
        let mut socket = listener.accept().unwrap().0;
        socket.write_all(&helo).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let closed = all_credentials().authenticate(&mut stream, &mut Vec::new(), soon()).unwrap_err();
        assert!(closed.text.contains(words), "{}", closed.text);
        assert_eq!((closed.cause, closed.finding), (cause, Some(Finding::Closed)));
    }
}
