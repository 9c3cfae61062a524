//! Bringing what was written to the disk: it takes as long as the disk likes, so that it needs neither the spool nor the
//! thread that keeps it.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::disk::{self, Operation, faults};
use super::names::{self, Part};
use crate::sys::directory::Directory;
use crate::sys::errors;
use crate::sys::kept::Kept;

/// Bytes of a segment that are to be brought to the disk.
pub(super) struct Pending {
    /// Where it is still open.
    pub(super) file: Option<Arc<Kept<File>>>,
    pub(super) segment: u32,
    /// Where the first and the last of these records begin.
    pub(super) first: u32,
    pub(super) last: u32,
    /// Where they end.
    pub(super) len: u32,
}

/// A sync on its way: [`Syncing::run`] needs no spool, so that others can read from it meanwhile.
pub(crate) struct Syncing {
    /// Whose files these are, as in a [`super::Place`].
    pub(super) instance: u32,
    pub(super) files: Vec<Pending>,
    pub(super) directory: Arc<Directory>,
    /// Names in it are new.
    pub(super) has_new_names: bool,
    /// A sync of the directory failed, which its descriptor may have forgotten.
    pub(super) must_reopen: bool,
    /// Not on the disk, as far as anybody knows.
    pub(super) failed: Vec<Pending>,
    /// Could not be opened, which says nothing about them: the next sync sees to them.
    pub(super) put_off: Vec<Pending>,
    pub(super) is_directory_synced: bool,
    pub(super) faults: faults::OfSyncs,
}

/// What became of a segment.
enum Outcome {
    Synced,
    Failed,
    PutOff,
}

impl Syncing {
    /// Waits for the disk. What a panic leaves undone counts as failed.
    pub(crate) fn run(&mut self) {
        std::mem::take(&mut self.faults).meet();
        self.failed = std::mem::take(&mut self.files);
        let mut seen = 0;
        while let Some(pending) = self.failed.get(seen) {
            let outcome = pending.sync(&self.directory);
            let to = match outcome {
                Outcome::Synced => &mut self.files,
                Outcome::PutOff => &mut self.put_off,
                Outcome::Failed => {
                    seen += 1;
                    continue;
                }
            };
            to.push(self.failed.swap_remove(seen));
        }
        self.is_directory_synced = !self.has_new_names || self.sync_directory().is_ok();
    }

    fn sync_directory(&self) -> io::Result<()> {
        sync_names(&self.directory, self.must_reopen)?;
        // Its own name. Not where it is made, as a client that ends waits for that.
        sync_opened(&self.directory.folder(c"..")?)
    }
}

impl Pending {
    fn sync(&self, directory: &Directory) -> Outcome {
        let synced = match &self.file {
            Some(file) => disk::sync(file),
            None => match disk::open(directory, &names::file(self.segment, Part::Segment)) {
                Ok(file) => disk::sync(&file),
                // Drained or given up meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(_) => return Outcome::PutOff,
            },
        };
        if synced.is_ok() { Outcome::Synced } else { Outcome::Failed }
    }
}

/// Brings the names in a directory to the disk. Where that failed before, its descriptor may have forgotten it, so that it
/// is to be opened once more.
pub(super) fn sync_names(directory: &Directory, must_reopen: bool) -> io::Result<()> {
    if must_reopen { sync_opened(&directory.folder(c".")?) } else { sync_opened(directory) }
}

/// The same where the file system knows how.
fn sync_opened(directory: &Directory) -> io::Result<()> {
    match faults::check(Operation::SyncNames).and_then(|()| directory.sync()) {
        Err(error) if errors::is_without_sync(&error) => Ok(()),
        result => result,
    }
}
