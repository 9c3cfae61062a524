//! What goes to the disk: what waits in the queue, and what is in memory on its way.

use std::time::{Duration, Instant};

use super::keeping::{HandedOut, Keeping};
use super::settle::count_of;
use super::turns::Spill;
use crate::delivery::pack;
use crate::spool::{Place, Refused, Spool, Stored, Unsynced};
use crate::sys::id;
use crate::transport::{Chunk, Held};

/// Chunks that go to the disk before other things are seen to.
const AT_ONCE: usize = 16;

/// How long the sender takes to list what it took: it may compress it.
const MOMENT: Duration = Duration::from_micros(200);

/// Pause where live processes fill all the room there may be: theirs may end any time.
const FULL_PAUSE: Duration = Duration::from_secs(1);

impl Keeping {
    /// Writes what waits while `goes_on` says so.
    pub(super) fn spill_while(&mut self, mut goes_on: impl FnMut(&mut Keeping) -> bool) {
        for _ in 0..AT_ONCE {
            if !goes_on(self) || !self.spill() {
                return;
            }
        }
    }

    /// Writes all that is in memory.
    pub(super) fn spill_rest(&mut self) {
        self.write_on_hand();
        while self.spill() {}
        if self.depot.is_last() {
            self.write_gone();
        }
        self.account();
    }

    /// Writes what waits longest; false where nothing waits or the disk does not take it.
    fn spill(&mut self) -> bool {
        // Where it is found after a panic.
        match self.depot.begin_spill(&self.intake) {
            Spill::Again(chunk) => self.in_hand = Some(chunk),
            Spill::Fresh(taken) => {
                let chunk = self.in_hand.insert(pack::join(taken, &self.intake));
                if self.depot.takes_gzip() {
                    pack::compress(chunk, &self.intake);
                }
            }
            Spill::Busy => {
                std::thread::sleep(MOMENT);
                return true;
            }
            Spill::None => return false,
        }
        // What is in flight is older.
        let is_written = self.write_on_hand();
        let is_alone = self.spool.look().waiting_own == 0;
        let place = if is_written { self.append_in_hand() } else { None };
        let Some(chunk) = self.in_hand.take() else { return false };
        let Some(place) = place else {
            self.depot.return_spill(chunk);
            self.wake_sender();
            return false;
        };
        if self.depot.is_write_ahead && is_alone && self.depot.has_room(false) && self.spool.hand_out(place) {
            self.send_on(chunk, place);
            return true;
        }
        // Else it was given up and counted meanwhile: that it is delivered all the same does no harm.
        self.intake.leave_to_spool(chunk.claim());
        self.depot.end_spill(None);
        self.intake.give_back(chunk.into_buffer());
        true
    }

    /// Hands over what was written ahead, from memory.
    fn send_on(&mut self, mut chunk: Chunk, place: Place) {
        let record = self.hand_out(place, count_of(chunk.events()));
        if !self.intake.spool(chunk.claim(), record, chunk.events()) {
            self.settle_record(record);
            self.depot.forget_spill();
            return;
        }
        chunk.hold(&self.depot.on_hand);
        self.depot.on_hand.note(chunk.id(), record);
        self.depot.end_spill(Some(chunk));
        self.wake_sender();
    }

    /// Writes what is in flight and not on disk; false where the disk does not take it. Where records wait on disk it would
    /// come behind them, and be read once more: only the end of the client may do that.
    fn write_on_hand(&mut self) -> bool {
        let is_last = self.depot.is_last();
        for held in self.depot.on_hand.list(|held| held.record.is_none()) {
            if !is_last && (self.depot.holds_own() || self.spool.look().waiting_own > 0) {
                return true;
            }
            if !self.write_held(&held) {
                return false;
            }
        }
        true
    }

    fn write_held(&mut self, held: &Held) -> bool {
        let Some(place) = self.append_held(held) else { return false };
        self.spool.hand_out(place);
        let record = self.hand_out(place, count_of(held.events));
        if self.intake.spool(held.claim, record, held.events) {
            self.depot.on_hand.note(held.id(), record);
        } else {
            // Settled meanwhile, or in parts.
            self.settle_record(record);
        }
        true
    }

    fn append_held(&mut self, held: &Held) -> Option<Place> {
        self.append_bytes(held.id(), held.is_gzip, held.events, held.body())
    }

    /// Writes once more what a failed sync may have lost and memory still has.
    pub(super) fn write_again(&mut self, unsynced: Unsynced) {
        self.write_anew(|_, _, known| unsynced.covers(known.place));
    }

    /// Writes once more what is handed out and the disk gave up, where nothing has to make room for it: it is older than
    /// what would have to.
    pub(super) fn write_gone(&mut self) {
        self.write_anew(|spool, held, known| {
            spool.is_gone(known.place) && spool.has_room_for(held.body().len())
        });
    }

    /// Writes once more, as far as the disk takes it, what is in memory and in a record that `is_wanted` says so of. The
    /// new record takes the place of the old one.
    pub(super) fn write_anew(&mut self, is_wanted: impl Fn(&mut Spool, &Held, HandedOut) -> bool) {
        for held in self.depot.on_hand.list(|held| held.record.is_some()) {
            let Some(record) = held.record else { continue };
            let Some(known) = self.handed_out.get(&record).copied() else { continue };
            // A part stands for the whole that it was cut from, which is in memory no more.
            if known.events != count_of(held.events) || !is_wanted(&mut self.spool, &held, known) {
                continue;
            }
            let Some(place) = self.append_held(&held) else { return };
            self.spool.hand_out(place);
            self.spool.settle(known.place, known.events);
            if let Some(known) = self.handed_out.get_mut(&record) {
                known.place = place;
            }
        }
    }

    /// Counts as lost what is handed out and the disk gave up: nobody sends it any more.
    pub(super) fn lose_gone(&mut self) {
        let mut lost = 0;
        for (record, known) in std::mem::take(&mut self.handed_out) {
            if self.spool.is_gone(known.place) {
                self.spool.settle(known.place, known.events);
                lost += self.intake.lose_record(record);
            }
        }
        if lost > 0 {
            self.warn_of_loss(lost);
        }
    }

    fn append_in_hand(&mut self) -> Option<Place> {
        let held = self.in_hand.as_ref()?.held(None);
        self.append_held(&held)
    }

    fn append_bytes(&mut self, id: &[u8], is_gzip: bool, events: usize, body: &[u8]) -> Option<Place> {
        let id = id::chunk_id_bits(id)?;
        let stored = Stored { id, is_gzip, events: count_of(events), body };
        match self.spool.append(&stored) {
            Ok(place) => {
                self.again_at = None;
                self.depot.turn(true);
                Some(place)
            }
            Err(refused) => {
                if refused == Refused::Full {
                    self.again_at = Some(Instant::now() + FULL_PAUSE);
                }
                self.depot.turn(false);
                None
            }
        }
    }
}
