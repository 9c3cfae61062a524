//! What the sender does next while all is well: connect, write, take acks, settle.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::owed::Owed;
use super::running::Running;
use super::silence::silent;
use crate::diag::stats::count;
use crate::net::{Cause, Deadline, NO_ROOM, TransportError};
use crate::transport::{Chunk, Sent};

/// The kind of the error that an ack did not come in time.
pub(super) const OVERDUE: &str = "ack time-out";

/// How far the ack time-out grows, as a power of two: a collector that is slow gets every chunk once, one
/// that is gone is noticed all the same.
pub(super) const MOST_EXPIRIES: u32 = 3;

/// What can be done without waiting for the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Nothing.
    Rest,
    /// Write the next chunk of the flight.
    Write,
    /// Take a chunk from the queue and write it.
    Take,
    /// See whether the collector serves at all.
    Probe,
    /// Try a chunk that may have been refused.
    Try,
}

impl Running {
    pub(super) fn next_move(&self, now: Instant) -> Move {
        let upstream = &self.failover.serving;
        if upstream.must_wait(now) || self.flight.is_asking() {
            return Move::Rest;
        }
        let is_waiting = self.flight.waiting_since().is_some();
        if is_waiting && (upstream.transport.is_worn() || self.failover.is_returning()) {
            return Move::Rest;
        }
        let has_trial = self.quarantine.is_due(now);
        if has_trial && upstream.may_try() {
            return if is_waiting { Move::Rest } else { Move::Try };
        }
        let is_put_off = has_trial && !is_waiting && self.quarantine.has_turn();
        if !is_put_off && self.flight.has_next() {
            return Move::Write;
        }
        if !is_put_off && self.flight.has_room(self.quarantine.chunks()) && self.has_waiting() {
            return Move::Take;
        }
        match has_trial && !is_waiting {
            true if upstream.refuses_probes(now) || !upstream.transport.refuses_silently() => Move::Try,
            true => Move::Probe,
            false => Move::Rest,
        }
    }

    /// Does everything that can be done without waiting for the collector.
    pub(super) fn advance(&mut self) -> Result<(), TransportError> {
        if self.failover.serving.is_connected {
            self.take_acks()?;
        }
        self.return_to_first();
        while self.next_move(Instant::now()) != Move::Rest {
            self.connect()?;
            // The connection may be to another endpoint, or the pause may have begun.
            match self.next_move(Instant::now()) {
                Move::Rest => break,
                Move::Write => self.write_next()?,
                Move::Take => {
                    if !self.take() {
                        break;
                    }
                    self.write_next()?;
                }
                Move::Probe => self.write_probe()?,
                Move::Try => self.write_trial()?,
            }
            let is_time_to_look = self.last_look.elapsed() >= self.pace.flush_interval;
            if is_time_to_look || self.must_look() {
                break;
            }
        }
        Ok(())
    }

    fn return_to_first(&mut self) {
        if self.flight.waiting_since().is_some() {
            return;
        }
        let now = Instant::now();
        if self.failover.return_to_first(now + self.pace.io_timeout, now) {
            self.has_connected();
        }
    }

    fn connect(&mut self) -> Result<(), TransportError> {
        let now = Instant::now();
        let upstream = &mut self.failover.serving;
        if upstream.transport.is_worn() && self.flight.waiting_since().is_none() {
            upstream.close(now + self.pace.io_timeout, now);
        }
        if upstream.transport.is_connected() {
            upstream.connected(now);
            return Ok(());
        }
        self.failover.draw(now);
        let upstream = &mut self.failover.serving;
        if let Err(error) = upstream.transport.connect(Deadline::after(self.pace.connect_timeout)) {
            count(&self.counters.connect_failures);
            return Err(error);
        }
        upstream.connected(Instant::now());
        self.has_connected();
        Ok(())
    }

    pub(super) fn has_connected(&mut self) {
        count(&self.counters.connections);
        let upstream = &mut self.failover.serving;
        let endpoint = &upstream.endpoint;
        if std::mem::take(&mut upstream.is_reported_down) {
            self.log.info_of_kind("connected", || format!("collector {endpoint}: connected again"));
        } else {
            let at =
                upstream.transport.address().map_or_else(String::new, |address| format!(" to {address}"));
            self.log.debug(|| format!("collector {endpoint}: connected{at}"));
        }
    }

    /// Moves a chunk from the queue to the flight; false when nothing waits.
    fn take(&mut self) -> bool {
        let Some(chunk) = self.next_chunk() else { return false };
        self.busy_at = self.last_look;
        self.flight.add(chunk);
        true
    }

    /// Lets a transport that answers prepare the chunk after the next one. What is not a whole chunk yet is
    /// left to grow.
    fn prepare(&mut self) {
        if !self.failover.serving.transport.can_prepare() {
            return;
        }
        if self.flight.after_next().is_none() && self.flight.has_room(0) && self.has_whole() {
            self.take();
        }
        let transport = &mut self.failover.serving.transport;
        if let Some(chunk) = self.flight.after_next() {
            if !transport.takes_gzip() {
                chunk.unpack();
            }
            transport.prepare(chunk);
        }
    }

    /// Writes the next chunk of the flight.
    fn write_next(&mut self) -> Result<(), TransportError> {
        self.prepare();
        let transport = &mut self.failover.serving.transport;
        let Some((chunk, was_sent)) = self.flight.next() else { return Ok(()) };
        if !transport.takes_gzip() {
            chunk.unpack();
        }
        count(&self.counters.chunks_sent);
        if was_sent {
            count(&self.counters.chunks_resent);
        }
        let sent = transport.send(chunk, Deadline::after(self.pace.io_timeout));
        self.count_replaced();
        match sent {
            Ok(Sent::AwaitsAck) => {
                self.flight.mark_sent(Instant::now());
                self.take_acks()
            }
            Ok(Sent::Delivered) => {
                self.settle_next(0);
                Ok(())
            }
            Ok(Sent::Rejected(count)) => {
                self.settle_next(count);
                Ok(())
            }
            Ok(Sent::Partly(refused)) => {
                if let Some(Owed { chunk, .. }) = self.flight.take_next() {
                    let mut is_refused = vec![false; chunk.events()];
                    for place in refused {
                        is_refused.get_mut(place).into_iter().for_each(|mark| *mark = true);
                    }
                    let refused = is_refused.into_iter().filter(|mark| *mark).count();
                    self.settle_delivered(chunk, refused as u64);
                }
                Ok(())
            }
            Err(error) if matches!(error.cause, Cause::TooLarge | Cause::Refused | Cause::Unreadable) => {
                self.refuse_next(error)
            }
            Err(error) => {
                // A chunk whose write failed half-way may have arrived all the same.
                self.flight.mark_sent(Instant::now());
                let is_silent = error.kind == NO_ROOM && self.is_unanswered();
                Err(if is_silent && self.failover.next_free().is_some() { silent() } else { error })
            }
        }
    }

    /// Counts what the transport did by itself.
    pub(super) fn count_replaced(&mut self) {
        let transport = &mut self.failover.serving.transport;
        self.counters.connections.fetch_add(transport.take_replaced(), Ordering::Relaxed);
        self.counters.worker_panics.fetch_add(transport.take_panics(), Ordering::Relaxed);
    }

    fn write_probe(&mut self) -> Result<(), TransportError> {
        self.flight.put_next([Owed::probe()]);
        self.write_next()
    }

    /// Writes what is to be tried next. A chunk without events behind it shows when an ack was left out.
    fn write_trial(&mut self) -> Result<(), TransportError> {
        let now = Instant::now();
        let Some(trial) = self.quarantine.next(now, &self.intake) else { return Ok(()) };
        self.flight.add_first(trial);
        self.write_next()?;
        let upstream = &self.failover.serving;
        let has_room = !upstream.transport.is_worn() && !upstream.refuses_probes(now);
        if self.flight.is_asking() && has_room { self.write_probe() } else { Ok(()) }
    }

    fn take_acks(&mut self) -> Result<(), TransportError> {
        while let Some(id) = self.failover.serving.transport.next_ack()? {
            self.take_ack(&id)?;
        }
        if self.ack_deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            if self.stops_asking() {
                return Ok(());
            }
            self.flight.expire();
            let text = "no ack came in time, ack_timeout_ms is the first wait and it doubles";
            return Err(TransportError::new(OVERDUE, text));
        }
        self.hear(Instant::now())
    }

    /// Takes the acks that came before the connection broke, so that what they name is neither sent again
    /// nor blamed.
    pub(super) fn take_last_acks(&mut self) {
        while let Ok(Some(id)) = self.failover.serving.transport.next_ack() {
            if self.take_ack(&id).is_err() {
                return;
            }
        }
    }

    fn take_ack(&mut self, id: &[u8]) -> Result<(), TransportError> {
        let now = Instant::now();
        let Some(owed) = self.flight.take_acked(id, now) else {
            if self.asks_again(id) {
                return Ok(());
            }
            let text = "an ack names a chunk that is not the oldest one on its way";
            return Err(TransportError::new("ack", text));
        };
        count(&self.counters.chunks_acked);
        let upstream = &mut self.failover.serving;
        upstream.has_served();
        let waited = owed.sent_at.map(|at| now.saturating_duration_since(at));
        upstream.answers.came(waited.unwrap_or_default());
        self.settle_taken(owed, 0, now);
        Ok(())
    }

    /// What was just written arrived, but for `refused` of its events.
    fn settle_next(&mut self, refused: u64) {
        let Some(owed) = self.flight.take_next() else { return };
        let upstream = &mut self.failover.serving;
        if upstream.transport.refuses_silently() {
            upstream.has_served();
            self.settle_taken(owed, refused, Instant::now());
        } else {
            self.settle_delivered(owed.chunk, refused);
        }
    }

    /// The chunk arrived, but for `refused` of its events, where a lost connection may have been a refusal.
    fn settle_taken(&mut self, owed: Owed, refused: u64, now: Instant) {
        let upstream = &mut self.failover.serving;
        if owed.seemed_refused() {
            upstream.wavers(now);
            self.quarantine.forgive();
        }
        if owed.is_probe() {
            upstream.has_taken_probe();
        } else {
            self.settle_delivered(owed.chunk, refused);
        }
    }

    /// When the next ack is overdue.
    pub(super) fn ack_deadline(&self) -> Option<Instant> {
        let (since, expiries) = self.flight.waiting_since()?;
        // A collector that was too slow for what is in quarantine is as slow with what looks into that.
        let is_asking = self.flight.is_asking();
        let expiries = if is_asking { expiries.max(self.quarantine.expiries()) } else { expiries };
        Some(since + self.pace.ack_timeout.saturating_mul(1 << expiries.min(MOST_EXPIRIES)))
    }

    /// The chunk arrived, but for `refused` of its events.
    pub(super) fn settle_delivered(&mut self, chunk: Chunk, refused: u64) {
        self.intake.settle(chunk.claim(), |ledger, events| {
            let refused = refused.min(events);
            ledger.delivered += events - refused;
            ledger.dropped_rejected += refused;
        });
        if refused < chunk.events() as u64 {
            self.failover.serving.has_delivered();
            self.counters.trouble.end();
            if self.failover.serving.refusals.end() {
                self.quarantine.hurry();
            }
            self.quarantine.encourage();
        }
        self.intake.give_back(chunk.into_buffer());
    }

    pub(super) fn drop_refused(&mut self, chunk: Chunk, error: &TransportError) {
        let is_too_large = error.cause == Cause::TooLarge;
        self.intake.settle(chunk.claim(), |ledger, events| {
            *if is_too_large { &mut ledger.dropped_too_big } else { &mut ledger.dropped_rejected } += events;
        });
        let (endpoint, bytes) = (&self.failover.serving.endpoint, chunk.body().len());
        self.log.warn("refused event", || {
            format!("collector {endpoint}: {}; an event of {bytes} bytes was dropped", error.text)
        });
        self.intake.give_back(chunk.into_buffer());
    }
}
