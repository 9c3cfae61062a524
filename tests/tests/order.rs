//! The order of records, as docs/spec/behaviour.md states it: that of the calls for each thread, none between threads, but
//! for the numbers of `event_id`, which know what came before what.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test has to fail loudly")]

use mona_tests::native::{self, Client, status};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;

const THREADS: u64 = 4;
/// Enough for many chunks of the smallest size.
const EVENTS: u64 = 5000;

/// A client that keeps its records; nothing goes out before it has to.
fn client(options: &[(&str, &str)]) -> Client {
    native::load_release();
    let own =
        [("endpoint", "memory:"), ("event_id", "true"), ("flush_interval_ms", "60000"), ("log_level", "50")];
    Client::new(&[&own[..], options].concat()).unwrap()
}

/// Everything that was delivered, in the order of arrival: the message, and the number of its id.
fn arrived(client: &Client) -> Vec<(Value, u64)> {
    assert_eq!(client.flush(60_000), Ok(()));
    let mut found = Vec::new();
    while let Ok(record) = client.take() {
        let mut record: Value = serde_json::from_str(&record).unwrap();
        let number = record["event_id"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
        found.push((record["message"].take(), number));
    }
    found
}

#[test]
fn each_thread_keeps_the_order_of_its_calls() {
    let client = client(&[("chunk_bytes", "65536")]);
    let context = client.context(None, Some("one")).unwrap();
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for who in 0..THREADS {
            let (context, start) = (&context, &start);
            scope.spawn(move || {
                start.wait();
                for turn in 0..EVENTS {
                    assert_eq!(context.export(&format!("{{\"who\":{who},\"turn\":{turn}}}"), 0.0), Ok(()));
                }
            });
        }
    });
    let mut next: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    let records = arrived(&client);
    assert_eq!(records.len() as u64, THREADS * EVENTS);
    for (message, number) in records {
        let (turn, least) = next.entry(message["who"].as_u64().unwrap()).or_default();
        assert_eq!(message["turn"].as_u64(), Some(*turn), "{message}");
        assert!(number >= *least, "{message} has the number {number} behind {least}");
        (*turn, *least) = (*turn + 1, number + 1);
    }
}

#[test]
fn numbers_of_events_know_what_came_before_across_threads() {
    let client = client(&[]);
    let context = client.context(None, Some("one")).unwrap();
    let turn = AtomicU64::new(0);
    thread::scope(|scope| {
        let mut turns = Vec::new();
        let (back, done) = mpsc::channel();
        for who in 0..THREADS {
            let (give, take) = mpsc::channel::<()>();
            turns.push(give);
            let (context, turn, back) = (&context, &turn, back.clone());
            scope.spawn(move || {
                for () in take {
                    let turn = turn.fetch_add(1, Ordering::Relaxed);
                    assert_eq!(context.export(&format!("{{\"who\":{who},\"turn\":{turn}}}"), 0.0), Ok(()));
                    back.send(()).unwrap();
                }
            });
        }
        // One after the other, over all of them.
        for step in 0..100_usize {
            turns[step * 7 % turns.len()].send(()).unwrap();
            done.recv().unwrap();
        }
    });
    let mut records = arrived(&client);
    let turns = |records: &[(Value, u64)]| -> Vec<u64> {
        records.iter().map(|(message, _)| message["turn"].as_u64().unwrap()).collect()
    };
    let in_order: Vec<u64> = (0..100).collect();
    assert_ne!(turns(&records), in_order, "records of threads that took turns arrive by thread");
    records.sort_by_key(|(_, number)| *number);
    assert_eq!(turns(&records), in_order);
}

#[test]
fn a_class_may_come_behind_what_another_thread_sends_in_its_context() {
    let client = client(&[]);
    let (give, take) = mpsc::channel();
    let (back, done) = mpsc::channel();
    thread::scope(|scope| {
        let client = &client;
        scope.spawn(move || {
            // The first thread that sends anything.
            let own = client.context(None, Some("early")).unwrap();
            assert_eq!(own.export("{\"n\":0}", 0.0), Ok(()));
            back.send(()).unwrap();
            let shared: mona_tests::native::Context = take.recv().unwrap();
            assert_eq!(shared.export("{\"n\":1}", 0.0), Ok(()));
        });
        done.recv().unwrap();
        give.send(client.context(Some("class"), Some("shared")).unwrap()).unwrap();
    });
    let records = arrived(&client);
    let messages: Vec<_> = records.iter().map(|(message, _)| message.to_string()).collect();
    assert_eq!(messages, ["{\"n\":0}", "{\"n\":1}", "{\"MONA_ARC_CLASS\":\"class\"}"]);
    assert!(records[2].1 < records[1].1, "the number of the class is the lower one");
}

#[test]
fn a_flush_stands_between_all_threads() {
    let client = client(&[]);
    let context = client.context(None, Some("one")).unwrap();
    let export = |n: u64| assert_eq!(context.export(&format!("{{\"n\":{n}}}"), 0.0), Ok(()));
    for n in (0..20).step_by(2) {
        thread::scope(|scope| {
            scope.spawn(|| export(n));
        });
        assert_eq!(client.flush(60_000), Ok(()));
        export(n + 1);
        assert_eq!(client.flush(60_000), Ok(()));
    }
    let arrived: Vec<_> =
        arrived(&client).iter().map(|(message, _)| message["n"].as_u64().unwrap()).collect();
    assert_eq!(arrived, (0..20).collect::<Vec<u64>>());
    assert_eq!(client.take(), Err(status::NOT_FOUND));
}
