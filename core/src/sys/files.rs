//! What files are asked for that systems have different words for.

use std::fs::{self, DirBuilder, File, FileType, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _,
};
use std::path::Path;

/// Tells one state of a file from the next without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    identity: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl State {
    /// That of what `path` leads to through all links; nothing when it leads nowhere.
    pub(crate) fn of(path: &Path) -> Option<State> {
        let found = fs::metadata(path).ok()?;
        Some(State {
            identity: numbers(&found),
            size: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// Opens so that nothing waits for whoever has the other end, and that no terminal becomes ours.
pub(crate) fn without_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
}

/// Makes files that are their owner's alone.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Makes a folder that is its owner's alone.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Device and inode of what `path` leads to.
pub(crate) fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|found| numbers(&found))
}

/// Device and inode of what is open.
pub(crate) fn identity_of(file: &File) -> io::Result<(u64, u64)> {
    file.metadata().map(|found| numbers(&found))
}

/// Whether a file that is open still has a name.
pub(crate) fn has_name(file: &File) -> io::Result<bool> {
    file.metadata().map(|found| found.nlink() > 0)
}

fn numbers(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

pub(crate) fn is_socket(kind: FileType) -> bool {
    kind.is_socket()
}

/// Writes all of `bytes` at a place of its own.
pub(crate) fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    file.write_all_at(bytes, at)
}

/// Fills `bytes` from a place of its own.
pub(crate) fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    file.read_exact_at(bytes, at)
}

/// The path that `bytes` are.
pub fn path(bytes: &[u8]) -> Option<&Path> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

/// The path that a URL of a file names.
pub(crate) fn of_url(path: &str) -> &Path {
    Path::new(path)
}
