//! The path that every event takes: into the calling thread's own buffer.
//!
//! Nothing shared is touched unless the buffer is full or its allowance is used up.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::intake::{GROWN, Intake};
use super::local::{self, MOST_WAIT, NoBuffer};
use super::thread_buffer::{Entry, Filling, ThreadBuffer};
use crate::diag::error::{Error, Result};
use crate::sys::call;
use crate::sys::spin_lock::SpinGuard;
use crate::sys::sync::lock;

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// As wide as the error beside it, so that a result travels in two registers.
#[repr(usize)]
pub(crate) enum Appended {
    /// The event is held.
    Accepted,
    /// Nothing was written, on purpose.
    Skipped,
}

impl Intake {
    /// Appends one entry if nothing about it and the buffer is out of the ordinary; `None` otherwise, and nothing has
    /// happened.
    ///
    /// Whatever comes in between leaves it for [`Intake::append`], so that hardly anything has to be kept for later: half
    /// the instructions.
    #[inline(always)]
    pub(crate) fn append_fast(&self, entry: &mut impl Entry) -> Option<Result<Appended>> {
        let buffer = local::own(self.terms.number)?;
        let mut filling = buffer.filling.try_lock()?;
        if !self.is_running() || !filling.write_fast(entry) {
            return None;
        }
        if filling.is_usual() {
            buffer.commit(&mut filling);
            return Some(Ok(Appended::Accepted));
        }
        Some(self.keep(&buffer, filling))
    }

    /// Appends one entry to this thread's buffer.
    #[inline(always)]
    pub(crate) fn append(self: &Arc<Self>, entry: &mut impl Entry) -> Result<Appended> {
        match local::with_buffer(self, |buffer| self.append_to(buffer, entry)) {
            Ok(appended) => appended,
            Err(NoBuffer::ThreadEnds) => self.append_once(entry),
            Err(NoBuffer::InUse) => Err(Error::interrupting()),
        }
    }

    #[inline(always)]
    fn append_to(&self, buffer: &ThreadBuffer, entry: &mut impl Entry) -> Result<Appended> {
        let mut filling = buffer.filling.try_lock().unwrap_or_else(|| waited_for(buffer));
        self.refuse_when_closed()?;
        if !filling.write(entry)? {
            return Ok(Appended::Skipped);
        }
        self.keep(buffer, filling)
    }

    /// Makes the entry that is written an accepted event.
    #[inline(never)]
    fn keep<'a>(&self, buffer: &'a ThreadBuffer, mut filling: SpinGuard<'a, Filling>) -> Result<Appended> {
        let is_allowed = filling.is_allowed();
        if !is_allowed {
            filling = self.make_room(buffer, filling)?;
        }
        let held = buffer.commit(&mut filling);
        if held.bytes >= self.terms.full.bytes || held.events >= self.terms.full.events {
            self.seal_full(buffer, filling);
        } else if !is_allowed && held.bytes >= GROWN {
            self.seal_share(buffer, filling);
        }
        Ok(Appended::Accepted)
    }

    #[cold]
    #[inline(never)]
    fn seal_full(&self, buffer: &ThreadBuffer, mut filling: SpinGuard<'_, Filling>) {
        let _inside = call::hold();
        if self.may_seal_later(&filling) {
            return;
        }
        let expected = self.full_buffer();
        self.seal(buffer, &mut filling, expected);
        drop(filling);
        self.full_seals.fetch_add(1, Ordering::Relaxed);
        // A busy sender looks often enough; to wake it costs more than many exports do.
        if self.budget.is_half_taken() {
            self.waker.wake_untold();
            self.wake_spool();
        }
    }

    /// Seals a buffer that holds more than its thread's share of a queue that many threads fill.
    #[cold]
    #[inline(never)]
    fn seal_share(&self, buffer: &ThreadBuffer, mut filling: SpinGuard<'_, Filling>) {
        let share = self.budget.bytes_for_each().max(GROWN);
        if filling.committed >= share && !self.budget.is_nearly_empty() {
            let _inside = call::hold();
            self.seal(buffer, &mut filling, share.min(self.full_buffer()));
            self.pool.keep_less();
        }
    }

    /// Whether to go on in a full buffer, in half of what room is left, because another thread holds what a seal
    /// needs: one that was taken off its processor holds it for milliseconds.
    fn may_seal_later(&self, filling: &Filling) -> bool {
        let full = self.terms.full.bytes;
        let room = (self.full_buffer() - full) / 2;
        (full..full + room).contains(&filling.committed) && self.is_seal_held_up()
    }

    /// Counts an event that is skipped because the client is disabled.
    #[inline]
    pub(crate) fn count_skipped(self: &Arc<Self>) {
        if !local::count_skipped(self.terms.number) {
            self.count_first_skipped();
        }
    }

    /// The same for a thread that exported or skipped nothing here before, or elsewhere since.
    #[cold]
    #[inline(never)]
    fn count_first_skipped(self: &Arc<Self>) {
        let _inside = call::hold();
        if local::with_buffer(self, ThreadBuffer::count_skipped).is_err() {
            lock(&self.registry).skipped_before += 1;
        }
    }

    /// Seals the calling thread's buffer; gives a sequence up to which all that the thread appended is
    /// queued.
    pub(crate) fn seal_own(self: &Arc<Self>) -> u64 {
        let sealed = local::with_buffer(self, |buffer| self.seal(buffer, &mut buffer.filling.lock(), 0));
        sealed.ok().flatten().unwrap_or_else(|| self.queue.next_sequence().saturating_sub(1))
    }

    /// Appends for a thread that is ending and cannot keep a buffer any more.
    #[cold]
    #[inline(never)]
    pub(super) fn append_once(&self, entry: &mut impl Entry) -> Result<Appended> {
        let buffer = self.register();
        let appended = self.append_to(&buffer, entry);
        self.retire(&buffer, Instant::now() + MOST_WAIT);
        appended
    }
}

/// The sender is just sealing it.
#[cold]
#[inline(never)]
fn waited_for(buffer: &ThreadBuffer) -> SpinGuard<'_, Filling> {
    let _inside = call::hold();
    buffer.filling.lock()
}
