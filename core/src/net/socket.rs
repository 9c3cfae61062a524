//! A stream to a collector, in the clear or over TLS, that never blocks for longer than it is told and
//! never raises a signal.

use std::io::{self, IoSlice, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, TcpKeepalive, Type};

use super::tls::{Session, Tls};
#[cfg_attr(not(feature = "http"), allow(unused_imports))]
use super::wire::{Nonblocking, Wire, broke, is_pause, no_room, not_sent};
use crate::net::{Abort, Deadline, Progress, TransportError};
use crate::sys::descriptor::RawFd;

/// How often an idle connection is probed, so that a collector that vanished without a word is noticed
/// and middle boxes keep the way open.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

pub(crate) struct Stream {
    layer: Layer,
}

enum Layer {
    Plain(Wire),
    Tls(Box<Session>),
}

impl Stream {
    /// Connects to the first of `addresses` that answers.
    #[cfg(test)]
    pub(crate) fn tcp(
        addresses: &[std::net::SocketAddr],
        deadline: Deadline,
        abort: &Arc<Abort>,
    ) -> io::Result<Stream> {
        let (connected, _) = super::happy_eyeballs::first(addresses, deadline, abort).connected?;
        Stream::over_tcp(connected, abort)
    }

    /// Makes one of a connection over TCP.
    pub(crate) fn over_tcp(connected: Nonblocking, abort: &Arc<Abort>) -> io::Result<Stream> {
        connected.socket.set_tcp_nodelay(true)?;
        connected.socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE))?;
        Ok(Stream { layer: Layer::Plain(Wire::guarded(connected, abort)?) })
    }

    /// Connects to a unix socket.
    pub(crate) fn unix(path: &Path, abort: &Arc<Abort>) -> io::Result<Stream> {
        // Does not block, as a full backlog would for as long as the collector does not accept.
        let connected = Nonblocking::new(Socket::new(Domain::UNIX, Type::STREAM, None)?)?;
        connected.socket.connect(&SockAddr::unix(path)?)?;
        Ok(Stream { layer: Layer::Plain(Wire::guarded(connected, abort)?) })
    }

    /// Puts TLS over it: shakes hands and checks that the other side is `host`, or who the options say.
    pub(crate) fn secure(self, tls: &Tls, host: &str, deadline: Deadline) -> Result<Stream, TransportError> {
        match self.layer {
            Layer::Plain(wire) => {
                let session = Session::open(wire, tls, host, deadline)?;
                Ok(Stream { layer: Layer::Tls(Box::new(session)) })
            }
            Layer::Tls(_) => Ok(self),
        }
    }

    /// How far a handshake on it has come.
    pub(crate) fn progress(&self) -> &Progress {
        match &self.layer {
            Layer::Plain(wire) => wire.progress(),
            Layer::Tls(session) => session.wire().progress(),
        }
    }

    /// What becomes readable when something arrives or the connection ends; nothing where the host took it away.
    /// [`Stream::receive`] leaves nothing behind it once it says that nothing has arrived.
    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        match &self.layer {
            Layer::Plain(wire) => wire.descriptor(),
            Layer::Tls(session) => session.wire().descriptor(),
        }
    }

    /// Sends all of `parts` before `deadline`.
    pub(crate) fn send_all(&mut self, parts: &[&[u8]], deadline: Deadline) -> Result<(), TransportError> {
        match &mut self.layer {
            Layer::Plain(wire) => send_plain(wire, parts, deadline),
            Layer::Tls(session) => session.send_all(parts, deadline),
        }
    }

    /// Reads what has arrived into `target`, which is not empty. `None` when nothing has; the end of the
    /// connection is an error.
    pub(crate) fn read(&mut self, target: &mut [u8]) -> Result<Option<usize>, TransportError> {
        match &mut self.layer {
            Layer::Plain(wire) => match wire.read(target) {
                Ok(0) => Err(TransportError::end()),
                Ok(count) => Ok(Some(count)),
                Err(error) if is_pause(&error) => Ok(None),
                Err(error) => Err(broke(&error)),
            },
            Layer::Tls(session) => session.read(target),
        }
    }

    /// Appends what has arrived, at most `most` bytes. False when nothing has.
    pub(crate) fn receive(&mut self, into: &mut Vec<u8>, most: usize) -> Result<bool, TransportError> {
        let start = into.len();
        into.resize(start.saturating_add(most), 0);
        let received = self.read(into.get_mut(start..).unwrap_or_default());
        into.truncate(start + received.as_ref().map_or(0, |count| count.unwrap_or(0)));
        received.map(|count| count.is_some())
    }

    /// Waits until something may have arrived; false when `deadline` came first.
    pub(crate) fn await_bytes(&self, deadline: Deadline) -> bool {
        match &self.layer {
            Layer::Plain(wire) => wire.await_bytes(deadline),
            Layer::Tls(session) => session.wire().await_bytes(deadline),
        }
    }

    /// Says that nothing more will be sent and reads to the end, so that nothing sent is lost.
    pub(crate) fn finish(self, deadline: Deadline) {
        match self.layer {
            Layer::Plain(mut wire) => wire.finish(deadline),
            Layer::Tls(session) => session.finish(deadline),
        }
    }
}

fn send_plain(wire: &mut Wire, parts: &[&[u8]], deadline: Deadline) -> Result<(), TransportError> {
    let patience = deadline.left();
    let mut deadline = deadline;
    let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let mut left = slices.as_mut_slice();
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match wire.write_vectored(left) {
            Ok(count) => {
                IoSlice::advance_slices(&mut left, count);
                deadline = Deadline::after(patience);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_pause(&error) => {
                if !wire.await_room(deadline) {
                    return Err(no_room());
                }
            }
            Err(error) => return Err(not_sent(&error)),
        }
    }
    Ok(())
}
