//! Requests of OTLP: what they become, and that nothing that arrives does harm.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mona_collector::{Budget, FaultCollector, Listen, Record, Reply, Script, Service, Step};
use serde_json::{Value, json};

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

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

fn text(text: &str) -> Vec<u8> {
    field(0x0a, text.as_bytes())
}

fn pair(key: &str, value: &[u8]) -> Vec<u8> {
    [text(key), field(0x12, value)].concat()
}

fn map(pairs: &[Vec<u8>]) -> Vec<u8> {
    field(0x32, &pairs.iter().flat_map(|pair| field(0x0a, pair)).collect::<Vec<_>>())
}

fn array(values: &[Vec<u8>]) -> Vec<u8> {
    field(0x2a, &values.iter().flat_map(|value| field(0x0a, value)).collect::<Vec<_>>())
}

fn attribute(key: &str, value: &[u8]) -> Vec<u8> {
    field(0x32, &pair(key, value))
}

fn time(tag: u8, nanoseconds: u64) -> Vec<u8> {
    [&[tag][..], &nanoseconds.to_le_bytes()].concat()
}

fn request(records: &[Vec<u8>]) -> Vec<u8> {
    let records: Vec<u8> = records.iter().flat_map(|record| field(0x12, record)).collect();
    let scope = field(0x0a, &text("another library"));
    field(
        0x0a,
        &[
            field(0x0a, &field(0x0a, &pair("service.name", &text("s")))),
            field(0x12, &[scope, records].concat()),
        ]
        .concat(),
    )
}

/// A record as libmona sends it.
fn ours(message: &[u8]) -> Vec<u8> {
    [
        time(0x09, 1_700_000_000_250_000_000),
        time(0x59, 1_700_000_001_000_000_000),
        attribute("user_id", &text("u")),
        attribute("context", &text("a.b")),
        attribute("arc_id", &text("a")),
        field(0x2a, message),
        attribute("event_id", &text("i-7")),
    ]
    .concat()
}

fn serve(script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, Service::otlp(), script).unwrap()
}

fn post(collector: &FaultCollector, content_type: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let address = collector.addr().unwrap();
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nHost: {address}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).unwrap();
    let _ = socket.write_all(body);
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    let status = String::from_utf8_lossy(&answer[..end]).split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer[end..].to_vec())
}

fn records(collector: &FaultCollector) -> Vec<Record> {
    collector.records()
}

#[test]
fn a_record_is_the_one_that_forward_would_have_brought() {
    let minus_one = [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    let message = map(&[
        pair("text", &text("\u{e9}")),
        pair("yes", &[0x10, 1]),
        pair("minus", &minus_one),
        pair("float", &[&[0x21][..], &0.5_f64.to_le_bytes()].concat()),
        pair("null", &[]),
        pair("list", &array(&[vec![0x18, 5], vec![], array(&[]), map(&[])])),
        pair("map", &map(&[pair("", &map(&[pair("k", &text(""))]))])),
    ]);
    let in_json = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{
        "timeUnixNano": "1700000000250000000", "observedTimeUnixNano": 1_700_000_001_000_000_000_u64,
        "attributes": [
            {"key": "user_id", "value": {"stringValue": "u"}}, {"key": "context", "value": {"stringValue": "a.b"}},
            {"key": "arc_id", "value": {"stringValue": "a"}}, {"key": "event_id", "value": {"stringValue": "i-7"}},
        ],
        "body": {"kvlistValue": {"values": [
            {"key": "text", "value": {"stringValue": "\u{e9}"}}, {"key": "yes", "value": {"boolValue": true}},
            {"key": "minus", "value": {"intValue": "-1"}}, {"key": "float", "value": {"doubleValue": 0.5}},
            {"key": "null", "value": {}},
            {"key": "list", "value": {"arrayValue": {"values": [
                {"intValue": 5}, {}, {"arrayValue": {}}, {"kvlistValue": {"values": []}},
            ]}}},
            {"key": "map", "value": {"kvlistValue": {"values": [
                {"key": "", "value": {"kvlistValue": {"values": [{"key": "k", "value": {"stringValue": ""}}]}}},
            ]}}},
        ]}},
    }]}]}]});
    let expected = json!({
        "user_id": "u", "context": "a.b", "arc_id": "a",
        "message": {
            "text": "\u{e9}", "yes": true, "minus": -1, "float": 0.5, "null": null, "list": [5, null, [], {}],
            "map": {"": {"k": ""}},
        },
        "export_timestamp": 1_700_000_000, "event_id": "i-7",
    });
    for (content_type, body, answer) in [
        (PROTOBUF, request(&[ours(&message)]), &b"\x0a\x00"[..]),
        (JSON, in_json.to_string().into_bytes(), br#"{"partialSuccess":{}}"#),
    ] {
        let collector = serve(Script::normal());
        assert_eq!(post(&collector, content_type, &body), (200, answer.to_vec()), "{content_type}");
        let [record] = &records(&collector)[..] else { panic!("one record") };
        assert_eq!(record.record.to_string(), expected.to_string());
        assert_eq!((record.time.to_string().as_str(), record.tag.as_str()), ("1700000001", "v1/logs"));
        assert_eq!(collector.ledger().totals.records_without_id, 0);
    }
}

#[test]
fn what_came_by_forward_through_another_collector_is_the_same() {
    let record = [
        time(0x09, 1_700_000_000_000_000_000),
        attribute("user_id", &text("u")),
        attribute("context", &text("a")),
        attribute("message", &map(&[pair("n", &[0x18, 1])])),
        attribute("export_timestamp", &[0x18, 5]),
        attribute("fluent.tag", &text("mona.client.message")),
    ]
    .concat();
    let collector = serve(Script::normal());
    assert_eq!(post(&collector, PROTOBUF, &request(&[record])).0, 200);
    let expected = json!({
        "user_id": "u", "context": "a", "message": {"n": 1}, "export_timestamp": 5, "fluent.tag": "mona.client.message",
    });
    assert_eq!(records(&collector)[0].record, expected);
}

#[test]
fn refusals_are_in_the_form_of_the_request() {
    let collector = serve(Reply::new(503));
    assert_eq!(
        post(&collector, PROTOBUF, &request(&[])),
        (503, b"\x08\x0e\x12\x12as the script says".to_vec())
    );
    let (status, body) = post(&collector, JSON, b"{}");
    assert_eq!((status, body.as_slice()), (503, &br#"{"code":14,"message":"as the script says"}"#[..]));
    let collector = serve(Step::RefuseEvery(3));
    let seven: Vec<Vec<u8>> = (0..7).map(|_| ours(&map(&[]))).collect();
    let (status, body) = post(&collector, PROTOBUF, &request(&seven));
    assert_eq!((status, body), (200, b"\x0a\x16\x08\x02\x12\x12as the script says".to_vec()));
    assert_eq!(records(&collector).len(), 5);
}

/// Levels of maps in one another.
fn nested(depth: usize) -> Vec<u8> {
    let mut value = vec![0x18, 1];
    for _ in 0..depth {
        value = map(&[pair("k", &value)]);
    }
    value
}

#[test]
fn as_deep_as_forward_and_no_deeper() {
    let collector = serve(Script::normal());
    assert_eq!(post(&collector, PROTOBUF, &request(&[ours(&nested(1000))])).0, 200);
    let mut at = &records(&collector)[0].record["message"];
    let mut depth = 0;
    while let Some(inner) = at.get("k") {
        (at, depth) = (inner, depth + 1);
    }
    assert_eq!(depth, 1000);
    let (status, said) = post(&collector, PROTOBUF, &request(&[ours(&nested(1100))]));
    assert!(status == 400 && String::from_utf8_lossy(&said).contains("levels"), "{status} {said:?}");
    // Far deeper takes no more stack either.
    assert_eq!(post(&collector, PROTOBUF, &request(&[ours(&nested(5000))])).0, 400);
    let deep = format!("{}1{}", r#"{"resourceLogs":["#.repeat(50_000), "]}".repeat(50_000));
    assert_eq!(post(&collector, JSON, deep.as_bytes()).0, 400);
}

#[test]
fn memory_is_bounded_whatever_is_announced() {
    let budget = Budget::new(8 << 20);
    let service = Service::otlp().budget(budget.clone());
    let collector = FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap();
    // Each empty record takes two bytes, and forty of a list here.
    let many = request(&vec![Vec::new(); 300_000]);
    assert_eq!(post(&collector, PROTOBUF, &many).0, 413);
    let wide = array(&vec![vec![]; 300_000]);
    assert_eq!(post(&collector, PROTOBUF, &request(&[ours(&wide)])).0, 400);
    let pairs: Vec<u8> = (0..300_000).flat_map(|_| attribute("", &[])).collect();
    assert_eq!(post(&collector, PROTOBUF, &request(&[pairs])).0, 400);
    assert_eq!(post(&collector, PROTOBUF, &vec![0; 9 << 20]).0, 413);
    assert_eq!(budget.used(), 0);
    assert_eq!(post(&collector, PROTOBUF, &request(&[ours(&map(&[]))])).0, 200);
}

/// Numbers that look random, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }
}

#[test]
fn damaged_requests_are_answered_and_do_no_harm() {
    let message =
        map(&[pair("a", &array(&[text("x"), vec![0x18, 200, 1], nested(3)])), pair("b", &[0x10, 1])]);
    let whole = request(&[ours(&message), ours(&map(&[]))]);
    let collector = serve(Script::normal());
    for length in 0..whole.len() {
        let (status, _) = post(&collector, PROTOBUF, &whole[..length]);
        assert_eq!(status == 200, length == 0, "{length} of {}", whole.len());
    }
    let mut random = Random(88172645463325252);
    for round in 0..500 {
        let mut damaged = whole.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(damaged.len());
            damaged[at] = random.below(256) as u8;
        }
        let (status, said) = post(&collector, PROTOBUF, &damaged);
        assert!(status == 200 || status == 400, "{round}: {status} {said:?}");
    }
    for record in records(&collector) {
        assert!(matches!(record.record, Value::Object(_)));
    }
    for text in [
        &b"[]"[..],
        b"7",
        br#"{"resourceLogs":7}"#,
        br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[7]}]}]}"#,
        br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"x"}}]}]}]}"#,
        br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"-1"}]}]}]}"#,
        b"\xff",
        b"",
    ] {
        assert_eq!(post(&collector, JSON, text).0, 400, "{}", String::from_utf8_lossy(text));
    }
}
