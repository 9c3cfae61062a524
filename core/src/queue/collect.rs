//! What the sender does here: it collects buffers that became old, takes chunks and reports what became of them;
//! and what those ask who wait for it or count.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::budget::Charge;
use super::intake::{GROWN, Intake};
use super::segments::{Ledger, Taken};
use crate::encode::Buffer;
use crate::sys::sync::{lock_until, try_lock};

/// Largest body of a chunk: Fluent Bit closes the connection above 6 144 000 bytes, packed or not; a
/// third of it leaves room for one largest event and for growth of a record on its way.
const MOST_CHUNK_BYTES: usize = 2 << 20;

/// Pause before a buffer whose thread was just exporting is tried again.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Fifty times of what a look at one buffer takes when its cache lines are cold.
const LOOK_EACH: Duration = Duration::from_micros(5);

/// How long the end of a client waits for a buffer whose thread holds it.
const MOST_WAIT: Duration = Duration::from_millis(100);

impl Intake {
    /// Seals the buffers whose oldest event may have waited for `interval`; all of them when that is
    /// zero. `since` is when the sender looked last. Gives when to look again at the latest.
    pub(crate) fn collect(&self, since: Instant, now: Instant, interval: Duration) -> Option<Instant> {
        // Not waited for: a thread that a signal handler keeps may have it for ever, and what is sealed goes on.
        let Some(registry) = try_lock(&self.registry) else { return Some(now + LOOK_AGAIN) };
        let mut next = None;
        for buffer in &registry.buffers {
            let Some(waiting_since) = buffer.waiting_since(since) else {
                if let Some(mut filling) = buffer.filling.try_lock() {
                    self.forgo_allowance(&mut filling);
                }
                continue;
            };
            let due = waiting_since + interval;
            let filling = if due <= now { buffer.filling.try_lock() } else { None };
            if let Some(mut filling) = filling {
                let usual = filling.committed;
                // A quarter more, so that a thread whose pace varies a little does not grow its buffer each time.
                let expected = if usual > GROWN { self.full_buffer() } else { usual + usual / 4 };
                self.seal(buffer, &mut filling, expected);
                self.forgo_allowance(&mut filling);
            } else {
                // A thread that is just exporting holds its lock; looking again at once would spin.
                let due = due.max(now + LOOK_AGAIN);
                next = Some(next.map_or(due, |earliest: Instant| earliest.min(due)));
            }
        }
        next
    }

    /// Seals everything accepted so far; gives the sequence below which all of it is queued. `None` when that did not
    /// come to an end by `deadline`.
    pub(crate) fn seal_until(&self, deadline: Instant) -> Option<u64> {
        self.seal_within(|| deadline).then(|| self.queue.next_sequence())
    }

    /// Seals the buffers that can be had, each until a deadline of its own; whether these were all.
    pub(super) fn seal_within(&self, deadline: impl Fn() -> Instant) -> bool {
        let Some(registry) = lock_until(&self.registry, deadline()) else { return false };
        let mut are_all = true;
        for buffer in &registry.buffers {
            let Some(mut filling) = buffer.filling.lock_until(deadline()) else {
                are_all = false;
                continue;
            };
            self.seal(buffer, &mut filling, 0);
            self.forgo_allowance(&mut filling);
        }
        are_all
    }

    /// How long the sender leaves the buffers alone after a look at all of them, which takes as long as they are many:
    /// less than a fiftieth of its time.
    pub(crate) fn pause_between_looks(&self) -> Duration {
        LOOK_EACH.saturating_mul(u32::try_from(self.budget.threads()).unwrap_or(u32::MAX))
    }

    /// Whether any event is held that waits to be delivered, or may be.
    pub(crate) fn may_hold_events(&self, deadline: Instant) -> bool {
        let Some(registry) = lock_until(&self.registry, deadline) else { return true };
        let has_pending = registry.buffers.iter().any(|buffer| buffer.pending() > 0);
        drop(registry);
        has_pending || self.queue.may_hold_events(deadline)
    }

    /// Takes the next chunk's worth of segments.
    pub(crate) fn take(&self) -> Option<Taken> {
        let most = Charge { bytes: MOST_CHUNK_BYTES, ..self.terms.full };
        self.queue.take(self.terms.full, most, &self.pool)
    }

    pub(crate) fn has_segments(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether a whole chunk waits.
    pub(crate) fn has_chunk(&self) -> bool {
        self.queue.has_any_of(self.terms.full)
    }

    /// Reports what became of a claim.
    pub(crate) fn settle(&self, claim: u64, count: impl FnOnce(&mut Ledger, u64)) {
        let charge = self.queue.settle(claim, count);
        self.budget.release(charge);
        self.queue.notify();
        if self.has_settled_records() {
            self.wake_spool();
        }
    }

    /// Splits a claim: it keeps `front`, the rest gets the claim that is given.
    pub(crate) fn split(&self, claim: u64, front: Charge) -> Option<u64> {
        self.queue.split(claim, front)
    }

    /// Counts everything still held as lost to the close, and refuses appends from now on.
    pub(crate) fn give_up(&self) {
        self.close();
        // One that a thread never lets go is left out.
        self.seal_within(|| Instant::now() + MOST_WAIT);
        let lost = self.queue.give_up();
        self.budget.release(lost);
    }

    /// A buffer that was used for a chunk may be used again.
    pub(crate) fn give_back(&self, buffer: Buffer) {
        self.pool.give_back(buffer);
    }

    /// An empty buffer for a chunk.
    pub(crate) fn take_buffer(&self, expected: usize) -> Buffer {
        self.pool.take(expected)
    }

    /// Buffers that were sealed because they were full.
    pub(crate) fn full_seals(&self) -> u64 {
        self.full_seals.load(Ordering::Relaxed)
    }

    /// Waits until everything below `sequence` is settled; false when `deadline` came first.
    pub(crate) fn wait_settled(&self, sequence: u64, deadline: Instant) -> bool {
        self.waker.wake();
        self.queue.wait_settled(sequence, deadline)
    }

    /// Waits until `ready` holds; false when `deadline` came first.
    pub(crate) fn wait_for(&self, ready: impl FnMut() -> bool, deadline: Instant) -> bool {
        self.queue.wait_for(ready, deadline)
    }

    /// Whether events of the segment `sequence` were lost after they were accepted, as far as remembered.
    pub(crate) fn was_lost(&self, sequence: u64) -> bool {
        self.queue.was_lost(sequence)
    }

    /// The ledger, the number of events accepted and what is held, all at one moment: every thread that
    /// exports waits for the few instructions that this takes.
    ///
    /// `None` when they could not all be had by `deadline`.
    pub(crate) fn look_until(&self, deadline: Instant) -> Option<(Ledger, u64, Charge)> {
        let registry = lock_until(&self.registry, deadline)?;
        let each = registry.buffers.iter();
        let fillings: Vec<_> =
            each.map(|buffer| buffer.filling.lock_until(deadline)).collect::<Option<_>>()?;
        let (ledger, queued) = self.queue.look();
        let accepted = fillings.iter().map(|filling| filling.accepted()).sum::<u64>();
        let held = fillings.iter().fold(queued, |sum, filling| sum + filling.held());
        Some((ledger, registry.accepted_before + accepted, held))
    }

    /// What became of events until now.
    pub(crate) fn ledger(&self) -> Ledger {
        self.queue.ledger()
    }

    /// Events that were skipped so far because the client was disabled.
    pub(crate) fn skipped_until(&self, deadline: Instant) -> Option<u64> {
        let registry = lock_until(&self.registry, deadline)?;
        let skipped = registry.buffers.iter().map(|buffer| buffer.skipped()).sum::<u64>();
        Some(registry.skipped_before + skipped)
    }

    // For tests, which hold nothing for long.
    #[cfg(test)]
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped_until(Instant::now() + Duration::from_secs(60)).unwrap()
    }

    #[cfg(test)]
    pub(crate) fn look(&self) -> (Ledger, u64, Charge) {
        self.look_until(Instant::now() + Duration::from_secs(60)).unwrap()
    }

    #[cfg(test)]
    pub(crate) fn seal_all(&self) -> u64 {
        self.seal_until(Instant::now() + Duration::from_secs(60)).unwrap()
    }
}
