//! In the place of a socket pair: a flag, and a wait for it that never gives up.

use std::cell::RefCell;
use std::os::fd::RawFd;

use crate::sync::{Arc, Condvar, Mutex, Weak};
use crate::sys::sync::lock;

real::thread_local! {
    // Loom runs all threads of a model on this one.
    static PAIRS: RefCell<Vec<Weak<Bell>>> = const { RefCell::new(Vec::new()) };
}

#[derive(Debug, Default)]
struct Bell {
    is_rung: Mutex<bool>,
    rung: Condvar,
}

#[derive(Debug)]
pub(crate) struct WakePair {
    bell: Arc<Bell>,
    number: RawFd,
}

impl Default for WakePair {
    fn default() -> WakePair {
        let bell = Arc::default();
        PAIRS.with_borrow_mut(|pairs| {
            pairs.retain(|known| known.strong_count() > 0);
            pairs.push(Arc::downgrade(&bell));
            let number = RawFd::try_from(pairs.len()).expect("few pairs");
            WakePair { bell, number }
        })
    }
}

impl WakePair {
    pub(crate) fn renew(&self) {}

    pub(crate) fn ring(&self) {
        *lock(&self.bell.is_rung) = true;
        self.bell.rung.notify_all();
    }

    pub(crate) fn forget(&self) {
        *lock(&self.bell.is_rung) = false;
    }

    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        Some(self.number)
    }
}

/// What the sender does with the descriptor. Where nobody rings, nothing goes on and loom ends the run.
pub(crate) fn wait_readable(descriptor: RawFd) {
    let place = usize::try_from(descriptor - 1).expect("a pair's number");
    let bell =
        PAIRS.with_borrow(|pairs| pairs.get(place).and_then(Weak::upgrade)).expect("a pair that is there");
    let mut is_rung = lock(&bell.is_rung);
    while !*is_rung {
        is_rung = bell.rung.wait(is_rung);
    }
}
