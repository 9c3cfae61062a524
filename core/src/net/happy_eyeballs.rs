//! Connecting to the first of several addresses that answers, after RFC 8305.
//!
//! An address that does not answer at once gets company by the next one while it goes on trying; the first connection
//! wins and the others are dropped. One that fails makes room at once. Lists in which the families take turns come from
//! [`in_turns`].

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use super::wire::Nonblocking;
use crate::net::{Abort, Deadline};
use crate::sys::descriptor::AsRawFd as _;
use crate::sys::errors;
use crate::sys::poll::await_writable;

/// How long an address is alone before the next one is tried; the delay that RFC 8305 recommends.
const HEAD_START: Duration = Duration::from_millis(250);

/// How often the wait looks whether it was aborted.
const ABORT_LOOK: Duration = Duration::from_millis(50);

/// Failures named in an error: more would fill a log line without helping anybody.
const MOST_NAMED: usize = 3;

/// What came of an attempt.
pub(crate) struct Outcome {
    /// The connection, and to whom.
    pub(crate) connected: io::Result<(Nonblocking, SocketAddr)>,
    /// Those that refused, or were silent for the whole time.
    pub(crate) failed: Vec<SocketAddr>,
}

struct Attempt {
    address: SocketAddr,
    connecting: Nonblocking,
}

/// A connection to one of `addresses`, tried in their order, before `deadline`.
pub(crate) fn first(addresses: &[SocketAddr], deadline: Deadline, abort: &Abort) -> Outcome {
    let mut failures = Vec::new();
    let connected = first_of(addresses, deadline, abort, &mut failures);
    let failed = failures.iter().map(|(address, _)| *address).collect();
    let connected = connected.map_err(|error| error.unwrap_or_else(|| summary(failures)));
    Outcome { connected, failed }
}

/// Its error is one of the whole attempt; none where the failures are the reason.
fn first_of(
    addresses: &[SocketAddr],
    deadline: Deadline,
    abort: &Abort,
    failures: &mut Vec<(SocketAddr, io::Error)>,
) -> Result<(Nonblocking, SocketAddr), Option<io::Error>> {
    let mut waiting = addresses.iter().copied();
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut next_at = Instant::now();
    loop {
        if abort.has_fired() {
            return Err(Some(io::ErrorKind::ConnectionAborted.into()));
        }
        let now = Instant::now();
        if now >= next_at || attempts.is_empty() {
            match waiting.next().map(|address| (address, begin(address))) {
                Some((address, Ok(connecting))) => attempts.push(Attempt { address, connecting }),
                Some((address, Err(error))) => {
                    failures.push((address, error));
                    continue;
                }
                None if attempts.is_empty() => return Err(None),
                None => {}
            }
            next_at = now + HEAD_START;
        }
        let more = (waiting.len() > 0).then_some(Deadline::at(next_at));
        let until = [Some(deadline.within(ABORT_LOOK)), more].into_iter().flatten().min();
        let descriptors: Vec<_> =
            attempts.iter().map(|attempt| attempt.connecting.socket.as_raw_fd()).collect();
        let ready = await_writable(&descriptors, until.map_or(Duration::ZERO, Deadline::left));
        let mut going_on = Vec::with_capacity(attempts.len());
        for (attempt, is_ready) in attempts.into_iter().zip(ready) {
            if !is_ready {
                going_on.push(attempt);
                continue;
            }
            match attempt.connecting.socket.ours().and_then(outcome) {
                Ok(()) => return Ok((attempt.connecting, attempt.address)),
                Err(error) => {
                    failures.push((attempt.address, error));
                    next_at = now;
                }
            }
        }
        attempts = going_on;
        if deadline.is_over() {
            let silent = attempts.into_iter().map(|attempt| (attempt.address, no_answer()));
            failures.extend(silent);
            return Err(None);
        }
    }
}

/// The addresses with the families alternating, the first one's family first.
pub(crate) fn in_turns(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (ours, others): (Vec<_>, Vec<_>) =
        addresses.iter().copied().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut ours, mut others) = (ours.into_iter(), others.into_iter());
    let mut turns = Vec::with_capacity(addresses.len());
    while turns.len() < addresses.len() {
        turns.extend(ours.next());
        turns.extend(others.next());
    }
    turns
}

fn begin(address: SocketAddr) -> io::Result<Nonblocking> {
    let attempt = Nonblocking::new(Socket::new(Domain::for_address(address), Type::STREAM, None)?)?;
    match attempt.socket.connect(&address.into()) {
        Ok(()) => Ok(attempt),
        Err(error) if errors::is_connecting(&error) => Ok(attempt),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(attempt),
        Err(error) => Err(error),
    }
}

fn outcome(socket: &Socket) -> io::Result<()> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    let (here, there) = (socket.local_addr()?, socket.peer_addr()?);
    if here.as_socket() == there.as_socket() {
        // A port that nobody listens on, but that the system just gave to this very socket.
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(())
}

fn no_answer() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer within connect_timeout_ms")
}

fn summary(mut failures: Vec<(SocketAddr, io::Error)>) -> io::Error {
    if failures.len() <= 1 {
        let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        return failures.pop().map_or_else(none, |(_, error)| error);
    }
    let kind = failures.last().map_or(io::ErrorKind::Other, |(_, error)| error.kind());
    let named: Vec<_> =
        failures.iter().take(MOST_NAMED).map(|(address, error)| format!("{address}: {error}")).collect();
    let rest = failures.len() - named.len();
    let and_more = if rest > 0 { format!("; and {rest} addresses more") } else { String::new() };
    io::Error::new(kind, format!("{}{and_more}", named.join("; ")))
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::mpsc::{RecvTimeoutError, channel};

    use super::*;

    fn listener(address: &str) -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    /// A port that was free a moment ago.
    fn refused() -> SocketAddr {
        listener("127.0.0.1:0").1
    }

    /// A listener whose backlog is full, so that a further connection gets no answer.
    fn silent() -> (Socket, Vec<Nonblocking>, SocketAddr) {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        socket.listen(1).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        let fillers = (0..4).map(|_| begin(address).unwrap()).collect();
        (socket, fillers, address)
    }

    fn peer(outcome: Outcome) -> SocketAddr {
        let (connected, address) = outcome.connected.map_err(|error| error.to_string()).unwrap();
        assert_eq!(connected.socket.peer_addr().unwrap().as_socket().unwrap(), address);
        address
    }

    fn soon() -> Deadline {
        Deadline::after(Duration::from_secs(30))
    }

    #[test]
    fn families_take_turns() {
        let turns = |addresses: &[&str]| {
            let addresses: Vec<SocketAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
            in_turns(&addresses).iter().map(SocketAddr::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            turns(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]),
            ["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]
        );
        assert_eq!(turns(&["1.1.1.1:1", "[::1]:1"]), ["1.1.1.1:1", "[::1]:1"]);
        assert!(turns(&[]).is_empty());
    }

    #[test]
    fn a_refused_address_gives_way_at_once_and_a_silent_one_after_a_moment() {
        let (_listener, good) = listener("127.0.0.1:0");
        let abort = Abort::default();
        let start = Instant::now();
        let outcome = first(&[refused(), refused(), good], soon(), &abort);
        assert_eq!(outcome.failed.len(), 2);
        assert_eq!(peer(outcome), good);
        let quick = start.elapsed();
        assert!(quick < Duration::from_secs(4), "{quick:?}");
        let (_socket, _fillers, dead) = silent();
        let start = Instant::now();
        assert_eq!(peer(first(&[dead, good], soon(), &abort)), good);
        assert!(start.elapsed() >= HEAD_START, "the first address had no head start");
    }

    #[test]
    #[ignore = "slow: make test-slow"]
    fn the_first_attempt_goes_on_while_others_are_tried() {
        let (socket, _fillers, slow) = silent();
        let abort = Abort::default();
        let (_second, _more, dead) = silent();
        let (done, is_done) = channel::<()>();
        let waker = std::thread::spawn(move || {
            std::thread::sleep(HEAD_START * 2);
            socket.set_nonblocking(true).unwrap();
            let mut taken = Vec::new();
            // With the backlog kept empty, the connection that is still tried for is answered, whichever of the
            // fillers tries again before it.
            while is_done.recv_timeout(Duration::from_millis(1)) == Err(RecvTimeoutError::Timeout) {
                taken.extend(socket.accept());
            }
        });
        assert_eq!(peer(first(&[slow, dead], soon(), &abort)), slow);
        drop(done);
        waker.join().unwrap();
    }

    #[test]
    fn the_deadline_and_an_abort_end_it() {
        let (_socket, _fillers, dead) = silent();
        let abort = Abort::default();
        let deadline = Deadline::after(Duration::from_millis(100));
        let outcome = first(&[dead, refused()], deadline, &abort);
        assert_eq!(outcome.failed, [dead]);
        let error = outcome.connected.err().unwrap();
        assert!(error.to_string().contains("connect_timeout_ms"), "{error}");
        let error = first(&[refused(), refused()], soon(), &abort).connected.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(first(&[], soon(), &abort).connected.is_err());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(100));
                abort.fire();
            });
            let start = Instant::now();
            assert!(first(&[dead], soon(), &abort).connected.is_err());
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        });
    }
}
