//! What the queue knows of the spool: which events left memory for the disk and which came back from it.
//!
//! Here a record of the spool is only a number. A claim that has one is on disk: it counts as spooled, is in nobody's
//! budget, and nobody who waits for delivery waits for it. Whoever keeps the spool asks here which records are done.

use std::sync::atomic::Ordering;

use super::budget::Charge;
use super::intake::{Intake, Limits};
use super::segments::{Claim, Contents, Queue};
use super::spool_side::SpoolSide;
use crate::sys::sync::lock;
use crate::sys::waker::Waker;

impl Contents {
    /// Takes a claim that was settled off what is spooled; gives what is to be released.
    pub(super) fn leave_spool(&mut self, claim: &Claim) -> Charge {
        let Some(record) = claim.record else { return claim.charge };
        self.uncount(claim.charge.events as u64);
        if self.claims.iter().all(|other| other.record != Some(record)) {
            self.settled_records.push(record);
        }
        Charge::default()
    }

    fn uncount(&mut self, events: u64) {
        let ledger = &mut self.ledger;
        ledger.spooled_events = ledger.spooled_events.saturating_sub(events);
        if ledger.spooled_events == 0 {
            ledger.spooled_bytes = 0;
        }
    }
}

impl Queue {
    /// The events of this claim are in a record now, and stay in memory until they are settled. Gives what is to be
    /// released; `None` where the claim is gone, in a record or of other events by now.
    fn spool(&self, claim: u64, record: u64, events: usize) -> Option<Charge> {
        let mut contents = lock(&self.contents);
        let of_these = |known: &&mut Claim| {
            known.number == claim && known.record.is_none() && known.charge.events == events
        };
        let known = contents.claims.iter_mut().find(of_these)?;
        known.record = Some(record);
        let released = known.charge;
        contents.ledger.spooled_events += events as u64;
        Some(released)
    }

    /// The events of this claim are on disk now and in memory no more.
    fn leave(&self, claim: u64) -> Option<Charge> {
        let mut contents = lock(&self.contents);
        let place = contents.claims.iter().position(|known| known.number == claim)?;
        let released = contents.claims.remove(place)?.charge;
        contents.ledger.spooled_events += released.events as u64;
        Some(released)
    }

    /// A claim on the events of a record that was read back.
    fn claim(&self, record: u64, charge: Charge) -> u64 {
        let mut contents = lock(&self.contents);
        let number = contents.next_claim;
        contents.next_claim += 1;
        let sequence = contents.next_sequence;
        contents.claims.push_back(Claim { number, sequence, charge, record: Some(record) });
        number
    }
}

impl Intake {
    /// One whose events may go to a spool.
    pub(crate) fn with_spool(limits: Limits) -> Intake {
        Intake { spool: Some(Box::new(SpoolSide::new())), ..Intake::new(limits) }
    }

    /// What the thread that keeps the spool sleeps on.
    pub(crate) fn spool_waker(&self) -> Option<&Waker> {
        self.spool.as_deref().map(|side| &side.waker)
    }

    /// Ends the sleep of the thread that keeps the spool.
    #[inline]
    pub(crate) fn wake_spool(&self) {
        if let Some(side) = &self.spool {
            side.waker.wake();
        }
    }

    /// Asks for all that is in memory to go to the spool, as the process ends. Takes no lock.
    pub(crate) fn ask_to_spool_rest(&self) {
        if let Some(side) = &self.spool {
            side.is_rest_asked_for.store(true, Ordering::SeqCst);
            side.waker.wake();
        }
    }

    /// Whether that was asked for.
    pub(crate) fn must_spool_rest(&self) -> bool {
        self.spool.as_ref().is_some_and(|side| side.is_rest_asked_for.load(Ordering::SeqCst))
    }

    /// Whether half of what may be held is taken.
    pub(crate) fn is_half_full(&self) -> bool {
        self.budget.is_half_taken()
    }

    /// Whether little is left of what may be held.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.budget.is_mostly_taken()
    }

    /// The events of this claim are in a record now, and stay in memory until they are settled. False where the claim is
    /// gone or of other events: then the record is nobody's.
    pub(crate) fn spool(&self, claim: u64, record: u64, events: usize) -> bool {
        self.release_spooled(self.queue.spool(claim, record, events))
    }

    /// The events of this claim are on disk now and in memory no more. False where the claim is gone.
    pub(crate) fn leave_to_spool(&self, claim: u64) -> bool {
        self.release_spooled(self.queue.leave(claim))
    }

    fn release_spooled(&self, released: Option<Charge>) -> bool {
        let Some(released) = released else { return false };
        self.budget.release(released);
        self.queue.notify();
        true
    }

    /// A claim on the events of a record that was read back.
    pub(crate) fn claim_record(&self, record: u64, charge: Charge) -> u64 {
        self.queue.claim(record, charge)
    }

    /// Events were taken over from processes that are gone.
    pub(crate) fn adopt(&self, events: u64) {
        let ledger = &mut lock(&self.queue.contents).ledger;
        ledger.adopted_events += events;
        ledger.spooled_events += events;
    }

    /// The spool gave events up, or cannot read them.
    pub(crate) fn lose_spooled(&self, events: u64) {
        let mut contents = lock(&self.queue.contents);
        let lost = events.min(contents.ledger.spooled_events);
        contents.uncount(lost);
        contents.ledger.dropped_spool += lost;
    }

    /// The same of the events of a record that somebody still holds: whatever becomes of them counts no more.
    pub(crate) fn lose_record(&self, record: u64) -> u64 {
        let mut contents = lock(&self.queue.contents);
        let mut lost = 0;
        contents.claims.retain(|claim| {
            let is_lost = claim.record == Some(record);
            lost += if is_lost { claim.charge.events as u64 } else { 0 };
            !is_lost
        });
        contents.uncount(lost);
        contents.ledger.dropped_spool += lost;
        lost
    }

    /// What the events of the spool take there now.
    pub(crate) fn note_spooled_bytes(&self, bytes: u64) {
        let ledger = &mut lock(&self.queue.contents).ledger;
        ledger.spooled_bytes = if ledger.spooled_events == 0 { 0 } else { bytes };
    }

    /// Lets those look again who wait for something else than events.
    pub(crate) fn notify(&self) {
        self.queue.notify();
    }

    /// Records all of whose events were settled since the last time.
    pub(crate) fn take_settled_records(&self) -> Vec<u64> {
        std::mem::take(&mut lock(&self.queue.contents).settled_records)
    }

    /// Whether there are such.
    pub(crate) fn has_settled_records(&self) -> bool {
        self.spool.is_some() && !lock(&self.queue.contents).settled_records.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::segments::Ledger;
    use super::super::{Taken, Written};
    use super::*;
    use crate::encode::{Output, msgpack};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    fn intake() -> Arc<Intake> {
        Arc::new(Intake::with_spool(Limits {
            queue: Charge { events: 1000, bytes: 1 << 20 },
            chunk_bytes: 1 << 20,
            event_bytes: 1 << 18,
            circular: true,
            block_timeout: Duration::ZERO,
        }))
    }

    fn taken(intake: &Arc<Intake>, events: usize) -> Taken {
        for _ in 0..events {
            let text = |out: &mut Output<'_>| {
                msgpack::text(out, "x");
                Ok(true)
            };
            intake.append(&mut Written(text)).unwrap();
        }
        intake.seal_all();
        intake.take().unwrap()
    }

    fn charge(events: usize) -> Charge {
        Charge { events, bytes: 10 * events }
    }

    fn deliver(intake: &Intake, claim: u64) {
        intake.settle(claim, |ledger, events| ledger.delivered += events);
    }

    /// The ledger holds and nothing is in memory.
    fn balanced(intake: &Intake) -> Ledger {
        let (ledger, accepted, held) = intake.look();
        assert_eq!(held, Charge::default());
        let lost = ledger.dropped_spool + ledger.dropped_closed;
        assert_eq!(
            accepted + ledger.adopted_events,
            ledger.delivered + lost + ledger.spooled_events,
            "{ledger:?}"
        );
        ledger
    }

    #[test]
    fn what_goes_to_disk_leaves_the_budget_and_nobody_waits_for_it() {
        let intake = intake();
        let taken = taken(&intake, 3);
        assert!(intake.may_hold_events(Instant::now()));
        assert!(intake.leave_to_spool(taken.claim));
        assert!(!intake.leave_to_spool(taken.claim), "once");
        assert!(!intake.may_hold_events(Instant::now()));
        assert!(intake.is_settled(1));
        assert_eq!(balanced(&intake).spooled_events, 3);
        let claim = intake.claim_record(7, charge(3));
        assert!(intake.is_settled(1) && !intake.may_hold_events(Instant::now()));
        deliver(&intake, claim);
        assert_eq!(intake.take_settled_records(), [7]);
        assert!(intake.take_settled_records().is_empty());
        assert_eq!(balanced(&intake).delivered, 3);
    }

    #[test]
    fn a_record_is_settled_with_the_last_part_of_it() {
        let intake = intake();
        let taken = taken(&intake, 5);
        assert!(!intake.spool(taken.claim, 7, 4), "other events");
        assert!(intake.spool(taken.claim, 7, 5));
        assert!(!intake.spool(taken.claim, 8, 5), "once");
        let rest = intake.split(taken.claim, charge(2)).unwrap();
        assert_eq!(balanced(&intake).spooled_events, 5);
        intake.settle(rest, |ledger, events| ledger.dropped_closed += events);
        assert_eq!(balanced(&intake).spooled_events, 2);
        assert!(intake.take_settled_records().is_empty());
        deliver(&intake, taken.claim);
        assert_eq!(intake.take_settled_records(), [7]);
        assert_eq!(balanced(&intake).delivered, 2);
    }

    #[test]
    fn what_is_on_disk_is_not_given_up() {
        let intake = intake();
        let in_flight = taken(&intake, 4);
        assert!(intake.spool(in_flight.claim, 1, 4));
        let in_memory = taken(&intake, 2);
        intake.give_up();
        let ledger = balanced(&intake);
        assert_eq!((ledger.spooled_events, ledger.dropped_closed), (4, 2));
        assert!(!intake.leave_to_spool(in_memory.claim));
        deliver(&intake, in_flight.claim);
        assert_eq!(balanced(&intake).delivered, 4);
    }

    #[test]
    fn a_record_that_is_lost_counts_once_whatever_becomes_of_its_parts() {
        let intake = intake();
        let [whole, other] = [7, 8].map(|record| intake.claim_record(record, charge(3)));
        intake.adopt(6);
        let rest = intake.split(whole, charge(2)).unwrap();
        deliver(&intake, rest);
        assert_eq!((intake.lose_record(7), intake.lose_record(7)), (2, 0));
        deliver(&intake, whole);
        let ledger = balanced(&intake);
        assert_eq!((ledger.delivered, ledger.dropped_spool, ledger.spooled_events), (1, 2, 3));
        assert!(intake.take_settled_records().is_empty());
        deliver(&intake, other);
        assert_eq!(balanced(&intake).delivered, 4);
    }

    #[test]
    fn adopted_events_count_as_accepted_and_lost_ones_as_lost() {
        let intake = intake();
        intake.adopt(6);
        intake.note_spooled_bytes(60);
        assert_eq!(intake.ledger().spooled_bytes, 60);
        intake.lose_spooled(2);
        let ledger = balanced(&intake);
        assert_eq!((ledger.adopted_events, ledger.spooled_events, ledger.dropped_spool), (6, 4, 2));
        intake.lose_spooled(4);
        assert_eq!(balanced(&intake).spooled_bytes, 0);
    }
}
