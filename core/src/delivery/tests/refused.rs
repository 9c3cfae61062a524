//! Answers that say "refused": a bad event goes, and an endpoint that takes none keeps everything.

use super::*;

/// Pauses that no test sits out.
const FAR: [(&str, &str); 2] = [("retry_initial_ms", "600000"), ("retry_max_ms", "600000")];

const NO: Reaction = Reaction::Answer(Cause::Refused);

fn no_if(is_refused: bool) -> Reaction {
    if is_refused { NO } else { Reaction::Take }
}

/// How many chunks with and without events came so far.
fn requests(collector: &Collector) -> (usize, usize) {
    let state = collector.state();
    let empty = state.seen.iter().filter(|seen| seen.body.is_empty()).count();
    (state.seen.len() - empty, empty)
}

fn wait_for_silence(collector: &Collector) {
    let mut last = usize::MAX;
    wait_until_true("silence", || {
        std::thread::sleep(Duration::from_millis(200));
        let now = collector.state().seen.len();
        now > 0 && std::mem::replace(&mut last, now) == now
    });
}

#[test]
fn an_endpoint_that_wants_something_else_is_asked_twice_and_left_alone() {
    let collector = Collector::new(false, |_| NO);
    let rig = Rig::new(&[&collector], &FAR);
    rig.export(numbered(5_000));
    wait_for_silence(&collector);
    assert_eq!((requests(&collector), rig.ledger()), ((1, 1), Ledger::default()));
}

#[test]
fn an_endpoint_that_takes_nothing_but_empty_chunks_is_left_alone_after_a_few_tries() {
    let collector = Collector::new(false, |events| no_if(!events.is_empty()));
    let rig = Rig::new(&[&collector], &FAR);
    rig.export(numbered(5_000));
    wait_for_silence(&collector);
    let (asked, empty) = requests(&collector);
    assert!(asked <= 24 && empty <= 4, "{asked} {empty}");
    assert_eq!(rig.ledger(), Ledger::default());
}

/// The pauses that users have. Where the sender was so quick that its first chunk has a single event, parts grow from
/// there, each after a longer pause: then it is watched for a while.
const USUAL: [(&str, &str); 2] = [("retry_initial_ms", "500"), ("retry_max_ms", "60000")];

/// Exports to an endpoint that reacts like this for a while, then takes everything.
fn keeps_all(
    react: impl FnMut(&[String]) -> Reaction + Send + 'static,
    takes_first: bool,
    more: &[(&str, &str)],
) {
    keeps_all_for((120, LONG), react, takes_first, more);
}

/// For so many requests, or for so long if there are a few by then.
fn keeps_all_for(
    (requests_before, patience): (usize, Duration),
    react: impl FnMut(&[String]) -> Reaction + Send + 'static,
    takes_first: bool,
    more: &[(&str, &str)],
) {
    let collector = Collector::new(false, |_| Reaction::Take);
    let rig = Rig::new(&[&collector], more);
    let first = ["first"];
    if takes_first {
        rig.export(first);
        assert!(rig.settles_within(LONG));
    }
    collector.react(react);
    let events = numbered(3_000);
    events.chunks(100).for_each(|events| rig.export(events));
    let before = collector.state().seen.len();
    let began = Instant::now();
    wait_until_true("attempts", || {
        let requests = collector.state().seen.len() - before;
        requests > requests_before || requests > 4 && began.elapsed() > patience
    });
    rig.check_balance();
    assert_eq!(rig.ledger().dropped_rejected, 0);
    // Most of the queue was never touched, and what was came in few parts.
    let chunks: std::collections::HashSet<_> =
        collector.state().seen.iter().map(|seen| seen.id.clone()).collect();
    let empty = requests(&collector).1;
    assert!(chunks.len() - empty < 150, "{} chunks", chunks.len() - empty);
    collector.react(|_| Reaction::Take);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!((rig.ledger().delivered, rig.ledger().dropped_rejected), (3_000 + u64::from(takes_first), 0));
    let mut taken = collector.taken();
    taken.retain(|event| event != "first");
    check_same(&taken, &events);
}

#[test]
#[ignore = "slow: make test-slow"]
fn an_endpoint_that_refuses_everything_keeps_all() {
    keeps_all(|_| NO, false, &[]);
    keeps_all(|events| no_if(!events.is_empty()), false, &[]);
}

#[test]
fn an_endpoint_that_begins_to_refuse_everything_keeps_all() {
    keeps_all(|_| NO, true, &[]);
    keeps_all(|_| NO, true, &[("compress", "gzip"), ("chunk_bytes", "1024")]);
}

#[test]
fn an_endpoint_that_begins_to_refuse_while_a_chunk_is_in_parts_costs_a_few_at_most() {
    for turns_at in 1..12 {
        let mut count = 0;
        let collector = Collector::new(false, move |events| {
            count += 1;
            no_if(count > turns_at || is_bad(events))
        });
        let rig = Rig::new(&[&collector], &[]);
        let mut events = numbered(1_000);
        events[300] = "bad".to_owned();
        rig.export(["first"]);
        assert!(rig.settles_within(LONG));
        rig.export(&events);
        wait_until_true("attempts", || collector.attempts() > 5);
        collector.react(|events| no_if(is_bad(events)));
        assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
        let Ledger { delivered, dropped_rejected, .. } = rig.ledger();
        assert_eq!(delivered + dropped_rejected, 1_001, "{turns_at}");
        // Seven at most while it refused everything, and the bad one.
        assert!(dropped_rejected <= 8, "{turns_at}: {dropped_rejected}");
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_table_that_takes_no_event_any_more_costs_a_few() {
    let collector = Collector::new(false, |_| Reaction::Take);
    let rig = Rig::new(&[&collector], &[]);
    rig.export(["first"]);
    assert!(rig.settles_within(LONG));
    collector.react(|events| no_if(!events.is_empty()));
    numbered(200).chunks(1).for_each(|event| rig.export(event));
    wait_until_true("attempts", || requests(&collector).0 > 200);
    assert!(rig.ledger().dropped_rejected <= 3, "{:?}", rig.ledger());
    collector.react(|_| Reaction::Take);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
}

#[test]
fn the_first_events_of_all_may_be_the_bad_ones() {
    for (bad, takes_empty) in [(1, true), (7, true), (40, true), (1, false), (7, false)] {
        the_first_events_are_bad(bad, takes_empty, &[]);
    }
}

#[test]
#[ignore = "slow: make test-slow"]
fn all_of_this_holds_with_the_pauses_that_users_have() {
    let while_watched = Duration::from_secs(20);
    keeps_all_for((6, while_watched), |_| NO, false, &USUAL);
    keeps_all_for((6, while_watched), |_| NO, true, &USUAL);
    keeps_all_for((26, while_watched), |events| no_if(!events.is_empty()), false, &USUAL);
    the_first_events_are_bad(1, true, &USUAL);
    the_first_events_are_bad(7, true, &USUAL);
}

fn the_first_events_are_bad(bad: usize, takes_empty: bool, more: &[(&str, &str)]) {
    let collector =
        Collector::new(false, move |events| no_if(is_bad(events) || events.is_empty() && !takes_empty));
    let rig = Rig::new(&[&collector], more);
    let mut events = numbered(1_000);
    events.iter_mut().take(bad).for_each(|event| event.replace_range(..1, "bad"));
    rig.export(&events);
    rig.export(["last"]);
    assert!(rig.settles_within(LONG), "{bad} {takes_empty}: {:?}", rig.ledger());
    let ledger = rig.ledger();
    assert_eq!(
        (ledger.delivered, ledger.dropped_rejected),
        (1_001 - bad as u64, bad as u64),
        "{takes_empty}"
    );
}

#[test]
fn a_bad_event_alone_goes_where_others_went_and_stays_where_none_did() {
    let collector = Collector::new(false, |events| no_if(is_bad(events)));
    let rig = Rig::new(&[&collector], &FAR);
    rig.export(["bad"]);
    wait_for_silence(&collector);
    assert_eq!(rig.ledger(), Ledger::default());
    // Its pauses are its own.
    rig.export(["e1"]);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!((rig.ledger().delivered, rig.ledger().dropped_rejected), (1, 1));
    rig.export(["bad"]);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!((rig.ledger().delivered, rig.ledger().dropped_rejected), (1, 2));
}

#[test]
fn a_server_that_refuses_what_is_empty_is_known_after_a_while() {
    let collector = Collector::new(false, |events| no_if(events.is_empty() || is_bad(events)));
    let rig = Rig::new(&[&collector], &[]);
    let mut settled = 0;
    for _ in 0..20 {
        let mut events = numbered(1_000);
        events[500] = "bad".to_owned();
        rig.export(&events);
        rig.export(["last"]);
        assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
        settled += 1;
        assert_eq!((rig.ledger().delivered, rig.ledger().dropped_rejected), (1_000 * settled, settled));
    }
    assert!(requests(&collector).1 < 40, "{:?}", requests(&collector));
}

#[test]
fn many_bad_events_in_a_row_go_without_a_pause() {
    let collector = Collector::new(false, |events| no_if(is_bad(events)));
    let rig = Rig::new(&[&collector], &FAR);
    let mut events = numbered(2_000);
    events[700..900].iter_mut().for_each(|event| event.replace_range(..1, "bad"));
    rig.export(&events);
    assert!(rig.settles_within(LONG), "{:?}", rig.ledger());
    assert_eq!((rig.ledger().delivered, rig.ledger().dropped_rejected), (1_800, 200));
    let (asked, empty) = requests(&collector);
    assert!(empty <= asked / 8 + 2, "{empty} of {asked}");
}

#[test]
fn another_endpoint_takes_over_from_one_that_wants_something_else() {
    let (wrong, right) = (Collector::new(false, |_| NO), Collector::new(false, |_| Reaction::Take));
    let rig = Rig::new(&[&wrong, &right], &FAR);
    rig.export(numbered(1_000));
    assert!(rig.settles_within(LONG));
    assert_eq!((rig.ledger().delivered, requests(&wrong)), (1_000, (1, 1)));
}
