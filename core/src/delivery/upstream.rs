//! One endpoint as the sender sees it: its transport, its backoff and what it has delivered.

use std::time::{Duration, Instant};

use super::answers::Answers;
use super::backoff::Backoff;
use super::refusals::Refusals;
use crate::net::Deadline;
use crate::transport::{Endpoint, Transport};

/// Losses of an established connection that are met without a pause after something was delivered: what it
/// takes to quarantine a chunk instead of leaving the collector alone.
const GRACE: u32 = 3;

/// How long an endpoint that took what it seemed to refuse is one whose losses are no answer.
const WAVERS_FOR: Duration = Duration::from_secs(60);

/// Longest pause that a collector may ask for.
const MOST_WISH: Duration = Duration::from_secs(3600);

/// What an endpoint had delivered at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since {
    /// The number of the endpoint.
    pub(super) endpoint: usize,
    /// Chunks with events that it had taken by then.
    pub(super) delivered: u64,
    /// Chunks without events that it had taken by then, after it refused something.
    pub(super) empties: u64,
}

pub(super) struct Upstream {
    pub(super) number: usize,
    pub(super) endpoint: Endpoint,
    pub(super) transport: Box<dyn Transport>,
    backoff: Backoff,
    /// No attempt before this, by our own choice.
    retry_at: Option<Instant>,
    /// No attempt before this, by the collector's.
    wished: Option<Instant>,
    pub(super) is_connected: bool,
    /// It took something since it failed last.
    pub(super) is_warm: bool,
    /// Connections that broke at a chunk without events since it took one, and when the last one did.
    lost_probes: u32,
    lost_probe_at: Option<Instant>,
    /// It took nothing since that.
    is_cold: bool,
    /// When it took something that it had seemed to refuse.
    wavered_at: Option<Instant>,
    /// Chunks with events that it took.
    delivered: u64,
    pub(super) refusals: Refusals,
    grace: u32,
    pub(super) answers: Answers,
    pub(super) is_reported_down: bool,
}

impl Upstream {
    pub(super) fn new(
        number: usize,
        endpoint: Endpoint,
        transport: Box<dyn Transport>,
        backoff: Backoff,
    ) -> Upstream {
        Upstream {
            number,
            endpoint,
            transport,
            backoff,
            retry_at: None,
            wished: None,
            is_connected: false,
            is_warm: false,
            lost_probes: 0,
            lost_probe_at: None,
            is_cold: false,
            wavered_at: None,
            delivered: 0,
            refusals: Refusals::default(),
            grace: GRACE,
            answers: Answers::new(),
            is_reported_down: false,
        }
    }

    /// When the next attempt may be made, when there is a pause.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        self.retry_at.max(self.wished)
    }

    pub(super) fn must_wait(&self, now: Instant) -> bool {
        self.ready_at().is_some_and(|at| now < at)
    }

    pub(super) fn since(&self) -> Since {
        Since { endpoint: self.number, delivered: self.delivered, empties: self.refusals.empties() }
    }

    /// It is open from `now` on.
    pub(super) fn connected(&mut self, now: Instant) {
        self.is_connected = true;
        self.backoff.in_service(now);
    }

    /// It took a chunk, of events or of none.
    pub(super) fn has_served(&mut self) {
        self.is_warm = true;
        self.is_cold = false;
    }

    /// It took a chunk without events.
    pub(super) fn has_taken_probe(&mut self) {
        self.lost_probes = 0;
    }

    /// It broke the connection at a chunk without events.
    pub(super) fn loses_probe(&mut self, now: Instant) {
        self.lost_probes = self.lost_probes.saturating_add(1);
        self.lost_probe_at = Some(now);
        self.is_cold = true;
    }

    /// Whether chunks without events had better be left out: it took nothing since it broke the connection at one,
    /// or took events between two such losses not long ago.
    pub(super) fn refuses_probes(&self, now: Instant) -> bool {
        let is_lately = self.lost_probe_at.is_some_and(|at| now < at + WAVERS_FOR);
        self.lost_probes > 0 && (self.is_cold || self.lost_probes > 1 && is_lately)
    }

    /// Whether a trial may go before other chunks. An endpoint that says what it refuses has nothing to show first.
    pub(super) fn may_try(&self) -> bool {
        if self.transport.refuses_silently() { self.is_warm } else { self.refusals.is_none() }
    }

    /// It took what it had seemed to refuse.
    pub(super) fn wavers(&mut self, now: Instant) {
        self.wavered_at = Some(now);
    }

    /// Whether a loss there is an answer: nothing that was lost got through later.
    pub(super) fn is_steady(&self, now: Instant) -> bool {
        self.wavered_at.is_none_or(|at| now >= at + WAVERS_FOR)
    }

    /// It took a chunk with events.
    pub(super) fn has_delivered(&mut self) {
        self.has_served();
        self.delivered += 1;
        self.grace = GRACE;
        if self.transport.confirms() {
            self.backoff.reset();
        }
    }

    /// Whether the next attempt may follow at once; each such is paid for by something delivered.
    pub(super) fn take_grace(&mut self) -> bool {
        let rest = self.grace.checked_sub(1);
        self.grace = rest.unwrap_or_default();
        rest.is_some()
    }

    /// Ends the connection at once.
    pub(super) fn disconnect(&mut self, now: Instant) {
        self.transport.disconnect();
        self.is_warm = false;
        self.forget_connection(now);
    }

    /// Ends the connection such that nothing sent is lost.
    pub(super) fn close(&mut self, deadline: Instant, now: Instant) {
        self.transport.close(Deadline::at(deadline));
        self.forget_connection(now);
    }

    fn forget_connection(&mut self, now: Instant) {
        self.is_connected = false;
        self.answers.forget_connection();
        self.backoff.leave_service(now);
    }

    /// Whether this is its first failure in a long time.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.backoff.is_fresh(now)
    }

    /// Backs off after a failure, for `most` at the longest; gives the pause.
    pub(super) fn back_off(&mut self, now: Instant, most: Duration) -> Duration {
        let pause = self.backoff.after_failure(now);
        self.wait(pause.min(most), now)
    }

    /// Backs off after the loss of an open connection, which may be a refusal, for `most` at the longest; gives
    /// the pause.
    pub(super) fn back_off_from_loss(&mut self, now: Instant, most: Duration) -> Duration {
        let pause = self.backoff.after_loss(now);
        self.wait(pause.min(most), now)
    }

    fn wait(&mut self, pause: Duration, now: Instant) -> Duration {
        self.retry_at = Some(now + pause);
        pause
    }

    /// Waits for as long as the collector asks; gives the pause.
    pub(super) fn obey(&mut self, wish: Duration, now: Instant) -> Duration {
        let pause = wish.min(MOST_WISH);
        self.wished = Some(now + pause);
        pause
    }

    /// Waits a moment so that the clients of a lost collector do not come all at once.
    pub(super) fn jitter(&mut self, now: Instant) {
        self.retry_at = self.retry_at.max(Some(now + self.backoff.jitter()));
    }

    /// Ends the pause of our own choice.
    pub(super) fn hurry(&mut self) {
        self.retry_at = None;
    }
}
