//! The way in for the events of one client in one process: its parts, and how a thread's buffer comes and goes.
//!
//! What threads do with it is in `append` and `evict`, what the sender does in `collect` and `idle`. Locks are
//! taken in this order: registry, what a thread fills, queue. Whoever holds what a thread fills only tries the
//! registry and what other threads fill.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;

use super::budget::{Budget, Charge};
use super::pool::Pool;
use super::segments::Queue;
use super::spool_side::SpoolSide;
use super::thread_buffer::{Filling, SharedBuffer, ThreadBuffer};
use crate::diag::error::{Error, Result, Status};
use crate::encode::msgpack::AppendSlice as _;
use crate::encode::{Buffer, MOST_SMALL};
use crate::sys::sync::{lock, lock_until, try_until};
use crate::sys::waker::Waker;

/// A buffer that holds more than this, dozens of events, is going to hold a chunk.
pub(super) const GROWN: usize = 12 * 1024;

/// Share of the queue that one chunk may take, so that the four in flight leave the newest half free
/// to move when the oldest events are dropped.
const CHUNK_SHARE: usize = 8;

/// What bounds an intake.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Most held in memory, chunks in flight included.
    pub(crate) queue: Charge,
    /// Size at which a buffer is sealed without waiting.
    pub(crate) chunk_bytes: usize,
    /// Size of the largest event.
    pub(crate) event_bytes: usize,
    /// Full queue: drop the oldest, else wait and drop the new one.
    pub(crate) circular: bool,
    /// How long an append waits for room when the oldest are kept.
    pub(crate) block_timeout: Duration,
}

/// The buffers of all threads.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) buffers: Vec<SharedBuffer>,
    /// Events accepted by threads that are gone.
    pub(super) accepted_before: u64,
    /// And skipped by them.
    pub(super) skipped_before: u64,
}

/// The way in for the events of one client in one process.
///
/// Its parts are padded so that what every event reads is on cache lines that nobody writes, and what threads write
/// at different times does not share lines either.
pub(crate) struct Intake {
    pub(super) terms: CachePadded<Terms>,
    pub(super) registry: Mutex<Registry>,
    pub(super) queue: CachePadded<Queue>,
    /// Every thread writes here, once a step.
    pub(super) budget: CachePadded<Budget>,
    /// And here, and the queue, once a chunk.
    pub(super) pool: CachePadded<Pool>,
    pub(super) full_seals: AtomicU64,
    pub(super) waker: Waker,
    pub(super) last_flush: LastFlush,
    /// Where there is a spool.
    pub(super) spool: Option<Box<SpoolSide>>,
}

/// The marks of the flush at the end of the process.
#[derive(Debug, Default)]
pub(super) struct LastFlush {
    pub(super) is_asked_for: AtomicBool,
    pub(super) is_over: AtomicBool,
}

/// What every event reads. Nothing but a start and a close writes here.
#[derive(Debug)]
pub(super) struct Terms {
    /// Tells a thread's buffers apart.
    pub(super) number: u64,
    /// The size of a full buffer, and of a chunk at most in events.
    pub(super) full: Charge,
    /// As in [`Limits`].
    pub(super) circular: bool,
    /// As in [`Limits`].
    pub(super) block_timeout: Duration,
    /// Of these: `STARTED`, `CLOSED`.
    phase: AtomicU8,
}

const STARTED: u8 = 1;
const CLOSED: u8 = 2;

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

impl Intake {
    pub(crate) fn new(limits: Limits) -> Intake {
        let full = Charge {
            events: (limits.queue.events / CHUNK_SHARE).max(1),
            bytes: limits.chunk_bytes.min(limits.queue.bytes / CHUNK_SHARE).max(1),
        };
        let terms = Terms {
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            full,
            circular: limits.circular,
            block_timeout: limits.block_timeout,
            phase: AtomicU8::new(0),
        };
        Intake {
            terms: terms.into(),
            registry: Mutex::default(),
            queue: CachePadded::default(),
            budget: Budget::new(limits.queue).into(),
            pool: Pool::new(full.bytes, limits.event_bytes.min(limits.queue.bytes)).into(),
            full_seals: AtomicU64::new(0),
            waker: Waker::new(),
            last_flush: LastFlush::default(),
            spool: None,
        }
    }

    /// A new buffer for the calling thread, in memory that was used before where there is some.
    pub(super) fn register(&self) -> SharedBuffer {
        let buffer = ThreadBuffer::new(self.terms.number, self.pool.take_kept(), self.terms.full);
        let mut registry = lock(&self.registry);
        buffer.move_to(registry.buffers.len());
        registry.buffers.push(Arc::clone(&buffer));
        self.budget.add_thread();
        drop(registry);
        buffer
    }

    /// Whether a thread holds just now what a seal takes.
    pub(super) fn is_seal_held_up(&self) -> bool {
        self.queue.is_taken() || self.pool.is_taken()
    }

    /// Takes what the calling thread leaves behind, or goes on with it as it is where locks are not to be had before
    /// `deadline`.
    pub(super) fn retire(&self, buffer: &SharedBuffer, deadline: Instant) {
        let Some(mut registry) = lock_until(&self.registry, deadline) else { return };
        let place = buffer.place();
        if !registry.buffers.get(place).is_some_and(|known| Arc::ptr_eq(known, buffer)) {
            return;
        }
        let Some(mut filling) = buffer.filling.lock_until(deadline) else { return };
        // A thread that was ended in the middle of a call holds it for ever.
        if try_until(deadline, || (!self.is_seal_held_up()).then_some(())).is_none() {
            return;
        }
        registry.buffers.swap_remove(place);
        if let Some(moved) = registry.buffers.get(place) {
            moved.move_to(place);
        }
        self.budget.remove_thread();
        self.seal(buffer, &mut filling, 0);
        self.forgo_allowance(&mut filling);
        let emptied = std::mem::take(&mut filling.bytes);
        registry.accepted_before += filling.accepted();
        drop(filling);
        registry.skipped_before += buffer.skipped();
        drop(registry);
        self.pool.give_back(emptied);
    }

    /// Moves what is committed to the end of the queue and gives its sequence; the thread goes on in a buffer with room for
    /// `expected` bytes. What is written but not committed moves along.
    pub(super) fn seal(&self, buffer: &ThreadBuffer, filling: &mut Filling, expected: usize) -> Option<u64> {
        if filling.events == 0 {
            return None;
        }
        let sealed = self.take_out(filling, expected);
        let charge = filling.held();
        filling.allow(filling.allowance() - charge);
        filling.accepted_before = filling.accepted();
        filling.events = 0;
        filling.committed = 0;
        buffer.publish_seal();
        Some(self.queue.push(sealed, charge.events))
    }

    /// The committed bytes, in memory that they need most of: what a segment leaves unused the budget does not see.
    fn take_out(&self, filling: &mut Filling, expected: usize) -> Buffer {
        let (committed, uncommitted) =
            filling.bytes.split_at_checked(filling.committed).unwrap_or((&filling.bytes, &[]));
        // The thread goes on in its own buffer where that is of the right kind: then both have the memory that they need
        // the next time too.
        let may_stay = filling.bytes.is_block() == (expected > MOST_SMALL);
        let memory = filling.bytes.memory();
        let copy = self.pool.copy_in_less(committed, memory, may_stay);
        if may_stay && let Some(copy) = copy {
            filling.bytes.remove_front(filling.committed);
            return copy;
        }
        // What it needed until now it needs again: blocks that threads fill stay large, those of segments small.
        let expected = if may_stay && expected > MOST_SMALL { expected.max(memory) } else { expected };
        let mut next = self.pool.take(expected.max(uncommitted.len()));
        next.append_slice(uncommitted);
        let mut sealed = std::mem::replace(&mut filling.bytes, next);
        match copy {
            Some(copy) => {
                self.pool.give_back(sealed);
                copy
            }
            None => {
                sealed.truncate(filling.committed);
                sealed.release_rest();
                sealed
            }
        }
    }

    /// Gives back what the thread may write and did not.
    pub(super) fn forgo_allowance(&self, filling: &mut Filling) {
        let used = filling.held();
        let rest = filling.allowance() - used;
        filling.allow(used);
        self.budget.release(rest);
        if !self.terms.circular && rest != Charge::default() {
            self.queue.notify();
        }
    }

    /// Room for a chunk, and for the event that fills it and hardly ever ends just there. The same for all, so
    /// that every full buffer can take the place of any other.
    pub(super) fn full_buffer(&self) -> usize {
        self.terms.full.bytes + self.terms.full.bytes / 16
    }

    /// Refuses appends from now on. One that is under way in another thread still counts.
    pub(crate) fn close(&self) {
        self.terms.phase.fetch_or(CLOSED, Ordering::Release);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.terms.phase.load(Ordering::Relaxed) & CLOSED != 0
    }

    /// Says that the sender runs: without it, appends take the long way.
    pub(crate) fn start(&self) {
        self.terms.phase.fetch_or(STARTED, Ordering::Release);
    }

    pub(crate) fn has_started(&self) -> bool {
        self.terms.phase.load(Ordering::Acquire) & STARTED != 0
    }

    /// Whether the sender runs and appends are not refused: one look for both.
    #[inline(always)]
    pub(super) fn is_running(&self) -> bool {
        self.terms.phase.load(Ordering::Acquire) == STARTED
    }

    /// Answers [`Status::Closed`] once appends are refused.
    #[inline(always)]
    pub(crate) fn refuse_when_closed(&self) -> Result<()> {
        if self.is_closed() { Err(closed()) } else { Ok(()) }
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }
}

#[cold]
fn closed() -> Error {
    Error::new(Status::Closed, "client: it was closed, an open client is expected")
}
