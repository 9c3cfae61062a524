//! What the receiver answers to single messages, as `docs/collectors/opentelemetry.md` says it does; and that a
//! collector of ours which is to be like it answers alike.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use mona_collector::{FaultCollector, Listen, OpenTelemetry, Script, Service};
use mona_tests::reach::eventually;

use super::{At, NO_QUEUE, Otel};
use crate::LIMIT;

/// How long nothing has to come until it counts as silence, where that is what is expected.
const SILENCE: Duration = Duration::from_millis(500);

/// What one message comes to.
#[derive(Debug, PartialEq)]
enum Answer {
    Ack,
    Closed,
    Silence,
}

use Answer::{Ack, Closed, Silence};

fn text(text: &str) -> Vec<u8> {
    // A fixstr, which has room for 31 bytes.
    [&[0xa0 | u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

fn bin(bytes: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0xc5, high, low], bytes].concat()
}

/// `[time, {"event_id": id}]`.
fn record(time: &[u8], id: &str) -> Vec<u8> {
    [&[0x92], time, &[0x81], &text("event_id"), &text(id)].concat()
}

/// A message of the parts given; `chunk` is its option of that name.
fn message(entries: &[u8], options: &[u8]) -> Vec<u8> {
    [&[0x93], text("a.tag").as_slice(), entries, options].concat()
}

fn chunk(id: &[u8]) -> Vec<u8> {
    [&[0x81], text("chunk").as_slice(), id].concat()
}

/// What came until then.
fn answer(address: &str, message: &[u8], limit: Duration) -> Answer {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(limit)).unwrap();
    socket.write_all(message).unwrap();
    let mut answer = [0; 64];
    match socket.read(&mut answer) {
        Ok(0) => Closed,
        Ok(count) => {
            assert_eq!(answer[..count], [&[0x81], text("ack").as_slice(), &text("id")].concat());
            Ack
        }
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Closed,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Silence,
        Err(error) => panic!("neither an answer nor an end: {error}"),
    }
}

/// What the page says, and the ids of the events that are kept.
fn answers_as_the_page_says(address: &str) -> [&'static str; 3] {
    let (now, id) = ([1], chunk(&text("id")));
    let one = |name: &str| bin(&record(&now, name));
    let gzip = [&[0x82], &id[1..], &text("compressed"), &text("gzip")].concat();
    for (name, expected, message) in [
        ("packed", Ack, message(&one("packed-1"), &id)),
        ("forward", Ack, message(&[&[0x91], record(&now, "forward-1").as_slice()].concat(), &id)),
        ("empty forward", Ack, message(&[0x90], &id)),
        ("empty packed", Ack, message(&bin(&[]), &id)),
        ("empty packed, said to be gzip", Closed, message(&bin(&[]), &gzip)),
        ("chunk as bin", Silence, message(&one("bin-1"), &chunk(&bin(b"id")))),
        ("options nil", Closed, message(&one("nil-1"), &[0xc0])),
        ("time with an empty map", Closed, message(&bin(&record(&[0x92, 1, 0x80], "time-1")), &id)),
    ] {
        // What does answer may take its time on a busy machine.
        let limit = if expected == Silence { SILENCE } else { LIMIT };
        assert_eq!(answer(address, &message, limit), expected, "{name}");
    }
    ["bin-1", "forward-1", "packed-1"]
}

#[test]
fn otel_answers_as_the_page_says() {
    let Some(otel) = Otel::start(At::Port, NO_QUEUE) else { return };
    let kept = answers_as_the_page_says(otel.endpoint.trim_start_matches("tcp://"));
    assert!(eventually(LIMIT, || otel.stored().events.keys().eq(kept)), "{}", otel.log());
}

#[test]
fn what_is_like_otel_answers_alike() {
    let service = Service::forward().like(Arc::new(OpenTelemetry::new()));
    let collector = FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap();
    let kept = answers_as_the_page_says(&collector.addr().unwrap().to_string());
    let ids = || {
        let records = collector.records();
        let ids = records.iter().map(|record| record.record["event_id"].as_str().unwrap().to_owned());
        ids.collect::<BTreeSet<String>>()
    };
    assert!(eventually(LIMIT, || ids().iter().eq(kept)), "{:?}", ids());
    assert_eq!(collector.records().len(), kept.len(), "each once");
}
