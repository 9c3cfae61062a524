//! What a forked child leaves behind: it may be locked for ever, so it is neither used nor dropped.
//!
//! It stays reachable from here, as leak checkers take what nothing points to for a bug of the host's.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

static LAST: AtomicPtr<Left> = AtomicPtr::new(null_mut());

struct Left {
    _thing: *mut (),
    _before: *mut Left,
}

/// Leaves what `thing` points to, and what that points to, as it is, for ever.
pub(crate) fn leave(thing: *mut ()) {
    let left = Box::into_raw(Box::new(Left { _thing: thing, _before: null_mut() }));
    let mut before = LAST.load(Ordering::Relaxed);
    loop {
        // SAFETY: nobody else knows it yet, and it is never freed.
        unsafe { (*left)._before = before };
        match LAST.compare_exchange_weak(before, left, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => before = other,
        }
    }
}

/// The same for a value.
pub(crate) fn leave_value<T>(value: T) {
    leave(Box::into_raw(Box::new(value)).cast());
}
