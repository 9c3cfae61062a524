//! What the receiver `otlp` answers to single requests, with its default options; that a collector of ours which is to be
//! like it answers alike; and what the answers about failing exporters mean to a client.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use mona_collector::{FaultCollector, Listen, OpenTelemetry, Script, Service};
use mona_tests::ledger::{client, context, export};
use mona_tests::native::status;
use mona_tests::said;

use super::{At, NO_QUEUE, Otel};
use crate::LIMIT;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// A field of bytes.
fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

/// A request with one record, whose body is a text of so many bytes.
fn request(size: usize) -> Vec<u8> {
    let body = field(0x2a, &field(0x0a, &vec![b'x'; size]));
    // An attribute event_id, which the reader of the file asks for.
    let pair = [field(0x0a, b"event_id"), field(0x12, &field(0x0a, b"an-id"))].concat();
    let record = [body, field(0x32, &pair)].concat();
    field(0x0a, &field(0x12, &field(0x12, &record)))
}

/// Status, content type and body of the answer.
fn post(address: &str, path: &str, content_type: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).unwrap();
    // It may answer before it has read all of what is too large.
    let _ = socket.write_all(body);
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let lower = head.to_lowercase();
    let kind = lower.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    (status, kind.to_owned(), answer[end..].to_vec())
}

fn answers_as_the_page_says(address: &str) {
    let record = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"},"attributes":
        [{"key":"event_id","value":{"stringValue":"another-id"}}]}]}]}]}"#;
    let logs = "/v1/logs";
    for (name, path, kind, body, expected) in [
        ("a record", logs, PROTOBUF, request(10), (200, &b"\x0a\x00"[..])),
        ("nothing", logs, PROTOBUF, Vec::new(), (200, b"\x0a\x00")),
        ("a record in JSON", logs, JSON, record.into(), (200, br#"{"partialSuccess":{}}"#)),
        ("nothing in JSON", logs, JSON, b"{}".into(), (200, br#"{"partialSuccess":{}}"#)),
    ] {
        let (status, answered, body) = post(address, path, kind, &body);
        assert_eq!((status, body.as_slice()), expected, "{name}");
        assert_eq!(answered, kind, "{name}");
    }
    for (name, path, kind, body, status) in [
        ("garbage", logs, PROTOBUF, b"\xff\xff\xff".to_vec(), 400),
        ("half a request", logs, PROTOBUF, request(10)[..20].to_vec(), 400),
        ("half of JSON", logs, JSON, b"{".to_vec(), 400),
        ("too large", logs, PROTOBUF, request(21 << 20), 400),
        ("another type", logs, "text/plain", b"x".to_vec(), 415),
        ("another path", "/x", PROTOBUF, request(10), 404),
    ] {
        let (answered, form, said) = post(address, path, kind, &body);
        assert_eq!(answered, status, "{name}");
        if status == 400 && name != "too large" {
            // A google.rpc.Status with the code of a wrong argument, in the form of the request.
            let is_status = if kind == JSON { said.starts_with(b"{\"code\":3,") } else { said.starts_with(b"\x08\x03\x12") };
            assert!(is_status && form == kind, "{name}: {form} {said:?}");
        }
    }
}

#[test]
fn otlp_answers_as_the_page_says() {
    let Some(otel) = Otel::start(At::Otlp, NO_QUEUE) else { return };
    answers_as_the_page_says(otel.endpoint.trim_start_matches("otlp+http://"));
    assert_eq!(otel.stored().events.len(), 2, "{}", otel.log());
}

#[test]
fn what_is_like_otel_answers_otlp_alike() {
    let service = Service::otlp().like(Arc::new(OpenTelemetry::new()));
    let collector = FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap();
    answers_as_the_page_says(&collector.addr().unwrap().to_string());
    assert_eq!(collector.records().len(), 2);
}

/// An exporter fails: nothing is lost, and said in the exporter's words.
fn keeps(fails: &str, code: &str, words: &str) {
    let Some(otel) = Otel::start_with(At::Otlp, NO_QUEUE, fails, false) else { return };
    for encoding in ["protobuf", "json"] {
        let client = client(&otel.endpoint, &[("otlp_encoding", encoding)]);
        export(&context(&client), "main", 0..300, 20);
        said::wait_for(otel.endpoint.trim_start_matches("otlp+"), &[code, words]);
        assert_eq!(client.flush(1000), Err(status::TIMEOUT));
        let stats = client.stats();
        assert!(stats.balanced(), "{stats:?}");
        assert_eq!((stats.queued_events, stats.delivered, stats.dropped_rejected), (300, 0, 0), "{stats:?}");
    }
}

#[test]
fn an_exporter_that_fails_for_now_keeps_the_events() {
    keeps("later", "503", "not now, as the configuration says");
}

#[test]
fn an_exporter_that_fails_for_good_at_everything_keeps_the_events() {
    keeps("never", "500", "Permanent error: never, as the configuration says");
}

#[test]
fn a_full_queue_asks_for_patience() {
    let queue = "enabled: true, queue_size: 1, num_consumers: 1, block_on_overflow: false";
    let Some(otel) = Otel::start_with(At::Otlp, queue, "later", true) else { return };
    let client = client(&otel.endpoint, &[("chunk_bytes", "1024")]);
    export(&context(&client), "main", 0..200, 200);
    said::wait_for(otel.endpoint.trim_start_matches("otlp+"), &["503", "sending queue is full"]);
    let stats = client.stats();
    assert!(stats.balanced() && stats.dropped() == 0 && stats.queued_events > 0, "{stats:?}");
}
