//! The status numbers and their sentences.

use std::ffi::{CStr, c_char};

use mona_core::error::Status;

use crate::guard::guard_or;

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
/// Called from inside the log callback where that would deadlock.
pub const MONA_E_BUSY: mona_status = 14;
/// This thread is ending and has no context storage any more.
pub const MONA_E_THREAD: mona_status = 15;
/// A bug in libmona, contained.
pub const MONA_E_PANIC: mona_status = 16;

const NUMBERS: [mona_status; Status::ALL.len()] = [
    MONA_OK,
    MONA_E_ARGUMENT,
    MONA_E_UTF8,
    MONA_E_JSON,
    MONA_E_NO_CONTEXT,
    MONA_E_PROTECTED,
    MONA_E_NOT_FOUND,
    MONA_E_LIMIT,
    MONA_E_DROPPED,
    MONA_E_TIMEOUT,
    MONA_E_CLOSED,
    MONA_E_IO,
    MONA_E_TRUNCATED,
    MONA_E_EXISTS,
    MONA_E_BUSY,
    MONA_E_THREAD,
    MONA_E_PANIC,
];

/// Room for the longest sentence and its NUL; a longer one does not compile.
const LONGEST: usize = 80;

/// The core's sentences, ended by NUL, in the order of their numbers.
static SENTENCES: [[u8; LONGEST]; Status::ALL.len()] = {
    let mut sentences = [[0; LONGEST]; Status::ALL.len()];
    let mut places: &mut [[u8; LONGEST]] = &mut sentences;
    let mut statuses: &[Status] = &Status::ALL;
    let mut numbers: &[mona_status] = &NUMBERS;
    while let ([place, places_left @ ..], [status, statuses_left @ ..], [number, numbers_left @ ..]) =
        (places, statuses, numbers)
    {
        assert!(status.code() == *number, "the core and the header number the statuses alike");
        *place = ended_by_nul(status.text());
        places = places_left;
        statuses = statuses_left;
        numbers = numbers_left;
    }
    sentences
};

const fn ended_by_nul(text: &str) -> [u8; LONGEST] {
    assert!(text.len() < LONGEST, "there is room for the sentence and its NUL");
    let mut ended = [0; LONGEST];
    let mut places: &mut [u8] = &mut ended;
    let mut bytes = text.as_bytes();
    while let ([place, places_left @ ..], [byte, bytes_left @ ..]) = (places, bytes) {
        *place = *byte;
        places = places_left;
        bytes = bytes_left;
    }
    ended
}

const UNKNOWN: &CStr = c"a status number that this version of libmona does not know";

/// Gives one English sentence about a status number.
///
/// @param status  Any number; an unknown one has a sentence too.
/// @return A static text that ends in NUL. Never NULL, nobody frees it.
///
/// Threads: any.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mona_status_text(status: mona_status) -> *const c_char {
    guard_or("mona_status_text", UNKNOWN.as_ptr(), || {
        let sentence = usize::try_from(status).ok().and_then(|number| SENTENCES.get(number));
        Ok(sentence.map_or(UNKNOWN.as_ptr(), |sentence| sentence.as_ptr().cast()))
    })
}
