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

use crate::connection::Connection;
use crate::forward::chunk::Chunk;
use crate::script::{Faults, Step};
use crate::socket::{Listener, Stream};
use crate::stop::{Stop, Wake};

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
    /// The chunk with this id is acknowledged truthfully as soon as this returns.
    fn acknowledged(&self, _id: &str) {}
    /// A connection is closed; `fault` says why if it was not the peer's ordinary end or the script.
    fn closed(&self, _peer: &str, _fault: Option<&str>) {}
}

/// A listening socket with its threads.
#[derive(Debug)]
pub struct Server {
    stop: Arc<Stop>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts accepting; the threads are named `collector`.
    pub fn start(listener: Listener, faults: Arc<Faults>, sink: Arc<dyn Sink>) -> io::Result<Server> {
        let stop = Arc::new(Stop::new()?);
        let accept = Accept { listener, faults, sink, stop: Arc::clone(&stop), connections: Vec::new() };
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
    faults: Arc<Faults>,
    sink: Arc<dyn Sink>,
    stop: Arc<Stop>,
    connections: Vec<JoinHandle<()>>,
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
        let step = self.faults.next_connection();
        if let Err(error) = self.spawn(stream, &peer, step) {
            self.sink.closed(&peer, Some(&format!("no thread for it: {error}")));
            self.rest();
        }
    }

    fn spawn(&mut self, stream: Stream, peer: &str, step: Step) -> io::Result<()> {
        let connection = Connection::new(stream, step, Arc::clone(&self.faults), Arc::clone(&self.stop));
        let (sink, peer) = (Arc::clone(&self.sink), peer.to_owned());
        let thread = Builder::new().name("collector".into()).spawn(move || {
            let fault = connection.run(&*sink).err();
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
