//! The collector in TLS: versions, certificates good and bad, and connections that break inside a record.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};

use common::tls::{client, connect};
use common::*;
use mona_collector::{
    Authority, Certificate, FaultCollector, Listen, Script, Service, Step, Tls, TlsSettings, TlsVersions,
};
use rustls::version::{TLS12, TLS13};
use rustls::{HandshakeKind, ProtocolVersion};

const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

fn start(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn forward(certificate: Certificate) -> Service {
    Service::forward().tls(Tls::try_from(certificate).unwrap())
}

/// Sends a chunk and expects its acknowledgement.
fn exchange(stream: &mut (impl Read + Write), id: &str, n: u64) {
    stream.write_all(&chunk(id, n)).unwrap();
    expect(stream, &ack(id));
}

#[test]
fn both_versions_carry_chunks() {
    let authority = Authority::new().unwrap();
    let collector = start(forward(authority.server(&HOSTS).unwrap()), Script::normal());
    assert!(collector.endpoint().starts_with("tls://127.0.0.1:"));
    let address = collector.addr().unwrap();
    let mut sent = 0;
    for (version, expected) in [(&TLS12, ProtocolVersion::TLSv1_2), (&TLS13, ProtocolVersion::TLSv1_3)] {
        let config = client(authority.pem(), None, &[version]);
        // Tickets are kept by name: the third connection is the first to that one.
        for (name, kind) in [
            (HOSTS[0], HandshakeKind::Full),
            (HOSTS[0], HandshakeKind::Resumed),
            (HOSTS[1], HandshakeKind::Full),
        ] {
            let mut stream = connect(&config, address, name).unwrap();
            exchange(&mut stream, &sent.to_string(), sent);
            sent += 1;
            assert_eq!(stream.conn.protocol_version(), Some(expected));
            assert_eq!(stream.conn.handshake_kind(), Some(kind), "tickets are on");
        }
    }
    assert_eq!(collector.ledger().unique_events(), 6);
    assert!(collector.complaints().is_empty(), "{:?}", collector.complaints());
}

#[test]
fn large_chunks_and_a_polite_end() {
    let authority = Authority::new().unwrap();
    let collector = start(forward(authority.server(&HOSTS).unwrap()), Script::normal());
    let config = client(authority.pem(), None, &[&TLS13]);
    let mut stream = connect(&config, collector.addr().unwrap(), "localhost").unwrap();
    let large = field_text("text", &"x".repeat(3_000_000));
    for n in 0..3 {
        let id = format!("{n}");
        stream.write_all(&packed(&id, &[record("main", &large, None)])).unwrap();
        expect(&mut stream, &ack(&id));
    }
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    assert_eq!(rest(&mut stream), (Vec::new(), false), "the collector says its own end in TLS");
    assert_eq!(collector.ledger().totals.records, 3);
    assert!(collector.ledger().totals.bytes > 9_000_000);
    assert!(collector.complaints().is_empty(), "{:?}", collector.complaints());
}

#[test]
fn certificates_that_nobody_may_accept() {
    let authority = Authority::new().unwrap();
    let other = Authority::new().unwrap();
    let collector = start(forward(authority.expired(&HOSTS).unwrap()), Script::normal());
    let config = client(authority.pem(), None, &[&TLS12, &TLS13]);
    let address = collector.addr().unwrap();
    for (at, (certificate, expected)) in [
        (authority.expired(&HOSTS), "expired"),
        (authority.not_yet_valid(&HOSTS), "not valid yet"),
        (authority.server(&["other.example"]), "not valid for name"),
        (other.server(&HOSTS), "UnknownIssuer"),
        (authority.client("localhost"), "server authentication"),
    ]
    .into_iter()
    .enumerate()
    {
        collector.set_service(forward(certificate.unwrap())).unwrap();
        let error = connect(&config, address, "localhost").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        eventually("the refusal is heard of", || collector.complaints().len() == at + 1);
    }
    assert!(collector.complaints().iter().all(|line| line.contains(": TLS: received fatal alert")));

    // The same port, mended.
    collector.set_service(forward(authority.server(&HOSTS).unwrap())).unwrap();
    exchange(&mut connect(&config, address, "localhost").unwrap(), "one", 1);
    assert_eq!(collector.ledger().totals.records, 1);
}

#[test]
fn clients_may_be_asked_for_a_certificate() {
    let authority = Authority::new().unwrap();
    let other = Authority::new().unwrap();
    let mut settings = TlsSettings::new(authority.server(&HOSTS).unwrap());
    settings.client_ca = Some(authority.pem().to_owned());
    settings.versions = TlsVersions::Tls12;
    let collector = start(Service::forward().tls(Tls::new(&settings).unwrap()), Script::normal());
    let address = collector.addr().unwrap();
    for identity in [None, Some(other.client("me").unwrap())] {
        let config = client(authority.pem(), identity.as_ref(), &[&TLS12, &TLS13]);
        assert!(connect(&config, address, "localhost").is_err());
    }
    let config = client(authority.pem(), Some(&authority.client("me").unwrap()), &[&TLS12, &TLS13]);
    exchange(&mut connect(&config, address, "localhost").unwrap(), "one", 1);
    let config = client(authority.pem(), Some(&authority.client("me").unwrap()), &[&TLS13]);
    assert!(connect(&config, address, "localhost").is_err(), "TLS 1.2 only");
}

#[test]
fn a_reset_inside_a_record() {
    let authority = Authority::new().unwrap();
    let service = forward(authority.server(&HOSTS).unwrap());
    let collector = start(service, [Step::HalfRecord, Step::ReadThenReset(5_000), Step::ReadThenReset(100)]);
    let config = client(authority.pem(), None, &[&TLS13]);
    let address = collector.addr().unwrap();

    let mut stream = connect(&config, address, "localhost").unwrap();
    stream.write_all(&chunk("one", 1)).unwrap();
    let (found, _) = match stream.read(&mut [0; 100]) {
        Ok(count) => (count, String::new()),
        Err(error) => (0, error.to_string()),
    };
    assert_eq!(found, 0, "half a record is nothing");
    let first = collector.ledger();
    assert_eq!((first.totals.records, first.totals.acknowledged), (1, 0));

    let mut stream = connect(&config, address, "localhost").unwrap();
    let large = packed("two", &[record("main", &field_text("text", &"x".repeat(30_000)), None)]);
    let broken = stream.write_all(&large).and_then(|()| stream.read_exact(&mut [0; 1]));
    assert!(broken.is_err());
    assert!(connect(&config, address, "localhost").is_err(), "inside the handshake");
    let ledger = collector.ledger();
    assert_eq!((ledger.totals.records, ledger.totals.bytes), (1, first.totals.bytes + 5_100));
    assert!(collector.complaints().is_empty(), "{:?}", collector.complaints());
}

#[test]
fn clear_text_is_no_tls() {
    let authority = Authority::new().unwrap();
    let collector = start(forward(authority.server(&HOSTS).unwrap()), Script::normal());
    let mut stream = common::connect(collector.addr().unwrap());
    stream.write_all(&chunk("one", 1)).unwrap();
    let (answer, _) = rest(&mut stream);
    assert!(answer.first().is_none_or(|first| *first == 21), "at most an alert: {answer:?}");
    eventually("it is complained of", || collector.complaints().len() == 1);
    assert!(collector.complaints()[0].contains(": TLS: "), "{:?}", collector.complaints());
    assert_eq!(collector.ledger().totals.records, 0);
}

#[test]
fn delayed_and_trickled_acks_and_the_end_of_tls() {
    let authority = Authority::new().unwrap();
    let steps = ["delay-ack=50ms", "trickle=2ms", "half-ack", "close-when-idle=50ms"];
    let steps: Vec<Step> = steps.iter().map(|step| step.parse().unwrap()).collect();
    let collector = start(forward(authority.server(&HOSTS).unwrap()), steps);
    let config = client(authority.pem(), None, &[&TLS12, &TLS13]);
    let address = collector.addr().unwrap();
    for n in 0..2 {
        exchange(&mut connect(&config, address, "localhost").unwrap(), &format!("{n}"), n);
    }
    let mut stream = connect(&config, address, "localhost").unwrap();
    stream.write_all(&chunk("three", 3)).unwrap();
    let whole = ack("three");
    assert_eq!(rest(&mut stream), (whole[..whole.len() / 2].to_vec(), false));
    let mut stream = connect(&config, address, "localhost").unwrap();
    exchange(&mut stream, "four", 4);
    assert_eq!(rest(&mut stream), (Vec::new(), false));
    assert_eq!(collector.ledger().totals.acknowledged, 3);
}
