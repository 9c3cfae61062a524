//! What an event may hold, as a collector sees it: numbers that are none, how deep it may be, and that the numbers are
//! the same whatever the host does to the processor's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::ledger;
use mona_tests::native::Client;
use mona_tests::{Program, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// Fluent Bit keeps no record with more levels, its own map included.
const MOST_LEVELS: usize = 62;
/// What `max_depth` is by default.
const MOST_DEPTH: usize = 60;

const OK: i32 = 0;
/// `MONA_E_LIMIT`.
const LIMIT: i32 = 7;

const NIL: u8 = 0xc0;
const FLOAT64: u8 = 0xcb;

/// What stands behind each key `n` of the records that a collector got.
fn numbers(options: &[(&str, &str)], send: impl Fn(&Client)) -> Vec<u8> {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let client = ledger::client(&collector.endpoint(), options);
    send(&client);
    assert_eq!(client.flush(120_000), Ok(()));
    let stats = client.stats();
    assert_eq!((stats.delivered, stats.dropped_rejected), (stats.accepted, 0));
    let records = collector.records();
    let behind = |raw: &[u8]| {
        raw.windows(3).filter(|bytes| bytes.starts_with(b"\xa1n")).map(|bytes| bytes[2]).collect::<Vec<u8>>()
    };
    records.iter().flat_map(|record| behind(&record.raw)).collect()
}

#[test]
fn nan_and_infinities_reach_a_collector_as_null() {
    for (options, sent) in [(&[][..], NIL), (&[("nonfinite", "ieee")], FLOAT64)] {
        let values = numbers(options, |client| {
            assert_eq!(client.set_globals(Some("{\"n\": -Infinity}")), Ok(()));
            let context = client.context(None, Some("c")).unwrap();
            for number in 0..4000 {
                let value = ["NaN", "Infinity", "-Infinity"][number % 3];
                let value = if number % 20 == 0 { value } else { "0.5" };
                assert_eq!(context.export(&format!("{{\"n\": {value}}}"), 0.0), Ok(()));
            }
            let nested = "[{\"message\": {\"list\": [{\"n\": NaN}], \"n\": 1.5}}]";
            assert_eq!(client.export_batch(nested).1, 1);
        });
        // The globals come once for each of the two contexts.
        let (nonfinite, finite) = (2 + 200 + 1, 3800 + 1);
        assert_eq!(values.len(), nonfinite + finite);
        let floats = values.iter().filter(|value| **value == FLOAT64).count();
        assert_eq!(floats, if sent == FLOAT64 { values.len() } else { finite });
        assert!(values.iter().all(|value| [sent, FLOAT64].contains(value)));
    }
}

#[test]
fn a_class_and_a_timestamp_that_are_no_numbers_are_null() {
    let values = numbers(&[], |client| {
        let text = "[{\"message\": {\"n\": 1.5}, \"arc_class\": [{\"n\": NaN}], \"export_timestamp\": [{\"n\": Infinity}]}]";
        assert_eq!(client.export_batch(text), (OK, 1));
    });
    assert_eq!(values, [NIL, NIL, FLOAT64, NIL]);
}

/// Arrays inside each other.
fn nest(levels: usize) -> String {
    format!("{}1{}", "[".repeat(levels), "]".repeat(levels))
}

/// How many containers of a text are inside each other at most; its strings have no brackets.
fn levels(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            _ => {}
        }
        most = most.max(open);
    }
    most
}

fn taken(client: &Client) -> Vec<String> {
    assert_eq!(client.flush(120_000), Ok(()));
    std::iter::from_fn(|| client.take().ok()).collect()
}

#[test]
fn the_deepest_record_is_one_that_collectors_keep() {
    let client = ledger::client("memory:", &[]);
    // The message is the first level, so are the globals.
    let (deepest, deeper) = (nest(MOST_DEPTH - 1), nest(MOST_DEPTH));
    let object = |value: &str| format!("{{\"n\": {value}}}");
    assert_eq!(client.set_globals(Some(&object(&deepest))), Ok(()));
    assert_eq!(client.set_globals(Some(&object(&deeper))), Err(LIMIT));
    let context = client.context(None, Some("c")).unwrap();
    assert_eq!(context.export(&object(&deepest), 0.0), Ok(()));
    // Twice: the second time the keys are known.
    for _ in 0..2 {
        assert_eq!(context.export(&object(&deeper), 0.0), Err(LIMIT));
        assert_eq!(context.export("{\"n\": 1}", 0.0), Ok(()));
    }
    let batch = format!(
        "[{{\"message\": {m}, \"arc_class\": {v}, \"export_timestamp\": {v}}}, {{\"message\": {d}}}, {{\"message\": {{\"n\": 2}}}}]",
        m = object(&deepest),
        v = deepest,
        d = object(&deeper)
    );
    assert_eq!(client.export_batch(&batch), (OK, 2));
    let records = taken(&client);
    let depths: Vec<usize> = records.iter().map(|record| levels(record)).collect();
    // Globals; the event, two after refused ones; class, globals and event of the batch; globals twice, one event.
    assert_eq!(depths, [62, 61, 2, 2, 61, 62, 61, 62, 62, 2]);
    assert_eq!(depths.iter().max(), Some(&MOST_LEVELS));
    let last: Value = serde_json::from_str(records.last().unwrap()).unwrap();
    assert_eq!(last["message"]["n"], 2);
    let stats = client.stats();
    assert_eq!((stats.accepted, stats.delivered), (10, 10));
}

#[test]
fn a_class_or_a_timestamp_that_is_too_deep_is_told_as_such() {
    let client = ledger::client("memory:", &[]);
    let deeper = nest(MOST_DEPTH);
    let text = format!("[{{\"message\": {{\"n\": 1}}, \"export_timestamp\": {deeper}}}]");
    assert_eq!(client.export_batch(&text), (OK, 1));
    let record: Value = serde_json::from_str(&taken(&client)[0]).unwrap();
    assert_eq!(record["message"]["MONA_INVALID_EXPORT_TIMESTAMP"], deeper.as_str());
    let text =
        format!("[{{\"message\": {{\"n\": 1}}, \"arc_class\": {deeper}}}, {{\"message\": {{\"n\": 2}}}}]");
    assert_eq!(client.export_batch(&text), (LIMIT, 1));
    assert_eq!(taken(&client).len(), 1);
}

/// Generous for one program on a loaded machine.
const TIME: Duration = Duration::from_secs(120);

#[test]
fn numbers_are_the_same_in_every_mode_of_the_host() {
    let program = Program::c("tests/c/values/float_modes.c").build().unwrap();
    let finished = run(&mut program.command(), TIME).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("ok\n", ""));
}

#[test]
fn http_bodies_are_the_same_in_every_mode_of_the_host() {
    let program = Program::c("tests/c/values/float_modes.c").build().unwrap();
    let collector = FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap();
    let mut command = program.command();
    command.arg("send").env("MONA_ENDPOINT", collector.endpoint());
    let finished = run(&mut command, TIME).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("ok\n", ""));
    // The messages of each mode, which have a context of their own.
    let mut modes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in collector.records() {
        let raw = String::from_utf8(record.raw).unwrap();
        let (before, after) = raw.split_once(r#""context":""#).unwrap();
        let (mode, after) = after.split_once('"').unwrap();
        let (message, _) = after.split_once(r#","export_timestamp""#).unwrap();
        assert!(before.contains("user_id"), "{raw}");
        modes.entry(mode.to_owned()).or_default().push(message.to_owned());
    }
    assert!(!modes.is_empty());
    let nearest = modes.get("m0").unwrap();
    assert!(nearest.len() >= 8, "{nearest:#?}");
    assert!(nearest.iter().any(|message| message.contains("0.30000000000000004")), "{nearest:#?}");
    for (mode, messages) in &modes {
        assert_eq!(messages, nearest, "{mode}");
    }
}
