//! The status numbers and the error value that every fallible call of this crate answers with.
//!
//! A status says what kind of failure it was and is fixed for ever; the detail is one sentence for a
//! person: what was given, what was found, what is expected.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// The outcome of a call, numbered as in the C interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Status {
    /// Done; for an export: accepted, or skipped on purpose.
    Ok = 0,
    /// A missing value, a number out of range or an unknown name.
    Argument = 1,
    /// Text that is not UTF-8.
    Utf8 = 2,
    /// Not one JSON object, or for a batch not an array of events.
    Json = 3,
    /// No context is open on this thread.
    NoContext = 4,
    /// The context belongs to an enclosing enter/leave pair.
    Protected = 5,
    /// No such open sub-context, or nothing to take.
    NotFound = 6,
    /// The event is larger or deeper than the limits allow.
    Limit = 7,
    /// The queue is full and the policy was to drop the new event.
    Dropped = 8,
    /// The time is over; for flush and close, something is still undelivered.
    Timeout = 9,
    /// The client was closed.
    Closed = 10,
    /// A file or network operation failed.
    Io = 11,
    /// The output did not fit.
    Truncated = 12,
    /// The default client is already set.
    Exists = 13,
    /// Called from inside the log callback, or from a signal handler that interrupted a call.
    Busy = 14,
    /// This thread is ending and has no context storage any more.
    Thread = 15,
    /// A bug in libmona, contained.
    Panic = 16,
}

impl Status {
    /// Every status in the order of its number.
    pub const ALL: [Status; 17] = [
        Status::Ok,
        Status::Argument,
        Status::Utf8,
        Status::Json,
        Status::NoContext,
        Status::Protected,
        Status::NotFound,
        Status::Limit,
        Status::Dropped,
        Status::Timeout,
        Status::Closed,
        Status::Io,
        Status::Truncated,
        Status::Exists,
        Status::Busy,
        Status::Thread,
        Status::Panic,
    ];

    /// The number used by the C interface.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The status with this number, if there is one.
    pub fn from_code(code: i32) -> Option<Status> {
        usize::try_from(code).ok().and_then(|index| Status::ALL.get(index).copied())
    }

    /// One English sentence, the same for every failure of this kind.
    pub const fn text(self) -> &'static str {
        match self {
            Status::Ok => "done",
            Status::Argument => "an argument is missing, out of range or unknown",
            Status::Utf8 => "text is not valid UTF-8",
            Status::Json => "not valid JSON of the expected kind",
            Status::NoContext => "no context is open on this thread",
            Status::Protected => "the context belongs to an enclosing enter/leave pair",
            Status::NotFound => "there is no such thing",
            Status::Limit => "the event is larger or deeper than the limits allow",
            Status::Dropped => "the queue is full and the new event was dropped",
            Status::Timeout => "the time is over and something is still undelivered",
            Status::Closed => "the client was closed",
            Status::Io => "a file or network operation failed",
            Status::Truncated => "the output did not fit into the buffer",
            Status::Exists => "the default client is already set",
            Status::Busy => "called from inside the log callback or in the middle of a call",
            Status::Thread => "this thread is ending and has no context storage any more",
            Status::Panic => "a bug in libmona was contained",
        }
    }
}

static INTERRUPTING: OnceLock<Error> = OnceLock::new();

fn new_interrupting() -> Error {
    Error::new(
        Status::Busy,
        "call: made while this thread is inside another call of the library, one at a time is expected",
    )
}

/// A failed call: its status and a sentence about this very failure.
///
/// One pointer, so that the results of the hot path travel in registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Arc<Failure>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    status: Status,
    detail: Cow<'static, str>,
}

impl Error {
    /// An error with a detail in the form `<what was given>: <what was found>, <what is expected>`.
    #[cold]
    #[inline(never)]
    pub fn new(status: Status, detail: impl Into<Cow<'static, str>>) -> Error {
        Error(Arc::new(Failure { status, detail: detail.into() }))
    }

    /// The answer of a call that a signal handler makes while its thread is inside another one. It was made before,
    /// because that one may be about to allocate.
    #[cold]
    #[inline(never)]
    pub fn interrupting() -> Error {
        INTERRUPTING.get().map_or_else(new_interrupting, Error::clone)
    }

    /// Makes that answer.
    pub fn prepare() {
        INTERRUPTING.get_or_init(new_interrupting);
    }

    /// What kind of failure it was.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The sentence about this failure, without the status text.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl std::error::Error for Error {}

/// The result of every fallible call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_order_agree() {
        for (number, status) in Status::ALL.iter().enumerate() {
            assert_eq!(status.code(), number as i32);
            assert_eq!(Status::from_code(number as i32), Some(*status));
        }
        assert_eq!(Status::from_code(17), None);
        assert_eq!(Status::from_code(-1), None);
    }
}
