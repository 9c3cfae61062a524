//! A spool that is full, or of no use, and events that nobody takes.

use super::*;
use mona_tests::native::log;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn what_is_over_the_quota_goes_the_oldest_first_and_is_counted() {
    let place = Place::away();
    let client = place.client(&[("spool_bytes", "8388608")]);
    export(&client, &context(&client), "main", 0..100_000, 200);
    let stats = wait_for(&client, |stats| stats.dropped_spool > 0);
    assert_eq!(stats.dropped(), stats.dropped_spool, "{stats:?}");
    place.collector.resume().unwrap();
    let stats = wait_until_empty(&client);
    assert_eq!(stats.delivered + stats.dropped_spool, 100_000, "{stats:?}");
    let arrived = &place.arrived()["main"];
    assert_eq!(arrived.len() as u64, stats.delivered);
    assert!(arrived.is_sorted() && arrived.last() == Some(&99_999));
}

#[test]
fn a_directory_that_others_may_write_is_refused_and_memory_takes_over() {
    let place = Place::new(Script::normal());
    std::fs::create_dir(place.spool()).unwrap();
    std::fs::set_permissions(place.spool(), std::fs::Permissions::from_mode(0o777)).unwrap();
    place.collector.pause().unwrap();
    let client = place.client(&[("queue_circular", "true"), ("queue_size", "1000"), ("log_level", "20")]);
    export(&client, &context(&client), "main", 0..3000, 20);
    let stats = balanced(&client);
    assert_eq!(stats.spooled_events, 0);
    assert!(stats.dropped_queue_full > 0 && stats.dropped() == stats.dropped_queue_full, "{stats:?}");
    assert!(place.instances().is_empty());
    place.collector.resume().unwrap();
    assert_eq!(client.flush(LONG_MS), Ok(()));
    let stats = balanced(&client);
    assert_eq!(stats.delivered + stats.dropped_queue_full, 3000, "{stats:?}");
    let lines: Vec<_> = log::take_all().into_iter().map(|(_, line)| line).collect();
    assert!(lines.iter().any(|line| line.contains(place.spool().to_str().unwrap())), "{lines:?}");
}

#[test]
fn events_that_nobody_takes_leave_the_disk_too() {
    let is_poison =
        |record: &serde_json::Value| matches!(record["message"]["n"].as_u64(), Some(10 | 5003 | 7007));
    let place = Place::serve(Service::forward().poison(is_poison), Script::normal());
    place.collector.pause().unwrap();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..10_000, 50);
    wait_for(&client, |stats| stats.spooled_events > 4000);
    place.collector.resume().unwrap();
    let stats = wait_until_empty(&client);
    assert_eq!((stats.delivered, stats.dropped_rejected), (9997, 3), "{stats:?}");
    assert_eq!(place.arrived()["main"].len(), 9997);
    assert_eq!(client.close(LONG_MS), Ok(()));
    assert!(place.instances().is_empty(), "{:?}", place.instances());
}

/// As a test run of a program whose spool is that of production.
#[test]
fn an_endpoint_that_forgets_leaves_alone_what_is_there() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..5000, 50);
    assert_eq!(client.close(100), Ok(()));
    drop(client);
    log::take_all();
    for endpoint in ["null:", "memory:"] {
        let client = place.client(&[("endpoint", endpoint), ("spool_sync", "chunk"), ("log_level", "30")]);
        export(&client, &context(&client), "other", 0..1000, 50);
        assert_eq!(client.flush(LONG_MS), Ok(()));
        let stats = balanced(&client);
        assert_eq!((stats.accepted, stats.adopted_events, stats.spooled_events), (1000, 0, 0), "{stats:?}");
        assert!(!client.describe().unwrap().contains("\"spool\":"));
        assert_eq!(client.close(LONG_MS), Ok(()));
        assert_eq!((place.events_on_disk(), place.instances().len()), (5000, 1), "{endpoint}");
        let lines: Vec<_> = log::take_all().into_iter().map(|(_, line)| line).collect();
        let told = |line: &&String| line.contains("\"spool_dir\"") && line.contains(endpoint);
        assert_eq!(lines.iter().filter(told).count(), 1, "{lines:?}");
    }
}

#[test]
fn what_cannot_be_taken_over_is_told_and_stays() {
    let place = Place::away();
    let client = place.client(&[]);
    export(&client, &context(&client), "main", 0..5000, 50);
    assert_eq!(client.close(100), Ok(()));
    drop(client);
    let instance = place.instances().remove(0);
    let open_to = |mode| std::fs::set_permissions(&instance, std::fs::Permissions::from_mode(mode)).unwrap();
    open_to(0o770);
    log::take_all();
    place.collector.resume().unwrap();
    let client = place.client(&[("log_level", "30")]);
    let mut lines = Vec::new();
    let end = Instant::now() + LONG;
    let told = |line: &String| line.contains(instance.to_str().unwrap()) && line.contains("mode 0700");
    while !lines.iter().any(told) {
        lines.extend(log::take_all().into_iter().map(|(_, line)| line));
        assert!(Instant::now() < end, "{lines:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!((balanced(&client).adopted_events, place.events_on_disk()), (0, 5000));
    open_to(0o700);
    assert_eq!(wait_for(&client, |stats| stats.delivered == 5000).adopted_events, 5000);
}
