//! The status numbers.

/// The outcome of a call: MONA_OK or one of the MONA_E_ numbers. The numbers never change; later
/// versions may add some.
pub type mona_status = i32;

/// Done. For an export: accepted, or knowingly skipped (disabled, filtered, sampled out).
pub const MONA_OK: mona_status = 0;
/// NULL where none is allowed, a number out of range, or an unknown name.
pub const MONA_E_ARGUMENT: mona_status = 1;
/// Text is not UTF-8.
pub const MONA_E_UTF8: mona_status = 2;
/// Not one JSON object, or for a batch not an array of events; mona_last_error() says where.
pub const MONA_E_JSON: mona_status = 3;
/// No context is open on this thread.
pub const MONA_E_NO_CONTEXT: mona_status = 4;
/// The context belongs to an enclosing enter/leave pair.
pub const MONA_E_PROTECTED: mona_status = 5;
/// No such open sub-context, or nothing to take.
pub const MONA_E_NOT_FOUND: mona_status = 6;
/// The event is larger or deeper than the limits allow.
pub const MONA_E_LIMIT: mona_status = 7;
/// The queue is full and the policy was to drop the new event.
pub const MONA_E_DROPPED: mona_status = 8;
/// The time is over; for flush and close: something is still undelivered.
pub const MONA_E_TIMEOUT: mona_status = 9;
/// The client was closed.
pub const MONA_E_CLOSED: mona_status = 10;
/// A file or network operation failed.
pub const MONA_E_IO: mona_status = 11;
/// The output did not fit into the buffer.
pub const MONA_E_TRUNCATED: mona_status = 12;
/// The default client is already set; nothing was done.
pub const MONA_E_EXISTS: mona_status = 13;
/// Called from inside the log callback where that would deadlock, or by a signal handler that interrupted
/// a call.
pub const MONA_E_BUSY: mona_status = 14;
/// This thread is ending and has no context storage any more.
pub const MONA_E_THREAD: mona_status = 15;
/// A bug in libmona, contained.
pub const MONA_E_PANIC: mona_status = 16;
