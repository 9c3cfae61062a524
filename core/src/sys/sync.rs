//! Locks that a panic elsewhere cannot spoil.
//!
//! Every section under these locks leaves its state whole at each step, so a poisoned lock is taken as
//! it is instead of spreading a contained panic to the host's other threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Sleep of a waiter with a deadline, which the system's lock does not know; longer after each one that was in vain.
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
    let mut nap = NAP;
    loop {
        if let Some(guard) = try_lock(mutex) {
            return Some(guard);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(nap);
        nap = (nap * 2).min(MOST_NAP);
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
