//! The core's locks, waker and fork-local cells. Only what reaches for descriptors is another one.

#[path = "../../../core/src/sys/call.rs"]
pub(crate) mod call;
#[path = "../../../core/src/sys/cancel.rs"]
pub(crate) mod cancel;
pub(crate) mod descriptor {
    pub(crate) use std::os::fd::RawFd;
}
pub(crate) mod fork;
#[path = "../../../core/src/sys/left_behind.rs"]
pub(crate) mod left_behind;
pub(crate) mod registration;
#[path = "../../../core/src/sys/spin_lock.rs"]
pub(crate) mod spin_lock;
#[path = "../../../core/src/sys/sync.rs"]
pub(crate) mod sync;
pub(crate) mod wake_pair;
#[path = "../../../core/src/sys/waker.rs"]
pub(crate) mod waker;
