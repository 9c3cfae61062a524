//! Several endpoints, and who comes back when.

use super::*;

fn takes_all() -> Arc<Collector> {
    Collector::new(true, |_| Reaction::Take)
}

#[test]
pub(super) fn the_next_endpoint_gets_what_the_first_one_left() {
    let (first, second) = (takes_all(), takes_all());
    let rig = Rig::new(&[&first, &second], &[]);
    rig.export(["e1"]);
    assert!(rig.settles_within(LONG));
    assert_eq!((first.taken().len(), second.taken().len()), (1, 0));
    // The chunk is on its way when the collector goes.
    first.react(|_| Reaction::Skip);
    rig.export(["e2"]);
    wait_until_true("a chunk", || first.state().seen.len() == 2);
    first.set_down(true);
    assert!(rig.settles_within(LONG));
    assert_eq!(second.taken(), ["e2"]);
    let moved = second.state().seen[0].clone();
    let left = first.state().seen[1].clone();
    assert_eq!((moved.id, moved.body), (left.id, left.body));
}

#[test]
pub(super) fn the_first_choice_serves_again_when_it_is_back() {
    let (first, second) = (takes_all(), takes_all());
    first.set_down(true);
    let rig = Rig::new(&[&first, &second], &[]);
    rig.export(["e1"]);
    assert!(rig.settles_within(LONG));
    assert_eq!(second.taken(), ["e1"]);
    let before = first.attempts();
    wait_until_true("attempts while another one serves", || first.attempts() > before + 2);
    first.set_down(false);
    wait_until_true("the way back", || {
        rig.export(["e2"]);
        std::thread::sleep(Duration::from_millis(5));
        !first.taken().is_empty()
    });
    assert!(rig.settles_within(LONG));
    let count = second.state().taken.len();
    rig.export(["e3"]);
    assert!(rig.settles_within(LONG));
    assert_eq!(second.state().taken.len(), count);
}

#[test]
pub(super) fn an_endpoint_that_takes_nothing_is_left_for_one_that_does() {
    let first = Collector::new(true, |_| Reaction::Close);
    let second = takes_all();
    let rig = Rig::new(&[&first, &second], &[("chunk_bytes", "1024")]);
    let events = numbered(2000);
    for part in events.chunks(100) {
        rig.export(part);
        assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    }
    assert_eq!(rig.ledger().delivered, 2000);
    check_same(&second.taken(), &events);
}

#[test]
pub(super) fn bad_events_are_found_out_among_several_endpoints() {
    let react = |events: &[String]| if is_bad(events) { Reaction::Close } else { Reaction::Take };
    let collectors = [Collector::new(true, react), Collector::new(true, react)];
    let rig = Rig::new(&[&collectors[0], &collectors[1]], &[]);
    let mut events = numbered(3000);
    events[1234] = "bad".to_owned();
    rig.export(&events);
    // Where nothing came after it at the endpoint that refused it last, it waits for what comes next.
    let until = Instant::now() + LONG;
    while !rig.settles_within(Duration::from_millis(500)) {
        assert!(Instant::now() < until, "{:?}", rig.ledger());
        events.push(format!("e{:06}", events.len()));
        rig.export(events.last());
    }
    events.remove(1234);
    let ledger = rig.ledger();
    assert_eq!((ledger.delivered, ledger.dropped_rejected), (events.len() as u64, 1));
    let mut taken = [collectors[0].taken(), collectors[1].taken()].concat();
    taken.sort();
    check_same(&taken, &events);
}

#[test]
pub(super) fn all_endpoints_down_and_up_again() {
    let collectors = [takes_all(), takes_all(), takes_all()];
    collectors.iter().for_each(|collector| collector.set_down(true));
    let rig = Rig::new(&collectors.each_ref(), &[]);
    let events = numbered(500);
    rig.export(&events);
    wait_until_true("attempts", || collectors.iter().all(|collector| collector.attempts() > 3));
    assert_eq!(rig.ledger(), Ledger::default());
    collectors[2].set_down(false);
    assert!(rig.settles_within(LONG));
    check_same(&collectors[2].taken(), &events);
}

#[test]
fn a_lost_connection_is_not_replaced_at_once() {
    let collector = takes_all();
    let more = [("retry_initial_ms", "400"), ("retry_max_ms", "60000")];
    let rigs: Vec<_> = (0..30).map(|_| Rig::new(&[&collector], &more)).collect();
    for rig in &rigs {
        rig.export(["e"]);
        assert!(rig.settles_within(LONG));
    }
    assert_eq!(collector.attempts(), 30);
    collector.set_down(false);
    let cut = Instant::now();
    for rig in &rigs {
        rig.export(["e"]);
        assert!(rig.settles_within(LONG));
    }
    let after: Vec<_> =
        collector.state().attempts[30..].iter().map(|at| at.saturating_duration_since(cut)).collect();
    let late = after.iter().filter(|after| **after >= Duration::from_millis(100)).count();
    // Three in four wait for more than a quarter of the longest pause.
    assert!(late >= 12, "{after:?}");
}

#[test]
fn clients_of_a_collector_that_was_away_come_back_one_after_the_other() {
    // A collector is away for a minute, and each of these clients notices at once. It refuses connections, or a
    // balancer in front of it takes them and drops them.
    let (away, window) = (Duration::from_secs(60), Duration::from_secs(1));
    let start = Instant::now();
    for pause in [Backoff::after_failure, Backoff::after_loss] {
        let early = (0..2000).filter(|_| {
            let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(60));
            let mut now = start;
            while now < start + away {
                now += pause(&mut backoff, now);
            }
            now < start + away + window
        });
        let early = early.count();
        assert!(early < 400, "{early} of 2000 in the first second");
    }
}
