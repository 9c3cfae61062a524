//! The sentences of the status numbers.

use std::ffi::{CStr, c_char};

use mona_core::error::Status;

use crate::guard::guard_reading;
use crate::status::{
    MONA_E_ARGUMENT, MONA_E_BUSY, MONA_E_CLOSED, MONA_E_DROPPED, MONA_E_EXISTS, MONA_E_IO, MONA_E_JSON,
    MONA_E_LIMIT, MONA_E_NO_CONTEXT, MONA_E_NOT_FOUND, MONA_E_PANIC, MONA_E_PROTECTED, MONA_E_THREAD,
    MONA_E_TIMEOUT, MONA_E_TRUNCATED, MONA_E_UTF8, MONA_OK, mona_status,
};

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
    guard_reading("mona_status_text", UNKNOWN.as_ptr(), || {
        let sentence = usize::try_from(status).ok().and_then(|number| SENTENCES.get(number));
        Ok(sentence.map_or(UNKNOWN.as_ptr(), |sentence| sentence.as_ptr().cast()))
    })
}
