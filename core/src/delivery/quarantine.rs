//! Chunks that a collector may be refusing, for want of an answer that says so.
//!
//! A Forward collector refuses by closing the connection or by leaving out an ack, which is also what an
//! outage looks like. Chunks are therefore tried one at a time, each only after the collector has shown that
//! it serves by taking something else. A chunk that is refused then is split, down to the single event. An
//! event is given up as refused when three such trials in a row went wrong *and* the same endpoint took
//! other events since the first refusal: a collector that takes nothing at all never costs an event. Until
//! then it stays, aside, and everything else goes on.

use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::upstream::Since;
use crate::queue::Intake;
use crate::transport::Chunk;

/// Trials in a row that a single event must fail: one may meet a restart by chance, three cannot.
const MOST_STRIKES: u32 = 3;

/// Parts that a refused chunk is split into: four need as many trials as two, and half the connections.
pub(super) const PARTS: usize = 4;

/// Trials that may follow each other without a pause after something was delivered: enough for the steps
/// that end in a refusal before a part without a bad event comes up.
const TRIALS_PER_DELIVERY: u32 = 8;

/// How long after a trial other chunks count as likely to hold more of the same events.
const HUNT: Duration = Duration::from_secs(10);

/// What may be held here in small parts without slowing down the rest: enough that the window of the
/// flight is worth as much as before, few enough to hold nothing of the queue that matters.
const LIGHT_PARTS: usize = 64;
const LIGHT_BYTES: usize = 256 << 10;

/// A chunk, or a part of one.
#[derive(Debug)]
pub(super) struct Suspect {
    chunk: Chunk,
    since: Since,
    /// Trials that went wrong one after the other.
    strikes: u32,
    /// It is known to be refused, so it is split before its next trial.
    is_refused: bool,
    expiries: u32,
}

/// What the collector is asked at the moment.
#[derive(Debug)]
enum Question {
    /// Whether it serves: a chunk without events.
    Probe(Chunk),
    /// Whether it takes the suspect. A chunk without events behind it shows when its ack was left out.
    Takes(Suspect, Option<Chunk>),
    /// It took the suspect; the ack of the chunk behind is still to come.
    Behind(Chunk),
}

/// What an ack was for.
#[derive(Debug)]
pub(super) enum Answer {
    /// A chunk with events, which is delivered.
    Took(Chunk),
    /// The collector serves.
    Serves,
}

/// What a lost connection says about a trial.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing: the collector does not serve at all, or no trial was under upstream.
    None,
    /// The chunk was refused and will be tried again in parts or as it is.
    Again { events: usize },
    /// The event is refused for good.
    GiveUp(Chunk),
}

pub(super) struct Quarantine {
    waiting: Vec<Suspect>,
    question: Option<(Question, Instant)>,
    backoff: Backoff,
    credit: u32,
    /// No trial before this.
    retry_at: Option<Instant>,
    hunts_until: Option<Instant>,
}

impl Quarantine {
    pub(super) fn new(backoff: Backoff) -> Quarantine {
        Quarantine {
            waiting: Vec::new(),
            question: None,
            backoff,
            credit: 0,
            retry_at: None,
            hunts_until: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.question.is_none()
    }

    /// Whether so little is held here that another chunk may come.
    pub(super) fn is_light(&self) -> bool {
        let events: usize = self.waiting.iter().map(|suspect| suspect.chunk.events()).sum();
        let bytes: usize = self.waiting.iter().map(|suspect| suspect.chunk.body().len()).sum();
        events <= LIGHT_PARTS && bytes <= LIGHT_BYTES && self.waiting.len() < LIGHT_PARTS
    }

    /// Whether a refusal is no surprise because there were others a moment ago.
    pub(super) fn is_hunting(&self, now: Instant) -> bool {
        self.hunts_until.is_some_and(|until| now < until)
    }

    pub(super) fn add(&mut self, chunk: Chunk, since: Since) {
        self.waiting.push(Suspect { chunk, since, strikes: 0, is_refused: true, expiries: 0 });
    }

    /// Gives everything back, for an endpoint that says what it refuses.
    pub(super) fn drain(&mut self) -> impl DoubleEndedIterator<Item = Chunk> {
        std::mem::take(&mut self.waiting).into_iter().map(|suspect| suspect.chunk)
    }

    /// Whether a trial may begin.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.question.is_none() && !self.waiting.is_empty() && self.retry_at.is_none_or(|at| now >= at)
    }

    /// When the next trial may begin, when there is a pause.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry_at.filter(|_| !self.waiting.is_empty())
    }

    /// Ends the pause.
    pub(super) fn hurry(&mut self) {
        self.retry_at = None;
    }

    /// Whether an answer is awaited.
    pub(super) fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// Since when an answer is awaited, and how often that was in vain before.
    pub(super) fn waiting_since(&self) -> Option<(Instant, u32)> {
        self.question.as_ref().map(|(question, since)| match question {
            Question::Takes(suspect, _) => (*since, suspect.expiries),
            Question::Probe(_) | Question::Behind(_) => (*since, 0),
        })
    }

    /// Notes that the answer did not come in time.
    pub(super) fn expire(&mut self) {
        if let Some((Question::Takes(suspect, _), _)) = &mut self.question {
            suspect.expiries += 1;
        }
    }

    /// Asks whether the collector serves; gives what is to be written.
    pub(super) fn ask_probe(&mut self, now: Instant) -> Option<&Chunk> {
        match &self.question.insert((Question::Probe(Chunk::empty()), now)).0 {
            Question::Probe(probe) => Some(probe),
            _ => None,
        }
    }

    /// Asks about the next suspect; gives what is to be written. `has_evidence` says whether an endpoint
    /// delivered something since then.
    pub(super) fn ask_next(
        &mut self,
        now: Instant,
        intake: &Intake,
        has_evidence: impl Fn(Since) -> bool,
    ) -> Option<&mut Chunk> {
        let suspect = self.pick(intake, has_evidence)?;
        self.hunts_until = Some(now + HUNT);
        match &mut self.question.insert((Question::Takes(suspect, None), now)).0 {
            Question::Takes(suspect, _) => Some(&mut suspect.chunk),
            _ => None,
        }
    }

    /// Gives what is to be written behind the suspect, on a connection that takes more than one chunk.
    pub(super) fn ask_behind(&mut self) -> Option<&Chunk> {
        match &mut self.question {
            Some((Question::Takes(_, behind), _)) => Some(behind.insert(Chunk::empty())),
            _ => None,
        }
    }

    /// The suspect whose trial says most: what was never tried, then events that can be settled, then the
    /// smallest refused chunk, in parts. A depth-first search, so that few parts are held at a time.
    fn pick(&mut self, intake: &Intake, has_evidence: impl Fn(Since) -> bool) -> Option<Suspect> {
        loop {
            let is_full = self.waiting.len() >= LIGHT_PARTS;
            let rank = |suspect: &Suspect| match suspect.chunk.events() {
                _ if !suspect.is_refused => (0, 0),
                0 | 1 if has_evidence(suspect.since) => (1, 0),
                events @ 2.. if !is_full => (2, events),
                _ => (3, 0),
            };
            let best = self.waiting.iter().enumerate().min_by_key(|(_, suspect)| rank(suspect));
            let (index, rank) = best.map(|(index, suspect)| (index, rank(suspect).0))?;
            let mut suspect = self.waiting.remove(index);
            if rank != 2 {
                return Some(suspect);
            }
            let since = suspect.since;
            match super::pack::split(suspect.chunk, PARTS, intake) {
                Ok(parts) => self.waiting.extend(parts.into_iter().map(|chunk| Suspect {
                    chunk,
                    since,
                    strikes: 0,
                    is_refused: false,
                    expiries: 0,
                })),
                Err(chunk) => {
                    suspect.chunk = chunk;
                    return Some(suspect);
                }
            }
        }
    }

    /// What the ack with this id was for; `None` when it is not the one that is due.
    pub(super) fn take_ack(&mut self, id: &[u8]) -> Option<Answer> {
        let (question, since) = self.question.take()?;
        match question {
            Question::Probe(probe) | Question::Behind(probe) if probe.id() == id => Some(Answer::Serves),
            Question::Takes(suspect, behind) if suspect.chunk.id() == id => {
                self.question = behind.map(|behind| (Question::Behind(behind), since));
                Some(Answer::Took(suspect.chunk))
            }
            other => {
                self.question = Some((other, since));
                None
            }
        }
    }

    /// Something was delivered: trials may follow without a pause again.
    pub(super) fn encourage(&mut self) {
        self.credit = TRIALS_PER_DELIVERY;
        self.backoff.reset();
    }

    /// The connection is gone. `at` is the endpoint and what it has delivered by now; `is_refusal` says
    /// whether it goes for an answer.
    pub(super) fn lose_connection(&mut self, at: Since, is_refusal: bool, now: Instant) -> Verdict {
        match self.question.take() {
            Some((Question::Takes(suspect, _), _)) if is_refusal => self.strike(suspect, at, now),
            Some((Question::Takes(suspect, _), _)) => {
                self.waiting.insert(0, suspect);
                Verdict::None
            }
            Some((Question::Probe(_), _)) | None if is_refusal => {
                // What breaks without a suspect may be what broke their trials too.
                self.waiting.iter_mut().for_each(|suspect| suspect.strikes = 0);
                Verdict::None
            }
            Some((Question::Probe(_) | Question::Behind(_), _)) | None => Verdict::None,
        }
    }

    fn strike(&mut self, mut suspect: Suspect, at: Since, now: Instant) -> Verdict {
        if suspect.since.endpoint != at.endpoint {
            suspect.since = at;
            suspect.strikes = 0;
        }
        suspect.strikes += 1;
        suspect.is_refused = true;
        let events = suspect.chunk.events();
        if events <= 1 && suspect.strikes >= MOST_STRIKES && at.delivered > suspect.since.delivered {
            return Verdict::GiveUp(suspect.chunk);
        }
        self.waiting.push(suspect);
        self.retry_at = match self.credit.checked_sub(1) {
            Some(rest) => {
                self.credit = rest;
                None
            }
            None => Some(now + self.backoff.after_failure(now)),
        };
        Verdict::Again { events }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::msgpack;
    use crate::queue::{Charge, Limits};
    use std::sync::Arc;

    fn at(delivered: u64) -> Since {
        Since { endpoint: 0, delivered }
    }

    /// Tries the only suspect and lets it fail.
    fn fails(quarantine: &mut Quarantine, intake: &Intake, at: Since) -> Verdict {
        let now = Instant::now();
        assert!(quarantine.ask_next(now, intake, |_| false).is_some());
        quarantine.lose_connection(at, true, now)
    }

    #[test]
    fn only_trials_in_a_row_that_nothing_else_explains_give_an_event_up() {
        let limits = Limits {
            queue: Charge { events: 100, bytes: 1 << 20 },
            chunk_bytes: 1 << 20,
            circular: true,
            block_timeout: Duration::ZERO,
        };
        let intake = Arc::new(Intake::new(limits));
        let append = |out: &mut crate::encode::Output<'_>| {
            msgpack::text(out, "event");
            Ok(true)
        };
        intake.append(&mut crate::queue::Written(append)).unwrap();
        intake.seal_all();
        let chunk = crate::delivery::pack::pack(intake.take().unwrap(), &intake, false);
        let mut quarantine = Quarantine::new(Backoff::new(Duration::from_secs(1), Duration::from_secs(1)));
        quarantine.add(chunk, at(5));
        for _ in 0..2 {
            assert!(matches!(fails(&mut quarantine, &intake, at(6)), Verdict::Again { events: 1 }));
        }
        // Something else breaks as well: the collector does not serve.
        assert!(matches!(quarantine.lose_connection(at(6), true, Instant::now()), Verdict::None));
        for _ in 0..2 {
            assert!(matches!(fails(&mut quarantine, &intake, at(6)), Verdict::Again { .. }));
        }
        // Another endpoint has to take something itself.
        let elsewhere = |delivered| Since { endpoint: 1, delivered };
        for _ in 0..3 {
            assert!(matches!(fails(&mut quarantine, &intake, elsewhere(9)), Verdict::Again { .. }));
        }
        assert!(matches!(fails(&mut quarantine, &intake, elsewhere(10)), Verdict::GiveUp(_)));
        assert!(quarantine.is_empty());
    }

    #[test]
    fn trials_pause_unless_something_was_delivered() {
        let now = Instant::now();
        let mut quarantine = Quarantine::new(Backoff::new(Duration::from_secs(60), Duration::from_secs(60)));
        let intake = Intake::new(Limits {
            queue: Charge { events: 1, bytes: 1024 },
            chunk_bytes: 1024,
            circular: true,
            block_timeout: Duration::ZERO,
        });
        quarantine.add(Chunk::empty(), at(0));
        quarantine.encourage();
        for _ in 0..TRIALS_PER_DELIVERY {
            fails(&mut quarantine, &intake, at(0));
            assert!(quarantine.is_due(now));
        }
        fails(&mut quarantine, &intake, at(0));
        assert!(quarantine.retry_at().is_some() && !quarantine.is_due(now));
        quarantine.hurry();
        assert!(quarantine.is_due(now));
    }
}
