//! What real collectors do, met with the options that users have.

use super::*;

/// A collector that has no room for this long from its first chunk on. What needs none it acknowledges, or not.
fn full_for(time: Duration, takes_empty: bool) -> Arc<Collector> {
    let mut free_at = None;
    Collector::new(true, move |events| {
        let now = Instant::now();
        let is_full = now < *free_at.get_or_insert(now + time);
        if is_full && !(takes_empty && events.is_empty()) { Reaction::Close } else { Reaction::Take }
    })
}

/// A collector that closes on a chunk of more than this many bytes.
fn limited_to(most: usize) -> Arc<Collector> {
    Collector::new(true, move |events| match events.iter().map(String::len).sum::<usize>() {
        size if size > most => Reaction::Close,
        _ => Reaction::Take,
    })
}

/// Events with so much in them that 20 200 are a dozen chunks.
fn filled(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("e{n:06}{}", "x".repeat(140))).collect()
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_storage_that_was_full_gets_everything_within_ten_seconds() {
    const FULL: Duration = Duration::from_secs(15);
    std::thread::scope(|scope| {
        for takes_empty in [true, false] {
            scope.spawn(move || {
                let collector = full_for(FULL, takes_empty);
                let rig = Rig::with(&[&collector], &[]);
                let events = filled(20_200);
                rig.export(&events);
                assert!(!rig.settles_within(FULL), "it is full");
                assert!(rig.settles_within(Duration::from_secs(10)), "{takes_empty}: {:?}", rig.ledger());
                assert_eq!(rig.ledger().delivered, 20_200);
                check_same(&collector.taken(), &events);
            });
        }
    });
}

#[test]
fn chunks_over_a_limit_arrive_in_parts() {
    let collector = limited_to(128 << 10);
    let rig = Rig::with(&[&collector], &[]);
    let events = filled(20_200);
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(rig.ledger().delivered, 20_200);
    check_same(&collector.taken(), &events);
}

#[test]
fn events_over_a_limit_cost_themselves_only() {
    let collector = limited_to(150 << 10);
    let rig = Rig::with(&[&collector], &[]);
    let mut events = filled(20_200);
    for (n, event) in events.iter_mut().enumerate().filter(|(n, _)| n % 2020 == 1000) {
        *event = format!("e{n:06}{}", "x".repeat(200 << 10));
    }
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_rejected), (20_190, 10));
    events.retain(|event| event.len() < 1000);
    check_same(&collector.taken(), &events);
}

#[test]
#[ignore = "slow: make test-slow"]
fn what_is_refused_whole_does_not_keep_the_rest_back() {
    // Nothing of the first chunks is ever taken, so only other events can show that the collector serves.
    for takes_empty in [true, false] {
        let collector = Collector::new(true, move |events| match events.is_empty() {
            true if !takes_empty => Reaction::Close,
            _ if is_bad(events) => Reaction::Close,
            _ => Reaction::Take,
        });
        let rig = Rig::with(&[&collector], &[("chunk_bytes", "1024")]);
        rig.export((0..200).map(|n| format!("bad{n:06}")));
        let events = numbered(5000);
        rig.export(&events);
        wait_until_true("the others", || rig.ledger().delivered == 5000);
        check_same(&collector.taken(), &events);
        assert_eq!(rig.ledger().dropped_rejected + rig.intake.look().2.events as u64, 200);
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_collector_that_works_is_not_punished_for_connections_that_break() {
    // Each connection ends after fifty chunks: with pauses that grow this would take minutes.
    let mut count = 0;
    let collector = Collector::new(true, move |_| {
        count += 1;
        if count % 50 == 0 { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::with(&[&collector], &[("chunk_bytes", "1024")]);
    let events = numbered(100_000);
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(rig.ledger().delivered, 100_000);
    check_same(&collector.taken(), &events);
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_collector_that_dies_after_each_chunk_is_not_called_in_a_tight_loop() {
    let mut count = 0;
    let collector = Collector::new(true, move |_| {
        count += 1;
        if count % 2 == 0 { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::with(&[&collector], &[("chunk_bytes", "1024"), ("retry_initial_ms", "200")]);
    rig.export(numbered(2000));
    wait_until_true("some connections", || collector.attempts() >= 10);
    let attempts = collector.state().attempts.clone();
    let pauses = attempts.windows(2).map(|pair| pair[1] - pair[0]);
    // Nine pauses of 100 ms on average: all below 20 ms by chance once in a billion runs.
    assert!(pauses.sum::<Duration>() > Duration::from_millis(180), "{attempts:?}");
}
