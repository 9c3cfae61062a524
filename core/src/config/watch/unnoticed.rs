//! The stand-in for notifications on systems without inotify: there are none, the watch's polls have to do.

use std::os::fd::RawFd;
use std::path::Path;

#[derive(Debug)]
pub(super) struct Notices;

impl Notices {
    pub(super) fn new() -> Notices {
        Notices
    }

    pub(super) fn none() -> Notices {
        Notices
    }

    pub(super) fn descriptor(&self) -> Option<RawFd> {
        None
    }

    pub(super) fn take(&mut self) -> bool {
        false
    }

    pub(super) fn follow(&mut self, _: &Path) {}
}
