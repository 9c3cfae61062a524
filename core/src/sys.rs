//! What the system gives: fork, threads, locks, wake-ups, clocks, ids, descriptors, memory; and how the processor
//! computes.
//!
//! Where Windows has other words for something, a file in `windows/` with the same items stands in for it.
//!
//! Nothing here knows of events or collectors, and nothing here calls anything above.

pub(crate) mod at_exit;
pub(crate) mod blocks;

pub mod call;
mod cancel;
#[cfg_attr(windows, path = "sys/windows/clock.rs")]
pub(crate) mod clock;
#[cfg_attr(windows, path = "sys/windows/descriptor.rs")]
pub(crate) mod descriptor;
#[cfg_attr(windows, path = "sys/windows/directory.rs")]
pub(crate) mod directory;
pub(crate) mod entry;
pub(crate) mod environment;
#[cfg_attr(windows, path = "sys/windows/errors.rs")]
pub(crate) mod errors;
#[cfg_attr(windows, path = "sys/windows/files.rs")]
pub(crate) mod files;
pub(crate) mod float_mode;
pub(crate) mod fork;
pub(crate) mod hex;
#[cfg_attr(windows, path = "sys/windows/host.rs")]
pub(crate) mod host;
pub(crate) mod id;
#[cfg(unix)]
pub(crate) mod identity;
#[cfg_attr(windows, path = "sys/windows/kept.rs")]
pub(crate) mod kept;
#[cfg_attr(windows, path = "sys/windows/leak_checker.rs")]
pub(crate) mod leak_checker;
pub(crate) mod left_behind;
#[cfg_attr(windows, path = "sys/windows/output.rs")]
pub(crate) mod output;
#[cfg_attr(windows, path = "sys/windows/pages.rs")]
pub(crate) mod pages;
#[cfg_attr(windows, path = "sys/windows/poll.rs")]
pub(crate) mod poll;
pub(crate) mod preallocate;
pub mod registration;
#[cfg(target_os = "linux")]
pub(crate) mod scheduling;
#[cfg_attr(windows, path = "sys/windows/signals.rs")]
pub(crate) mod signals;
pub(crate) mod spin_lock;
pub(crate) mod swap;
pub(crate) mod sync;
pub(crate) mod thread;
pub(crate) mod turn;
pub(crate) mod wake_pair;
pub(crate) mod waker;
