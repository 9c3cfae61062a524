//! One Forward connection from its first byte to its last.
//!
//! Runs on a thread of its own, reads, hands complete chunks to the sink and answers as its conduct
//! says. Answers that are due later wait in a queue while reading goes on, as they would in a
//! collector that is slow and not stuck.

mod ending;
mod patience;

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::sync::PoisonError;
use std::time::Instant;

use super::channel::{Channel, Received, gone};
use super::conduct::{Delivery, Pong, Protocol};
use super::likeness::Verdict;
use super::service::Service;
use super::session::Session;
use super::sink::{Peer, Sink};
use super::socket::Stream;
use super::stop::Waited;
use super::tls::random;
use crate::proto::budget::Share;
use crate::proto::chunk::Chunk;
use crate::proto::forward::ack::ack;
use crate::proto::forward::frame::Frames;
use crate::proto::forward::handshake::{Greeting, Handshake, Ping};
use crate::proto::forward::message;

/// As much as a socket usually has ready.
const READ: usize = 64 << 10;
/// Delayed answers that may wait; a client has a handful of chunks in flight.
const MAX_DUE: usize = 65_536;

struct Connection<'a> {
    session: &'a Session,
    service: &'a Service,
    handshake: Option<&'a Handshake>,
    sink: &'a dyn Sink,
    channel: Channel,
    /// The handshake, until it is over.
    greeting: Option<Greeting<'a>>,
    /// What the client called itself in it.
    hostname: Option<String>,
    said_helo: bool,
    frames: Frames,
    /// Bytes off the wire, and how many reads gave something.
    taken: usize,
    reads: usize,
    /// The peer has ended its side, or was told to.
    ended: bool,
    due: VecDeque<(Instant, String)>,
    /// When something last arrived, and when the message began that is not complete.
    last: Instant,
    begun: Option<Instant>,
    /// The memory of `frames`.
    buffered: Share,
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

/// Serves until the peer, the conduct or the collector ends it; the error is a sentence.
pub(super) fn serve(
    stream: Stream,
    session: &Session,
    handshake: Option<&Handshake>,
    sink: &dyn Sink,
) -> Result<(), String> {
    let service = &*session.service;
    session.place.on_leave(stream.end_reading().map_err(|error| error.to_string())?);
    session.place.idle(session.place.opened());
    if service.tls.is_some() && !session.rest(service.likeness.tls_delay())? {
        return Ok(());
    }
    let channel = Channel::new(stream, service.tls.as_ref()).map_err(|error| format!("TLS: {error}"))?;
    let greeting = handshake
        .map(|handshake| Ok(handshake.greet(random()?, random()?)))
        .transpose()
        .map_err(|error: io::Error| error.to_string())?;
    let mut connection = Connection {
        session,
        service,
        handshake,
        sink,
        channel,
        greeting,
        hostname: None,
        said_helo: false,
        frames: Frames::default(),
        taken: 0,
        reads: 0,
        ended: false,
        due: VecDeque::new(),
        last: session.place.opened(),
        begun: None,
        buffered: service.budget.share(),
        fault: None,
    };
    let next = connection.serve();
    session.place.closes();
    let next = next?;
    let fault = connection.fault.take();
    match next {
        Next::Reset => connection.channel.reset(),
        Next::Close | Next::Read => connection.close(),
    }
    fault.map_or(Ok(()), Err)
}

impl Connection<'_> {
    fn serve(&mut self) -> Result<Next, String> {
        self.say_helo()?;
        let mut buffer = vec![0; READ];
        let death = self.session.conduct.lifetime().and_then(|time| self.last.checked_add(time));
        loop {
            if death.is_some_and(|death| death <= Instant::now()) {
                return Ok(Next::Reset);
            }
            if self.ended && self.due.is_empty() {
                return self.end().map(|()| Next::Close);
            }
            let late = self.late();
            let deadline = self.due.front().map(|(due, _)| *due).or(late.map(|(when, _)| when));
            let deadline = deadline.into_iter().chain(death).min();
            let socket = (!self.ended).then(|| self.channel.as_fd());
            let waited = match self.channel.is_ready() && !self.ended {
                true => Waited::Ready,
                false => self.session.stop.wait(socket, deadline).map_err(|error| error.to_string())?,
            };
            match waited {
                Waited::Stopped => return Ok(Next::Read),
                Waited::TimedOut if death.is_some_and(|death| death <= Instant::now()) => {}
                Waited::TimedOut if self.due.is_empty() => {
                    self.fault = late.and_then(|(_, why)| why).map(str::to_owned);
                    return Ok(Next::Close);
                }
                Waited::TimedOut => {
                    self.answer_due()?;
                    self.settle();
                }
                Waited::Ready => {
                    let received = match self.channel.receive(&mut buffer, self.allowed()) {
                        Ok(received) => received,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                        Err(error) => return Err(gone("reading", &error)),
                    };
                    self.last = Instant::now();
                    match self.take(&received, buffer.get(..received.bytes).unwrap_or_default())? {
                        Next::Read => self.answer_due()?,
                        other => return Ok(other),
                    }
                    self.settle();
                }
            }
        }
    }

    fn say_helo(&mut self) -> Result<(), String> {
        let delay = self.service.likeness.helo_delay();
        if !delay.is_zero() {
            // HELO follows the TLS handshake, and so does the time it takes.
            let limit = self.service.limits.handshake(self.session.place.opened());
            let shaken = self.channel.finish_handshake(&self.session.stop, limit.map(|(when, _)| when));
            let Some(wire) = shaken.map_err(|error| gone("reading", &error))? else {
                let late = limit.filter(|(when, _)| *when <= Instant::now());
                return late.map_or(Ok(()), |(_, why)| Err(why.to_owned()));
            };
            self.taken = self.taken.saturating_add(wire);
            self.sink.received(wire);
            if !self.session.rest(delay)? {
                return Ok(());
            }
        }
        let Some(greeting) = &self.greeting else { return Ok(()) };
        let helo = self.session.conduct.helo(greeting);
        self.said_helo = !helo.is_empty();
        if helo.is_empty() { Ok(()) } else { self.write(&helo) }
    }

    /// Bytes that may be read at once.
    fn allowed(&self) -> usize {
        let limit = self.session.conduct.reset_after();
        limit.map_or(READ, |limit| limit.saturating_sub(self.taken).clamp(1, READ))
    }

    fn take(&mut self, received: &Received, bytes: &[u8]) -> Result<Next, String> {
        self.ended |= received.ended;
        self.taken = self.taken.saturating_add(received.wire);
        if received.wire > 0 {
            self.session.place.at_work();
            self.sink.received(received.wire);
        }
        if !bytes.is_empty() {
            self.reads += 1;
            if let Some(outburst) = self.session.conduct.outburst(Protocol::Forward) {
                self.write(&outburst)?;
                return Ok(Next::Close);
            }
            let size = self.frames.size_with(bytes.len());
            self.session.wait_for_room(|| self.buffered.set(size))?;
            self.frames.push(bytes);
            match self.messages()? {
                Next::Read => {}
                other => return Ok(other),
            }
        }
        match self.session.conduct.reset_after() {
            Some(limit) if self.taken >= limit => Ok(Next::Reset),
            _ => Ok(Next::Read),
        }
    }

    /// Takes and answers the messages that are complete.
    fn messages(&mut self) -> Result<Next, String> {
        let (service, sink, peer) = (self.service, self.sink, self.session.peer.as_str());
        let keep = |hostname: Option<&str>, chunk: &Chunk<'_>| {
            sink.chunk_from(Peer { address: peer, hostname }, chunk)
                .map_err(|error| format!("a chunk could not be kept: {error}"))
        };
        loop {
            let (id, turn) = match self.frames.next() {
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
                    self.begun = None;
                    let mut unfolded = self.buffered.beside();
                    let chunk = self.session.wait_for_room(|| {
                        unfolded.set(0)?;
                        message::parse(message, &mut unfolded)
                    })?;
                    if service.is_too_large(message.len()) || service.is_poisoned(&chunk) {
                        sink.refused(peer, None);
                        return Ok(Next::Close);
                    }
                    let turn = service
                        .likeness
                        .turn()
                        .map(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner));
                    match service.likeness.forward(&chunk) {
                        Verdict::Take => keep(self.hostname.as_deref(), &chunk)?,
                        Verdict::Pretend => {}
                        Verdict::TakeInSilence => {
                            keep(self.hostname.as_deref(), &chunk)?;
                            continue;
                        }
                        Verdict::Ignore(why) => {
                            sink.refused(peer, Some(&why));
                            continue;
                        }
                        Verdict::Refuse(why) => {
                            sink.refused(peer, Some(&why));
                            return Ok(Next::Close);
                        }
                    }
                    (chunk.id, turn)
                }
            };
            if let Some(id) = id {
                match self.answer(id, turn.is_some())? {
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
        match self.session.conduct.pong(&greeting, ping) {
            Pong::Accept(pong) => {
                self.hostname = Some(ping.hostname().into_owned()).filter(|name| !name.is_empty());
                self.write(&pong).map(|()| Next::Read)
            }
            Pong::Reject { pong, fault } => {
                self.write(&pong)?;
                self.fault = fault;
                Ok(Next::Close)
            }
            Pong::Close => Ok(Next::Close),
        }
    }

    /// Acknowledges as the conduct says; `waits` instead of reading on while an answer is not due.
    fn answer(&mut self, id: String, waits: bool) -> Result<Next, String> {
        if let Some(other) = self.session.conduct.other_ack(&id) {
            return self.write(&other).map(|()| Next::Read);
        }
        match self.session.conduct.delivery() {
            Delivery::Whole => {
                self.sink.acknowledged(&id);
                self.write(&ack(&id))?;
            }
            Delivery::Never => {}
            Delivery::Half => {
                let whole = ack(&id);
                self.write(whole.get(..whole.len() / 2).unwrap_or_default())?;
                return Ok(Next::Close);
            }
            Delivery::HalfRecord => {
                self.channel.send_half(&ack(&id)).map_err(|error| gone("answering", &error))?;
                return Ok(Next::Reset);
            }
            Delivery::Trickle(pause) => {
                let whole = ack(&id);
                let (last, first) = whole.split_last().unwrap_or((&0, &[]));
                for byte in first {
                    self.write(&[*byte])?;
                    if !self.session.rest(pause)? {
                        return Ok(Next::Close);
                    }
                }
                self.sink.acknowledged(&id);
                self.write(&[*last])?;
            }
            Delivery::Late(delay) if waits => {
                if !self.session.rest(delay)? {
                    return Ok(Next::Close);
                }
                self.sink.acknowledged(&id);
                self.write(&ack(&id))?;
            }
            Delivery::Late(delay) => {
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
            self.write(&ack(&id))?;
        }
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.channel.send(bytes).map_err(|error| gone("answering", &error))
    }
}
