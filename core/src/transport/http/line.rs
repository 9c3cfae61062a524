//! The connection that requests travel on, held from two sides.
//!
//! `ureq` owns the end that writes requests and reads answers, and keeps it between requests. The transport
//! holds the other, so that it can watch an idle connection, close it at any time and make the next one
//! ahead of the request. Both run on one thread; the lock is never contended.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::answer::speaks_tls;
use super::body::Meanwhile;
use crate::net::socket::Stream;
use crate::net::{Cause, Deadline, NO_ROOM, TransportError, greeting};
use crate::sys::descriptor::RawFd;
use crate::sys::sync::lock;
use crate::transport::age;

/// Fluentd and Fluent Bit close a connection that was idle for ten seconds; this stays clear of the race.
pub(super) const MOST_IDLE: Duration = Duration::from_secs(8);

/// Most bytes taken from the socket at once.
const MOST_READ: usize = 16 * 1024;

/// One connection, shared.
#[derive(Clone)]
pub(super) struct Line(Arc<Mutex<Shared>>);

struct Shared {
    stream: Option<Stream>,
    worn_at: Instant,
    idle_since: Instant,
    /// `ureq` has its end.
    is_taken: bool,
    /// A request was answered on it.
    was_used: bool,
    /// Something of the answer to the present request has arrived.
    has_answer: bool,
    /// The server closed it.
    has_ended: bool,
    /// The server stopped reading.
    is_cut: bool,
    /// To be done once the request is written.
    meanwhile: Option<Meanwhile>,
}

impl Line {
    pub(super) fn new(stream: Stream) -> Line {
        let now = Instant::now();
        Line(Arc::new(Mutex::new(Shared {
            stream: Some(stream),
            worn_at: age::old_at(),
            idle_since: now,
            is_taken: false,
            was_used: false,
            has_answer: false,
            has_ended: false,
            is_cut: false,
            meanwhile: None,
        })))
    }

    /// Gives `ureq` its end, once.
    pub(super) fn take(&self) -> bool {
        let mut shared = lock(&self.0);
        shared.stream.is_some() && !std::mem::replace(&mut shared.is_taken, true)
    }

    pub(super) fn is_open(&self) -> bool {
        lock(&self.0).stream.is_some()
    }

    pub(super) fn is_worn(&self, now: Instant) -> bool {
        now >= lock(&self.0).worn_at
    }

    pub(super) fn descriptor(&self) -> Option<RawFd> {
        lock(&self.0).stream.as_ref().and_then(Stream::descriptor)
    }

    /// Closes the connection if it was idle for too long, or the server closed it or sent what nobody
    /// asked for.
    pub(super) fn tend(&self, now: Instant) {
        let mut shared = lock(&self.0);
        let is_stale = now.saturating_duration_since(shared.idle_since) >= MOST_IDLE;
        let Some(stream) = &mut shared.stream else { return };
        if is_stale || !matches!(stream.receive(&mut Vec::new(), 1), Ok(false)) {
            shared.stream = None;
        }
    }

    /// Notes that a request begins, with what is to be done while its answer is awaited.
    pub(super) fn begin(&self, meanwhile: Option<Meanwhile>) {
        let mut shared = lock(&self.0);
        shared.meanwhile = meanwhile;
        shared.has_answer = false;
        shared.is_cut = false;
    }

    /// Notes that an answer was read.
    pub(super) fn end(&self) {
        let mut shared = lock(&self.0);
        shared.was_used = true;
        shared.meanwhile = None;
        shared.idle_since = Instant::now();
    }

    /// Whether the request met the end of a connection that had been good before, and nothing of an answer:
    /// the server closed it while the request was on its way. Not so where time ran out.
    pub(super) fn met_the_end(&self) -> bool {
        let shared = lock(&self.0);
        shared.was_used && !shared.has_answer && shared.has_ended
    }

    /// Whether the server stopped reading before the request was whole.
    pub(super) fn is_cut(&self) -> bool {
        lock(&self.0).is_cut
    }

    /// Sends `parts`. A server that is not willing to read the rest may have said why: that is no failure
    /// here, and what follows is kept back until the answer was looked for.
    pub(super) fn send(&self, parts: &[&[u8]], deadline: Deadline) -> Result<(), TransportError> {
        let mut shared = lock(&self.0);
        if shared.is_cut {
            return Ok(());
        }
        let Some(stream) = &mut shared.stream else { return Err(TransportError::end()) };
        match stream.send_all(parts, deadline) {
            // It moves no more, or never did; whoever moved may be slower than `deadline`.
            Err(error) if error.kind == NO_ROOM => Err(error),
            Err(_) => {
                shared.is_cut = true;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Fills the front of `target` with what arrives: the number of bytes, 0 at the end. `None` when
    /// nothing came before `deadline`.
    pub(super) fn receive(
        &self,
        target: &mut [u8],
        deadline: Deadline,
    ) -> Result<Option<usize>, TransportError> {
        let mut shared = lock(&self.0);
        if let Some(work) = shared.meanwhile.take() {
            work();
        }
        let Some(stream) = &mut shared.stream else { return Ok(Some(0)) };
        let mut bytes = Vec::new();
        while bytes.is_empty() {
            match stream.receive(&mut bytes, target.len().min(MOST_READ)) {
                Ok(true) => {}
                Ok(false) if stream.await_bytes(deadline) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    shared.has_ended = true;
                    return if error.is_end { Ok(Some(0)) } else { Err(error) };
                }
            }
        }
        if !shared.has_answer && greeting::is_tls(&bytes) {
            // One connection proves nothing: somebody may stand between.
            return Err(speaks_tls().because(Cause::Connection));
        }
        target.iter_mut().zip(&bytes).for_each(|(slot, byte)| *slot = *byte);
        shared.has_answer = true;
        shared.idle_since = Instant::now();
        Ok(Some(bytes.len()))
    }

    /// Ends the connection at once.
    pub(super) fn cut(&self) {
        let mut shared = lock(&self.0);
        if let Some(stream) = shared.stream.take()
            && !shared.was_used
        {
            // A handshake that led to nothing buys an exit no more time than one that failed.
            stream.progress().fail();
        }
    }

    /// Ends the connection such that nothing sent is lost.
    pub(super) fn finish(&self, deadline: Deadline) {
        let stream = lock(&self.0).stream.take();
        if let Some(stream) = stream {
            stream.finish(deadline);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn line(listener: &TcpListener) -> Line {
        let address = listener.local_addr().unwrap();
        let deadline = Deadline::after(Duration::from_secs(60));
        Line::new(Stream::tcp(&[address], deadline, &Arc::default()).unwrap())
    }

    #[test]
    fn idleness_and_age_end_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = line(&listener);
        let now = Instant::now();
        line.tend(now + Duration::from_secs(7));
        assert!(line.is_open() && line.take() && !line.take());
        line.tend(now + Duration::from_secs(9));
        assert!(!line.is_open() && line.descriptor().is_none());
        assert!(!line.is_worn(now + Duration::from_secs(239)));
        assert!(line.is_worn(now + Duration::from_secs(361)));
        assert_eq!(line.receive(&mut [0; 4], Deadline::at(now)).unwrap(), Some(0));
        assert!(line.send(&[b"x"], Deadline::at(now)).unwrap_err().is_end);
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn an_answer_is_read_that_comes_with_a_reset_after_a_long_write() {
        use std::io::{Read as _, Write as _};
        let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        // Small steps, so that the writer moves on all the time.
        listener.set_tcp_mss(1000).unwrap();
        listener.set_recv_buffer_size(8 << 10).unwrap();
        listener.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        listener.listen(1).unwrap();
        let listener = TcpListener::from(listener);
        let line = line(&listener);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut socket, _) = listener.accept().unwrap();
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(1500) {
                    socket.read_exact(&mut [0; 4 << 10]).unwrap();
                    std::thread::sleep(Duration::from_millis(10));
                }
                socket.write_all(b"413").unwrap();
            });
            let large = vec![0; 64 << 20];
            let start = Instant::now();
            line.send(&[&large], Deadline::after(Duration::from_millis(600))).unwrap();
            assert!(start.elapsed() > Duration::from_millis(600), "it ended before its time was over");
        });
        assert!(line.is_cut());
        let mut answer = [0; 8];
        let count = line.receive(&mut answer, Deadline::after(Duration::from_secs(60))).unwrap().unwrap();
        assert_eq!(&answer[..count], b"413");
    }

    #[test]
    fn bytes_that_nobody_asked_for_end_an_idle_connection() {
        use std::io::Write as _;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = line(&listener);
        listener.accept().unwrap().0.write_all(b"HTTP/1.1 408 Bye\r\n\r\n").unwrap();
        crate::sys::poll::wait_readable(&[line.descriptor().unwrap()], Duration::from_secs(60));
        line.tend(Instant::now());
        assert!(!line.is_open());
    }
}
