//! Handles that live as long as a client. Here no host takes numbers that are not its own for granted, and no process
//! is forked: what is kept is ours until it is dropped.

use std::fs::{self, OpenOptions};
use std::io;
use std::ops::Deref;
use std::path::Path;

/// No write raises a signal.
pub(crate) const SEND_FLAGS: i32 = 0;

/// A handle of ours.
#[derive(Debug)]
pub(crate) struct Kept<T>(T);

impl<T> Kept<T> {
    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(crate) fn new(fresh: T) -> io::Result<Kept<T>> {
        Ok(Kept(fresh))
    }

    pub(crate) fn marked(fresh: T) -> io::Result<Kept<T>> {
        Kept::new(fresh)
    }

    #[allow(clippy::unused_self, reason = "it is asked for elsewhere")]
    pub(crate) fn is_ours(&self) -> bool {
        true
    }

    /// No child has it.
    #[allow(clippy::unused_self, reason = "it is asked for elsewhere")]
    pub(crate) fn is_listed(&self) -> bool {
        true
    }

    #[allow(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    pub(crate) fn ours(&self) -> io::Result<&T> {
        Ok(&self.0)
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Opens a file.
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<Kept<fs::File>> {
    Kept::marked(options.open(path)?)
}

/// Standard handles have no numbers that others could get.
#[derive(Debug, Default)]
pub(crate) struct Placeholders;

impl Placeholders {
    pub(crate) fn hold() -> Placeholders {
        Placeholders
    }
}
