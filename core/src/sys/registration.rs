//! The first use of what a thread keeps and destroys when it ends.
//!
//! The first use tells the C library of the destructor. A signal handler that ends the process in the middle of that makes
//! glibc call a destructor that is only half told: the process ends with a fault instead of its status. The loader's lock
//! is taken there, so the middle may last. No signal comes in between when the first use is made here.

use std::cell::Cell;
use std::thread::LocalKey;

use super::signals;

/// Makes `first_use` with the thread's signals held back, once a thread: `was_made` keeps that, and has nothing to drop.
#[inline(always)]
pub fn once(was_made: &'static LocalKey<Cell<bool>>, first_use: impl FnOnce()) {
    if !was_made.get() {
        make(was_made, first_use);
    }
}

#[cold]
#[inline(never)]
fn make(was_made: &'static LocalKey<Cell<bool>>, first_use: impl FnOnce()) {
    signals::without_any_signal(first_use);
    was_made.set(true);
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static WAS_MADE: Cell<bool> = const { Cell::new(false) };
    }

    #[test]
    fn it_is_made_once_a_thread() {
        let made = Cell::new(0);
        let again = || once(&WAS_MADE, || made.set(made.get() + 1));
        again();
        again();
        assert_eq!(made.get(), 1);
        std::thread::spawn(|| assert!(!WAS_MADE.get())).join().unwrap();
    }
}
