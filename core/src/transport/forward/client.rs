//! The transport over Forward: one connection, chunks written to it, acks read from it.

use std::io;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{self, MOST_ANSWER_BYTES};
use super::frame;
use super::handshake::Credentials;
use crate::config::{Ack, Compress, Settings};
use crate::net::resolver;
use crate::net::socket::Stream;
use crate::net::{Abort, Cause, Deadline, TransportError, greeting};
use crate::transport::age;
use crate::transport::{Asking, Chunk, Endpoint, Sent, Steps, Transport};

/// The kind of the error of a collector that says nothing at all.
const SILENCE: &str = "no ack";

/// How long a check waits for the last word of a collector that does not acknowledge: a few round trips.
const MOST_FAREWELL: Duration = Duration::from_millis(300);

/// Longest wait for the collector to close its side, once everything is acknowledged or sent.
const MOST_FINISH: Duration = Duration::from_secs(1);

pub(in crate::transport) struct Forward {
    endpoint: Endpoint,
    credentials: Option<Credentials>,
    asking: Asking,
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
    has_answered: bool,
}

impl Forward {
    pub(in crate::transport) fn new(endpoint: Endpoint, settings: &Settings, abort: Arc<Abort>) -> Forward {
        let gzip = settings.compress == Compress::Gzip;
        Forward {
            endpoint,
            credentials: Credentials::of(settings),
            asking: match settings.ack {
                Ack::On => Asking::Yes,
                Ack::Off => Asking::No,
                Ack::Auto => Asking::Yet,
            },
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
        Ok(Connection {
            stream,
            received,
            worn_at: age::old_at(),
            is_single,
            has_sent: false,
            has_answered: false,
        })
    }

    fn connection(&mut self) -> Result<&mut Connection, TransportError> {
        self.connection.as_mut().ok_or_else(TransportError::end)
    }

    /// Waits for the ack of a chunk, or, where none is asked for, whether the collector closes or says anything; for a
    /// check only.
    fn await_ack(&mut self, id: Option<&[u8]>, deadline: Deadline) -> Result<(), TransportError> {
        loop {
            match (self.next_ack()?, id) {
                (Some(ack), Some(id)) if ack != id => {
                    return Err(TransportError::new("ack", "the ack names another chunk"));
                }
                (Some(_), _) => return Ok(()),
                (None, _) => {}
            }
            if !self.connection()?.stream.await_bytes(deadline) {
                return match id {
                    None => Ok(()),
                    Some(_) => Err(TransportError::new(
                        SILENCE,
                        "no ack came in time: connected, nothing is read: connection limit? A Forward input that \
                         acknowledges, and has a connection left, is expected",
                    )),
                };
            }
        }
    }

    /// What to say where a collector did nothing sensible with a connection in the clear; for a check only, which may
    /// ask.
    fn or_speaks_tls(
        &self,
        error: TransportError,
        addresses: &[SocketAddr],
        deadline: Deadline,
    ) -> TransportError {
        if !matches!(self.endpoint, Endpoint::Tcp { .. }) {
            return error;
        }
        let is_tls =
            self.open(addresses, deadline).is_ok_and(|stream| greeting::speaks_tls(stream, deadline));
        if is_tls { answer::speaks_tls() } else { error }
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
        let (head, tail) = frame::around(chunk, self.asking != Asking::No);
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
        Ok(if self.asking == Asking::No { Sent::Delivered } else { Sent::AwaitsAck })
    }

    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        if let Some(ack) = self.early_ack.take() {
            return Ok(Some(ack));
        }
        let connection = self.connection()?;
        loop {
            if let Some(ack) = answer::take_ack(&mut connection.received)? {
                connection.has_answered = true;
                if self.asking == Asking::Yet {
                    self.asking = Asking::Yes;
                }
                return Ok(Some(ack));
            }
            let room = MOST_ANSWER_BYTES.saturating_sub(connection.received.len());
            if !connection.stream.receive(&mut connection.received, room)? {
                return Ok(None);
            }
        }
    }

    fn descriptor(&self) -> Option<RawFd> {
        self.connection.as_ref().and_then(|connection| connection.stream.descriptor())
    }

    fn close(&mut self, deadline: Deadline) {
        if let Some(connection) = self.connection.take() {
            connection.stream.finish(deadline.within(MOST_FINISH));
        }
    }

    fn disconnect(&mut self) {
        if let Some(connection) = self.connection.take()
            && !connection.has_answered
        {
            // A handshake that led to nothing buys an exit no more time than one that failed.
            connection.stream.progress().fail();
        }
    }

    fn refuses_silently(&self) -> bool {
        self.asking != Asking::No
    }

    fn confirms(&self) -> bool {
        self.asking != Asking::No
    }

    fn asking(&self) -> Asking {
        self.asking
    }

    fn ask(&mut self, asking: Asking) {
        self.asking = asking;
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
            Some(_) => steps.take("authenticate", || {
                let greeted = self.authenticate(stream, connected_by);
                greeted.map_err(|error| self.or_speaks_tls(error, &addresses, deadline))
            }),
            None => self.authenticate(stream, connected_by).ok(),
        };
        self.connection = authenticated;
        if self.connection.is_none() {
            return;
        }
        let chunk = Chunk::empty();
        let sent = steps.take("send", || match self.send(&chunk, deadline) {
            Ok(Sent::AwaitsAck) => Ok(Sent::AwaitsAck),
            sent => sent
                .and_then(|sent| self.await_ack(None, deadline.within(MOST_FAREWELL)).map(|()| sent))
                .map_err(|error| self.or_speaks_tls(error, &addresses, deadline)),
        });
        if sent == Some(Sent::AwaitsAck) {
            steps.take("ack", || {
                let half = deadline.within(deadline.left() / 2);
                self.await_ack(Some(chunk.id()), half).or_else(|error| {
                    let error = self.or_speaks_tls(error, &addresses, deadline);
                    match error.kind {
                        // In service it goes on without, so this is no fault.
                        SILENCE if self.asking == Asking::Yet => Ok(()),
                        SILENCE => self.await_ack(Some(chunk.id()), deadline),
                        _ => Err(error),
                    }
                })
            });
        }
        self.close(deadline);
    }
}

#[cfg(test)]
mod tests;
