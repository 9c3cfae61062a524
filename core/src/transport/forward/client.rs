//! The transport over Forward: one connection, chunks written to it, acks read from it.

use std::io;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{self, MOST_ANSWER_BYTES};
use super::frame;
use super::handshake::Credentials;
use crate::config::{Compress, Settings};
use crate::net::resolver;
use crate::net::socket::Stream;
use crate::net::{Abort, Cause, Deadline, TransportError};
use crate::transport::age;
use crate::transport::{Chunk, Endpoint, Sent, Steps, Transport};

/// Longest wait for the collector to close its side, once everything is acknowledged or sent.
const MOST_FINISH: Duration = Duration::from_secs(1);

pub(in crate::transport) struct Forward {
    endpoint: Endpoint,
    credentials: Option<Credentials>,
    ack: bool,
    gzip: bool,
    connect_timeout: Duration,
    abort: Arc<Abort>,
    connection: Option<Connection>,
    /// An ack that was read while looking why a write failed.
    early_ack: Option<Vec<u8>>,
}

struct Connection {
    stream: Stream,
    received: Vec<u8>,
    worn_at: Instant,
    /// The collector takes one chunk on a connection.
    is_single: bool,
    has_sent: bool,
}

impl Forward {
    pub(in crate::transport) fn new(endpoint: Endpoint, settings: &Settings, abort: Arc<Abort>) -> Forward {
        let gzip = settings.compress == Compress::Gzip;
        Forward {
            endpoint,
            credentials: Credentials::of(settings),
            ack: settings.ack,
            gzip,
            connect_timeout: settings.connect_timeout,
            abort,
            connection: None,
            early_ack: None,
        }
    }

    fn resolve(&self, deadline: Deadline) -> Result<Vec<SocketAddr>, TransportError> {
        match &self.endpoint {
            Endpoint::Tcp { host, port } | Endpoint::Tls { host, port, .. } => {
                resolver::addresses(host, *port, deadline.instant(), &self.abort).map_err(|error| {
                    TransportError::new("resolve", format!("the name \"{host}\" cannot be resolved: {error}"))
                })
            }
            _ => Ok(Vec::new()),
        }
    }

    fn open(&self, addresses: &[SocketAddr], deadline: Deadline) -> Result<Stream, TransportError> {
        let stream = match &self.endpoint {
            Endpoint::Unix(path) => Stream::unix(path, &self.abort),
            _ => Stream::tcp(addresses, deadline, &self.abort),
        };
        stream.map_err(|error| refused(&error))
    }

    fn secure(&self, stream: Stream, deadline: Deadline) -> Result<Stream, TransportError> {
        match &self.endpoint {
            Endpoint::Tls { host, tls, .. } => stream.secure(tls, host, deadline),
            _ => Ok(stream),
        }
    }

    fn authenticate(&self, mut stream: Stream, deadline: Deadline) -> Result<Connection, TransportError> {
        let mut received = Vec::new();
        let is_single = match &self.credentials {
            Some(credentials) => !credentials.authenticate(&mut stream, &mut received, deadline)?,
            None => false,
        };
        Ok(Connection { stream, received, worn_at: age::old_at(), is_single, has_sent: false })
    }

    fn connection(&mut self) -> Result<&mut Connection, TransportError> {
        self.connection.as_mut().ok_or_else(TransportError::end)
    }

    /// Waits for the next ack; for a check only.
    fn await_ack(&mut self, id: &[u8], deadline: Deadline) -> Result<(), TransportError> {
        loop {
            if let Some(ack) = self.next_ack()? {
                let same = ack == id;
                return if same {
                    Ok(())
                } else {
                    Err(TransportError::new("ack", "the ack names another chunk"))
                };
            }
            if !self.connection()?.stream.await_bytes(deadline) {
                return Err(TransportError::new(
                    "ack",
                    "no ack came in time; a Forward input that acknowledges is expected",
                ));
            }
        }
    }
}

impl Connection {
    fn is_spent(&self) -> bool {
        self.is_single && self.has_sent
    }
}

fn refused(error: &io::Error) -> TransportError {
    TransportError::new("connect", format!("no connection: {error}; a collector listening there is expected"))
}

impl Transport for Forward {
    fn connect(&mut self, deadline: Deadline) -> Result<(), TransportError> {
        if self.connection.is_some() {
            return Ok(());
        }
        let opened = self
            .resolve(deadline)
            .and_then(|addresses| self.open(&addresses, deadline))
            .and_then(|stream| self.secure(stream, deadline))
            .and_then(|stream| self.authenticate(stream, deadline));
        // A collector that closes before the first chunk is one to back off from.
        self.early_ack = None;
        self.connection = Some(opened.map_err(|error| TransportError { is_end: false, ..error })?);
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    fn is_worn(&self) -> bool {
        self.connection
            .as_ref()
            .is_some_and(|connection| connection.is_spent() || Instant::now() >= connection.worn_at)
    }

    fn takes_gzip(&self) -> bool {
        self.gzip
    }

    fn send(&mut self, chunk: &Chunk, deadline: Deadline) -> Result<Sent, TransportError> {
        if self.connection()?.is_spent() {
            self.close(deadline);
            self.connect(deadline)?;
        }
        let (head, tail) = frame::around(chunk, self.ack);
        let connection = self.connection()?;
        connection.has_sent = true;
        if let Err(error) = connection.stream.send_all(&[&head, chunk.body(), &tail], deadline) {
            // A collector that closed may have said why before it did.
            return match self.next_ack() {
                Err(said) if said.cause == Cause::Configuration => Err(said),
                Ok(ack) => {
                    self.early_ack = ack;
                    Err(error)
                }
                Err(_) => Err(error),
            };
        }
        Ok(if self.ack { Sent::AwaitsAck } else { Sent::Delivered })
    }

    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        if let Some(ack) = self.early_ack.take() {
            return Ok(Some(ack));
        }
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

    fn close(&mut self, deadline: Deadline) {
        if let Some(connection) = self.connection.take() {
            connection.stream.finish(deadline.within(MOST_FINISH));
        }
    }

    fn disconnect(&mut self) {
        self.connection = None;
    }

    fn refuses_silently(&self) -> bool {
        self.ack
    }

    fn confirms(&self) -> bool {
        self.ack
    }

    fn check(&mut self, deadline: Deadline, steps: &Steps) {
        // As bounded as in service, so that the error is the one that will be in the log.
        let connected_by = deadline.within(self.connect_timeout);
        let Some(addresses) = steps.take("resolve", || self.resolve(connected_by)) else { return };
        let Some(mut stream) = steps.take("connect", || self.open(&addresses, connected_by)) else { return };
        if matches!(self.endpoint, Endpoint::Tls { .. }) {
            let Some(secured) = steps.take("tls", || self.secure(stream, connected_by)) else { return };
            stream = secured;
        }
        let authenticated = match &self.credentials {
            Some(_) => steps.take("authenticate", || self.authenticate(stream, connected_by)),
            None => self.authenticate(stream, connected_by).ok(),
        };
        self.connection = authenticated;
        if self.connection.is_none() {
            return;
        }
        let chunk = Chunk::empty();
        let sent = steps.take("send", || self.send(&chunk, deadline));
        if sent == Some(Sent::AwaitsAck) {
            steps.take("ack", || self.await_ack(chunk.id(), deadline));
        }
        self.close(deadline);
    }
}

#[cfg(test)]
mod tests;
