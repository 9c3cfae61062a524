//! The collector as a server of the world: what each refuses, keeps and leaves unanswered.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::http::{ask, json, request};
use common::*;
use mona_collector::{
    FaultCollector, FluentBit, Fluentd, Handshake, Likeness, Listen, OpenTelemetry, Script, Service, Step,
    VictoriaLogs,
};

fn serve(service: Service, like: impl Likeness + 'static, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service.like(Arc::new(like)), script).unwrap()
}

fn forward(like: impl Likeness + 'static) -> FaultCollector {
    serve(Service::forward(), like, Script::normal())
}

fn client(collector: &FaultCollector) -> TcpStream {
    connect(collector.addr().unwrap())
}

/// Whether a message is acknowledged; otherwise the connection has to end without a word.
fn is_taken(collector: &FaultCollector, id: &str, message: &[u8]) -> bool {
    let mut stream = client(collector);
    // One that is closed at once may be gone by now, which the read tells as well.
    let _ = stream.write_all(message);
    let taken = match stream.read(&mut [0]) {
        Ok(0) => false,
        Ok(_) => {
            expect(&mut stream, &ack(id)[1..]);
            true
        }
        Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
        Err(error) => panic!("neither an acknowledgement nor an end: {error}"),
    };
    assert_eq!(
        collector.ledger().chunk(id).is_some(),
        taken,
        "{id}: what is acknowledged is kept, and nothing else"
    );
    taken
}

/// `{"a": [[...]]}` with so many levels, its map the first.
fn nested(levels: usize) -> Vec<u8> {
    [b"\x81\xa1a", &vec![0x91; levels - 2][..], b"\x90"].concat()
}

fn empty_array(id: &str) -> Vec<u8> {
    let mut out = vec![0x93];
    text(&mut out, TAG);
    out.push(0x90);
    out.extend(option(Some(id), 0, false));
    out
}

fn empty_gzip(id: &str) -> Vec<u8> {
    body(&gzip(b""), &option(Some(id), 0, true))
}

#[test]
fn fluent_bit_closes_on_an_empty_packed_forward_alone() {
    let collector = forward(FluentBit::new());
    assert!(!is_taken(&collector, "a", &packed("a", &[])));
    assert!(is_taken(&collector, "b", &empty_array("b")) && is_taken(&collector, "c", &empty_gzip("c")));
    let collector = forward(Fluentd::new());
    let messages = [("a", packed("a", &[])), ("b", empty_array("b")), ("c", empty_gzip("c"))];
    assert!(messages.iter().all(|(id, message)| is_taken(&collector, id, message)));
}

#[test]
fn each_has_its_depth() {
    let bit = forward(FluentBit::new());
    assert!(is_taken(&bit, "a", &packed("a", &[nested(62)])));
    assert!(!is_taken(&bit, "b", &packed("b", &[nested(63)])));
    let fluentd = forward(Fluentd::new());
    assert!(is_taken(&fluentd, "a", &packed("a", &[nested(110)])));
    assert!(!is_taken(&fluentd, "b", &packed("b", &[nested(111)])));
    assert!(is_taken(&forward(OpenTelemetry::new()), "a", &packed("a", &[nested(500)])));
}

#[test]
fn fluent_bit_has_a_limit_raw_and_decompressed() {
    let collector = forward(FluentBit::new().buffer_max_size(2000));
    let large = [record("main", &field_text("text", &"x".repeat(3000)), None)];
    let small = [record("main", &field_text("text", "x"), None)];
    assert!(is_taken(&collector, "a", &packed("a", &small)));
    assert!(!is_taken(&collector, "b", &packed("b", &large)));
    let compressed = body(&gzip(&entries(&large)), &option(Some("c"), 1, true));
    assert!(compressed.len() < 2000 && !is_taken(&collector, "c", &compressed));
}

#[test]
fn fluent_bit_takes_less_over_http_unless_it_is_told() {
    let sized = |bytes: usize| json("/t", &format!("[{}{{}}]", " ".repeat(bytes - 4)));
    let status = |bit: FluentBit, bytes: usize| {
        let collector = serve(Service::http(), bit, Script::normal());
        ask(&mut client(&collector), &sized(bytes)).status
    };
    assert_eq!(status(FluentBit::new(), 4 << 20), 201);
    assert_eq!(status(FluentBit::new(), (4 << 20) + 1), 413);
    assert_eq!(status(FluentBit::new().buffer_max_size(6_144_000), (4 << 20) + 1), 201);
    let text = [record("main", &field_text("t", &"x".repeat(5 << 20)), None)];
    assert!(is_taken(&forward(FluentBit::new()), "a", &packed("a", &text)), "over Forward it is more");
}

#[test]
fn fluent_bit_closes_while_its_storage_or_its_memory_is_full() {
    let bit = Arc::new(FluentBit::new());
    let collector =
        FaultCollector::serve(Listen::Tcp, Service::forward().like(bit.clone()), Script::normal()).unwrap();
    bit.set_full(true);
    assert!(!is_taken(&collector, "a", &chunk("a", 1)));
    // A probe is no promise.
    assert!(is_taken(&collector, "b", &empty_array("b")));
    bit.set_full(false);
    assert!(is_taken(&collector, "a", &chunk("a", 1)));

    let one = entries(&[record("main", &field("n", 1.0), Some("instance-1"))]).len();
    // Four seconds until there is room again: enough for what comes before.
    let collector = forward(FluentBit::new().memory(one * 4 / 5, one / 20));
    let mut stream = client(&collector);
    stream.write_all(&chunk("a", 1)).unwrap();
    expect(&mut stream, &ack("a"));
    stream.write_all(&chunk("b", 1)).unwrap();
    assert_eq!(rest(&mut stream).0, b"", "the open connection ends");
    assert_eq!(rest(&mut client(&collector)).0, b"", "and a new one at once");
    eventually("memory drains", || is_taken(&collector, "c", &chunk("c", 1)));
}

#[test]
fn fluent_bit_takes_its_time_for_helo() {
    let delay = Duration::from_millis(300);
    let bit = FluentBit::new().delays(Duration::ZERO, delay);
    let collector = serve(Service::forward().handshake(Handshake::new("key")), bit, Script::normal());
    let start = Instant::now();
    let mut stream = client(&collector);
    // Its way of writing it, whatever the handshake said.
    expect(&mut stream, b"\x92\xa4HELO\x82\xa5nonce\xb0");
    assert!(start.elapsed() >= delay);
}

#[test]
fn fluentd_closes_on_what_json_cannot_say_unless_it_writes_msgpack() {
    let records = [field("a", 1.0), field("b", f64::NAN)].map(|message| record("main", &message, None));
    assert!(!is_taken(&forward(Fluentd::new()), "a", &packed("a", &records)));
    assert!(is_taken(&forward(Fluentd::new().msgpack()), "a", &packed("a", &records)));
    assert!(is_taken(&forward(OpenTelemetry::new()), "a", &packed("a", &records)));
}

#[test]
fn fluentd_drops_what_is_too_large_and_goes_on() {
    let collector = forward(Fluentd::new().chunk_size_limit(1000));
    let mut stream = client(&collector);
    stream.write_all(&packed("a", &[record("main", &field_text("t", &"x".repeat(1000)), None)])).unwrap();
    stream.write_all(&chunk("b", 1)).unwrap();
    expect(&mut stream, &ack("b"));
    assert_eq!((collector.ledger().chunks.len(), collector.ledger().totals.refused), (1, 1));
}

#[test]
fn otel_is_strict_about_options() {
    let collector = forward(OpenTelemetry::new());
    let records = entries(&[record("main", &field("n", 1.0), Some("instance-1"))]);
    let mut stream = client(&collector);
    // An id that is binary: kept, not answered. No options at all: kept, nothing to answer.
    stream.write_all(&body(&records, b"\x81\xa5chunk\xc4\x01a")).unwrap();
    let mut without = body(&records, b"");
    without[0] = 0x92;
    stream.write_all(&without).unwrap();
    stream.write_all(&chunk("b", 2)).unwrap();
    expect(&mut stream, &ack("b"));
    assert_eq!((collector.ledger().totals.chunks, collector.ledger().totals.acknowledged), (3, 1));
    stream.write_all(&body(&records, b"\xc0")).unwrap();
    assert_eq!(rest(&mut stream).0, b"");
    assert!(collector.complaints()[0].contains("option: found nil"), "{:?}", collector.complaints());
}

#[test]
fn a_time_with_metadata_closes_everywhere() {
    let entry = [b"\x92\x92\xd7\x00\x00\x00\x00\x05\x00\x00\x00\x00\x80", &field("n", 1.0)[..]].concat();
    for collector in [forward(OpenTelemetry::new()), forward(FluentBit::new()), forward(Fluentd::new())] {
        assert!(!is_taken(&collector, "a", &body(&entry, &option(Some("a"), 1, false))));
    }
}

#[test]
fn otel_takes_one_chunk_at_a_time_from_all_connections() {
    let delay = Duration::from_millis(100);
    let collector = serve(Service::forward(), OpenTelemetry::new(), Step::DelayAck(delay));
    let start = Instant::now();
    let mut streams = [client(&collector), client(&collector)];
    for (index, stream) in (0..).zip(&mut streams) {
        let ids = [index * 2, index * 2 + 1].map(|n: u64| chunk(&format!("{n}"), n));
        stream.write_all(&ids.concat()).unwrap();
    }
    for (index, stream) in streams.iter_mut().enumerate() {
        expect(stream, &[ack(&format!("{}", index * 2)), ack(&format!("{}", index * 2 + 1))].concat());
    }
    assert!(start.elapsed() >= delay * 4);
}

#[test]
fn otel_leaves_connections_over_its_limit_to_the_kernel() {
    let collector = forward(OpenTelemetry::new().connections(2));
    let first = client(&collector);
    let mut second = client(&collector);
    let mut third = client(&collector);
    third.write_all(&chunk("c", 3)).unwrap();
    second.write_all(&chunk("b", 2)).unwrap();
    expect(&mut second, &ack("b"));
    expect_silence(&mut third);
    assert_eq!(collector.ledger().totals.connections, 2);
    drop(first);
    expect(&mut third, &ack("c"));
}

#[test]
fn what_a_server_does_not_speak_is_refused_at_the_start() {
    let start = |service: Service, like: Arc<dyn Likeness>| {
        FaultCollector::serve(Listen::Tcp, service.like(like), Script::normal()).unwrap_err().to_string()
    };
    let key = Service::forward().handshake(Handshake::new("key"));
    assert!(start(key, Arc::new(OpenTelemetry::new())).contains("found a shared key, expected none"));
    assert!(start(Service::forward(), Arc::new(VictoriaLogs)).contains("found Forward"));
}

#[test]
fn over_http_each_does_as_it_was_seen() {
    let collector = serve(Service::http(), FluentBit::new().buffer_max_size(600), Script::normal());
    let mut stream = client(&collector);
    let deep = |levels: usize| format!("[{{\"a\":{}{}}}]", "[".repeat(levels - 1), "]".repeat(levels - 1));
    assert_eq!(ask(&mut stream, &json("/t", &deep(62))).status, 201);
    assert_eq!(ask(&mut stream, &json("/t", &deep(63))).status, 201);
    assert_eq!(collector.ledger().totals.records, 1, "the deep one is answered and not kept");
    assert_eq!(
        ask(&mut client(&collector), &json("/t", &format!("[{{\"a\":\"{}\"}}]", "x".repeat(700)))).status,
        413
    );

    let collector = serve(Service::http(), VictoriaLogs, Script::normal());
    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &json("/insert/jsonline", "[{\"a\":1}]")).status, 400);
    assert_eq!(ask(&mut stream, &json("/insert/jsonline", "[]")).status, 400);
    let lines =
        request("/insert/jsonline", &["Content-Type: application/x-ndjson"], b"{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(ask(&mut stream, &lines).status, 201);
    assert_eq!(collector.ledger().totals.records, 2);

    let plain = FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap();
    assert_eq!(ask(&mut client(&plain), &lines).status, 201);
    assert_eq!(plain.ledger().totals.records, 2);
}

#[test]
fn a_connection_has_its_time() {
    let time = Duration::from_millis(200);
    for service in [Service::forward(), Service::http()] {
        let is_http = service.scheme() == "http";
        let collector = FaultCollector::serve(Listen::Tcp, service, Step::ResetAfter(time)).unwrap();
        let start = Instant::now();
        let mut stream = client(&collector);
        if is_http {
            assert_eq!(ask(&mut stream, &json("/t", "[{\"a\":1}]")).status, 201);
        } else {
            stream.write_all(&chunk("a", 1)).unwrap();
            expect(&mut stream, &ack("a"));
        }
        let (found, reset) = rest(&mut stream);
        assert_eq!((found.len(), reset), (0, true));
        assert!(start.elapsed() >= time);
        assert_eq!(collector.complaints(), [""; 0]);
    }
}
