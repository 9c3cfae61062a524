//! What every way to a collector can do, as the sender sees it.

use std::net::SocketAddr;

use super::chunk::Chunk;
use super::steps::Steps;
use crate::net::{Deadline, TransportError};
use crate::sys::descriptor::RawFd;

/// The tag of every record.
pub(crate) const TAG: &str = "mona.client.message";

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
    /// All of it arrived but for so many events, which the collector refused for good without saying which.
    Rejected(u64),
    /// It is on its way; an ack will tell.
    AwaitsAck,
}

/// Whether chunks ask for an ack, where the protocol has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    No,
    /// Until it is certain that nobody sends one. An ack makes it [`Asking::Yes`].
    Yet,
    Yes,
}

pub(crate) trait Transport: Send {
    /// Opens the way; does nothing when it is open.
    fn connect(&mut self, deadline: Deadline) -> Result<(), TransportError>;

    fn is_connected(&self) -> bool;

    /// Connections that this transport opened by itself since the last call, besides those that
    /// [`Transport::connect`] opened.
    fn take_replaced(&mut self) -> u64 {
        0
    }

    /// Panics of libraries that this transport contained since the last call.
    fn take_panics(&mut self) -> u64 {
        0
    }

    /// Whether the connection is old enough to be replaced once nothing is in flight.
    fn is_worn(&self) -> bool {
        false
    }

    /// Where the connection leads, as far as it is one over a network.
    fn address(&self) -> Option<SocketAddr> {
        None
    }

    /// How many places there are that a connection could lead to now, none where a name stands for nothing. Looked up
    /// before `deadline`.
    fn places(&mut self, _deadline: Deadline) -> usize {
        1
    }

    /// Whether chunks are to be compressed.
    fn takes_gzip(&self) -> bool {
        false
    }

    /// Sends one chunk, on an open connection. Sending a chunk again after a failure sends the same bytes.
    fn send(&mut self, chunk: &Chunk, deadline: Deadline) -> Result<Sent, TransportError>;

    /// Whether [`Transport::prepare`] is of use.
    fn can_prepare(&self) -> bool {
        false
    }

    /// Names the chunk that will come after the one that is sent next, so that what it needs can be made while
    /// the collector answers.
    fn prepare(&mut self, _next: &Chunk) {}

    /// The id of the next acknowledged chunk, when one has arrived.
    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(None)
    }

    /// What becomes readable when an ack arrives or the connection ends.
    fn descriptor(&self) -> Option<RawFd> {
        None
    }

    /// Ends the connection such that nothing sent is lost, at the latest at `deadline`.
    fn close(&mut self, deadline: Deadline);

    /// Ends the connection at once.
    fn disconnect(&mut self);

    /// Whether a lost connection or a missing ack is how the collector refuses a chunk, for want of
    /// another answer. The sender may then split chunks, and sends one without events to see whether the
    /// collector serves at all.
    fn refuses_silently(&self) -> bool {
        false
    }

    /// Whether what counts as delivered was answered for. Where nobody answers, a connection that takes bytes says
    /// little of what is behind it.
    fn confirms(&self) -> bool {
        true
    }

    /// Whether chunks ask for an ack.
    fn asking(&self) -> Asking {
        Asking::No
    }

    /// Makes the next chunks ask for an ack, or not.
    fn ask(&mut self, _: Asking) {}

    /// Tries the way step by step without sending an event. The names of the steps, as far as they
    /// exist: `resolve`, `connect`, `tls`, `authenticate`, `send`, `ack`.
    fn check(&mut self, deadline: Deadline, steps: &Steps) {
        steps.take("connect", || self.connect(deadline));
        self.disconnect();
    }
}
