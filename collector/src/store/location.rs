//! Where a store lies: a file of the user's, kept from others, with one writer.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::geteuid;

use super::error::{Failure, StoreError};

/// What a store's file is called where nobody gave it a name.
pub(crate) const FILE: &str = "store.sqlite";

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
    Ok(folder.join(FILE))
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

/// What the names of our directories in memory begin with.
const PREFIX: &str = "mona-store-";
/// Who has just made a directory locks it in less.
const YOUNG: Duration = Duration::from_secs(60);

/// A directory that is gone when it is let go of: in memory where the system has a file system for that.
pub(crate) fn temporary() -> Result<tempfile::TempDir, StoreError> {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    sweep(memory, YOUNG);
    let made = builder.tempdir_in(memory);
    made.or_else(|_| builder.tempdir())
        .map_err(|error| StoreError::broken(format!("a directory for the store: {error}")))
}

/// Removes what killed processes of ours left in memory, which nobody else gives back. Those that live hold their lock.
fn sweep(memory: &Path, young: Duration) {
    let Ok(found) = std::fs::read_dir(memory) else { return };
    for entry in found.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|found| {
                let age = found.modified().ok().and_then(|made| made.elapsed().ok());
                found.is_dir() && found.uid() == geteuid().as_raw() && age.is_some_and(|age| age >= young)
            });
        let lock = || File::open(entry.path().join(FILE).with_extension("sqlite.lock"));
        if is_ours && lock().is_ok_and(|lock| lock.try_lock().is_ok()) {
            // What cannot be removed is tried again by the next one.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_dead_left_is_removed() {
        let memory = tempfile::tempdir().unwrap();
        let places = ["mona-store-a", "mona-store-b", "other-c"].map(|name| memory.path().join(name));
        let mut locks = Vec::new();
        for place in &places {
            std::fs::create_dir(place).unwrap();
            locks.push(Lock::take(&place.join(FILE)).unwrap());
        }
        // The first and the third are dead.
        locks.remove(2);
        locks.remove(0);
        let left = || places.each_ref().map(|place| place.exists());
        sweep(memory.path(), YOUNG);
        assert_eq!(left(), [true; 3]);
        sweep(memory.path(), Duration::ZERO);
        assert_eq!(left(), [false, true, true]);
    }
}
