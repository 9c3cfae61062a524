//! Buffers of threads, allowances, the queue and its ledger.

use real::time::{Duration, Instant};

use crate::diag::error::Result;
use crate::encode::{Output, Workspace};
use crate::queue::{Budget, Charge, Entry, Intake, Ledger, Limits, Step};
use crate::run::every_order;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sys::wake_pair::wait_readable;
use crate::thread::{JoinHandle, spawn};

struct Byte;

impl Entry for Byte {
    fn write_fast(&mut self, out: &mut Output<'_>, _: &mut Workspace) -> bool {
        out.push(1);
        true
    }

    fn write(&mut self, out: &mut Output<'_>, _: &mut Workspace) -> Result<bool> {
        out.push(1);
        Ok(true)
    }
}

/// A way in with room for so many events, whose sender runs.
pub(super) fn intake(events: usize, circular: bool) -> Arc<Intake> {
    let intake = Intake::new(Limits {
        queue: Charge { events, bytes: 1 << 20 },
        chunk_bytes: 1 << 10,
        event_bytes: 1 << 10,
        circular,
        block_timeout: Duration::from_secs(3600),
    });
    intake.start();
    Arc::new(intake)
}

/// Exports one event; whether it was accepted.
pub(super) fn add(intake: &Arc<Intake>) -> bool {
    intake.append_fast(&mut Byte).unwrap_or_else(|| intake.append(&mut Byte)).is_ok()
}

/// Later than any model goes on.
pub(super) fn far() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

/// The ledger, the events accepted and what is held.
pub(super) fn look(intake: &Intake) -> (Ledger, u64, Charge) {
    intake.look_until(far()).expect("all locks are let go")
}

pub(super) fn seal_all(intake: &Intake) {
    intake.seal_until(far()).expect("all locks are let go");
}

/// Delivers what is queued.
pub(super) fn deliver(intake: &Intake) {
    while let Some(taken) = intake.take() {
        intake.settle(taken.claim, |ledger, events| ledger.delivered += events);
    }
}

fn export(intake: &Arc<Intake>, events: u64) -> JoinHandle {
    let intake = Arc::clone(intake);
    spawn(move || {
        for _ in 0..events {
            add(&intake);
        }
    })
}

/// Whatever the sender does meanwhile, and when a thread ends, every event is accounted for at each look and delivered
/// in the end.
pub fn every_event_is_held_or_counted_at_each_look() {
    every_order(4, || {
        let intake = intake(64, true);
        let thread = export(&intake, 2);
        let long_ago = Instant::now();
        intake.collect(long_ago, long_ago, Duration::ZERO);
        deliver(&intake);
        let (ledger, accepted, held) = look(&intake);
        assert_eq!(ledger.delivered + held.events as u64, accepted);
        thread.join();
        intake.collect(long_ago, long_ago, Duration::ZERO);
        deliver(&intake);
        let (ledger, accepted, held) = look(&intake);
        assert_eq!((ledger.delivered, accepted, held), (2, 2, Charge::default()));
    });
}

/// What was accepted before a close is queued once all is sealed, what comes later is refused.
pub fn a_close_refuses_or_gets_what_comes_meanwhile() {
    every_order(3, || {
        let intake = intake(64, true);
        let accepted = Arc::new(AtomicUsize::new(0));
        let thread = {
            let (intake, accepted) = (Arc::clone(&intake), Arc::clone(&accepted));
            spawn(move || {
                for _ in 0..2 {
                    accepted.fetch_add(usize::from(add(&intake)), Ordering::SeqCst);
                }
            })
        };
        intake.close();
        seal_all(&intake);
        let queued = look(&intake).2.events;
        thread.join();
        assert_eq!(queued, accepted.load(Ordering::SeqCst));
    });
}

/// A full queue lets the oldest go, and counts them.
pub fn a_full_queue_drops_the_oldest_and_counts_them() {
    every_order(1, || {
        let intake = intake(1, true);
        let threads = [export(&intake, 1), export(&intake, 1)];
        threads.into_iter().for_each(JoinHandle::join);
        seal_all(&intake);
        deliver(&intake);
        let (ledger, accepted, held) = look(&intake);
        assert_eq!((ledger.delivered + ledger.dropped_queue_full, accepted), (2, 2));
        assert_eq!(held, Charge::default());
    });
}

/// A thread that waits for room has the sender deliver, and hears of it.
pub fn a_thread_that_waits_for_room_wakes_the_sender_and_hears_of_it() {
    every_order(2, || {
        let intake = intake(1, false);
        let thread = export(&intake, 2);
        intake.waker().announce_sleep();
        if !intake.has_segments() {
            wait_readable(intake.waker().descriptor().expect("a pair"));
        }
        intake.waker().awake();
        deliver(&intake);
        thread.join();
        deliver(&intake);
        assert_eq!((look(&intake).0.delivered, look(&intake).1), (2, 2));
    });
}

/// Threads that take from the budget and give back never have more than there is, and none of it is lost.
pub fn a_budget_never_gives_more_than_there_is() {
    const LIMIT: Charge = Charge { events: 2, bytes: 20 };
    every_order(4, || {
        let budget = Arc::new(Budget::new(LIMIT));
        let had = Arc::new(AtomicUsize::new(0));
        let threads = [1, 2].map(|events| {
            let (budget, had) = (Arc::clone(&budget), Arc::clone(&had));
            spawn(move || {
                if let Some(taken) = budget.take(Charge::default(), Charge { events, bytes: 10 }, Step::Whole)
                {
                    let before = had.fetch_add(taken.events, Ordering::SeqCst);
                    assert!(before + taken.events <= LIMIT.events);
                    had.fetch_sub(taken.events, Ordering::SeqCst);
                    budget.release(taken);
                }
            })
        });
        threads.into_iter().for_each(JoinHandle::join);
        assert_eq!(budget.used(), Charge::default());
    });
}
