//! Handles that lines are written to: standard output and error, files, pipes, consoles.
//!
//! Windows writes to a pipe or a console without waiting only where it was opened so, which the host's were not: a
//! write waits for who reads.

use std::fs::{File, OpenOptions};
use std::io;
use std::mem::ManuallyDrop;
use std::os::windows::io::{FromRawHandle as _, RawHandle};
use std::path::Path;
use std::ptr::{null_mut, with_exposed_provenance_mut};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_TYPE_CHAR, FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType, WriteFile,
};
use windows_sys::Win32::System::Console::{GetStdHandle, STD_ERROR_HANDLE, STD_OUTPUT_HANDLE};

use crate::sys::descriptor::{RawFd, STDERR, STDOUT};
use crate::sys::files;

/// Longest text that is written at once to what is no file: as much as a pipe has room for by default.
pub(crate) const MOST_AT_ONCE: usize = 4096;

/// Bytes that are free and that there are on the disk behind a descriptor: Windows tells this of a path alone.
pub(crate) fn free_bytes(_: RawFd) -> Option<(u64, u64)> {
    None
}

/// What stands behind a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file: it takes what it is given.
    File,
    Pipe,
    /// A console or another device.
    Device,
}

/// A handle as it was looked at last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    descriptor: RawFd,
    pub(crate) kind: Kind,
    /// Volume and number of a file, or the number of the handle alone.
    pub(crate) identity: (u64, u64),
    /// Bytes in a regular file.
    pub(crate) len: u64,
}

impl Output {
    /// Looks at `descriptor`; an error where it is not open.
    pub(crate) fn of(descriptor: RawFd) -> io::Result<Output> {
        let handle = handle(descriptor)?;
        // SAFETY: asks for a number.
        let kind = match unsafe { GetFileType(handle) } {
            FILE_TYPE_DISK => Kind::File,
            FILE_TYPE_PIPE => Kind::Pipe,
            FILE_TYPE_CHAR => Kind::Device,
            _ => return Err(io::Error::last_os_error()),
        };
        let unnamed = Output { descriptor, kind, identity: (0, handle.addr() as u64), len: 0 };
        if kind != Kind::File {
            return Ok(unnamed);
        }
        // SAFETY: the handle is open, and it is not closed here.
        let file = ManuallyDrop::new(unsafe { File::from_raw_handle(handle) });
        // What was inherited may be open for nothing but writes, and tells nothing of itself.
        Ok(match (files::identity_of(&file), file.metadata()) {
            (Ok(identity), Ok(found)) => Output { identity, len: found.len(), ..unnamed },
            _ => unnamed,
        })
    }

    pub(crate) fn descriptor(&self) -> RawFd {
        self.descriptor
    }

    /// Writes a part of `bytes`.
    pub(crate) fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        let handle = handle(self.descriptor)?;
        let mut written = 0;
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        // SAFETY: pointer and length are those of a live slice, and the handle is no asynchronous one of ours.
        match unsafe { WriteFile(handle, bytes.as_ptr(), len, &raw mut written, null_mut()) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(usize::try_from(written).unwrap_or_default()),
        }
    }
}

fn handle(descriptor: RawFd) -> io::Result<RawHandle> {
    let which = match descriptor {
        STDOUT => STD_OUTPUT_HANDLE,
        STDERR => STD_ERROR_HANDLE,
        other => return Ok(with_exposed_provenance_mut(usize::try_from(other).unwrap_or_default())),
    };
    // SAFETY: asks for a handle.
    let found = unsafe { GetStdHandle(which) };
    if found.is_null() || found == INVALID_HANDLE_VALUE {
        return Err(io::Error::new(io::ErrorKind::NotFound, "this program has no such output"));
    }
    Ok(found)
}

/// Whether this process may write to what stands at `path`.
pub(crate) fn may_write(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).open(path).map(drop)
}
