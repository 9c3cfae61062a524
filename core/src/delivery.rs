//! The sender thread: collects what threads wrote, sends it in chunks and settles what became of them.
//!
//! One thread per client and process, started with the first export. It sleeps on its sockets, for a
//! millisecond while threads fill their buffers and for longer when they do not; callers wake it only when
//! half the queue is taken, when it dozes or when somebody waits for delivery. A failure never loses a chunk: the
//! connection is closed, and after a backoff the same bytes go out again under the same id, at the next
//! endpoint if need be. Only what a collector refuses is given up, event by event.

mod backoff;
mod control;
mod deliver;
mod fail;
mod failover;
mod in_flight;
mod pack;
mod quarantine;
#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backoff::Backoff;
pub(crate) use control::Control;
use deliver::Move;
pub(crate) use failover::Opener;
use failover::Ways;
use in_flight::Flight;
use quarantine::Suspects;

use crate::config::Settings;
use crate::diag::log::Log;
use crate::diag::stats::{Counters, count};
use crate::queue::Intake;
use crate::sys::poll::wait_readable;
use crate::transport::Endpoint;

/// Longest sleep while events may come without a word.
const MOST_SLEEP: Duration = Duration::from_millis(500);

/// How long nothing is to do before the sender dozes, so that a program that exports now and then never has
/// to wake it.
const DOZE_AFTER: Duration = Duration::from_secs(1);

/// Longest doze. A look at a cold machine takes some 50 to 100 µs; a connection that became too old for
/// another request meanwhile is seen to before the next one.
const MOST_DOZE: Duration = Duration::from_secs(5);

/// Shortest sleep, whatever the flush interval: a look takes microseconds, so this stays below one
/// percent of a core.
const LEAST_SLEEP: Duration = Duration::from_millis(1);

/// Times that the thread goes on after a panic before it gives up.
const MOST_PANICS: u32 = 3;

/// What the sender works with.
pub(crate) struct Sender {
    pub(crate) intake: Arc<Intake>,
    pub(crate) control: Arc<Control>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) log: Arc<Log>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// The number of the endpoint to begin with.
    pub(crate) first: usize,
    pub(crate) open: Opener,
}

/// The bounds and pauses of one sender.
#[derive(Debug, Clone)]
struct Pace {
    flush_interval: Duration,
    connect_timeout: Duration,
    io_timeout: Duration,
    ack_timeout: Duration,
}

struct Running {
    intake: Arc<Intake>,
    control: Arc<Control>,
    counters: Arc<Counters>,
    log: Arc<Log>,
    pace: Pace,
    ways: Ways,
    flight: Flight,
    quarantine: Suspects,
    last_look: Instant,
    /// When the earliest event that is not sealed yet has waited long enough.
    next_seal: Option<Instant>,
    /// When there was something to do last.
    busy_at: Instant,
    /// Longest next sleep: short after threads have filled their buffers, for they wake nobody, and longer
    /// with every look that finds no such buffer.
    nap: Duration,
    full_seals: u64,
}

impl Sender {
    /// The body of the thread: runs until a close is done or given up.
    pub(crate) fn run(self, settings: &Settings) {
        let (control, intake) = (Arc::clone(&self.control), Arc::clone(&self.intake));
        if let Some(mut running) = Running::new(self, settings) {
            running.run();
        }
        control.end();
        intake.notify();
    }
}

impl Running {
    /// `None` without an endpoint.
    fn new(sender: Sender, settings: &Settings) -> Option<Running> {
        let pace = Pace {
            flush_interval: settings.flush_interval,
            connect_timeout: settings.connect_timeout,
            io_timeout: settings.io_timeout,
            ack_timeout: settings.ack_timeout,
        };
        let backoff = || Backoff::new(settings.retry_initial, settings.retry_max);
        Some(Running {
            intake: sender.intake,
            control: sender.control,
            counters: sender.counters,
            log: sender.log,
            pace,
            ways: Ways::new(sender.endpoints, sender.first, sender.open, backoff)?,
            flight: Flight::default(),
            quarantine: Suspects::new(backoff()),
            last_look: Instant::now(),
            next_seal: None,
            busy_at: Instant::now(),
            nap: MOST_SLEEP,
            full_seals: 0,
        })
    }

    fn run(&mut self) {
        let mut panics = 0;
        while catch_unwind(AssertUnwindSafe(|| self.until_done())).is_err() {
            panics += 1;
            count(&self.counters.worker_panics);
            self.log.error("panic", || "a bug in libmona was contained on the sender thread".to_owned());
            self.forget_connection(Instant::now());
            if panics > MOST_PANICS {
                self.intake.give_up();
                break;
            }
        }
    }

    fn until_done(&mut self) {
        while !self.control.is_stopped() {
            let drain_deadline = self.control.drain_deadline();
            let is_draining = drain_deadline.is_some();
            self.look(is_draining);
            if let Err(fault) = self.advance() {
                self.fail(&fault, is_draining);
            }
            if let Some(deadline) = drain_deadline
                && self.is_done()
            {
                self.ways.serving.close(deadline, Instant::now());
                return;
            }
            self.sleep();
        }
        self.ways.serving.disconnect(Instant::now());
    }

    /// Whether nothing is left to deliver.
    fn is_done(&self) -> bool {
        self.flight.is_empty()
            && self.quarantine.is_empty()
            && !self.intake.has_segments()
            && self.next_seal.is_none()
    }

    /// Seals what threads wrote and left for long enough, and sees to the way back to a better endpoint.
    fn look(&mut self, is_draining: bool) {
        let now = Instant::now();
        let interval = if is_draining { Duration::ZERO } else { self.pace.flush_interval };
        self.next_seal = self.intake.collect(self.last_look, now, interval);
        self.last_look = now;
        if self.control.take_hurry() {
            self.ways.hurry();
            self.quarantine.hurry();
        }
        if !is_draining && let Some(line) = self.ways.look_back(now, self.pace.connect_timeout) {
            count(&self.counters.connect_failures);
            self.log.debug(|| line);
        }
    }

    /// Waits for an ack, a wake-up or the next thing to do.
    fn sleep(&mut self) {
        let intake = Arc::clone(&self.intake);
        let wake = intake.waker();
        wake.announce_sleep();
        let now = Instant::now();
        let mut dozes = false;
        if self.next_move(now) == Move::Rest && !self.control.must_look() {
            dozes = self.is_at_rest(now) && intake.idle();
            let most = self.next_nap();
            let idle = now + if dozes { MOST_DOZE } else { most };
            let retry = [self.ways.serving.ready_at(), self.quarantine.retry_at()];
            let times = [Some(idle), self.next_seal, self.ack_deadline()];
            let later = retry.into_iter().filter(|at| at.is_some_and(|at| at > now));
            let until = times.into_iter().chain(later).flatten().min().unwrap_or(idle);
            let descriptors = [wake.descriptor(), self.ways.serving.transport.descriptor()];
            let descriptors: Vec<_> = descriptors.into_iter().flatten().collect();
            wait_readable(&descriptors, until.saturating_duration_since(now));
        }
        wake.awake();
        if dozes {
            // What is found now came no earlier.
            self.last_look = Instant::now();
        }
    }

    fn next_nap(&mut self) -> Duration {
        let full_seals = self.intake.full_seals();
        let longer = if full_seals == self.full_seals { self.nap * 2 } else { LEAST_SLEEP };
        self.full_seals = full_seals;
        self.nap = longer.min(self.pace.flush_interval).clamp(LEAST_SLEEP, MOST_SLEEP);
        self.nap
    }

    /// Whether there was nothing to do for a while and nothing is to be expected. Without a descriptor
    /// nobody could end a doze.
    fn is_at_rest(&mut self, now: Instant) -> bool {
        if !self.is_done() || !self.ways.is_settled() || self.intake.waker().descriptor().is_none() {
            self.busy_at = now;
        }
        now.saturating_duration_since(self.busy_at) >= DOZE_AFTER
    }
}
