//! What a host is told: errors with a sentence, counters, log lines.

pub mod error;
pub mod log;
pub(crate) mod stats;
pub(crate) mod trouble;
