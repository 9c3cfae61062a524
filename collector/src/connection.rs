//! One connection from its first byte to its last.
//!
//! Runs on a thread of its own, reads, hands complete chunks to the sink and answers as its step
//! says. Answers that are due later wait in a queue while reading goes on, as they would in a
//! collector that is slow and not stuck.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::forward::answer;
use crate::forward::chunk::Chunk;
use crate::forward::frame::Frames;
use crate::script::{Faults, Step};
use crate::server::Sink;
use crate::socket::Stream;
use crate::stop::{Stop, Wake};

/// As much as a socket usually has ready.
const READ: usize = 64 << 10;
/// How long a closing connection lets the peer read the last answer: closing with unread input would
/// reset the connection and take the answer with it.
const LINGER: Duration = Duration::from_secs(1);
/// Delayed answers that may wait; a client has a handful of chunks in flight.
const MAX_DUE: usize = 65_536;

pub(crate) struct Connection {
    stream: Stream,
    step: Step,
    faults: Arc<Faults>,
    stop: Arc<Stop>,
    frames: Frames,
    taken: usize,
    due: VecDeque<(Instant, String)>,
}

/// What a connection does after an event.
enum Next {
    Read,
    /// Ends writing, lets the peer finish, closes.
    Close,
    Reset,
}

impl Connection {
    pub(crate) fn new(stream: Stream, step: Step, faults: Arc<Faults>, stop: Arc<Stop>) -> Connection {
        Connection { stream, step, faults, stop, frames: Frames::default(), taken: 0, due: VecDeque::new() }
    }

    /// Serves until the peer, the script or the collector ends it; the error is a sentence.
    pub(crate) fn run(mut self, sink: &dyn Sink) -> Result<(), String> {
        match self.step {
            Step::Reset => {
                self.stream.reset();
                return Ok(());
            }
            Step::AcceptNoRead => {
                return self.stop.wait(None, None).map(drop).map_err(|error| error.to_string());
            }
            _ => {}
        }
        let next = self.serve(sink)?;
        match next {
            Next::Reset => self.stream.reset(),
            Next::Close | Next::Read => self.close(),
        }
        Ok(())
    }

    fn serve(&mut self, sink: &dyn Sink) -> Result<Next, String> {
        let mut buffer = vec![0; READ];
        let mut ended = false;
        let mut last = Instant::now();
        loop {
            if ended && self.due.is_empty() {
                return self.end().map(|()| Next::Close);
            }
            let idle = match self.step {
                Step::CloseWhenIdle(time) => last.checked_add(time),
                _ => None,
            };
            let deadline = self.due.front().map(|(due, _)| *due).or(idle);
            let socket = (!ended).then(|| self.stream.as_fd());
            match self.stop.wait(socket, deadline).map_err(|error| error.to_string())? {
                Wake::Stopped => return Ok(Next::Read),
                Wake::TimedOut if self.due.is_empty() => return Ok(Next::Close),
                Wake::TimedOut => self.answer_due(sink)?,
                Wake::Ready => {
                    let into = buffer.get_mut(..self.allowed()).unwrap_or_default();
                    let count = match self.stream.read(into) {
                        Ok(count) => count,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        Err(error) => return Err(gone("reading", &error)),
                    };
                    ended = count == 0;
                    last = Instant::now();
                    match self.take(buffer.get(..count).unwrap_or_default(), sink)? {
                        Next::Read => self.answer_due(sink)?,
                        other => return Ok(other),
                    }
                }
            }
        }
    }

    /// Bytes that may be read at once.
    fn allowed(&self) -> usize {
        match self.step {
            Step::ReadThenReset(limit) => limit.saturating_sub(self.taken).clamp(1, READ),
            _ => READ,
        }
    }

    fn take(&mut self, bytes: &[u8], sink: &dyn Sink) -> Result<Next, String> {
        if bytes.is_empty() {
            return Ok(Next::Read);
        }
        self.taken = self.taken.saturating_add(bytes.len());
        sink.received(bytes.len());
        if self.step == Step::HttpAnswer {
            self.write(answer::HTTP)?;
            return Ok(Next::Close);
        }
        self.frames.push(bytes);
        loop {
            let id = match self.frames.next() {
                Err(malformed) => return Err(malformed.to_string()),
                Ok(None) => break,
                Ok(Some(message)) => {
                    let chunk = Chunk::parse(message).map_err(|malformed| malformed.to_string())?;
                    sink.chunk(&chunk).map_err(|error| format!("a chunk could not be kept: {error}"))?;
                    chunk.id
                }
            };
            if let Some(id) = id
                && let Next::Close = self.answer(id, sink)?
            {
                return Ok(Next::Close);
            }
        }
        match self.step {
            Step::ReadThenReset(limit) if self.taken >= limit => Ok(Next::Reset),
            _ => Ok(Next::Read),
        }
    }

    fn answer(&mut self, id: String, sink: &dyn Sink) -> Result<Next, String> {
        match self.step {
            Step::DropAck => {}
            Step::DropAckEvery(n) if self.faults.is_nth(n) => {}
            Step::WrongAck => self.write(&answer::wrong_ack(&id))?,
            Step::WrongAckEvery(n) if self.faults.is_nth(n) => self.write(&answer::wrong_ack(&id))?,
            Step::Garbage => self.write(&answer::garbage())?,
            Step::HalfAck => {
                let whole = answer::ack(&id);
                self.write(whole.get(..whole.len() / 2).unwrap_or_default())?;
                return Ok(Next::Close);
            }
            Step::DelayAck(delay) => {
                if self.due.len() >= MAX_DUE {
                    return Err(format!(
                        "found {MAX_DUE} chunks waiting for delayed answers, expected fewer"
                    ));
                }
                // A moment too far away to be a date never comes, as an answer that is never sent.
                if let Some(due) = Instant::now().checked_add(delay) {
                    self.due.push_back((due, id));
                }
            }
            _ => {
                sink.acknowledged(&id);
                self.write(&answer::ack(&id))?;
            }
        }
        Ok(Next::Read)
    }

    fn answer_due(&mut self, sink: &dyn Sink) -> Result<(), String> {
        while let Some((due, id)) = self.due.pop_front() {
            if due > Instant::now() {
                self.due.push_front((due, id));
                break;
            }
            sink.acknowledged(&id);
            self.write(&answer::ack(&id))?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.stream.write_all(bytes).map_err(|error| gone("answering", &error))
    }

    /// The peer has ended its side.
    fn end(&self) -> Result<(), String> {
        match self.frames.pending() {
            0 => Ok(()),
            bytes => Err(format!("the connection ended {bytes} bytes into a message")),
        }
    }

    /// Closes so that the peer can still read what was written.
    fn close(mut self) {
        if self.stream.end_writing().is_err() {
            return;
        }
        let deadline = Instant::now() + LINGER;
        let mut rest = [0; 4096];
        while let Ok(Wake::Ready) = self.stop.wait(Some(self.stream.as_fd()), Some(deadline)) {
            if !matches!(self.stream.read(&mut rest), Ok(1..)) || Instant::now() >= deadline {
                return;
            }
        }
    }
}

fn gone(doing: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionReset => format!("the peer reset the connection while {doing}"),
        io::ErrorKind::BrokenPipe => format!("the peer had closed the connection while {doing}"),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!("the peer took no answer for a second while {doing}")
        }
        _ => format!("{doing}: {error}"),
    }
}
