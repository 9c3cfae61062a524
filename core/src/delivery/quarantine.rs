//! Chunks that a collector may be refusing, for want of an answer that says so.
//!
//! A Forward collector refuses by closing the connection or by leaving out an ack, which is also what an outage
//! looks like. A chunk that meets that again and again comes here. After the collector has shown that it serves by
//! taking something else, it is split, and its parts are tried alone and split again, down to the single event.
//!
//! A single event is given up after three strikes, and only where the same endpoint took other events since
//! the first loss: a collector that takes nothing never costs an event. While all that an endpoint refused stays
//! refused, its losses are an answer and trials follow each other. Whenever it takes what it had seemed to refuse, all
//! strikes but one are forgotten, and for a minute they lie at least a second apart: an endpoint whose disk is full
//! again and again costs no event. Until then the event stays, aside, and everything else goes on.

use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::owed::{Owed, STRIKE_DISTANCE};
use super::upstream::Since;
use crate::queue::Intake;
use crate::transport::Chunk;

/// Strikes that give a single event up: one may meet a restart by chance, three cannot.
const MOST_STRIKES: u32 = 3;

/// Trials that may follow each other without a pause at first and after something was delivered: enough for the steps
/// that end in a refusal before a part without a bad event comes up.
const TRIALS_PER_DELIVERY: u32 = 8;

/// Longest pause between trials: the collector serves, so what it does not take now it may take soon.
pub(super) const MOST_PAUSE: Duration = Duration::from_secs(5);

/// How long after a trial other chunks count as likely to hold more of the same events.
const HUNT: Duration = Duration::from_secs(10);

/// What may be held here in parts without slowing down the rest: enough that the window of the flight is worth
/// as much as before, few enough to hold nothing of the queue that matters.
const LIGHT_PARTS: usize = 64;
const LIGHT_BYTES: usize = 256 << 10;

/// What a refused trial leads to.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The chunk will be tried again, in parts or as it is.
    Again { events: usize },
    /// The event is refused for good.
    GiveUp(Chunk),
}

pub(super) struct Quarantine {
    /// Each lost at least once, but for parts that were not tried yet.
    held: Vec<Owed>,
    backoff: Backoff,
    credit: u32,
    /// No trial before this.
    retry_at: Option<Instant>,
    tried_at: Option<Instant>,
    /// The last connection broke at something else.
    has_turn: bool,
}

impl Quarantine {
    pub(super) fn new(backoff: Backoff) -> Quarantine {
        Quarantine {
            held: Vec::new(),
            backoff,
            credit: TRIALS_PER_DELIVERY,
            retry_at: None,
            tried_at: None,
            has_turn: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Chunks that are held here, as far as they count for the window of the flight.
    pub(super) fn chunks(&self) -> usize {
        let parts = || self.held.iter().filter(|owed| owed.is_trial);
        let events: usize = parts().map(|owed| owed.chunk.events()).sum();
        let bytes: usize = parts().map(|owed| owed.chunk.body().len()).sum();
        let is_light = events <= LIGHT_PARTS && bytes <= LIGHT_BYTES;
        self.held.len() - parts().count() + usize::from(!is_light)
    }

    /// Acks that did not come in time, of the chunk here that has most of them.
    pub(super) fn expiries(&self) -> u32 {
        self.held.iter().map(|owed| owed.expiries).max().unwrap_or_default()
    }

    /// The ack of a chunk without events did not come in time: what is here has to be waited for longer.
    pub(super) fn expire(&mut self) {
        self.held.iter_mut().for_each(|owed| owed.expiries = owed.expiries.saturating_add(1));
    }

    /// Whether a loss is no surprise because there were refusals a moment ago.
    pub(super) fn is_hunting(&self, now: Instant) -> bool {
        self.tried_at.is_some_and(|at| now < at + HUNT)
    }

    /// Takes a chunk that was lost again and again: all of that is one strike.
    pub(super) fn add(&mut self, owed: Owed, is_steady: bool, now: Instant) {
        let not_before = (!is_steady).then(|| now + STRIKE_DISTANCE);
        self.held.push(Owed { losses: 1, struck_at: Some(now), not_before, ..owed });
    }

    /// Takes back what was on trial when something else went wrong.
    pub(super) fn put_back(&mut self, owed: Owed) {
        self.held.insert(0, owed);
    }

    /// Takes back what was lost on trial at a collector that had not shown that it serves. It comes last, and a
    /// chunk in parts.
    pub(super) fn put_last(&mut self, owed: Owed) {
        self.held.push(Owed { losses: owed.losses.max(1), ..owed });
    }

    /// Something else is or may be what broke the trials: what was refused was so once at most.
    pub(super) fn forgive(&mut self) {
        self.held.iter_mut().for_each(|owed| owed.losses = owed.losses.min(1));
    }

    /// Whether a trial may begin.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.retry_at.is_none_or(|at| now >= at) && self.best(now).is_some()
    }

    /// When the next trial may begin, when there is a pause.
    pub(super) fn retry_at(&self, now: Instant) -> Option<Instant> {
        let pause = self.retry_at.filter(|_| !self.held.is_empty());
        let times = self.held.iter().filter_map(|owed| owed.not_before).chain(pause);
        times.filter(|at| *at > now).min()
    }

    /// Notes at what a connection broke, a trial (or a chunk without events) or an ordinary chunk.
    pub(super) fn note_loss(&mut self, is_trial: bool) {
        self.has_turn = !is_trial;
    }

    /// Whether the next connection begins with a trial that is due and not with an ordinary chunk: whichever may be
    /// what breaks them, the other has its turn.
    pub(super) fn has_turn(&self) -> bool {
        self.has_turn
    }

    /// Ends the pause.
    pub(super) fn hurry(&mut self) {
        self.retry_at = None;
    }

    /// What to try next: parts that were never tried, then parts of the smallest refused chunk, so that few are
    /// held at a time, then single events in turn.
    fn best(&self, now: Instant) -> Option<(usize, bool)> {
        // Whole chunks alone may be more than that, and something has to be tried all the same.
        let has_small = self.held.iter().any(|owed| owed.losses == 0 || owed.chunk.events() <= 1);
        let is_full = has_small && self.held.len() >= LIGHT_PARTS;
        let rank = |owed: &Owed| match owed.chunk.events() {
            _ if owed.losses == 0 => Some((0, 0)),
            0 | 1 => owed.not_before.is_none_or(|at| now >= at).then_some((2, 0)),
            events => (!is_full).then_some((1, events)),
        };
        let ranked = self.held.iter().enumerate().filter_map(|(index, owed)| Some((rank(owed)?, index)));
        ranked.min().map(|((rank, _), index)| (index, rank == 1))
    }

    /// Takes out what to try next.
    pub(super) fn next(&mut self, now: Instant, intake: &Intake) -> Option<Owed> {
        while let Some((index, is_to_split)) = self.best(now) {
            let owed = self.held.remove(index);
            let whole = if is_to_split {
                match owed.split(intake) {
                    Ok(parts) => {
                        self.held.extend(parts);
                        continue;
                    }
                    Err(whole) => *whole,
                }
            } else {
                owed
            };
            self.tried_at = Some(now);
            return Some(Owed { is_trial: true, ..whole });
        }
        None
    }

    /// Something was delivered: trials may follow without a pause again.
    pub(super) fn encourage(&mut self) {
        self.credit = TRIALS_PER_DELIVERY;
        self.backoff.reset();
    }

    /// The collector serves and did not take this on trial. `at` is the endpoint and what it has delivered by
    /// now; `is_steady` says whether its losses are an answer.
    pub(super) fn refuse(&mut self, mut owed: Owed, at: Since, is_steady: bool, now: Instant) -> Verdict {
        let was_known = owed.losses > 0;
        let counts = owed.strike(at, is_steady, now);
        let events = owed.chunk.events();
        if events <= 1 && counts && owed.losses >= MOST_STRIKES {
            return Verdict::GiveUp(owed.chunk);
        }
        if was_known && counts {
            // Others got through since, and the next such strike is the last: nothing is pestered.
            self.held.push(owed);
        } else {
            self.hold(owed, now);
        }
        Verdict::Again { events }
    }

    /// Takes something back for a later trial, after a pause unless something was delivered a moment ago.
    pub(super) fn hold(&mut self, owed: Owed, now: Instant) {
        self.held.push(Owed { losses: owed.losses.max(1), ..owed });
        self.retry_at = match self.credit.checked_sub(1) {
            Some(rest) => {
                self.credit = rest;
                None
            }
            None => Some(now + self.backoff.after_failure(now)),
        };
    }
}

#[cfg(test)]
mod tests;
