//! The place of one connection among those that may be open.
//!
//! Shared by the thread that accepts and the one that serves. The one says when it is idle, the other asks
//! the one that is idle the longest to leave when another needs the place.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// At work; all other numbers are moments.
const AT_WORK: u64 = 0;

type Wake = Box<dyn Fn() + Send + Sync>;

pub(super) struct Place {
    opened: Instant,
    /// Of the server: moments of all its places compare.
    origin: Instant,
    idle_since: AtomicU64,
    leaving: AtomicBool,
    wake: Mutex<Option<Wake>>,
}

impl Place {
    pub(super) fn new(origin: Instant) -> Place {
        Place {
            opened: Instant::now(),
            origin,
            idle_since: AtomicU64::new(AT_WORK),
            leaving: AtomicBool::new(false),
            wake: Mutex::new(None),
        }
    }

    /// When its connection was accepted.
    pub(super) fn opened(&self) -> Instant {
        self.opened
    }

    /// What makes the thread that serves find that it is to leave; set before it says that it is idle.
    pub(super) fn on_leave(&self, wake: impl Fn() + Send + Sync + 'static) {
        *self.wake() = Some(Box::new(wake));
    }

    /// The connection is about to be closed; what wakes it may hold a copy of its socket.
    pub(super) fn closes(&self) {
        self.at_work();
        drop(self.wake().take());
    }

    /// Nothing is pending since this moment.
    pub(super) fn idle(&self, since: Instant) {
        let since = since.saturating_duration_since(self.origin).as_micros();
        self.idle_since.store(u64::try_from(since).unwrap_or(u64::MAX).max(1), Ordering::Relaxed);
    }

    /// Something is pending.
    pub(super) fn at_work(&self) {
        self.idle_since.store(AT_WORK, Ordering::Relaxed);
    }

    /// Since when it is idle and could be asked to leave.
    pub(super) fn idle_since(&self) -> Option<u64> {
        let since = self.idle_since.load(Ordering::Relaxed);
        (since != AT_WORK && !self.is_leaving()).then_some(since)
    }

    /// Asks for the place. What arrives at the very same moment may still be taken and answered.
    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
        if let Some(wake) = &*self.wake() {
            wake();
        }
    }

    fn wake(&self) -> MutexGuard<'_, Option<Wake>> {
        self.wake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}
