//! Notifications about the directories in which a file can change, by inotify.
//!
//! The watch waits for them together with its inbox. Where there is no inotify, a read of it fails, or the host closed
//! it, there are none until the next poll, which tries again; the polls alone are in time.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use inotify::{EventMask, Inotify, WatchDescriptor, WatchMask};

use crate::sys::kept::Kept;

/// Room for some hundred events.
const READ_BYTES: usize = 16 * 1024;

/// Reads of one look: more than the kernel keeps for a directory in which others are busy.
const MOST_READS: usize = 64;

/// Makes what watches directories; tests have some that fail.
pub(super) type Start = fn() -> io::Result<Inotify>;

/// The one of this system.
pub(super) const START: Start = Inotify::init;

/// What can change the content or the meaning of a path. Not opening and reading, which our own looks do.
fn changes() -> WatchMask {
    WatchMask::MODIFY
        | WatchMask::ATTRIB
        | WatchMask::CLOSE_WRITE
        | WatchMask::CREATE
        | WatchMask::DELETE
        | WatchMask::MOVE
        | WatchMask::DELETE_SELF
        | WatchMask::MOVE_SELF
        | WatchMask::ONLYDIR
}

/// What takes a directory away, and with it perhaps what follows it.
fn losses() -> EventMask {
    EventMask::DELETE
        | EventMask::MOVED_FROM
        | EventMask::DELETE_SELF
        | EventMask::MOVE_SELF
        | EventMask::IGNORED
        | EventMask::UNMOUNT
}

pub(super) struct Notices {
    start: Start,
    source: Option<Kept<Inotify>>,
    followed: Vec<Directory>,
    /// A directory was removed or moved.
    has_lost: bool,
}

#[derive(Debug)]
struct Directory {
    path: PathBuf,
    device: u64,
    inode: u64,
    /// Unless it cannot be followed: it is left to the polls and to the next call.
    watch: Option<WatchDescriptor>,
}

impl Notices {
    /// Nothing is followed yet.
    pub(super) fn new(start: Start) -> Notices {
        Notices { start, source: None, followed: Vec::new(), has_lost: false }
    }

    /// Watches the directory of `path` and the one its symlinks lead to, and no others.
    pub(super) fn follow(&mut self, path: &Path) {
        if !self.source.as_ref().is_some_and(Kept::is_ours) {
            self.followed.clear();
            self.source = (self.start)().and_then(Kept::marked).ok();
        }
        let Some(Ok(source)) = self.source.as_ref().map(Kept::ours) else { return };
        let mut wanted = directories(path);
        if !std::mem::take(&mut self.has_lost) && is_same(&wanted, &self.followed) {
            return;
        }
        let mut watches = source.watches();
        for watch in self.followed.drain(..).filter_map(|directory| directory.watch) {
            // Fails for a directory that was removed, whose watch ended with it.
            let _ = watches.remove(watch);
        }
        for directory in &mut wanted {
            directory.watch = watches.add(&directory.path, changes()).ok();
        }
        self.followed = wanted;
    }

    /// What becomes readable when something happened.
    pub(super) fn descriptor(&self) -> Option<RawFd> {
        self.source.as_ref()?.ours().ok().map(Inotify::as_raw_fd)
    }

    /// Takes all that came, and says whether anything did.
    pub(super) fn take(&mut self) -> bool {
        let mut has_any = false;
        for _ in 0..MOST_READS {
            match self.read() {
                Some(Ok(has_lost)) => self.has_lost |= has_lost,
                Some(Err(error)) if error.kind() == ErrorKind::Interrupted => continue,
                Some(Err(error)) if error.kind() == ErrorKind::WouldBlock => break,
                // It would be readable for ever, and is not: the next poll has another one.
                Some(Err(_)) => {
                    self.source = None;
                    break;
                }
                None => break,
            }
            has_any = true;
        }
        has_any
    }

    /// Whether something was lost by what came.
    fn read(&mut self) -> Option<io::Result<bool>> {
        let source = self.source.as_mut()?;
        if let Err(error) = source.ours() {
            return Some(Err(error));
        }
        let mut buffer = [0; READ_BYTES];
        let read = source.value_mut().read_events(&mut buffer);
        Some(read.map(|mut events| events.any(|event| event.mask.intersects(losses()))))
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").field("followed", &self.followed).finish_non_exhaustive()
    }
}

fn is_same(wanted: &[Directory], followed: &[Directory]) -> bool {
    let same = |(a, b): (&Directory, &Directory)| {
        (&a.path, a.device, a.inode) == (&b.path, b.device, b.inode) && b.watch.is_some()
    };
    wanted.len() == followed.len() && wanted.iter().zip(followed).all(same)
}

fn directories(path: &Path) -> Vec<Directory> {
    let mut found: Vec<Directory> = Vec::new();
    let target = fs::canonicalize(path).ok();
    for file in [Some(path), target.as_deref()].into_iter().flatten() {
        let Some(parent) = file.parent() else { continue };
        let Ok(metadata) = fs::metadata(parent) else { continue };
        let (device, inode) = (metadata.dev(), metadata.ino());
        if !found.iter().any(|other| (other.device, other.inode) == (device, inode)) {
            found.push(Directory { path: parent.to_owned(), device, inode, watch: None });
        }
    }
    found
}
