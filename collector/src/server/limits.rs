//! How long a connection may take, and how many there may be.
//!
//! Set on a [`super::service::Service`], read by those who serve. What a limit ends is closed with a
//! sentence in the log; over HTTP an answer says it too, where one can.

use std::time::{Duration, Instant};

/// Slower bodies and messages are not waited for, once the time without progress is over.
const BYTES_A_SECOND: u64 = 1024;

/// The limits of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at once; one more takes the place of the one that is idle the longest,
    /// and is closed at once where none is.
    pub connections: usize,
    /// From the accept to the end of the TLS handshake, and of HELO, PING and PONG.
    pub handshake: Duration,
    /// HTTP: from the first byte of a request to the end of its head.
    pub head: Duration,
    /// Without a byte of a message or a body that has begun.
    pub progress: Duration,
    /// HTTP: without a request. Forward connections may be idle as long as there is room for others.
    pub idle: Duration,
    /// Forward: for memory, where other messages have it. HTTP answers at once.
    pub room: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let ten = Duration::from_secs(10);
        let idle = Duration::from_secs(60);
        Limits { connections: 256, handshake: ten, head: ten, progress: ten, idle, room: ten }
    }
}

impl Limits {
    /// When the handshake of a connection that was accepted then takes too long, and what is said.
    pub(super) fn handshake(&self, opened: Instant) -> Option<(Instant, &'static str)> {
        Some((opened.checked_add(self.handshake)?, "the handshake took too long"))
    }

    /// When a message takes too long that began then, of which something last came then, and so many bytes
    /// in all.
    pub(super) fn message(
        &self,
        begun: Instant,
        last: Instant,
        bytes: usize,
    ) -> Option<(Instant, &'static str)> {
        let progress = (last.checked_add(self.progress)?, "nothing came for too long inside a message");
        let complete = (self.complete_by(begun, bytes)?, "a message came too slowly");
        Some(progress.min(complete))
    }

    /// When a message that has begun then, and of which so many bytes are here, has to be complete.
    pub(super) fn complete_by(&self, begun: Instant, bytes: usize) -> Option<Instant> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let slow = Duration::from_secs(bytes / BYTES_A_SECOND);
        begun.checked_add(self.progress)?.checked_add(self.progress)?.checked_add(slow)
    }
}
