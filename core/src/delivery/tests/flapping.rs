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
fn every_third_connection_is_closed() {
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
        let events = export_for(&rig, Duration::from_secs(2));
        costs_no_event(&rig, &collector, &events);
    }
}

#[test]
fn a_disk_is_full_for_moments() {
    // What needs no disk is acknowledged all the time.
    let start = Instant::now();
    let collector = Collector::new(true, move |events| {
        let is_full = start.elapsed().as_millis() % 350 < 5;
        if is_full && !events.is_empty() { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    let events = export_for(&rig, Duration::from_secs(3));
    costs_no_event(&rig, &collector, &events);
}

#[test]
fn a_bad_event_goes_all_the_same_and_holds_up_nothing() {
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
    while !rig.settles_within(Duration::from_millis(100)) {
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
