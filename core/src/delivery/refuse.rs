//! What the sender does with an answer that says "refused" (HTTP 400 and 422): a bad event, or an endpoint that takes
//! none.
//!
//! An endpoint that wants another format answers every event in the same words as one bad event, so a refused chunk is
//! followed by one without events. Where that is refused as well, the configuration is at fault: the chunk stays, the
//! sender backs off and says so. Where it is taken, the chunk is split down to the single event, which is dropped only
//! where the same endpoint took other events since the first refusal, or has taken some before and the empty chunk
//! since. Else the event is held in quarantine.

use std::time::Instant;

use super::owed::{Owed, PARTS};
use super::pack;
use super::running::Running;
use crate::diag::stats::count;
use crate::net::{Cause, Deadline, TransportError};
use crate::transport::Chunk;

/// Attempts with one chunk before others are tried at an endpoint that refuses what is empty too: enough that events
/// keep their order while a server is mended, and an end where it is the chunk after all.
const ATTEMPTS: u32 = 3;

impl Running {
    /// Splits the chunk that was just refused, or drops its only event, or keeps it where that says nothing about it.
    ///
    /// # Errors
    /// Why the sender has to back off. Nothing is lost.
    pub(super) fn refuse_next(&mut self, error: TransportError) -> Result<(), TransportError> {
        let Some(mut owed) = self.flight.take_next() else { return Ok(()) };
        // What is too large had better stay as large as it may be.
        let parts = if error.cause == Cause::TooLarge { 2 } else { PARTS };
        if error.cause != Cause::Refused {
            self.split_or_drop(owed, parts, &error);
            return Ok(());
        }
        owed.was_sent = true;
        let upstream = &mut self.failover.serving;
        upstream.refusals.add();
        let at = upstream.since();
        owed.refused_at(at);
        // The parts of a chunk need no word of their own until one of them is to be dropped on it.
        let may_drop = owed.chunk.events() == 1 && at.delivered > 0;
        let has_answered = owed.was_passed(at) || !may_drop && owed.was_followed(at);
        if upstream.refusals.must_ask(has_answered) {
            match self.takes_empty() {
                Ok(false) if !self.failover.serving.refusals.takes_events_alone() => {
                    let text = format!("{}; without events it is refused too", error.text);
                    return Err(self.misfit(owed, ATTEMPTS, TransportError { text, ..error }));
                }
                Ok(_) => {}
                Err(error) => {
                    self.keep(owed);
                    return Err(error);
                }
            }
        }
        let at = self.failover.serving.since();
        let refusals = &mut self.failover.serving.refusals;
        let takes_others = owed.was_passed(at);
        let is_in_doubt = !takes_others && refusals.are_many();
        if is_in_doubt && !owed.is_trial {
            return Err(self.misfit(owed, 1, error));
        }
        let is_known = owed.chunk.events() > 1
            || takes_others
            || at.delivered > 0 && owed.was_followed(at) && refusals.spend_empty();
        if is_in_doubt || !is_known {
            self.hold(owed, &error);
        } else {
            self.split_or_drop(owed, parts, &error);
        }
        Ok(())
    }

    /// Whether the endpoint takes a chunk without events.
    fn takes_empty(&mut self) -> Result<bool, TransportError> {
        count(&self.counters.chunks_sent);
        let transport = &mut self.failover.serving.transport;
        let sent = transport.send(&Chunk::empty(), Deadline::after(self.pace.io_timeout));
        self.count_replaced();
        let refusals = &mut self.failover.serving.refusals;
        match sent {
            Ok(_) => {
                refusals.take_empty();
                Ok(true)
            }
            Err(error) if error.cause == Cause::Refused => {
                refusals.refuse_empty();
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The endpoint takes nothing: keeps the chunk, and lets others come first after so many `attempts` with it. Gives
    /// the error to back off for.
    fn misfit(&mut self, mut owed: Owed, attempts: u32, error: TransportError) -> TransportError {
        owed.losses = owed.losses.saturating_add(1);
        if owed.is_trial || owed.losses >= attempts {
            self.quarantine.put_last(owed);
        } else {
            self.flight.add_first(owed);
        }
        let text = format!("{}; {}", error.text, self.doubt());
        TransportError { text, ..error }.because(Cause::Configuration)
    }

    /// What may be wrong with an endpoint that takes nothing.
    fn doubt(&self) -> &'static str {
        match self.failover.serving.endpoint.is_otlp() {
            true => "is it a receiver of OTLP logs?",
            false => "does it want another http_format?",
        }
    }

    /// Keeps what may be a bad event, or what it is in, until the endpoint has taken others.
    fn hold(&mut self, owed: Owed, error: &TransportError) {
        let (endpoint, events) = (&self.failover.serving.endpoint, owed.chunk.events());
        self.log.error("refused alone", || {
            format!(
                "collector {endpoint}: {}; {events} refused events are kept until it takes others, {}",
                error.text,
                self.doubt()
            )
        });
        self.quarantine.hold(owed, Instant::now());
    }

    fn split_or_drop(&mut self, owed: Owed, parts: usize, error: &TransportError) {
        let since = owed.since;
        match pack::split(owed.chunk, parts, &self.intake) {
            Ok(parts) => {
                self.flight.put_next(parts.into_iter().map(|chunk| Owed { since, ..Owed::new(chunk) }));
            }
            Err(chunk) => self.drop_refused(chunk, error),
        }
    }
}
