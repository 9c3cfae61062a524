//! The directory of the option and the layout below it, which all instances of all processes share.

use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::names::{self, BAD, LAYOUT, LOCK};
use crate::diag::error::{Error, Result, Status};
use crate::sys::directory::Directory;
use crate::sys::entry::Ownership;
use crate::sys::files;

/// Instances looked at in one pass, the oldest: a bound on memory where a program crashes in a loop. The rest has its
/// turn when these are gone.
const MOST_INSTANCES: usize = 1024;

/// Segments set aside that are looked at in one pass.
const MOST_BAD: usize = 4096;

/// `<spool_dir>/v1`.
pub(super) struct Home {
    layout: Directory,
}

/// An instance that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Seen {
    /// When its lock was made.
    pub(super) born: SystemTime,
    pub(super) uuid: u128,
}

impl Home {
    /// Makes what is not there, but not the folder around the directory.
    pub(super) fn open(path: &Path) -> Result<Home> {
        // With a slash behind it a link would be followed.
        let path: &Path = &path.components().collect::<PathBuf>();
        let fail = |doing: &str, error: &io::Error| Error::new(Status::Io, sentence(path, doing, error));
        match files::make_private_folder(path) {
            Ok(()) => sync_folder_of(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(fail("the directory cannot be made", &error)),
        }
        let root = Directory::open(path).map_err(|error| {
            if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
                let text = format!(
                    "spool_dir: {} is a symbolic link, the directory itself is expected",
                    path.display()
                );
                return Error::new(Status::Io, text);
            }
            fail("the directory cannot be opened", &error)
        })?;
        require_private(&root, &path.display().to_string())?;
        let shown = format!("{}/v1", path.display());
        let is_new = root.make_folder(LAYOUT).map_err(|error| fail("v1 cannot be made in it", &error))?;
        let layout = root.folder(LAYOUT).map_err(|error| fail("v1 in it cannot be opened", &error))?;
        require_private(&layout, &shown)?;
        if is_new {
            // Not every file system syncs a directory; what that costs is a spool after a power failure.
            let _ = root.sync();
        }
        Ok(Home { layout })
    }

    pub(super) fn layout(&self) -> &Directory {
        &self.layout
    }

    /// The instances there are but those `known`, the oldest first, and whether there are more.
    pub(super) fn instances(&self, known: &dyn Fn(u128) -> bool) -> io::Result<(Vec<Seen>, bool)> {
        oldest_instances(&self.layout, known)
    }

    /// Bytes of what is set aside.
    pub(super) fn bad_bytes(&self) -> u64 {
        self.bad().map_or(0, |bad| bad.iter().map(|file| file.len).sum())
    }

    /// Sets aside a segment that cannot be read.
    pub(super) fn set_aside(&self, from: &Directory, uuid: u128, number: u32) -> io::Result<()> {
        self.layout.make_folder(BAD)?;
        let bad = self.layout.folder(BAD)?;
        from.hand_over(&names::file(number, names::Part::Segment), &bad, &names::set_aside(uuid, number))
    }

    /// Removes the oldest of what is set aside until at most `most` bytes are left; the bytes that went.
    pub(super) fn trim_bad(&self, most: u64) -> u64 {
        let Some(mut files) = self.bad() else { return 0 };
        let Ok(folder) = self.layout.folder(BAD) else { return 0 };
        files.sort_unstable();
        let mut left: u64 = files.iter().map(|file| file.len).sum();
        let mut gone = 0;
        for file in files {
            if left <= most {
                break;
            }
            if folder.remove_file(&file.name).is_ok() {
                gone += file.len;
            }
            left -= file.len;
        }
        if left == 0 {
            // Fails where somebody set another one aside meanwhile.
            let _ = self.layout.remove_folder(BAD);
        }
        gone
    }

    fn bad(&self) -> Option<Vec<Bad>> {
        let folder = self.layout.folder(BAD).ok()?;
        let mut files = Vec::new();
        let listed = folder.names(&mut |name| {
            if let Ok(entry) = folder.look_at(name)
                && entry.is_file
            {
                files.push(Bad { modified: entry.modified, len: entry.len, name: name.to_owned() });
            }
            files.len() < MOST_BAD
        });
        listed.ok().map(|()| files)
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bad {
    modified: SystemTime,
    len: u64,
    name: std::ffi::CString,
}

/// Brings the name of a new directory to the disk, without which a power failure takes all that is in it. Not every file
/// system syncs a directory, and not every program may open the folder around its own.
fn sync_folder_of(path: &Path) {
    let around = path.parent().filter(|around| !around.as_os_str().is_empty());
    let _ = File::open(around.unwrap_or(Path::new("."))).and_then(|around| around.sync_all());
}

/// The instances below `layout`, the oldest first, and whether there are more than are told.
pub(super) fn oldest_instances(
    layout: &Directory,
    known: &dyn Fn(u128) -> bool,
) -> io::Result<(Vec<Seen>, bool)> {
    let mut oldest = BinaryHeap::new();
    let mut is_more = false;
    layout.names(&mut |name| {
        if let Some(uuid) = names::read_instance(name).filter(|uuid| !known(*uuid)) {
            oldest.push(Seen { born: born(layout, name), uuid });
            if oldest.len() > MOST_INSTANCES {
                oldest.pop();
                is_more = true;
            }
        }
        true
    })?;
    Ok((oldest.into_sorted_vec(), is_more))
}

/// The lock is written once, when the instance is made.
fn born(layout: &Directory, name: &std::ffi::CStr) -> SystemTime {
    let folder = layout.folder(name);
    let lock = folder.and_then(|folder| folder.look_at(LOCK));
    lock.or_else(|_| layout.look_at(name)).map_or_else(|_| SystemTime::now(), |entry| entry.modified)
}

/// An error where others than the program's user may have a say in what is there.
pub(super) fn require_private(directory: &Directory, shown: &str) -> Result<()> {
    let problem = match directory.ownership() {
        Ok(Ownership::Private) => return Ok(()),
        Ok(Ownership::Foreign) => "belongs to another user, one of the program's own is expected".to_string(),
        Ok(Ownership::WritableByOthers) => {
            "may be written by its group or by everybody, one for its owner alone is expected (mode 0700)"
                .to_string()
        }
        Err(error) => format!("cannot be looked at: {error}"),
    };
    Err(Error::new(Status::Io, format!("spool_dir: {shown} {problem}")))
}

pub(super) fn sentence(path: &Path, doing: &str, error: &io::Error) -> String {
    format!("spool_dir: {}: {doing}: {error}", path.display())
}
