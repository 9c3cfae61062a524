//! What the sender does when a connection is lost or a collector says no.

use std::time::{Duration, Instant};

use super::deliver::OVERDUE;
use super::quarantine::Verdict;
use super::running::Running;
use crate::net::{Cause, TransportError};

/// Pause between attempts while a close waits, when the backoff would outlast it.
const DRAIN_RETRY: Duration = Duration::from_millis(100);

impl Running {
    /// Gives the connection up; what was on its upstream is sent again later, here or elsewhere.
    pub(super) fn fail(&mut self, fault: &TransportError, is_draining: bool) {
        let now = Instant::now();
        let was_waiting = self.waiting_since().is_some();
        self.take_last_acks();
        let upstream = &mut self.failover.serving;
        let (was_connected, was_warm) = (upstream.is_connected, upstream.is_warm);
        let is_busy = matches!(fault.cause, Cause::Busy { .. });
        if !(is_busy && upstream.transport.is_connected()) {
            upstream.disconnect(now);
        }
        if fault.is_end && !was_waiting {
            upstream.jitter(now);
            self.log.debug(|| format!("collector {}: {}", upstream.endpoint, fault.text));
            return;
        }
        let is_refusal = was_connected
            && was_waiting
            && fault.cause == Cause::Connection
            && upstream.transport.refuses_silently();
        if is_refusal && self.is_settled_as_refusal(fault, now) {
            return;
        }
        if !is_refusal {
            let at = self.failover.serving.since();
            self.quarantine.lose_connection(at, false, now);
        }
        self.flight.forget_connection();
        let has_lost = was_connected && fault.cause == Cause::Connection;
        let may_stay = has_lost && was_warm && fault.kind != OVERDUE;
        self.pause(fault, now, is_draining, has_lost, may_stay);
    }

    /// Takes a lost connection as a possible answer to what was on its upstream. True when the next step may
    /// follow at once.
    fn is_settled_as_refusal(&mut self, fault: &TransportError, now: Instant) -> bool {
        let upstream = &mut self.failover.serving;
        let at = upstream.since();
        let was_asking = self.quarantine.is_asking();
        let verdict = self.quarantine.lose_connection(at, true, now);
        let is_hunting = self.quarantine.is_hunting(now);
        let refusals = if was_asking { None } else { self.flight.blame_oldest(at, is_hunting) };
        self.flight.forget_connection();
        match verdict {
            Verdict::Again { events } => {
                self.log.info(|| {
                    let (endpoint, text) = (&upstream.endpoint, &fault.text);
                    format!("collector {endpoint}: {text}, each time at the same {events} events")
                });
                true
            }
            Verdict::GiveUp(chunk) => {
                let text = "the connection breaks each time at the same event, while others get through";
                self.drop_refused(chunk, &TransportError::new("refused", text).because(Cause::Refused));
                true
            }
            Verdict::None => {
                // The first loss may be that of every client: they must not come back all at once.
                refusals.is_some_and(|refusals| refusals > 1) && upstream.take_grace()
            }
        }
    }

    /// Backs off, or moves on to an endpoint that needs no pause.
    fn pause(
        &mut self,
        fault: &TransportError,
        now: Instant,
        is_draining: bool,
        has_lost: bool,
        may_stay: bool,
    ) {
        let upstream = &mut self.failover.serving;
        let is_staying = may_stay && upstream.is_fresh();
        let most = if is_draining { DRAIN_RETRY } else { Duration::MAX };
        let pause = match fault.cause {
            Cause::Busy { retry_after: Some(wish) } => upstream.obey(wish, now),
            _ => upstream.back_off(now, most),
        };
        upstream.is_reported_down = true;
        let from = upstream.endpoint.to_string();
        let has_moved = !is_staying && self.failover.move_on(now);
        let upstream = &mut self.failover.serving;
        if has_moved && has_lost {
            upstream.jitter(now);
        }
        let line = || {
            let then = match has_moved {
                true => format!("going on with {}", upstream.endpoint),
                false => format!("trying again in {} ms", pause.as_millis() as u64),
            };
            match fault.cause {
                Cause::Configuration => format!("collector {from}: {}; events are kept, {then}", fault.text),
                _ => format!("collector {from}: {}; {then}", fault.text),
            }
        };
        match fault.cause {
            Cause::Configuration => self.log.error(fault.kind, line),
            _ => self.log.warn(fault.kind, line),
        }
        if has_moved {
            self.log.info(|| format!("collector {}: takes over from {from}", upstream.endpoint));
            if upstream.is_connected {
                self.has_connected();
            }
        }
    }
}
