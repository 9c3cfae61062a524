//! Ways to a collector, behind one trait.
//!
//! Only the sender thread calls a transport. Every call has a deadline; a failure is a [`Fault`] with a
//! sentence for the log, after which the sender disconnects, waits and sends the same chunks again.

mod abort;
mod chunk;
mod endpoint;
mod file;
mod forward;
mod memory;
mod plain;
mod poll;
mod resolve;
mod socket;

use std::io;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Instant;

pub(crate) use abort::Abort;
pub(crate) use chunk::Chunk;
pub(crate) use endpoint::Endpoint;
pub(crate) use memory::Delivered;
pub(crate) use poll::wait_readable;

use crate::options::Settings;

/// The tag of every record.
pub(crate) const TAG: &str = "mona.client.message";

/// Why a connection is given up.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Groups the log lines about it.
    pub(crate) kind: &'static str,
    /// What happened and what to do about it.
    pub(crate) text: String,
    /// The collector closed an idle connection, as it may at any time.
    pub(crate) is_end: bool,
}

impl Fault {
    pub(crate) fn new(kind: &'static str, text: impl Into<String>) -> Fault {
        Fault { kind, text: text.into(), is_end: false }
    }

    pub(crate) fn end() -> Fault {
        Fault { kind: "closed", text: "the collector closed the connection".to_owned(), is_end: true }
    }

    pub(crate) fn io(kind: &'static str, what: &str, error: &io::Error) -> Fault {
        Fault::new(kind, format!("{what}: {error}"))
    }
}

/// What sending a chunk achieved.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// All of it arrived.
    Delivered,
    /// It is on its way; an ack will tell.
    AwaitsAck,
}

/// One step of a check of the way to the collector.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) milliseconds: f64,
    /// What went wrong and what to do about it.
    pub(crate) fault: Option<String>,
}

impl Step {
    /// Times `action` as the step `name`, and adds the step to `steps`. `None` when it failed.
    pub(crate) fn take<T>(
        steps: &mut Vec<Step>,
        name: &'static str,
        action: impl FnOnce() -> Result<T, Fault>,
    ) -> Option<T> {
        let start = Instant::now();
        let result = action();
        let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
        let (value, fault) = match result {
            Ok(value) => (Some(value), None),
            Err(fault) => (None, Some(fault.text)),
        };
        steps.push(Step { name, milliseconds, fault });
        value
    }
}

pub(crate) trait Transport: Send {
    /// Opens the way; does nothing when it is open.
    fn connect(&mut self, deadline: Instant) -> Result<(), Fault>;

    fn is_connected(&self) -> bool;

    /// Whether the connection is old enough to be replaced once nothing is in flight.
    fn is_worn(&self) -> bool {
        false
    }

    /// Whether chunks are to be compressed.
    fn takes_gzip(&self) -> bool {
        false
    }

    /// Sends one chunk. Sending a chunk again after a failure sends the same bytes.
    fn send(&mut self, chunk: &Chunk, deadline: Instant) -> Result<Sent, Fault>;

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

    /// Tries the way step by step without sending an event.
    fn check(&mut self, deadline: Instant) -> Vec<Step> {
        let mut steps = Vec::new();
        Step::take(&mut steps, "connect", || self.connect(deadline));
        self.disconnect();
        steps
    }
}

/// The transport for an endpoint. `abort` ends its waits from another thread; `delivered` receives the
/// records of a `memory:` endpoint.
pub(crate) fn open(
    endpoint: &Endpoint,
    settings: &Settings,
    abort: Arc<Abort>,
    delivered: Arc<Delivered>,
) -> Box<dyn Transport> {
    match endpoint {
        Endpoint::Tcp { .. } | Endpoint::Unix(_) => {
            Box::new(forward::Forward::new(endpoint.clone(), settings, abort))
        }
        Endpoint::File(path) => Box::new(file::File::new(path.clone())),
        Endpoint::Stdout => Box::new(plain::Stdout::default()),
        Endpoint::Memory => Box::new(memory::Memory::new(delivered)),
        Endpoint::Null => Box::new(plain::Null),
    }
}
