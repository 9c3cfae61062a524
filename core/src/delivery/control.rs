//! What other threads ask of the sender: hurry, drain, stop.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Instant;

use crate::sys::sync::lock;

const RUNNING: u8 = 0;
const DRAINING: u8 = 1;
const STOPPED: u8 = 2;

#[derive(Debug, Default)]
pub(crate) struct Control {
    state: AtomicU8,
    hurry: AtomicBool,
    has_ended: AtomicBool,
    drain_until: Mutex<Option<Instant>>,
}

impl Control {
    /// Somebody waits for delivery: the next attempt is made now instead of when the backoff is over.
    pub(crate) fn hurry(&self) {
        self.hurry.store(true, Ordering::SeqCst);
    }

    /// Asks the sender to deliver everything and end, at the latest at `deadline`.
    pub(crate) fn drain(&self, deadline: Instant) {
        *lock(&self.drain_until) = Some(deadline);
        let _ = self.state.compare_exchange(RUNNING, DRAINING, Ordering::SeqCst, Ordering::SeqCst);
        self.hurry();
    }

    /// Asks the sender to end now.
    pub(crate) fn stop(&self) {
        self.state.store(STOPPED, Ordering::SeqCst);
    }

    /// Whether the sender thread is gone.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::SeqCst)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state.load(Ordering::SeqCst) == STOPPED
    }

    /// Until when everything is to be delivered, when the sender was asked to drain.
    pub(super) fn drain_deadline(&self) -> Option<Instant> {
        if self.state.load(Ordering::SeqCst) == RUNNING { None } else { *lock(&self.drain_until) }
    }

    /// Whether somebody asked to hurry since the last call.
    pub(super) fn take_hurry(&self) -> bool {
        self.hurry.swap(false, Ordering::SeqCst)
    }

    pub(super) fn must_look(&self) -> bool {
        self.is_stopped() || self.hurry.load(Ordering::SeqCst)
    }

    pub(super) fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
    }
}
