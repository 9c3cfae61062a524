//! The core as a Rust program uses it, over the `memory:` endpoint.
#![allow(clippy::unwrap_used)] // A step that fails fails the test.

use std::time::Duration;

use mona::error::Status;
use mona::{Client, Field, FieldValue, Options, Stats, Timestamp};

fn client(extra: &[(&str, &str)]) -> Client {
    let mut options = Options::new();
    options.set("endpoint", "memory:").unwrap();
    options.set("user_id", "u-1").unwrap();
    for (name, value) in extra {
        options.set(name, value).unwrap();
    }
    Client::new(Some(&options)).unwrap()
}

/// Every delivered record, with the export timestamp taken out.
fn delivered(client: &Client) -> Vec<serde_json::Value> {
    client.flush(Duration::from_secs(10)).unwrap();
    let mut records = Vec::new();
    while let Ok(mut record) =
        client.take_with(|json| (true, serde_json::from_str::<serde_json::Value>(json).unwrap()))
    {
        record.as_object_mut().unwrap().remove("export_timestamp");
        records.push(record);
    }
    records
}

fn adds_up(stats: &Stats) -> bool {
    let dropped = stats.dropped_queue_full
        + stats.dropped_too_big
        + stats.dropped_rejected
        + stats.dropped_spool
        + stats.dropped_closed;
    stats.accepted == stats.delivered + dropped + stats.queued_events + stats.spooled_events
}

#[test]
fn class_globals_and_events_arrive_in_order() {
    let client = client(&[]);
    client.set_globals(Some(br#"{"env": "test"}"#)).unwrap();
    let context = client.context(Some("CLASS"), Some("c"), Timestamp::Now).unwrap();
    context.export_json(br#"{"a": 1, "MONA_x": 2}"#, Timestamp::Now).unwrap();
    let sub = context.sub(Some("SUB"), Some("s")).unwrap();
    drop(context);
    let fields = [Field { key: "b".into(), value: FieldValue::F64(3.0) }];
    sub.export_fields(&fields, Timestamp::Now).unwrap();
    assert_eq!(sub.id(), "c.s");
    let messages: Vec<String> = delivered(&client)
        .iter()
        .map(|record| format!("{} {}", record["context"], record["message"]))
        .collect();
    assert_eq!(
        messages,
        [
            r#""c" {"MONA_ARC_CLASS":"CLASS"}"#,
            r#""c" {"MONA_GLOBALS":{"env":"test"}}"#,
            r#""c" {"a":1}"#,
            r#""c.s" {"MONA_ARC_CLASS":"SUB"}"#,
            r#""c.s" {"b":3.0}"#,
        ]
    );
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered, stats.queued_events), (5, 5, 0));
    assert_eq!(stats.queued_bytes, 0);
    client.close(Duration::from_secs(5)).unwrap();
    assert_eq!(sub.export_json(b"{\"a\":1}", Timestamp::Now).unwrap_err().status(), Status::Closed);
    assert_eq!(client.context(Some("A"), None, Timestamp::Now).err().unwrap().status(), Status::Closed);
    client.context(None, None, Timestamp::Now).unwrap();
    client.close(Duration::ZERO).unwrap();
}

#[test]
fn a_refused_event_leaves_the_others_whole() {
    let client = client(&[("max_event_bytes", "512")]);
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    context.export_json(b"{\"a\":1}", Timestamp::Now).unwrap();
    for (json, status) in [
        (&b"{\"a\":"[..], Status::Json),
        (b"[]", Status::Json),
        (b"{\"a\":\"\xff\"}", Status::Utf8),
        (&[b' '; 600], Status::Limit),
    ] {
        assert_eq!(context.export_json(json, Timestamp::Now).unwrap_err().status(), status);
    }
    context.export_json(b"{\"MONA_a\":1}", Timestamp::from_seconds(f64::NAN)).unwrap();
    context.export_json(b"{\"b\":2}", Timestamp::Now).unwrap();
    let records = delivered(&client);
    assert_eq!(records.len(), 2);
    assert_eq!(records[1]["message"].to_string(), "{\"b\":2}");
    assert_eq!(client.stats().skipped_filtered, 1);
}

#[test]
fn threads_that_end_leave_nothing_behind() {
    let client = client(&[]);
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let context = &context;
            scope.spawn(move || {
                for number in 0..1000 {
                    let json = format!("{{\"thread\":{thread},\"number\":{number}}}");
                    context.export_json(json.as_bytes(), Timestamp::Now).unwrap();
                }
            });
        }
    });
    let mut next = [0i64; 8];
    for record in delivered(&client) {
        let thread = record["message"]["thread"].as_u64().unwrap() as usize;
        assert_eq!(record["message"]["number"], next[thread]);
        next[thread] += 1;
    }
    assert_eq!(next, [1000; 8]);
    assert!(adds_up(&client.stats()));
}

#[test]
fn a_full_queue_drops_the_oldest_and_counts_them() {
    // Nothing takes the events: the port is bound but nobody accepts there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let endpoint = format!("tcp://127.0.0.1:{port}");
    for (circular, status) in [("true", None), ("false", Some(Status::Dropped))] {
        let mut options = Options::new();
        for (name, value) in [
            ("endpoint", endpoint.as_str()),
            ("queue_size", "20"),
            ("queue_circular", circular),
            ("block_timeout_ms", "20"),
            ("log_level", "50"),
        ] {
            options.set(name, value).unwrap();
        }
        let client = Client::new(Some(&options)).unwrap();
        let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
        for number in 0..25 {
            let json = format!("{{\"n\":{number}}}");
            let exported = context.export_json(json.as_bytes(), Timestamp::Now);
            let expected = if number < 20 { None } else { status };
            assert_eq!(exported.err().map(|error| error.status()), expected, "{number}");
            assert!(adds_up(&client.stats()));
        }
        let stats = client.stats();
        assert_eq!((stats.accepted, stats.dropped_queue_full, stats.queued_events), (25, 5, 20));
        assert_eq!(client.close(Duration::from_millis(50)).unwrap_err().status(), Status::Timeout);
        let stats = client.stats();
        assert_eq!((stats.dropped_closed, stats.queued_events), (20, 0));
        assert!(adds_up(&stats));
    }
}

#[test]
fn the_ledger_adds_up_at_every_moment() {
    let client = client(&[("queue_size", "500"), ("flush_interval_ms", "1")]);
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looker = scope.spawn(|| {
            let mut looks = 0;
            while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                let stats = client.stats();
                assert!(adds_up(&stats), "{stats:?}");
                assert!(stats.queued_events <= 500, "{stats:?}");
                looks += 1;
            }
            looks
        });
        let exporters: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        let _ = context.export_json(b"{\"a\":1}", Timestamp::Now);
                    }
                })
            })
            .collect();
        exporters.into_iter().for_each(|exporter| exporter.join().unwrap());
        is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(looker.join().unwrap() > 0);
    });
    client.flush(Duration::from_secs(10)).unwrap();
    let stats = client.stats();
    assert_eq!(stats.accepted, 60_000);
    assert_eq!(stats.queued_events, 0);
    assert!(adds_up(&stats));
}

#[test]
fn a_batch_counts_what_it_accepted() {
    let client = client(&[]);
    let batch = br#"[{"message":{"a":1},"context_id":"b1","arc_class":"A","export_timestamp":1500000000},
        {"context_id":"b2"}, {"message":"text","context_id":"b3","arc_class":"B"}, {"message":{"a":2}}]"#;
    let report = client.export_batch(batch);
    assert_eq!(report.accepted, 2);
    assert_eq!(report.result.unwrap_err().status(), Status::Json);
    let records = delivered(&client);
    let messages: Vec<String> = records.iter().map(|record| record["message"].to_string()).collect();
    assert_eq!(
        messages,
        [r#"{"MONA_ARC_CLASS":"A"}"#, r#"{"a":1}"#, r#"{"MONA_ARC_CLASS":"B"}"#, r#"{"a":2}"#]
    );
    assert_eq!(client.export_batch(b"{}").result.unwrap_err().status(), Status::Json);
}

#[test]
fn sampling_keeps_or_leaves_a_whole_context() {
    let client = client(&[("sample_rate", "0.5"), ("sample_rates", r#"{"ALL": 1.0}"#)]);
    for (id, class) in [("a", None), ("b", None), ("b", Some("ALL"))] {
        let context = client.context(class, Some(id), Timestamp::Now).unwrap();
        context.export_json(b"{\"n\":1}", Timestamp::Now).unwrap();
        context.sub(None, Some("s")).unwrap().export_json(b"{\"n\":2}", Timestamp::Now).unwrap();
    }
    let contexts: Vec<String> =
        delivered(&client).iter().map(|record| record["context"].as_str().unwrap().to_owned()).collect();
    assert_eq!(contexts, ["a", "a.s", "b", "b", "b.s"]);
    assert_eq!(client.stats().skipped_sampled, 2);
}

#[test]
fn a_disabled_client_checks_and_sends_nothing() {
    let client = client(&[]);
    let before = client.context(None, Some("before"), Timestamp::Now).unwrap();
    client.set_disabled(true).unwrap();
    let during = client.context(Some("A"), Some("during"), Timestamp::Now).unwrap();
    before.export_json(b"not json", Timestamp::Now).unwrap();
    assert_eq!(before.id(), "");
    client.set_disabled(false).unwrap();
    during.export_json(b"{\"a\":1}", Timestamp::Now).unwrap();
    during.sub(None, None).unwrap().export_json(b"{\"a\":1}", Timestamp::Now).unwrap();
    assert_eq!(during.id(), "");
    assert_eq!(before.id(), "before");
    assert!(delivered(&client).is_empty());
    assert_eq!(client.stats().skipped_disabled, 3);
}

#[test]
fn a_blocking_export_says_when_its_event_was_lost() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("tcp://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut options = Options::new();
    for (name, value) in [
        ("endpoint", endpoint.as_str()),
        ("blocking", "true"),
        ("block_timeout_ms", "20000"),
        ("log_level", "50"),
    ] {
        options.set(name, value).unwrap();
    }
    let client = Client::new(Some(&options)).unwrap();
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    let exporter = std::thread::spawn(move || context.export_json(b"{\"a\":1}", Timestamp::Now));
    while client.stats().accepted == 0 {
        std::thread::yield_now();
    }
    assert_eq!(client.close(Duration::from_millis(10)).unwrap_err().status(), Status::Timeout);
    assert_eq!(exporter.join().unwrap().unwrap_err().status(), Status::Closed);
}

#[test]
fn records_for_a_fleet_name_their_main_context_and_the_nanosecond() {
    for (precision, unit) in [("s", 0), ("ms", 1_000_000), ("ns", 1)] {
        let client = client(&[("arc_id", "true"), ("time_precision", precision), ("event_id", "true")]);
        client.set_globals(Some(br#"{"env": "test"}"#)).unwrap();
        let context = client.context(Some("CLASS"), Some("c"), Timestamp::Now).unwrap();
        let sub = context.sub(Some("SUB"), Some("s.t")).unwrap();
        sub.export_json(br#"{"a":1}"#, Timestamp::Now).unwrap();
        sub.export_json(br#"{"a":2}"#, Timestamp::At(1_600_000_000)).unwrap();
        client.flush(Duration::from_secs(10)).unwrap();
        let mut taken = 0;
        while let Ok(text) = client.take_with(|json| (true, json.to_owned())) {
            let record: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(record["arc_id"], "c");
            let names: Vec<&str> =
                text.match_indices("\":").filter_map(|(end, _)| text[..end].rsplit('"').next()).collect();
            let expected =
                ["user_id", "context", "arc_id", "message", "export_timestamp", "time_unix_nano", "event_id"];
            let expected = expected.into_iter().filter(|name| *name != "time_unix_nano" || unit > 0);
            let others = ["MONA_ARC_CLASS", "MONA_GLOBALS", "env", "a"];
            assert!(names.into_iter().filter(|name| !others.contains(name)).eq(expected), "{text}");
            let stamp = record["export_timestamp"].as_i64().unwrap();
            let nanoseconds = record["time_unix_nano"].as_i64();
            assert_eq!(nanoseconds.is_some(), unit > 0, "{text}");
            if let Some(nanoseconds) = nanoseconds {
                assert_eq!((nanoseconds / 1_000_000_000, nanoseconds % unit), (stamp, 0), "{text}");
                assert!(stamp != 1_600_000_000 || nanoseconds % 1_000_000_000 == 0, "{text}");
            }
            taken += 1;
        }
        assert_eq!(taken, 5);
    }
}

#[test]
fn a_given_time_of_this_very_second_has_no_fraction() {
    let client = client(&[("time_precision", "ns")]);
    let context = client.context(None, Some("c"), Timestamp::Now).unwrap();
    // A second may end between the look at the clock and the export.
    let is_whole = (0..10).any(|_| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        context.export_json(br#"{"a":1}"#, Timestamp::At(i64::try_from(now).unwrap())).unwrap();
        client.flush(Duration::from_secs(10)).unwrap();
        let text = client.take_with(|json| (true, json.to_owned())).unwrap();
        text.ends_with(&format!(r#""export_timestamp":{now},"time_unix_nano":{now}000000000}}"#))
    });
    assert!(is_whole);
}
