//! One request and its answer, over one connection.
//!
//! Every wait has a bound. The status of an answer says what became of the data; its body is read as far as it comes.
//! A connection serves again only when request and answer were whole and nothing came behind them.

use std::time::{Duration, Instant, SystemTime};

use super::answer::Answer;
use super::body::Meanwhile;
use super::chunks::Chunks;
use super::head::{self, Head, Length};
use super::line::{Came, Line};
use super::retry_after;
use crate::options::Settings;
use crate::transport::Fault;

/// Most bytes of an answer's body that are read: reasons for some thousand events, or any token.
const MOST_BODY_BYTES: usize = 1 << 20;

/// Sent at once, so that the bound on the whole body is looked at often enough; a body of the largest size takes
/// some dozen calls.
const PIECE_BYTES: usize = 64 * 1024;

/// How long a server that was asked first may take to want a body or not: after that it gets it, as servers that do
/// not know the question say nothing.
const CONSENT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the parts of an exchange may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a piece of the request to be taken, for the head of the answer, and for its body.
    io: Duration,
    /// For all of the request: a slow line may take its time as long as it moves.
    request: Duration,
}

impl Patience {
    pub(super) fn of(settings: &Settings) -> Patience {
        Patience { io: settings.io_timeout, request: settings.io_timeout.max(settings.ack_timeout) }
    }
}

/// A request to be sent, and how long all of it may take.
pub(super) struct Exchange<'a> {
    pub(super) head: &'a [u8],
    pub(super) body: &'a [u8],
    /// Whether the body waits for the server's consent.
    pub(super) asks_first: bool,
    pub(super) patience: Patience,
    pub(super) deadline: Option<Instant>,
}

impl Exchange<'_> {
    /// Sends the request over `line` and reads the answer: the answer, and whether the connection serves again.
    pub(super) fn run(&self, line: &mut Line, meanwhile: Option<Meanwhile>) -> Result<(Answer, bool), Fault> {
        line.begin();
        let mut input = Vec::new();
        let is_sent = self.send(line, &mut input)?;
        if let Some(work) = meanwhile {
            work();
        }
        let head = read_head(line, &mut input, self.within(self.patience.io))?;
        let mut answer = Answer {
            status: head.status,
            retry_after: head.retry_after.and_then(|value| retry_after::wait(&value, SystemTime::now())),
            location: head.location,
            body: Vec::new(),
        };
        if !is_sent && answer.is_success() {
            return Err(Fault::new("send", "it answered success and stopped reading half-way"));
        }
        let until = self.within(self.patience.io);
        let is_whole = read_body(line, head.length, input, &mut answer.body, until);
        line.end();
        Ok((answer, head.keeps && is_sent && is_whole))
    }

    /// Sends the request. False when the server does not read all of it; it may have said why, so that this is no
    /// failure until its answer was looked for.
    fn send(&self, line: &mut Line, input: &mut Vec<u8>) -> Result<bool, Fault> {
        let end = self.within(self.patience.request);
        let mut head = self.head;
        if self.asks_first {
            if !self.send_piece(line, &[head], end)? || !self.has_consent(line, input)? {
                return Ok(false);
            }
            head = &[];
        }
        let (first, rest) = self.body.split_at_checked(PIECE_BYTES).unwrap_or((self.body, &[]));
        if !self.send_piece(line, &[head, first], end)? {
            return Ok(false);
        }
        for piece in rest.chunks(PIECE_BYTES) {
            if !self.send_piece(line, &[piece], end)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn send_piece(&self, line: &mut Line, parts: &[&[u8]], end: Instant) -> Result<bool, Fault> {
        let until = self.within(self.patience.io).min(end);
        let sent = if Instant::now() < until { line.send(parts, until) } else { Err(Fault::end()) };
        match sent {
            Ok(()) => Ok(true),
            Err(_) if Instant::now() < until => Ok(false),
            Err(_) => Err(Fault::new("send", "the collector took no more bytes within io_timeout_ms")),
        }
    }

    /// Whether the server wants the body. What it says instead is left in `input`.
    fn has_consent(&self, line: &mut Line, input: &mut Vec<u8>) -> Result<bool, Fault> {
        let until = self.within(CONSENT_TIMEOUT.min(self.patience.io));
        loop {
            match head::read(input)? {
                Some((head, used)) if head.is_interim() => {
                    input.drain(..used);
                    if head.status == 100 {
                        return Ok(true);
                    }
                }
                Some(_) => return Ok(false),
                None => match receive(line, input, until)? {
                    Came::Bytes => {}
                    Came::End => return Err(closed()),
                    Came::Nothing => return Ok(true),
                },
            }
        }
    }

    /// The moment when `limit` is over, or all of the time there is.
    fn within(&self, limit: Duration) -> Instant {
        let until = Instant::now() + limit;
        self.deadline.map_or(until, |deadline| deadline.min(until))
    }
}

/// Waits for more until `until`, which nothing that trickles in puts off.
fn receive(line: &mut Line, input: &mut Vec<u8>, until: Instant) -> Result<Came, Fault> {
    if Instant::now() < until { line.receive(input, until) } else { Ok(Came::Nothing) }
}

/// The head of the answer, taken from `input`, past those that only say that it will come.
fn read_head(line: &mut Line, input: &mut Vec<u8>, until: Instant) -> Result<Head, Fault> {
    loop {
        match head::read(input)? {
            Some((head, used)) => {
                input.drain(..used);
                if !head.is_interim() {
                    return Ok(head);
                }
            }
            None => match receive(line, input, until)? {
                Came::Bytes => {}
                Came::End => return Err(closed()),
                Came::Nothing => {
                    return Err(Fault::new("answer", "no answer came within io_timeout_ms"));
                }
            },
        }
    }
}

fn closed() -> Fault {
    Fault::new("answer", "the connection was closed before the answer")
}

/// Appends the body of an answer to `body`, of which `input` is the start: whether all of it came, and nothing
/// behind it.
fn read_body(
    line: &mut Line,
    length: Length,
    mut input: Vec<u8>,
    body: &mut Vec<u8>,
    until: Instant,
) -> bool {
    let mut chunks = Chunks::default();
    loop {
        let is_done = match length {
            Length::Known(length) => {
                let left = length.saturating_sub(body.len() as u64);
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                body.extend(input.drain(..count));
                body.len() as u64 == length
            }
            Length::Chunked => match chunks.take(&input, body) {
                Ok(count) => {
                    input.drain(..count);
                    chunks.is_done()
                }
                Err(_) => return false,
            },
            Length::UntilEnd => {
                body.append(&mut input);
                false
            }
        };
        if body.len() > MOST_BODY_BYTES {
            body.truncate(MOST_BODY_BYTES);
            return false;
        }
        if is_done {
            return input.is_empty();
        }
        if !matches!(receive(line, &mut input, until), Ok(Came::Bytes)) {
            return false;
        }
    }
}
