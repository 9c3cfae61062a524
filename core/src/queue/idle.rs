//! How a sender with nothing to do sleeps for long without an event having to wait for it.
//!
//! A thread that has no allowance left asks for one before its next event is accepted. So the sender takes
//! back what all threads have and then sleeps: whoever comes first finds it idle and wakes it, once. While
//! events come and go nobody is woken here.

use super::budget::Charge;
use super::intake::Intake;
use crate::sys::sync::try_lock;

impl Intake {
    /// Arranges that the next event of any thread wakes the sender. False, with nothing arranged, when one
    /// is here already or is just coming.
    pub(crate) fn idle(&self) -> bool {
        // Before the looks: who finds an allowance after them finds this too.
        self.waker.announce_idle();
        let Some(registry) = try_lock(&self.registry) else {
            self.waker.end_idle();
            return false;
        };
        let is_quiet = registry.buffers.iter().all(|buffer| {
            let Some(mut filling) = buffer.filling.try_lock() else { return false };
            self.forgo_allowance(&mut filling);
            filling.held() == Charge::default()
        });
        drop(registry);
        let may_idle = is_quiet && !self.has_segments();
        if may_idle {
            self.pool.rest();
        } else {
            self.waker.end_idle();
        }
        may_idle
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Written};
    use super::*;
    use crate::encode::{Output, msgpack};
    use crate::sys::poll::is_readable_within;
    use std::sync::Arc;
    use std::time::Duration;

    fn intake() -> Arc<Intake> {
        Arc::new(Intake::new(Limits {
            queue: Charge { events: 100_000, bytes: 10_000_000 },
            chunk_bytes: 1 << 20,
            event_bytes: 1 << 18,
            circular: true,
            block_timeout: Duration::ZERO,
        }))
    }

    fn add(intake: &Arc<Intake>) {
        let mut written = Written(|out: &mut Output<'_>| {
            msgpack::text(out, "x");
            Ok(true)
        });
        intake.append(&mut written).unwrap();
    }

    fn is_woken(intake: &Intake) -> bool {
        is_readable_within(intake.waker().descriptor().unwrap(), Duration::from_millis(20))
    }

    fn deliver(intake: &Intake) {
        intake.seal_all();
        while let Some(taken) = intake.take() {
            intake.settle(taken.claim, |ledger, events| ledger.delivered += events);
        }
    }

    #[test]
    fn the_first_event_of_an_idle_time_wakes_and_no_other_does() {
        let intake = intake();
        for _ in 0..3 {
            for _ in 0..2 {
                add(&intake);
                intake.waker().announce_sleep();
                assert!(!intake.idle(), "an event waits");
                assert!(!is_woken(&intake));
                deliver(&intake);
            }
            assert!(intake.idle());
            assert!(!is_woken(&intake));
            add(&intake);
            assert!(is_woken(&intake));
            intake.waker().awake();
            intake.waker().announce_sleep();
            for _ in 0..10 {
                add(&intake);
            }
            assert!(!is_woken(&intake), "it is not idle any more");
            deliver(&intake);
        }
    }

    #[test]
    fn a_new_thread_wakes_too() {
        let intake = intake();
        intake.waker().announce_sleep();
        assert!(intake.idle());
        let other = Arc::clone(&intake);
        std::thread::spawn(move || add(&other)).join().unwrap();
        assert!(is_woken(&intake));
    }

    #[test]
    fn a_sealed_segment_keeps_awake() {
        let intake = intake();
        add(&intake);
        intake.seal_all();
        assert!(!intake.idle());
        deliver(&intake);
        assert!(intake.idle());
    }

    #[test]
    fn no_event_is_missed_however_threads_and_sender_meet() {
        let intake = intake();
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let intake = Arc::clone(&intake);
                std::thread::spawn(move || {
                    for n in 0..2000 {
                        add(&intake);
                        if n % 7 == 0 {
                            std::thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        let mut delivered = 0;
        while delivered < 4000 {
            intake.waker().announce_sleep();
            if intake.idle() {
                let descriptor = intake.waker().descriptor().unwrap();
                let is_woken = is_readable_within(descriptor, Duration::from_secs(60));
                assert!(is_woken, "an event came and nobody woke the sender");
            }
            intake.waker().awake();
            deliver(&intake);
            delivered = intake.look().0.delivered;
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}
