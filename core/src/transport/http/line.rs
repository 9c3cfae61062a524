//! The connection that requests travel on: how old it is, how long it was idle, and what the present request met.

use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::id;
use crate::transport::Fault;
use crate::transport::socket::Stream;

/// Age at which a connection is replaced, so that load balancers and moved names take effect; spread by a
/// fifth either way so that a fleet does not reconnect at once.
const MOST_AGE: Duration = Duration::from_secs(300);
const AGE_SPREAD: f64 = 0.2;

/// Fluentd and Fluent Bit close a connection that was idle for ten seconds; this stays clear of the race.
const MOST_IDLE: Duration = Duration::from_secs(8);

/// Most bytes taken from the socket at once: all of a usual answer.
const MOST_READ: usize = 16 * 1024;

/// An open connection.
pub(super) struct Line {
    stream: Stream,
    worn_at: Instant,
    idle_since: Instant,
    /// A request was answered on it.
    was_used: bool,
    /// Something of the answer to the present request has arrived.
    has_answer: bool,
    /// The server closed it.
    has_ended: bool,
}

/// What waiting for an answer brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    Bytes,
    /// The end of the connection.
    End,
    /// Nothing in time.
    Nothing,
}

impl Line {
    pub(super) fn new(stream: Stream) -> Line {
        let now = Instant::now();
        let spread = 1.0 + AGE_SPREAD * (2.0 * id::random_fraction() - 1.0);
        Line {
            stream,
            worn_at: now + MOST_AGE.mul_f64(spread),
            idle_since: now,
            was_used: false,
            has_answer: false,
            has_ended: false,
        }
    }

    pub(super) fn is_worn(&self, now: Instant) -> bool {
        now >= self.worn_at
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.stream.descriptor()
    }

    /// Whether the idle connection is still good: not so when it was idle for too long, or the server closed
    /// it or sent what nobody asked for.
    pub(super) fn is_quiet(&mut self, now: Instant) -> bool {
        now.saturating_duration_since(self.idle_since) < MOST_IDLE
            && matches!(self.stream.receive(&mut Vec::new(), 1), Ok(false))
    }

    /// Whether the next request can go out on it. A new connection is not looked at: what a server says on it
    /// before anything was asked, say that it has no room, is read as its answer.
    pub(super) fn is_ready(&mut self, now: Instant) -> bool {
        !self.was_used || (!self.is_worn(now) && self.is_quiet(now))
    }

    /// Notes that a request begins.
    pub(super) fn begin(&mut self) {
        self.has_answer = false;
    }

    /// Notes that an answer was read.
    pub(super) fn end(&mut self) {
        self.was_used = true;
        self.idle_since = Instant::now();
    }

    /// Whether the request met the end of a connection that had been good before, and nothing of an answer:
    /// the server closed it while the request was on its way. Not so where time ran out.
    pub(super) fn met_the_end(&self) -> bool {
        self.was_used && !self.has_answer && self.has_ended
    }

    /// Sends `parts`, with the patience that there is until `until` for every piece that is taken.
    pub(super) fn send(&mut self, parts: &[&[u8]], until: Instant) -> Result<(), Fault> {
        self.stream.send_all(parts, until)
    }

    /// Appends what arrives, once something does.
    pub(super) fn receive(&mut self, into: &mut Vec<u8>, until: Instant) -> Result<Came, Fault> {
        loop {
            match self.stream.receive(into, MOST_READ) {
                Ok(true) => {
                    self.has_answer = true;
                    return Ok(Came::Bytes);
                }
                Ok(false) if self.stream.await_bytes(until) => {}
                Ok(false) => return Ok(Came::Nothing),
                Err(fault) => {
                    self.has_ended = true;
                    return if fault.is_end { Ok(Came::End) } else { Err(fault) };
                }
            }
        }
    }

    /// Ends the connection such that nothing sent is lost.
    pub(super) fn finish(self, deadline: Instant) {
        self.stream.finish(deadline);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::sync::Arc;

    fn line(listener: &TcpListener) -> Line {
        let address = listener.local_addr().unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        Line::new(Stream::tcp(&[address], deadline, &Arc::default()).unwrap())
    }

    #[test]
    fn idleness_and_age_end_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = line(&listener);
        let now = Instant::now();
        assert!(line.is_quiet(now + Duration::from_secs(7)));
        assert!(!line.is_quiet(now + Duration::from_secs(9)));
        assert!(!line.is_worn(now + Duration::from_secs(239)));
        assert!(line.is_worn(now + Duration::from_secs(361)));
        assert!(line.is_ready(now + Duration::from_secs(9)), "nothing was asked on it yet");
        line.end();
        assert!(line.is_ready(now + Duration::from_secs(7)));
        assert!(!line.is_ready(now + Duration::from_secs(9)));
        // Idle from the last answer on, and worn all the same.
        line.idle_since = now + Duration::from_secs(400);
        assert!(
            line.is_quiet(now + Duration::from_secs(401)) && !line.is_ready(now + Duration::from_secs(401))
        );
    }

    #[test]
    fn bytes_that_nobody_asked_for_end_an_idle_connection() {
        use std::io::Write as _;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = line(&listener);
        listener.accept().unwrap().0.write_all(b"HTTP/1.1 408 Bye\r\n\r\n").unwrap();
        crate::transport::wait_readable(&[line.descriptor()], Duration::from_secs(60));
        assert!(!line.is_quiet(Instant::now()));
    }

    #[test]
    fn only_a_connection_that_was_good_before_can_be_stale() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut line = line(&listener);
        let soon = Instant::now() + Duration::from_secs(60);
        let mut answer = Vec::new();
        assert_eq!(line.receive(&mut answer, Instant::now()).unwrap(), Came::Nothing);
        drop(listener.accept().unwrap());
        line.begin();
        assert_eq!(line.receive(&mut answer, soon).unwrap(), Came::End);
        assert!(answer.is_empty() && !line.met_the_end());
        line.end();
        assert!(line.met_the_end());
        line.has_answer = true;
        assert!(!line.met_the_end());
    }
}
