//! The lock that says whether the process of an instance lives.
//!
//! Whoever has it owns the directory. It is never given up while the directory is in use, and a forked child closes its
//! copy without unlocking. A lock counts only while its file still has its name: the one who drained a directory removes
//! both, and who waited for that lock holds a file that nobody else will ever see.

use std::ffi::CStr;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::sync::Arc;

use super::names::{self, LOCK};
use crate::sys::directory::Directory;
use crate::sys::entry::Opening;
use crate::sys::kept::Kept;
use crate::sys::{errors, files};

/// Random names that are all taken cannot be; an adopter that came between is there once at most.
const TRIALS: usize = 8;

/// A directory that is this process's own.
pub(super) struct Owned {
    pub(super) directory: Arc<Directory>,
    pub(super) lock: Kept<File>,
}

impl Owned {
    /// Whether the program left its descriptors alone.
    pub(super) fn is_ours(&self) -> bool {
        self.lock.is_ours() && self.directory.is_ours()
    }

    /// An error where the lock is not this process's any more, or was removed.
    pub(super) fn require_in_place(&self) -> io::Result<()> {
        self.lock.ours()?;
        if is_in_place(&self.directory, LOCK, &self.lock) {
            return Ok(());
        }
        Err(io::Error::new(ErrorKind::NotFound, "its directory was removed"))
    }
}

/// A process that dies gives its locks up. In tests a spool is dropped for that, while a child that another test is just
/// starting has copies of all descriptors until it runs its program.
#[cfg(test)]
impl Drop for Owned {
    fn drop(&mut self) {
        if let Ok(lock) = self.lock.ours() {
            let _ = lock.unlock();
        }
    }
}

/// Whether `file` still has its `name`, as far as a look at the file alone may deny it: for every record written, so
/// nothing is looked up while it has any. Some file systems count no names.
pub(super) fn is_in_place(directory: &Directory, name: &CStr, file: &File) -> bool {
    if !matches!(files::has_name(file), Ok(false)) {
        return true;
    }
    let Ok(identity) = files::identity_of(file) else { return true };
    directory.look_at(name).is_ok_and(|entry| entry.identity == identity)
}

/// Makes the directory of a new instance.
pub(super) fn make(layout: &Directory, uuid: impl Fn() -> u128) -> io::Result<(u128, Owned)> {
    for _ in 0..TRIALS {
        let uuid = uuid();
        let name = names::instance(uuid);
        if !layout.make_folder(&name)? {
            continue;
        }
        // Who finds the directory before it is locked takes it for one whose process is gone.
        match take(layout, uuid) {
            Ok(Some(owned)) => return Ok((uuid, owned)),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                if let Ok(directory) = layout.folder(&name) {
                    let _ = directory.remove_file(LOCK);
                }
                let _ = layout.remove_folder(&name);
                return Err(error);
            }
        }
    }
    Err(io::Error::other("no directory could be locked"))
}

/// Takes the directory of `uuid`; `None` where its process lives, or somebody else takes it.
pub(super) fn take(layout: &Directory, uuid: u128) -> io::Result<Option<Owned>> {
    let name = names::instance(uuid);
    let directory = layout.folder(&name)?;
    // A process may have died before it made the file.
    let lock = directory.file(LOCK, Opening::Change)?;
    if !lock.is_listed() {
        // A child would keep it, and with it a directory that nobody drains.
        return Err(io::Error::other(
            "this process has more clients or spools open than a forked child could close its copies of, so none more is locked",
        ));
    }
    match lock.ours()?.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(not_given(error)),
    }
    let identity = files::identity_of(&lock)?;
    let is_same_lock = directory.look_at(LOCK).is_ok_and(|entry| entry.identity == identity);
    let is_same_directory =
        layout.look_at(&name).is_ok_and(|entry| Some(entry.identity) == directory.identity().ok());
    Ok((is_same_lock && is_same_directory).then(|| Owned { directory: Arc::new(directory), lock }))
}

/// Whether a process has the lock, for who only looks.
pub(super) fn is_alive(directory: &Directory) -> bool {
    let Ok(lock) = directory.file(LOCK, Opening::Read) else { return false };
    matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// Says what a file system without locks is.
fn not_given(error: io::Error) -> io::Error {
    if errors::is_without_locks(&error) {
        let text = format!(
            "its file system gives no locks ({error}), as some network and FUSE file systems do not; a local one is expected"
        );
        return io::Error::new(ErrorKind::Unsupported, text);
    }
    error
}
