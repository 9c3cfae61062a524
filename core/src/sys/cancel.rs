//! Whether the calling thread may be cancelled by `pthread_cancel`.

use std::ffi::c_int;

/// It may not.
pub(crate) const DISABLED: c_int = if cfg!(target_vendor = "apple") { 0 } else { 1 };

// Android's C library has no cancellation, nor has Windows, and the crate `libc` does not declare this for the others.
#[cfg(not(any(target_os = "android", windows)))]
unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
}

/// Says whether the calling thread may be cancelled, and gives what was said before.
#[cfg(not(any(target_os = "android", windows)))]
#[inline]
pub(crate) fn set_cancel_state(state: c_int) -> c_int {
    let mut before = DISABLED;
    // SAFETY: the pointer is to a live number. A failure leaves it, and everything else, as it is.
    unsafe { pthread_setcancelstate(state, &raw mut before) };
    before
}

/// Nobody can.
#[cfg(any(target_os = "android", windows))]
#[inline]
pub(crate) fn set_cancel_state(_: c_int) -> c_int {
    DISABLED
}
