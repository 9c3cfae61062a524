//! A collector that is killed and started again, three times in 100 000 events of a client with default options.
//!
//! What the client counts as delivered is in the file at every moment; at the end everything is. Copies may come, and
//! are told by their event id.

use std::thread;
use std::time::Duration;

use mona_tests::ledger;
use mona_tests::native::Client;
use mona_tests::reach::eventually;
use mona_tests::said;
use mona_tests::setup::Setup;

use super::{At, NO_QUEUE, Otel, QUEUE_THAT_WAITS};
use crate::LIMIT;

const EVENTS: u64 = 100_000;

/// Long enough for the retries of three outages, which wait for seconds by default.
const FLUSH_MS: u32 = 120_000;

/// Exports while there is room in the queue, which would drop the oldest event when it is full.
fn export(client: &Client, numbers: std::ops::Range<u64>) {
    let context = ledger::context(client);
    for n in numbers {
        if n.is_multiple_of(100) {
            let has_room = || client.stats().queued_bytes < 6 << 20;
            assert!(eventually(4 * LIMIT, has_room), "{:?}", client.stats());
        }
        assert_eq!(context.export(&ledger::event("main", n, 20), 0.0), Ok(()), "event {n}");
    }
}

fn all_are_stored(at: At, queue: &str) {
    let Some(mut otel) = Otel::start(at, queue) else { return };
    let client = Setup::DEFAULTS.client(&otel.endpoint, &[]);
    thread::scope(|scope| {
        scope.spawn(|| export(&client, 0..EVENTS));
        for kill in 1..4 {
            let delivered = || client.stats().delivered >= kill * EVENTS / 5;
            assert!(eventually(4 * LIMIT, delivered), "{:?}", client.stats());
            otel.kill();
            let delivered = client.stats().delivered;
            let stored = otel.stored().events.len() as u64;
            assert!(stored >= delivered, "{delivered} delivered, {stored} stored");
            thread::sleep(Duration::from_millis(300));
            otel.restart();
        }
    });
    assert_eq!(client.close(FLUSH_MS), Ok(()), "{:?} {:#?}", client.stats(), said::about(&otel.endpoint));
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!((stats.accepted, stats.delivered), (EVENTS, EVENTS), "{stats:?}");
    assert!(stats.connections >= 4, "{stats:?}");
    let stored = otel.stored();
    let mut numbers: Vec<u64> =
        stored.events.values().map(|entry| entry.body["n"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    println!("{} copies, {} torn lines, {stats:?}", stored.copies, stored.torn);
    assert!(numbers.iter().copied().eq(0..EVENTS), "{} of {EVENTS} are stored", numbers.len());
}

#[test]
fn otel_killed_three_times_over_tcp() {
    all_are_stored(At::Port, NO_QUEUE);
}

#[test]
fn otel_killed_three_times_over_a_unix_socket() {
    all_are_stored(At::Socket, QUEUE_THAT_WAITS);
}
