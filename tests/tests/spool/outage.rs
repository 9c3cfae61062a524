//! A collector that is away, slow or silent while the process lives.

use super::*;
use mona_collector::Step;

#[test]
fn what_memory_cannot_hold_waits_on_disk_and_arrives_once_and_in_order() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..20_000, 50);
    let stats = wait_for(&client, |stats| stats.spooled_events > 10_000);
    assert_eq!((stats.dropped(), stats.adopted_events), (0, 0), "{stats:?}");
    assert!(stats.spooled_bytes > 50 * stats.spooled_events, "{stats:?}");
    place.collector.resume().unwrap();
    let stats = wait_until_empty(&client);
    assert_eq!((stats.accepted, stats.delivered, stats.spooled_bytes), (20_000, 20_000, 0), "{stats:?}");
    place.expect(&["main"], 20_000);
    assert_eq!(client.close(LONG_MS), Ok(()));
    assert!(place.instances().is_empty(), "{:?}", place.instances());
}

#[test]
fn the_order_of_each_thread_stays_through_outages() {
    let place = Place::away();
    let client = place.client(&[]);
    let context = context(&client);
    std::thread::scope(|scope| {
        for who in ["a", "b", "c"] {
            let (client, context) = (&client, &context);
            scope.spawn(move || {
                for part in 0..40 {
                    export(client, context, who, part * 250..(part + 1) * 250, 100);
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
        }
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(30));
            place.collector.resume().unwrap();
            std::thread::sleep(Duration::from_millis(30));
            place.collector.pause().unwrap();
        }
        place.collector.resume().unwrap();
    });
    let stats = wait_until_empty(&client);
    assert_eq!(stats.delivered, 30_000, "{stats:?}");
    let arrived = place.arrived();
    for (who, numbers) in &arrived {
        assert_eq!(numbers.len(), 10_000, "{who}");
        // A chunk that was on its way when the collector went may come once more; its first arrival counts.
        assert!(numbers.is_sorted(), "{who}");
    }
}

#[test]
fn a_collector_that_reads_nothing_costs_no_event() {
    let place = Place::new(Step::AcceptNoRead);
    let client = place.client(&[("io_timeout_ms", "60000"), ("ack_timeout_ms", "60000")]);
    let context = context(&client);
    std::thread::scope(|scope| {
        for who in ["a", "b"] {
            let (client, context) = (&client, &context);
            scope.spawn(move || export(client, context, who, 0..50_000, 100));
        }
    });
    let stats = balanced(&client);
    assert_eq!((stats.accepted, stats.dropped()), (100_000, 0), "{stats:?}");
    assert!(stats.spooled_events > 90_000, "{stats:?}");
    assert_eq!(client.close(100), Ok(()));
    let stats = balanced(&client);
    assert_eq!((stats.spooled_events, stats.queued_events), (100_000, 0), "{stats:?}");
}

#[test]
fn a_flush_answers_when_all_is_delivered_or_on_disk() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..100, 20);
    assert_eq!(client.flush(600), Ok(()));
    let stats = balanced(&client);
    assert_eq!((stats.spooled_events, stats.queued_events, stats.delivered), (100, 0, 0), "{stats:?}");
    place.collector.resume().unwrap();
    wait_until_empty(&client);
    place.expect(&["main"], 100);
}

#[test]
fn with_chunk_everything_is_on_disk_before_it_is_sent() {
    let place = Place::new(Step::AcceptNoRead);
    let client = place.client(&[("spool_sync", "chunk"), ("ack_timeout_ms", "60000")]);
    let context = context(&client);
    export(&client, &context, "main", 0..1000, 20);
    let stats = wait_for(&client, |stats| stats.queued_events == 0);
    assert_eq!(stats.spooled_events, 1000);
    place.collector.set_script(Script::normal());
    place.collector.pause().unwrap();
    place.collector.resume().unwrap();
    wait_until_empty(&client);
    export(&client, &context, "main", 1000..5000, 20);
    let stats = wait_until_empty(&client);
    assert_eq!((stats.delivered, stats.dropped()), (5000, 0), "{stats:?}");
    assert_eq!(place.arrived()["main"], (0..5000).collect::<Vec<_>>());
    assert_eq!(client.close(LONG_MS), Ok(()));
    assert!(place.instances().is_empty(), "{:?}", place.instances());
}

#[test]
fn a_collector_that_keeps_up_leaves_the_disk_alone() {
    let place = Place::new(Script::normal());
    let client = place.client(&[("queue_bytes", "8388608"), ("chunk_bytes", "1048576")]);
    let context = context(&client);
    for n in 0..20 {
        export(&client, &context, "main", n * 100..(n + 1) * 100, 100);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(client.flush(LONG_MS), Ok(()));
    let files = place.instances().iter().flat_map(|path| std::fs::read_dir(path).unwrap()).count();
    assert_eq!(files, 0);
    place.expect(&["main"], 2000);
}
