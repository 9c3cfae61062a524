//! The endpoints of a client: one serves, the others wait for their turn.
//!
//! A client starts at its first choice, which is a different one from client to client, and moves on when an
//! endpoint fails. Each endpoint has its own backoff. While a worse one serves, a thread of its own tries
//! the first choice now and then, so that nothing that is being delivered waits for it.
//!
//! With `balance=spread` there is no first choice: each connection begins with a draw among all places, and whoever
//! serves then is as good as any other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::backoff::Backoff;
use super::upstream::Upstream;
use crate::net::{Deadline, TransportError};
use crate::sys::id;
use crate::sys::poll::wait_readable;
use crate::sys::thread;
use crate::transport::{Asking, Chunk, Endpoint, Sent, Transport};

/// Longest time for the names of all endpoints before a draw; one without an answer by then has no chance in it.
const MOST_LOOK_AROUND: Duration = Duration::from_secs(1);

/// Makes the transport for the endpoint with this number.
pub(crate) type Opener = Arc<dyn Fn(usize) -> Box<dyn Transport> + Send + Sync>;

/// The connection that an attempt on a thread of its own has made.
type Found = Result<Box<dyn Transport>, TransportError>;

pub(super) struct Failover {
    pub(super) serving: Upstream,
    others: Vec<Upstream>,
    first: usize,
    open: Opener,
    is_spread: bool,
    /// What an attempt at the first choice will find, while there is one.
    probe: Option<Receiver<Found>>,
    /// An open connection to the first choice, while another one serves.
    found: Option<Box<dyn Transport>>,
}

impl Failover {
    /// `None` without an endpoint. `first` is the number of the first choice.
    pub(super) fn new(
        endpoints: Vec<Endpoint>,
        first: usize,
        open: Opener,
        is_spread: bool,
        backoff: impl Fn() -> Backoff,
    ) -> Option<Failover> {
        let numbered = endpoints.into_iter().enumerate();
        let mut others: Vec<Upstream> = numbered
            .map(|(number, endpoint)| Upstream::new(number, endpoint, open(number), backoff()))
            .collect();
        let index = others.iter().position(|upstream| upstream.number == first).unwrap_or_default();
        if others.is_empty() {
            return None;
        }
        let serving = others.swap_remove(index);
        Some(Failover { first: serving.number, serving, others, open, is_spread, probe: None, found: None })
    }

    /// Ends the pauses of our own choice.
    pub(super) fn hurry(&mut self) {
        self.serving.hurry();
        if !self.serving.is_connected {
            self.others.iter_mut().for_each(Upstream::hurry);
        }
    }

    /// Makes the best endpoint serve: one that needs no pause, those that answer before others, the first choice
    /// and those after it before others, else the one whose pause ends first. True when it is another one.
    pub(super) fn move_on(&mut self, now: Instant) -> bool {
        let count = self.others.len() + 1;
        let key = |upstream: &Upstream| {
            let order = (upstream.number + count - self.first) % count;
            (upstream.ready_at().max(Some(now)), upstream.answers.is_silent, order)
        };
        let best = self.others.iter().enumerate().min_by_key(|(_, upstream)| key(upstream));
        let Some((index, best)) = best else { return false };
        if key(best) >= key(&self.serving) {
            return false;
        }
        self.serve(index, now);
        true
    }

    /// When another endpoint that is not known for silence needs no pause; no moment is now.
    pub(super) fn next_free(&self) -> Option<Option<Instant>> {
        self.others.iter().filter(|upstream| !upstream.answers.is_silent).map(Upstream::ready_at).min()
    }

    /// Draws who serves next, where a connection is to be made and all are alike: each endpoint with as many chances as
    /// it has places. Those that need a pause or are known for silence have none.
    pub(super) fn draw(&mut self, now: Instant) {
        if !self.is_spread || self.others.is_empty() {
            return;
        }
        let deadline = Deadline::after(MOST_LOOK_AROUND);
        let places = |upstream: &mut Upstream| {
            let is_out = upstream.must_wait(now) || upstream.answers.is_silent;
            if is_out { 0 } else { upstream.transport.places(deadline) }
        };
        let own = places(&mut self.serving);
        let others: Vec<usize> = self.others.iter_mut().map(places).collect();
        let all = own + others.iter().sum::<usize>();
        // Below the sum, as the fraction is below 1.
        let mut drawn = (id::random_fraction() * all as f64) as usize;
        if drawn < own || all == 0 {
            return;
        }
        drawn -= own;
        for (index, places) in others.into_iter().enumerate() {
            if drawn < places {
                return self.serve(index, now);
            }
            drawn -= places;
        }
    }

    fn serve(&mut self, index: usize, now: Instant) {
        if let Some(upstream) = self.others.get_mut(index) {
            std::mem::swap(&mut self.serving, upstream);
        }
        if self.is_spread {
            self.first = self.serving.number;
        }
        if self.serving.number == self.first
            && let Some(mut found) = self.found.take()
        {
            if found.asking() == Asking::Yet {
                found.ask(self.serving.transport.asking());
            }
            self.serving.transport = found;
            self.serving.connected(now);
            if self.serving.answers.is_silent {
                // It was found because it answered.
                let patience = self.serving.answers.patience;
                self.serving.answers.came(patience);
            }
        }
    }

    /// Sees to the way back to the first choice. Gives what is to be said about a failed attempt.
    pub(super) fn look_back(&mut self, now: Instant, connect_timeout: Duration) -> Option<String> {
        if let Some(probe) = &self.probe {
            let result = match probe.try_recv() {
                Ok(found) => found.map_err(|error| error.text),
                Err(TryRecvError::Disconnected) => Err("the attempt ended early".to_owned()),
                Err(TryRecvError::Empty) => return None,
            };
            self.probe = None;
            return self.learn(result, now);
        }
        let is_away = self.serving.number != self.first && self.serving.is_connected;
        let first = self.others.iter().find(|upstream| upstream.number == self.first)?;
        if !is_away || self.found.is_some() || first.must_wait(now) {
            return None;
        }
        let (report, result) = bounded(1);
        // Where nobody read, a connection alone says nothing.
        let patience = first.answers.is_silent.then_some(first.answers.patience);
        let (open, first) = (Arc::clone(&self.open), self.first);
        let started = thread::spawn("mona-probe", move || {
            let mut transport = open(first);
            let mut result = transport.connect(Deadline::after(connect_timeout));
            if let Some(patience) = patience {
                result = result.and_then(|()| await_answer(&mut *transport, Deadline::after(patience)));
            }
            // Where the sender is gone by now, the connection is closed with this thread.
            let _ = report.send(result.map(|()| transport));
        });
        match started {
            Ok(_) => {
                self.probe = Some(result);
                None
            }
            Err(error) => self.learn(Err(format!("the system has no thread left: {error}")), now),
        }
    }

    fn learn(&mut self, result: Result<Box<dyn Transport>, String>, now: Instant) -> Option<String> {
        // It may serve already.
        let first = self.others.iter_mut().find(|upstream| upstream.number == self.first)?;
        match result {
            Ok(transport) => {
                first.hurry();
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

    /// Whether the first choice serves and nothing is tried.
    pub(super) fn is_settled(&self) -> bool {
        self.serving.number == self.first && self.probe.is_none()
    }

    /// Makes the first choice serve, when it was found to be back. Nothing may be on its way.
    pub(super) fn return_to_first(&mut self, deadline: Instant, now: Instant) -> bool {
        let index = self.others.iter().position(|upstream| upstream.number == self.first);
        let Some(index) = index.filter(|_| self.found.is_some()) else { return false };
        self.serving.close(deadline, now);
        self.serve(index, now);
        true
    }
}

/// Sends a chunk without events and waits for its ack.
fn await_answer(transport: &mut dyn Transport, deadline: Deadline) -> Result<(), TransportError> {
    let chunk = Chunk::empty();
    if transport.send(&chunk, deadline)? != Sent::AwaitsAck {
        return Ok(());
    }
    while !deadline.is_over() {
        match transport.next_ack()? {
            Some(id) if id == chunk.id() => return Ok(()),
            Some(_) => return Err(TransportError::new("ack", "the ack names another chunk")),
            None => {
                let descriptors: Vec<_> = transport.descriptor().into_iter().collect();
                wait_readable(&descriptors, deadline.left());
            }
        }
    }
    Err(TransportError::new("ack", "connected, an empty chunk is not acknowledged"))
}
