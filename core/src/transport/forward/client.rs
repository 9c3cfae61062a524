//! The transport over Forward: one connection, chunks written to it, acks read from it.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{self, MOST_ANSWER_BYTES, SILENCE};
use super::frame;
use super::handshake::Credentials;
use crate::config::{Ack, Balance, Compress, Settings};
use crate::net::greeting::{self, Speaks};
use crate::net::route::{Goal, Route, Way, addresses, places};
use crate::net::socket::Stream;
use crate::net::tls::Tls;
use crate::net::{Abort, Cause, Deadline, TransportError};
use crate::sys::descriptor::RawFd;
use crate::transport::age;
use crate::transport::path_words;
use crate::transport::{Asking, Chunk, Endpoint, Sent, Steps, Transport};

/// How long a check waits for the last word of a collector that does not acknowledge: a few round trips.
const MOST_FAREWELL: Duration = Duration::from_millis(300);

/// Longest wait for the collector to close its side, once everything is acknowledged or sent.
const MOST_FINISH: Duration = Duration::from_secs(1);

pub(in crate::transport) struct Forward {
    endpoint: Endpoint,
    /// None to a socket of this machine.
    route: Option<Route>,
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
    /// None to a socket of this machine.
    way: Option<Way>,
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
        let goal = match &endpoint {
            Endpoint::Tcp { host, port } | Endpoint::Tls { host, port, .. } => {
                Some(Goal::Host { host: host.clone(), port: *port })
            }
            Endpoint::Service { name, .. } => Some(Goal::Service(name.clone())),
            _ => None,
        };
        Forward {
            endpoint,
            route: goal.map(|goal| Route::new(goal, settings.balance == Balance::Spread)),
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

    fn resolve(&self, deadline: Deadline) -> Result<Vec<Way>, TransportError> {
        let Some(route) = &self.route else { return Ok(Vec::new()) };
        let ways = route.resolve(deadline, &self.abort);
        ways.map_err(|error| TransportError::before_connection("resolve", error.to_string(), &error))
    }

    fn open(&self, ways: &[Way], deadline: Deadline) -> Result<(Stream, Option<Way>), TransportError> {
        let opened = match (&self.endpoint, &self.route) {
            (Endpoint::Unix(path), _) => Stream::unix(path, &self.abort).map(|stream| (stream, None)),
            (_, Some(route)) => {
                route.connect(ways, deadline, &self.abort).map(|(stream, way)| (stream, Some(way)))
            }
            (_, None) => Err(io::ErrorKind::Unsupported.into()),
        };
        opened.map_err(|error| match &self.endpoint {
            Endpoint::Unix(path) => refused(&path_words::of_socket(path, &error), &error),
            _ => refused(&error, &error),
        })
    }

    fn tls(&self) -> Option<&Tls> {
        match &self.endpoint {
            Endpoint::Tls { tls, .. } | Endpoint::Service { tls: Some(tls), .. } => Some(tls),
            _ => None,
        }
    }

    fn secure(
        &self,
        stream: Stream,
        way: Option<&Way>,
        deadline: Deadline,
    ) -> Result<Stream, TransportError> {
        match (self.tls(), way) {
            (Some(tls), Some(way)) => stream.secure(tls, &way.name, deadline),
            _ => Ok(stream),
        }
    }

    /// What is behind a connection that was made there is of no use.
    fn shun<T>(&self, way: Option<&Way>, result: Result<T, TransportError>) -> Result<T, TransportError> {
        let (Some(route), Some(way)) = (&self.route, way) else { return result };
        result.map_err(|error| {
            route.has_failed(way.address);
            match self.endpoint {
                Endpoint::Service { .. } => {
                    TransportError { text: format!("{way}: {}", error.text), ..error }
                }
                _ => error,
            }
        })
    }

    /// A connection over one of the ways, with all that comes before the first chunk.
    fn connection_over(&self, ways: &[Way], deadline: Deadline) -> Result<Connection, TransportError> {
        let (stream, way) = self.open(ways, deadline)?;
        let secured = self.secure(stream, way.as_ref(), deadline);
        let authenticated = secured.and_then(|stream| self.authenticate(stream, way.clone(), deadline));
        self.shun(way.as_ref(), authenticated)
    }

    fn authenticate(
        &self,
        mut stream: Stream,
        way: Option<Way>,
        deadline: Deadline,
    ) -> Result<Connection, TransportError> {
        let mut received = Vec::new();
        let is_single = match &self.credentials {
            Some(credentials) => !credentials.authenticate(&mut stream, &mut received, deadline)?,
            None => false,
        };
        Ok(Connection {
            stream,
            way,
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
                    Some(_) => Err(answer::none_in_time()),
                };
            }
        }
    }

    /// What to say where a collector did nothing sensible with a connection in the clear; for a check only, which may
    /// ask.
    fn or_other(&self, error: TransportError, ways: &[Way], deadline: Deadline) -> TransportError {
        if self.route.is_none() || self.tls().is_some() || error.tells_who_answers() {
            return error;
        }
        let opened = self.open(ways, deadline).ok();
        match opened.and_then(|(stream, _)| greeting::greet(stream, deadline)) {
            Some(Speaks::Tls) => answer::speaks_tls(),
            Some(Speaks::Http) => answer::speaks_http(),
            None => error,
        }
    }
}

impl Connection {
    fn is_spent(&self) -> bool {
        self.is_single && self.has_sent
    }
}

fn refused(reason: &dyn Display, error: &io::Error) -> TransportError {
    let text = format!("no connection: {reason}; a collector listening there is expected");
    TransportError::before_connection("connect", text, error)
}

impl Transport for Forward {
    fn connect(&mut self, deadline: Deadline) -> Result<(), TransportError> {
        if self.connection.is_some() {
            return Ok(());
        }
        let opened = self.resolve(deadline).and_then(|ways| self.connection_over(&ways, deadline));
        // A collector that closes before the first chunk is one to back off from.
        self.early_ack = None;
        self.connection = Some(opened.map_err(|error| TransportError { is_end: false, ..error })?);
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    fn is_worn(&self) -> bool {
        let Some(connection) = &self.connection else { return false };
        let now = Instant::now();
        let is_lost = || match (&self.route, &connection.way) {
            (Some(route), Some(way)) => route.has_lost(way, now),
            _ => false,
        };
        connection.is_spent() || now >= connection.worn_at || is_lost()
    }

    fn address(&self) -> Option<SocketAddr> {
        self.connection.as_ref()?.way.as_ref().map(|way| way.address)
    }

    fn places(&mut self, deadline: Deadline) -> usize {
        match self.route {
            Some(_) => self.resolve(deadline).map_or(0, |ways| places(&ways)),
            None => 1,
        }
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
            if let (Some(route), Some(way)) = (&self.route, &connection.way) {
                route.has_served(way.address);
            }
            connection.stream.finish(deadline.within(MOST_FINISH));
        }
    }

    fn disconnect(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if let (Some(route), Some(way)) = (&self.route, &connection.way) {
            route.has_failed(way.address);
        }
        if !connection.has_answered {
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
        let Some(ways) = steps.take("resolve", || self.resolve(connected_by)) else { return };
        if self.route.is_some() {
            steps.note("addresses", addresses(&ways));
        }
        let opened = steps.take("connect", || self.open(&ways, connected_by));
        let Some((mut stream, way)) = opened else { return };
        if let Some(way) = &way {
            steps.found(way.to_string());
        }
        if self.tls().is_some() {
            let secured = steps.take("tls", || self.secure(stream, way.as_ref(), connected_by));
            let Some(secured) = secured else { return };
            stream = secured;
        }
        let authenticated = match &self.credentials {
            Some(_) => steps.take("authenticate", || {
                let greeted = self.authenticate(stream, way, connected_by);
                greeted.map_err(|error| self.or_other(error, &ways, deadline))
            }),
            None => self.authenticate(stream, way, connected_by).ok(),
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
                .map_err(|error| self.or_other(error, &ways, deadline)),
        });
        if sent == Some(Sent::AwaitsAck) {
            steps.take("ack", || {
                let half = deadline.within(deadline.left() / 2);
                self.await_ack(Some(chunk.id()), half).or_else(|error| {
                    let error = self.or_other(error, &ways, deadline);
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
