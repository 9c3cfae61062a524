//! Where encoded events wait: a buffer per thread, then a bounded queue of sealed segments.
//!
//! [`Intake::append`] is the hot path: it writes into the calling thread's own buffer and touches
//! nothing shared unless the buffer is full or its allowance is used up. The sender collects buffers
//! that became old, takes chunks from the queue and settles them. Everything accepted is held,
//! delivered or counted as dropped.

mod append;
mod budget;
mod evict;
mod idle;
mod local;
mod pool;
mod segment;
mod segments;
mod thread_buffer;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[cfg(test)]
pub(crate) use append::Written;
pub(crate) use append::{Appended, Entry};
use budget::Budget;
pub(crate) use budget::Charge;
use pool::Pool;
use segments::Queue;
pub(crate) use segments::{Ledger, Taken};
use thread_buffer::{State, ThreadBuffer};

use crate::diag::error::{Error, Result, Status};
use crate::sys::sync::lock;
use crate::sys::waker::Waker;

/// Largest body of a chunk: Fluent Bit closes the connection above 6 144 000 bytes, packed or not; a
/// third of it leaves room for one largest event and for growth of a record on its way.
const MOST_CHUNK_BYTES: usize = 2 << 20;

/// A buffer that holds more than this, dozens of events, is going to hold a chunk.
const GROWN: usize = 12 * 1024;

/// Share of the queue that one chunk may take, so that the four in flight leave the newest half free
/// to move when the oldest events are dropped.
const CHUNK_SHARE: usize = 8;

/// Pause before a buffer whose thread was just exporting is tried again.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// What bounds an intake.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// Most held in memory, chunks in flight included.
    pub(crate) queue: Charge,
    /// Size at which a buffer is sealed without waiting.
    pub(crate) chunk_bytes: usize,
    /// Full queue: drop the oldest, else wait and drop the new one.
    pub(crate) circular: bool,
    /// How long an append waits for room when the oldest are kept.
    pub(crate) block_timeout: Duration,
}

#[derive(Debug, Default)]
struct Registry {
    buffers: Vec<Arc<ThreadBuffer>>,
    /// Events accepted by threads that are gone.
    accepted_before: u64,
    /// And skipped by them.
    skipped_before: u64,
}

/// The way in for the events of one client in one process.
pub(crate) struct Intake {
    number: u64,
    limits: Limits,
    /// Events at which a buffer is sealed, and most of a chunk.
    chunk_events: usize,
    /// Locks are taken in this order: registry, the state of a buffer, queue. Whoever holds a state only
    /// tries the registry and other states.
    registry: Mutex<Registry>,
    queue: Queue,
    budget: Budget,
    pool: Pool,
    closed: AtomicBool,
    full_seals: AtomicU64,
    wake: Waker,
}

/// Numbers intakes, so that a thread can tell its buffers apart.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

impl Intake {
    pub(crate) fn new(limits: Limits) -> Intake {
        let chunk_bytes = limits.chunk_bytes.min(limits.queue.bytes / CHUNK_SHARE).max(1);
        Intake {
            number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
            registry: Mutex::default(),
            queue: Queue::default(),
            budget: Budget::new(limits.queue),
            pool: Pool::new(chunk_bytes),
            closed: AtomicBool::new(false),
            full_seals: AtomicU64::new(0),
            wake: Waker::new(),
            chunk_events: (limits.queue.events / CHUNK_SHARE).max(1),
            limits: Limits { chunk_bytes, ..limits },
        }
    }

    /// A new buffer for the calling thread, in memory that was used before where there is some.
    fn register(&self) -> Arc<ThreadBuffer> {
        let full = Charge { events: self.chunk_events, bytes: self.limits.chunk_bytes };
        let buffer = Arc::new(ThreadBuffer::new(self.number, self.pool.take_kept(), full));
        lock(&self.registry).buffers.push(Arc::clone(&buffer));
        buffer
    }

    /// Takes what the calling thread leaves behind.
    fn retire(&self, buffer: &Arc<ThreadBuffer>) {
        let mut registry = lock(&self.registry);
        let Some(index) = registry.buffers.iter().position(|known| Arc::ptr_eq(known, buffer)) else {
            return;
        };
        registry.buffers.swap_remove(index);
        let mut state = buffer.state.lock();
        self.seal(buffer, &mut state, 0);
        self.forgo_allowance(&mut state);
        let emptied = std::mem::take(&mut state.bytes);
        drop(state);
        registry.accepted_before += buffer.accepted();
        registry.skipped_before += buffer.skipped();
        drop(registry);
        self.pool.give_back(emptied);
    }

    /// Moves what is committed to the end of the queue and gives its sequence; the thread goes on in a buffer with room for
    /// `expected` bytes. What is written but not committed moves along.
    fn seal(&self, buffer: &ThreadBuffer, state: &mut State, expected: usize) -> Option<u64> {
        if state.events == 0 {
            return None;
        }
        let uncommitted = state.bytes.split_at_checked(state.committed).map_or(&[][..], |(_, rest)| rest);
        let mut next = self.pool.take(expected.max(uncommitted.len()));
        next.extend_from_slice(uncommitted);
        let mut sealed = std::mem::replace(&mut state.bytes, next);
        sealed.truncate(state.committed);
        let charge = state.held();
        state.allow(state.allowance() - charge);
        state.events = 0;
        state.committed = 0;
        buffer.publish_seal();
        Some(self.queue.push(self.without_slack(sealed), charge.events))
    }

    /// A small segment in a large buffer would hold memory that the budget does not see.
    fn without_slack(&self, sealed: Vec<u8>) -> Vec<u8> {
        if sealed.len() >= sealed.capacity() / 2 {
            return sealed;
        }
        let exact = sealed.as_slice().to_vec();
        self.pool.give_back(sealed);
        exact
    }

    fn forgo_allowance(&self, state: &mut State) {
        let used = state.held();
        let rest = state.allowance() - used;
        state.allow(used);
        self.budget.release(rest);
        if !self.limits.circular && rest != Charge::default() {
            self.queue.notify();
        }
    }

    /// Seals the buffers whose oldest event may have waited for `interval`; all of them when that is
    /// zero. `since` is when the sender looked last. Gives when to look again at the latest.
    pub(crate) fn collect(&self, since: Instant, now: Instant, interval: Duration) -> Option<Instant> {
        let registry = lock(&self.registry);
        let mut next = None;
        for buffer in &registry.buffers {
            let Some(waiting_since) = buffer.waiting_since(since) else {
                if let Some(mut state) = buffer.state.try_lock() {
                    self.forgo_allowance(&mut state);
                }
                continue;
            };
            let due = waiting_since + interval;
            let state = if due <= now { buffer.state.try_lock() } else { None };
            if let Some(mut state) = state {
                let usual = state.committed;
                // A quarter more, so that a thread whose pace varies a little does not grow its buffer each time.
                let expected = if usual > GROWN { self.full_buffer() } else { usual + usual / 4 };
                self.seal(buffer, &mut state, expected);
                self.forgo_allowance(&mut state);
            } else {
                // A thread that is just exporting holds its lock; looking again at once would spin.
                let due = due.max(now + LOOK_AGAIN);
                next = Some(next.map_or(due, |earliest: Instant| earliest.min(due)));
            }
        }
        next
    }

    /// Seals everything accepted so far; gives the sequence below which all of it is queued.
    pub(crate) fn seal_all(&self) -> u64 {
        let registry = lock(&self.registry);
        for buffer in &registry.buffers {
            let mut state = buffer.state.lock();
            self.seal(buffer, &mut state, 0);
            self.forgo_allowance(&mut state);
        }
        drop(registry);
        self.queue.next_sequence()
    }

    /// Seals the calling thread's buffer; gives a sequence up to which all that the thread appended is
    /// queued.
    pub(crate) fn seal_own(self: &Arc<Self>) -> u64 {
        let sealed = local::with_buffer(self, |buffer| self.seal(buffer, &mut buffer.state.lock(), 0));
        sealed.ok().flatten().unwrap_or_else(|| self.queue.next_sequence().saturating_sub(1))
    }

    /// Whether events of the segment `sequence` were lost after they were accepted, as far as remembered.
    pub(crate) fn was_lost(&self, sequence: u64) -> bool {
        self.queue.was_lost(sequence)
    }

    /// Answers [`Status::Closed`] once appends are refused.
    #[inline(always)]
    pub(crate) fn refuse_when_closed(&self) -> Result<()> {
        if self.is_closed() { Err(closed()) } else { Ok(()) }
    }

    /// Takes the next chunk's worth of segments.
    pub(crate) fn take(&self) -> Option<Taken> {
        let events = self.chunk_events;
        let target = Charge { events, bytes: self.limits.chunk_bytes };
        let most = Charge { events, bytes: MOST_CHUNK_BYTES };
        self.queue.take(target, most, &self.pool)
    }

    pub(crate) fn has_segments(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether a whole chunk waits.
    pub(crate) fn has_chunk(&self) -> bool {
        self.queue.has_any_of(Charge { events: self.chunk_events, bytes: self.limits.chunk_bytes })
    }

    /// Reports what became of a claim.
    pub(crate) fn settle(&self, claim: u64, count: impl FnOnce(&mut Ledger, u64)) {
        let charge = self.queue.settle(claim, count);
        self.budget.release(charge);
        self.queue.notify();
    }

    /// Splits a claim: it keeps `front`, the rest gets the claim that is given.
    pub(crate) fn split(&self, claim: u64, front: Charge) -> Option<u64> {
        self.queue.split(claim, front)
    }

    /// Counts everything still held as lost to the close, and refuses appends from now on.
    pub(crate) fn give_up(&self) {
        self.close();
        self.seal_all();
        let lost = self.queue.give_up();
        self.budget.release(lost);
    }

    /// Refuses appends from now on. One that is under way in another thread still counts.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    #[inline(always)]
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Waits until everything below `sequence` is settled; false when `deadline` came first.
    pub(crate) fn wait_settled(&self, sequence: u64, deadline: Instant) -> bool {
        self.wake.wake();
        self.queue.wait_settled(sequence, deadline)
    }

    /// Waits until `ready` holds; false when `deadline` came first.
    pub(crate) fn wait_for(&self, ready: impl FnMut() -> bool, deadline: Instant) -> bool {
        self.queue.wait_for(ready, deadline)
    }

    /// Lets threads in [`Intake::wait_for`] look again.
    pub(crate) fn notify(&self) {
        self.queue.notify();
    }

    pub(crate) fn wake(&self) -> &Waker {
        &self.wake
    }

    /// A buffer that was used for a chunk may be used again.
    pub(crate) fn give_back(&self, buffer: Vec<u8>) {
        self.pool.give_back(buffer);
    }

    /// An empty buffer for a chunk.
    pub(crate) fn take_buffer(&self, expected: usize) -> Vec<u8> {
        self.pool.take(expected)
    }

    /// The ledger, the number of events accepted and what is held, all at one moment: every thread that
    /// exports waits for the few instructions that this takes.
    pub(crate) fn look(&self) -> (Ledger, u64, Charge) {
        let registry = lock(&self.registry);
        let states: Vec<_> = registry.buffers.iter().map(|buffer| buffer.state.lock()).collect();
        let (ledger, queued) = self.queue.look();
        let accepted = registry.buffers.iter().map(|buffer| buffer.accepted()).sum::<u64>();
        let held = states.iter().fold(queued, |sum, state| sum + state.held());
        (ledger, registry.accepted_before + accepted, held)
    }
}

#[cold]
fn closed() -> Error {
    Error::new(Status::Closed, "client: it was closed, an open client is expected")
}

#[cfg(test)]
mod tests;
