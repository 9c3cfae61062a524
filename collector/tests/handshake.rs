//! The shared key: both dialects, those who may come in, those who may not, and servers that do it wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;

use common::*;
use mona_collector::{FaultCollector, Handshake, Helo, Listen, Script, Service, Step};
use sha2::{Digest, Sha512};

const SALT: &str = "0123456789abcdef0123456789abcdef";

fn start(handshake: Handshake, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, Service::forward().handshake(handshake), script).unwrap()
}

fn sha512(parts: &[&[u8]]) -> String {
    Sha512::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What HELO says.
struct Helloed {
    nonce: [u8; 16],
    auth: [u8; 16],
    keepalive: Option<bool>,
}

/// Reads HELO of a server that asks for users.
fn helo(stream: &mut TcpStream, dialect: Helo) -> Helloed {
    let mut read = |count: usize| {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).unwrap();
        bytes
    };
    let (map, value): (u8, &[u8]) = match dialect {
        Helo::Fluentd => (0x83, b"\xc4\x10"),
        Helo::FluentBit => (0x82, b"\xb0"),
    };
    assert_eq!(read(7), [b"\x92\xa4HELO", &[map][..]].concat());
    assert_eq!(read(6 + value.len()), [b"\xa5nonce", value].concat());
    let nonce = read(16).try_into().unwrap();
    assert_eq!(read(5 + value.len()), [b"\xa4auth", value].concat());
    let auth = read(16).try_into().unwrap();
    let keepalive = (dialect == Helo::Fluentd).then(|| {
        assert_eq!(read(10), b"\xa9keepalive");
        read(1) == [0xc3]
    });
    Helloed { nonce, auth, keepalive }
}

fn ping(helloed: &Helloed, key: &str, user: &str, password: &str) -> Vec<u8> {
    let digest = sha512(&[SALT.as_bytes(), b"client", &helloed.nonce, key.as_bytes()]);
    let password = sha512(&[&helloed.auth, user.as_bytes(), password.as_bytes()]);
    let mut out = vec![0x96];
    for part in ["PING", "client", SALT, &digest, user, &password] {
        text(&mut out, part);
    }
    out
}

fn pong(ok: bool, reason: &str, hostname: &str, digest: &str) -> Vec<u8> {
    let mut out = vec![0x95];
    text(&mut out, "PONG");
    out.push(if ok { 0xc3 } else { 0xc2 });
    for part in [reason, hostname, digest] {
        text(&mut out, part);
    }
    out
}

fn digest(helloed: &Helloed, hostname: &str, key: &str) -> String {
    sha512(&[SALT.as_bytes(), hostname.as_bytes(), &helloed.nonce, key.as_bytes()])
}

/// A client that comes in with the right key and user.
fn admitted(collector: &FaultCollector, dialect: Helo) -> (TcpStream, Helloed) {
    let mut stream = connect(collector.addr().unwrap());
    let helloed = helo(&mut stream, dialect);
    stream.write_all(&ping(&helloed, "key", "me", "secret")).unwrap();
    let expected = digest(&helloed, "mona-collector", "key");
    expect(&mut stream, &pong(true, "", "mona-collector", &expected));
    (stream, helloed)
}

fn asked() -> Handshake {
    Handshake::new("key").user("me", "secret").user("other", "x")
}

#[test]
fn both_dialects_let_in_who_knows_the_key() {
    for dialect in [Helo::Fluentd, Helo::FluentBit] {
        let collector = start(asked().helo(dialect), Script::normal());
        let (mut stream, first) = admitted(&collector, dialect);
        assert_eq!(first.keepalive, (dialect == Helo::Fluentd).then_some(true));
        for n in 0..3 {
            stream.write_all(&chunk(&format!("{n}"), n)).unwrap();
            expect(&mut stream, &ack(&format!("{n}")));
        }
        let (_, second) = admitted(&collector, dialect);
        assert!(first.nonce != second.nonce && first.auth != second.auth, "fresh for each connection");
        assert_eq!(collector.ledger().unique_events(), 3);
        assert!(collector.complaints().is_empty(), "{:?}", collector.complaints());
    }
}

#[test]
fn who_does_not_know_is_told_and_sent_away() {
    let collector = start(asked(), Script::normal());
    for (key, user, password, reason) in [
        ("other", "me", "secret", "shared_key mismatch"),
        ("key", "me", "wrong", "username/password mismatch"),
        ("key", "nobody", "secret", "username/password mismatch"),
        ("key", "", "", "username/password mismatch"),
    ] {
        let mut stream = connect(collector.addr().unwrap());
        let helloed = helo(&mut stream, Helo::Fluentd);
        stream.write_all(&ping(&helloed, key, user, password)).unwrap();
        expect(&mut stream, &pong(false, reason, "", ""));
        // What comes behind is read by nobody.
        let _ = stream.write_all(&chunk("one", 1));
        assert!(rest(&mut stream).0.is_empty());
    }
    eventually("all are closed", || collector.open_connections() == 0);
    assert_eq!(collector.ledger().totals.records, 0);
    assert_eq!(collector.complaints().len(), 4);
    assert!(
        collector.complaints().iter().all(|line| line.contains(": handshake: ") && !line.contains("secret"))
    );
}

#[test]
fn a_client_without_a_key_is_refused() {
    let collector = start(Handshake::new("key"), Script::normal());
    let mut stream = connect(collector.addr().unwrap());
    stream.write_all(&chunk("one", 1)).unwrap();
    let (answer, _) = rest(&mut stream);
    assert!(answer.is_empty() || answer.starts_with(b"\x92\xa4HELO"));
    eventually("it is closed", || collector.open_connections() == 0);
    assert!(
        collector.complaints()[0].ends_with("found another message of 3 parts, expected PING with 6 parts")
    );
    assert_eq!(collector.ledger().totals.records, 0);
}

#[test]
fn ping_comes_alone_and_for_fluent_bit_in_one_piece() {
    let collector = start(asked(), Script::normal());
    let mut stream = connect(collector.addr().unwrap());
    let helloed = helo(&mut stream, Helo::Fluentd);
    stream.write_all(&[ping(&helloed, "key", "me", "secret"), chunk("one", 1)].concat()).unwrap();
    assert!(rest(&mut stream).0.is_empty());

    let collector_bit = start(asked().helo(Helo::FluentBit), Script::normal());
    let mut stream = connect(collector_bit.addr().unwrap());
    let helloed = helo(&mut stream, Helo::FluentBit);
    let ping = ping(&helloed, "key", "me", "secret");
    let (first, second) = ping.split_at(20);
    let before = collector_bit.ledger().totals.bytes;
    stream.write_all(first).unwrap();
    eventually("the first piece is read", || collector_bit.ledger().totals.bytes > before);
    stream.write_all(second).unwrap();
    assert!(rest(&mut stream).0.is_empty());
    for (collector, sentence) in
        [(collector, "found bytes behind PING, expected none before PONG"), (collector_bit, "in 2 reads")]
    {
        eventually("it is closed", || collector.open_connections() == 0);
        assert!(collector.complaints()[0].contains(sentence), "{:?}", collector.complaints());
        assert_eq!(collector.ledger().totals.records, 0);
    }
}

#[test]
fn without_keepalive_a_connection_takes_one_chunk() {
    let collector = start(asked().keepalive(false), Script::normal());
    for n in 0..2 {
        let (mut stream, helloed) = admitted(&collector, Helo::Fluentd);
        assert_eq!(helloed.keepalive, Some(false));
        stream.write_all(&chunk(&format!("{n}"), n)).unwrap();
        expect(&mut stream, &ack(&format!("{n}")));
        assert_eq!(rest(&mut stream), (Vec::new(), false));
    }
    let (mut stream, _) = admitted(&collector, Helo::Fluentd);
    stream.write_all(&[chunk("2", 2), chunk("3", 3)].concat()).unwrap();
    expect(&mut stream, &ack("2"));
    eventually("it is closed", || collector.open_connections() == 0);
    assert_eq!(collector.ledger().unique_events(), 3);
    assert!(collector.complaints()[0].contains("behind the first chunk, expected none without keepalive"));
}

#[test]
fn servers_that_do_it_wrong() {
    let steps = [
        Step::WrongDigest,
        Step::RejectPong,
        Step::OwnHostname,
        Step::CloseAfterPing,
        Step::NoHelo,
        Step::Garbage,
    ];
    let collector = start(asked(), steps);
    let address = collector.addr().unwrap();
    let greeted = || {
        let mut stream = connect(address);
        let helloed = helo(&mut stream, Helo::Fluentd);
        stream.write_all(&ping(&helloed, "key", "me", "secret")).unwrap();
        (stream, helloed)
    };
    let (mut stream, helloed) = greeted();
    let right = pong(true, "", "mona-collector", &digest(&helloed, "mona-collector", "key"));
    let mut found = vec![0; right.len()];
    stream.read_exact(&mut found).unwrap();
    assert_eq!(found[..right.len() - 128], right[..right.len() - 128]);
    assert_ne!(found, right);

    let (mut stream, _) = greeted();
    assert_eq!(rest(&mut stream), (pong(false, "as the script says", "", ""), false));

    let (mut stream, helloed) = greeted();
    expect(&mut stream, &pong(true, "", "client", &digest(&helloed, "client", "key")));

    let (mut stream, _) = greeted();
    assert_eq!(rest(&mut stream), (Vec::new(), false));

    let mut stream = connect(address);
    expect_silence(&mut stream);
    drop(stream);

    let mut stream = connect(address);
    let mut garbage = [0; 1024];
    stream.read_exact(&mut garbage).unwrap();
    assert_eq!(garbage[0], 0xc1);
    assert_eq!(collector.ledger().totals.records, 0);
}
