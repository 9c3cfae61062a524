use super::*;
use crate::delivery::pack;
use crate::encode::{Output, msgpack};
use crate::queue::{Charge, Limits, Written};
use std::sync::Arc;

fn at(delivered: u64) -> Since {
    Since { endpoint: 0, delivered, empties: 0 }
}

fn intake() -> Arc<Intake> {
    Arc::new(Intake::new(Limits {
        queue: Charge { events: 1000, bytes: 1 << 20 },
        chunk_bytes: 1 << 20,
        event_bytes: 1 << 18,
        circular: true,
        block_timeout: Duration::ZERO,
    }))
}

/// A chunk of this many events that was lost at an endpoint that had delivered five chunks.
fn lost(intake: &Arc<Intake>, events: usize) -> Owed {
    for _ in 0..events {
        let append = |out: &mut Output<'_>| {
            msgpack::text(out, "event");
            Ok(true)
        };
        intake.append(&mut Written(append)).unwrap();
    }
    intake.seal_all();
    let mut owed = Owed::new(pack::pack(intake.take().unwrap(), intake, false));
    owed.lose(at(5));
    owed
}

fn quarantine(pause: Duration) -> Quarantine {
    Quarantine::new(Backoff::new(pause, pause))
}

/// One trial of one event at a moment.
struct Trial<'a> {
    quarantine: &'a mut Quarantine,
    intake: &'a Intake,
    now: Instant,
}

impl Trial<'_> {
    fn fails(&mut self, at: Since, is_steady: bool) -> Verdict {
        self.quarantine.hurry();
        let owed = self.quarantine.next(self.now, self.intake).unwrap();
        self.quarantine.refuse(owed, at, is_steady, self.now)
    }
}

#[test]
fn strikes_give_an_event_up_where_nothing_else_explains_them() {
    let intake = intake();
    let mut quarantine = quarantine(Duration::from_secs(1));
    quarantine.add(lost(&intake, 1), true, Instant::now());
    let mut trial = Trial { quarantine: &mut quarantine, intake: &intake, now: Instant::now() };
    assert!(matches!(trial.fails(at(6), true), Verdict::Again { events: 1 }));
    // Something else breaks as well: the collector does not serve.
    trial.quarantine.forgive();
    assert!(matches!(trial.fails(at(6), true), Verdict::Again { events: 1 }));
    // Another endpoint has to refuse it itself, and to take something itself.
    let elsewhere = |delivered| Since { endpoint: 1, delivered, empties: 0 };
    for delivered in [9, 9, 9, 10] {
        assert!(matches!(trial.fails(elsewhere(delivered), true), Verdict::Again { .. }));
    }
    assert!(matches!(trial.fails(elsewhere(10), true), Verdict::GiveUp(_)));
    assert!(quarantine.is_empty());
}

#[test]
fn where_losses_are_no_answer_strikes_lie_a_second_apart() {
    let intake = intake();
    let mut quarantine = quarantine(Duration::ZERO);
    let start = Instant::now();
    let (almost, second) = (Duration::from_millis(999), Duration::from_secs(1));
    quarantine.add(lost(&intake, 1), false, start);
    let mut trial = Trial { quarantine: &mut quarantine, intake: &intake, now: start };
    assert!(!trial.quarantine.is_due(start + almost), "a trial that cannot count");
    assert_eq!(trial.quarantine.retry_at(start), Some(start + second));
    trial.now = start + second;
    assert!(matches!(trial.fails(at(6), false), Verdict::Again { .. }));
    assert!(!trial.quarantine.is_due(trial.now + almost));
    trial.now += second;
    assert!(matches!(trial.fails(at(6), false), Verdict::GiveUp(_)));
}

#[test]
fn a_strike_soon_after_another_does_not_count_on_an_endpoint_that_wavered_since() {
    let intake = intake();
    let mut quarantine = quarantine(Duration::ZERO);
    let start = Instant::now();
    quarantine.add(lost(&intake, 1), true, start);
    let mut trial = Trial { quarantine: &mut quarantine, intake: &intake, now: start };
    assert!(matches!(trial.fails(at(6), true), Verdict::Again { .. }));
    assert!(matches!(trial.fails(at(6), false), Verdict::Again { .. }));
    trial.now += Duration::from_secs(1);
    assert!(matches!(trial.fails(at(6), false), Verdict::GiveUp(_)));
}

#[test]
fn a_refused_chunk_goes_on_in_parts_and_untried_ones_go_first() {
    let intake = intake();
    let mut quarantine = quarantine(Duration::ZERO);
    let now = Instant::now();
    quarantine.add(lost(&intake, 10), true, now);
    assert_eq!(quarantine.chunks(), 1);
    let mut sizes = Vec::new();
    for is_refused in [true, false, false, false, true, false, false] {
        let owed = quarantine.next(now, &intake).unwrap();
        sizes.push(owed.chunk.events());
        if is_refused {
            quarantine.refuse(owed, at(6), true, now);
        } else {
            intake.settle(owed.chunk.claim(), |ledger, events| ledger.delivered += events);
        }
        quarantine.hurry();
    }
    assert_eq!(sizes, [3, 3, 3, 1, 1, 1, 1]);
    assert_eq!(quarantine.chunks(), 0, "what is left is light");
    assert_eq!(quarantine.next(now, &intake).map(|owed| owed.chunk.events()), Some(1));
    assert!(quarantine.is_empty());
}

#[test]
fn trials_pause_unless_something_was_delivered() {
    let intake = intake();
    let now = Instant::now();
    let mut quarantine = quarantine(Duration::from_secs(60));
    quarantine.add(lost(&intake, 1), true, now);
    quarantine.encourage();
    let refuse = |quarantine: &mut Quarantine| {
        let owed = quarantine.next(now, &intake).unwrap();
        quarantine.refuse(owed, at(5), true, now)
    };
    for _ in 0..TRIALS_PER_DELIVERY {
        refuse(&mut quarantine);
        assert!(quarantine.is_due(now));
    }
    refuse(&mut quarantine);
    assert!(quarantine.retry_at(now).is_some() && !quarantine.is_due(now));
    quarantine.hurry();
    assert!(quarantine.is_due(now));
}

#[test]
fn any_number_of_whole_chunks_leaves_one_to_try() {
    let intake = intake();
    let mut quarantine = quarantine(Duration::ZERO);
    for _ in 0..LIGHT_PARTS + 6 {
        quarantine.put_last(lost(&intake, 4));
    }
    let now = Instant::now();
    let mut events = 0;
    while let Some(owed) = quarantine.next(now, &intake) {
        events += owed.chunk.events();
    }
    assert_eq!(events, (LIGHT_PARTS + 6) * 4);
}
