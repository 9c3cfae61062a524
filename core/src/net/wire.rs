//! One connected socket: never waits unless told, never raises a signal, gone in forked children.

use std::io::{self, IoSlice, Read};
use std::net::Shutdown;
use std::sync::Arc;

use socket2::Socket;

use crate::net::{Abort, Deadline, NO_ROOM, Progress, TransportError};
use crate::sys::descriptor::{AsRawFd as _, RawFd};
use crate::sys::kept::{Kept, SEND_FLAGS};
use crate::sys::poll::{wait_readable, wait_writable};

/// Most bytes that are read after the last word to a collector: answers that were on their way, and tickets.
const MOST_FAREWELL_BYTES: usize = 64 * 1024;

/// A socket that does not block and that a forked child closes.
pub(crate) struct Nonblocking {
    pub(crate) socket: Kept<Socket>,
}

impl Nonblocking {
    pub(crate) fn new(socket: Socket) -> io::Result<Nonblocking> {
        let socket = Kept::new(socket)?;
        #[cfg(target_vendor = "apple")]
        socket.set_nosigpipe(true)?;
        socket.set_nonblocking(true)?;
        Ok(Nonblocking { socket })
    }
}

/// The connection of one transport, which its [`Abort`] can shut down. One that the host closed under us has ended,
/// whatever stands at its number.
pub(crate) struct Wire {
    socket: Arc<Kept<Socket>>,
    abort: Arc<Abort>,
}

impl Wire {
    pub(crate) fn guarded(connected: Nonblocking, abort: &Arc<Abort>) -> io::Result<Wire> {
        if abort.has_fired() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let socket = Arc::new(connected.socket);
        abort.guard(&socket);
        Ok(Wire { socket, abort: Arc::clone(abort) })
    }

    /// How far a handshake on it has come, for who waits for its end.
    pub(crate) fn progress(&self) -> &Progress {
        &self.abort.progress
    }

    /// Its number, unless it was lost.
    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        self.socket.ours().ok().map(|socket| socket.as_raw_fd())
    }

    /// Waits until bytes or the end arrive; false when `deadline` came first.
    pub(crate) fn await_bytes(&self, deadline: Deadline) -> bool {
        let left = deadline.left();
        if !left.is_zero()
            && let Some(descriptor) = self.descriptor()
        {
            wait_readable(&[descriptor], left);
        }
        !left.is_zero()
    }

    /// Waits until bytes can be sent; false when `deadline` came first.
    pub(crate) fn await_room(&self, deadline: Deadline) -> bool {
        let left = deadline.left();
        if !left.is_zero()
            && let Some(descriptor) = self.descriptor()
        {
            wait_writable(descriptor, left);
        }
        !left.is_zero()
    }

    /// Says that nothing more will be sent and reads to the end: an answer that meets a closed socket
    /// resets the connection, and with it what the collector has not read yet.
    pub(crate) fn finish(&mut self, deadline: Deadline) {
        if self.socket.ours().and_then(|socket| socket.shutdown(Shutdown::Write)).is_err() {
            return;
        }
        let mut ignored = [0; 4096];
        let mut left = MOST_FAREWELL_BYTES;
        loop {
            match self.read(&mut ignored) {
                Ok(0) => return,
                Ok(_) if deadline.is_over() || left == 0 => return,
                Ok(count) => left = left.saturating_sub(count),
                Err(error) if is_pause(&error) => {
                    if !self.await_bytes(deadline) {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
    }
}

/// Whether the socket is merely not ready.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

/// The error of a send that found no room in time.
pub(crate) fn no_room() -> TransportError {
    TransportError::new(NO_ROOM, "the collector took no more bytes within io_timeout_ms")
}

/// The error of a send.
pub(crate) fn not_sent(error: &io::Error) -> TransportError {
    TransportError::io("send", "sending failed", error)
}

/// The error of a receive.
pub(crate) fn broke(error: &io::Error) -> TransportError {
    TransportError::io("receive", "the connection broke", error)
}

impl io::Read for Wire {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let mut socket = self.socket.ours()?;
        socket.read(target)
    }
}

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket.ours()?.send_with_flags(bytes, SEND_FLAGS)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket.ours()?.send_vectored_with_flags(parts, SEND_FLAGS)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.abort.release(&self.socket);
    }
}
