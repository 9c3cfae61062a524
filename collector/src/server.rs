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

use crate::chunk::Chunk;
use crate::ledger::RequestEntry;
use crate::script::{Faults, Step};
use crate::service::{Service, Speaks};
use crate::socket::{Listener, Stream};
use crate::stop::{Stop, Wake};
use crate::{connection, http};

/// One connection may hold a message of 64 MiB; more connections than this are closed at once.
const MAX_CONNECTIONS: usize = 256;
/// Out of descriptors or threads: others have to give some back first.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(50);

/// Hears what a server takes; called from the threads of its connections.
pub trait Sink: Send + Sync {
    /// A connection was accepted.
    fn opened(&self) {}
    /// Bytes were read.
    fn received(&self, _bytes: usize) {}
    /// A chunk was taken. It is acknowledged after this returns; on an error the connection is
    /// closed without an answer.
    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()>;
    /// A chunk was refused, or what arrived over HTTP; `why` says so if it was neither the service's
    /// own bounds nor the script.
    fn refused(&self, _peer: &str, _why: Option<&str>) {}
    /// A request is over.
    fn request(&self, _request: RequestEntry) {}
    /// The chunk with this id is acknowledged truthfully as soon as this returns.
    fn acknowledged(&self, _id: &str) {}
    /// A connection is closed; `fault` says why if it was not the peer's ordinary end or the script.
    fn closed(&self, _peer: &str, _fault: Option<&str>) {}
}

/// What a connection knows of the world around it.
pub(crate) struct Context {
    pub peer: String,
    /// Its place among all connections of the server, from 0.
    pub number: u64,
    pub step: Step,
    pub service: Arc<Service>,
    pub faults: Arc<Faults>,
    pub stop: Arc<Stop>,
}

/// A connection that nobody serves yet.
pub(crate) struct Accepted {
    pub stream: Stream,
    pub context: Context,
}

impl Accepted {
    /// Serves until the peer, the script or the collector ends it; the error is a sentence.
    fn serve(self, sink: &dyn Sink) -> Result<(), String> {
        let service = Arc::clone(&self.context.service);
        match (self.context.step, &service.speaks) {
            (Step::Reset, _) => {
                self.stream.reset();
                Ok(())
            }
            (Step::AcceptNoRead, _) => {
                self.context.stop.wait(None, None).map(drop).map_err(|error| error.to_string())
            }
            (_, Speaks::Forward(handshake)) => connection::serve(self, handshake.as_ref(), sink),
            (_, Speaks::Http { tokens, named }) => {
                http::connection::serve(self, tokens.as_ref(), *named, sink)
            }
        }
    }
}

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
        faults: Arc<Faults>,
        sink: Arc<dyn Sink>,
    ) -> io::Result<Server> {
        if matches!(service.speaks, Speaks::Http { .. }) && listener.is_unix() {
            let sentence = "listening socket: found a Unix socket, expected an address and port for HTTP";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, sentence));
        }
        let stop = Arc::new(Stop::new()?);
        let accept = Accept {
            listener,
            service: Arc::new(service),
            faults,
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
    faults: Arc<Faults>,
    sink: Arc<dyn Sink>,
    stop: Arc<Stop>,
    connections: Vec<JoinHandle<()>>,
    accepted: u64,
}

impl Accept {
    fn run(mut self) {
        loop {
            match self.stop.wait(Some(self.listener.as_fd()), None) {
                Ok(Wake::Stopped) => break,
                Ok(_) => self.accept(),
                Err(_) => self.rest(),
            }
        }
        self.listener.remove_file();
        drop(self.listener);
        for connection in self.connections {
            let _ = connection.join();
        }
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
        let context = Context {
            peer: peer.clone(),
            number: self.accepted,
            step: self.faults.next_connection(),
            service: Arc::clone(&self.service),
            faults: Arc::clone(&self.faults),
            stop: Arc::clone(&self.stop),
        };
        self.accepted += 1;
        if let Err(error) = self.spawn(Accepted { stream, context }) {
            self.sink.closed(&peer, Some(&format!("no thread for it: {error}")));
            self.rest();
        }
    }

    fn spawn(&mut self, accepted: Accepted) -> io::Result<()> {
        let sink = Arc::clone(&self.sink);
        let thread = Builder::new().name("collector".into()).spawn(move || {
            let peer = accepted.context.peer.clone();
            let fault = accepted.serve(&*sink).err();
            sink.closed(&peer, fault.as_deref());
        })?;
        self.connections.push(thread);
        Ok(())
    }

    fn rest(&self) {
        // An error here is an error of the next wait too, which then rests again.
        let _ = self.stop.wait(None, Some(Instant::now() + PAUSE_AFTER_ERROR));
    }
}
