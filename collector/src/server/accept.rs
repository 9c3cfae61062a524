//! Accepts connections and runs a thread for each.
//!
//! The program and the fault collector both start a [`Server`] per listening socket and hear what
//! arrives through a [`Sink`]. Dropping the server ends and joins all of its threads within about a
//! second, whatever its peers do.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::conduct::{Conducts, Start};
use super::service::{Service, Speaks};
use super::session::Session;
use super::sink::Sink;
use super::socket::{Listener, Stream};
use super::stop::{Stop, Waited};
use super::{forward, http};

/// One connection may hold a message of 64 MiB; more connections than this are closed at once.
const MAX_CONNECTIONS: usize = 256;
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
        let accept = Accept {
            listener,
            service: Arc::new(service),
            conducts,
            sink,
            stop: Arc::clone(&stop),
            connections: Vec::new(),
            accepted: 0,
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
    connections: Vec<JoinHandle<()>>,
    accepted: u64,
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
        for connection in self.connections {
            let _ = connection.join();
        }
    }

    /// Whether a connection has to end before another is accepted.
    fn is_full(&mut self) -> bool {
        let Some(most) = self.service.likeness.most_connections() else { return false };
        self.connections.retain(|connection| !connection.is_finished());
        self.connections.len() >= most
    }

    fn accept(&mut self) {
        let (stream, peer) = match self.listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(_) => return self.rest(),
        };
        self.sink.opened();
        self.connections.retain(|connection| !connection.is_finished());
        if self.connections.len() >= MAX_CONNECTIONS {
            self.sink.closed(&peer, Some(&format!("found {MAX_CONNECTIONS} others open, expected fewer")));
            return;
        }
        let session = Session {
            peer: peer.clone(),
            number: self.accepted,
            conduct: self.conducts.next_connection(),
            service: Arc::clone(&self.service),
            stop: Arc::clone(&self.stop),
        };
        self.accepted += 1;
        if let Err(error) = self.spawn(stream, session) {
            self.sink.closed(&peer, Some(&format!("no thread for it: {error}")));
            self.rest();
        }
    }

    fn spawn(&mut self, stream: Stream, session: Session) -> io::Result<()> {
        let sink = Arc::clone(&self.sink);
        let thread = Builder::new().name("collector".into()).spawn(move || {
            let fault = serve(stream, &session, &*sink).err();
            sink.closed(&session.peer, fault.as_deref());
        })?;
        self.connections.push(thread);
        Ok(())
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
        Start::Ignore => session.stop.wait(None, None).map(drop).map_err(|error| error.to_string()),
        Start::Serve => match &session.service.speaks {
            Speaks::Forward(handshake) => forward::serve(stream, session, handshake.as_ref(), sink),
            Speaks::Http { tokens, named } => {
                http::connection::serve(stream, session, tokens.as_ref(), *named, sink)
            }
        },
    }
}
