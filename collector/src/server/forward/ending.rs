//! How a Forward connection ends.

use std::os::fd::AsFd;
use std::time::Instant;

use super::{Connection, READ};
use crate::server::socket::LINGER;
use crate::server::stop::Waited;

impl Connection<'_> {
    /// The peer has ended its side.
    pub(super) fn end(&self) -> Result<(), String> {
        match self.frames.pending() {
            0 => Ok(()),
            bytes if self.handshake.is_some_and(|handshake| !handshake.keepalive) => {
                Err(format!("found {bytes} bytes behind the first chunk, expected none without keepalive"))
            }
            bytes => Err(format!("the connection ended {bytes} bytes into a message")),
        }
    }

    /// Closes so that the peer can still read what was written.
    pub(super) fn close(mut self) {
        if self.channel.end_writing().is_err() {
            return;
        }
        let deadline = Instant::now() + LINGER;
        let mut rest = vec![0; READ];
        while let Ok(Waited::Ready) = self.session.stop.wait(Some(self.channel.as_fd()), Some(deadline)) {
            match self.channel.receive(&mut rest, READ) {
                Ok(received) if !received.ended && Instant::now() < deadline => {}
                _ => return,
            }
        }
    }
}
