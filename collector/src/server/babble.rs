//! A connection that is talked to without end instead of being served.
//!
//! Follows [`super::conduct::Start::Babble`]: what is said, the conduct decides. Reads and drops what comes, so that
//! whoever writes is not held up by it, and ends with the peer or the collector. Takes and acknowledges nothing.

use std::io;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_recv_buffer_size;

use super::channel::Channel;
use super::conduct::Babble;
use super::session::Session;
use super::socket::Stream;
use super::stop::Waited;
use super::tls::Tls;

/// What is written at once, about: as fast as a peer that reads all of it can take.
const AT_ONCE: usize = 64 << 10;
/// Bytes that are written one by one between two looks at what came.
const BETWEEN_LOOKS: usize = 1 << 10;
/// The smallest window that the system grants is twice what is asked for, and no less than some thousand bytes.
const LEAST_WINDOW: usize = 1;

/// Talks until the peer or the collector ends it; an end of the connection is no fault here.
pub(super) fn serve(stream: Stream, session: &Session, babble: &Babble) -> Result<(), String> {
    if babble.sips.is_some() {
        set_socket_recv_buffer_size(stream.as_fd(), LEAST_WINDOW).map_err(|error| error.to_string())?;
    }
    let tls = session.service.tls.as_ref().map(|tls| with_tickets(tls, babble.tickets));
    let channel = Channel::new(stream, tls.as_ref()).map_err(|error| format!("TLS: {error}"))?;
    let mut talk = Talk { channel, session, last: Instant::now() };
    // Whoever is talked to like that goes; that is what it is for.
    let _ = talk.run(babble);
    Ok(())
}

/// The same TLS with so many tickets behind each handshake.
fn with_tickets(tls: &Tls, tickets: usize) -> Tls {
    if tickets == 0 {
        return tls.clone();
    }
    let mut config = (*tls.0).clone();
    config.send_tls13_tickets = tickets;
    Tls(Arc::new(config))
}

struct Talk<'a> {
    channel: Channel,
    session: &'a Session,
    /// When a pause began.
    last: Instant,
}

impl Talk<'_> {
    fn run(&mut self, babble: &Babble) -> io::Result<()> {
        let stop = &self.session.stop;
        if self.channel.finish_handshake(stop, None)?.is_none() {
            return Ok(());
        }
        if let Some(pause) = babble.sips {
            while self.rest(pause)? && self.take(1)? {}
            return Ok(());
        }
        if babble.waits && !self.wait_for_bytes(None)? {
            return Ok(());
        }
        self.say(&babble.lead, babble.each)?;
        if babble.again.is_empty() && !babble.renews_keys {
            while self.wait_for_bytes(None)? {}
            return Ok(());
        }
        let at_once = if babble.each.is_some() { BETWEEN_LOOKS } else { AT_ONCE };
        let times = at_once / babble.again.len().max(1);
        let again = babble.again.repeat(times.max(1));
        loop {
            if babble.renews_keys {
                self.channel.refresh_keys()?;
            }
            self.say(&again, babble.each)?;
        }
    }

    /// Writes these bytes, one at a time where there is a pause, and looks now and then whether anything came.
    fn say(&mut self, bytes: &[u8], each: Option<Duration>) -> io::Result<()> {
        let Some(pause) = each else {
            self.take_ready()?;
            return self.channel.send(bytes);
        };
        for byte in bytes.chunks(1) {
            if !pause.is_zero() {
                if !self.rest(pause)? {
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                self.take_ready()?;
            }
            self.channel.send(byte)?;
        }
        self.take_ready()
    }

    fn rest(&mut self, pause: Duration) -> io::Result<bool> {
        self.last += pause;
        let until = self.last.max(Instant::now());
        Ok(self.session.stop.wait(None, Some(until))? != Waited::Stopped)
    }

    /// Takes what has come, without waiting.
    fn take_ready(&mut self) -> io::Result<()> {
        while self.wait_for_bytes(Some(Instant::now()))? {}
        Ok(())
    }

    /// Waits for bytes and drops them; false when none came in time.
    fn wait_for_bytes(&mut self, deadline: Option<Instant>) -> io::Result<bool> {
        match self.session.stop.wait(Some(self.channel.as_fd()), deadline)? {
            Waited::Ready => self.take(usize::MAX),
            Waited::TimedOut => Ok(false),
            Waited::Stopped => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    fn take(&mut self, limit: usize) -> io::Result<bool> {
        let received = self.channel.receive(&mut [0; 16 << 10], limit)?;
        if received.ended { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(true) }
    }
}
