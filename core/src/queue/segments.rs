//! Sealed segments on their way to the collector, and the ledger of what became of every event.
//!
//! Threads push, the sender takes chunks from the front and reports what became of them. Everything
//! here sits under one lock that is held for a few instructions, so a look at the ledger is a look at
//! one moment.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::time::Instant;

use super::budget::Charge;
use super::pool::Pool;
use super::segment::Segment;
use crate::encode::Buffer;
use crate::sys::sync::{lock, lock_until, try_lock, wait_until};

/// What became of events that were accepted and are no longer held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    pub(crate) delivered: u64,
    pub(crate) dropped_queue_full: u64,
    pub(crate) dropped_too_big: u64,
    pub(crate) dropped_rejected: u64,
    pub(crate) dropped_spool: u64,
    pub(crate) dropped_closed: u64,
    /// On disk now, and their bytes there.
    pub(crate) spooled_events: u64,
    pub(crate) spooled_bytes: u64,
    /// Taken over from processes that are gone.
    pub(crate) adopted_events: u64,
}

/// Events that the sender took and has not reported on.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) number: u64,
    pub(super) sequence: u64,
    pub(super) charge: Charge,
    /// The record of the spool that they are in: then they count as spooled and are in nobody's budget.
    pub(super) record: Option<u64>,
}

/// What the sender took from the front of the queue.
#[derive(Debug)]
pub(crate) struct Taken {
    /// Names this claim when the sender reports on it.
    pub(crate) claim: u64,
    pub(crate) segments: Vec<Segment>,
    pub(crate) charge: Charge,
}

#[derive(Debug, Default)]
pub(super) struct Contents {
    segments: VecDeque<Segment>,
    held: Charge,
    pub(super) claims: VecDeque<Claim>,
    pub(super) next_sequence: u64,
    pub(super) next_claim: u64,
    pub(super) ledger: Ledger,
    /// Sequences of segments that lost events, newest last.
    lost: VecDeque<u64>,
    /// Records of the spool all of whose events are settled.
    pub(super) settled_records: Vec<u64>,
}

/// Lost sequences remembered for exports that wait for their event: more than such threads at once.
const REMEMBERED_LOSSES: usize = 1024;

impl Contents {
    fn remember_loss(&mut self, sequence: u64) {
        if self.lost.back() != Some(&sequence) {
            self.lost.push_back(sequence);
        }
        if self.lost.len() > REMEMBERED_LOSSES {
            self.lost.pop_front();
        }
    }

    /// Every segment with a smaller sequence is settled.
    fn settled_below(&self) -> u64 {
        let in_memory = self.claims.iter().filter(|claim| claim.record.is_none());
        let claimed = in_memory.map(|claim| claim.sequence).min();
        let waiting = self.segments.front().map(Segment::sequence);
        claimed.into_iter().chain(waiting).min().unwrap_or(self.next_sequence)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    pub(super) contents: Mutex<Contents>,
    pub(super) progress: Condvar,
}

impl Queue {
    /// Adds a sealed segment at the end and gives its sequence.
    pub(crate) fn push(&self, bytes: Buffer, events: usize) -> u64 {
        let mut contents = lock(&self.contents);
        let sequence = contents.next_sequence;
        contents.next_sequence += 1;
        let segment = Segment::new(bytes, events, sequence);
        contents.held += segment.charge();
        contents.segments.push_back(segment);
        sequence
    }

    /// Whether a thread is here just now.
    pub(crate) fn is_taken(&self) -> bool {
        try_lock(&self.contents).is_none()
    }

    /// Whether an event waits here or is in flight, or may be where nobody can look by `deadline`.
    pub(crate) fn may_hold_events(&self, deadline: Instant) -> bool {
        let Some(contents) = lock_until(&self.contents, deadline) else { return true };
        !contents.segments.is_empty() || contents.claims.iter().any(|claim| claim.record.is_none())
    }

    /// The sequence that the next segment will get.
    pub(crate) fn next_sequence(&self) -> u64 {
        lock(&self.contents).next_sequence
    }

    /// Whether a segment lost events, as far as that is remembered.
    pub(crate) fn was_lost(&self, sequence: u64) -> bool {
        lock(&self.contents).lost.contains(&sequence)
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.contents).segments.is_empty()
    }

    /// Whether as many events as in `charge` wait here, or as many bytes.
    pub(crate) fn has_any_of(&self, charge: Charge) -> bool {
        let held = lock(&self.contents).held;
        held.events >= charge.events || held.bytes >= charge.bytes
    }

    /// Drops the oldest events that wait here until `need` is free or none is left; gives what went.
    pub(crate) fn evict(&self, need: Charge, pool: &Pool) -> Charge {
        let mut contents = lock(&self.contents);
        let mut freed = Charge::default();
        while !freed.covers(need) {
            let Some(oldest) = contents.segments.front_mut() else { break };
            let (so_far, sequence) = (freed, oldest.sequence());
            freed += oldest.drop_until(|dropped| (so_far + dropped).covers(need));
            let is_empty = oldest.charge().events == 0;
            contents.remember_loss(sequence);
            if is_empty && let Some(emptied) = contents.segments.pop_front() {
                pool.give_back(emptied.into_buffer().0);
            }
        }
        contents.held -= freed;
        contents.ledger.dropped_queue_full += freed.events as u64;
        drop(contents);
        self.progress.notify_all();
        freed
    }

    /// Takes segments from the front: whole ones while they fit `target`, a part of the first one when
    /// that alone is more than `most`. `None` when nothing waits.
    pub(crate) fn take(&self, target: Charge, most: Charge, pool: &Pool) -> Option<Taken> {
        let mut contents = lock(&self.contents);
        let first = contents.segments.front_mut()?;
        let sequence = first.sequence();
        let mut segments = Vec::new();
        let mut charge = Charge::default();
        if most.covers(first.charge()) {
            while let Some(next) = contents.segments.front() {
                if !segments.is_empty() && !target.covers(charge + next.charge()) {
                    break;
                }
                charge += next.charge();
                segments.extend(contents.segments.pop_front());
            }
        } else {
            let buffer = pool.take(most.bytes.min(first.charge().bytes));
            let front = first.split_front(most, buffer);
            charge = front.charge();
            segments.push(front);
            if first.charge().events == 0 {
                contents.segments.pop_front();
            }
        }
        contents.held -= charge;
        let claim = contents.next_claim;
        contents.next_claim += 1;
        contents.claims.push_back(Claim { number: claim, sequence, charge, record: None });
        Some(Taken { claim, segments, charge })
    }

    /// Settles a claim; gives the charge to release, nothing when it was given up already.
    pub(crate) fn settle(&self, claim: u64, count: impl FnOnce(&mut Ledger, u64)) -> Charge {
        let mut contents = lock(&self.contents);
        let Some(index) = contents.claims.iter().position(|known| known.number == claim) else {
            return Charge::default();
        };
        let Some(claim) = contents.claims.remove(index) else { return Charge::default() };
        count(&mut contents.ledger, claim.charge.events as u64);
        let charge = contents.leave_spool(&claim);
        drop(contents);
        self.progress.notify_all();
        charge
    }

    /// Makes two claims of one: it keeps `front`, the rest gets the claim that is given. `None` when it was
    /// given up already.
    pub(crate) fn split(&self, claim: u64, front: Charge) -> Option<u64> {
        let mut contents = lock(&self.contents);
        let number = contents.next_claim;
        let whole = contents.claims.iter_mut().find(|known| known.number == claim)?;
        let mut rest = Claim { number, ..*whole };
        rest.charge -= front;
        whole.charge -= rest.charge;
        contents.claims.push_back(rest);
        contents.next_claim += 1;
        Some(number)
    }

    /// Counts events that never got into a segment.
    pub(crate) fn count(&self, count: impl FnOnce(&mut Ledger)) {
        count(&mut lock(&self.contents).ledger);
    }

    /// Gives up on everything that waits or is claimed; gives the charge to release.
    pub(crate) fn give_up(&self) -> Charge {
        let mut contents = lock(&self.contents);
        let mut lost = std::mem::take(&mut contents.held);
        let (spooled, in_memory) = std::mem::take(&mut contents.claims)
            .into_iter()
            .partition(|claim: &Claim| claim.record.is_some());
        contents.claims = spooled;
        let in_memory: VecDeque<Claim> = in_memory;
        for claim in in_memory {
            lost += claim.charge;
            contents.remember_loss(claim.sequence);
        }
        for segment in std::mem::take(&mut contents.segments) {
            contents.remember_loss(segment.sequence());
        }
        contents.ledger.dropped_closed += lost.events as u64;
        drop(contents);
        self.progress.notify_all();
        lost
    }

    /// Waits until every segment below `sequence` is settled; false when `deadline` came first.
    pub(crate) fn wait_settled(&self, sequence: u64, deadline: Instant) -> bool {
        let mut contents = lock(&self.contents);
        while contents.settled_below() < sequence {
            if Instant::now() >= deadline {
                return false;
            }
            contents = wait_until(&self.progress, contents, deadline);
        }
        true
    }

    /// Waits until `ready` holds, looking again after each step forward; false at `deadline`.
    pub(crate) fn wait_for(&self, mut ready: impl FnMut() -> bool, deadline: Instant) -> bool {
        let mut contents = lock(&self.contents);
        while !ready() {
            if Instant::now() >= deadline {
                return false;
            }
            contents = wait_until(&self.progress, contents, deadline);
        }
        true
    }

    /// Lets waiting threads look at their condition again.
    pub(crate) fn notify(&self) {
        // Taking the lock orders this after a waiter's last look.
        drop(lock(&self.contents));
        self.progress.notify_all();
    }

    /// What became of events until now.
    pub(crate) fn ledger(&self) -> Ledger {
        lock(&self.contents).ledger
    }

    /// The ledger and what is held here, at one moment.
    pub(crate) fn look(&self) -> (Ledger, Charge) {
        let contents = lock(&self.contents);
        let in_memory = contents.claims.iter().filter(|claim| claim.record.is_none());
        let held = in_memory.fold(contents.held, |sum, claim| sum + claim.charge);
        (contents.ledger, held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn filled() -> (Queue, Pool) {
        let queue = Queue::default();
        queue.push(vec![1, 2, 3].into(), 3);
        queue.push(vec![4, 5].into(), 2);
        queue.push(vec![6].into(), 1);
        (queue, Pool::new(1024, 1024))
    }

    const WIDE: Charge = Charge { events: 1000, bytes: 1000 };

    #[test]
    fn whole_segments_are_joined_while_they_fit() {
        let (queue, pool) = filled();
        let taken = queue.take(Charge { events: 1000, bytes: 5 }, WIDE, &pool).unwrap();
        assert_eq!(taken.charge, Charge { events: 5, bytes: 5 });
        assert_eq!(queue.look().1, Charge { events: 6, bytes: 6 });
        assert_eq!(queue.settle(taken.claim, |ledger, events| ledger.delivered += events), taken.charge);
        assert_eq!(queue.settle(taken.claim, |_, _| panic!("settled twice")), Charge::default());
        assert_eq!(queue.look().0.delivered, 5);
        let last = queue.take(WIDE, WIDE, &pool).unwrap();
        assert_eq!(last.segments.len(), 1);
        assert!(queue.take(WIDE, WIDE, &pool).is_none());
    }

    #[test]
    fn a_segment_over_the_limit_is_split_and_settles_as_one() {
        let (queue, pool) = filled();
        let most = Charge { events: 2, bytes: 1000 };
        let front = queue.take(most, most, &pool).unwrap();
        assert_eq!(front.charge.events, 2);
        let rest = queue.take(most, most, &pool).unwrap();
        assert_eq!(rest.charge.events, 1);
        let soon = Instant::now() + Duration::from_millis(1);
        queue.settle(front.claim, |ledger, events| ledger.delivered += events);
        assert!(!queue.wait_settled(1, soon));
        queue.settle(rest.claim, |ledger, events| ledger.delivered += events);
        assert!(queue.wait_settled(1, soon));
        assert!(!queue.wait_settled(2, soon));
    }

    #[test]
    fn a_claim_that_is_split_settles_in_parts() {
        let (queue, pool) = filled();
        let whole = queue.take(WIDE, WIDE, &pool).unwrap();
        let front = Charge { events: 1, bytes: 2 };
        let rest = queue.split(whole.claim, front).unwrap();
        assert_eq!(queue.look().1, whole.charge);
        let soon = Instant::now() + Duration::from_millis(1);
        assert_eq!(queue.settle(whole.claim, |ledger, events| ledger.delivered += events), front);
        assert!(!queue.wait_settled(1, soon));
        let left = Charge { events: 5, bytes: 4 };
        assert_eq!(queue.settle(rest, |ledger, events| ledger.dropped_rejected += events), left);
        assert!(queue.wait_settled(3, soon));
        let settled = Ledger { delivered: 1, dropped_rejected: 5, ..Ledger::default() };
        assert_eq!(queue.look(), (settled, Charge::default()));
        assert_eq!(queue.split(rest, front), None);
    }

    #[test]
    fn eviction_takes_just_enough_of_the_oldest() {
        let (queue, pool) = filled();
        let freed = queue.evict(Charge { events: 4, bytes: 1 }, &pool);
        assert_eq!(freed, Charge { events: 4, bytes: 4 });
        assert_eq!(
            queue.look(),
            (Ledger { dropped_queue_full: 4, ..Ledger::default() }, Charge { events: 2, bytes: 2 })
        );
        assert_eq!(queue.evict(WIDE, &pool), Charge { events: 2, bytes: 2 });
        assert!(queue.is_empty());
    }

    #[test]
    fn giving_up_counts_what_waits_and_what_is_in_flight() {
        let (queue, pool) = filled();
        let taken = queue.take(Charge { events: 1, bytes: 1 }, WIDE, &pool).unwrap();
        assert_eq!(queue.give_up(), Charge { events: 6, bytes: 6 });
        assert_eq!(queue.look(), (Ledger { dropped_closed: 6, ..Ledger::default() }, Charge::default()));
        assert_eq!(queue.settle(taken.claim, |ledger, events| ledger.delivered += events), Charge::default());
        assert!(queue.wait_settled(queue.next_sequence(), Instant::now()));
    }
}
