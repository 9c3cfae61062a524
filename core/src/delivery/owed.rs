//! A chunk that the sender owes to the collector, and what happened to it so far.

use std::time::{Duration, Instant};

use super::pack;
use super::upstream::Since;
use crate::queue::Intake;
use crate::transport::Chunk;

/// Parts that a refused chunk is split into: four need as many trials as two, and half the connections.
pub(super) const PARTS: usize = 4;

/// Losses in a row at the oldest chunk that bring it into quarantine: fewer would do that to a chunk whenever a
/// collector restarts.
const MOST_LOSSES: u32 = 3;

/// Least time between strikes that count, on an endpoint whose losses are no answer: a disk or a network that
/// flaps for less is behind one of them at most.
pub(super) const STRIKE_DISTANCE: Duration = Duration::from_secs(1);

pub(super) struct Owed {
    pub(super) chunk: Chunk,
    /// When it was written to the connection that is open now.
    pub(super) sent_at: Option<Instant>,
    pub(super) was_sent: bool,
    /// Acks of it that did not come in time.
    pub(super) expiries: u32,
    /// Times that a connection broke while this was the oldest on its way; in quarantine, its strikes.
    pub(super) losses: u32,
    /// Whether it goes out on its own, to see whether it is refused: a part of a chunk in quarantine always.
    pub(super) is_trial: bool,
    /// When it, or what it is a part of, was lost first at the endpoint of the last loss.
    pub(super) since: Option<Since>,
    /// The last strike that counted.
    pub(super) struck_at: Option<Instant>,
    /// No trial before this.
    pub(super) not_before: Option<Instant>,
}

impl Owed {
    pub(super) fn new(chunk: Chunk) -> Owed {
        Owed {
            chunk,
            sent_at: None,
            was_sent: false,
            expiries: 0,
            losses: 0,
            is_trial: false,
            since: None,
            struck_at: None,
            not_before: None,
        }
    }

    /// A chunk without events, to see whether the collector answers.
    pub(super) fn probe() -> Owed {
        Owed::new(Chunk::empty())
    }

    pub(super) fn is_probe(&self) -> bool {
        self.chunk.events() == 0
    }

    /// Whether it may well be what breaks the connections.
    pub(super) fn is_suspect(&self) -> bool {
        self.losses >= MOST_LOSSES
    }

    /// Whether an ack of it shows that losses are no answer here: it was refused before, as far as that can be
    /// told. One loss outside quarantine is what any restart costs.
    pub(super) fn seemed_refused(&self) -> bool {
        self.losses > u32::from(!self.is_trial)
    }

    /// An endpoint that stands at `at` answered that it refuses it.
    pub(super) fn refused_at(&mut self, at: Since) {
        if self.since.is_none_or(|since| since.endpoint != at.endpoint) {
            self.since = Some(at);
            self.losses = 0;
        }
    }

    /// A connection to an endpoint that stands at `at` broke while this was the oldest on its way.
    pub(super) fn lose(&mut self, at: Since) {
        self.losses = self.losses.saturating_add(1);
        if self.since.is_none_or(|since| since.endpoint != at.endpoint) {
            self.since = Some(at);
        }
    }

    /// It was refused on trial. The first strike makes it known as refused. A later one counts when the endpoint
    /// took other events since, and either is one whose losses are an answer or struck long enough ago. True
    /// when it counts.
    pub(super) fn strike(&mut self, at: Since, is_steady: bool, now: Instant) -> bool {
        self.not_before = (!is_steady).then(|| now + STRIKE_DISTANCE);
        if self.since.is_none_or(|since| since.endpoint != at.endpoint) {
            // Another endpoint has to refuse it itself.
            self.losses = 0;
        }
        let is_apart = self.struck_at.is_none_or(|struck_at| now >= struck_at + STRIKE_DISTANCE);
        let counts = self.losses == 0 || self.was_passed(at) && (is_steady || is_apart);
        if counts {
            self.lose(at);
            self.struck_at = Some(now);
        }
        counts
    }

    /// Whether its endpoint, which stands at `at`, took other events since its first loss there.
    pub(super) fn was_passed(&self, at: Since) -> bool {
        self.since.is_some_and(|since| since.endpoint == at.endpoint && since.delivered < at.delivered)
    }

    /// Whether its endpoint, which stands at `at`, took an empty chunk since its first refusal there.
    pub(super) fn was_followed(&self, at: Since) -> bool {
        self.since.is_some_and(|since| since.endpoint == at.endpoint && since.empties < at.empties)
    }

    /// Its parts, each of which is a chunk of its own; it comes back whole when it cannot be split.
    pub(super) fn split(self, intake: &Intake) -> Result<impl Iterator<Item = Owed>, Box<Owed>> {
        let (since, expiries) = (self.since, self.expiries);
        match pack::split(self.chunk, PARTS, intake) {
            Ok(parts) => {
                let part = move |chunk| Owed { since, expiries, is_trial: true, ..Owed::new(chunk) };
                Ok(parts.into_iter().map(part))
            }
            Err(chunk) => Err(Box::new(Owed { chunk, ..self })),
        }
    }
}
