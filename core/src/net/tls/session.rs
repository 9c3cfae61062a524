//! One TLS session over one socket, with the same bounds as the socket alone.

use std::io::{self, Read as _, Write as _};

use rustls::ClientConnection;

use super::Tls;
use super::words::Words;
use crate::net::wire::{Wire, broke, is_pause, no_room, not_sent};
use crate::net::{Cause, Deadline, Finding, TransportError};

/// Most bytes that a session may send between data: a few tickets of some hundred bytes each, or the start of the
/// largest record. Who sends more without data would keep the reader at it for ever.
const MOST_WITHOUT_DATA: usize = 64 * 1024;

pub(crate) struct Session {
    tls: ClientConnection,
    wire: Wire,
    words: Words,
    /// Bytes that came since the last data.
    without_data: usize,
}

impl Session {
    /// Shakes hands before `deadline`: afterwards the other side is who it should be.
    pub(crate) fn open(
        wire: Wire,
        tls: &Tls,
        host: &str,
        deadline: Deadline,
    ) -> Result<Session, TransportError> {
        let words = Words { own_authorities: tls.has_own_authorities(), identity: tls.has_identity() };
        let name = tls.server_name(host).ok_or_else(|| {
            TransportError::new(
                "tls",
                format!("no certificate can carry the name \"{host}\", set tls_server_name"),
            )
            .because(Cause::Configuration)
            .found(Finding::WrongName)
        })?;
        let config = tls.config().map_err(|error| {
            TransportError::new("file", error.detail().to_owned()).because(Cause::Configuration)
        })?;
        let connection = ClientConnection::new(config, name).map_err(|error| words.error(&error, true))?;
        let mut session = Session { tls: connection, wire, words, without_data: 0 };
        session.wire.progress().begin();
        let is_through = session.shake_hands(deadline);
        if is_through.is_err() {
            session.wire.progress().fail();
        }
        if let (true, Some(observed)) = (is_through.is_ok(), tls.observer()) {
            observed.agreed(&session.tls);
        }
        is_through.map(|()| session)
    }

    fn shake_hands(&mut self, deadline: Deadline) -> Result<(), TransportError> {
        while self.tls.is_handshaking() {
            self.flush(deadline).map_err(|error| TransportError { kind: "tls", ..error })?;
            if !self.tls.is_handshaking() {
                break;
            }
            match self.tls.read_tls(&mut self.wire) {
                Ok(0) => {
                    return Err(TransportError::new(
                        "tls",
                        "the connection was closed during the TLS handshake; is TLS on there?",
                    )
                    .found(Finding::Closed));
                }
                Ok(_) if deadline.is_over() => return Err(slow_handshake()),
                Ok(_) => {
                    self.process(true)?;
                    self.wire.progress().step();
                }
                Err(error) if is_pause(&error) => {
                    if !self.wire.await_bytes(deadline) {
                        return Err(slow_handshake());
                    }
                }
                Err(error) => return Err(TransportError::io("tls", "the TLS handshake broke", &error)),
            }
        }
        self.flush(deadline)
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Sends all of `parts` before `deadline`.
    pub(crate) fn send_all(&mut self, parts: &[&[u8]], deadline: Deadline) -> Result<(), TransportError> {
        let patience = deadline.left();
        for part in parts {
            let mut rest = *part;
            while !rest.is_empty() {
                let taken = self.tls.writer().write(rest).map_err(|error| not_sent(&error))?;
                rest = rest.get(taken..).unwrap_or_default();
                if !rest.is_empty() {
                    // The session holds only so much at a time.
                    self.flush(Deadline::after(patience))?;
                }
            }
        }
        self.flush(Deadline::after(patience))
    }

    /// Reads what has arrived into `target`. `None` when nothing has.
    pub(crate) fn read(&mut self, target: &mut [u8]) -> Result<Option<usize>, TransportError> {
        loop {
            match self.tls.reader().read(target) {
                Ok(0) => return Err(TransportError::end()),
                Ok(count) => {
                    self.without_data = 0;
                    return Ok(Some(count));
                }
                Err(error) if is_pause(&error) => {}
                // Without a farewell; answers say themselves where they end.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(TransportError::end());
                }
                Err(error) => return Err(broke(&error)),
            }
            if self.without_data > MOST_WITHOUT_DATA {
                return Err(TransportError::new(
                    "tls",
                    "it sends TLS records without data, and no end of them",
                ));
            }
            match self.tls.read_tls(&mut self.wire) {
                Ok(count) => {
                    self.without_data += count;
                    self.process(false)?;
                }
                Err(error) if is_pause(&error) => return Ok(None),
                Err(error) => return Err(broke(&error)),
            }
        }
    }

    /// Says farewell, then reads to the end: tickets that meet a closed socket reset the connection, and
    /// with it what the collector has not read yet.
    pub(crate) fn finish(mut self, deadline: Deadline) {
        self.tls.send_close_notify();
        if self.flush(deadline).is_ok() {
            self.wire.finish(deadline);
        }
    }

    fn process(&mut self, is_handshake: bool) -> Result<(), TransportError> {
        let processed = self.tls.process_new_packets();
        if self.tls.wants_write() {
            // An alert or a new key; what does not fit now goes with the next bytes.
            let _ = self.tls.write_tls(&mut self.wire);
        }
        processed.map(drop).map_err(|error| self.words.error(&error, is_handshake))
    }

    /// Sends what the session has ready.
    fn flush(&mut self, deadline: Deadline) -> Result<(), TransportError> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut self.wire) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_pause(&error) => {
                    if !self.wire.await_room(deadline) {
                        return Err(no_room());
                    }
                }
                Err(error) => return Err(self.last_word().unwrap_or_else(|| not_sent(&error))),
            }
        }
        Ok(())
    }

    /// Why the other side closed, when it said so before it did.
    fn last_word(&mut self) -> Option<TransportError> {
        while self.tls.read_tls(&mut self.wire).is_ok_and(|count| count > 0) {
            if let Err(error) = self.tls.process_new_packets() {
                return Some(self.words.error(&error, false));
            }
        }
        None
    }
}

fn slow_handshake() -> TransportError {
    TransportError::new("tls", "no answer to the TLS handshake within connect_timeout_ms; is TLS on there?")
        .found(Finding::Silent)
}
