//! The flush at the end of the process: the thread that exits asks for it and the sender does all of it.
//!
//! A signal handler may have called `exit` in the middle of a call. So whoever asks takes no lock and allocates nothing:
//! it sets a mark, wakes the sender and looks, with a deadline, whether all is settled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::intake::Intake;

/// How long the sender waits for a buffer whose thread holds it: such a thread is about to let go, or never will.
const MOST_WAIT: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub(super) struct LastFlush {
    is_asked_for: AtomicBool,
    is_over: AtomicBool,
}

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
