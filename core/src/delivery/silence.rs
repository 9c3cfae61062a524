//! What the sender does when a connection is open and nothing comes back.
//!
//! A receiver that serves so many connections lets the next one hang: the system accepts it, and nobody reads. So a
//! connection whose first ack is late is left at once where another endpoint is free, and said of in any case. A
//! collector that is merely slow looks the same at first: [`super::answers`] sees to it that an endpoint is left like
//! this once until it answers, and for ever longer waits. Only transports with acks are concerned.

use std::time::Instant;

use super::running::Running;
use crate::diag::stats::count;
use crate::net::TransportError;
use crate::transport::Asking;

/// The kind of the error that nothing came back on a connection.
pub(super) const SILENT: &str = "silence";

/// The error that a connection is open and not answered on.
pub(super) fn silent() -> TransportError {
    TransportError::new(
        SILENT,
        "connected, nothing is read: connection limit? a collector that takes as many connections as there are \
         clients is expected, or one that acknowledges sooner",
    )
}

impl Running {
    /// Goes on without acks, where that is allowed and nobody ever sent one: what was written counts as delivered.
    pub(super) fn stops_asking(&mut self) -> bool {
        let upstream = &mut self.failover.serving;
        if upstream.transport.asking() != Asking::Yet {
            return false;
        }
        upstream.transport.ask(Asking::No);
        self.log.warn_each(|| {
            format!(
                "collector {}: takes what is written and has acknowledged nothing in ack_timeout_ms; going on without \
                 acknowledgements (ack=auto), so what is in flight when a connection breaks is lost",
                upstream.endpoint
            )
        });
        for owed in self.flight.take_sent() {
            self.failover.serving.answers.write_off(owed.chunk.id());
            if owed.is_probe() {
                self.failover.serving.has_taken_probe();
            } else {
                self.settle_delivered(owed.chunk, 0);
            }
        }
        true
    }

    /// Takes an ack that comes after all, to a chunk that counts as delivered: whoever sends one is asked for more.
    pub(super) fn asks_again(&mut self, id: &[u8]) -> bool {
        let upstream = &mut self.failover.serving;
        if !upstream.answers.came_late(id) {
            return false;
        }
        count(&self.counters.chunks_acked);
        if upstream.transport.asking() != Asking::Yes {
            upstream.transport.ask(Asking::Yes);
            self.log.info_of_kind("late acks", || {
                format!(
                    "collector {}: it does acknowledge, later than ack_timeout_ms; acknowledgements are waited for again",
                    upstream.endpoint
                )
            });
        }
        true
    }

    /// Whether nobody has answered on the connection yet.
    pub(super) fn is_unanswered(&self) -> bool {
        let upstream = &self.failover.serving;
        upstream.transport.refuses_silently() && !upstream.answers.is_open
    }

    /// When the first ack is so late that something is to be done.
    pub(super) fn silence_deadline(&self) -> Option<Instant> {
        let (since, _) = self.flight.waiting_since().filter(|_| self.is_unanswered())?;
        let answers = &self.failover.serving.answers;
        let late = since + answers.patience;
        if !answers.is_told {
            return Some(late);
        }
        self.failover.next_free().map(|free_at| free_at.map_or(late, |at| at.max(late)))
    }

    /// Sees whether the first ack is late: an error where another endpoint is free.
    pub(super) fn hear(&mut self, now: Instant) -> Result<(), TransportError> {
        if self.silence_deadline().is_none_or(|deadline| now < deadline) {
            return Ok(());
        }
        if self.failover.next_free().is_some_and(|free_at| free_at.is_none_or(|at| now >= at)) {
            return Err(silent());
        }
        let upstream = &mut self.failover.serving;
        upstream.answers.is_told = true;
        if upstream.transport.asking() == Asking::Yet {
            // It will be said when it is certain.
            return Ok(());
        }
        self.log.warn("still waiting", || {
            format!("collector {}: {}; still waiting", upstream.endpoint, silent().text)
        });
        Ok(())
    }
}
