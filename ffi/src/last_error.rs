//! The detail of each thread's last failure, which the guards keep.

use std::ffi::c_char;

use mona_core::error::Result;

use crate::guard::{guard_reading_last_error, with_last_error};
use crate::status::mona_status;
use crate::text::Output;

/// Gives the detail of the last failing call of this thread, one sentence in the form
/// `<what was given>: <what was found>, <what is expected>`.
///
/// A call that succeeds leaves it as it is, and so does this one, even when it fails.
///
/// @param buf  Where the sentence goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap  Bytes in `buf`.
/// @param len  Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK: also when nothing failed yet, the text is then ""; MONA_E_TRUNCATED: `buf` has the
///         beginning; MONA_E_ARGUMENT.
///
/// Threads: any, each has its own.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_last_error(buf: *mut c_char, cap: usize, len: *mut usize) -> mona_status {
    guard_reading_last_error("mona_last_error", || -> Result<()> {
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        with_last_error(|detail| output.write(detail))
    })
}
