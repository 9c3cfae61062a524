//! What the sender thread has in hand: made by [`super::sender`], moved on by [`super::deliver`] and, after a
//! failure, by [`super::fail`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::control::{Commands, Phase};
use super::failover::{Failover, Opener};
use super::in_flight::Flight;
use super::pack;
use super::quarantine::{MOST_PAUSE, Quarantine};
use super::spooling::Depot;
use crate::config::{Balance, Settings};
use crate::diag::log::Log;
use crate::diag::stats::Counters;
use crate::queue::Intake;
use crate::transport::{Chunk, Endpoint};

/// Longest sleep while events may come without a word.
pub(super) const MOST_SLEEP: Duration = Duration::from_millis(500);

/// What the sender works with.
pub(crate) struct Sender {
    pub(crate) intake: Arc<Intake>,
    pub(crate) commands: Commands,
    pub(crate) counters: Arc<Counters>,
    pub(crate) log: Arc<Log>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// The number of the endpoint to begin with.
    pub(crate) first: usize,
    pub(crate) open: Opener,
    /// Where there is a spool.
    pub(crate) depot: Option<Arc<Depot>>,
}

/// The bounds and pauses of one sender.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    pub(super) flush_interval: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) io_timeout: Duration,
    pub(super) ack_timeout: Duration,
}

pub(super) struct Running {
    pub(super) intake: Arc<Intake>,
    pub(super) depot: Option<Arc<Depot>>,
    pub(super) commands: Commands,
    pub(super) phase: Phase,
    pub(super) counters: Arc<Counters>,
    pub(super) log: Arc<Log>,
    pub(super) pace: Pace,
    pub(super) failover: Failover,
    pub(super) flight: Flight,
    pub(super) quarantine: Quarantine,
    pub(super) last_look: Instant,
    /// When the earliest event that is not sealed yet has waited long enough.
    pub(super) next_seal: Option<Instant>,
    /// Before that no buffers are looked at.
    pub(super) next_look: Instant,
    /// When there was something to do last.
    pub(super) busy_at: Instant,
    /// Longest next sleep: short after threads have filled their buffers, for they wake nobody, and longer
    /// with every look that finds no such buffer.
    pub(super) nap: Duration,
    pub(super) full_seals: u64,
    pub(super) last_flush: LastFlush,
}

/// How far the flush at the end of the process has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastFlush {
    /// Nobody asked for one.
    NotYet,
    /// Over when everything below this sequence is settled.
    Until(u64),
    /// What was there when it was asked for is settled.
    Over,
}

impl Running {
    /// `None` without an endpoint.
    pub(super) fn new(sender: Sender, settings: &Settings) -> Option<Running> {
        let pace = Pace {
            flush_interval: settings.flush_interval,
            connect_timeout: settings.connect_timeout,
            io_timeout: settings.io_timeout,
            ack_timeout: settings.ack_timeout,
        };
        let is_spread = settings.balance == Balance::Spread;
        let backoff = || Backoff::new(settings.retry_initial, settings.retry_max);
        let failover = Failover::new(sender.endpoints, sender.first, sender.open, is_spread, backoff)?;
        if let Some(depot) = &sender.depot {
            depot.note_gzip(failover.serving.transport.takes_gzip());
        }
        Some(Running {
            intake: sender.intake,
            depot: sender.depot,
            commands: sender.commands,
            phase: Phase::default(),
            counters: sender.counters,
            log: sender.log,
            pace,
            failover,
            flight: Flight::default(),
            quarantine: Quarantine::new(Backoff::new(
                settings.retry_initial.min(MOST_PAUSE),
                settings.retry_max.min(MOST_PAUSE),
            )),
            last_look: Instant::now(),
            next_seal: None,
            next_look: Instant::now(),
            busy_at: Instant::now(),
            nap: MOST_SLEEP,
            full_seals: 0,
            last_flush: LastFlush::NotYet,
        })
    }

    /// Whether nothing is left to deliver.
    pub(super) fn is_done(&self) -> bool {
        self.flight.is_empty()
            && self.quarantine.is_empty()
            && !self.intake.has_segments()
            && self.next_seal.is_none()
            && self.depot.as_ref().is_none_or(|depot| !depot.has_unsent())
    }

    /// Whether a drain is done: what has to be delivered is, and what is on disk as far as the collector takes it.
    pub(super) fn is_drained(&self) -> bool {
        let Some(depot) = &self.depot else { return self.is_done() };
        if self.is_done() {
            return !depot.holds_own();
        }
        let now = Instant::now();
        let is_waiting = self.next_seal.is_none() && self.failover.serving.must_wait(now);
        is_waiting && !depot.has_unsent() && !self.intake.may_hold_events(now)
    }

    /// Whether something waits for the sender.
    pub(super) fn has_waiting(&self) -> bool {
        match &self.depot {
            None => self.intake.has_segments(),
            Some(depot) => depot.has_next(&self.intake, self.is_draining()),
        }
    }

    /// Whether a whole chunk does.
    pub(super) fn has_whole(&self) -> bool {
        match &self.depot {
            None => self.intake.has_chunk(),
            Some(depot) => depot.has_chunk(&self.intake, self.is_draining()),
        }
    }

    fn is_draining(&self) -> bool {
        self.phase.drain_deadline().is_some()
    }

    /// Takes the next chunk there is.
    pub(super) fn next_chunk(&mut self) -> Option<Chunk> {
        let takes_gzip = self.failover.serving.transport.takes_gzip();
        match &self.depot {
            None => self.intake.take().map(|taken| pack::pack(taken, &self.intake, takes_gzip)),
            Some(depot) => depot.take(&self.intake, takes_gzip, self.is_draining()),
        }
    }

    /// Whether somebody told the sender something that it has not taken yet.
    pub(super) fn must_look(&self) -> bool {
        !self.commands.is_empty() || self.must_begin_last_flush()
    }

    /// Whether the process ends and nothing was done about that yet.
    pub(super) fn must_begin_last_flush(&self) -> bool {
        self.last_flush == LastFlush::NotYet && self.intake.is_last_flush_asked_for()
    }
}
