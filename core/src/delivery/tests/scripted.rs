//! A collector in memory that does what it is told, and the way to it.

use std::collections::VecDeque;

use super::*;

/// What a collector does with a chunk.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reaction {
    Take,
    /// Ends the connection without an ack.
    Close,
    /// Drops it and goes on.
    Skip,
    /// Takes it and acknowledges it that much later.
    Late(Duration),
    /// Answers with a error.
    Answer(Cause),
    /// Takes all events but these.
    Partly(Vec<usize>),
}

pub(super) type React = Box<dyn FnMut(&[String]) -> Reaction + Send>;

/// A chunk as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    pub(super) id: Vec<u8>,
    pub(super) body: Vec<u8>,
    pub(super) at: Instant,
}

#[derive(Default)]
pub(super) struct Record {
    /// Events in the order in which they were taken.
    pub(super) taken: Vec<String>,
    pub(super) seen: Vec<Seen>,
    /// Chunks named in advance, with the number of those seen by then.
    pub(super) prepared: Vec<(usize, Vec<u8>)>,
    /// Attempts to connect.
    pub(super) attempts: Vec<Instant>,
    pub(super) is_down: bool,
    /// Counts the times that connections were cut.
    pub(super) cuts: usize,
    /// Chunks after which a connection is old.
    pub(super) worn_after: Option<usize>,
    /// Places beside one.
    pub(super) more_places: usize,
}

pub(super) struct Collector {
    pub(super) state: Mutex<Record>,
    pub(super) react: Mutex<React>,
    /// It acknowledges, as Forward does; else it answers.
    pub(super) acks: bool,
}

impl Collector {
    pub(super) fn new(
        acks: bool,
        react: impl FnMut(&[String]) -> Reaction + Send + 'static,
    ) -> Arc<Collector> {
        Arc::new(Collector { state: Mutex::default(), react: Mutex::new(Box::new(react)), acks })
    }

    pub(super) fn state(&self) -> std::sync::MutexGuard<'_, Record> {
        lock(&self.state)
    }

    pub(super) fn react(&self, react: impl FnMut(&[String]) -> Reaction + Send + 'static) {
        *lock(&self.react) = Box::new(react);
    }

    pub(super) fn set_down(&self, is_down: bool) {
        let mut state = self.state();
        state.is_down = is_down;
        state.cuts += 1;
    }

    /// What was taken, sorted; duplicates stay.
    pub(super) fn taken(&self) -> Vec<String> {
        let mut taken = self.state().taken.clone();
        taken.sort();
        taken
    }

    pub(super) fn attempts(&self) -> usize {
        self.state().attempts.len()
    }
}

pub(super) struct Scripted {
    pub(super) collector: Arc<Collector>,
    /// The number of cuts when it was opened.
    pub(super) open: Option<usize>,
    /// Chunks on this connection.
    pub(super) sent: usize,
    pub(super) has_ended: bool,
    pub(super) acks: VecDeque<(Vec<u8>, Instant)>,
}

impl Scripted {
    pub(super) fn new(collector: Arc<Collector>) -> Scripted {
        Scripted { collector, open: None, sent: 0, has_ended: false, acks: VecDeque::new() }
    }

    fn is_cut(&self) -> bool {
        self.has_ended || self.open != Some(self.collector.state().cuts)
    }
}

pub(super) fn texts(mut body: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((entry, rest)) = msgpack::value_len(body).and_then(|len| body.split_at_checked(len)) {
        let Some((Head::Text(text), _)) = msgpack::read(entry) else { panic!("no text: {entry:?}") };
        texts.push(String::from_utf8(text.to_vec()).unwrap());
        body = rest;
    }
    texts
}

impl Transport for Scripted {
    fn connect(&mut self, _: Deadline) -> Result<(), TransportError> {
        let mut state = self.collector.state();
        state.attempts.push(Instant::now());
        if state.is_down {
            return Err(TransportError::new("connect", "nobody listens"));
        }
        self.open = Some(state.cuts);
        self.sent = 0;
        self.has_ended = false;
        self.acks.clear();
        Ok(())
    }

    fn is_connected(&self) -> bool {
        self.open.is_some()
    }

    fn is_worn(&self) -> bool {
        self.open.is_some() && self.collector.state().worn_after.is_some_and(|most| self.sent >= most)
    }

    fn places(&mut self, _: Deadline) -> usize {
        1 + self.collector.state().more_places
    }

    fn send(&mut self, chunk: &Chunk, _: Deadline) -> Result<Sent, TransportError> {
        self.sent += 1;
        if self.is_cut() {
            return Err(TransportError::new("send", "broken pipe"));
        }
        let events = texts(chunk.body());
        let (id, now) = (chunk.id().to_vec(), Instant::now());
        let reaction = (lock(&self.collector.react))(&events);
        let mut state = self.collector.state();
        state.seen.push(Seen { id: id.clone(), body: chunk.body().to_vec(), at: now });
        let delay = match &reaction {
            Reaction::Late(delay) => *delay,
            _ => Duration::ZERO,
        };
        match reaction {
            Reaction::Take | Reaction::Late(_) => state.taken.extend(events),
            Reaction::Close => self.has_ended = true,
            Reaction::Skip => {}
            Reaction::Answer(cause) => {
                return Err(TransportError::new("answer", "the collector said no").because(cause));
            }
            Reaction::Partly(refused) => {
                let kept = events.into_iter().enumerate().filter(|(index, _)| !refused.contains(index));
                state.taken.extend(kept.map(|(_, event)| event));
                return Ok(Sent::Partly(refused));
            }
        }
        if !self.collector.acks {
            return Ok(Sent::Delivered);
        }
        if !self.has_ended && reaction != Reaction::Skip {
            self.acks.push_back((id, now + delay));
        }
        Ok(Sent::AwaitsAck)
    }

    fn can_prepare(&self) -> bool {
        !self.collector.acks
    }

    fn prepare(&mut self, next: &Chunk) {
        let mut state = self.collector.state();
        let seen = state.seen.len();
        state.prepared.push((seen, next.id().to_vec()));
    }

    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let now = Instant::now();
        if self.acks.front().is_some_and(|(_, at)| *at <= now) {
            return Ok(self.acks.pop_front().map(|(id, _)| id));
        }
        if self.is_cut() { Err(TransportError::end()) } else { Ok(None) }
    }

    fn close(&mut self, _: Deadline) {
        self.disconnect();
    }

    fn disconnect(&mut self) {
        self.open = None;
    }

    fn refuses_silently(&self) -> bool {
        self.collector.acks
    }
}
