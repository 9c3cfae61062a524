//! What a refused export leaves behind: one more in `refused`, and a line in the log, one a minute for each kind.
//!
//! Told by whoever gives the answer, when no lock is held any more. A line has the class of the run and the name of a
//! field or the byte of a text, and no value.

use std::sync::atomic::Ordering;

use super::context_ref::Origin;
use super::inner::Inner;
use crate::diag::error::{Error, Status};
use crate::diag::stats::{count, count_more};
use crate::encode::Timestamp;
use crate::sys::call;

/// The answer to an export whose context has no class, where every message must carry one.
pub(super) const NO_CLASS: &str =
    "export: its context has no ARC class, one opened with a class is expected with http_format \"mona\"";

impl Inner {
    /// Counts an export that is answered with `error`, and tells of it; gives the error back. One that came from a
    /// context tells of its class.
    #[cold]
    #[inline(never)]
    pub(crate) fn refused(&self, origin: Option<&Origin>, error: Error) -> Error {
        // It was accepted and dropped: the ledger has it.
        if error.status() == Status::Dropped {
            return error;
        }
        let _inside = call::hold();
        count(&self.runtime().counters.refused);
        let class = || origin.map_or_else(String::new, |origin| origin.class.shown());
        match error.status() {
            Status::NoContext => self.log.error("no context", || {
                "export refused: no context is open on this thread, an export inside a context is expected".to_owned()
            }),
            Status::Argument if error.detail() == NO_CLASS => {
                if !self.has_told_of_class.swap(true, Ordering::Relaxed) {
                    self.log.error("no class", || NO_CLASS.to_owned());
                }
            }
            Status::Timeout => {
                self.log.warn("export timeout", || format!("export not confirmed: {}{error}", class()));
            }
            status => self.log.warn(kind(status), || format!("export refused: {}{error}", class())),
        }
        error
    }

    /// The answer to an export that a signal handler makes in the middle of another call. It counts, and nothing is
    /// told: to tell may allocate, and wait for a lock that this thread holds.
    #[cold]
    pub(crate) fn refused_interrupting(&self) -> Error {
        if let Some(runtime) = self.runtime.existing() {
            count(&runtime.counters.refused);
        }
        Error::interrupting()
    }

    /// The same for a batch as a whole.
    #[cold]
    pub(crate) fn refused_batch(&self, error: Error) -> Error {
        count(&self.runtime().counters.refused);
        self.log.error("batch", || format!("batch refused: {error}"));
        error
    }

    /// The same for an event of a batch that is none.
    #[cold]
    pub(crate) fn refused_event(&self, error: Error) -> Error {
        count(&self.runtime().counters.refused);
        self.log.error("batch event", || format!("export refused: {error}"));
        error
    }

    /// Counts the events of a batch that are not looked at any more.
    #[cold]
    pub(crate) fn refused_more(&self, events: usize) {
        count_more(&self.runtime().counters.refused, events);
    }

    /// Tells of a context that was not opened, as exports that follow have no client that could tell of them.
    #[cold]
    #[inline(never)]
    pub(crate) fn told_of_context(&self, error: &Error) {
        match error.status() {
            // Told where they were found.
            Status::NoContext | Status::Protected => {}
            // It is open, and its class waits.
            Status::Timeout => {}
            _ => self.log.warn("context", || format!("context refused: {error}")),
        }
    }

    /// Tells of a timestamp outside the rule, whose event is sent all the same.
    #[cold]
    #[inline(never)]
    pub(crate) fn told_of_timestamp(&self, origin: &Origin, time: &Timestamp) {
        let Some(found) = time.fault() else { return };
        self.log.warn("timestamp", || {
            let class = origin.class.shown();
            format!("export: {class}timestamp: {found}, seconds since 1970 are expected; sent with the time of now")
        });
    }
}

/// A word for each status, as each kind of line speaks once a minute.
fn kind(status: Status) -> &'static str {
    match status {
        Status::Argument => "refused argument",
        Status::Utf8 => "refused utf8",
        Status::Json => "refused json",
        Status::Limit => "refused limit",
        Status::Closed => "refused closed",
        Status::Busy => "refused busy",
        Status::Thread => "refused thread",
        _ => "refused",
    }
}
