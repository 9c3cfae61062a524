//! The stand-in for notifications on systems without inotify: there are none, the watch's polls have to do.

use std::os::fd::RawFd;
use std::path::Path;

/// There is nothing to start.
pub(super) type Start = ();

pub(super) const START: Start = ();

#[derive(Debug)]
pub(super) struct Notices;

impl Notices {
    pub(super) fn new((): Start) -> Notices {
        Notices
    }

    pub(super) fn follow(&mut self, _: &Path) {}

    pub(super) fn descriptor(&self) -> Option<RawFd> {
        None
    }

    pub(super) fn take(&mut self) -> bool {
        false
    }
}
