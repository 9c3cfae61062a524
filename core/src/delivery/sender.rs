//! The loop of the sender thread: take commands, seal what is old enough, deliver, sleep.
//!
//! The thread is started by the client's runtime and lives until a drain is done or a stop is asked for. A panic is
//! contained here; what was in hand and what was asked for is still there when the loop goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::control::Phase;
use super::deliver::Move;
use super::running::{LastFlush, MOST_SLEEP, Running, Sender};
use super::spooling::SPOOL_TIME;
use crate::config::Settings;
use crate::diag::stats::count;
use crate::sys::poll::wait_readable;
use crate::sys::thread;

/// How long nothing is to do before the sender is idle, so that a program that exports now and then never has
/// to wake it.
pub(super) const IDLE_AFTER: Duration = Duration::from_secs(1);

/// Longest sleep of an idle sender. A look at a cold machine takes some 50 to 100 µs; a connection that became
/// too old for another request meanwhile is seen to before the next one.
const MOST_IDLE: Duration = Duration::from_secs(5);

/// Shortest sleep, whatever the flush interval: a look takes microseconds, so this stays below one
/// percent of a core.
const LEAST_SLEEP: Duration = Duration::from_millis(1);

impl Sender {
    /// The body of the thread: runs until a close is done or given up.
    pub(crate) fn run(self, settings: &Settings) {
        let intake = Arc::clone(&self.intake);
        // Not on the stack, which a forked child has not: what it holds stays reachable there.
        if let Some(mut running) = Running::new(self, settings).map(Box::new) {
            running.run();
        }
        intake.end_last_flush();
    }
}

impl Running {
    fn run(&mut self) {
        let is_done = thread::contained(self, Running::until_done, |running| {
            count(&running.counters.worker_panics);
            running.log.error("panic", || "a bug in libmona was contained on the sender thread".to_owned());
            running.forget_connection(Instant::now());
            if let Some(depot) = &running.depot {
                depot.forget_take();
            }
        });
        if !is_done {
            self.spool_rest();
            self.intake.give_up();
        }
    }

    /// Leaves to the spool, where there is one, what the sender cannot deliver any more.
    fn spool_rest(&mut self) {
        let Some(depot) = &self.depot else { return };
        self.intake.close();
        let sequence = self.intake.seal_for_last_flush();
        depot.ask_for_last(&self.intake);
        self.intake.wait_settled(sequence, Instant::now() + SPOOL_TIME);
    }

    fn until_done(&mut self) {
        loop {
            self.obey();
            if matches!(self.phase, Phase::Stopped) {
                break;
            }
            let drain_deadline = self.phase.drain_deadline();
            let is_draining = drain_deadline.is_some();
            self.look(is_draining);
            if let Err(error) = self.advance() {
                self.fail(&error, is_draining);
            }
            self.end_last_flush();
            if let Some(deadline) = drain_deadline
                && self.is_drained()
            {
                self.failover.serving.close(deadline, Instant::now());
                return;
            }
            self.sleep();
        }
        self.failover.serving.disconnect(Instant::now());
    }

    /// Takes what others ask for. Whoever asks for anything waits for delivery.
    fn obey(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            self.phase.obey(command);
            self.failover.hurry();
            self.quarantine.hurry();
        }
        if self.must_begin_last_flush() {
            self.last_flush = LastFlush::Until(self.intake.seal_for_last_flush());
            self.failover.hurry();
            self.quarantine.hurry();
        }
    }

    /// Tells the thread that exits when all is settled that it waits for.
    fn end_last_flush(&mut self) {
        if let LastFlush::Until(sequence) = self.last_flush
            && self.intake.is_settled(sequence)
        {
            self.last_flush = LastFlush::Over;
            self.intake.end_last_flush();
        }
    }

    /// Seals what threads wrote and left for long enough, and sees to the way back to a better endpoint.
    fn look(&mut self, is_draining: bool) {
        let now = Instant::now();
        let interval = if is_draining { Duration::ZERO } else { self.pace.flush_interval };
        if now >= self.next_look || is_draining {
            self.next_seal = self.intake.collect(self.last_look, now, interval);
            self.next_look = now + self.intake.pause_between_looks().min(interval / 8);
            self.last_look = now;
        }
        if let Some(depot) = &self.depot {
            depot.nudge(&self.intake);
        }
        if !is_draining && let Some(line) = self.failover.look_back(now, self.pace.connect_timeout) {
            count(&self.counters.connect_failures);
            self.log.debug(|| line);
        }
    }

    /// Waits for an ack, a wake-up or the next thing to do.
    fn sleep(&mut self) {
        let intake = Arc::clone(&self.intake);
        let waker = intake.waker();
        waker.renew();
        waker.announce_sleep();
        let now = Instant::now();
        let mut is_idle = false;
        if self.next_move(now) == Move::Rest && !self.must_look() {
            if self.has_waiting() {
                // What waits is left alone until the collector, time or a command moves it.
                waker.announce_told();
            }
            is_idle = self.is_at_rest(now) && intake.idle();
            let most = self.next_nap();
            let latest = now + if is_idle { MOST_IDLE } else { most };
            let ready = self.failover.serving.ready_at().filter(|at| *at > now);
            let deadlines = [self.ack_deadline(), self.silence_deadline()];
            let next_seal = self.next_seal.map(|at| at.max(self.next_look));
            let times = [next_seal, ready, self.quarantine.retry_at(now)].into_iter().chain(deadlines);
            let until = times.flatten().min().map_or(latest, |at| at.min(latest));
            let descriptors = [waker.descriptor(), self.failover.serving.transport.descriptor()];
            let descriptors: Vec<_> = descriptors.into_iter().flatten().collect();
            wait_readable(&descriptors, until.saturating_duration_since(now));
        }
        waker.awake();
        if is_idle {
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
    /// nobody could wake an idle sender.
    pub(super) fn is_at_rest(&mut self, now: Instant) -> bool {
        if !self.is_done() || !self.failover.is_settled() || self.intake.waker().descriptor().is_none() {
            self.busy_at = now;
        }
        now.saturating_duration_since(self.busy_at) >= IDLE_AFTER
    }
}
