//! What files are asked for, in the words of Windows. Who may read a file is inherited from its folder.

use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_READ_ATTRIBUTES, GetFileInformationByHandle,
};

/// Tells one state of a file from the next without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    identity: (u64, u64),
    size: u64,
    modified: u64,
}

impl State {
    /// That of what `path` leads to through all links; nothing when it leads nowhere.
    pub(crate) fn of(path: &Path) -> Option<State> {
        let found = fs::metadata(path).ok()?;
        let identity = identity(path).ok()?;
        Some(State { identity, size: found.file_size(), modified: found.last_write_time() })
    }
}

/// Nothing that has a path waits here.
pub(crate) fn without_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Opens whatever stands at `path`, a folder too, to ask what it is; itself where it is a link and `follows` is false.
pub(super) fn look(path: &Path, follows: bool) -> io::Result<File> {
    let itself = if follows { 0 } else { FILE_FLAG_OPEN_REPARSE_POINT };
    OpenOptions::new()
        .access_mode(FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | itself)
        .open(path)
}

/// Volume and number of what `path` leads to.
pub(crate) fn identity(path: &Path) -> io::Result<(u64, u64)> {
    identity_of(&look(path, true)?)
}

/// Volume and number of what is open.
pub(crate) fn identity_of(file: &File) -> io::Result<(u64, u64)> {
    let found = information(file)?;
    let number = u64::from(found.nFileIndexHigh) << 32 | u64::from(found.nFileIndexLow);
    Ok((u64::from(found.dwVolumeSerialNumber), number))
}

/// Whether a file that is open still has a name.
pub(crate) fn has_name(file: &File) -> io::Result<bool> {
    information(file).map(|found| found.nNumberOfLinks > 0)
}

fn information(file: &File) -> io::Result<BY_HANDLE_FILE_INFORMATION> {
    let mut found = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the pointer is to a live structure.
    match unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(found),
    }
}

pub(crate) fn is_socket(_: FileType) -> bool {
    false
}

/// Writes all of `bytes` at a place of its own.
pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = file.seek_write(bytes, at)?;
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(count..).unwrap_or_default();
        at += count as u64;
    }
    Ok(())
}

/// Fills `bytes` from a place of its own.
pub(crate) fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = file.seek_read(bytes, at)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = bytes.get_mut(count..).unwrap_or_default();
        at += count as u64;
    }
    Ok(())
}

/// The path that `bytes` are: UTF-8.
pub fn path(bytes: &[u8]) -> Option<&Path> {
    std::str::from_utf8(bytes).ok().map(Path::new)
}

/// The path that a URL of a file names: `/C:/folder/file` has a slash that only the URL needs.
pub(crate) fn of_url(path: &str) -> &Path {
    let is_drive =
        |rest: &&str| matches!(rest.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    Path::new(path.strip_prefix('/').filter(is_drive).unwrap_or(path))
}
