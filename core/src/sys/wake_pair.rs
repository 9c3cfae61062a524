//! What a wake-up travels through: a pair of connected sockets that holds it until the sleeper looks.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::net::UnixStream;

use crate::sys::fork::ClosedInChild;

#[derive(Debug)]
pub(crate) struct WakePair {
    /// Dropped before the sockets: a child must not close a number that is somebody else's by then.
    _inherited: [ClosedInChild; 2],
    receiver: UnixStream,
    sender: UnixStream,
}

impl WakePair {
    pub(crate) fn new() -> io::Result<WakePair> {
        let (receiver, sender) = UnixStream::pair()?;
        receiver.set_nonblocking(true)?;
        sender.set_nonblocking(true)?;
        let inherited = [ClosedInChild::new(receiver.as_raw_fd()), ClosedInChild::new(sender.as_raw_fd())];
        Ok(WakePair { _inherited: inherited, receiver, sender })
    }

    /// Makes the descriptor readable.
    pub(crate) fn ring(&self) {
        // A full socket means that a wake-up waits there already.
        let _ = (&self.sender).write(&[1]);
    }

    /// Forgets all wake-ups that came.
    pub(crate) fn forget(&self) {
        let mut seen = [0u8; 64];
        while matches!((&self.receiver).read(&mut seen), Ok(count) if count == seen.len()) {}
    }

    /// To wait on.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.receiver.as_raw_fd()
    }
}
