//! The watch itself: when to look at the file, and what counts as a change.
//!
//! Runs on the thread `mona-config`, which the client starts, until the inbox says stop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::inbox::{Inbox, News};
use super::notices::{self, Notices, Start};
use crate::config::file::{ConfigFile, Snapshot};
use crate::sys::files::State;

// A change has to be in effect within three seconds; one of them is left for reading and slow machines.
const POLL: Duration = Duration::from_secs(2);
// One rewrite makes several notifications within a few milliseconds; they are answered by one look.
const SETTLE: Duration = Duration::from_millis(20);
// In a busy directory most notifications are about other files; looks become this rare there.
const MOST_SETTLE: Duration = Duration::from_millis(500);

/// A watch over one config file.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) path: PathBuf,
    pub(super) seen: Snapshot,
    pub(super) poll: Duration,
    /// Where notifications come from.
    pub(super) start: Start,
}

impl Watch {
    /// A watch over `path` (absolute), whose present state is known as `seen`.
    pub(crate) fn new(path: PathBuf, seen: Snapshot) -> Watch {
        Watch { path, seen, poll: POLL, start: notices::START }
    }

    /// Calls `on_change` after every change of the file until `inbox` says stop. After a panic in it, a further run goes on
    /// with the changes behind that one.
    pub(crate) fn run(&mut self, inbox: &Arc<Inbox>, mut on_change: impl FnMut(Result<ConfigFile, String>)) {
        let mut notices = Notices::new(self.start, inbox);
        let mut settle = SETTLE;
        let mut next_poll = Instant::now();
        loop {
            let mut news = inbox.wait(next_poll);
            if news == Some(News::Notified) {
                // Until the look begins no second notification comes, only a stop.
                news = inbox.wait(next_poll.min(Instant::now() + settle));
            }
            if news == Some(News::Stop) {
                return;
            }
            inbox.begin_look();
            let is_poll = Instant::now() >= next_poll;
            let changed = self.look(is_poll, &mut notices, &mut on_change);
            if is_poll {
                next_poll = Instant::now() + self.poll;
            }
            settle = if changed || is_poll { SETTLE } else { MOST_SETTLE.min(settle * 2) };
        }
    }

    /// Tells of a change since the last look, if there is one.
    fn look(
        &mut self,
        is_poll: bool,
        notices: &mut Notices,
        on_change: &mut impl FnMut(Result<ConfigFile, String>),
    ) -> bool {
        if is_poll {
            notices.tend();
            // Before the look, so that whatever happens after it is notified.
            notices.follow(&self.path);
        }
        if !self.update(is_poll) {
            return false;
        }
        on_change(self.seen.content.clone());
        // The path may lead elsewhere now: follow it, and see what happened there in the meantime.
        notices.follow(&self.path);
        if self.update(false) {
            on_change(self.seen.content.clone());
        }
        true
    }

    /// Takes a new snapshot when the file is another one, and says whether it was.
    ///
    /// Two writes within one tick of the file system's clock can leave one identity, so a poll compares
    /// the content too.
    fn update(&mut self, compare_content: bool) -> bool {
        if !compare_content && State::of(&self.path) == self.seen.identity {
            return false;
        }
        let next = Snapshot::take(&self.path);
        let changed = next != self.seen;
        self.seen = next;
        changed
    }
}
