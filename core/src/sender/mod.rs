//! The sender thread: collects what threads wrote, sends it in chunks and settles what became of them.
//!
//! One thread per client and process, started with the first export. It sleeps on its sockets; callers
//! wake it only when a buffer is full or somebody waits for delivery. A failure never loses a chunk: the
//! connection is closed, and after a backoff the same bytes go out again under the same id.

mod backoff;
mod control;
mod flight;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use backoff::Backoff;
pub(crate) use control::Control;
use flight::Flight;

use crate::buffer::Intake;
use crate::log::Log;
use crate::options::Settings;
use crate::stats::{Counters, count};
use crate::transport::{Chunk, Endpoint, Fault, Sent, Transport, wait_readable};

/// Longest sleep of an idle sender: two looks a second cost next to nothing.
const MOST_SLEEP: Duration = Duration::from_millis(500);

/// Shortest sleep, whatever the flush interval: a look takes microseconds, so this stays below one
/// percent of a core.
const LEAST_SLEEP: Duration = Duration::from_millis(1);

/// Pause between attempts while a close waits, when the backoff would outlast it.
const DRAIN_RETRY: Duration = Duration::from_millis(100);

/// Doublings of the wait for an ack: with the default of half a minute it grows to four.
const MOST_ACK_DOUBLINGS: u32 = 3;

/// Times that the thread goes on after a panic before it gives up.
const MOST_PANICS: u32 = 3;

/// What the sender works with.
pub(crate) struct Sender {
    pub(crate) intake: Arc<Intake>,
    pub(crate) control: Arc<Control>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) log: Arc<Log>,
    pub(crate) endpoint: Endpoint,
    pub(crate) transport: Box<dyn Transport>,
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
    with: Sender,
    pace: Pace,
    flight: Flight,
    backoff: Backoff,
    /// No attempt before this.
    retry_at: Option<Instant>,
    last_look: Instant,
    /// When the earliest event that is not sealed yet has waited long enough.
    next_seal: Option<Instant>,
    is_reported_down: bool,
    /// Acks that did not come since the last one that did.
    missing_acks: u32,
}

impl Sender {
    /// The body of the thread: runs until a close is done or given up.
    pub(crate) fn run(self, settings: &Settings) {
        let pace = Pace {
            flush_interval: settings.flush_interval,
            connect_timeout: settings.connect_timeout,
            io_timeout: settings.io_timeout,
            ack_timeout: settings.ack_timeout,
        };
        let mut running = Running {
            with: self,
            pace,
            flight: Flight::default(),
            backoff: Backoff::new(settings.retry_initial, settings.retry_max),
            retry_at: None,
            last_look: Instant::now(),
            next_seal: None,
            is_reported_down: false,
            missing_acks: 0,
        };
        let mut panics = 0;
        while catch_unwind(AssertUnwindSafe(|| running.until_done())).is_err() {
            panics += 1;
            count(&running.with.counters.worker_panics);
            running
                .with
                .log
                .error("panic", || "a bug in libmona was contained on the sender thread".to_owned());
            running.with.transport.disconnect();
            running.flight.forget_connection();
            if panics > MOST_PANICS {
                running.with.intake.give_up();
                break;
            }
        }
        running.with.control.end();
        running.with.intake.notify();
    }
}

impl Running {
    fn until_done(&mut self) {
        loop {
            if self.with.control.is_stopped() {
                self.with.transport.disconnect();
                return;
            }
            let drain_deadline = self.with.control.drain_deadline();
            self.look(drain_deadline.is_some());
            if let Err(fault) = self.advance() {
                self.fail(&fault, drain_deadline.is_some());
            }
            if let Some(deadline) = drain_deadline
                && self.flight.is_empty()
                && !self.with.intake.has_segments()
                && self.next_seal.is_none()
            {
                self.with.transport.close(deadline);
                return;
            }
            self.sleep();
        }
    }

    /// Seals what threads wrote and left for long enough.
    fn look(&mut self, is_draining: bool) {
        let now = Instant::now();
        let interval = if is_draining { Duration::ZERO } else { self.pace.flush_interval };
        self.next_seal = self.with.intake.collect(self.last_look, now, interval);
        self.last_look = now;
        if self.with.control.take_hurry() {
            self.retry_at = None;
        }
    }

    /// Does everything that can be done without waiting for the collector.
    fn advance(&mut self) -> Result<(), Fault> {
        if self.with.transport.is_connected() {
            self.take_acks()?;
        }
        if (self.flight.is_empty() && !self.with.intake.has_segments()) || self.must_wait() {
            return Ok(());
        }
        self.connect()?;
        while let Some(sent) = self.send_next()? {
            if sent == Sent::AwaitsAck {
                self.take_acks()?;
            }
            let is_time_to_look = self.last_look.elapsed() >= self.pace.flush_interval;
            if is_time_to_look || self.with.control.must_look() {
                break;
            }
        }
        Ok(())
    }

    fn must_wait(&self) -> bool {
        self.retry_at.is_some_and(|retry_at| Instant::now() < retry_at)
    }

    fn connect(&mut self) -> Result<(), Fault> {
        let now = Instant::now();
        if self.with.transport.is_worn() && self.flight.waiting_since().is_none() {
            self.with.transport.close(now + self.pace.io_timeout);
        }
        if self.with.transport.is_connected() {
            return Ok(());
        }
        if let Err(fault) = self.with.transport.connect(now + self.pace.connect_timeout) {
            count(&self.with.counters.connect_failures);
            return Err(fault);
        }
        count(&self.with.counters.connections);
        self.backoff.in_service(Instant::now());
        if std::mem::take(&mut self.is_reported_down) {
            self.with.log.info(|| format!("collector {}: connected again", self.with.endpoint));
        } else {
            self.with.log.debug(|| format!("collector {}: connected", self.with.endpoint));
        }
        Ok(())
    }

    /// Whether nothing new is sent so that an old connection can be replaced.
    fn rests(&self) -> bool {
        self.with.transport.is_worn() && !self.flight.is_empty()
    }

    /// Writes the next chunk, when there is one and the window has room.
    fn send_next(&mut self) -> Result<Option<Sent>, Fault> {
        if self.flight.next_unsent().is_none() {
            if self.rests() || !self.flight.has_room() {
                return Ok(None);
            }
            let Some(taken) = self.with.intake.take() else { return Ok(None) };
            let gzip = self.with.transport.takes_gzip();
            self.flight.add(Chunk::pack(taken, &self.with.intake, gzip));
        }
        let Some((chunk, was_sent)) = self.flight.next_unsent() else { return Ok(None) };
        count(&self.with.counters.chunks_sent);
        if was_sent {
            count(&self.with.counters.chunks_resent);
        }
        let deadline = Instant::now() + self.pace.io_timeout;
        let sent = self.with.transport.send(chunk, deadline);
        if matches!(sent, Ok(Sent::Delivered)) {
            if let Some(chunk) = self.flight.take_delivered() {
                self.settle_delivered(chunk);
            }
        } else {
            // A chunk whose write failed half-way may have arrived all the same.
            self.flight.mark_sent(Instant::now());
        }
        sent.map(Some)
    }

    fn take_acks(&mut self) -> Result<(), Fault> {
        while let Some(id) = self.with.transport.next_ack()? {
            let Some(chunk) = self.flight.take_acked(&id) else {
                return Err(Fault::new("ack", "an ack names a chunk that is not the oldest one on its way"));
            };
            count(&self.with.counters.chunks_acked);
            self.missing_acks = 0;
            self.settle_delivered(chunk);
        }
        if self.ack_deadline().is_some_and(|deadline| Instant::now() >= deadline) {
            self.missing_acks += 1;
            return Err(Fault::new(
                "ack",
                "no ack came in time, ack_timeout_ms is the first wait and it doubles",
            ));
        }
        Ok(())
    }

    /// When the oldest chunk on its way has waited long enough. The wait doubles with each ack that did not
    /// come, or a collector that is merely slow would get every chunk again and again.
    fn ack_deadline(&self) -> Option<Instant> {
        let wait = self.pace.ack_timeout.saturating_mul(1 << self.missing_acks.min(MOST_ACK_DOUBLINGS));
        self.flight.waiting_since().map(|since| since + wait)
    }

    fn settle_delivered(&self, chunk: Chunk) {
        self.with.intake.settle(chunk.claim(), |ledger, events| ledger.delivered += events);
        self.with.intake.give_back(chunk.into_buffer());
    }

    /// Gives the connection up; what was on its way is sent again later.
    fn fail(&mut self, fault: &Fault, is_draining: bool) {
        let was_waiting = self.flight.waiting_since().is_some();
        self.take_last_acks();
        self.with.transport.disconnect();
        self.flight.forget_connection();
        if fault.is_end && !was_waiting {
            self.with.log.debug(|| format!("collector {}: {}", self.with.endpoint, fault.text));
            return;
        }
        let now = Instant::now();
        let mut pause = self.backoff.after_failure(now);
        if is_draining {
            pause = pause.min(DRAIN_RETRY);
        }
        self.retry_at = Some(now + pause);
        self.is_reported_down = true;
        let endpoint = &self.with.endpoint;
        self.with.log.warn(fault.kind, || {
            format!("collector {endpoint}: {}; trying again in {} ms", fault.text, pause.as_millis())
        });
    }

    /// Takes the acks that came before the connection broke, so that what they name is not sent again.
    fn take_last_acks(&mut self) {
        while let Ok(Some(id)) = self.with.transport.next_ack() {
            let Some(chunk) = self.flight.take_acked(&id) else { return };
            count(&self.with.counters.chunks_acked);
            self.settle_delivered(chunk);
        }
    }

    /// Waits for an ack, a wake-up or the next thing to do.
    fn sleep(&mut self) {
        let wake = self.with.intake.wake();
        wake.announce_sleep();
        let waits_for_room = !self.flight.has_room() || self.must_wait() || self.rests();
        let has_work = !waits_for_room && self.with.intake.has_segments();
        if !has_work && !self.with.control.must_look() {
            let now = Instant::now();
            let idle = now + self.pace.flush_interval.clamp(LEAST_SLEEP, MOST_SLEEP);
            let retry = self.retry_at.filter(|at| *at > now);
            let times = [Some(idle), self.next_seal, retry, self.ack_deadline()];
            let until = times.into_iter().flatten().min().unwrap_or(idle);
            let descriptors = [wake.descriptor(), self.with.transport.descriptor()];
            let descriptors: Vec<_> = descriptors.into_iter().flatten().collect();
            wait_readable(&descriptors, until.saturating_duration_since(now));
        }
        wake.awake();
    }
}
