//! A connection's bytes both ways, in clear text or in TLS.
//!
//! Owned by a Forward connection, which waits on the socket before it reads. Counts what
//! came off the wire, and can break off inside a TLS record.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use rustls::ServerConnection;

use super::socket::Stream;
use super::stop::{Stop, Waited};
use super::tls::Tls;

/// What one read gave.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// Bytes for the reader; none while TLS needs more, or talks to itself.
    pub(super) bytes: usize,
    /// Bytes that came off the wire for them.
    pub(super) wire: usize,
    /// The peer has ended its side.
    pub(super) ended: bool,
}

pub(super) struct Channel {
    stream: Stream,
    tls: Option<Box<ServerConnection>>,
    /// Plain bytes that TLS holds ready.
    ready: usize,
}

impl Channel {
    pub(super) fn new(stream: Stream, tls: Option<&Tls>) -> io::Result<Channel> {
        let tls = match tls {
            None => None,
            Some(Tls(config)) => {
                Some(Box::new(ServerConnection::new(config.clone()).map_err(io::Error::other)?))
            }
        };
        Ok(Channel { stream, tls, ready: 0 })
    }

    /// Whether reading gives something without waiting for the socket.
    pub(super) fn is_ready(&self) -> bool {
        self.ready > 0
    }

    /// Whether the TLS handshake is not over.
    pub(super) fn is_shaking(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.is_handshaking())
    }

    /// Reads what is there, at most `limit` bytes off the wire. Waits if the socket has nothing.
    pub(super) fn receive(&mut self, into: &mut [u8], limit: usize) -> io::Result<Received> {
        let Some(tls) = &mut self.tls else {
            let room = limit.min(into.len());
            let bytes = self.stream.read(into.get_mut(..room).unwrap_or_default())?;
            return Ok(Received { bytes, wire: bytes, ended: bytes == 0 });
        };
        let mut received = Received::default();
        if self.ready == 0 {
            (received.wire, self.ready) = read_tls(tls, &mut self.stream, limit)?;
            // Some clients end the connection without saying so in TLS first.
            received.ended = received.wire == 0;
        }
        match tls.reader().read(into) {
            Ok(0) => received.ended = true,
            Ok(bytes) => received.bytes = bytes,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => received.ended = true,
            Err(error) => return Err(error),
        }
        self.ready = self.ready.saturating_sub(received.bytes);
        Ok(received)
    }

    /// Takes what the TLS handshake needs; gives the bytes off the wire, nothing where the peer or the collector
    /// ends or the deadline passes before it does.
    pub(super) fn finish_handshake(
        &mut self,
        stop: &Stop,
        deadline: Option<Instant>,
    ) -> io::Result<Option<usize>> {
        let mut taken = 0;
        while let Some(tls) = self.tls.as_mut().filter(|tls| tls.is_handshaking()) {
            if stop.wait(Some(self.stream.as_fd()), deadline)? != Waited::Ready {
                return Ok(None);
            }
            let (wire, ready) = read_tls(tls, &mut self.stream, usize::MAX)?;
            if wire == 0 {
                return Ok(None);
            }
            self.ready = ready;
            taken += wire;
        }
        Ok(Some(taken))
    }

    /// Writes all of it. Before the end of a TLS handshake it is kept until then.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return self.stream.write_all(bytes) };
        tls.writer().write_all(bytes)?;
        write_all(tls, &mut self.stream)
    }

    /// Says that the next bytes are under another key, TLS 1.3 alone.
    pub(super) fn refresh_keys(&mut self) -> io::Result<()> {
        let Some(tls) = &mut self.tls else { return Ok(()) };
        tls.refresh_traffic_keys().map_err(io::Error::other)?;
        write_all(tls, &mut self.stream)
    }

    /// Writes the first half of the TLS record that holds these bytes; in clear text the first half of
    /// the bytes.
    pub(super) fn send_half(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut wire = Vec::new();
        match &mut self.tls {
            None => wire.extend_from_slice(bytes),
            Some(tls) => {
                tls.writer().write_all(bytes)?;
                write_all(tls, &mut wire)?;
            }
        }
        self.stream.write_all(wire.get(..wire.len() / 2).unwrap_or_default())
    }

    /// Says that nothing more will be written; what the peer sends can still be read.
    pub(super) fn end_writing(&mut self) -> io::Result<()> {
        if let Some(tls) = &mut self.tls {
            tls.send_close_notify();
            write_all(tls, &mut self.stream)?;
        }
        self.stream.end_writing()
    }

    /// Closes at once, with a reset where the socket knows one.
    pub(super) fn reset(self) {
        self.stream.reset();
    }
}

/// Reads and answers; gives the bytes off the wire and the plain bytes that are ready.
fn read_tls(tls: &mut ServerConnection, stream: &mut Stream, limit: usize) -> io::Result<(usize, usize)> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    let wire = tls.read_tls(&mut (&mut *stream).take(most))?;
    let state = tls.process_new_packets();
    // Answers of the handshake, tickets, or the alert that says what was wrong.
    let written = write_all(tls, stream);
    let state = state.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    written?;
    Ok((wire, state.plaintext_bytes_to_read()))
}

fn write_all(tls: &mut ServerConnection, out: &mut impl Write) -> io::Result<()> {
    while tls.wants_write() {
        tls.write_tls(out)?;
    }
    Ok(())
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// What a connection that broke is said to have done.
pub(super) fn gone(doing: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionReset => format!("the peer reset the connection while {doing}"),
        io::ErrorKind::InvalidData => format!("TLS: {error}"),
        io::ErrorKind::BrokenPipe => format!("the peer had closed the connection while {doing}"),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!("the peer took no answer for a second while {doing}")
        }
        _ => format!("{doing}: {error}"),
    }
}
