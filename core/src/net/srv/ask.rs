//! Asking name servers for the records of a service: over UDP, and over TCP where the answer does not fit.
//!
//! On the thread of the resolver alone. Every wait is bounded and so is what is read; an answer counts only where it
//! comes from who was asked, with the id and the name of the question, so that one who guesses has to guess id and
//! port.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use super::conf::Conf;
use super::message::{self, Answer};
use super::record::Service;
use crate::sys::id::random_u128;

/// Shortest wait for a server: on the way round the world and back.
const LEAST_PATIENCE: Duration = Duration::from_millis(300);

/// The largest message over UDP without extensions is 512 bytes; what is longer is read far enough to be told.
const MOST_UDP_BYTES: usize = 4096;

/// Messages that are none of ours, until a server is given up: somebody floods the port.
const MOST_STRANGE: u32 = 64;

/// The records of the service that `name` stands for, before `deadline`.
///
/// # Errors
/// `NotFound` where the name servers say that there are none; anything else where they could not be asked.
pub(super) fn service(name: &str, conf: &Conf, deadline: Instant) -> io::Result<Service> {
    let mut said = None;
    for name in conf.candidates(name) {
        match one_name(&name, conf, deadline)? {
            Answer::Found(service) => return Ok(service),
            Answer::Nothing(what) => {
                said.get_or_insert(what);
            }
            Answer::CutOff | Answer::Failure(_) => {}
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, said.unwrap_or("there is no such name")))
}

/// What the first server that can tell says.
fn one_name(name: &str, conf: &Conf, deadline: Instant) -> io::Result<Answer> {
    let mut tries_left = conf.attempts.saturating_mul(u32::try_from(conf.servers.len()).unwrap_or(u32::MAX));
    let mut failure = io::Error::new(io::ErrorKind::TimedOut, "the name servers do not answer");
    for _ in 0..conf.attempts {
        for server in &conf.servers {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(failure);
            }
            let share = (left / tries_left.max(1)).max(LEAST_PATIENCE).min(conf.patience).min(left);
            tries_left = tries_left.saturating_sub(1);
            match one_server(name, *server, Instant::now() + share) {
                Ok(Answer::Failure(what)) => failure = io::Error::other(what),
                Ok(answer) => return Ok(answer),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Err(error),
                Err(error) => {
                    failure = io::Error::new(error.kind(), format!("name server {}: {error}", server.ip()));
                }
            }
        }
    }
    Err(failure)
}

fn one_server(name: &str, server: SocketAddr, deadline: Instant) -> io::Result<Answer> {
    let id = random_u128() as u16;
    let question = message::question(id, name)?;
    match over_udp(&question, id, name, server, deadline)? {
        Answer::CutOff => over_tcp(&question, id, name, server, deadline),
        answer => Ok(answer),
    }
}

fn over_udp(
    question: &[u8],
    id: u16,
    name: &str,
    server: SocketAddr,
    deadline: Instant,
) -> io::Result<Answer> {
    let here: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(here)?;
    // Nothing that others send arrives from here on.
    socket.connect(server)?;
    socket.send(question)?;
    let mut bytes = [0; MOST_UDP_BYTES];
    for _ in 0..MOST_STRANGE {
        socket.set_read_timeout(Some(left(deadline)?))?;
        let count = match socket.recv(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            received => received.map_err(as_time_out)?,
        };
        if let Some(answer) = message::read(bytes.get(..count).unwrap_or_default(), id, name) {
            return Ok(answer);
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "what it sends is no answer"))
}

fn over_tcp(
    question: &[u8],
    id: u16,
    name: &str,
    server: SocketAddr,
    deadline: Instant,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&server, left(deadline)?)?;
    stream.set_write_timeout(Some(left(deadline)?))?;
    let length = u16::try_from(question.len()).unwrap_or_default().to_be_bytes();
    stream.write_all(&[&length, question].concat()).map_err(as_time_out)?;
    let mut length = [0; 2];
    read_exactly(&mut stream, &mut length, deadline)?;
    // 64 KiB at most.
    let mut bytes = vec![0; u16::from_be_bytes(length).into()];
    read_exactly(&mut stream, &mut bytes, deadline)?;
    match message::read(&bytes, id, name) {
        Some(answer) if answer != Answer::CutOff => Ok(answer),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "what it sends over TCP is no answer")),
    }
}

fn read_exactly(stream: &mut TcpStream, mut target: &mut [u8], deadline: Instant) -> io::Result<()> {
    while !target.is_empty() {
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(target) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => target = target.get_mut(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(as_time_out(error)),
        }
    }
    Ok(())
}

/// The time until then, which is not over.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(no_answer()) } else { Ok(left) }
}

/// The system calls it a block where a socket's time is over.
fn as_time_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { no_answer() } else { error }
}

fn no_answer() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "it does not answer")
}
