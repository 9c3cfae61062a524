//! What the sender and the thread that keeps the spool hand to each other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::turns::{Spill, Turn, Turns};
use crate::delivery::pack;
use crate::queue::{Intake, Taken};
use crate::spool::Held;
use crate::sys::sync::lock;
use crate::transport::{Chunk, OnHand};

/// How long what is left in memory may take to the disk when the time for delivery is over: tens of megabytes on any disk.
pub(crate) const SPOOL_TIME: Duration = Duration::from_millis(250);

/// What the spool looks like to people.
#[derive(Debug, Clone, Default)]
pub(crate) struct Appearance {
    pub(crate) held: Held,
    /// Why the disk takes nothing for the time being.
    pub(crate) trouble: Option<String>,
    /// What of it cannot be read.
    pub(crate) unread: Option<String>,
}

/// What is in the hands of the sender and the thread that keeps the spool.
pub(crate) struct Depot {
    turns: Mutex<Turns<Chunk>>,
    appearance: Mutex<Appearance>,
    pub(super) on_hand: Arc<OnHand>,
    /// Every chunk goes to the disk before it is sent.
    pub(super) is_write_ahead: bool,
    takes_gzip: AtomicBool,
    /// How often the sender took from the queue.
    takes: AtomicU64,
    /// All that is in memory is to go to the disk.
    is_rest_asked_for: AtomicBool,
    /// And nothing is read back any more: the client, or the process, ends.
    is_last: AtomicBool,
    is_end_asked_for: AtomicBool,
    is_over: AtomicBool,
}

impl Depot {
    pub(crate) fn new(is_write_ahead: bool) -> Depot {
        Depot {
            turns: Mutex::new(Turns::new(is_write_ahead)),
            appearance: Mutex::default(),
            on_hand: Arc::default(),
            is_write_ahead,
            takes_gzip: AtomicBool::new(false),
            takes: AtomicU64::new(0),
            is_rest_asked_for: AtomicBool::new(false),
            is_last: AtomicBool::new(false),
            is_end_asked_for: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        }
    }

    /// Whether [`Depot::take`] would give something. One that is about to end leaves adopted chunks alone.
    pub(crate) fn has_next(&self, intake: &Intake, is_draining: bool) -> bool {
        let turns = lock(&self.turns);
        turns.has_ready(is_draining) || turns.is_queue_next() && intake.has_segments()
    }

    /// Whether a whole chunk is there for the sender.
    pub(crate) fn has_chunk(&self, intake: &Intake, is_draining: bool) -> bool {
        let turns = lock(&self.turns);
        turns.has_ready(is_draining) || turns.is_queue_next() && intake.has_chunk()
    }

    /// The next chunk for the sender: those of this process in their order, adopted ones in turn with them.
    pub(crate) fn take(&self, intake: &Intake, takes_gzip: bool, is_draining: bool) -> Option<Chunk> {
        self.takes_gzip.store(takes_gzip, Ordering::Relaxed);
        let turn = lock(&self.turns).take(is_draining, || intake.take());
        let mut chunk = match turn {
            Turn::None => return None,
            Turn::Ready(chunk) => {
                intake.wake_spool();
                return Some(chunk);
            }
            Turn::Returned(chunk) => {
                self.note_take();
                chunk
            }
            Turn::Fresh(taken) => {
                self.note_take();
                pack::pack(taken, intake, takes_gzip)
            }
        };
        chunk.hold(&self.on_hand);
        lock(&self.turns).end_packing();
        Some(chunk)
    }

    fn note_take(&self) {
        self.takes.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells the thread that keeps the spool of what waits for it.
    pub(crate) fn nudge(&self, intake: &Intake) {
        if (self.is_write_ahead || intake.is_half_full()) && intake.has_segments() {
            intake.wake_spool();
        }
    }

    /// After a panic of the sender, which may have been about to take something.
    pub(crate) fn forget_take(&self) {
        lock(&self.turns).end_packing();
    }

    /// Whether memory holds something that is in nobody's flight.
    pub(crate) fn has_unsent(&self) -> bool {
        lock(&self.turns).has_unsent()
    }

    /// Whether something of this process waits on disk.
    pub(crate) fn holds_own(&self) -> bool {
        lock(&self.turns).holds_own()
    }

    /// Whether chunks are to be compressed, as far as the sender knows.
    pub(super) fn takes_gzip(&self) -> bool {
        self.takes_gzip.load(Ordering::Relaxed)
    }

    /// What the sender learned of that.
    pub(crate) fn note_gzip(&self, takes_gzip: bool) {
        self.takes_gzip.store(takes_gzip, Ordering::Relaxed);
    }

    /// What the thread that keeps the spool saw last.
    pub(crate) fn appearance(&self) -> Appearance {
        lock(&self.appearance).clone()
    }

    /// How often the sender took from the queue.
    pub(super) fn takes(&self) -> u64 {
        self.takes.load(Ordering::Relaxed)
    }
}

// What the thread that keeps the spool does here.
impl Depot {
    /// Takes what is to go to the disk next. Until [`Depot::end_spill`] the sender takes nothing from the queue.
    pub(super) fn begin_spill(&self, intake: &Intake) -> Spill<Chunk, Taken> {
        lock(&self.turns).begin_spill(|| intake.take())
    }

    /// It is on disk, and maybe in memory too, to be sent at once.
    pub(super) fn end_spill(&self, to_send: Option<Chunk>) {
        lock(&self.turns).end_spill(to_send);
    }

    /// The disk did not take it.
    pub(super) fn return_spill(&self, chunk: Chunk) {
        lock(&self.turns).return_spill(chunk);
    }

    /// Nothing came of it.
    pub(super) fn forget_spill(&self) {
        lock(&self.turns).forget_spill();
    }

    /// Whether a record may be read ahead.
    pub(super) fn has_room(&self, is_adopted: bool) -> bool {
        lock(&self.turns).has_room(is_adopted)
    }

    /// A record that was read, if there was one, and whether there are more.
    pub(super) fn add(&self, is_adopted: bool, chunk: Option<Chunk>, is_more: bool) {
        lock(&self.turns).add(is_adopted, chunk, is_more);
    }

    /// Whether records wait on disk that could be read now.
    pub(super) fn wants(&self, is_adopted: bool) -> bool {
        !self.is_last() && lock(&self.turns).wants(is_adopted)
    }

    /// There may be records on disk, of this process or of others.
    pub(super) fn look_again(&self, has_own: bool, has_adopted: bool) {
        lock(&self.turns).look_again(has_own, has_adopted);
    }

    pub(super) fn has_returned(&self) -> bool {
        lock(&self.turns).has_returned()
    }

    /// Shows people what the spool holds, what keeps it from taking more, and what cannot be read.
    pub(super) fn show(&self, held: Held, trouble: Option<&str>, unread: Option<&str>) {
        let mut appearance = lock(&self.appearance);
        appearance.held = held;
        if appearance.trouble.as_deref() != trouble {
            appearance.trouble = trouble.map(str::to_owned);
        }
        if appearance.unread.as_deref() != unread {
            appearance.unread = unread.map(str::to_owned);
        }
    }

    /// Whether the disk takes what it is given.
    pub(crate) fn turn(&self, is_on: bool) {
        lock(&self.turns).turn(is_on);
    }

    /// Whether all that is in memory is to go to the disk; asked once.
    pub(super) fn take_rest(&self) -> bool {
        self.is_rest_asked_for.swap(false, Ordering::SeqCst)
    }

    pub(super) fn is_asked(&self) -> bool {
        self.is_rest_asked_for.load(Ordering::SeqCst) || self.must_end()
    }

    /// Whether nothing is read back any more.
    pub(super) fn is_last(&self) -> bool {
        self.is_last.load(Ordering::SeqCst)
    }

    /// Reads nothing back any more.
    pub(super) fn be_last(&self) {
        self.is_last.store(true, Ordering::SeqCst);
    }

    pub(super) fn must_end(&self) -> bool {
        self.is_end_asked_for.load(Ordering::SeqCst)
    }

    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

// What those do here who wait.
impl Depot {
    /// Asks for all that is in memory now to go to the disk.
    pub(crate) fn ask_for_rest(&self, intake: &Intake) {
        self.is_rest_asked_for.store(true, Ordering::SeqCst);
        intake.wake_spool();
    }

    /// The same, where the client ends: what is on disk stays there.
    pub(crate) fn ask_for_last(&self, intake: &Intake) {
        self.be_last();
        self.ask_for_rest(intake);
    }

    /// Asks the thread that keeps the spool to end.
    pub(crate) fn ask_for_end(&self, intake: &Intake) {
        self.is_end_asked_for.store(true, Ordering::SeqCst);
        intake.wake_spool();
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }
}
