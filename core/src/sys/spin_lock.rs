//! A lock for a few instructions, almost never contended: one atomic exchange to take, a plain store to give.
//!
//! Each thread's own buffer sits behind one: its thread takes it for every event, the sender now and then. A
//! panic inside leaves it open, as `sync` does for the locks of the system.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::sys::sync::{Naps, try_until};

/// Attempts before a waiter sleeps: some ten microseconds, longer than any holder needs that runs.
const ATTEMPTS: u32 = 1000;

#[derive(Debug, Default)]
pub(crate) struct SpinLock<T> {
    is_taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached only through the guard, of which there is one at a time.
unsafe impl<T: Send> Sync for SpinLock<T> {}

impl<T> SpinLock<T> {
    pub(crate) fn new(value: T) -> SpinLock<T> {
        SpinLock { is_taken: AtomicBool::new(false), value: UnsafeCell::new(value) }
    }

    #[inline(always)]
    pub(crate) fn lock(&self) -> SpinGuard<'_, T> {
        if self.is_taken.swap(true, Ordering::Acquire) {
            self.wait();
        }
        SpinGuard { lock: self }
    }

    /// The lock, unless somebody holds it.
    pub(crate) fn try_lock(&self) -> Option<SpinGuard<'_, T>> {
        // Not `then_some`: a guard that is made and not given would open the lock.
        (!self.is_taken.swap(true, Ordering::Acquire)).then(|| SpinGuard { lock: self })
    }

    /// Whether somebody holds it just now.
    pub(crate) fn is_taken(&self) -> bool {
        self.is_taken.load(Ordering::Relaxed)
    }

    #[cold]
    #[inline(never)]
    fn wait(&self) {
        let mut naps = Naps::new();
        while !self.attempt() {
            naps.take();
        }
    }

    /// Tries for some ten microseconds.
    fn attempt(&self) -> bool {
        (0..ATTEMPTS).any(|_| {
            std::hint::spin_loop();
            !self.is_taken.load(Ordering::Relaxed) && !self.is_taken.swap(true, Ordering::Acquire)
        })
    }

    /// The lock, unless somebody holds it until `deadline`.
    pub(crate) fn lock_until(&self, deadline: Instant) -> Option<SpinGuard<'_, T>> {
        try_until(deadline, || self.attempt().then(|| SpinGuard { lock: self }))
    }
}

/// Holds a lock.
#[derive(Debug)]
pub(crate) struct SpinGuard<'a, T> {
    lock: &'a SpinLock<T>,
}

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: who has the guard has the value.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and the guard is borrowed alone.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.lock.is_taken.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn one_thread_at_a_time() {
        let lock = SpinLock::new((0_u64, 0_u64));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        let mut both = lock.lock();
                        assert_eq!(both.0, both.1);
                        both.0 += 1;
                        both.1 += 1;
                    }
                });
            }
        });
        assert_eq!(*lock.lock(), (80_000, 80_000));
        let held = lock.lock();
        for _ in 0..3 {
            assert!(lock.try_lock().is_none());
        }
        assert!(lock.is_taken());
        assert!(lock.lock_until(Instant::now() + Duration::from_millis(2)).is_none());
        drop(held);
        assert!(!lock.is_taken());
        assert!(lock.try_lock().is_some());
        assert!(lock.lock_until(Instant::now()).is_some());
    }

    #[test]
    fn a_panic_leaves_it_open() {
        let lock = SpinLock::new(1);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = lock.lock();
            panic!("inside");
        }));
        assert!(panicked.is_err());
        assert_eq!(lock.try_lock().map(|value| *value), Some(1));
    }
}
