//! Whole clients: what the sender makes of the answers.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::server::{Reply, Request, Server};
use crate::sys::sync::lock;
use crate::{Client, Field, FieldValue, Options, Timestamp};

fn client(server: &Server, more: &[(&str, &str)]) -> Client {
    let mut options = Options::new();
    let url = server.url("");
    for (name, value) in [("endpoint", url.as_str()), ("chunk_bytes", "65536")].iter().chain(more) {
        options.set(name, value).unwrap();
    }
    Client::new(Some(&options)).unwrap()
}

fn numbers(request: &Request) -> Vec<u64> {
    let body: Vec<Value> = serde_json::from_slice(&request.body).unwrap();
    body.iter().filter_map(|record| record["message"]["n"].as_u64()).collect()
}

fn export(client: &Client, count: u64, filler: &str) {
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    for number in 0..count {
        let json = format!(r#"{{"n": {number}, "filler": "{filler}"}}"#);
        context.export_json(json.as_bytes(), Timestamp::Now).unwrap();
    }
}

#[test]
fn three_poisoned_events_of_ten_thousand_cost_nobody_else() {
    const POISON: [u64; 3] = [17, 5_000, 5_001];
    static TAKEN: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    let server = Server::new(|request, _| {
        let numbers = numbers(request);
        if numbers.iter().any(|number| POISON.contains(number)) {
            return Reply::status(400);
        }
        lock(&TAKEN).extend(numbers);
        Reply::status(200)
    });
    let client = client(&server, &[]);
    export(&client, 10_000, "x");
    client.close(Duration::from_secs(60)).unwrap();
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered, stats.dropped_rejected), (10_000, 9_997, 3));
    let mut taken = lock(&TAKEN).clone();
    taken.sort_unstable();
    let wanted: Vec<u64> = (0..10_000).filter(|number| !POISON.contains(number)).collect();
    // Each once: no half that was delivered went out again with the other.
    assert_eq!(taken, wanted);
    assert_eq!(server.connections(), 1);
}

#[test]
fn what_is_too_large_goes_out_in_parts() {
    let server = Server::new(|request, _| match request.body.len() {
        0..=20_000 => Reply::status(200),
        _ => Reply::status(413),
    });
    let client = client(&server, &[]);
    export(&client, 1_000, "some text that fills");
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    let large = format!(r#"{{"large": "{}"}}"#, "x".repeat(30_000));
    context.export_json(large.as_bytes(), Timestamp::Now).unwrap();
    client.close(Duration::from_secs(60)).unwrap();
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered, stats.dropped_too_big), (1_001, 1_000, 1));
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_chunk_with_more_than_a_request_takes_is_halved_before_it_is_sent() {
    let server = Server::new(|_, _| Reply::status(200));
    let client = client(&server, &[("chunk_bytes", "2097152"), ("queue_bytes", "67108864")]);
    // Control characters are six times as long in JSON.
    export(&client, 2_000, &"\\u0001".repeat(700));
    client.close(Duration::from_secs(60)).unwrap();
    assert_eq!(client.stats().delivered, 2_000);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.body.len() <= 1 << 20));
    let numbers: Vec<u64> = requests.iter().flat_map(numbers).collect();
    assert_eq!(numbers, (0..2_000).collect::<Vec<_>>());
}

#[test]
#[ignore = "slow: make test-slow"]
fn busy_servers_are_left_alone_for_as_long_as_they_ask() {
    static FIRST: AtomicUsize = AtomicUsize::new(0);
    let start = Instant::now();
    let server = Server::new(move |_, before| {
        if before == 0 {
            return Reply::new(503, &["Retry-After: 1"], "");
        }
        if before == 1 {
            FIRST.store(start.elapsed().as_millis() as usize, Ordering::SeqCst);
        }
        Reply::status(200)
    });
    let client = client(&server, &[]);
    export(&client, 10, "");
    let deadline = Instant::now() + Duration::from_secs(30);
    while client.stats().delivered < 10 {
        assert!(Instant::now() < deadline, "{:?}", client.stats());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(FIRST.load(Ordering::SeqCst) >= 1_000);
    client.close(Duration::from_secs(20)).unwrap();
    assert_eq!(server.connections(), 1);
}

#[test]
fn configuration_errors_keep_the_data() {
    keeps_the_data(&[("retry_initial_ms", "20"), ("retry_max_ms", "50")]);
}

#[test]
#[ignore = "slow: make test-slow"]
fn configuration_errors_keep_the_data_with_the_options_of_users() {
    keeps_the_data(&[]);
}

fn keeps_the_data(more: &[(&str, &str)]) {
    let is_mended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mended = std::sync::Arc::clone(&is_mended);
    let server = Server::new(move |_, before| {
        if mended.load(Ordering::SeqCst) {
            Reply::status(200)
        } else {
            Reply::status([401, 403, 404, 302, 400, 422][before % 6])
        }
    });
    let client = client(&server, more);
    export(&client, 100, "");
    while server.requests().len() < 7 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!((client.stats().delivered, client.stats().queued_events), (0, 100));
    is_mended.store(true, Ordering::SeqCst);
    client.close(Duration::from_secs(30)).unwrap();
    assert_eq!(client.stats().delivered, 100);
}

#[test]
fn what_is_not_finite_is_null_whatever_is_asked_for() {
    for nonfinite in ["null", "ieee"] {
        for http_format in ["records", "lines"] {
            let server = Server::new(|_, _| Reply::status(200));
            let client = client(&server, &[("nonfinite", nonfinite), ("http_format", http_format)]);
            let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
            let fields = [("a", f64::NAN), ("b", f64::NEG_INFINITY), ("c", 1.5)];
            let fields = fields.map(|(key, value)| Field { key: key.into(), value: FieldValue::F64(value) });
            context.export_fields(&fields, Timestamp::Now).unwrap();
            client.close(Duration::from_secs(60)).unwrap();
            let body = String::from_utf8(server.requests()[0].body.clone()).unwrap();
            assert!(body.contains(r#""message":{"a":null,"b":null,"c":1.5}"#), "{body}");
        }
    }
}

#[test]
fn close_ends_a_wait_for_an_answer_in_time() {
    let server = Server::new(|_, _| Reply::silent());
    let client = client(&server, &[("io_timeout_ms", "60000")]);
    export(&client, 10, "");
    while server.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let start = Instant::now();
    assert!(client.close(Duration::from_millis(200)).is_err());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(client.stats().dropped_closed, 10);
}
