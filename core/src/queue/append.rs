//! The path that every event takes: into the calling thread's own buffer.
//!
//! Nothing shared is touched unless the buffer is full or its allowance is used up.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Intake;
use super::local::{self, NoBuffer};
use super::thread_buffer::{State, ThreadBuffer};
use crate::diag::error::{Error, Result, Status};
use crate::encode::{Output, Workspace};
use crate::sys::spin_lock::SpinGuard;
use crate::sys::sync::lock;

/// An entry that is going to be written. A trait and not a closure, so that writing it becomes part of the
/// function that appends it.
pub(crate) trait Entry {
    /// Appends the entry if that is a matter of copying; true when that was all of it. What is written else counts
    /// for nothing.
    fn write_at_once(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> bool;

    /// Appends the entry; answers whether there is anything to keep. What is written before a failure or a
    /// refusal is taken back.
    fn write(&mut self, out: &mut Output<'_>, workspace: &mut Workspace) -> Result<bool>;
}

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
    pub(crate) fn append_at_once(&self, entry: &mut impl Entry) -> Option<Result<Appended>> {
        let buffer = local::own(self.number)?;
        let mut state = buffer.state.try_lock()?;
        if self.is_closed() || !state.write_at_once(entry) {
            return None;
        }
        if state.is_usual() {
            buffer.commit(&mut state);
            return Some(Ok(Appended::Accepted));
        }
        Some(self.keep(&buffer, state))
    }

    /// Appends one entry to this thread's buffer.
    #[inline(always)]
    pub(crate) fn append(self: &Arc<Self>, entry: &mut impl Entry) -> Result<Appended> {
        match local::with_buffer(self, |buffer| self.append_to(buffer, entry)) {
            Ok(appended) => appended,
            Err(none) => self.append_without(none, entry),
        }
    }

    #[cold]
    #[inline(never)]
    fn append_without(&self, none: NoBuffer, entry: &mut impl Entry) -> Result<Appended> {
        match none {
            NoBuffer::ThreadEnds => self.append_once(entry),
            NoBuffer::InUse => Err(busy()),
        }
    }

    #[inline(always)]
    fn append_to(&self, buffer: &ThreadBuffer, entry: &mut impl Entry) -> Result<Appended> {
        let mut state = buffer.state.lock();
        self.refuse_when_closed()?;
        if !state.write(entry)? {
            return Ok(Appended::Skipped);
        }
        self.keep(buffer, state)
    }

    /// Makes the entry that is written an accepted event.
    #[inline(never)]
    fn keep<'a>(&self, buffer: &'a ThreadBuffer, mut state: SpinGuard<'a, State>) -> Result<Appended> {
        if !state.is_allowed() {
            state = self.make_room(buffer, state)?;
        }
        let held = buffer.commit(&mut state);
        if held.bytes >= self.limits.chunk_bytes || held.events >= self.chunk_events {
            self.seal_full(buffer, state);
        }
        Ok(Appended::Accepted)
    }

    #[cold]
    #[inline(never)]
    fn seal_full(&self, buffer: &ThreadBuffer, mut state: SpinGuard<'_, State>) {
        if self.may_seal_later(&state) {
            return;
        }
        let expected = self.full_buffer();
        self.seal(buffer, &mut state, expected);
        drop(state);
        self.full_seals.fetch_add(1, Ordering::Relaxed);
        // A busy sender looks often enough; to wake it costs more than many exports do.
        if self.budget.is_half_taken() {
            self.wake.wake();
        }
    }

    /// Whether to go on in a full buffer, in half of what room is left, because another thread holds what a seal
    /// needs: one that was taken off its processor holds it for milliseconds.
    fn may_seal_later(&self, state: &State) -> bool {
        let full = self.limits.chunk_bytes;
        let room = (self.full_buffer() - full) / 2;
        (full..full + room).contains(&state.committed) && (self.queue.is_taken() || self.pool.is_taken())
    }

    /// Room for a chunk, and for the event that fills it and hardly ever ends just there. The same for all, so
    /// that every full buffer can take the place of any other.
    pub(super) fn full_buffer(&self) -> usize {
        self.limits.chunk_bytes + self.limits.chunk_bytes / 16
    }

    /// Buffers that were sealed because they were full.
    pub(crate) fn full_seals(&self) -> u64 {
        self.full_seals.load(Ordering::Relaxed)
    }

    /// Counts an event that is skipped because the client is disabled.
    pub(crate) fn count_skipped(self: &Arc<Self>) {
        if local::with_buffer(self, ThreadBuffer::count_skipped).is_err() {
            self.count_skipped_without();
        }
    }

    #[cold]
    #[inline(never)]
    fn count_skipped_without(&self) {
        lock(&self.registry).skipped_before += 1;
    }

    /// Events that were skipped so far.
    pub(crate) fn skipped(&self) -> u64 {
        let registry = lock(&self.registry);
        let skipped = registry.buffers.iter().map(|buffer| buffer.skipped()).sum::<u64>();
        registry.skipped_before + skipped
    }

    /// Appends for a thread that is ending and cannot keep a buffer any more.
    #[cold]
    pub(super) fn append_once(&self, entry: &mut impl Entry) -> Result<Appended> {
        let buffer = self.register();
        let appended = self.append_to(&buffer, entry);
        self.retire(&buffer);
        appended
    }
}

#[cold]
fn busy() -> Error {
    Error::new(
        Status::Busy,
        "event: exported while another event of this thread is being encoded, one at a time is expected",
    )
}

/// An entry that a closure writes.
#[cfg(test)]
pub(crate) struct Written<F>(pub(crate) F);

#[cfg(test)]
impl<F: FnMut(&mut Output<'_>) -> Result<bool>> Entry for Written<F> {
    fn write_at_once(&mut self, out: &mut Output<'_>, _: &mut Workspace) -> bool {
        matches!((self.0)(out), Ok(true))
    }

    fn write(&mut self, out: &mut Output<'_>, _: &mut Workspace) -> Result<bool> {
        (self.0)(out)
    }
}
