//! Notices when the config file changes: the body of the thread `mona-config`.
//!
//! The truth is a `stat` of the path every two seconds. File system notifications only bring the next look
//! forward, so a missed or impossible notification costs time and never a change. Whoever starts the thread
//! hands in the file as it was read at the start, so nothing is lost in between; every change is told once,
//! as the new content or as a sentence about why there is none.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

#[cfg_attr(not(target_os = "linux"), path = "watch/unnoticed.rs")]
mod notices;

use crate::config::{ConfigFile, Identity, Snapshot};
use crate::sys::poll::wait_readable;
use crate::sys::waker::Waker;
use notices::Notices;

// A change has to be in effect within three seconds; one of them is left for reading and slow machines.
const POLL: Duration = Duration::from_secs(2);
// One rewrite makes several notifications within a few milliseconds; they are answered by one look.
const SETTLE: Duration = Duration::from_millis(20);
// In a busy directory most notifications are about other files; looks become this rare there.
const MOST_SETTLE: Duration = Duration::from_millis(500);
// Without a descriptor to be woken by, a stop is noticed this late.
const DEAF: Duration = Duration::from_millis(100);

/// Ends a watch from another thread.
#[derive(Debug, Default)]
pub struct StopFlag {
    stopped: AtomicBool,
    /// Made by the first wait: most clients have no config file.
    wake: OnceLock<Waker>,
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Stopped,
    Notified,
    TimeOver,
}

impl StopFlag {
    /// A flag that is not set.
    pub fn new() -> StopFlag {
        StopFlag::default()
    }

    /// Asks the watch to end; it does as soon as its present look at the file is over.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        if let Some(wake) = self.wake.get() {
            wake.wake();
        }
    }

    /// Waits for a stop, for a notification where there are `notices`, at most until `deadline`.
    fn wait(&self, mut notices: Option<&mut Notices>, deadline: Instant) -> End {
        let wake = self.wake.get_or_init(Waker::new);
        loop {
            wake.announce_sleep();
            // After the announcement: a stop from here on wakes.
            if self.stopped.load(Ordering::SeqCst) {
                return End::Stopped;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return End::TimeOver;
            }
            let waker = wake.descriptor();
            let limit = if waker.is_some() { left } else { left.min(DEAF) };
            let notifier = notices.as_ref().and_then(|notices| notices.descriptor());
            let began = Instant::now();
            wait_readable(&waker.into_iter().chain(notifier).collect::<Vec<_>>(), limit);
            wake.awake();
            if notices.as_mut().is_some_and(|notices| notices.take()) {
                return End::Notified;
            }
            if began.elapsed() < limit && !self.stopped.load(Ordering::SeqCst) {
                // A host may have closed a descriptor that is not its own, which then never waits again.
                thread::sleep(SETTLE.min(left));
            }
        }
    }
}

/// A watch over one config file.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    seen: Snapshot,
    poll: Duration,
    with_notices: bool,
}

impl Watch {
    /// A watch over `path` (absolute), whose present state is known as `seen`.
    pub fn new(path: PathBuf, seen: Snapshot) -> Watch {
        Watch { path, seen, poll: POLL, with_notices: true }
    }

    /// Calls `on_change` after every change of the file until `stop` says so.
    pub fn run(mut self, stop: Arc<StopFlag>, mut on_change: impl FnMut(Result<ConfigFile, String>)) {
        let mut notices = if self.with_notices { Notices::new() } else { Notices::none() };
        let mut settle = SETTLE;
        let mut next_poll = Instant::now();
        loop {
            match stop.wait(Some(&mut notices), next_poll) {
                End::Stopped => return,
                End::Notified => {
                    let settled = next_poll.min(Instant::now() + settle);
                    if stop.wait(None, settled) == End::Stopped {
                        return;
                    }
                }
                End::TimeOver => {}
            }
            // This look answers all that came until now.
            notices.take();
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
        if !compare_content && Identity::of(&self.path) == self.seen.identity {
            return false;
        }
        let next = Snapshot::take(&self.path);
        let changed = next != self.seen;
        self.seen = next;
        changed
    }
}

#[cfg(test)]
mod tests;
