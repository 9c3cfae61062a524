//! The sender against collectors in memory that do what they are told.

mod by_default;
mod causes;
mod failover;
mod flapping;
mod refusals;
mod refused;
mod scripted;
mod silence;
mod spread;
mod unkind;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use scripted::{Collector, Reaction, Scripted, texts};

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
            Box::new(Scripted::new(collector))
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
