//! Collectors that flap, whose losses are no answer, and one that takes no chunk without events.

use super::*;

/// Exports events a few at a time, for as long as this; gives them.
fn export_for(rig: &Rig, time: Duration) -> Vec<String> {
    let (start, mut events) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let next: Vec<_> = (events.len()..events.len() + 20).map(|n| format!("e{n:06}")).collect();
        rig.export(&next);
        events.extend(next);
        std::thread::sleep(Duration::from_millis(2));
    }
    events
}

fn costs_no_event(rig: &Rig, collector: &Collector, events: &[String]) {
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_rejected), (events.len() as u64, 0));
    check_same(&collector.taken(), events);
}

#[test]
#[ignore = "slow: make test-slow"]
pub(super) fn every_third_connection_is_closed() {
    for chunks in [0, 1, 3] {
        let collector = Collector::new(true, |_| Reaction::Take);
        let (known, mut seen) = (Arc::downgrade(&collector), (0, 0));
        collector.react(move |_| {
            let attempts = known.upgrade().map_or(0, |collector| collector.attempts());
            seen = if seen.0 == attempts { (attempts, seen.1 + 1) } else { (attempts, 0) };
            // The other connections end as well, or there would be no third one.
            let most = if attempts % 3 == 0 { chunks } else { chunks + 20 };
            if seen.1 >= most { Reaction::Close } else { Reaction::Take }
        });
        let rig = Rig::new(&[&collector], &[]);
        let events = export_for(&rig, Duration::from_millis(600));
        costs_no_event(&rig, &collector, &events);
    }
}

#[test]
#[ignore = "slow: make test-slow"]
pub(super) fn a_disk_is_full_for_moments() {
    // What needs no disk is acknowledged all the time.
    let start = Instant::now();
    let collector = Collector::new(true, move |events| {
        let is_full = start.elapsed().as_millis() % 350 < 5;
        if is_full && !events.is_empty() { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    let events = export_for(&rig, Duration::from_millis(1200));
    costs_no_event(&rig, &collector, &events);
}

#[test]
#[ignore = "slow: make test-slow"]
pub(super) fn what_is_refused_for_a_second_and_a_half_is_delivered_where_losses_are_no_answer() {
    let (mut wavering, mut refused_at) = (0_u32, None);
    let collector = Collector::new(true, move |events| {
        let now = Instant::now();
        let is_refused = events.iter().any(|event| match event.as_str() {
            "wavering" => {
                wavering += 1;
                wavering <= 2
            }
            "refused" => now < *refused_at.get_or_insert(now) + Duration::from_millis(1500),
            _ => false,
        });
        if is_refused { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    rig.export(["wavering"]);
    assert!(rig.settles_within(LONG));
    rig.export(["refused"]);
    // Others get through all the while, so nothing but time keeps the event from being given up.
    let mut events = export_for(&rig, Duration::from_millis(2500));
    events.extend(["refused".to_owned(), "wavering".to_owned()]);
    costs_no_event(&rig, &collector, &events);
}

#[test]
pub(super) fn a_bad_event_goes_all_the_same_and_holds_up_nothing() {
    let mut count = 0;
    let collector = Collector::new(true, move |events| {
        count += 1;
        if is_bad(events) || count % 50 == 0 { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    let mut events = export_for(&rig, Duration::from_millis(500));
    rig.export(["e1", "bad", "e2"]);
    wait_until_true("a trial", || collector.state().seen.iter().any(|seen| texts(&seen.body) == ["bad"]));
    let before = rig.ledger().delivered;
    let more: Vec<_> = (0..100).map(|n| format!("f{n:06}")).collect();
    rig.export(&more);
    wait_until_true("delivery", || rig.ledger().delivered >= before + 100);
    events.extend(["e1".to_owned(), "e2".to_owned()]);
    events.extend(more);
    events.sort();
    let end = Instant::now() + LONG;
    while !rig.settles_within(Duration::from_millis(100)) {
        assert!(Instant::now() < end, "{:?}", rig.ledger());
        rig.export(["g"]);
        events.push("g".to_owned());
    }
    assert_eq!(rig.ledger().dropped_rejected, 1);
    check_same(&collector.taken(), &events);
}

#[test]
fn chunks_without_events_are_refused_too() {
    let react = |events: &[String]| match events.iter().map(String::len).sum::<usize>() {
        1..=140 => Reaction::Take,
        _ => Reaction::Close,
    };
    let collector = Collector::new(true, react);
    let rig = Rig::new(&[&collector], &[("chunk_bytes", "1024")]);
    let events = numbered(1000);
    rig.export(&events);
    costs_no_event(&rig, &collector, &events);
}
