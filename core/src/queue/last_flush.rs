//! The flush at the end of the process: the thread that exits asks for it and the sender does all of it.
//!
//! A signal handler may have called `exit` in the middle of a call. So whoever asks takes no lock and allocates nothing:
//! it sets a mark, wakes the sender and looks, with a deadline, whether all is settled.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::intake::Intake;

/// How long the sender waits for a buffer whose thread holds it: such a thread is about to let go, or never will.
const MOST_WAIT: Duration = Duration::from_millis(20);

impl Intake {
    /// Asks the sender to deliver all there is.
    pub(crate) fn ask_for_last_flush(&self) {
        self.last_flush.is_asked_for.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Whether the process ends and somebody waits for the sender.
    pub(crate) fn is_last_flush_asked_for(&self) -> bool {
        self.last_flush.is_asked_for.load(Ordering::SeqCst)
    }

    /// Seals what can be had; gives the sequence below which all of it is queued.
    pub(crate) fn seal_for_last_flush(&self) -> u64 {
        self.seal_within(|| Instant::now() + MOST_WAIT);
        self.queue.next_sequence()
    }

    /// Whether everything below `sequence` is settled.
    pub(crate) fn is_settled(&self, sequence: u64) -> bool {
        self.queue.wait_settled(sequence, Instant::now())
    }

    /// Says that nobody need wait any more: all is settled, or the sender has ended.
    pub(crate) fn end_last_flush(&self) {
        self.last_flush.is_over.store(true, Ordering::Release);
    }

    /// Whether nobody need wait any more.
    pub(crate) fn is_last_flush_over(&self) -> bool {
        self.last_flush.is_over.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Charge, Limits, Written};
    use super::*;
    use crate::diag::error::Result;
    use crate::encode::{Output, msgpack};
    use std::sync::Arc;
    use std::sync::mpsc::channel;

    fn entry() -> Written<impl FnMut(&mut Output<'_>) -> Result<bool>> {
        Written(|out: &mut Output<'_>| {
            msgpack::text(out, "x");
            Ok(true)
        })
    }

    /// What a signal handler that ends the process leaves behind, until the test ends.
    #[test]
    fn a_thread_that_stands_still_in_an_export_keeps_nobody_waiting() {
        let intake = Arc::new(Intake::new(Limits {
            queue: Charge { events: 100_000, bytes: 10_000_000 },
            chunk_bytes: 1 << 20,
            event_bytes: 1 << 18,
            circular: true,
            block_timeout: Duration::ZERO,
        }));
        let (inside, is_inside) = channel();
        let (go_on, goes_on) = channel::<()>();
        let other = Arc::clone(&intake);
        let thread = std::thread::spawn(move || {
            other.append(&mut entry()).unwrap();
            let mut stuck = Written(|out: &mut Output<'_>| {
                inside.send(()).unwrap();
                let _ = goes_on.recv();
                msgpack::text(out, "x");
                Ok(true)
            });
            other.append(&mut stuck).unwrap();
        });
        is_inside.recv().unwrap();
        intake.append(&mut entry()).unwrap();
        let soon = || Instant::now() + Duration::from_millis(10);
        assert!(intake.look_until(soon()).is_none());
        assert!(intake.may_hold_events(soon()));
        assert!(intake.collect(Instant::now(), Instant::now(), Duration::ZERO).is_some(), "it looks again");
        assert!(intake.seal_until(soon()).is_none());
        let sequence = intake.seal_for_last_flush();
        let taken = intake.take().unwrap();
        assert_eq!(taken.charge.events, 1, "this thread's event goes out");
        assert!(!intake.is_settled(sequence));
        intake.settle(taken.claim, |ledger, events| ledger.delivered += events);
        assert!(intake.is_settled(sequence));
        drop(go_on);
        thread.join().unwrap();
        assert_eq!(intake.look_until(soon()).unwrap().1, 3);
    }
}
