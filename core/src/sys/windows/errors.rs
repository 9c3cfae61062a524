//! What an error of Windows means, where `std` has no kind for it.

use std::io::{Error, ErrorKind};

use windows_sys::Win32::Foundation::{
    ERROR_DISK_FULL, ERROR_FILE_TOO_LARGE, ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED,
};

fn is_one_of(error: &Error, numbers: &[u32]) -> bool {
    error.raw_os_error().is_some_and(|number| numbers.contains(&number.cast_unsigned()))
}

/// A connection is being made.
pub(crate) fn is_connecting(error: &Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}

/// There are no FIFOs with a path in the file system.
pub(crate) fn is_unread(_: &Error) -> bool {
    false
}

/// The file system gives no locks.
pub(crate) fn is_without_locks(error: &Error) -> bool {
    is_one_of(error, &[ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED])
}

/// The file system cannot bring this to the disk.
pub(crate) fn is_without_sync(error: &Error) -> bool {
    is_one_of(error, &[ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED])
}

/// A disk has no room.
pub(crate) fn no_room() -> Error {
    Error::from_raw_os_error(ERROR_DISK_FULL.cast_signed())
}

/// A file must not become so large.
pub(crate) fn is_too_long(error: &Error) -> bool {
    is_one_of(error, &[ERROR_FILE_TOO_LARGE])
}
