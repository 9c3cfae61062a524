//! The four checks that every delivery test ends with, and the events they can be made on.
//!
//! An event tells who sent it, its number and a checksum over both and its filling, so that a record
//! proves by itself that it arrived as it was sent. Clients under test run with `event_id`, which lets
//! the checks remove the duplicates that at-least-once delivery may bring.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use crate::native::{Client, Context, Stats, Status};
use mona_collector::{FaultCollector, Record};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Options of a client that is tested for delivery: duplicates can be told, faults are got over fast. An acknowledgement
/// that a busy machine brings late is not missing yet: tests count connections and copies.
pub const QUICK: [(&str, &str); 5] = [
    ("event_id", "true"),
    ("flush_interval_ms", "5"),
    ("retry_initial_ms", "10"),
    ("retry_max_ms", "100"),
    ("ack_timeout_ms", "5000"),
];

/// A client for this endpoint with the quick options and some more; later ones win.
///
/// # Panics
/// When an option is refused.
pub fn client(endpoint: &str, more: &[(&str, &str)]) -> Client {
    crate::native::load_release();
    let mut options = vec![("endpoint", endpoint)];
    options.extend(QUICK);
    options.extend(more);
    Client::new(&options)
        .unwrap_or_else(|status| panic!("{options:?}: status {status}, {}", crate::native::last_error()))
}

/// A context without a class on a client without globals, so that every record is one of [`event`].
///
/// # Panics
/// When it cannot be opened.
pub fn context(client: &Client) -> Context {
    client.context(None, None).unwrap_or_else(|status| panic!("context: status {status}"))
}

/// The text of event `n` of `who`, with `filling` bytes besides.
pub fn event(who: &str, n: u64, filling: usize) -> String {
    let check = checksum(who, n, filling);
    format!(r#"{{"who":"{who}","n":{n},"filling":"{}","check":{check}}}"#, "x".repeat(filling))
}

/// What event `n` of `who` with that much filling carries as its `check`.
pub(crate) fn checksum(who: &str, n: u64, filling: usize) -> u32 {
    // FNV-1a: a few lines, and enough to notice a record that was cut or mixed up.
    let bytes = who.bytes().chain(n.to_le_bytes()).chain((filling as u64).to_le_bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Exports this range of events of `who` and gives how many were accepted.
///
/// # Panics
/// When an export answers anything but OK.
pub fn export(context: &Context, who: &str, range: std::ops::Range<u64>, filling: usize) -> u64 {
    for n in range.clone() {
        assert_eq!(context.export(&event(who, n, filling), 0.0), Ok::<(), Status>(()), "event {n} of {who}");
    }
    range.end - range.start
}

/// The numbers that arrived from each sender, duplicates removed, in order of first arrival.
pub type Arrived = BTreeMap<String, Vec<u64>>;

/// Reads records that were made by [`event`]: every payload is whole, and no number comes under two ids.
///
/// # Panics
/// When a payload is not as it was sent, or a number arrived as two different events.
pub fn arrived(records: &[Record]) -> Arrived {
    let mut ids = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut arrived = Arrived::new();
    for record in records {
        let message = &record.record["message"];
        let (who, n) = read(message);
        let id =
            record.record["event_id"].as_str().unwrap_or_else(|| panic!("no event_id: {}", record.record));
        let fresh = ids.insert(id.to_owned());
        assert_eq!(fresh, seen.insert((who.clone(), n)), "{who} {n}: one number, two event ids ({id})");
        if fresh {
            arrived.entry(who).or_default().push(n);
        }
    }
    arrived
}

fn read(message: &Value) -> (String, u64) {
    let who = message["who"].as_str().unwrap_or_else(|| panic!("no sender: {message}"));
    let n = message["n"].as_u64().unwrap_or_else(|| panic!("no number: {message}"));
    let filling = message["filling"].as_str().unwrap_or_else(|| panic!("no filling: {message}"));
    assert!(filling.bytes().all(|byte| byte == b'x'), "{who} {n}: the filling changed");
    assert_eq!(message["check"], checksum(who, n, filling.len()), "{who} {n}: the payload changed");
    (who.to_owned(), n)
}

/// The checks at the end of a test with a fault collector; the client has been flushed or closed.
///
/// # Panics
/// When one of them does not hold.
pub fn check(client: &Client, collector: &FaultCollector) -> (Stats, Arrived) {
    let stats = client.stats();
    assert!(stats.balanced(), "the counters do not add up: {stats:?}");
    let arrived = arrived(&collector.records());
    let unique = arrived.values().map(Vec::len).sum::<usize>() as u64;
    let ledger = collector.ledger();
    assert!(ledger.conflicts().is_empty(), "{:?}", ledger.conflicts());
    assert_eq!(ledger.totals.records_without_id, 0);
    for chunk in ledger.chunks.iter().filter(|chunk| chunk.mode.is_forward()) {
        assert_eq!(chunk.size, Some(chunk.count as u64), "the option size of chunk {:?}", chunk.id);
    }
    assert_eq!(ledger.unique_events(), unique, "the collector's ledger and the records disagree");
    // A client gives a connection up after a fault; that it sent something unreadable would be its own.
    let complaints = collector.complaints();
    let unread: Vec<_> = complaints.iter().filter(|said| !is_end(said)).collect();
    assert!(unread.is_empty(), "the collector could not read what it got: {unread:?}");
    assert!(unique >= stats.delivered, "{} delivered by the counters, {unique} arrived", stats.delivered);
    assert!(unique <= stats.accepted, "{} accepted, {unique} arrived", stats.accepted);
    (stats, arrived)
}

/// Whether a complaint of the collector is about how a connection ended.
fn is_end(complaint: &str) -> bool {
    complaint.contains(": the peer ") || complaint.contains(": the connection ended ")
}

/// The same, where nothing may be lost: everything accepted is delivered.
///
/// # Panics
/// When one of the checks does not hold or an event is missing.
pub fn check_all_delivered(client: &Client, collector: &FaultCollector, sent: u64) -> Stats {
    let (stats, arrived) = check(client, collector);
    assert_eq!(stats.accepted, sent, "accepted: {stats:?}");
    assert_eq!(stats.delivered, sent, "delivered: {stats:?}");
    assert_eq!(arrived.values().map(Vec::len).sum::<usize>() as u64, sent, "arrived: {stats:?}");
    stats
}
