//! The spin lock.

use crate::run::every_order;
use crate::sync::Arc;
use crate::sys::spin_lock::SpinLock;
use crate::thread::{JoinHandle, spawn};

/// Two threads are never inside at once, and each sees what the other wrote.
pub fn a_spin_lock_lets_one_in_who_sees_what_the_last_one_wrote() {
    every_order(3, || {
        let lock = Arc::new(SpinLock::new((0, 0)));
        let other = Arc::clone(&lock);
        let thread = spawn(move || add(&other));
        add(&lock);
        thread.join();
        assert_eq!(*lock.lock(), (2, 2));
    });
}

fn add(lock: &SpinLock<(u32, u32)>) {
    let mut both = lock.lock();
    assert_eq!(both.0, both.1);
    both.0 += 1;
    both.1 += 1;
}

/// The same for whoever only tries.
pub fn a_try_of_a_spin_lock_sees_what_the_last_one_wrote() {
    every_order(3, || {
        let lock = Arc::new(SpinLock::new((0, 0)));
        let threads = [0, 1].map(|_| {
            let lock = Arc::clone(&lock);
            spawn(move || {
                if let Some(mut both) = lock.try_lock() {
                    assert_eq!(both.0, both.1);
                    both.0 += 1;
                    both.1 += 1;
                }
            })
        });
        add(&lock);
        threads.into_iter().for_each(JoinHandle::join);
        let both = lock.try_lock().map(|both| *both);
        assert!(both.is_some_and(|both| both.0 == both.1 && (1..=3).contains(&both.0)), "{both:?}");
    });
}
