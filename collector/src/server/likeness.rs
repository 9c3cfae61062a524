//! What a server of the world would make of what it gets, where that is less than a correct one takes.
//!
//! A [`crate::Service`] carries a [`Likeness`]; the connections ask it before they take something. Every
//! default is what a correct collector does, and [`Plain`] has nothing but these. A likeness lasts as long as
//! its service: what it counts goes on when a server is started again.

use std::fmt::Debug;
use std::sync::Mutex;
use std::time::Duration;

use crate::proto::chunk::Chunk;
use crate::proto::forward::handshake::Helo;

/// How a server differs from a correct collector.
pub trait Likeness: Debug + Send + Sync {
    /// Why the server does not serve such a socket, in a sentence.
    fn suits(&self, _socket: Socket) -> Result<(), String> {
        Ok(())
    }

    /// How many connections of Forward are served at a time. More are left to the kernel, unread, until one ends.
    fn most_connections(&self) -> Option<usize> {
        None
    }

    /// Whether a connection that was accepted is served; otherwise it is closed.
    fn is_open(&self) -> bool {
        true
    }

    /// How long a connection waits before its TLS handshake is looked at.
    fn tls_delay(&self) -> Duration {
        Duration::ZERO
    }

    /// How long HELO takes.
    fn helo_delay(&self) -> Duration {
        Duration::ZERO
    }

    /// How HELO is written, whatever the handshake says.
    fn helo(&self) -> Option<Helo> {
        None
    }

    /// Held while a chunk is taken and answered, if chunks are handed over one at a time: no other
    /// connection takes one meanwhile, and this one reads nothing.
    fn turn(&self) -> Option<&Mutex<()>> {
        None
    }

    /// What becomes of a Forward message.
    fn forward(&self, _chunk: &Chunk<'_>) -> Verdict {
        Verdict::Take
    }

    /// HTTP: bytes of a body above which it is answered with 413.
    fn largest_body(&self) -> Option<usize> {
        None
    }

    /// HTTP: whether records come one a line, whatever the content type says.
    fn wants_lines(&self) -> bool {
        false
    }

    /// HTTP: whether it is a receiver of OTLP and nothing else: other paths and types are refused, and a body that is too
    /// large with 400.
    fn is_otlp_alone(&self) -> bool {
        false
    }

    /// What becomes of a request with records.
    fn http(&self, _chunk: &Chunk<'_>) -> Verdict {
        Verdict::Take
    }
}

/// What a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Socket {
    /// HTTP; otherwise Forward.
    pub http: bool,
    /// In TLS.
    pub tls: bool,
    /// With a shared key.
    pub key: bool,
}

/// What becomes of something that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is kept and acknowledged.
    Take,
    /// It is kept and not acknowledged. HTTP knows no such thing and takes it.
    TakeInSilence,
    /// It is acknowledged and not kept.
    Pretend,
    /// It is neither kept nor acknowledged, and the connection goes on. HTTP answers 400.
    Ignore(String),
    /// Forward closes the connection without an acknowledgement, HTTP answers 400; the sentence says why.
    Refuse(String),
}

/// A correct collector.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

impl Likeness for Plain {}
