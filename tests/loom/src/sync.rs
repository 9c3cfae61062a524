//! `std::sync` for the sources: locks of loom's, and atomics that do as loom's do.

pub mod atomic;

use real::time::Duration;

use crate::weak;

// What is shared is no concern of the models, only how.
pub use real::sync::{Arc, LockResult, OnceLock, PoisonError, TryLockError, TryLockResult, Weak};

/// A lock that loom schedules.
#[derive(Debug, Default)]
pub struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    /// An open lock.
    pub fn new(value: T) -> Mutex<T> {
        Mutex(loom::sync::Mutex::new(value))
    }

    /// Waits for the lock.
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        weak::land();
        match self.0.lock() {
            Ok(guard) => Ok(MutexGuard(Some(guard))),
            Err(poisoned) => Err(PoisonError::new(MutexGuard(Some(poisoned.into_inner())))),
        }
    }

    /// The lock, unless somebody holds it.
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        weak::land();
        match self.0.try_lock() {
            Ok(guard) => Ok(MutexGuard(Some(guard))),
            Err(_) => Err(TryLockError::WouldBlock),
        }
    }
}

/// Holds a lock.
#[derive(Debug)]
pub struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

impl<T> real::ops::Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is held")
    }
}

impl<T> real::ops::DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is held")
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        weak::land();
    }
}

/// A condition that loom schedules. Waits for it have no end of their own.
#[derive(Debug, Default)]
pub struct Condvar(loom::sync::Condvar);

/// Never tells of a time-out.
#[derive(Debug)]
pub struct WaitTimeoutResult;

impl Condvar {
    /// Waits for a notification.
    pub fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        weak::land();
        let held = guard.0.take().expect("it is held");
        guard.0 = self.0.wait(held).ok();
        guard
    }

    /// Waits for a notification, however long that takes: one that never comes ends the run.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        _: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        Ok((self.wait(guard), WaitTimeoutResult))
    }

    /// Wakes all that wait.
    pub fn notify_all(&self) {
        weak::land();
        self.0.notify_all();
    }
}
