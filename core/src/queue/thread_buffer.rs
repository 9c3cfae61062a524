//! One thread's buffer: the bytes of its events and what it may still write.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use crossbeam_utils::CachePadded;

use super::budget::Charge;
use crate::diag::error::Result;
use crate::encode::{Buffer, Output, Workspace};
use crate::sys::spin_lock::SpinLock;
use crate::sys::sync::lock;

/// An entry that is going to be written. A trait and not a closure, so that writing it becomes part of the
/// function that appends it.
pub(crate) trait Entry {
    /// Appends the entry if that is a matter of copying; true when that was all of it. What is written else counts
    /// for nothing.
    fn write_fast(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> bool;

    /// Appends the entry; answers whether there is anything to keep. What is written before a failure or a
    /// refusal is taken back.
    fn write(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> Result<bool>;
}

/// Its owner writes it at every export, so it is alone on its cache lines.
pub(super) type SharedBuffer = Arc<CachePadded<ThreadBuffer>>;

/// One thread's buffer.
#[derive(Debug)]
pub(super) struct ThreadBuffer {
    /// Of the intake it belongs to.
    pub(super) intake: u64,
    /// Held by the owner for an append and by the sender for a seal, never across I/O.
    pub(super) filling: SpinLock<Filling>,
    pending: AtomicUsize,
    /// Where it stands in the registry, under whose lock it changes.
    place: AtomicUsize,
    /// Events that were not looked at because the client is disabled.
    skipped: AtomicU64,
    /// How often it was sealed.
    seals: AtomicU64,
    seen: Mutex<Option<Seen>>,
}

/// What the sender saw of the events that wait in a buffer.
#[derive(Debug)]
struct Seen {
    /// How often the buffer had been sealed before they came.
    seals: u64,
    /// None of them is older.
    since: Instant,
}

/// The entries that wait in a buffer, and how far its thread may go on.
#[derive(Debug)]
pub(super) struct Filling {
    pub(super) bytes: Buffer,
    /// Bytes of whole entries; what follows is being written or was left by a failure.
    pub(super) committed: usize,
    pub(super) events: usize,
    /// Events that were accepted before those that are held here.
    pub(super) accepted_before: u64,
    /// What this thread took from the budget, the committed entries included.
    allowance: Charge,
    /// What a chunk holds at most without being full.
    below_full: Charge,
    /// The smaller of the two: one look for both.
    usual: Charge,
    workspace: Workspace,
}

impl Filling {
    /// Writes an entry behind the committed ones, or goes on with one that was begun there; on anything but true it
    /// is gone.
    #[inline(always)]
    pub(super) fn write(&mut self, entry: &mut impl Entry) -> Result<bool> {
        let mut out = Output::behind(&mut self.bytes, self.committed);
        let written = entry.write(&mut out, &mut self.workspace);
        if matches!(written, Ok(true)) {
            out.finish();
        } else {
            let len = out.len();
            self.bytes.note_written(len);
            self.bytes.truncate(self.committed);
        }
        written
    }

    /// Writes an entry on the fast path, if that is all of it.
    #[inline(always)]
    pub(super) fn write_fast(&mut self, entry: &mut impl Entry) -> bool {
        let mut out = Output::behind(&mut self.bytes, self.committed);
        let is_whole = entry.write_fast(&mut out, &mut self.workspace);
        out.finish();
        is_whole
    }

    /// The committed entries.
    pub(super) fn held(&self) -> Charge {
        Charge { events: self.events, bytes: self.committed }
    }

    /// The committed entries and the one that is written.
    #[inline(always)]
    pub(super) fn with_next(&self) -> Charge {
        Charge { events: self.events + 1, bytes: self.bytes.len() }
    }

    /// Events that this thread's calls were told of as accepted, those that were dropped since included.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted_before + self.events as u64
    }

    /// What this thread took from the budget, the committed entries included.
    pub(super) fn allowance(&self) -> Charge {
        self.allowance
    }

    /// Sets what this thread may hold.
    pub(super) fn allow(&mut self, allowance: Charge) {
        self.allowance = allowance;
        self.usual = Charge {
            events: allowance.events.min(self.below_full.events),
            bytes: allowance.bytes.min(self.below_full.bytes),
        };
    }

    /// Whether the event that is written is within the allowance and does not fill the chunk.
    #[inline(always)]
    pub(super) fn is_usual(&self) -> bool {
        self.bytes.len() <= self.usual.bytes && self.events < self.usual.events
    }

    /// Whether the allowance covers one event more with the bytes that are written.
    pub(super) fn is_allowed(&self) -> bool {
        self.allowance.covers(self.with_next())
    }
}

impl ThreadBuffer {
    /// A buffer whose chunk is full at `full`.
    pub(super) fn new(intake: u64, bytes: Buffer, full: Charge) -> SharedBuffer {
        let filling = Filling {
            bytes,
            committed: 0,
            events: 0,
            accepted_before: 0,
            allowance: Charge::default(),
            below_full: Charge { events: full.events.saturating_sub(1), bytes: full.bytes.saturating_sub(1) },
            usual: Charge::default(),
            workspace: Workspace::default(),
        };
        let buffer = ThreadBuffer {
            intake,
            filling: SpinLock::new(filling),
            pending: AtomicUsize::new(0),
            place: AtomicUsize::new(0),
            skipped: AtomicU64::new(0),
            seals: AtomicU64::new(0),
            seen: Mutex::new(None),
        };
        Arc::new(buffer.into())
    }

    /// Makes what is written an accepted event; gives what is held now.
    #[inline(always)]
    pub(super) fn commit(&self, filling: &mut Filling) -> Charge {
        let held = filling.with_next();
        filling.committed = held.bytes;
        filling.events = held.events;
        self.publish(held.bytes);
        held
    }

    /// Where it stands in the registry.
    pub(super) fn place(&self) -> usize {
        self.place.load(Ordering::Relaxed)
    }

    /// Notes where it stands from now on.
    pub(super) fn move_to(&self, place: usize) {
        self.place.store(place, Ordering::Relaxed);
    }

    /// Counts one event that was skipped; only the owner calls this.
    #[inline(always)]
    pub(super) fn count_skipped(&self) {
        self.skipped.store(self.skipped.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(super) fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    /// Shows the number of committed bytes to the sender.
    #[inline(always)]
    fn publish(&self, bytes: usize) {
        self.pending.store(bytes, Ordering::Relaxed);
    }

    /// Shows the sender that what was committed is gone; only called under the lock of what is filled.
    pub(super) fn publish_seal(&self) {
        self.publish(0);
        self.seals.store(self.seals.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    pub(super) fn pending(&self) -> usize {
        self.pending.load(Ordering::Relaxed)
    }

    /// Since when the oldest event may have waited here, `None` when there is none. `last_look` is when
    /// the sender looked before: an event found now came after that, unless it was found then already.
    pub(super) fn waiting_since(&self, last_look: Instant) -> Option<Instant> {
        let mut seen = lock(&self.seen);
        if self.pending() == 0 {
            *seen = None;
            return None;
        }
        // A busy thread seals its buffer and goes on writing between two looks.
        let seals = self.seals.load(Ordering::Relaxed);
        let seen = match seen.take().filter(|seen| seen.seals == seals) {
            Some(known) => seen.insert(known),
            None => seen.insert(Seen { seals, since: last_look }),
        };
        Some(seen.since)
    }
}

/// An entry that a closure writes.
#[cfg(test)]
pub(crate) struct Written<F>(pub(crate) F);

#[cfg(test)]
impl<F: FnMut(&mut Output<'_>) -> Result<bool>> Entry for Written<F> {
    fn write_fast(&mut self, out: &mut Output<'_>, _: &mut Workspace) -> bool {
        matches!((self.0)(out), Ok(true))
    }

    fn write(&mut self, out: &mut Output<'_>, _: &mut Workspace) -> Result<bool> {
        (self.0)(out)
    }
}
