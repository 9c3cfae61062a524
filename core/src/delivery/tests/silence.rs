//! Endpoints that let a client in and do not answer, with the options that users have.

use super::*;

/// What a receiver looks like that serves no more connections.
fn silent() -> Arc<Collector> {
    Collector::new(true, |_| Reaction::Skip)
}

#[test]
#[ignore = "slow: make test-slow"]
fn an_endpoint_that_never_reads_is_left_for_one_that_does() {
    let (first, second) = (silent(), Collector::new(true, |_| Reaction::Take));
    let rig = Rig::with(&[&first, &second], &[]);
    let events = numbered(1000);
    rig.export(&events);
    assert!(rig.settles_within(Duration::from_secs(20)), "below ack_timeout_ms: {:?}", rig.ledger());
    check_same(&second.taken(), &events);
    let ids: Vec<_> = second.state().seen.iter().map(|seen| seen.id.clone()).collect();
    assert!(first.state().seen.iter().all(|seen| ids.contains(&seen.id)), "the same chunks moved along");
    // Connections are no way back, an answer is.
    let after = first.attempts();
    wait_until_true("attempts at the first choice", || first.attempts() > after + 1);
    rig.export(["x"]);
    assert!(rig.settles_within(Duration::from_secs(20)), "{:?}", rig.ledger());
    first.react(|_| Reaction::Take);
    wait_until_true("the way back", || {
        rig.export(["y"]);
        std::thread::sleep(Duration::from_millis(50));
        first.taken().contains(&"y".to_owned())
    });
    assert!(rig.settles_within(LONG));
    assert_eq!(rig.ledger().dropped_rejected, 0);
}

#[test]
#[ignore = "slow: make test-slow"]
fn slow_endpoints_are_not_left_again_and_again() {
    let slow = || Collector::new(true, |_| Reaction::Late(Duration::from_secs(5)));
    let (first, second) = (slow(), slow());
    let rig = Rig::with(&[&first, &second], &[]);
    for n in 0..4 {
        rig.export([format!("e{n}")]);
        assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    }
    let all = [first.taken(), second.taken()].concat();
    // The first event goes to both, and perhaps one more when the way back is found.
    assert!(all.len() <= 6, "{all:?}");
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_single_endpoint_that_is_silent_is_waited_for() {
    let collector = Collector::new(true, |_| Reaction::Late(Duration::from_secs(5)));
    let rig = Rig::with(&[&collector], &[]);
    rig.export(["e1", "e2"]);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!((collector.attempts(), collector.taken().len()), (1, 2));
}
