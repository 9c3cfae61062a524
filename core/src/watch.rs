//! Notices when the config file changes: the body of the thread `mona-config`.
//!
//! The truth is a `stat` of the path every two seconds. File system notifications only bring the next look
//! forward, so a missed or impossible notification costs time and never a change. Whoever starts the thread
//! hands in the file as it was read at the start, so nothing is lost in between; every change is told once,
//! as the new content or as a sentence about why there is none.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::options::{ConfigFile, Identity, Snapshot};

// A change has to be in effect within three seconds; one of them is left for reading and slow machines.
const POLL: Duration = Duration::from_secs(2);
// One rewrite makes several notifications within a few milliseconds; they are answered by one look.
const SETTLE: Duration = Duration::from_millis(20);
// In a busy directory most notifications are about other files; looks become this rare there.
const MOST_SETTLE: Duration = Duration::from_millis(500);

/// Ends a watch from another thread.
#[derive(Debug, Default)]
pub struct StopFlag {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    stopped: bool,
    notified: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Wake {
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
        self.state().stopped = true;
        self.changed.notify_all();
    }

    fn notified(&self) {
        self.state().notified = true;
        self.changed.notify_all();
    }

    /// Waits for a stop, for a notification where `also_notified`, at most until `deadline`.
    fn wait(&self, deadline: Instant, also_notified: bool) -> Wake {
        let mut state = self.state();
        loop {
            if state.stopped {
                return Wake::Stopped;
            }
            if also_notified && state.notified {
                return Wake::Notified;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Wake::TimeOver;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn forget_notifications(&self) {
        self.state().notified = false;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A watch over one config file.
#[derive(Debug)]
pub struct Watch {
    path: PathBuf,
    seen: Snapshot,
    poll: Duration,
    accelerated: bool,
}

impl Watch {
    /// A watch over `path` (absolute), whose present state is known as `seen`.
    pub fn new(path: PathBuf, seen: Snapshot) -> Watch {
        Watch { path, seen, poll: POLL, accelerated: true }
    }

    /// Calls `on_change` after every change of the file until `stop` says so.
    ///
    /// Notifications come from a further thread that is started here, so it inherits the signal mask of
    /// this one.
    pub fn run(mut self, stop: Arc<StopFlag>, mut on_change: impl FnMut(Result<ConfigFile, String>)) {
        let mut accelerator = Accelerator::start(&stop, self.accelerated);
        let mut settle = SETTLE;
        let mut next_poll = Instant::now();
        loop {
            match stop.wait(next_poll, true) {
                Wake::Stopped => return,
                Wake::Notified => {
                    let settled = next_poll.min(Instant::now() + settle);
                    if stop.wait(settled, false) == Wake::Stopped {
                        return;
                    }
                }
                Wake::TimeOver => {}
            }
            stop.forget_notifications();
            let is_poll = Instant::now() >= next_poll;
            let changed = self.look(is_poll, &mut accelerator, &mut on_change);
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
        accelerator: &mut Accelerator,
        on_change: &mut impl FnMut(Result<ConfigFile, String>),
    ) -> bool {
        if is_poll {
            // Before the look, so that whatever happens after it is notified.
            accelerator.follow(&self.path);
        }
        if !self.update(is_poll) {
            return false;
        }
        on_change(self.seen.content.clone());
        // The path may lead elsewhere now: follow it, and see what happened there in the meantime.
        accelerator.follow(&self.path);
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

/// Notifications about the directories in which the file can change; without them only polls are left.
#[derive(Debug)]
struct Accelerator {
    watcher: Option<RecommendedWatcher>,
    armed: Vec<Directory>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Directory {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Accelerator {
    fn start(stop: &Arc<StopFlag>, wanted: bool) -> Accelerator {
        let stop = Arc::clone(stop);
        let watcher = if wanted && thread_can_start() {
            catch_unwind(|| notify::recommended_watcher(move |event| on_event(&stop, event)))
        } else {
            return Accelerator { watcher: None, armed: Vec::new() };
        };
        Accelerator { watcher: watcher.ok().and_then(Result::ok), armed: Vec::new() }
    }

    /// Watches the directory of `path` and the one its symlinks lead to, and no others.
    fn follow(&mut self, path: &Path) {
        let Some(watcher) = self.watcher.as_mut() else { return };
        let wanted = directories(path);
        let armed = &mut self.armed;
        let followed = catch_unwind(AssertUnwindSafe(|| {
            for gone in armed.extract_if(.., |directory| !wanted.contains(directory)) {
                // Fails for a directory that was removed, whose watch ended with it.
                let _ = watcher.unwatch(&gone.path);
            }
            for new in wanted {
                if !armed.contains(&new) && watcher.watch(&new.path, RecursiveMode::NonRecursive).is_ok() {
                    armed.push(new);
                }
            }
        }));
        if followed.is_err() {
            // notify's thread is gone, and dropping the watcher would panic again.
            std::mem::forget(self.watcher.take());
        }
    }
}

impl Drop for Accelerator {
    fn drop(&mut self) {
        let watcher = self.watcher.take();
        // notify panics when its thread is gone already; there is nothing left to end then.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(watcher)));
    }
}

/// notify does not say when its thread could not be started, and panics later: so one is tried first.
fn thread_can_start() -> bool {
    let probe = thread::Builder::new().name("mona-config".to_owned()).spawn(|| ());
    probe.is_ok_and(|probe| probe.join().is_ok())
}

fn on_event(stop: &StopFlag, event: notify::Result<notify::Event>) {
    // Opening and reading change nothing, and our own looks do both.
    let only_read = event.is_ok_and(|event| match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    });
    if !only_read {
        stop.notified();
    }
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

#[cfg(test)]
mod tests;
