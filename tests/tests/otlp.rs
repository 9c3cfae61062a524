//! `otlp+http://` and `otlp+https://`: what is on the wire, as another library reads it, and what each answer means.
//!
//! Answers that mean the same as over `http://` are tested there, for both.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use mona_collector::{FaultCollector, Listen, Reply, RetryAfter, Script, Service, Step, Tls, TlsSettings};
use mona_tests::ledger::{self, client, context, event, export};
use mona_tests::native::{Client, status};
use mona_tests::reach::{FLUSH_MS, HOSTS, Trust, check, check_all_delivered, check_all_kept, eventually};
use mona_tests::said;
use mona_tests::tap::Tap;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use prost::Message as _;
use serde_json::{Value, json};

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

#[test]
fn requests_are_what_receivers_take() {
    for (encoding, content_type) in [("protobuf", "application/x-protobuf"), ("json", "application/json")] {
        let collector = serve(Service::otlp(), Script::normal());
        let more = [("otlp_encoding", encoding), ("http_header", "X-Team: a team"), ("chunk_bytes", "16384")];
        let client = client(&collector.endpoint(), &more);
        export(&context(&client), "main", 0..3000, 50);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        let stats = ledger::check_all_delivered(&client, &collector, 3000);
        assert_eq!((stats.connections, stats.chunks_resent), (1, 0), "{stats:?}");
        let taken = collector.ledger();
        assert!(taken.requests.len() > 20);
        for request in &taken.requests {
            assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/logs"));
            assert_eq!(request.header("content-type"), Some(content_type));
            assert_eq!(request.header("content-encoding"), None);
            assert!(request.header("user-agent").unwrap().starts_with("libmona/"), "{request:?}");
            assert_eq!((request.header("x-team"), request.status), (Some("a team"), Some(200)));
        }
        for record in collector.records() {
            let keys: Vec<&String> = record.record.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["user_id", "context", "arc_id", "message", "export_timestamp", "event_id"]);
            assert_eq!(record.tag, "v1/logs");
        }
    }
}

/// The bodies of requests with a length, without their heads.
fn bodies(mut sent: &[u8]) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while let Some(end) = sent.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8(sent[..end].to_vec()).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
        let length: usize = length.trim().parse().unwrap();
        let (body, rest) = sent[end + 4..].split_at(length);
        bodies.push(body.to_vec());
        sent = rest;
    }
    bodies
}

fn as_json(value: &AnyValue) -> Value {
    match &value.value {
        None => Value::Null,
        Some(Any::StringValue(text)) => json!(text),
        Some(Any::BoolValue(truth)) => json!(truth),
        Some(Any::IntValue(number)) => json!(number),
        Some(Any::DoubleValue(number)) => json!(number),
        Some(Any::BytesValue(_) | Any::StringValueStrindex(_)) => panic!("{value:?}"),
        Some(Any::ArrayValue(array)) => array.values.iter().map(as_json).collect(),
        Some(Any::KvlistValue(list)) => pairs(&list.values),
    }
}

fn pairs(pairs: &[KeyValue]) -> Value {
    let each = |pair: &KeyValue| (pair.key.clone(), as_json(pair.value.as_ref().unwrap()));
    Value::Object(pairs.iter().map(each).collect())
}

/// All that a client sends through a tap, as another library reads it.
fn requests(
    encoding: &str,
    more: &[(&str, &str)],
    play: impl FnOnce(&Client),
) -> Vec<ExportLogsServiceRequest> {
    let collector = serve(Service::otlp(), Script::normal());
    let tap = Tap::to(collector.addr().unwrap()).unwrap();
    let endpoint = format!("otlp+http://{}", tap.address());
    let client = client(&endpoint, &[&[("otlp_encoding", encoding)], more].concat());
    play(&client);
    assert_eq!(client.close(FLUSH_MS), Ok(()));
    let sent = tap.sent();
    let read = |body: Vec<u8>| match encoding {
        "json" => serde_json::from_slice(&body).unwrap(),
        _ => ExportLogsServiceRequest::decode(body.as_slice()).unwrap(),
    };
    sent.iter().flat_map(|sent| bodies(sent)).map(read).collect()
}

#[test]
fn every_kind_of_value_class_and_globals() {
    let message = json!({
        "null": null, "yes": true, "no": false, "zero": 0, "minus": -1, "least": i64::MIN, "most": i64::MAX,
        "float": 0.25, "whole": 3.0, "large": 1e300, "text": "\u{e9}\"\\\n\u{1f600}", "empty": "",
        "long": "x".repeat(20_000), "a key that is longer than sixteen bytes": 1, "map": {"a": {"b": [1, [], {}, "c"]}},
        "list": [null, {"k": -2.5}], "array": [], "object": {},
    });
    for encoding in ["protobuf", "json"] {
        let more = [("user_id", "the user"), ("service_name", "a shop")];
        let requests = requests(encoding, &more, |client| {
            client.set_globals(Some(r#"{"region":"eu"}"#)).unwrap();
            let context = client.context(Some("CHECKOUT"), Some("order-1")).unwrap();
            let sub = context.sub(None, Some("step")).unwrap();
            sub.export(&message.to_string(), 1_700_000_000.0).unwrap();
            sub.export(r#"{"huge":18446744073709551615}"#, 0.0).unwrap();
            sub.export(r#"{"long ago":1}"#, -5.0).unwrap();
        });
        let mut found = BTreeMap::new();
        for request in requests {
            let [logs] = &request.resource_logs[..] else { panic!("{request:?}") };
            let resource = pairs(&logs.resource.as_ref().unwrap().attributes);
            assert_eq!(resource["service.name"], "a shop");
            assert_eq!(resource["telemetry.sdk.name"], "libmona");
            assert_eq!(resource["telemetry.sdk.language"], "rust");
            assert!(resource["host.name"].is_string() && resource["telemetry.sdk.version"].is_string());
            let [scope] = &logs.scope_logs[..] else { panic!("{logs:?}") };
            assert_eq!(scope.scope.as_ref().unwrap().name, "libmona");
            for record in &scope.log_records {
                let attributes = pairs(&record.attributes);
                let id = attributes["event_id"].as_str().unwrap();
                assert!(id.starts_with(resource["service.instance.id"].as_str().unwrap()), "{id}");
                assert_eq!(
                    (&attributes["user_id"], &attributes["arc_id"]),
                    (&json!("the user"), &json!("order-1"))
                );
                assert!(record.observed_time_unix_nano > 1_700_000_000_000_000_000);
                let body = as_json(record.body.as_ref().unwrap());
                let context = attributes["context"].as_str().unwrap().to_owned();
                let more = attributes.get("export_timestamp").cloned();
                found.insert(body.to_string(), (context, record.time_unix_nano, more, body));
            }
        }
        assert_eq!(found.len(), 5, "{found:?}");
        let of = |body: Value| found.get(&body.to_string()).unwrap_or_else(|| panic!("{body} in {found:?}"));
        assert_eq!(of(json!({"MONA_ARC_CLASS": "CHECKOUT"})).0, "order-1");
        assert_eq!(of(json!({"MONA_GLOBALS": {"region": "eu"}})).0, "order-1");
        let (context, time, ..) = of(message.clone());
        assert_eq!((context.as_str(), *time), ("order-1.step", 1_700_000_000_000_000_000));
        // OTLP has no such integer.
        of(json!({"huge": "18446744073709551615"}));
        let (_, time, stamp, _) = of(json!({"long ago": 1}));
        assert_eq!((*time, stamp), (0, &Some(json!(-5))));
    }
}

#[test]
fn compressed_in_tls_with_a_client_certificate() {
    let trust = Trust::new();
    let certificate = trust.authority().client("a client").unwrap();
    let (chain, key) =
        (trust.file("client.pem", &certificate.chain), trust.file("client.key", &certificate.key));
    let mut settings = TlsSettings::new(trust.authority().server(&HOSTS).unwrap());
    settings.client_ca = Some(trust.authority().pem().to_owned());
    let service = Service::otlp().tls(Tls::new(&settings).unwrap());
    for encoding in ["protobuf", "json"] {
        let collector = serve(service.clone(), Script::normal());
        assert!(collector.endpoint().starts_with("otlp+https://"));
        let more = [
            ("otlp_encoding", encoding),
            ("ca_file", trust.ca_file()),
            ("compress", "gzip"),
            ("client_cert_file", &chain),
            ("client_key_file", &key),
        ];
        let client = client(&collector.endpoint(), &more);
        export(&context(&client), "main", 0..3000, 500);
        assert_eq!(client.close(FLUSH_MS), Ok(()));
        ledger::check_all_delivered(&client, &collector, 3000);
        let taken = collector.ledger();
        assert!(taken.requests.iter().all(|request| request.header("content-encoding") == Some("gzip")));
        let bytes: usize = taken.requests.iter().map(|request| request.bytes).sum();
        assert!(bytes < 3000 * 500 / 4, "{bytes}");
    }
    // Without a certificate nothing is taken and nothing lost.
    let collector = serve(service, Script::normal());
    let refused = client(&collector.endpoint(), &[("ca_file", trust.ca_file())]);
    export(&context(&refused), "main", 0..100, 0);
    said::wait_for(&collector.addr().unwrap().to_string(), &["certificate", "client_cert_file"]);
    check_all_kept(&refused, &collector, 100);
}

#[test]
fn some_records_are_refused_for_good() {
    for encoding in ["protobuf", "json"] {
        let collector = serve(Service::otlp(), Step::RefuseEvery(10));
        let client = client(&collector.endpoint(), &[("otlp_encoding", encoding)]);
        export(&context(&client), "main", 0..3000, 20);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        let (stats, arrived) = check(&client, &[&collector]);
        let counts = (stats.accepted, stats.delivered, stats.dropped_rejected, stats.chunks_resent);
        assert_eq!(counts, (3000, 2700, 300, 0), "{stats:?}");
        assert_eq!(arrived["main"].len(), 2700);
        let place = collector.addr().unwrap().to_string();
        let line = said::wait_for(&place, &["events refused", "as the script says"]);
        assert!(line.contains(" of "), "{line}");
        let lines = said::about(&place).into_iter().filter(|line| line.contains("events refused")).count();
        assert_eq!(lines, 1, "once a minute");
    }
}

#[test]
fn a_receiver_that_asks_for_patience_gets_it() {
    for (status, encoding) in [(429, "protobuf"), (503, "json"), (502, "protobuf"), (504, "json")] {
        let reply = Reply::new(status).first(2).retry_after(RetryAfter::Seconds(1));
        let collector = serve(Service::otlp(), reply);
        let client = client(&collector.endpoint(), &[("otlp_encoding", encoding)]);
        let start = std::time::Instant::now();
        export(&context(&client), "main", 0..100, 20);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
        let stats = check_all_delivered(&client, &[&collector], 100);
        assert_eq!(stats.dropped_rejected, 0, "{stats:?}");
        // The words of its status, in whichever form they came.
        let place = collector.addr().unwrap().to_string();
        said::wait_for(&place, &[&status.to_string(), "\"as the script says\""]);
        assert_eq!(collector.ledger().duplicates(), 0);
    }
}

fn with_poison(client: &Client, count: u64, poisoned: &[u64]) {
    let context = context(client);
    for n in 0..count {
        let mut text = event("main", n, 50);
        if poisoned.contains(&n) {
            text.truncate(text.len() - 1);
            text.push_str(r#","poison":true}"#);
        }
        assert_eq!(context.export(&text, 0.0), Ok(()), "{n}");
    }
}

#[test]
fn a_bad_event_is_found_whether_it_is_said_or_not() {
    // 400 says that the request is at fault; 500 says nothing of whose fault it is.
    for status in [400, 500] {
        let service =
            Service::otlp().poison(|record| record["message"]["poison"] == true).poison_status(status);
        let collector = serve(service, Script::normal());
        let client = client(&collector.endpoint(), &[("chunk_bytes", "16384")]);
        // Events follow the last of them: alone in a chunk behind which nothing comes, it would be kept.
        with_poison(&client, 3000, &[17, 1500, 2990]);
        assert_eq!(client.flush(FLUSH_MS), Ok(()), "{status}: {:?}", client.stats());
        let (stats, arrived) = check(&client, &[&collector]);
        let counts = (stats.accepted, stats.delivered, stats.dropped_rejected);
        assert_eq!(counts, (3000, 2997, 3), "{status}: {stats:?}");
        assert_eq!(arrived["main"].len(), 2997);
        said::wait_for(&collector.addr().unwrap().to_string(), &[&status.to_string(), "was dropped"]);
    }
}

#[test]
fn an_endpoint_that_fails_at_everything_costs_no_event() {
    for status in [400, 500] {
        let collector = serve(Service::otlp(), Reply::new(status));
        let client = client(&collector.endpoint(), &[]);
        export(&context(&client), "main", 0..500, 20);
        assert!(collector.wait_for(Duration::from_secs(120), |ledger| ledger.requests.len() >= 12));
        assert_eq!(client.flush(100), Err(status::TIMEOUT));
        check_all_kept(&client, &collector, 500);
        collector.set_script(Script::normal());
        collector.set_service(Service::otlp()).unwrap();
        assert_eq!(client.flush(FLUSH_MS), Ok(()), "{status}");
        check_all_delivered(&client, &[&collector], 500);
    }
}

#[test]
fn it_stands_in_a_list_with_others() {
    let (first, second) =
        (serve(Service::otlp(), Script::normal()), serve(Service::forward(), Script::normal()));
    let endpoints = format!("{},{}", first.endpoint(), second.endpoint());
    let client = client(&endpoints, &[]);
    let context = context(&client);
    for round in 0..4 {
        let (down, up) = if round % 2 == 0 { (&first, &second) } else { (&second, &first) };
        up.resume().unwrap();
        down.pause().unwrap();
        export(&context, "main", round * 300..(round + 1) * 300, 20);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
    }
    check_all_delivered(&client, &[&first, &second], 1200);
}

#[test]
fn a_check_sends_no_event() {
    let names = |json: &str| -> Vec<(String, bool)> {
        let steps: Value = serde_json::from_str(json).unwrap();
        let step = |step: &Value| (step["step"].as_str().unwrap().to_owned(), step["ok"].as_bool().unwrap());
        steps.as_array().unwrap().iter().map(step).collect()
    };
    for encoding in ["protobuf", "json"] {
        let collector = serve(Service::otlp(), Script::normal());
        let client = client(&collector.endpoint(), &[("otlp_encoding", encoding)]);
        let (status, report) = client.check(10_000);
        let all = ["resolve", "connect", "send"].map(|name| (name.to_owned(), true));
        assert_eq!((status, names(&report)), (status::OK, all.to_vec()), "{report}");
        assert_eq!(collector.ledger().totals.records, 0);
    }
    // What refuses a request without anything in it is no receiver of OTLP.
    let collector = serve(Service::otlp(), Reply::new(400));
    let client = client(&collector.endpoint(), &[]);
    let (status, report) = client.check(10_000);
    assert!(status != status::OK && report.contains("log records of OTLP"), "{report}");
}

#[test]
fn what_the_program_says_of_itself() {
    let described = client("otlp+http://127.0.0.1:1", &[("service_name", "shop")]).describe().unwrap();
    assert!(described.contains("otlp+http://127.0.0.1:1") && described.contains("shop"), "{described}");
}

#[test]
fn what_a_spool_kept_is_sent_with_the_ids_it_had() {
    let folder = tempfile::tempdir().unwrap();
    let collector = serve(Service::otlp(), Script::normal());
    collector.pause().unwrap();
    let options = [("spool_dir", folder.path().to_str().unwrap()), ("connect_timeout_ms", "1000")];
    let first = client(&collector.endpoint(), &options);
    export(&context(&first), "main", 0..1000, 50);
    // What is left when a client is closed waits on disk.
    let _ = first.close(2000);
    let stats = first.stats();
    assert!(stats.balanced() && stats.dropped() == 0 && stats.spooled_events == 1000, "{stats:?}");
    drop(first);
    collector.resume().unwrap();
    let second = client(&collector.endpoint(), &options);
    assert!(collector.wait_for_records(1000, Duration::from_secs(120)));
    assert!(eventually(Duration::from_secs(120), || second.stats().delivered == 1000));
    let (stats, arrived) = check(&second, &[&collector]);
    assert_eq!(
        (stats.adopted_events, stats.delivered, arrived["main"].len()),
        (1000, 1000, 1000),
        "{stats:?}"
    );
    assert_eq!(second.close(FLUSH_MS), Ok(()));
}

#[test]
fn every_client_has_an_instance_of_its_own() {
    let of = |requests: Vec<ExportLogsServiceRequest>| -> Vec<String> {
        let resource = |request: &ExportLogsServiceRequest| {
            let resource = pairs(&request.resource_logs[0].resource.as_ref().unwrap().attributes);
            resource["service.instance.id"].as_str().unwrap().to_owned()
        };
        requests.iter().map(resource).collect()
    };
    let send = |client: &Client| assert_eq!(export(&context(client), "main", 0..10, 0), 10);
    let (first, second) = (of(requests("protobuf", &[], send)), of(requests("protobuf", &[], send)));
    assert!(!first.is_empty() && first.iter().all(|id| *id == first[0] && id.len() == 36), "{first:?}");
    assert!(second.iter().all(|id| *id == second[0]) && first[0] != second[0], "{second:?}");
}
