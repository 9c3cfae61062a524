//! Notifications about the directories in which a file can change, from the kernel's inotify.
//!
//! The watch asks for them and waits on their descriptor. Where the system has no instance or watch left
//! there are none, and the watch's own polls have to do.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use inotify::{EventMask, Inotify, WatchDescriptor, WatchMask};

use crate::sys::fork::ClosedInChild;

/// Room for some dozen events with names; what does not fit is read by the next call.
const READ_BYTES: usize = 4096;

#[derive(Debug)]
pub(super) struct Notices {
    source: Option<Source>,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Source {
    /// Dropped before the descriptor: a child must not close a number that is somebody else's by then.
    _inherited: ClosedInChild,
    inotify: Inotify,
}

#[derive(Debug)]
struct Armed {
    directory: Directory,
    watch: WatchDescriptor,
}

#[derive(Debug, PartialEq, Eq)]
struct Directory {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Notices {
    /// Nothing is followed yet.
    pub(super) fn new() -> Notices {
        let source = Inotify::init()
            .ok()
            .map(|inotify| Source { _inherited: ClosedInChild::new(inotify.as_raw_fd()), inotify });
        Notices { source, armed: Vec::new() }
    }

    /// Never tells of anything.
    pub(super) fn none() -> Notices {
        Notices { source: None, armed: Vec::new() }
    }

    /// Becomes readable with the next notification.
    pub(super) fn descriptor(&self) -> Option<RawFd> {
        self.source.as_ref().map(|source| source.inotify.as_raw_fd())
    }

    /// Takes all notifications that came, and says whether there were any.
    pub(super) fn take(&mut self) -> bool {
        let mut came = false;
        let mut buffer = [0; READ_BYTES];
        while let Some(source) = &mut self.source {
            match source.inotify.read_events(&mut buffer) {
                Ok(events) => {
                    for event in events {
                        came = true;
                        if event.mask.contains(EventMask::IGNORED) {
                            // The directory is gone; another one at its place may get its inode.
                            self.armed.retain(|armed| armed.watch != event.wd);
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // A descriptor that cannot be read would be ready for ever.
                Err(_) => *self = Notices::none(),
            }
        }
        came
    }

    /// Watches the directory of `path` and the one its symlinks lead to, and no others.
    pub(super) fn follow(&mut self, path: &Path) {
        let Some(source) = &self.source else { return };
        let mut watches = source.inotify.watches();
        let wanted = directories(path);
        for gone in self.armed.extract_if(.., |armed| !wanted.contains(&armed.directory)) {
            // Fails for a directory that was removed, whose watch ended with it.
            let _ = watches.remove(gone.watch);
        }
        for directory in wanted {
            if !self.armed.iter().any(|armed| armed.directory == directory)
                && let Ok(watch) = watches.add(&directory.path, changes())
            {
                self.armed.push(Armed { directory, watch });
            }
        }
    }
}

/// Not among them: opening and reading, which change nothing, and our own looks do both.
fn changes() -> WatchMask {
    WatchMask::ONLYDIR
        | WatchMask::ATTRIB
        | WatchMask::CLOSE_WRITE
        | WatchMask::CREATE
        | WatchMask::DELETE
        | WatchMask::DELETE_SELF
        | WatchMask::MODIFY
        | WatchMask::MOVE
        | WatchMask::MOVE_SELF
}

fn directories(path: &Path) -> Vec<Directory> {
    let mut found: Vec<Directory> = Vec::new();
    let target = fs::canonicalize(path).ok();
    for file in [Some(path), target.as_deref()].into_iter().flatten() {
        let Some(parent) = file.parent() else { continue };
        let Ok(metadata) = fs::metadata(parent) else { continue };
        let (device, inode) = (metadata.dev(), metadata.ino());
        if !found.iter().any(|other| (other.device, other.inode) == (device, inode)) {
            found.push(Directory { path: parent.to_owned(), device, inode });
        }
    }
    found
}
