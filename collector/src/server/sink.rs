//! Where everything goes that a server takes.
//!
//! The program writes it down, the fault collector keeps it; a server only tells.

use std::io;

use crate::proto::chunk::Chunk;
use crate::proto::http::request::RequestEntry;

/// Who sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer<'a> {
    /// Its address with the port, or that of the Unix socket it came through.
    pub address: &'a str,
    /// What it called itself in the handshake of Forward.
    pub hostname: Option<&'a str>,
}

/// Hears what a server takes; called from the threads of its connections.
pub trait Sink: Send + Sync {
    /// A connection was accepted.
    fn opened(&self) {}
    /// Bytes were read.
    fn received(&self, _bytes: usize) {}
    /// A chunk was taken. It is acknowledged after this returns; on an error the connection is
    /// closed without an answer.
    fn chunk(&self, chunk: &Chunk<'_>) -> io::Result<()>;
    /// The same, and from whom.
    fn chunk_from(&self, _peer: Peer<'_>, chunk: &Chunk<'_>) -> io::Result<()> {
        self.chunk(chunk)
    }
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
