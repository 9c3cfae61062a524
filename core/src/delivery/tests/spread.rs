//! Endpoints that are all alike: who is drawn, and what goes along.

use std::collections::HashSet;

use super::*;

const EVENTS: usize = 1200;

fn worn_after(chunks: usize, react: impl FnMut(&[String]) -> Reaction + Send + 'static) -> Arc<Collector> {
    let collector = Collector::new(true, react);
    collector.state().worn_after = Some(chunks);
    collector
}

/// Exports events one by one, each a chunk of its own.
fn export(rig: &Rig, events: usize) {
    for event in numbered(events) {
        rig.export([event]);
        assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    }
}

/// No chunk came twice, anywhere.
fn check_no_copies(collectors: &[&Arc<Collector>]) {
    let ids: Vec<Vec<u8>> = collectors
        .iter()
        .flat_map(|collector| collector.state().seen.iter().map(|seen| seen.id.clone()).collect::<Vec<_>>())
        .collect();
    let different: HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}

#[test]
fn each_connection_begins_with_a_draw_among_all_places() {
    let [a, b, c] = [(); 3].map(|()| worn_after(1, |_| Reaction::Take));
    c.state().more_places = 1;
    let rig = Rig::new(&[&a, &b, &c], &[("balance", "spread")]);
    export(&rig, EVENTS);
    let taken = [&a, &b, &c].map(|collector| collector.taken().len());
    assert_eq!(taken.iter().sum::<usize>(), EVENTS);
    for (taken, share) in taken.into_iter().zip([EVENTS / 4, EVENTS / 4, EVENTS / 2]) {
        // Five standard deviations.
        assert!(taken.abs_diff(share) < 90, "{taken} of {share}");
    }
    check_no_copies(&[&a, &b, &c]);
}

#[test]
fn a_connection_is_kept_until_it_is_old() {
    let [a, b] = [(); 2].map(|()| worn_after(100, |_| Reaction::Take));
    let rig = Rig::new(&[&a, &b], &[("balance", "spread")]);
    export(&rig, 1000);
    assert_eq!(a.attempts() + b.attempts(), 10);
    check_no_copies(&[&a, &b]);
}

#[test]
fn acks_on_their_way_are_awaited_before_a_move() {
    let late = Duration::from_millis(20);
    let [a, b] = [(); 2].map(|()| worn_after(2, move |_| Reaction::Late(late)));
    let rig = Rig::new(&[&a, &b], &[("balance", "spread")]);
    for event in numbered(60) {
        rig.export([event]);
    }
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!(a.taken().len() + b.taken().len(), 60);
    check_no_copies(&[&a, &b]);
}

#[test]
fn one_that_is_down_leaves_its_share_to_the_others_and_is_no_longer_asked() {
    let [a, b] = [(); 2].map(|()| worn_after(1, |_| Reaction::Take));
    let c = worn_after(1, |_| Reaction::Take);
    b.set_down(true);
    let pauses = [("balance", "spread"), ("retry_initial_ms", "3600000"), ("retry_max_ms", "3600000")];
    let rig = Rig::new(&[&a, &b, &c], &pauses);
    export(&rig, 400);
    assert_eq!(b.attempts(), 1);
    let taken = [&a, &c].map(|collector| collector.taken().len());
    assert!(taken.into_iter().all(|taken| taken.abs_diff(200) < 50), "{taken:?}");
    assert_eq!(taken.into_iter().sum::<usize>(), 400);
}

#[test]
fn nobody_is_gone_back_to() {
    let [a, b] = [(); 2].map(|()| Collector::new(true, |_| Reaction::Take));
    let rig = Rig::new(&[&a, &b], &[("balance", "spread")]);
    export(&rig, 10);
    let (first, other) = if a.taken().is_empty() { (&b, &a) } else { (&a, &b) };
    first.set_down(true);
    export(&rig, 10);
    first.set_down(false);
    let before = first.attempts();
    std::thread::sleep(Duration::from_millis(200));
    export(&rig, 10);
    assert_eq!((first.attempts(), other.taken().len()), (before, 20));
}
