//! The byte-exact frames of the older client: the record's map is the same when it comes from libmona.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::ledger;
use serde_json::Value;

/// A frame is `[tag, time, record]`: one byte, then a tag of 1 + 19 bytes, then a time of 5 bytes.
const BEFORE_RECORD: usize = 1 + 20 + 5;

#[test]
fn records_are_the_same_bytes() {
    let frames: Value = serde_json::from_str(include_str!("../conformance/golden-frames.json")).unwrap();
    let frames = frames.as_array().unwrap();
    assert_eq!(frames.len(), 5);
    for (index, frame) in frames.iter().enumerate() {
        let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
        let record = &frame["record"];
        let user_id = record["user_id"].as_str().unwrap();
        let client = ledger::client(&collector.endpoint(), &[("event_id", "false"), ("user_id", user_id)]);
        let id = record["context"].as_str();
        // 0 would mean now; anything below a second is cut to 0.
        let timestamp = match record["export_timestamp"].as_f64().unwrap() {
            0.0 => 0.5,
            seconds => seconds,
        };
        match record["message"]["MONA_ARC_CLASS"].as_str() {
            Some(class) => drop(client.context_at(Some(class), id, timestamp).unwrap()),
            None => {
                let context = client.context(None, id).unwrap();
                assert_eq!(context.export(&record["message"].to_string(), timestamp), Ok(()));
            }
        }
        assert_eq!(client.flush(120_000), Ok(()));
        let records = collector.records();
        assert_eq!(records.len(), 1);
        let golden = bytes(frame["hex"].as_str().unwrap());
        assert_eq!(records[0].raw, golden[BEFORE_RECORD..], "frame {index}: {record}");
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
