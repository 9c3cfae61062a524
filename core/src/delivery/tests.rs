//! The sender against collectors in memory that do what they are told.

mod by_default;
mod causes;
mod failover;
mod flapping;
mod refusals;
mod refused;
mod silence;
mod spread;
mod unkind;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::control::Control;
use super::running::{Running, Sender};
use super::sender::IDLE_AFTER;
use crate::config::{self, Options, Settings};
use crate::diag::log::{ERROR, Log, Print};
use crate::diag::stats::Counters;
use crate::encode::msgpack::{self, Head};
use crate::net::{Cause, Deadline, TransportError};
use crate::queue::{Charge, Intake, Ledger, Limits};
use crate::sys::sync::lock;
use crate::transport::{Chunk, Endpoint, Sent, Transport};

/// Long enough for a loaded machine, and for pauses that grow to a minute by chance; nothing waits for its end.
const LONG: Duration = Duration::from_secs(120);

/// What a collector does with a chunk.
#[derive(Debug, Clone, PartialEq)]
enum Reaction {
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

type React = Box<dyn FnMut(&[String]) -> Reaction + Send>;

/// A chunk as it arrived.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    id: Vec<u8>,
    body: Vec<u8>,
    at: Instant,
}

#[derive(Default)]
struct Record {
    /// Events in the order in which they were taken.
    taken: Vec<String>,
    seen: Vec<Seen>,
    /// Chunks named in advance, with the number of those seen by then.
    prepared: Vec<(usize, Vec<u8>)>,
    /// Attempts to connect.
    attempts: Vec<Instant>,
    is_down: bool,
    /// Counts the times that connections were cut.
    cuts: usize,
    /// Chunks after which a connection is old.
    worn_after: Option<usize>,
    /// Places beside one.
    more_places: usize,
}

struct Collector {
    state: Mutex<Record>,
    react: Mutex<React>,
    /// It acknowledges, as Forward does; else it answers.
    acks: bool,
}

impl Collector {
    fn new(acks: bool, react: impl FnMut(&[String]) -> Reaction + Send + 'static) -> Arc<Collector> {
        Arc::new(Collector { state: Mutex::default(), react: Mutex::new(Box::new(react)), acks })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Record> {
        lock(&self.state)
    }

    fn react(&self, react: impl FnMut(&[String]) -> Reaction + Send + 'static) {
        *lock(&self.react) = Box::new(react);
    }

    fn set_down(&self, is_down: bool) {
        let mut state = self.state();
        state.is_down = is_down;
        state.cuts += 1;
    }

    /// What was taken, sorted; duplicates stay.
    fn taken(&self) -> Vec<String> {
        let mut taken = self.state().taken.clone();
        taken.sort();
        taken
    }

    fn attempts(&self) -> usize {
        self.state().attempts.len()
    }
}

struct Scripted {
    collector: Arc<Collector>,
    /// The number of cuts when it was opened.
    open: Option<usize>,
    /// Chunks on this connection.
    sent: usize,
    has_ended: bool,
    acks: VecDeque<(Vec<u8>, Instant)>,
}

impl Scripted {
    fn is_cut(&self) -> bool {
        self.has_ended || self.open != Some(self.collector.state().cuts)
    }
}

fn texts(mut body: &[u8]) -> Vec<String> {
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

/// A sender on its thread.
struct Rig {
    intake: Arc<Intake>,
    control: Control,
    counters: Arc<Counters>,
    accepted: AtomicUsize,
    thread: Option<JoinHandle<()>>,
}

/// Faults are got over fast, and the time-out for acks is far away.
const QUICK: [(&str, &str); 3] =
    [("flush_interval_ms", "1"), ("retry_initial_ms", "2"), ("retry_max_ms", "10")];

/// A sender whose first choice is the first of `collectors`, with these options.
fn sender(collectors: &[&Arc<Collector>], options: &[(&str, &str)]) -> (Sender, Control, Arc<Settings>) {
    let mut chosen = Options::new();
    for (name, value) in options {
        chosen.set(name, value).unwrap();
    }
    let settings = config::resolve(&chosen, |_| None).settings.clone();
    let intake = Arc::new(Intake::new(Limits {
        queue: Charge { events: 1_000_000, bytes: 64 << 20 },
        chunk_bytes: settings.chunk_bytes,
        event_bytes: 1 << 18,
        circular: true,
        block_timeout: Duration::ZERO,
    }));
    let collectors: Vec<_> = collectors.iter().map(|collector| Arc::clone(collector)).collect();
    let names = 0..collectors.len();
    let (control, commands) = Control::new();
    let sender = Sender {
        depot: None,
        intake,
        commands,
        counters: Arc::default(),
        log: Arc::new(Log::new(ERROR + 1, false, Print::Off)),
        endpoints: names.map(|n| Endpoint::Tcp { host: format!("c{n}"), port: 1 }).collect(),
        first: 0,
        open: Arc::new(move |number| {
            let collector = Arc::clone(&collectors[number]);
            Box::new(Scripted { collector, open: None, sent: 0, has_ended: false, acks: VecDeque::new() })
        }),
    };
    (sender, control, settings)
}

impl Rig {
    /// With the quick options and some more; in a twin without the quick ones.
    fn new(collectors: &[&Arc<Collector>], more: &[(&str, &str)]) -> Rig {
        let quick = if by_default::is_twin() { &[][..] } else { &QUICK };
        Rig::with(collectors, &[quick, more].concat())
    }

    /// With these options and otherwise those that users have.
    fn with(collectors: &[&Arc<Collector>], options: &[(&str, &str)]) -> Rig {
        let (sender, control, settings) = sender(collectors, options);
        let intake = Arc::clone(&sender.intake);
        let counters = Arc::clone(&sender.counters);
        let thread = std::thread::spawn(move || sender.run(&settings));
        Rig { intake, control, counters, accepted: AtomicUsize::new(0), thread: Some(thread) }
    }

    /// Hands these events over as a segment of their own.
    fn export<S: AsRef<str>>(&self, events: impl IntoIterator<Item = S>) {
        for event in events {
            self.intake
                .append(&mut crate::queue::Written(|out: &mut crate::encode::Output<'_>| {
                    msgpack::text(out, event.as_ref());
                    Ok(true)
                }))
                .unwrap();
            self.accepted.fetch_add(1, Ordering::Relaxed);
        }
        self.intake.seal_all();
    }

    /// Waits until everything is settled, without hurrying the sender; looks at the ledger all the while.
    fn settles_within(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let sequence = self.intake.seal_all();
        loop {
            let soon = Instant::now() + Duration::from_millis(2);
            let is_settled = self.intake.wait_settled(sequence, soon.min(deadline));
            self.check_balance();
            if is_settled || Instant::now() >= deadline {
                return is_settled;
            }
        }
    }

    fn check_balance(&self) {
        let (ledger, accepted, held) = self.intake.look();
        let Ledger { delivered, dropped_rejected, dropped_too_big, dropped_closed, .. } = ledger;
        let settled = delivered + dropped_rejected + dropped_too_big + dropped_closed;
        assert_eq!(accepted, settled + held.events as u64, "{ledger:?} {held:?}");
    }

    fn ledger(&self) -> Ledger {
        self.intake.look().0
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.control.stop();
        self.intake.waker().wake();
        let ended = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            ended.unwrap().unwrap();
            assert_eq!(crate::diag::stats::read(&self.counters.worker_panics), 0);
        }
    }
}

/// The texts of `count` events, sorted.
fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("e{n:06}")).collect()
}

/// Fails with what differs first, for lists too long to be printed.
fn check_same(got: &[String], expected: &[String]) {
    let differs = got.iter().zip(expected).position(|(got, expected)| got != expected);
    let at = differs.unwrap_or(got.len().min(expected.len()));
    assert_eq!((got.get(at), got.len()), (expected.get(at), expected.len()), "at {at}");
}

fn is_bad(events: &[String]) -> bool {
    events.iter().any(|event| event.starts_with("bad"))
}

/// Waits until `ready` holds.
fn wait_until_true(what: &str, mut ready: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !ready() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_sender_that_delivered_a_moment_ago_is_not_at_rest() {
    let collector = Collector::new(false, |_| Reaction::Take);
    let (sender, _control, settings) = sender(&[&collector], &QUICK);
    let mut running = Running::new(sender, &settings).unwrap();
    let start = Instant::now();
    running.busy_at = start;
    running.last_look = start + IDLE_AFTER / 2;
    let written = |out: &mut crate::encode::Output<'_>| {
        msgpack::text(out, "x");
        Ok(true)
    };
    running.intake.append(&mut crate::queue::Written(written)).unwrap();
    running.intake.seal_all();
    running.advance().unwrap();
    assert!(running.is_done() && collector.taken() == ["x"]);
    assert!(!running.is_at_rest(start + IDLE_AFTER));
    assert!(running.is_at_rest(start + 2 * IDLE_AFTER));
}

#[test]
fn a_panic_costs_neither_events_nor_commands() {
    let mut count = 0;
    let collector = Collector::new(true, move |_| {
        count += 1;
        assert!(count > 2, "for the sender to contain");
        Reaction::Take
    });
    let (sender, control, settings) = sender(&[&collector], &QUICK);
    let counters = Arc::clone(&sender.counters);
    let written = |out: &mut crate::encode::Output<'_>| {
        msgpack::text(out, "x");
        Ok(true)
    };
    sender.intake.append(&mut crate::queue::Written(written)).unwrap();
    let end = control.drain(Instant::now() + LONG);
    sender.run(&settings);
    assert_eq!(end.try_recv(), Err(crossbeam_channel::TryRecvError::Disconnected));
    assert_eq!(collector.taken(), ["x"]);
    assert_eq!(crate::diag::stats::read(&counters.worker_panics), 2);
}
