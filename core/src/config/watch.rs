//! Notices when the config file changes: the body of the thread `mona-config`.
//!
//! The truth is a `stat` of the path every two seconds. File system notifications only bring the next look
//! forward, so a missed or impossible notification costs time and never a change. Whoever starts the thread
//! hands in the file as it was read at the start, so nothing is lost in between; every change is told once,
//! as the new content or as a sentence about why there is none.

#[cfg(target_os = "linux")]
mod descriptors;
mod follow;
mod inbox;
#[cfg_attr(not(target_os = "linux"), path = "watch/unnoticed.rs")]
mod notices;

pub(crate) use follow::Watch;
pub(crate) use inbox::Inbox;

#[cfg(test)]
mod tests;
