//! Spools as tools see them.

use std::ffi::c_char;
use std::path::Path;

use mona_core::error::{Error, Result, Status};
use mona_core::{path_of_bytes, spool_dir};

use crate::guard::guard;
use crate::status::mona_status;
use crate::text::{Output, bytes, text};

/// The directory that `dir` names.
///
/// # Safety
///
/// As for [`bytes`].
unsafe fn directory<'a>(dir: *const c_char, dir_len: usize) -> Result<&'a Path> {
    // SAFETY: as the caller promises.
    match unsafe { bytes(dir, dir_len, "dir") }? {
        [] => Err(Error::new(Status::Argument, "dir: an empty text, the directory of a spool is expected")),
        dir => path_of_bytes(dir)
            .ok_or_else(|| Error::new(Status::Argument, "dir: no UTF-8, a path is expected")),
    }
}

/// Lists what a spool holds, the directory of the option spool_dir, without changing it. The list is a JSON array, the
/// oldest instance first: {"instance": text, "owned": boolean, "segments": number, "records": number, "events": number,
/// "bytes": number, "age_seconds": number or null}. An owned instance belongs to a process that runs.
///
/// Every call reads the heads of all records.
///
/// @param dir      The directory. Not NULL.
/// @param dir_len  Bytes in `dir`, or MONA_NTS.
/// @param buf      Where the list goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap      Bytes in `buf`.
/// @param len      Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK; MONA_E_IO: it cannot be read, or is not such a directory; MONA_E_TRUNCATED: `buf` has the beginning;
///         MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_spool_list(
    dir: *const c_char,
    dir_len: usize,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_spool_list", || {
        // SAFETY: the header asks for `dir_len` readable bytes.
        let dir = unsafe { directory(dir, dir_len) }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&spool_dir::list(dir)?)
    })
}

/// Reads everything in a spool and says what is damaged, without changing it, as a JSON object: {"instances": number,
/// "segments": number, "records": number, "events": number, "bytes": number, "damaged": number, "damage": [{"file":
/// text, "error": text}, ...]}. "damaged" is 0 where all is well. A record that a running process is just writing is no
/// damage.
///
/// Every call reads all bytes of the spool.
///
/// @param dir      The directory. Not NULL.
/// @param dir_len  Bytes in `dir`, or MONA_NTS.
/// @param buf      Where the report goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap      Bytes in `buf`.
/// @param len      Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK, damaged or not; MONA_E_IO: it cannot be read, or is not such a directory; MONA_E_TRUNCATED: `buf`
///         has the beginning; MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_spool_verify(
    dir: *const c_char,
    dir_len: usize,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_spool_verify", || {
        // SAFETY: the header asks for `dir_len` readable bytes.
        let dir = unsafe { directory(dir, dir_len) }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&spool_dir::verify(dir)?)
    })
}

/// Reads the next chunk that waits in a spool, without changing it. The first line is a JSON object: {"place": text,
/// "id": text, "events": number, "error": text or null}. Each line behind it is a record, as the endpoint stdout: writes
/// it.
///
/// To read an instance from the front, begin with its name and go on with the "place" of each chunk. Chunks that are
/// delivered meanwhile are left out.
///
/// @param dir        The directory. Not NULL.
/// @param dir_len    Bytes in `dir`, or MONA_NTS.
/// @param place      The name of an instance, for its first chunk, or the place of a chunk, for the one behind it. Not
///                   NULL.
/// @param place_len  Bytes in `place`, or MONA_NTS.
/// @param buf        Where the lines go, ended by NUL; NULL with a `cap` of 0 asks for their length only.
/// @param cap        Bytes in `buf`.
/// @param len        Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK; MONA_E_NOT_FOUND: that was the last one, or the instance is gone; MONA_E_IO: it cannot be read, or is
///         not such a directory; MONA_E_TRUNCATED: `buf` has the beginning; MONA_E_ARGUMENT; MONA_E_UTF8.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_spool_read(
    dir: *const c_char,
    dir_len: usize,
    place: *const c_char,
    place_len: usize,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_spool_read", || {
        // SAFETY: the header asks for `dir_len` readable bytes.
        let dir = unsafe { directory(dir, dir_len) }?;
        // SAFETY: the header asks for `place_len` readable bytes.
        let place = unsafe { text(place, place_len, "place") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&spool_dir::read(dir, place)?)
    })
}
