//! What each cause of a error leads to.

use super::*;

#[test]
fn a_refusal_is_bisected_down_to_the_event() {
    let react = |events: &[String]| match is_bad(events) {
        true => Reaction::Answer(Cause::Refused),
        false => Reaction::Take,
    };
    let collector = Collector::new(false, react);
    let more = [("retry_initial_ms", "60000"), ("retry_max_ms", "60000")];
    let rig = Rig::new(&[&collector], &more);
    let mut events = numbered(1000);
    events[0] = "bad0".to_owned();
    events[700] = "bad1".to_owned();
    rig.export(&events);
    assert!(rig.settles_within(LONG), "a step waited");
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_rejected), (998, 2));
    events.retain(|event| !event.starts_with("bad"));
    check_same(&collector.state().taken, &events);
    assert_eq!(collector.attempts(), 1, "the connection stays");
}

#[test]
pub(super) fn too_large_a_chunk_is_halved_and_too_large_an_event_dropped() {
    let react = |events: &[String]| match events.iter().map(String::len).sum::<usize>() {
        26.. => Reaction::Answer(Cause::TooLarge),
        _ => Reaction::Take,
    };
    let collector = Collector::new(false, react);
    let rig = Rig::new(&[&collector], &[]);
    let mut events = numbered(500);
    events[123] = "a text that no chunk can hold".to_owned();
    rig.export(&events);
    assert!(rig.settles_within(LONG));
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_too_big, ledger.dropped_rejected), (499, 1, 0));
    events.remove(123);
    check_same(&collector.state().taken, &events);
    let ids: Vec<_> = collector.state().seen.iter().map(|seen| seen.id.clone()).collect();
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "halves have ids of their own");
}

#[test]
pub(super) fn what_was_taken_in_part_is_settled_in_part() {
    let react = |events: &[String]| {
        let bad = events.iter().enumerate().filter(|(_, event)| event.starts_with("bad"));
        // A place named twice or out of bounds counts once or not at all.
        Reaction::Partly(bad.flat_map(|(index, _)| [index, index, 9999]).collect())
    };
    let collector = Collector::new(false, react);
    let rig = Rig::new(&[&collector], &[]);
    rig.export(["e1", "bad1", "e2", "bad2", "e3"]);
    assert!(rig.settles_within(LONG));
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_rejected), (3, 2));
    assert_eq!(collector.taken(), ["e1", "e2", "e3"]);
}

#[test]
pub(super) fn a_collector_is_left_alone_for_as_long_as_it_asks() {
    let wish = Duration::from_millis(300);
    let mut count = 0;
    let collector = Collector::new(false, move |_| {
        count += 1;
        if count == 1 { Reaction::Answer(Cause::Busy { retry_after: Some(wish) }) } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    rig.export(["e1"]);
    // Somebody who is in a hurry does not change that.
    for _ in 0..20 {
        rig.control.flush();
        rig.intake.waker().wake();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(rig.settles_within(LONG));
    let seen = collector.state().seen.clone();
    assert_eq!(seen.len(), 2);
    assert!(seen[1].at - seen[0].at >= wish, "{:?}", seen[1].at - seen[0].at);
    assert_eq!((&seen[0].id, &seen[0].body), (&seen[1].id, &seen[1].body));
    assert_eq!(collector.attempts(), 1, "the connection stays");
}

#[test]
fn a_wrong_configuration_keeps_the_data() {
    let mut count = 0;
    let collector = Collector::new(false, move |_| {
        count += 1;
        if count <= 10 { Reaction::Answer(Cause::Configuration) } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    let events = numbered(100);
    rig.export(&events);
    assert!(rig.settles_within(LONG));
    assert_eq!(rig.ledger().delivered, 100);
    check_same(&collector.taken(), &events);
}

#[test]
#[ignore = "slow: make test-slow"]
pub(super) fn a_slow_collector_gets_each_chunk_a_bounded_number_of_times() {
    // Three times the time-out: the first attempts expire, the third is waited for.
    let collector = Collector::new(true, |_| Reaction::Late(Duration::from_millis(600)));
    let rig = Rig::new(&[&collector], &[("ack_timeout_ms", "200")]);
    rig.export(["e1"]);
    assert!(rig.settles_within(LONG));
    assert_eq!(rig.ledger().delivered, 1);
    assert_eq!(collector.state().taken.len(), 3);
    assert_eq!(collector.attempts(), 3);
}

#[test]
fn the_chunk_after_the_next_one_is_named_in_advance() {
    let collector = Collector::new(false, |_: &[String]| {
        std::thread::sleep(Duration::from_millis(1));
        Reaction::Take
    });
    let rig = Rig::new(&[&collector], &[("chunk_bytes", "1024")]);
    let events = numbered(5000);
    rig.export(&events);
    assert!(rig.settles_within(LONG));
    let state = collector.state();
    check_same(&state.taken, &events);
    assert!(state.prepared.len() > 10, "{} of {}", state.prepared.len(), state.seen.len());
    for (seen, id) in &state.prepared {
        assert_eq!(state.seen.get(seen + 1).map(|seen| &seen.id), Some(id));
    }
}
