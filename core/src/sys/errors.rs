//! What an error of the system means, where `std` has no kind for it.

use std::io::Error;

fn is_one_of(error: &Error, numbers: &[i32]) -> bool {
    error.raw_os_error().is_some_and(|number| numbers.contains(&number))
}

/// A connection is being made.
pub(crate) fn is_connecting(error: &Error) -> bool {
    is_one_of(error, &[libc::EINPROGRESS])
}

/// A FIFO has no reader.
pub(crate) fn is_unread(error: &Error) -> bool {
    is_one_of(error, &[libc::ENXIO])
}

/// The file system gives no locks.
pub(crate) fn is_without_locks(error: &Error) -> bool {
    is_one_of(error, &[libc::ENOLCK, libc::ENOSYS, libc::EOPNOTSUPP, libc::EINVAL])
}

/// The file system cannot bring this to the disk.
pub(crate) fn is_without_sync(error: &Error) -> bool {
    is_one_of(error, &[libc::EINVAL, libc::ENOTSUP])
}

/// A disk has no room.
pub(crate) fn no_room() -> Error {
    Error::from_raw_os_error(libc::ENOSPC)
}

/// A file must not become so large.
pub(crate) fn is_too_long(error: &Error) -> bool {
    is_one_of(error, &[libc::EFBIG])
}
