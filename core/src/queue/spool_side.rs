//! What threads tell the one that keeps the spool, and it tells them.

use std::sync::atomic::AtomicBool;

use crate::sys::waker::Waker;

/// What the threads of a client with a spool tell the one that keeps it.
#[derive(Debug, Default)]
pub(super) struct SpoolSide {
    pub(super) waker: Waker,
    /// The process ends, and the time for delivery is over.
    pub(super) is_rest_asked_for: AtomicBool,
}

impl SpoolSide {
    pub(super) fn new() -> SpoolSide {
        SpoolSide { waker: Waker::new(), ..SpoolSide::default() }
    }
}
