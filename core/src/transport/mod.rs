//! Ways to a collector, behind one trait.
//!
//! Only the sender thread calls a transport. Every call has a deadline; a failure is a [`Fault`] with a
//! sentence for the log, after which the sender disconnects, waits and sends the same chunks again.

mod abort;
mod chunk;
mod endpoint;
mod file;
mod forward;
#[cfg(feature = "http")]
mod http;
mod memory;
mod plain;
mod poll;
mod resolve;
mod socket;
mod tls;

use std::io;
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub(crate) use abort::Abort;
pub(crate) use chunk::Chunk;
pub(crate) use endpoint::Endpoint;
pub(crate) use memory::Delivered;
pub(crate) use poll::wait_readable;

use crate::log::Log;
use crate::options::Settings;
use crate::sync::lock;

/// The tag of every record.
pub(crate) const TAG: &str = "mona.client.message";

/// What lies behind a [`Fault`], which decides what the sender does next. Whatever it is, nothing is lost
/// but what a collector refuses for good.
// Only HTTP has words for some of them.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Something broke: connect again after a backoff, send the same chunks again.
    Connection,
    /// The collector asked for patience: wait as long as it says, else a backoff. The connection stays.
    Busy { retry_after: Option<Duration> },
    /// Only a person can mend it (trust, a key, a path): back off and say so in the log.
    Configuration,
    /// The chunk given to [`Transport::send`] is larger than the collector takes. The connection stays.
    TooLarge,
    /// The chunk given to [`Transport::send`] holds an event that the collector never takes. The
    /// connection stays.
    Refused,
}

/// Why a chunk did not arrive or a connection is given up.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Groups the log lines about it.
    pub(crate) kind: &'static str,
    /// What happened and what to do about it; never a secret.
    pub(crate) text: String,
    pub(crate) cause: Cause,
    /// The collector closed an idle connection, as it may at any time.
    pub(crate) is_end: bool,
}

impl Fault {
    /// A fault of [`Cause::Connection`].
    // Never inlined, like what makes errors elsewhere: there are hundreds of them, and none is awaited.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(kind: &'static str, text: impl Into<String>) -> Fault {
        Fault { kind, text: text.into(), cause: Cause::Connection, is_end: false }
    }

    pub(crate) fn because(self, cause: Cause) -> Fault {
        Fault { cause, ..self }
    }

    pub(crate) fn end() -> Fault {
        Fault { is_end: true, ..Fault::new("closed", "the collector closed the connection") }
    }

    pub(crate) fn io(kind: &'static str, what: &str, error: &io::Error) -> Fault {
        Fault::new(kind, format!("{what}: {error}"))
    }
}

/// What sending a chunk achieved.
// Only HTTP can refuse single events.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// All of it arrived.
    Delivered,
    /// All of it arrived but for these events, given by their place in the chunk, which the collector
    /// refused for good.
    Partly(Vec<usize>),
    /// It is on its way; an ack will tell.
    AwaitsAck,
}

/// One step of a check of the way to the collector.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) milliseconds: f64,
    /// What went wrong and what to do about it.
    pub(crate) fault: Option<String>,
}

#[derive(Debug, Default)]
struct Taken {
    done: Vec<Step>,
    /// The step under way and when it began.
    current: Option<(&'static str, Instant)>,
}

/// The steps of a check so far. Clones share them, so that what was found is known although a later step
/// hangs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    taken: Arc<Mutex<Taken>>,
}

impl Steps {
    /// Times `action` as the step `name` and adds it. `None` when it failed.
    pub(crate) fn take<T>(&self, name: &'static str, action: impl FnOnce() -> Result<T, Fault>) -> Option<T> {
        self.begin(name);
        match action() {
            Ok(value) => {
                self.end(None);
                Some(value)
            }
            Err(fault) => {
                self.end(Some(fault.text));
                None
            }
        }
    }

    #[inline(never)]
    fn begin(&self, name: &'static str) {
        lock(&self.taken).current = Some((name, Instant::now()));
    }

    #[inline(never)]
    fn end(&self, fault: Option<String>) {
        let mut taken = lock(&self.taken);
        if let Some((name, start)) = taken.current.take() {
            taken.done.push(Step { name, milliseconds: milliseconds_since(start), fault });
        }
    }

    /// Adds a step that failed before it began.
    pub(crate) fn fail(&self, name: &'static str, fault: String) {
        lock(&self.taken).done.push(Step { name, milliseconds: 0.0, fault: Some(fault) });
    }

    /// What was taken so far; a step that is still under way failed because of `overdue`.
    pub(crate) fn so_far(&self, overdue: &str) -> Vec<Step> {
        let taken = lock(&self.taken);
        let current = taken.current.map(|(name, start)| Step {
            name,
            milliseconds: milliseconds_since(start),
            fault: Some(overdue.to_owned()),
        });
        taken.done.iter().cloned().chain(current).collect()
    }
}

fn milliseconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

pub(crate) trait Transport: Send {
    /// Opens the way; does nothing when it is open.
    fn connect(&mut self, deadline: Instant) -> Result<(), Fault>;

    fn is_connected(&self) -> bool;

    /// Connections that this transport opened by itself since the last call, besides those that
    /// [`Transport::connect`] opened.
    fn take_replaced(&mut self) -> u64 {
        0
    }

    /// Whether the connection is old enough to be replaced once nothing is in flight.
    fn is_worn(&self) -> bool {
        false
    }

    /// Whether chunks are to be compressed.
    fn takes_gzip(&self) -> bool {
        false
    }

    /// Sends one chunk, on an open connection. Sending a chunk again after a failure sends the same bytes.
    fn send(&mut self, chunk: &Chunk, deadline: Instant) -> Result<Sent, Fault>;

    /// Whether [`Transport::prepare`] is of use.
    fn can_prepare(&self) -> bool {
        false
    }

    /// Names the chunk that will come after the one that is sent next, so that what it needs can be made while
    /// the collector answers.
    fn prepare(&mut self, _next: &Chunk) {}

    /// The id of the next acknowledged chunk, when one has arrived.
    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }

    /// What becomes readable when an ack arrives or the connection ends.
    fn descriptor(&self) -> Option<RawFd> {
        None
    }

    /// Ends the connection such that nothing sent is lost, at the latest at `deadline`.
    fn close(&mut self, deadline: Instant);

    /// Ends the connection at once.
    fn disconnect(&mut self);

    /// Whether a lost connection or a missing ack is how the collector refuses a chunk, for want of
    /// another answer. The sender may then split chunks, and sends one without events to see whether the
    /// collector serves at all.
    fn refuses_silently(&self) -> bool {
        false
    }

    /// Tries the way step by step without sending an event. The names of the steps, as far as they
    /// exist: `resolve`, `connect`, `tls`, `authenticate`, `send`, `ack`.
    fn check(&mut self, deadline: Instant, steps: &Steps) {
        steps.take("connect", || self.connect(deadline));
        self.disconnect();
    }
}

/// The transport for an endpoint. `abort` ends its waits from another thread; `delivered` receives the
/// records of a `memory:` endpoint.
#[cfg_attr(not(feature = "http"), allow(unused_variables))]
pub(crate) fn open(
    endpoint: &Endpoint,
    settings: &Arc<Settings>,
    abort: Arc<Abort>,
    delivered: Arc<Delivered>,
    log: &Arc<Log>,
) -> Box<dyn Transport> {
    match endpoint {
        Endpoint::Tcp { .. } | Endpoint::Tls { .. } | Endpoint::Unix(_) => {
            Box::new(forward::Forward::new(endpoint.clone(), settings, abort))
        }
        #[cfg(feature = "http")]
        Endpoint::Http { url, tls } => {
            Box::new(http::Http::new(url.clone(), tls.clone(), settings, abort, Arc::clone(log)))
        }
        Endpoint::File(path) => Box::new(file::File::new(path.clone())),
        Endpoint::Stdout => Box::new(plain::Stdout::default()),
        Endpoint::Memory => Box::new(memory::Memory::new(delivered)),
        Endpoint::Null => Box::new(plain::Null),
    }
}
