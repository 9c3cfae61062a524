//! The context a record belongs to, as far as the client below contexts needs to know it.

use std::sync::atomic::AtomicBool;

use super::class_name::ClassName;
use crate::encode::RecordPrefix;

/// What is the same for all records of a context.
#[derive(Debug)]
pub(crate) struct Origin {
    /// What they begin with.
    pub(crate) prefix: RecordPrefix,
    /// For the log.
    pub(crate) class: ClassName,
    /// Sampling keeps this context.
    pub(crate) is_kept: bool,
    /// It is kept, and its client asks for nothing that only some do: its messages may take the fast path.
    pub(crate) is_plain: bool,
    /// The same, but for the nanoseconds in the time of its records.
    pub(crate) is_precise: bool,
}

/// The context a record belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ContextRef<'a> {
    pub(crate) origin: &'a Origin,
    /// Set until the globals went out with a message of this main context; only where messages carry them.
    pub(crate) owes_globals: Option<&'a AtomicBool>,
}
