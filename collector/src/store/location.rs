//! Where a store lies: a file of the user's, kept from others, with one writer.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::error::{Failure, StoreError};

/// The store's file in the user's state directory, which is made if it is not there.
pub fn default_path() -> Result<PathBuf, StoreError> {
    let set = |name: &str| std::env::var_os(name).filter(|text| !text.is_empty()).map(PathBuf::from);
    let state = set("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".local/state")))
        .ok_or_else(|| {
            StoreError::broken("found neither XDG_STATE_HOME nor HOME, expected --store with a file")
        })?;
    let folder = state.join("mona");
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|error| StoreError::broken(format!("{}: {error}", folder.display())))?;
    Ok(folder.join("store.sqlite"))
}

/// Keeps other writers away while it is held; ends with the process however that ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Makes the file if there is none, readable for its owner only, and keeps other writers away.
    pub(crate) fn take(path: &Path) -> Result<Lock, StoreError> {
        let named = |error: io::Error| StoreError::broken(format!("{}: {error}", path.display()));
        let open = |path: &Path| {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
        };
        open(path).map_err(named)?;
        // By whatever links a file is reached, it has one lock.
        let mut name = path.canonicalize().map_err(named)?.into_os_string();
        name.push(".lock");
        let file = open(Path::new(&name)).map_err(named)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::new(
                Failure::Taken,
                format!(
                    "{}: another mona-collector writes to it, expected --store with a file of its own, or the \
                     other one to end",
                    path.display()
                ),
            )),
            Err(TryLockError::Error(error)) => Err(named(error)),
        }
    }
}

/// A directory that is gone when it is let go of: in memory where the system has a file system for that.
pub(crate) fn temporary() -> Result<tempfile::TempDir, StoreError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("mona-store-");
    let memory = builder.tempdir_in("/dev/shm");
    memory
        .or_else(|_| builder.tempdir())
        .map_err(|error| StoreError::broken(format!("a directory for the store: {error}")))
}
