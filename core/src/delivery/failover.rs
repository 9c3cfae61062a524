//! The endpoints of a client: one serves, the others wait for their turn.
//!
//! A client starts at its first choice, which is a different one from client to client, and moves on when an
//! endpoint fails. Each endpoint has its own backoff. While a worse one serves, a thread of its own tries
//! the first choice now and then, so that nothing that is being delivered waits for it.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::in_flight::Since;
use crate::net::{Deadline, TransportError};
use crate::sys::sync::lock;
use crate::sys::thread;
use crate::transport::{Endpoint, Transport};

/// Makes the transport for the endpoint with this number.
pub(crate) type Opener = Arc<dyn Fn(usize) -> Box<dyn Transport> + Send + Sync>;

/// Losses of an established connection that are met without a pause after something was delivered: what it
/// takes to suspect a chunk instead of the collector.
const GRACE: u32 = 3;

/// Longest pause that a collector may ask for.
const MOST_WISH: Duration = Duration::from_secs(3600);

/// One endpoint.
pub(super) struct Way {
    number: usize,
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
    /// Chunks with events that it took.
    delivered: u64,
    grace: u32,
    pub(super) is_reported_down: bool,
}

impl Way {
    /// When the next attempt may be made, when there is a pause.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        self.retry_at.max(self.wished)
    }

    pub(super) fn must_wait(&self, now: Instant) -> bool {
        self.ready_at().is_some_and(|at| now < at)
    }

    pub(super) fn since(&self) -> Since {
        Since { way: self.number, delivered: self.delivered }
    }

    /// It is open from `now` on.
    pub(super) fn connected(&mut self, now: Instant) {
        self.is_connected = true;
        self.backoff.in_service(now);
    }

    /// It took a chunk with events.
    pub(super) fn has_delivered(&mut self) {
        self.is_warm = true;
        self.delivered += 1;
        self.grace = GRACE;
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
        self.backoff.leave_service(now);
    }

    /// Whether this is its first failure in a long time.
    pub(super) fn is_fresh(&self) -> bool {
        self.backoff.is_fresh()
    }

    /// Backs off after a failure, for `most` at the longest; gives the pause.
    pub(super) fn back_off(&mut self, now: Instant, most: Duration) -> Duration {
        let pause = self.backoff.after_failure(now).min(most);
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
    pub(super) fn spread(&mut self, now: Instant) {
        self.retry_at = self.retry_at.max(Some(now + self.backoff.spread()));
    }
}

/// Where a thread leaves the transport that it connected.
type Found = Arc<Mutex<Option<Result<Box<dyn Transport>, TransportError>>>>;

/// An attempt at the first choice on a thread of its own.
struct Probe {
    thread: JoinHandle<()>,
    result: Found,
}

pub(super) struct Ways {
    pub(super) serving: Way,
    others: Vec<Way>,
    first: usize,
    open: Opener,
    probe: Option<Probe>,
    /// An open connection to the first choice, while another one serves.
    found: Option<Box<dyn Transport>>,
}

impl Ways {
    /// `None` without an endpoint. `first` is the number of the first choice.
    pub(super) fn new(
        endpoints: Vec<Endpoint>,
        first: usize,
        open: Opener,
        backoff: impl Fn() -> Backoff,
    ) -> Option<Ways> {
        let mut others: Vec<Way> = endpoints
            .into_iter()
            .enumerate()
            .map(|(number, endpoint)| Way {
                number,
                endpoint,
                transport: open(number),
                backoff: backoff(),
                retry_at: None,
                wished: None,
                is_connected: false,
                is_warm: false,
                delivered: 0,
                grace: GRACE,
                is_reported_down: false,
            })
            .collect();
        let index = others.iter().position(|way| way.number == first).unwrap_or_default();
        if others.is_empty() {
            return None;
        }
        let serving = others.swap_remove(index);
        Some(Ways { first: serving.number, serving, others, open, probe: None, found: None })
    }

    /// Ends the pauses of our own choice.
    pub(super) fn hurry(&mut self) {
        self.serving.retry_at = None;
        if !self.serving.is_connected {
            self.others.iter_mut().for_each(|way| way.retry_at = None);
        }
    }

    /// Whether the endpoint of `since` delivered something in the meantime.
    pub(super) fn has_delivered(&self, since: Since) -> bool {
        std::iter::once(&self.serving)
            .chain(&self.others)
            .any(|way| way.number == since.way && way.delivered > since.delivered)
    }

    /// Makes the best endpoint serve: one that needs no pause, the first choice and those after it before
    /// others, else the one whose pause ends first. True when it is another one.
    pub(super) fn move_on(&mut self, now: Instant) -> bool {
        let count = self.others.len() + 1;
        let key = |way: &Way| (way.ready_at().max(Some(now)), (way.number + count - self.first) % count);
        let best = self.others.iter().enumerate().min_by_key(|(_, way)| key(way));
        let Some((index, best)) = best else { return false };
        if key(best) >= key(&self.serving) {
            return false;
        }
        self.serve(index, now);
        true
    }

    fn serve(&mut self, index: usize, now: Instant) {
        if let Some(way) = self.others.get_mut(index) {
            std::mem::swap(&mut self.serving, way);
        }
        if self.serving.number == self.first
            && let Some(found) = self.found.take()
        {
            self.serving.transport = found;
            self.serving.connected(now);
        }
    }

    /// Sees to the way back to the first choice. Gives what is to be said about a failed attempt.
    pub(super) fn look_back(&mut self, now: Instant, connect_timeout: Duration) -> Option<String> {
        if let Some(probe) = &self.probe {
            // Asked first: what the thread leaves, it leaves before its end.
            let has_ended = probe.thread.is_finished();
            let result = match lock(&probe.result).take() {
                Some(result) => result.map_err(|fault| fault.text),
                None if has_ended => Err("the attempt ended early".to_owned()),
                None => return None,
            };
            self.probe = None;
            return self.learn(result, now);
        }
        let is_away = self.serving.number != self.first && self.serving.is_connected;
        let first = self.others.iter().find(|way| way.number == self.first)?;
        if is_away && self.found.is_none() && !first.must_wait(now) {
            let result = Found::default();
            let report = Arc::clone(&result);
            let (open, first) = (Arc::clone(&self.open), self.first);
            let started = thread::spawn("mona-probe", move || {
                let mut transport = open(first);
                let result = transport.connect(Deadline::after(connect_timeout));
                // Where the sender is gone by now, it is closed with this thread.
                *lock(&report) = Some(result.map(|()| transport));
            });
            match started {
                Ok(thread) => self.probe = Some(Probe { thread, result }),
                Err(error) => {
                    return self.learn(Err(format!("the system has no thread left: {error}")), now);
                }
            }
        }
        None
    }

    fn learn(&mut self, result: Result<Box<dyn Transport>, String>, now: Instant) -> Option<String> {
        // It may serve already.
        let first = self.others.iter_mut().find(|way| way.number == self.first)?;
        match result {
            Ok(transport) => {
                first.retry_at = None;
                self.found = Some(transport);
                None
            }
            Err(text) => {
                first.back_off(now, Duration::MAX);
                Some(format!("collector {}: {text}", first.endpoint))
            }
        }
    }

    /// Whether a better endpoint is connected already.
    pub(super) fn is_returning(&self) -> bool {
        self.found.is_some()
    }

    /// Whether there is no way back to see to.
    pub(super) fn is_settled(&self) -> bool {
        self.serving.number == self.first && self.probe.is_none()
    }

    /// Makes the first choice serve, when it was found to be back. Nothing may be on its way.
    pub(super) fn return_to_first(&mut self, deadline: Instant, now: Instant) -> bool {
        let index = self.others.iter().position(|way| way.number == self.first);
        let Some(index) = index.filter(|_| self.found.is_some()) else { return false };
        self.serving.close(deadline, now);
        self.serve(index, now);
        true
    }
}
