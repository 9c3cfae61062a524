//! What the sender does when a connection is lost or a collector says no.

use std::time::{Duration, Instant};

use super::deliver::{MOST_EXPIRIES, OVERDUE};
use super::in_flight::MOST_ELSEWHERE;
use super::owed::Owed;
use super::quarantine::Verdict;
use super::running::Running;
use super::silence::SILENT;
use crate::net::{Cause, TransportError};

/// Pause between attempts while a close waits, when the backoff would outlast it.
const DRAIN_RETRY: Duration = Duration::from_millis(100);

/// What a failure says about a connection that was open.
#[derive(Debug, Clone, Copy)]
struct Loss {
    /// It was lost.
    has_lost: bool,
    /// That may be how the collector refuses something.
    may_be_refusal: bool,
    /// It had served: one loss is no reason to leave the endpoint.
    may_stay: bool,
}

impl Running {
    /// Gives the connection up; what was on its way is sent again later, here or elsewhere.
    pub(super) fn fail(&mut self, error: &TransportError, is_draining: bool) {
        let now = Instant::now();
        let was_waiting = self.flight.waiting_since().is_some();
        self.take_last_acks();
        let upstream = &mut self.failover.serving;
        let (was_connected, was_warm) = (upstream.is_connected, upstream.is_warm);
        let is_busy = matches!(error.cause, Cause::Busy { .. });
        if !(is_busy && upstream.transport.is_connected()) {
            upstream.disconnect(now);
        }
        if error.is_end && !was_waiting {
            upstream.jitter(now);
            self.log.debug(|| format!("collector {}: {}", upstream.endpoint, error.text));
            return;
        }
        let is_silent = error.kind == SILENT;
        if is_silent {
            upstream.answers.give_up();
        }
        let has_lost = was_connected && error.cause == Cause::Connection && !is_silent;
        let may_be_refusal = has_lost && upstream.transport.refuses_silently();
        let is_answered = match self.flight.lose_connection() {
            Some(owed) if may_be_refusal => self.takes_as_refusal(owed, error, was_warm, now),
            Some(owed) => {
                self.keep(owed);
                false
            }
            None => false,
        };
        if is_answered {
            return;
        }
        let may_stay = has_lost && was_warm && error.kind != OVERDUE;
        let loss = Loss { has_lost, may_be_refusal, may_stay };
        self.pause(error, now, is_draining, loss);
    }

    /// Whatever was on its way is to be written again.
    pub(super) fn forget_connection(&mut self, now: Instant) {
        self.failover.serving.disconnect(now);
        if let Some(owed) = self.flight.lose_connection() {
            self.keep(owed);
        }
    }

    /// Keeps what was on its way when something went wrong that says nothing about it.
    pub(super) fn keep(&mut self, owed: Owed) {
        if owed.is_trial {
            self.quarantine.put_back(owed);
        } else if !owed.is_probe() {
            self.flight.add_first(owed);
        }
    }

    /// Takes a lost connection as a possible answer to what was the oldest on its way. True when the next step
    /// may follow at once.
    fn takes_as_refusal(
        &mut self,
        mut owed: Owed,
        error: &TransportError,
        was_warm: bool,
        now: Instant,
    ) -> bool {
        let upstream = &mut self.failover.serving;
        let at = upstream.since();
        self.quarantine.note_loss(owed.is_trial || owed.is_probe());
        if owed.is_probe() {
            // One that is slow takes it some time; one that leaves the ack out never does.
            if error.kind == OVERDUE && self.quarantine.expiries() < MOST_EXPIRIES {
                self.quarantine.expire();
            } else {
                upstream.loses_probe(now);
            }
            self.quarantine.forgive();
            return false;
        }
        if owed.is_trial && !was_warm {
            self.quarantine.put_last(owed);
            return false;
        }
        if owed.is_trial {
            match self.quarantine.refuse(owed, at, upstream.is_steady(now), now) {
                Verdict::Again { events } => self.log.info_of_kind("refused", || {
                    let (endpoint, text) = (&upstream.endpoint, &error.text);
                    format!("collector {endpoint}: {text}, each time at the same {events} events")
                }),
                Verdict::GiveUp(chunk) => {
                    let text = match upstream.endpoint.is_otlp() {
                        true => {
                            format!("{}, each time at the same event, while others get through", error.text)
                        }
                        false => {
                            "the connection breaks each time at the same event, while others get through"
                                .to_owned()
                        }
                    };
                    self.drop_refused(chunk, &TransportError::new("refused", text).because(Cause::Refused));
                }
            }
            return true;
        }
        owed.lose(at);
        let is_hunting = self.quarantine.is_hunting(now);
        // The first loss may be that of every client: they must not come back all at once.
        let is_likely = owed.losses > 1 || is_hunting;
        let has_room = self.quarantine.chunks() < MOST_ELSEWHERE;
        if (owed.is_suspect() || is_hunting) && has_room {
            self.quarantine.add(owed, upstream.is_steady(now), now);
        } else {
            self.flight.add_first(owed);
        }
        is_likely && upstream.take_grace()
    }

    /// Backs off, or moves on to an endpoint that needs no pause.
    fn pause(&mut self, error: &TransportError, now: Instant, is_draining: bool, loss: Loss) {
        let upstream = &mut self.failover.serving;
        let is_staying = loss.may_stay && upstream.is_fresh(now);
        let most = if is_draining { DRAIN_RETRY } else { Duration::MAX };
        let pause = match error.cause {
            Cause::Busy { retry_after: Some(wish) } => upstream.obey(wish, now),
            _ if loss.may_be_refusal => upstream.back_off_from_loss(now, most),
            _ => upstream.back_off(now, most),
        };
        upstream.is_reported_down = true;
        let from = upstream.endpoint.to_string();
        self.counters.trouble.tell(format!("collector {from}: {}", error.text));
        let has_moved = !is_staying && self.failover.move_on(now);
        let upstream = &mut self.failover.serving;
        if has_moved && loss.has_lost {
            upstream.jitter(now);
        }
        let line = || {
            let then = match has_moved {
                true => format!("going on with {}", upstream.endpoint),
                false => format!("trying again in {} ms", pause.as_millis() as u64),
            };
            match error.cause {
                Cause::Configuration => format!("collector {from}: {}; events are kept, {then}", error.text),
                _ => format!("collector {from}: {}; {then}", error.text),
            }
        };
        match error.cause {
            Cause::Configuration => self.log.error(error.kind, line),
            _ => self.log.warn(error.kind, line),
        }
        if has_moved {
            self.log
                .info_of_kind("moved", || format!("collector {}: takes over from {from}", upstream.endpoint));
            if upstream.is_connected {
                self.has_connected();
            }
        }
    }
}
