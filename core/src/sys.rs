//! What the system gives: fork, threads, locks, wake-ups, clocks, ids, descriptors, memory; and how the processor
//! computes.
//!
//! Nothing here knows of events or collectors, and nothing here calls anything above.

pub(crate) mod at_exit;
pub(crate) mod blocks;

pub mod call;
mod cancel;
pub(crate) mod clock;
pub(crate) mod directory;
pub(crate) mod environment;
pub(crate) mod float_mode;
pub(crate) mod fork;
pub(crate) mod hex;
pub(crate) mod host;
pub(crate) mod id;
pub(crate) mod identity;
pub(crate) mod kept;
pub(crate) mod leak_checker;
pub(crate) mod left_behind;
pub(crate) mod output;
pub(crate) mod pages;
pub(crate) mod poll;
pub(crate) mod preallocate;
pub mod registration;
#[cfg(target_os = "linux")]
pub(crate) mod scheduling;
pub(crate) mod signals;
pub(crate) mod spin_lock;
pub(crate) mod swap;
pub(crate) mod sync;
pub(crate) mod thread;
pub(crate) mod turn;
pub(crate) mod wake_pair;
pub(crate) mod waker;
