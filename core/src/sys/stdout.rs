//! Standard output without the lock and the buffer of the standard library.
//!
//! A forked child inherits that lock as it is, perhaps held for ever, and what the buffer holds would be
//! written twice. Lines here are short or the sender's, which may take its time.

use std::io;

/// Writes a part of `bytes`, as `write(2)` does.
pub(crate) fn write(bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: pointer and length are those of a live slice.
    let count = unsafe { libc::write(libc::STDOUT_FILENO, bytes.as_ptr().cast(), bytes.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Whether a short line would be taken without a wait.
pub(crate) fn is_ready() -> bool {
    let mut wait = libc::pollfd { fd: libc::STDOUT_FILENO, events: libc::POLLOUT, revents: 0 };
    // SAFETY: the pointer is to one live pollfd.
    unsafe { libc::poll(&raw mut wait, 1, 0) == 1 }
}
