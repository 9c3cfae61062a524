//! What the system gives: fork, threads, locks, wake-ups, clocks, ids, descriptors.
//!
//! Nothing here knows of events or collectors, and nothing here calls anything above.

pub(crate) mod clock;
pub(crate) mod fork;
pub(crate) mod hex;
pub(crate) mod id;
pub(crate) mod identity;
pub(crate) mod kept;
pub(crate) mod left_behind;
pub(crate) mod poll;
pub(crate) mod spin_lock;
pub(crate) mod stdout;
pub(crate) mod sync;
pub(crate) mod thread;
pub(crate) mod wake_pair;
pub(crate) mod waker;
