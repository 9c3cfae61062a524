//! Blocks of the disk that a file is given before it is written.

use std::fs::File;
#[cfg(any(target_os = "linux", target_os = "android"))]
use std::os::fd::AsRawFd as _;

/// Asks for blocks for the first `len` bytes; the file stays as long as it is. That it cannot be had is no error: they are
/// found as the bytes come.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn reserve(file: &File, len: u64) {
    let Ok(len) = libc::off_t::try_from(len) else { return };
    // SAFETY: the number is that of an open file, and no memory is passed.
    unsafe { libc::fallocate(file.as_raw_fd(), libc::FALLOC_FL_KEEP_SIZE, 0, len) };
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn reserve(_: &File, _: u64) {}
