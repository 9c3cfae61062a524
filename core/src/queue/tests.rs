//! Events from threads to the sender: sealing, collecting, settling, giving up.

mod lines;
mod room;

use super::*;
use crate::diag::error::{Error, Result, Status};
use crate::encode::Output;
use crate::encode::msgpack::{self, Append};
use crate::sys::sync::lock;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

fn intake(events: usize, bytes: usize, circular: bool) -> Arc<Intake> {
    let queue = Charge { events, bytes };
    let block_timeout = Duration::from_millis(30);
    Arc::new(Intake::new(Limits {
        queue,
        chunk_bytes: 1 << 20,
        event_bytes: 1 << 18,
        circular,
        block_timeout,
    }))
}

/// Appends one entry, a text of `size` bytes with a header of two or three.
fn add(intake: &Arc<Intake>, size: usize) -> Result<Appended> {
    intake.append(&mut Written(|out: &mut Output<'_>| {
        msgpack::text(out, &"x".repeat(size));
        Ok(true)
    }))
}

fn held(intake: &Intake) -> Charge {
    intake.look().2
}

/// Settles everything as delivered; gives the number of events.
fn deliver(intake: &Intake) -> u64 {
    while let Some(taken) = intake.take() {
        intake.settle(taken.claim, |ledger, events| ledger.delivered += events);
    }
    intake.look().0.delivered
}

#[test]
fn what_was_refused_or_failed_or_panicked_leaves_no_trace() {
    let intake = intake(100, 10_000, true);
    add(&intake, 10).unwrap();
    let before = held(&intake);
    let refused = intake.append(&mut Written(|out: &mut Output<'_>| {
        out.append([1; 50]);
        Ok(false)
    }));
    assert_eq!(refused, Ok(Appended::Skipped));
    let failed = intake.append(&mut Written(|out: &mut Output<'_>| {
        out.append([1; 50]);
        Err(Error::new(Status::Json, "no"))
    }));
    assert_eq!(failed.unwrap_err().status(), Status::Json);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = intake.append(&mut Written(|out: &mut Output<'_>| {
            out.append([1; 50]);
            panic!("a bug while encoding")
        }));
    }));
    assert!(panicked.is_err());
    assert_eq!(held(&intake), before);
    add(&intake, 10).unwrap();
    intake.seal_all();
    let taken = intake.take().unwrap();
    let bytes: usize = taken.segments.iter().map(|segment| segment.entries().len()).sum();
    assert_eq!((taken.charge.events, bytes), (2, 2 * 11));
}

#[test]
fn old_buffers_are_collected_and_young_ones_wait() {
    let intake = intake(100, 100_000, true);
    let start = Instant::now();
    add(&intake, 5).unwrap();
    let due = intake.collect(start, start + SECOND / 2, SECOND);
    assert_eq!(due, Some(start + SECOND));
    assert!(!intake.has_segments());
    assert_eq!(intake.collect(start + SECOND / 2, start + SECOND, SECOND), None);
    assert!(intake.has_segments());
    assert_eq!(intake.collect(start, start + 2 * SECOND, SECOND), None);
}

#[test]
fn events_after_a_seal_are_young_again() {
    let intake = intake(80, 1_000_000, true);
    let start = Instant::now();
    let look = |at: f64| {
        let now = start + SECOND.mul_f64(at);
        (0..10).for_each(|_| assert!(add(&intake, 1).is_ok()));
        assert!(intake.has_segments(), "full and sealed by its own thread");
        add(&intake, 1).unwrap();
        let due = intake.collect(start + SECOND.mul_f64(at - 0.5), now, SECOND);
        let left = held(&intake).events;
        deliver(&intake);
        (due, left - held(&intake).events, held(&intake).events)
    };
    assert_eq!(look(0.5), (Some(start + SECOND), 10, 1));
    assert_eq!(look(1.0), (Some(start + 3 * SECOND / 2), 10, 2));
    assert_eq!(look(1.5), (Some(start + 2 * SECOND), 10, 3));
    let due = intake.collect(start + 3 * SECOND / 2, start + 2 * SECOND, SECOND);
    assert_eq!((due, deliver(&intake)), (None, 33));
}

#[test]
fn a_buffer_that_is_full_is_sealed_by_its_own_thread() {
    let queue = Charge { events: 1000, bytes: 80_000 };
    let limits =
        Limits { queue, chunk_bytes: 1 << 20, event_bytes: 1 << 18, circular: true, block_timeout: SECOND };
    let intake = Arc::new(Intake::new(limits));
    while !intake.has_segments() {
        add(&intake, 1000).unwrap();
    }
    let taken = intake.take().unwrap();
    assert!((10_000..12_000).contains(&taken.charge.bytes), "an eighth of the queue: {:?}", taken.charge);
}

#[test]
fn a_full_buffer_waits_for_a_queue_that_is_taken_and_stays_within_its_memory() {
    let limits = Limits {
        queue: Charge { events: 1000, bytes: 1 << 20 },
        chunk_bytes: 32 * 1024,
        event_bytes: 1 << 18,
        circular: true,
        block_timeout: SECOND,
    };
    let intake = Arc::new(Intake::new(limits));
    (0..31).for_each(|_| assert!(add(&intake, 1021).is_ok()));
    let is_ready = intake.wait_for(|| add(&intake, 1021).is_ok(), Instant::now() + SECOND);
    assert!(is_ready && !intake.has_segments());
    add(&intake, 100).unwrap();
    assert_eq!(intake.take().unwrap().charge, Charge { events: 33, bytes: 32 * 1024 + 102 });
    let other = Arc::clone(&intake);
    let holder = std::thread::spawn(move || {
        let hold = || {
            std::thread::sleep(SECOND / 20);
            true
        };
        other.wait_for(hold, Instant::now() + SECOND)
    });
    (0..31).for_each(|_| assert!(add(&intake, 1021).is_ok()));
    while !intake.queue.is_taken() && !holder.is_finished() {}
    (0..3).for_each(|_| assert!(add(&intake, 1021).is_ok()));
    assert!(holder.join().unwrap());
    let sealed = intake.take().unwrap().charge;
    assert!(sealed.bytes < intake.full_buffer(), "{sealed:?}");
}

#[test]
fn threads_hand_over_what_they_leave() {
    let intake = intake(100_000, 10_000_000, true);
    for _ in 0..50 {
        let other = Arc::clone(&intake);
        std::thread::spawn(move || (0..3).for_each(|_| assert!(add(&other, 9).is_ok()))).join().unwrap();
    }
    assert!(lock(&intake.registry).buffers.is_empty());
    assert_eq!(deliver(&intake), 150);
    assert_eq!(intake.budget.used(), Charge::default());
}

#[test]
fn a_thread_without_storage_appends_all_the_same() {
    let intake = intake(100, 10_000, true);
    let appended = intake.append_once(&mut Written(|out: &mut Output<'_>| {
        out.append([1]);
        Ok(true)
    }));
    assert_eq!(appended, Ok(Appended::Accepted));
    assert_eq!(deliver(&intake), 1);
}

#[test]
fn giving_up_counts_all_and_closes() {
    let intake = intake(100, 10_000, true);
    for _ in 0..5 {
        add(&intake, 3).unwrap();
    }
    intake.seal_all();
    let taken = intake.take().unwrap();
    intake.give_up();
    intake.settle(taken.claim, |ledger, events| ledger.delivered += events);
    let (ledger, accepted, held) = intake.look();
    assert_eq!((ledger.dropped_closed, ledger.delivered, accepted), (5, 0, 5));
    assert_eq!(held, Charge::default());
    assert_eq!(add(&intake, 3).unwrap_err().status(), Status::Closed);
}

#[test]
fn a_share_of_the_queue_is_sealed_however_small_its_events() {
    let intake = intake(80, 1_000_000, true);
    for _ in 0..9 {
        add(&intake, 1).unwrap();
        assert!(!intake.has_segments());
    }
    add(&intake, 1).unwrap();
    assert!(intake.has_segments(), "an eighth of the events waits for nothing");
}

#[test]
fn what_is_skipped_counts_once_on_any_thread_and_for_any_client() {
    let intakes = [intake(100, 10_000, true), intake(100, 10_000, true)];
    let threads = 50;
    for round in 1..=3 {
        let ready = std::sync::Barrier::new(threads);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    intakes[0].count_skipped();
                    ready.wait();
                    (0..999).for_each(|_| intakes[0].count_skipped());
                    (0..1000).for_each(|n| intakes[n % 2].count_skipped());
                });
            }
        });
        let skipped = intakes.each_ref().map(|intake| intake.skipped());
        assert_eq!(skipped, [round * 1500 * threads as u64, round * 500 * threads as u64]);
    }
}

#[test]
fn a_thread_turns_from_one_client_to_another_on_the_fast_path() {
    let intakes = [intake(1000, 100_000, true), intake(1000, 100_000, true), intake(1000, 100_000, true)];
    let fast = |intake: &Arc<Intake>| {
        let mut entry = Written(|out: &mut Output<'_>| {
            msgpack::text(out, "x");
            Ok(true)
        });
        intake.append_fast(&mut entry)
    };
    assert_eq!(fast(&intakes[0]), None, "no buffer yet");
    intakes.iter().for_each(|intake| assert!(add(intake, 1).is_ok()));
    assert_eq!(fast(&intakes[0]), None, "no sender yet");
    intakes.iter().for_each(|intake| intake.start());
    for turn in 0..30 {
        assert_eq!(fast(&intakes[turn % 3]), Some(Ok(Appended::Accepted)));
    }
    intakes[1].close();
    assert_eq!(fast(&intakes[1]), None);
    assert_eq!(fast(&intakes[2]), Some(Ok(Appended::Accepted)));
    assert_eq!(intakes.each_ref().map(|intake| held(intake).events), [11, 11, 12]);
    std::thread::scope(|scope| {
        scope.spawn(|| intakes.iter().for_each(|intake| assert_eq!(fast(intake), None)));
    });
}
