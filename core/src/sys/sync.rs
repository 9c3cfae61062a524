//! Locks that a panic elsewhere cannot spoil.
//!
//! Every section under these locks leaves its state whole at each step, so a poisoned lock is taken as
//! it is instead of spreading a contained panic to the host's other threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Sleep of a waiter whose holder may have been taken off its processor. It must be sleep: a waiter of higher priority
/// would otherwise keep the holder from running. It grows with each one that was in vain, up to a time that costs a
/// waiter nothing worth naming: the holder may be a thread that a signal handler never lets go on.
const NAP: Duration = Duration::from_micros(50);
const MOST_NAP: Duration = Duration::from_millis(5);

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lock, unless somebody holds it.
pub(crate) fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The lock, unless somebody holds it until `deadline`.
pub(crate) fn lock_until<T>(mutex: &Mutex<T>, deadline: Instant) -> Option<MutexGuard<'_, T>> {
    try_until(deadline, || try_lock(mutex))
}

/// What `attempt` gives, tried again and again until `deadline`, after longer and longer sleeps.
pub(crate) fn try_until<T>(deadline: Instant, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let mut naps = Naps::new();
    loop {
        let got = attempt();
        if got.is_some() || Instant::now() >= deadline {
            return got;
        }
        naps.take();
    }
}

/// The sleeps of one waiter.
pub(crate) struct Naps(Duration);

impl Naps {
    pub(crate) fn new() -> Naps {
        Naps(NAP)
    }

    /// Sleeps, the next time longer.
    pub(crate) fn take(&mut self) {
        std::thread::sleep(self.0);
        self.0 = (self.0 * 2).min(MOST_NAP);
    }
}

/// Waits for a notification until `deadline`; the caller checks its condition again either way.
pub(crate) fn wait_until<'a, T>(
    condition: &Condvar,
    guard: MutexGuard<'a, T>,
    deadline: Instant,
) -> MutexGuard<'a, T> {
    let left = deadline.saturating_duration_since(Instant::now());
    condition.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0
}
