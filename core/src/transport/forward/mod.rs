//! The Fluent Forward client: PackedForward chunks with ids over TCP or a unix socket.

mod answer;
mod frame;

use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::socket::Stream;
use super::{Abort, Chunk, Endpoint, Fault, Sent, Step, Transport, poll, resolve};
use crate::id;
use crate::options::{Compress, Settings};
use answer::MOST_ANSWER_BYTES;

/// Age at which a connection is replaced, so that load balancers and moved names take effect; spread by a
/// fifth either way so that a fleet does not reconnect at once.
const MOST_AGE: Duration = Duration::from_secs(300);
const AGE_SPREAD: f64 = 0.2;

/// Longest wait for the collector to close its side, once everything is acknowledged or sent.
const MOST_FINISH: Duration = Duration::from_secs(1);

pub(super) struct Forward {
    endpoint: Endpoint,
    ack: bool,
    gzip: bool,
    abort: Arc<Abort>,
    connection: Option<Connection>,
}

struct Connection {
    stream: Stream,
    received: Vec<u8>,
    worn_at: Instant,
}

impl Forward {
    pub(super) fn new(endpoint: Endpoint, settings: &Settings, abort: Arc<Abort>) -> Forward {
        let gzip = settings.compress == Compress::Gzip;
        Forward { endpoint, ack: settings.ack, gzip, abort, connection: None }
    }

    fn resolve(&self) -> Result<Vec<std::net::SocketAddr>, Fault> {
        match &self.endpoint {
            Endpoint::Tcp { host, port } => resolve::addresses(host, *port).map_err(|error| {
                Fault::new("resolve", format!("the name \"{host}\" cannot be resolved: {error}"))
            }),
            _ => Ok(Vec::new()),
        }
    }

    fn open(&self, addresses: &[std::net::SocketAddr], deadline: Instant) -> Result<Stream, Fault> {
        if let Endpoint::Unix(path) = &self.endpoint {
            return Stream::unix(path, &self.abort).map_err(|error| refused(&error));
        }
        let mut last = Fault::new("connect", "the name has no address");
        for (index, address) in addresses.iter().enumerate() {
            // Each address gets its share of the time, so that one dead address leaves time for the rest.
            let left = deadline.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
            match Stream::tcp(*address, Instant::now() + share, &self.abort) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = refused(&error),
            }
        }
        Err(last)
    }

    fn adopt(&mut self, stream: Stream) {
        let spread = 1.0 + AGE_SPREAD * (2.0 * id::random_fraction() - 1.0);
        let worn_at = Instant::now() + MOST_AGE.mul_f64(spread);
        self.connection = Some(Connection { stream, received: Vec::new(), worn_at });
    }

    fn connection(&mut self) -> Result<&mut Connection, Fault> {
        self.connection.as_mut().ok_or_else(Fault::end)
    }

    /// Waits for the next ack; for a check only.
    fn await_ack(&mut self, id: &[u8], deadline: Instant) -> Result<(), Fault> {
        loop {
            if let Some(ack) = self.next_ack()? {
                let same = ack == id;
                return if same { Ok(()) } else { Err(Fault::new("ack", "the ack names another chunk")) };
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Fault::new(
                    "ack",
                    "no ack came in time; a Forward input that acknowledges is expected",
                ));
            }
            poll::wait_readable(&[self.connection()?.stream.descriptor()], left);
        }
    }
}

fn refused(error: &std::io::Error) -> Fault {
    Fault::new("connect", format!("no connection: {error}; a collector listening there is expected"))
}

impl Transport for Forward {
    fn connect(&mut self, deadline: Instant) -> Result<(), Fault> {
        if self.connection.is_none() {
            let addresses = self.resolve()?;
            let stream = self.open(&addresses, deadline)?;
            self.adopt(stream);
        }
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    fn is_worn(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| Instant::now() >= connection.worn_at)
    }

    fn takes_gzip(&self) -> bool {
        self.gzip
    }

    fn send(&mut self, chunk: &Chunk, deadline: Instant) -> Result<Sent, Fault> {
        let ack = self.ack;
        let (head, tail) = frame::around(chunk, ack);
        self.connection()?.stream.send_all(&[&head, chunk.body(), &tail], deadline)?;
        Ok(if ack { Sent::AwaitsAck } else { Sent::Delivered })
    }

    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        let connection = self.connection()?;
        loop {
            if let Some(ack) = answer::take_ack(&mut connection.received)? {
                return Ok(Some(ack));
            }
            let room = MOST_ANSWER_BYTES.saturating_sub(connection.received.len());
            if !connection.stream.receive(&mut connection.received, room)? {
                return Ok(None);
            }
        }
    }

    fn descriptor(&self) -> Option<RawFd> {
        self.connection.as_ref().map(|connection| connection.stream.descriptor())
    }

    fn close(&mut self, deadline: Instant) {
        if let Some(connection) = self.connection.take() {
            connection.stream.finish(deadline.min(Instant::now() + MOST_FINISH));
        }
    }

    fn disconnect(&mut self) {
        self.connection = None;
    }

    fn check(&mut self, deadline: Instant) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some(addresses) = Step::take(&mut steps, "resolve", || self.resolve()) else { return steps };
        let stream = Step::take(&mut steps, "connect", || self.open(&addresses, deadline));
        let Some(stream) = stream else { return steps };
        self.adopt(stream);
        let chunk = Chunk::empty();
        let sent = Step::take(&mut steps, "send", || self.send(&chunk, deadline));
        if sent == Some(Sent::AwaitsAck) {
            Step::take(&mut steps, "ack", || self.await_ack(chunk.id(), deadline));
        }
        self.close(deadline);
        steps
    }
}
