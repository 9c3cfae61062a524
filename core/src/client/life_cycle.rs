//! The end of waiting: flush, close, and the numbers that say what became of everything.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::inner::Inner;
use super::runtime::{Runtime, START_PAUSE};
use crate::delivery::SPOOL_TIME;
use crate::diag::error::{Error, Result, Status};
use crate::diag::stats::{Stats, read};
use crate::sys::call;
use crate::sys::fork::ForkLocal;

/// How much longer than `exit_flush_ms` the end of the default client may take while a handshake moves: TLS and a
/// shared key take half a second each at real collectors, and more under load.
const HANDSHAKE_TIME: Duration = Duration::from_secs(3);

/// For the farewell of a sender that was done late: as long as a collector may take to close its side.
const FAREWELL_TIME: Duration = Duration::from_secs(1);

/// For locks that are held for a few instructions, where a call has no time-out of its own.
pub(super) const LOOK_TIME: Duration = Duration::from_millis(100);

/// Pauses between two looks of a thread that exits, which must not wait on a lock.
const FIRST_NAP: Duration = Duration::from_micros(50);
const MOST_NAP: Duration = Duration::from_millis(1);

/// Time for the last events of a client that is dropped without a close.
const DROP_TIMEOUT: Duration = Duration::from_secs(1);

impl Inner {
    pub(crate) fn flush(&self, timeout: Duration) -> Result<()> {
        let Some(runtime) = self.runtime.existing() else { return Ok(()) };
        let deadline = Instant::now() + timeout;
        self.start_missing_threads(runtime, deadline);
        let sealed = runtime.intake.seal_until(deadline);
        runtime.control.flush();
        let is_settled = |until| sealed.is_some_and(|sequence| self.await_settled(runtime, sequence, until));
        let is_done = match &runtime.depot {
            None => is_settled(deadline),
            // What is not delivered by then has time to go to the disk.
            Some(depot) => {
                is_settled(deadline - SPOOL_TIME.min(timeout / 2)) || {
                    depot.ask_for_rest(&runtime.intake);
                    is_settled(deadline)
                }
            }
        };
        if is_done {
            return self.refuse_what_a_close_gave_up(runtime);
        }
        let (ms, why) = (timeout.as_millis(), runtime.counters.trouble.because());
        Err(Error::new(
            Status::Timeout,
            format!("flush: the {ms} ms are over, what is left is still being sent{why}"),
        ))
    }

    /// What a close gave up is settled as well, and was neither delivered nor spooled.
    fn refuse_what_a_close_gave_up(&self, runtime: &Runtime) -> Result<()> {
        if !self.is_closed.load(Ordering::SeqCst) {
            return Ok(());
        }
        match runtime.intake.ledger().dropped_closed {
            0 => Ok(()),
            lost => Err(Error::new(
                Status::Closed,
                format!("flush: the client was closed, {lost} events were given up"),
            )),
        }
    }

    /// The flush at the end of the process, for as long as the options say, and longer while a handshake moves. The
    /// sender does all of it: a signal handler may have ended the process in the middle of a call, whose locks are
    /// never opened again.
    pub(crate) fn flush_at_exit(&self) {
        let timeout = self.settings.exit_flush;
        let Some(runtime) = self.runtime.existing().filter(|_| !timeout.is_zero()) else { return };
        let start = Instant::now();
        let (deadline, latest) = (start + timeout, self.latest_end(start, timeout));
        if !call::is_inside() {
            if !runtime.intake.may_hold_events(start + LOOK_TIME) {
                return;
            }
            self.start_missing_threads(runtime, start + LOOK_TIME);
        }
        if !runtime.intake.has_started() {
            return;
        }
        runtime.intake.ask_for_last_flush();
        let mut nap = FIRST_NAP;
        let (mut until, mut may_spool) = (deadline, runtime.depot.is_some());
        while !runtime.intake.is_last_flush_over() {
            let now = Instant::now();
            if now >= until {
                match runtime.moves_until(now) {
                    Some(at) if until < latest => until = at.min(latest),
                    _ if may_spool => {
                        runtime.intake.ask_to_spool_rest();
                        (until, may_spool) = (now + SPOOL_TIME, false);
                    }
                    _ => return,
                }
            }
            std::thread::sleep(nap.min(until.saturating_duration_since(now)));
            nap = (nap * 2).min(MOST_NAP);
        }
    }

    /// Waits until everything below `sequence` is settled: until `deadline`, and until `latest` while a handshake moves.
    fn wait_settled(&self, runtime: &Runtime, sequence: u64, deadline: Instant, latest: Instant) -> bool {
        let mut until = deadline;
        while !self.await_settled(runtime, sequence, until) {
            match runtime.moves_until(Instant::now()) {
                Some(at) if until < latest => until = at.min(latest),
                _ => return false,
            }
        }
        true
    }

    /// Waits until everything below `sequence` is settled, until `deadline`, and starts the sender meanwhile where the
    /// system had no thread left.
    fn await_settled(&self, runtime: &Runtime, sequence: u64, deadline: Instant) -> bool {
        loop {
            let soon = Instant::now() + START_PAUSE;
            if runtime.intake.has_started() || soon >= deadline {
                return runtime.intake.wait_settled(sequence, deadline);
            }
            if runtime.intake.wait_settled(sequence, soon) {
                return true;
            }
            self.start_missing_threads(runtime, deadline);
        }
    }

    /// When an end that began at `start` and was given `timeout` is over at the latest.
    fn latest_end(&self, start: Instant, timeout: Duration) -> Instant {
        let is_waited_for = self.is_default.load(Ordering::Relaxed) && !timeout.is_zero();
        let most = if is_waited_for { self.settings.exit_flush + HANDSHAKE_TIME } else { Duration::ZERO };
        start + timeout.max(most)
    }

    pub(crate) fn close(&self, timeout: Duration) -> Result<()> {
        let _inside = call::hold();
        if self.is_closed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let Some(runtime) = self.runtime.existing() else { return Ok(()) };
        let start = Instant::now();
        let (deadline, latest) = (start + timeout, self.latest_end(start, timeout));
        runtime.watch_inbox.stop();
        runtime.intake.close();
        self.start_missing_threads(runtime, deadline);
        let sealed = runtime.intake.seal_until(deadline.max(start + LOOK_TIME));
        let end = runtime.control.drain(latest);
        let is_delivered =
            sealed.is_some_and(|sequence| self.wait_settled(runtime, sequence, deadline, latest));
        let spool_end = spool_end(deadline, Instant::now());
        let is_settled = is_delivered || spool_rest(runtime, sealed, spool_end);
        if is_delivered && runtime.intake.has_started() {
            let now = Instant::now();
            let is_late = now > deadline;
            // Disconnected when the sender has ended, else the time is over.
            let _ = end.recv_deadline(if is_late { latest.min(now + FAREWELL_TIME) } else { deadline });
        }
        if !is_settled {
            runtime.intake.give_up();
        }
        runtime.control.stop();
        // Also where the sender has ended: an attempt at a better endpoint may be under way.
        runtime.abort();
        runtime.intake.waker().wake();
        end_spool(runtime, &end, spool_end);
        let lost = runtime.intake.ledger().dropped_closed;
        if is_settled && lost == 0 {
            return Ok(());
        }
        if is_settled {
            // The sender gave them up when it ended, and that is in the log.
            let text = format!("close: {lost} events were given up after a bug in libmona");
            return Err(Error::new(Status::Timeout, text));
        }
        self.log.error("close", || {
            format!(
                "close: {lost} events were given up, a reachable collector or a longer time-out is expected"
            )
        });
        let (ms, why) = (timeout.as_millis(), runtime.counters.trouble.because());
        Err(Error::new(
            Status::Timeout,
            format!("close: the {ms} ms are over, {lost} events were given up{why}"),
        ))
    }

    /// The counters at one moment; `None` where a thread holds what they are made of until `deadline`.
    pub(crate) fn stats_until(&self, deadline: Instant) -> Option<Stats> {
        let runtime = self.runtime();
        let (ledger, accepted, held) = runtime.intake.look_until(deadline)?;
        let skipped_disabled = runtime.intake.skipped_until(deadline)?;
        let counters = &runtime.counters;
        Some(Stats {
            accepted: accepted + ledger.adopted_events,
            delivered: ledger.delivered,
            skipped_disabled,
            skipped_filtered: read(&counters.skipped_filtered),
            skipped_sampled: read(&counters.skipped_sampled),
            dropped_queue_full: ledger.dropped_queue_full,
            dropped_too_big: ledger.dropped_too_big,
            dropped_rejected: ledger.dropped_rejected,
            dropped_spool: ledger.dropped_spool,
            dropped_closed: ledger.dropped_closed,
            queued_events: held.events as u64,
            queued_bytes: held.bytes as u64,
            spooled_events: ledger.spooled_events,
            spooled_bytes: ledger.spooled_bytes,
            chunks_sent: read(&counters.chunks_sent),
            chunks_acked: read(&counters.chunks_acked),
            chunks_resent: read(&counters.chunks_resent),
            connections: read(&counters.connections),
            connect_failures: read(&counters.connect_failures),
            config_reloads: read(&counters.config_reloads),
            worker_panics: read(&counters.worker_panics),
            refused: read(&counters.refused),
            adopted_events: ledger.adopted_events,
        })
    }
}

/// Until when a close waits for the spool, all in all, where it comes to that `now`.
fn spool_end(deadline: Instant, now: Instant) -> Instant {
    deadline.max(now) + SPOOL_TIME
}

/// Sends to the spool, where there is one, what was not delivered in time; whether all of it is there.
fn spool_rest(runtime: &Runtime, sealed: Option<u64>, end: Instant) -> bool {
    let Some(depot) = &runtime.depot else { return false };
    let sequence = sealed.unwrap_or_else(|| runtime.intake.seal_for_last_flush());
    depot.ask_for_last(&runtime.intake);
    runtime.intake.wait_settled(sequence, end) && sealed.is_some()
}

/// Ends the thread of the spool after the sender, so that what was delivered is settled on disk, and waits until the
/// spool is free for others, until `end`.
fn end_spool(runtime: &Runtime, sender: &Receiver<Infallible>, end: Instant) {
    let Some(depot) = runtime.depot.as_ref().filter(|_| runtime.has_keeper()) else { return };
    // One that is kept by the system for longer costs duplicates at most.
    let _ = sender.recv_deadline(end.min(Instant::now() + SPOOL_TIME / 2));
    depot.ask_for_end(&runtime.intake);
    runtime.intake.wait_for(|| depot.is_over(), end);
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _inside = call::hold();
        // A time-out is in the log; there is nobody left to tell.
        let _ = self.close(DROP_TIMEOUT);
        // To close a descriptor is a cancellation point.
        self.runtime = ForkLocal::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, Options, Timestamp};

    #[test]
    fn a_close_waits_for_the_spool_once() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        assert_eq!(spool_end(later, start), later + SPOOL_TIME);
        assert_eq!(spool_end(start, later), later + SPOOL_TIME);
    }

    #[test]
    fn a_close_after_the_sender_gave_up_says_so() {
        let mut options = Options::new();
        // Nobody listens there.
        options.set("endpoint", "tcp://127.0.0.1:1").unwrap();
        let client = Client::new(Some(&options)).unwrap();
        let context = client.context(None, None, Timestamp::Now).unwrap();
        context.export_json(b"{\"n\": 1}", Timestamp::Now).unwrap();
        // What the sender does before it ends for good.
        client.inner.runtime().intake.give_up();
        let error = client.close(Duration::from_secs(30)).unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert!(error.to_string().contains("1 events were given up"), "{error}");
    }

    #[test]
    fn who_waits_in_vain_is_told_why() {
        let mut options = Options::new();
        options.set("endpoint", "tcp://127.0.0.1:1").unwrap();
        let client = Client::new(Some(&options)).unwrap();
        let context = client.context(None, None, Timestamp::Now).unwrap();
        context.export_json(b"{\"n\": 1}", Timestamp::Now).unwrap();
        let why = "collector tcp://127.0.0.1:1: no connection: Connection refused";
        // However long the thread that tries takes to start.
        let mut said = String::new();
        while !said.contains("no connection") {
            said = client.flush(Duration::from_millis(20)).unwrap_err().to_string();
        }
        assert!(said.contains("flush: the 20 ms are over") && said.contains(why), "{said}");
        let said = client.close(Duration::from_millis(20)).unwrap_err().to_string();
        assert!(said.contains("close: the 20 ms are over, 1 events were given up"), "{said}");
        assert!(said.contains(why), "{said}");
    }
}
