//! What comes back from the disk, and what becomes of it.

use std::time::{Duration, Instant};

use super::keeping::{HandedOut, Keeping};
use crate::queue::Charge;
use crate::spool::{Place, Record};
use crate::sys::id;
use crate::transport::Chunk;

/// Least pause before what cannot be read is tried again: what the program is short of is there again any moment. It is as
/// long as the attempt was, so that a disk which takes its time to fail leaves some for what is to be written.
const READ_PAUSE: Duration = Duration::from_millis(100);

/// Records hold far less.
pub(super) fn count_of(events: usize) -> u32 {
    u32::try_from(events).unwrap_or(u32::MAX)
}

impl Keeping {
    /// Settles on disk what is settled here.
    pub(super) fn settle(&mut self) {
        for record in self.intake.take_settled_records() {
            self.settle_record(record);
        }
    }

    pub(super) fn settle_record(&mut self, record: u64) {
        if let Some(known) = self.handed_out.remove(&record) {
            self.spool.settle(known.place, known.events);
        }
    }

    /// Gives a number to a record that is handed out.
    pub(super) fn hand_out(&mut self, place: Place, events: u32) -> u64 {
        let record = self.next_record;
        self.next_record += 1;
        self.handed_out.insert(record, HandedOut { place, events });
        record
    }

    /// Reads what the sender will ask for next.
    pub(super) fn read_ahead(&mut self) {
        if self.depot.is_last() {
            return;
        }
        let mut has_news = false;
        for is_adopted in [false, true] {
            while self.may_read(is_adopted, Instant::now()) {
                let start = Instant::now();
                let record = if is_adopted { self.spool.next_adopted() } else { self.spool.next_own() };
                // Before anything behind it is handed out: what could not be read is lost.
                self.account();
                let held = self.spool.look();
                let waiting = if is_adopted { held.waiting_adopted } else { held.waiting_own };
                let is_read = record.is_some() || waiting == 0;
                // Younger ones wait for its own until the spool leaves those behind.
                let is_more = waiting > 0 && (is_read || !is_adopted);
                if !is_adopted {
                    let pause = start.elapsed().max(READ_PAUSE);
                    self.read_again_at = (!is_read).then(|| Instant::now() + pause);
                }
                has_news |= is_read;
                let chunk = record.map(|record| self.chunk_of(record));
                self.depot.add(is_adopted, chunk, is_more);
            }
        }
        if has_news {
            self.wake_sender();
        }
    }

    /// Whether a record may be read at `now` that the sender will ask for.
    pub(super) fn may_read(&self, is_adopted: bool, now: Instant) -> bool {
        let is_early = |again_at| !is_adopted && now < again_at;
        self.depot.wants(is_adopted) && !self.read_again_at.is_some_and(is_early)
    }

    fn chunk_of(&mut self, record: Record) -> Chunk {
        let Record { place, id, is_gzip, events, body, .. } = record;
        let number = self.hand_out(place, events);
        let charge = Charge { events: events as usize, bytes: body.len() };
        let claim = self.intake.claim_record(number, charge);
        let mut chunk = Chunk::made_before(claim, id::chunk_id_of(id), body, events as usize, is_gzip);
        // The disk may lose it to younger ones before it is delivered.
        chunk.hold_record(&self.depot.on_hand, number);
        chunk
    }

    /// Tells the ledger what the spool took over, gave up and could not read.
    pub(super) fn account(&mut self) {
        let changes = self.spool.take_changes();
        if changes.adopted_events > 0 {
            self.intake.adopt(changes.adopted_events);
            self.depot.look_again(false, true);
            self.log.info_of_kind("spool", || {
                format!(
                    "spool: {} events of processes that are gone are sent from here",
                    changes.adopted_events
                )
            });
        }
        if changes.evicted_events > 0 {
            self.warn_of_loss(changes.evicted_events);
        }
        if changes.unreadable_events > 0 || changes.lost_records > 0 || changes.lost_bytes > 0 {
            self.log.warn("spool damaged", || {
                format!(
                    "spool: {} events, {} records and {} other bytes cannot be read, a sound disk is expected",
                    changes.unreadable_events, changes.lost_records, changes.lost_bytes
                )
            });
        }
        if changes.abandoned_events > 0 {
            self.log.warn("spool abandoned", || {
                format!(
                    "spool: its directory was removed, or the program closed descriptors of it; {} events count as lost \
                     here, whoever finds them there sends them",
                    changes.abandoned_events
                )
            });
        }
        let lost = changes.evicted_events + changes.unreadable_events + changes.abandoned_events;
        self.intake.lose_spooled(lost);
        let held = self.spool.look();
        self.intake.note_spooled_bytes(held.bytes);
        self.depot.show(held, self.spool.trouble(), self.spool.unread());
    }

    pub(super) fn warn_of_loss(&self, events: u64) {
        self.log.warn("spool full", || {
            format!(
                "spool: full, the oldest {events} events were dropped, a reachable collector or a larger spool_bytes is \
                 expected"
            )
        });
    }

    pub(super) fn wake_sender(&self) {
        self.intake.waker().wake();
    }
}
