//! A stream socket that never blocks for longer than it is told and never raises a signal.

use std::io::{self, IoSlice, Read as _};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsRawFd as _, RawFd};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::{Domain, SockAddr, Socket, TcpKeepalive, Type};

use super::poll::wait_writable;
use super::{Abort, Fault};
use crate::fork::ClosedInChild;
use crate::transport::wait_readable;

/// How often an idle connection is probed, so that a collector that vanished without a word is noticed
/// and middle boxes keep the way open.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// `std` writes vectors without this flag, so a broken connection would raise SIGPIPE.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
const SEND_FLAGS: i32 = 0;

pub(super) struct Stream {
    /// Dropped before the socket: a child must not close a number that is somebody else's by then.
    _inherited: ClosedInChild,
    socket: Arc<Socket>,
    abort: Arc<Abort>,
}

impl Stream {
    pub(super) fn tcp(address: SocketAddr, deadline: Instant, abort: &Arc<Abort>) -> io::Result<Stream> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        let stream = Stream::guarded(socket, abort)?;
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        stream.socket.connect_timeout(&address.into(), left)?;
        stream.socket.set_tcp_nodelay(true)?;
        stream.socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEP_ALIVE))?;
        stream.ready()
    }

    pub(super) fn unix(path: &Path, abort: &Arc<Abort>) -> io::Result<Stream> {
        let stream = Stream::guarded(Socket::new(Domain::UNIX, Type::STREAM, None)?, abort)?;
        // A full backlog would block here for as long as the collector does not accept.
        stream.socket.set_nonblocking(true)?;
        stream.socket.connect(&SockAddr::unix(path)?)?;
        stream.ready()
    }

    fn guarded(socket: Socket, abort: &Arc<Abort>) -> io::Result<Stream> {
        if abort.has_fired() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        #[cfg(target_vendor = "apple")]
        socket.set_nosigpipe(true)?;
        let inherited = ClosedInChild::new(socket.as_raw_fd());
        let socket = Arc::new(socket);
        abort.guard(&socket);
        Ok(Stream { _inherited: inherited, socket, abort: Arc::clone(abort) })
    }

    fn ready(self) -> io::Result<Stream> {
        self.socket.set_nonblocking(true)?;
        Ok(self)
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Sends all of `parts`. The time until `deadline` is how long the collector may take no byte; it starts
    /// anew with each one it takes.
    pub(super) fn send_all(&self, parts: &[&[u8]], deadline: Instant) -> Result<(), Fault> {
        let patience = deadline.saturating_duration_since(Instant::now());
        let mut deadline = deadline;
        let mut slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
        let mut left = slices.as_mut_slice();
        IoSlice::advance_slices(&mut left, 0);
        while !left.is_empty() {
            match self.socket.send_vectored_with_flags(left, SEND_FLAGS) {
                Ok(count) => {
                    IoSlice::advance_slices(&mut left, count);
                    deadline = Instant::now() + patience;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !wait_writable(self.descriptor(), deadline) {
                        return Err(Fault::new(
                            "send",
                            "the collector took no more bytes within io_timeout_ms",
                        ));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::io("send", "sending failed", &error)),
            }
        }
        Ok(())
    }

    /// Appends what has arrived, at most `most` bytes. False when nothing has.
    pub(super) fn receive(&self, into: &mut Vec<u8>, most: usize) -> Result<bool, Fault> {
        let mut bytes = [0u8; 512];
        let room = most.min(bytes.len());
        let target = bytes.split_at_mut_checked(room).map_or(&mut [][..], |(head, _)| head);
        match (&*self.socket).read(target) {
            Ok(0) => Err(Fault::end()),
            Ok(count) => {
                into.extend(bytes.iter().take(count));
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(false),
            Err(error) => Err(Fault::io("receive", "the connection broke", &error)),
        }
    }

    /// Says that nothing more will be sent and reads to the end: an answer that meets a closed socket
    /// resets the connection, and with it what the collector has not read yet.
    pub(super) fn finish(self, deadline: Instant) {
        if self.socket.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let mut ignored = Vec::new();
        while Instant::now() < deadline {
            match self.receive(&mut ignored, 512) {
                Ok(true) => ignored.clear(),
                Ok(false) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    wait_readable(&[self.descriptor()], left);
                }
                Err(_) => return,
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.abort.release();
    }
}
