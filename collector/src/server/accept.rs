//! Accepts connections and runs a thread for each.
//!
//! The program and the fault collector both start a [`Server`] per listening socket and hear what
//! arrives through a [`Sink`]. Dropping the server ends and joins all of its threads within about a
//! second, whatever its peers do.

use std::io;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::conduct::{Conducts, Start};
use super::place::Place;
use super::service::{Service, Speaks};
use super::session::Session;
use super::sink::Sink;
use super::socket::{Listen, Listener, Stream};
use super::stop::{Stop, Waited};
use super::{babble, forward, http};

/// Connections that were asked to leave and have not done so yet: threads that are about to end.
const MAX_LEAVING: usize = 64;
/// Out of descriptors or threads: others have to give some back first.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(50);
/// How often a full server looks whether a connection has ended.
const PAUSE_WHEN_FULL: Duration = Duration::from_millis(5);

/// A listening socket with its threads.
#[derive(Debug)]
pub struct Server {
    stop: Arc<Stop>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts accepting; the threads are named `collector`.
    pub fn start(
        listener: Listener,
        service: Service,
        conducts: Arc<dyn Conducts>,
        sink: Arc<dyn Sink>,
    ) -> io::Result<Server> {
        if matches!(service.speaks, Speaks::Http { .. }) && listener.is_unix() {
            let sentence = "listening socket: found a Unix socket, expected an address and port for HTTP";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, sentence));
        }
        let service =
            service.settled().map_err(|sentence| io::Error::new(io::ErrorKind::InvalidInput, sentence))?;
        let stop = Arc::new(Stop::new()?);
        let listen = match listener.bound()? {
            Listen::Address(address) => Some(address.ip()),
            Listen::Unix(_) | Listen::Tcp => None,
        };
        let accept = Accept {
            listener,
            service: Arc::new(service),
            conducts,
            sink,
            stop: Arc::clone(&stop),
            connections: Vec::new(),
            accepted: 0,
            listen,
            origin: Instant::now(),
        };
        let accepting = Builder::new().name("collector".into()).spawn(move || accept.run())?;
        Ok(Server { stop, accepting: Some(accepting) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.trigger();
        if let Some(accepting) = self.accepting.take() {
            // A panic of that thread was reported when it happened.
            let _ = accepting.join();
        }
    }
}

struct Accept {
    listener: Listener,
    service: Arc<Service>,
    conducts: Arc<dyn Conducts>,
    sink: Arc<dyn Sink>,
    stop: Arc<Stop>,
    connections: Vec<(JoinHandle<()>, Arc<Place>)>,
    accepted: u64,
    listen: Option<IpAddr>,
    origin: Instant,
}

impl Accept {
    fn run(mut self) {
        loop {
            let is_full = self.is_full();
            let listener = (!is_full).then(|| self.listener.as_fd());
            let deadline = is_full.then(|| Instant::now() + PAUSE_WHEN_FULL);
            match self.stop.wait(listener, deadline) {
                Ok(Waited::Stopped) => break,
                Ok(Waited::TimedOut) => {}
                Ok(Waited::Ready) => self.accept(),
                Err(_) => self.rest(),
            }
        }
        self.listener.remove_file();
        drop(self.listener);
        for (connection, _) in self.connections {
            let _ = connection.join();
        }
    }

    /// Whether a connection has to end before another is accepted.
    fn is_full(&mut self) -> bool {
        let is_forward = matches!(self.service.speaks, Speaks::Forward(_));
        let most = self.service.likeness.most_connections().filter(|_| is_forward);
        let Some(most) = most else { return false };
        self.connections.retain(|(connection, _)| !connection.is_finished());
        self.connections.len() >= most
    }

    fn accept(&mut self) {
        let (stream, peer) = match self.listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(_) => return self.rest(),
        };
        self.sink.opened();
        if !self.make_place() {
            let limit = self.service.limits.connections;
            self.sink.closed(&peer, Some(&format!("found {limit} others open and at work, expected fewer")));
            return;
        }
        let place = Arc::new(Place::new(self.origin));
        let session = Session {
            peer: peer.clone(),
            number: self.accepted,
            conduct: self.conducts.next_connection(),
            service: Arc::clone(&self.service),
            stop: Arc::clone(&self.stop),
            place,
            listen: self.listen,
        };
        self.accepted += 1;
        if let Err(error) = self.spawn(stream, session) {
            self.sink.closed(&peer, Some(&format!("no thread for it: {error}")));
            self.rest();
        }
    }

    fn spawn(&mut self, stream: Stream, session: Session) -> io::Result<()> {
        let sink = Arc::clone(&self.sink);
        let place = Arc::clone(&session.place);
        let limit = self.service.limits.connections;
        let thread = Builder::new().name("collector".into()).spawn(move || {
            let mut fault = serve(stream, &session, &*sink).err();
            if fault.is_none() && session.place.is_leaving() {
                fault = Some(format!("{limit} were open, and it was idle the longest"));
            }
            sink.closed(&session.peer, fault.as_deref());
        })?;
        self.connections.push((thread, place));
        Ok(())
    }

    /// Whether one more connection can be served; the one that was idle the longest may have to leave.
    fn make_place(&mut self) -> bool {
        self.connections.retain(|(connection, _)| !connection.is_finished());
        let staying = self.connections.iter().filter(|(_, place)| !place.is_leaving()).count();
        if staying < self.service.limits.connections {
            return true;
        }
        if self.connections.len() - staying >= MAX_LEAVING {
            self.rest();
            self.connections.retain(|(connection, _)| !connection.is_finished());
        }
        let idle = self.connections.iter().filter_map(|(_, place)| Some((place.idle_since()?, place)));
        match idle.min_by_key(|(since, _)| *since) {
            Some((_, place)) if self.connections.len() - staying < MAX_LEAVING => {
                place.leave();
                true
            }
            _ => false,
        }
    }

    fn rest(&self) {
        // An error here is an error of the next wait too, which then rests again.
        let _ = self.stop.wait(None, Some(Instant::now() + PAUSE_AFTER_ERROR));
    }
}

/// Serves until the peer, the conduct or the collector ends it; the error is a sentence.
fn serve(stream: Stream, session: &Session, sink: &dyn Sink) -> Result<(), String> {
    match session.conduct.start() {
        Start::Reset => {
            stream.reset();
            Ok(())
        }
        Start::Serve if !session.service.likeness.is_open() => {
            sink.refused(&session.peer, None);
            Ok(())
        }
        Start::Babble(what) => babble::serve(stream, session, &what),
        Start::Ignore => session.stop.wait(None, None).map(drop).map_err(|error| error.to_string()),
        Start::Serve => match &session.service.speaks {
            Speaks::Forward(handshake) => forward::serve(stream, session, handshake.as_ref(), sink),
            Speaks::Http { tokens, named } => {
                http::connection::serve(stream, session, tokens.as_ref(), *named, sink)
            }
        },
    }
}
