//! One connection from its first byte to its last.
//!
//! Runs on a thread of its own, reads, hands complete chunks to the sink and answers as its step
//! says. Answers that are due later wait in a queue while reading goes on, as they would in a
//! collector that is slow and not stuck.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use crate::channel::{Channel, Received};
use crate::chunk::Chunk;
use crate::forward::answer;
use crate::forward::frame::Frames;
use crate::forward::handshake::{self, Greeting, Handshake, Ping};
use crate::script::Step;
use crate::server::{Accepted, Context, Sink};
use crate::service::Service;
use crate::stop::Wake;

/// As much as a socket usually has ready.
const READ: usize = 64 << 10;
/// How long a closing connection lets the peer read the last answer: closing with unread input would
/// reset the connection and take the answer with it.
pub(crate) const LINGER: Duration = Duration::from_secs(1);
/// Delayed answers that may wait; a client has a handful of chunks in flight.
const MAX_DUE: usize = 65_536;

struct Connection<'a> {
    context: &'a Context,
    service: &'a Service,
    handshake: Option<&'a Handshake>,
    sink: &'a dyn Sink,
    channel: Channel,
    /// The handshake, until it is over.
    greeting: Option<Greeting<'a>>,
    frames: Frames,
    /// Bytes off the wire, and how many reads gave something.
    taken: usize,
    reads: usize,
    /// The peer has ended its side, or was told to.
    ended: bool,
    due: VecDeque<(Instant, String)>,
    /// Why the connection is closed, where the peer has to read an answer first.
    fault: Option<String>,
}

/// What a connection does after an event.
enum Next {
    Read,
    /// Ends writing, lets the peer finish, closes.
    Close,
    Reset,
}

/// Serves until the peer, the script or the collector ends it; the error is a sentence.
pub(crate) fn serve(
    accepted: Accepted,
    handshake: Option<&Handshake>,
    sink: &dyn Sink,
) -> Result<(), String> {
    let Accepted { stream, context } = accepted;
    let service = &*context.service;
    let channel = Channel::new(stream, service.tls.as_ref()).map_err(|error| format!("TLS: {error}"))?;
    let greeting = handshake.map(Handshake::greet).transpose().map_err(|error| error.to_string())?;
    let mut connection = Connection {
        context: &context,
        service,
        handshake,
        sink,
        channel,
        greeting,
        frames: Frames::default(),
        taken: 0,
        reads: 0,
        ended: false,
        due: VecDeque::new(),
        fault: None,
    };
    let next = connection.serve()?;
    let fault = connection.fault.take();
    match next {
        Next::Reset => connection.channel.reset(),
        Next::Close | Next::Read => connection.close(),
    }
    fault.map_or(Ok(()), Err)
}

impl Connection<'_> {
    fn serve(&mut self) -> Result<Next, String> {
        self.greet()?;
        let mut buffer = vec![0; READ];
        let mut last = Instant::now();
        loop {
            if self.ended && self.due.is_empty() {
                return self.end().map(|()| Next::Close);
            }
            let idle = match self.context.step {
                Step::CloseWhenIdle(time) => last.checked_add(time),
                _ => None,
            };
            let deadline = self.due.front().map(|(due, _)| *due).or(idle);
            let socket = (!self.ended).then(|| self.channel.as_fd());
            let wake = match self.channel.is_ready() && !self.ended {
                true => Wake::Ready,
                false => self.context.stop.wait(socket, deadline).map_err(|error| error.to_string())?,
            };
            match wake {
                Wake::Stopped => return Ok(Next::Read),
                Wake::TimedOut if self.due.is_empty() => return Ok(Next::Close),
                Wake::TimedOut => self.answer_due()?,
                Wake::Ready => {
                    let received = match self.channel.receive(&mut buffer, self.allowed()) {
                        Ok(received) => received,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        Err(error) => return Err(gone("reading", &error)),
                    };
                    last = Instant::now();
                    match self.take(&received, buffer.get(..received.bytes).unwrap_or_default())? {
                        Next::Read => self.answer_due()?,
                        other => return Ok(other),
                    }
                }
            }
        }
    }

    fn greet(&mut self) -> Result<(), String> {
        match (&self.greeting, self.context.step) {
            (None, _) | (_, Step::NoHelo) => Ok(()),
            (_, Step::Garbage) => self.write(&answer::garbage()),
            (Some(greeting), _) => {
                let helo = greeting.helo();
                self.write(&helo)
            }
        }
    }

    /// Bytes that may be read at once.
    fn allowed(&self) -> usize {
        match self.context.step {
            Step::ReadThenReset(limit) => limit.saturating_sub(self.taken).clamp(1, READ),
            _ => READ,
        }
    }

    fn take(&mut self, received: &Received, bytes: &[u8]) -> Result<Next, String> {
        self.ended |= received.ended;
        self.taken = self.taken.saturating_add(received.wire);
        if received.wire > 0 {
            self.sink.received(received.wire);
        }
        if !bytes.is_empty() {
            self.reads += 1;
            if self.context.step == Step::HttpAnswer {
                self.write(answer::HTTP)?;
                return Ok(Next::Close);
            }
            self.frames.push(bytes);
            match self.messages()? {
                Next::Read => {}
                other => return Ok(other),
            }
        }
        match self.context.step {
            Step::ReadThenReset(limit) if self.taken >= limit => Ok(Next::Reset),
            _ => Ok(Next::Read),
        }
    }

    /// Takes and answers the messages that are complete.
    fn messages(&mut self) -> Result<Next, String> {
        loop {
            let id = match self.frames.next() {
                Err(malformed) => return Err(malformed.to_string()),
                Ok(None) => return Ok(Next::Read),
                Ok(Some(message)) if self.greeting.is_some() => {
                    let ping = Ping::parse(message).map_err(|malformed| malformed.to_string())?;
                    let bytes = message.len();
                    match self.shake(&ping, bytes)? {
                        Next::Read => continue,
                        other => return Ok(other),
                    }
                }
                Ok(Some(message)) => {
                    let chunk = Chunk::parse(message).map_err(|malformed| malformed.to_string())?;
                    if self.service.is_too_large(message.len()) || self.service.is_poisoned(&chunk) {
                        self.sink.refused(&self.context.peer, None);
                        return Ok(Next::Close);
                    }
                    self.sink.chunk(&chunk).map_err(|error| format!("a chunk could not be kept: {error}"))?;
                    chunk.id
                }
            };
            if let Some(id) = id {
                match self.answer(id)? {
                    Next::Read => {}
                    other => return Ok(other),
                }
            }
            if self.handshake.is_some_and(|handshake| !handshake.keepalive) {
                self.ended = true;
                return Ok(Next::Read);
            }
        }
    }

    /// Answers PING.
    fn shake(&mut self, ping: &Ping, bytes: usize) -> Result<Next, String> {
        let Some(greeting) = self.greeting.take() else { return Ok(Next::Read) };
        greeting.is_in_one_piece(self.reads, bytes).map_err(|malformed| malformed.to_string())?;
        if self.frames.pending() > 0 {
            return Err("handshake: found bytes behind PING, expected none before PONG".to_owned());
        }
        let pong = match self.context.step {
            Step::CloseAfterPing => return Ok(Next::Close),
            Step::WrongDigest => greeting.welcome_with_wrong_digest(ping),
            Step::OwnHostname => greeting.welcome_as_client(ping),
            Step::RejectPong => {
                self.write(&handshake::refusal("as the script says"))?;
                return Ok(Next::Close);
            }
            _ => match greeting.check(ping) {
                Ok(()) => greeting.welcome(ping),
                Err(reason) => {
                    self.write(&handshake::refusal(reason))?;
                    self.fault = Some(format!("handshake: {reason}"));
                    return Ok(Next::Close);
                }
            },
        };
        self.write(&pong)?;
        Ok(Next::Read)
    }

    fn answer(&mut self, id: String) -> Result<Next, String> {
        match self.context.step {
            Step::DropAck => {}
            Step::DropAckEvery(n) if self.context.faults.is_nth(n) => {}
            Step::WrongAck => self.write(&answer::wrong_ack(&id))?,
            Step::WrongAckEvery(n) if self.context.faults.is_nth(n) => self.write(&answer::wrong_ack(&id))?,
            Step::Garbage => self.write(&answer::garbage())?,
            Step::HalfAck => {
                let whole = answer::ack(&id);
                self.write(whole.get(..whole.len() / 2).unwrap_or_default())?;
                return Ok(Next::Close);
            }
            Step::HalfRecord => {
                self.channel.send_half(&answer::ack(&id)).map_err(|error| gone("answering", &error))?;
                return Ok(Next::Reset);
            }
            Step::Trickle(pause) => {
                let whole = answer::ack(&id);
                let (last, first) = whole.split_last().unwrap_or((&0, &[]));
                for byte in first {
                    self.write(&[*byte])?;
                    let until = Instant::now().checked_add(pause);
                    if self.context.stop.wait(None, until).map_err(|error| error.to_string())?
                        == Wake::Stopped
                    {
                        return Ok(Next::Close);
                    }
                }
                self.sink.acknowledged(&id);
                self.write(&[*last])?;
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
                self.sink.acknowledged(&id);
                self.write(&answer::ack(&id))?;
            }
        }
        Ok(Next::Read)
    }

    fn answer_due(&mut self) -> Result<(), String> {
        while let Some((due, id)) = self.due.pop_front() {
            if due > Instant::now() {
                self.due.push_front((due, id));
                break;
            }
            self.sink.acknowledged(&id);
            self.write(&answer::ack(&id))?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.channel.send(bytes).map_err(|error| gone("answering", &error))
    }

    /// The peer has ended its side.
    fn end(&self) -> Result<(), String> {
        match self.frames.pending() {
            0 => Ok(()),
            bytes if self.handshake.is_some_and(|handshake| !handshake.keepalive) => {
                Err(format!("found {bytes} bytes behind the first chunk, expected none without keepalive"))
            }
            bytes => Err(format!("the connection ended {bytes} bytes into a message")),
        }
    }

    /// Closes so that the peer can still read what was written.
    fn close(mut self) {
        if self.channel.end_writing().is_err() {
            return;
        }
        let deadline = Instant::now() + LINGER;
        let mut rest = vec![0; READ];
        while let Ok(Wake::Ready) = self.context.stop.wait(Some(self.channel.as_fd()), Some(deadline)) {
            match self.channel.receive(&mut rest, READ) {
                Ok(received) if !received.ended && Instant::now() < deadline => {}
                _ => return,
            }
        }
    }
}

fn gone(doing: &str, error: &io::Error) -> String {
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
