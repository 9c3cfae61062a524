//! Refusals without an answer: bad events go, and nothing else does.

use std::collections::{HashMap, HashSet};

use super::*;

/// 10 000 events with three bad ones among them.
fn mixed() -> Vec<String> {
    let mut events = numbered(10_000);
    for (n, at) in [(0, 17), (1, 5_000), (2, 5_001)] {
        events[at] = format!("bad{n}");
    }
    events
}

fn good(events: &[String]) -> Vec<String> {
    events.iter().filter(|event| !event.starts_with("bad")).cloned().collect()
}

/// Sends the mix to a collector that reacts to bad events like this; gives how long it took.
fn survives(bad: Reaction, more: &[(&str, &str)]) -> Duration {
    let reaction = bad.clone();
    let collector =
        Collector::new(true, move |events| if is_bad(events) { reaction.clone() } else { Reaction::Take });
    let rig = Rig::new(&[&collector], more);
    let events = mixed();
    let start = Instant::now();
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    let took = start.elapsed();
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_rejected), (9_997, 3));
    let mut taken = collector.taken();
    // Chunks behind one whose ack is missing were taken and come again.
    if bad == Reaction::Skip {
        taken.dedup();
    }
    check_same(&taken, &good(&events));
    took
}

#[test]
pub(super) fn three_bad_events_in_ten_thousand_cost_themselves_only() {
    survives(Reaction::Close, &[("chunk_bytes", "4096")]);
    survives(Reaction::Close, &[("chunk_bytes", "1000000")]);
    survives(Reaction::Close, &[("chunk_bytes", "1000000"), ("compress", "gzip")]);
}

#[test]
fn only_the_first_loss_waits() {
    // One pause spreads the clients of a lost collector; all further steps go without, or there would be
    // fifty pauses of half a second at the least; the rest is for a busy machine.
    let more = [("retry_initial_ms", "1000"), ("retry_max_ms", "60000"), ("chunk_bytes", "16384")];
    let took = survives(Reaction::Close, &more);
    assert!(took < Duration::from_secs(12), "{took:?}");
}

#[test]
#[ignore = "slow: make test-slow"]
pub(super) fn a_missing_ack_is_a_refusal_too() {
    // Behind a quarantined chunk comes another, so only the first losses wait for the time-out.
    let took = survives(Reaction::Skip, &[("ack_timeout_ms", "400"), ("chunk_bytes", "1000000")]);
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[test]
#[ignore = "slow: make test-slow"]
pub(super) fn many_bad_events_go_as_well() {
    let react = |events: &[String]| if is_bad(events) { Reaction::Close } else { Reaction::Take };
    let collector = Collector::new(true, react);
    let rig = Rig::new(&[&collector], &[]);
    let events: Vec<_> =
        (0..2000).map(|n| if n % 10 == 3 { format!("bad{n:06}") } else { format!("e{n:06}") }).collect();
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(rig.ledger().dropped_rejected, 200);
    check_same(&collector.taken(), &good(&events));
}

/// How often each event came on its own.
#[derive(Default)]
struct Alone {
    /// Chunks that were counted: counting all of them at every look would keep the collector from its work.
    looked_at: usize,
    counts: HashMap<String, usize>,
}

impl Alone {
    /// The most that an event came, of what the collector saw by now.
    fn most(&mut self, collector: &Collector) -> usize {
        let state = collector.state();
        for seen in state.seen.iter().skip(self.looked_at) {
            if let [event] = texts(&seen.body).as_slice() {
                *self.counts.entry(event.clone()).or_insert(0) += 1;
            }
        }
        self.looked_at = state.seen.len();
        self.counts.values().copied().max().unwrap_or_default()
    }
}

#[test]
pub(super) fn an_event_that_was_there_twice_when_a_collector_died_is_not_blamed() {
    let mut alone = 0;
    let collector = Collector::new(true, move |events| {
        if !is_bad(events) {
            return Reaction::Take;
        }
        alone += usize::from(events.len() == 1);
        if alone <= 2 { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[]);
    rig.export(["e1", "e2", "bad", "e4"]);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(rig.ledger().delivered, 4);
    assert_eq!(collector.taken(), ["bad", "e1", "e2", "e4"]);
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_collector_that_takes_nothing_costs_no_event() {
    // Chunks without events may get through, which proves nothing.
    for (takes_empty, count) in [(false, 3000), (true, 3000), (true, 100)] {
        let collector = Collector::new(true, move |events| {
            if takes_empty && events.is_empty() { Reaction::Take } else { Reaction::Close }
        });
        let rig = Rig::new(&[&collector], &[("chunk_bytes", "1024"), ("retry_max_ms", "2")]);
        let events = numbered(count);
        rig.export(&events);
        // Far more often than it would take to give an event up.
        let mut alone = Alone::default();
        wait_until_true("attempts", || match takes_empty {
            true => alone.most(&collector) > 8,
            false => collector.attempts() > 300,
        });
        rig.check_balance();
        assert_eq!(rig.ledger(), Ledger::default());
        // Most of the queue stays free to move: four chunks and one in parts, of 128 events each.
        let state = collector.state();
        let shown: HashSet<_> = state.seen.iter().flat_map(|seen| texts(&seen.body)).collect();
        drop(state);
        assert!(shown.len() <= 5 * 128, "{}", shown.len());
        collector.react(|_| Reaction::Take);
        assert!(rig.settles_within(LONG));
        assert_eq!(rig.ledger().delivered, count as u64);
        check_same(&collector.taken(), &events);
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_collector_that_takes_nothing_is_not_pestered() {
    let collector =
        Collector::new(true, |events| if events.is_empty() { Reaction::Take } else { Reaction::Close });
    let more = [("retry_initial_ms", "100"), ("retry_max_ms", "100"), ("chunk_bytes", "1024")];
    let rig = Rig::new(&[&collector], &more);
    rig.export(numbered(3000));
    assert!(!rig.settles_within(Duration::from_secs(2)));
    // A pause is 50 ms on average, and after each the collector may be asked a few times.
    assert!(collector.attempts() < 200, "{} attempts in two seconds", collector.attempts());
}

#[test]
pub(super) fn a_collector_that_keeps_dying_costs_no_event() {
    // Every seventh chunk kills it, whatever is in it.
    let mut count = 0;
    let collector = Collector::new(true, move |_| {
        count += 1;
        if count % 7 == 0 { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[("chunk_bytes", "1024")]);
    let events = numbered(5000);
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(rig.ledger().delivered, 5000);
    check_same(&collector.taken(), &events);
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_lone_bad_event_stays_until_something_else_gets_through() {
    let react = |events: &[String]| if is_bad(events) { Reaction::Close } else { Reaction::Take };
    let collector = Collector::new(true, react);
    let rig = Rig::new(&[&collector], &[("retry_initial_ms", "20"), ("retry_max_ms", "60000")]);
    rig.export(["bad"]);
    assert!(!rig.settles_within(Duration::from_millis(700)));
    assert_eq!(rig.ledger(), Ledger::default());
    // Its pauses are its own: what comes now is not held up.
    rig.export(["e1"]);
    wait_until_true("delivery", || rig.ledger().delivered == 1);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(rig.ledger().dropped_rejected, 1);
}

#[test]
pub(super) fn order_survives_a_lost_connection() {
    let mut count = 0;
    let collector = Collector::new(true, move |_| {
        count += 1;
        if count == 3 || count == 8 { Reaction::Close } else { Reaction::Take }
    });
    let rig = Rig::new(&[&collector], &[("chunk_bytes", "1024")]);
    let events = numbered(5000);
    rig.export(&events);
    assert!(rig.settles_within(LONG));
    check_same(&collector.state().taken, &events);
}
