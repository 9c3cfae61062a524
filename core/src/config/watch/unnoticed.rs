//! The stand-in for notifications on systems where their descriptors cannot be told: there are none, the watch's
//! polls have to do.

use std::path::Path;
use std::sync::Arc;

use super::inbox::Inbox;

/// There is nothing to start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start;

pub(super) const START: Start = Start;

#[derive(Debug)]
pub(super) struct Notices;

impl Notices {
    pub(super) fn new(_: Start, _: &Arc<Inbox>) -> Notices {
        Notices
    }

    pub(super) fn follow(&mut self, _: &Path) {}

    pub(super) fn tend(&mut self) {}
}
