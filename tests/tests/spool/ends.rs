//! The end of a client and of a process, and who comes after it.

use super::*;
use mona_collector::Step;
use mona_tests::{Program, run};

#[test]
fn a_close_leaves_the_rest_on_disk_and_the_next_client_sends_it() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..5000, 50);
    assert_eq!(client.close(100), Ok(()));
    let stats = balanced(&client);
    assert_eq!((stats.spooled_events, stats.queued_events, stats.dropped()), (5000, 0, 0), "{stats:?}");
    drop(client);
    assert_eq!(place.instances().len(), 1);
    place.collector.resume().unwrap();
    let next = place.client(&[]);
    let stats = wait_for(&next, |stats| stats.delivered == 5000);
    assert_eq!((stats.accepted, stats.adopted_events), (5000, 5000), "{stats:?}");
    place.expect(&["main"], 5000);
    assert_eq!(next.close(LONG_MS), Ok(()));
    assert!(place.instances().is_empty(), "{:?}", place.instances());
}

#[test]
fn what_was_in_flight_goes_to_disk_before_what_came_later() {
    let place = Place::new(Step::AcceptNoRead);
    let client = place.client(&[("ack_timeout_ms", "60000"), ("io_timeout_ms", "60000")]);
    let context = context(&client);
    export(&client, &context, "main", 0..10, 20);
    wait_for(&client, |stats| stats.chunks_sent > 0);
    export(&client, &context, "main", 10..10_000, 50);
    assert_eq!(client.close(100), Ok(()));
    assert_eq!(balanced(&client).spooled_events, 10_000);
    place.collector.set_script(Script::normal());
    let next = place.client(&[]);
    wait_for(&next, |stats| stats.delivered == 10_000);
    place.expect(&["main"], 10_000);
}

#[test]
fn a_close_delivers_what_is_on_disk_while_there_is_time() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..20_000, 50);
    wait_for(&client, |stats| stats.spooled_events > 10_000);
    place.collector.resume().unwrap();
    assert_eq!(client.close(LONG_MS), Ok(()));
    let stats = balanced(&client);
    assert_eq!((stats.delivered, stats.spooled_events), (20_000, 0), "{stats:?}");
    place.expect(&["main"], 20_000);
    assert!(place.instances().is_empty(), "{:?}", place.instances());
}

#[test]
fn adopted_events_and_fresh_ones_take_turns() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "old", 0..20_000, 50);
    assert_eq!(client.close(100), Ok(()));
    drop(client);
    place.collector.resume().unwrap();
    let next = place.client(&[]);
    let context = context(&next);
    wait_for(&next, |stats| stats.adopted_events == 20_000);
    export(&next, &context, "new", 0..20_000, 50);
    let stats = wait_until_empty(&next);
    assert_eq!((stats.delivered, stats.adopted_events), (40_000, 20_000), "{stats:?}");
    place.expect(&["new", "old"], 20_000);
}

#[test]
fn a_live_client_keeps_its_own() {
    let place = Place::away();
    let first = place.client(&[]);
    export(&first, &context(&first), "first", 0..5000, 50);
    wait_for(&first, |stats| stats.spooled_events > 1000);
    let second = place.client(&[]);
    export(&second, &context(&second), "second", 0..5000, 50);
    wait_for(&second, |stats| stats.spooled_events > 1000);
    place.collector.resume().unwrap();
    for client in [&first, &second] {
        let stats = wait_until_empty(client);
        assert_eq!((stats.delivered, stats.adopted_events), (5000, 0), "{stats:?}");
    }
    place.expect(&["first", "second"], 5000);
}

/// What is in flight is what a spool that is full loses first, and memory still has it: whatever becomes of that, the
/// counters say what a later process finds.
#[test]
fn a_close_counts_what_is_on_disk_and_nothing_else() {
    for chunk_bytes in ["16384", "1048576"] {
        let place = Place::new(Step::AcceptNoRead);
        let client = place.client(&[
            ("spool_bytes", "4194304"),
            ("chunk_bytes", chunk_bytes),
            ("ack_timeout_ms", "60000"),
            ("io_timeout_ms", "60000"),
        ]);
        export(&client, &context(&client), "main", 0..100_000, 100);
        let stats = wait_for(&client, |stats| stats.dropped_spool > 0);
        assert!(stats.chunks_sent > 0, "nothing is in flight: {stats:?}");
        assert_eq!(client.close(100), Ok(()));
        let stats = balanced(&client);
        assert_eq!((stats.queued_events, stats.delivered), (0, 0), "{stats:?}");
        assert_eq!(stats.dropped(), stats.dropped_spool, "{stats:?}");
        assert_eq!(stats.spooled_events, place.events_on_disk(), "{stats:?}");
        drop(client);
        place.collector.set_script(Script::normal());
        let next = place.client(&[]);
        let next = wait_for(&next, |next| next.delivered == stats.spooled_events);
        assert_eq!((next.adopted_events, next.dropped()), (stats.spooled_events, 0), "{next:?}");
        assert_eq!(place.collector.ledger().unique_events(), stats.spooled_events);
    }
}

/// A program that returns from `main`, with nobody there, and with somebody who reads nothing.
#[test]
fn a_process_that_exits_leaves_the_rest_on_disk() {
    let program = Program::c("tests/c/life_cycle/exit_without_close.c").build().unwrap();
    for script in [None, Some(Step::AcceptNoRead)] {
        let place = Place::new(script.map_or_else(Script::normal, Script::from));
        if script.is_none() {
            place.collector.pause().unwrap();
        }
        for _ in 0..5 {
            let mut command = program.command();
            command.arg("1000").env("MONA_ENDPOINT", place.collector.endpoint());
            command.env("MONA_SPOOL_DIR", place.spool()).env("MONA_EVENT_ID", "true");
            command.env("MONA_EXIT_FLUSH_MS", "100");
            run(&mut command, LONG).unwrap().expect_ok().unwrap();
        }
        assert!(!place.instances().is_empty());
        place.collector.set_script(Script::normal());
        if script.is_none() {
            place.collector.resume().unwrap();
        }
        let client = place.client(&[]);
        let stats = wait_for(&client, |stats| stats.delivered == 5000);
        assert_eq!((stats.adopted_events, stats.dropped()), (5000, 0), "{stats:?}");
        let seen = place.collector.ledger();
        assert_eq!((seen.unique_events(), seen.duplicates()), (5000, 0));
        assert_eq!(client.close(LONG_MS), Ok(()));
        assert!(place.instances().is_empty(), "{:?}", place.instances());
    }
}
