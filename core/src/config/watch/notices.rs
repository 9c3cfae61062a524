//! Notifications about the directories in which a file can change, from the crate notify.
//!
//! The watch asks for them; they arrive in its inbox from notify's own thread, which inherits the blocked signals
//! of the watch's. Where notify cannot start, its descriptors cannot be told, or it fails or panics later, there
//! are none, and the watch's own polls have to do.
//!
//! A loop whose descriptors the host closed is never asked for anything again, nor ended: it would write to what stands
//! at its numbers by then, and close it. Its thread waits for ever in an epoll that nothing wakes.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Config, Event, EventHandler, RecommendedWatcher, RecursiveMode, Watcher};

use super::descriptors::{Marked, Search};
use super::inbox::Inbox;
use crate::sys::fork::ClosedInChild;
use crate::sys::leak_checker;
use crate::sys::left_behind::leave_value;
use crate::sys::sync::lock;

/// Events between two polls that are too many: notify is told of every opening of a file too, and each costs some
/// microseconds of its thread.
pub(super) const BUSY_EVENTS: usize = 10_000;

/// Longest wait for the thread of a loop to end; it has nothing to do before that but to close three descriptors.
const END_WAIT: Duration = Duration::from_secs(1);

/// Loops that a host may take from a watch until it does without: each leaves a thread behind.
pub(super) const MOST_LOSSES: u32 = 4;

/// Makes what watches directories; tests have some that fail.
pub(super) type Start = fn(Handler) -> notify::Result<Box<dyn Watcher>>;

/// The one of this system.
pub(super) const START: Start = |handler| Ok(Box::new(RecommendedWatcher::new(handler, Config::default())?));

pub(super) struct Notices {
    start: Start,
    inbox: Arc<Inbox>,
    source: Option<Source>,
    followed: Vec<Directory>,
    /// Loops that the host took.
    losses: u32,
    /// The next poll makes another loop.
    is_another_due: bool,
}

/// notify's loop.
struct Source {
    watcher: Box<dyn Watcher>,
    state: Arc<LoopState>,
    /// Disconnected when its thread has ended.
    ended: Receiver<Never>,
    descriptors: Marked,
}

/// What the handler on notify's thread leaves for the watch.
#[derive(Debug, Default)]
struct LoopState {
    /// A directory was removed or moved, and with it may go what follows it.
    has_lost: AtomicBool,
    /// Events since the last poll.
    events: AtomicUsize,
    /// What a forked child closes of the loop; nothing once the loop may close it itself.
    inherited: Mutex<Option<[ClosedInChild; 3]>>,
    /// Which descriptors the loop has, once they are known.
    descriptors: OnceLock<Marked>,
}

impl LoopState {
    /// To be called before the loop closes its descriptors: a child must not close a number that is somebody else's by
    /// then.
    fn disown(&self) {
        drop(lock(&self.inherited).take());
    }

    fn is_lost(&self) -> bool {
        self.descriptors.get().is_some_and(|descriptors| !descriptors.are_ours())
    }
}

/// Receives the events on notify's thread.
pub(super) struct Handler {
    inbox: Arc<Inbox>,
    state: Arc<LoopState>,
    /// What the thread's stack points to was shown to leak checkers.
    is_shown: bool,
    _ended: Sender<Never>,
}

/// Nothing is said but that the other end is gone.
enum Never {}

#[derive(Debug, PartialEq, Eq)]
struct Directory {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl EventHandler for Handler {
    fn handle_event(&mut self, event: notify::Result<Event>) {
        self.state.events.fetch_add(1, Ordering::Relaxed);
        if !self.is_shown {
            self.is_shown = true;
            leak_checker::ignore_this_thread();
        }
        if self.state.is_lost() {
            stand_still();
        }
        let Ok(event) = event else {
            self.state.disown();
            // The loop would read what cannot be read again at once, for ever. This ends its thread, unlike a
            // panic without a word from the panic hook.
            resume_unwind(Box::new("notify cannot read its events"));
        };
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
            // Opening and reading change nothing, and our own looks do both.
            EventKind::Access(_) => return,
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                self.state.has_lost.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
        self.inbox.notify();
    }
}

/// Ends what notify's thread does without the end of the thread, which closes descriptors.
fn stand_still() -> ! {
    loop {
        thread::park();
    }
}

impl Source {
    fn new(start: Start, inbox: &Arc<Inbox>) -> Option<Source> {
        let state = Arc::new(LoopState::default());
        let (alive, ended) = bounded(0);
        let handler =
            Handler { inbox: Arc::clone(inbox), state: Arc::clone(&state), is_shown: false, _ended: alive };
        let mut search = Search::begin();
        let watcher = contained(|| start(handler))?.ok()?;
        let found = search.only_one();
        // Where notify could not start its thread, the loop that was found is somebody else's.
        let Some(descriptors) = found.filter(|_| is_alive(&ended)) else {
            end_loop(watcher, &ended);
            return None;
        };
        let descriptors = search.take(descriptors);
        *lock(&state.inherited) = Some(descriptors.inherited());
        // Set once, here.
        let _ = state.descriptors.set(descriptors);
        if !is_alive(&ended) {
            // It may have ended before there was something to disown.
            state.disown();
        }
        Some(Source { watcher, state, ended, descriptors })
    }

    /// Whether the loop can be asked for something. Asking writes to one of its descriptors and waits for its
    /// thread.
    fn is_sound(&self) -> bool {
        is_alive(&self.ended) && self.descriptors.are_intact()
    }

    /// False when notify panicked. A directory that cannot be followed is left to the polls and to the next call.
    fn follow(&mut self, old: &[Directory], wanted: Vec<Directory>, followed: &mut Vec<Directory>) -> bool {
        let watcher = &mut self.watcher;
        contained(|| {
            for directory in old {
                // Fails for a directory that was removed, whose watch ended with it.
                let _ = watcher.unwatch(&directory.path);
            }
            for directory in wanted {
                if watcher.watch(&directory.path, RecursiveMode::NonRecursive).is_ok() {
                    followed.push(directory);
                }
            }
        })
        .is_some()
    }

    /// Whether the host took its descriptors.
    fn is_lost(&self) -> bool {
        is_alive(&self.ended) && self.state.is_lost()
    }

    /// Ends the loop where it can be asked to.
    fn end(self) {
        let is_sound = self.is_sound();
        // A loop that ends follows nothing for a moment, like a fresh one.
        let mut search = Search::begin();
        self.state.disown();
        search.give_back(&self.descriptors);
        if is_sound {
            end_loop(self.watcher, &self.ended);
        } else {
            // Ending it would write to a descriptor that may be the host's by now, and close it.
            leave_value((self.watcher, self.state));
        }
    }
}

/// Ends a loop under a [`Search`], and waits until it is gone.
fn end_loop(watcher: Box<dyn Watcher>, ended: &Receiver<Never>) {
    contained(|| drop(watcher));
    let _ = ended.recv_timeout(END_WAIT);
}

/// Whether the thread runs whose end disconnects this.
fn is_alive(ended: &Receiver<Never>) -> bool {
    matches!(ended.try_recv(), Err(TryRecvError::Empty))
}

impl Notices {
    /// Nothing is followed yet.
    pub(super) fn new(start: Start, inbox: &Arc<Inbox>) -> Notices {
        Notices {
            start,
            inbox: Arc::clone(inbox),
            source: Source::new(start, inbox),
            followed: Vec::new(),
            losses: 0,
            is_another_due: false,
        }
    }

    /// Watches the directory of `path` and the one its symlinks lead to, and no others.
    pub(super) fn follow(&mut self, path: &Path) {
        let Some(source) = &mut self.source else { return };
        let has_lost = source.state.has_lost.swap(false, Ordering::SeqCst);
        let wanted = directories(path);
        if wanted == self.followed && !has_lost {
            return;
        }
        let old = std::mem::take(&mut self.followed);
        if !source.is_sound() || !source.follow(&old, wanted, &mut self.followed) {
            self.end();
        }
    }

    /// To be called at each poll: ends the notifications where their thread has ended, and where too many came since
    /// the last one, as the polls cost less. A loop that the host took is replaced at the poll after that.
    pub(super) fn tend(&mut self) {
        if std::mem::take(&mut self.is_another_due) {
            self.source = Source::new(self.start, &self.inbox);
        }
        let Some(source) = &self.source else { return };
        let is_busy = source.state.events.swap(0, Ordering::Relaxed) > BUSY_EVENTS;
        if is_busy || !is_alive(&source.ended) || source.is_lost() {
            self.end();
        }
    }

    #[cfg(test)]
    pub(super) fn descriptors(&self) -> Option<[i32; 3]> {
        self.source.as_ref().map(|source| source.descriptors.numbers())
    }

    /// Makes another loop at the next poll where there is none.
    #[cfg(test)]
    pub(super) fn try_again(&mut self) {
        self.is_another_due = self.source.is_none();
    }

    /// Whether a child would close nothing.
    #[cfg(test)]
    pub(super) fn is_disowned(&self) -> bool {
        self.source.as_ref().is_none_or(|source| lock(&source.state.inherited).is_none())
    }

    #[cfg(test)]
    pub(super) fn events(&self) -> usize {
        self.source.as_ref().map_or(0, |source| source.state.events.load(Ordering::Relaxed))
    }

    fn end(&mut self) {
        let Some(source) = self.source.take() else { return };
        self.followed.clear();
        if source.is_lost() {
            self.losses += 1;
            self.is_another_due = self.losses < MOST_LOSSES;
        }
        source.end();
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices").field("followed", &self.followed).finish_non_exhaustive()
    }
}

/// Nothing where notify panics, which it does when its thread has ended.
fn contained<R>(call: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(call)).ok()
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
