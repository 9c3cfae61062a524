//! The collector over HTTP: records, refusals, tokens, and servers that do it wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::http::{answer, ask, json, request};
use common::*;
use mona_collector::{
    Authority, FaultCollector, Listen, Mode, Reply, RetryAfter, Script, Service, Step, Tls,
};

const JSON: &str = "Content-Type: application/json";
const PATH: &str = "/mona.client.message";

fn start(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

fn client(collector: &FaultCollector) -> TcpStream {
    connect(collector.addr().unwrap())
}

/// A record that is easy to recognise.
fn record(n: u64) -> String {
    format!(
        r#"{{"user_id":"u","context":"c","message":{{"n":{n}}},"export_timestamp":1552903200,"event_id":"i-{n}"}}"#
    )
}

fn post(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let records: Vec<String> = numbers.into_iter().map(record).collect();
    json(PATH, &format!("[{}]", records.join(",")))
}

#[test]
fn records_arrive_on_one_connection() {
    let collector = start(Service::http(), Script::normal());
    assert!(collector.endpoint().starts_with("http://127.0.0.1:"));
    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &post([1, 2])).status, 201);
    let packed = gzip(format!("[{}]", record(3)).as_bytes());
    let headers = [JSON, "Content-Encoding: gzip", "X-Secret: s"];
    assert_eq!(ask(&mut stream, &request("/other.tag?x=1", &headers, &packed)).status, 201);
    assert_eq!(ask(&mut stream, &json(PATH, &record(4))).json()["records"], 1);
    assert_eq!(ask(&mut stream, &post([1, 2])).status, 201);

    let records = collector.records();
    let tags: Vec<&str> = records.iter().map(|record| record.tag.as_str()).collect();
    assert_eq!(tags, [&PATH[1..], &PATH[1..], "other.tag", &PATH[1..], &PATH[1..], &PATH[1..]]);
    assert_eq!(
        (records[3].raw.as_slice(), &records[3].record["message"]["n"]),
        (record(4).as_bytes(), &4.into())
    );
    let ledger = collector.ledger();
    assert_eq!((ledger.unique_events(), ledger.duplicates(), ledger.duplicate_chunks()), (4, 2, 1));
    assert_eq!((ledger.totals.connections, ledger.totals.acknowledged), (1, 4));
    assert!(ledger.same_id_same_bytes() && ledger.same_event_same_record());
    let modes: Vec<Mode> = ledger.chunks.iter().map(|chunk| chunk.mode).collect();
    assert_eq!(modes, [Mode::Http, Mode::CompressedHttp, Mode::Http]);
    let second = &ledger.requests[1];
    assert_eq!(
        (second.path.as_str(), second.status, second.bytes),
        ("/other.tag?x=1", Some(201), packed.len())
    );
    assert_eq!((second.header("x-secret"), second.method.as_str()), (Some("s"), "POST"));
    assert_eq!(ledger.chunk(&second.id).unwrap().times, 1);
    assert_eq!(ledger.requests[0].id, ledger.requests[3].id);
    assert!(ledger.totals.bytes > 800);
}

#[test]
fn bodies_in_pieces_and_large_ones() {
    let collector = start(Service::http(), Script::normal());
    let mut stream = client(&collector);
    for piece in post([1]).chunks(7) {
        stream.write_all(piece).unwrap();
        stream.flush().unwrap();
    }
    assert_eq!(answer(&mut stream).status, 201);
    let chunked = format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        record(2).len(),
        record(2)
    );
    assert_eq!(ask(&mut stream, chunked.as_bytes()).status, 201);
    let many: Vec<String> = (3..20_003).map(record).collect();
    assert_eq!(ask(&mut stream, &json(PATH, &format!("[{}]", many.join(",")))).status, 201);
    assert_eq!(collector.ledger().unique_events(), 20_002);
}

#[test]
fn what_is_wrong_is_answered_and_the_connection_goes_on() {
    let collector = start(Service::http(), Script::normal());
    let mut stream = client(&collector);
    for (request, status, sentence) in [
        (json(PATH, "[{"), 400, "body: found \"EOF while parsing"),
        (json(PATH, "[1]"), 400, "record: found 1, expected an object"),
        (request(PATH, &[], b"[]"), 415, "content-type: found \"\", expected application/json"),
        (request(PATH, &[JSON, "Content-Encoding: gzip"], b"[]"), 400, "body: found \""),
        (
            format!("GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n").into(),
            405,
            "method: found GET, expected POST",
        ),
    ] {
        let said = ask(&mut stream, &request);
        assert_eq!(said.status, status);
        assert!(said.body.starts_with(sentence), "{}", said.body);
    }
    assert_eq!(ask(&mut stream, &post([1])).status, 201);
    let ledger = collector.ledger();
    assert_eq!((ledger.totals.refused, ledger.totals.records, ledger.totals.connections), (5, 1, 1));
    assert_eq!(collector.complaints().len(), 5);

    let mut stream = client(&collector);
    stream.write_all(&chunk("forward", 1)).unwrap();
    let (said, _) = rest(&mut stream);
    assert!(said.is_empty() || said.starts_with(b"HTTP/1.1 400"), "{}", said.escape_ascii());
    eventually("it is complained of", || collector.complaints().len() == 6);
    assert!(collector.complaints()[5].contains("found no HTTP request"), "{:?}", collector.complaints());

    let mut stream = client(&collector);
    stream.write_all(&post([2])[..100]).unwrap();
    drop(stream);
    eventually("it is complained of", || collector.complaints().len() == 7);
    assert!(collector.complaints()[6].ends_with("the connection ended inside a request"));
}

#[test]
fn large_bodies_and_poisoned_records_are_refused() {
    let service = Service::http().limit(2000).poison(|record| record["message"]["n"] == 13);
    let collector = start(service, Script::normal());
    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &post(100..200)).status, 413);
    assert_eq!(ask(&mut stream, &post(10..15)).status, 400);
    assert_eq!(ask(&mut stream, &post(10..13)).status, 201);
    assert_eq!(ask(&mut stream, &post([13])).status, 400);
    let ledger = collector.ledger();
    assert_eq!((ledger.unique_events(), ledger.totals.refused), (3, 3));
    assert!(ledger.requests.iter().map(|request| request.status).eq([413, 400, 201, 400].map(Some)));
    assert!(collector.complaints().is_empty());

    // The same over Forward: closed without an answer.
    let service = Service::forward().limit(2000).poison(|record| record["message"]["n"] == 13);
    let collector = start(service, Script::normal());
    let large = packed("large", &[common::record("c", &field_text("t", &"x".repeat(2000)), None)]);
    for refused in [large, chunk("poison", 13)] {
        let mut stream = client(&collector);
        stream.write_all(&refused).unwrap();
        assert_eq!(rest(&mut stream), (Vec::new(), false));
    }
    let mut stream = client(&collector);
    stream.write_all(&chunk("fine", 14)).unwrap();
    expect(&mut stream, &ack("fine"));
    let ledger = collector.ledger();
    assert_eq!((ledger.totals.records, ledger.totals.refused), (1, 2));
    assert!(collector.complaints().is_empty());
}

#[test]
fn statuses_for_some_requests_and_retry_after_in_every_form() {
    let first = Reply::new(503).first(2).retry_after(RetryAfter::Seconds(7));
    let collector = start(Service::http(), first);
    // Counted across connections.
    let said: Vec<_> = (0..3).map(|n| ask(&mut client(&collector), &post([n]))).collect();
    assert_eq!(said.iter().map(|said| said.status).collect::<Vec<_>>(), [503, 503, 201]);
    assert_eq!((said[0].header("retry-after"), said[2].header("retry-after")), (Some("7"), None));
    assert_eq!((collector.ledger().totals.refused, collector.ledger().unique_events()), (2, 1));

    collector.set_script(Reply::new(429).every(2));
    let mut stream = client(&collector);
    let statuses: Vec<u16> = (10..14).map(|n| ask(&mut stream, &post([n])).status).collect();
    assert_eq!(statuses, [201, 429, 201, 429]);

    for (text, expected) in [
        ("status=429:retry-after=5", "5"),
        ("status=429:retry-after=negative", "-5"),
        ("status=429:retry-after=huge", "99999999999999999999"),
        ("status=429:retry-after=garbage", "soon"),
        ("status=429:retry-after=date-5", " GMT"),
        ("status=429:retry-after=date+5", " GMT"),
    ] {
        collector.set_script(text.parse::<Script>().unwrap());
        let said = ask(&mut client(&collector), &post([20]));
        assert_eq!(said.status, 429);
        assert!(said.header("retry-after").unwrap().ends_with(expected), "{text}: {:?}", said.headers);
    }
    for status in [204, 301, 401, 404, 413, 599, 999] {
        collector.set_script(Reply::new(status));
        assert_eq!(ask(&mut client(&collector), &post([20])).status, status);
    }
    assert!(collector.ledger().event("i", 20).is_none());
}

#[test]
fn slow_answers_and_none() {
    let steps = ["delay-ack=100ms", "trickle=1ms", "drop-ack", "drop-ack-every=2", "close-when-idle=100ms"];
    let steps: Vec<Step> = steps.iter().map(|step| step.parse().unwrap()).collect();
    let collector = start(Service::http(), steps);
    let begun = Instant::now();
    assert_eq!(ask(&mut client(&collector), &post([1])).status, 201);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    let begun = Instant::now();
    assert_eq!(ask(&mut client(&collector), &post([2])).status, 201);
    assert!(begun.elapsed() >= Duration::from_millis(100), "more than a hundred bytes, a millisecond apart");

    let mut stream = client(&collector);
    stream.write_all(&post([3])).unwrap();
    assert!(collector.wait_for_records(3, LONG));
    expect_silence(&mut stream);
    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &post([4])).status, 201);
    stream.write_all(&post([5])).unwrap();
    assert!(collector.wait_for_records(5, LONG));
    expect_silence(&mut stream);

    let mut stream = client(&collector);
    assert_eq!(ask(&mut stream, &post([6])).status, 201);
    assert_eq!(rest(&mut stream), (Vec::new(), false));
    let mut unused = client(&collector);
    assert_eq!(rest(&mut unused), (Vec::new(), false));
    let ledger = collector.ledger();
    assert_eq!((ledger.totals.records, ledger.totals.acknowledged), (6, 4));
    let statuses: Vec<Option<u16>> = ledger.requests.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(201), Some(201), None, Some(201), None, Some(201)]);
}

#[test]
fn answers_that_break_off() {
    let steps = [Step::HalfAck, Step::HalfRecord, Step::Garbage, Step::HttpAnswer];
    let collector = start(Service::http(), steps);
    let mut stream = client(&collector);
    stream.write_all(&post([1])).unwrap();
    let (said, reset) = rest(&mut stream);
    let said = String::from_utf8(said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 201") && head.contains("content-length: 13") && !reset, "{head}");
    assert_eq!(body, r#"{"reco"#);

    let mut stream = client(&collector);
    stream.write_all(&post([2])).unwrap();
    let (said, reset) = rest(&mut stream);
    assert!(said.len() < 100 && reset, "{}", said.escape_ascii());

    let mut stream = client(&collector);
    stream.write_all(&post([3])).unwrap();
    let (said, reset) = rest(&mut stream);
    assert_eq!((said.len(), said[0], reset), (1024, 0xc1, false));

    let mut stream = client(&collector);
    let said = ask(&mut stream, &post([4]));
    assert_eq!((said.status, said.header("connection")), (400, Some("close")));
    assert_eq!(rest(&mut stream), (Vec::new(), false));
    let ledger = collector.ledger();
    assert_eq!((ledger.unique_events(), ledger.totals.acknowledged), (2, 0));
    eventually("all are closed", || collector.open_connections() == 0);
    assert!(collector.complaints().is_empty(), "{:?}", collector.complaints());
}

#[test]
fn resets_while_the_request_is_sent() {
    let whole = post([1]);
    let steps = [Step::ReadThenReset(whole.len() / 2), Step::ReadThenReset(whole.len()), Step::Reset];
    let collector = start(Service::http(), steps);
    let mut stream = client(&collector);
    stream.write_all(&whole).unwrap();
    assert!(rest(&mut stream).1);
    assert_eq!(collector.ledger().totals.records, 0);
    assert_eq!(collector.ledger().totals.bytes, whole.len() as u64 / 2);
    let mut stream = client(&collector);
    stream.write_all(&whole).unwrap();
    rest(&mut stream);
    assert_eq!(collector.ledger().totals.records, 1, "what was complete is taken");
    let mut stream = client(&collector);
    assert!(stream.write_all(&whole).and_then(|()| stream.read_exact(&mut [0; 1])).is_err());
    eventually("all are closed", || collector.open_connections() == 0);
    assert!(collector.complaints().is_empty(), "{:?}", collector.complaints());
}

#[test]
fn in_tls_it_is_the_same() {
    let authority = Authority::new().unwrap();
    let tls = Tls::try_from(authority.server(&["localhost"]).unwrap()).unwrap();
    let steps =
        [Step::Normal, Step::HalfRecord, Step::HalfAck, Step::CloseWhenIdle(Duration::from_millis(50))];
    let collector = start(Service::http().tls(tls), steps);
    assert!(collector.endpoint().starts_with("https://"));
    let config = common::tls::client(authority.pem(), None, rustls::ALL_VERSIONS);
    let connect = || common::tls::connect(&config, collector.addr().unwrap(), "localhost").unwrap();
    let mut stream = connect();
    for n in 0..3 {
        assert_eq!(ask(&mut stream, &post([n])).status, 201);
    }
    let mut stream = connect();
    stream.write_all(&post([3])).unwrap();
    assert!(!matches!(stream.read(&mut [0; 1]), Ok(1..)), "half a record is nothing");
    let mut stream = connect();
    stream.write_all(&post([4])).unwrap();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    assert!(said.ends_with(br#"{"reco"#), "{}", said.escape_ascii());
    let mut stream = connect();
    assert_eq!(ask(&mut stream, &post([5])).status, 201);
    assert_eq!(rest(&mut stream), (Vec::new(), false), "said in TLS, too");
    assert_eq!((collector.ledger().unique_events(), collector.ledger().totals.acknowledged), (6, 4));
}

#[test]
fn stop_is_quick_whatever_the_requests_do() {
    let collector = start(Service::http(), [Step::DropAck, Step::DelayAck(Duration::MAX), Step::Normal]);
    let mut streams: Vec<TcpStream> = (0..4).map(|_| client(&collector)).collect();
    for (n, stream) in streams.iter_mut().take(2).enumerate() {
        stream.write_all(&post([n as u64])).unwrap();
    }
    streams[2].write_all(&post([2])[..50]).unwrap();
    assert!(collector.wait_for_records(2, LONG));
    let begun = Instant::now();
    collector.stop();
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(collector.open_connections(), 0);
}

#[test]
fn http_needs_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let listen = Listen::Unix(folder.path().join("socket"));
    let error = FaultCollector::serve(listen, Service::http(), Script::normal()).unwrap_err();
    assert!(error.to_string().contains("found a Unix socket"), "{error}");
}
