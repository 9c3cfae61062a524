//! The moving parts of a client in one process: the way in, the sender, the watch over the config file.
//!
//! A forked child makes a runtime of its own and leaks the one it inherited.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;

use crate::config::watch::Inbox;
use crate::config::{Settings, SpoolSync};
use crate::delivery::{Commands, Control, Depot, Keeper, Opener, Sender};
use crate::diag::log::Log;
use crate::diag::stats::Counters;
use crate::net::Abort;
use crate::queue::{Charge, Intake, Limits};
use crate::spool;
use crate::sys::id;
use crate::sys::leak_checker;
use crate::sys::sync::try_lock;
use crate::sys::thread;
use crate::transport::{self, Delivered, Endpoint};

/// Pause after a failed thread start: a system out of threads is not helped by more attempts.
pub(super) const START_PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Runtime {
    pub(crate) intake: Arc<Intake>,
    /// Where there is a spool.
    pub(crate) depot: Option<Arc<Depot>>,
    pub(crate) control: Control,
    pub(crate) counters: Arc<Counters>,
    /// One for each endpoint.
    aborts: Vec<Arc<Abort>>,
    pub(crate) delivered: Arc<Delivered>,
    pub(crate) watch_inbox: Arc<Inbox>,
    /// This client in this process, as text.
    instance: String,
    /// Written at every event where events have ids, beside what every event reads.
    next_event: CachePadded<AtomicU64>,
    is_watching: AtomicBool,
    start: Mutex<Start>,
}

/// What it takes to start the sender.
struct Start {
    /// After an attempt that failed: no other one before this.
    again_at: Option<Instant>,
    /// What the sender takes along; `None` once it has it, so that its end is the end of the channel.
    commands: Option<Commands>,
    /// What the thread of the spool takes along; `None` once it has it.
    spool: Option<spool::Config>,
}

impl Runtime {
    /// For a client with these endpoints.
    pub(crate) fn new(settings: &Settings, endpoints: &[Endpoint]) -> Runtime {
        let limits = Limits {
            queue: Charge { events: settings.queue_size, bytes: settings.queue_bytes },
            chunk_bytes: settings.chunk_bytes,
            event_bytes: settings.max_event_bytes,
            circular: settings.queue_circular,
            block_timeout: settings.block_timeout,
        };
        let (control, commands) = Control::new();
        // One that nobody is at the other end of must not take over what others left, nor give it up for want of room.
        let has_spool = endpoints.iter().all(Endpoint::is_lasting);
        let spool = spool::Config::of(settings).filter(|_| has_spool);
        let is_write_ahead = settings.spool_sync == SpoolSync::Chunk;
        Runtime {
            intake: Arc::new(if spool.is_some() { Intake::with_spool(limits) } else { Intake::new(limits) }),
            depot: spool.is_some().then(|| Arc::new(Depot::new(is_write_ahead))),
            control,
            counters: Arc::default(),
            aborts: endpoints.iter().map(|_| Arc::default()).collect(),
            delivered: Arc::new(Delivered::new(settings.queue_size, settings.queue_bytes)),
            watch_inbox: Arc::default(),
            instance: id::with_uuid_text(str::to_owned),
            next_event: CachePadded::default(),
            is_watching: AtomicBool::new(false),
            start: Mutex::new(Start { again_at: None, commands: Some(commands), spool }),
        }
    }

    /// This client in this process.
    pub(crate) fn instance(&self) -> &str {
        &self.instance
    }

    /// What makes the next event's id.
    pub(crate) fn next_event_id(&self) -> (&str, u64) {
        (&self.instance, self.next_event.fetch_add(1, Ordering::Relaxed))
    }

    /// True for the first caller, and for a later one when the thread could not be started.
    pub(crate) fn may_watch(&self) -> bool {
        !self.is_watching.swap(true, Ordering::Relaxed)
    }

    /// The watch could not be started: somebody else may try.
    pub(crate) fn is_not_watched(&self) {
        self.is_watching.store(false, Ordering::Relaxed);
    }

    /// Starts the sender unless it runs. Where the system has no thread left, a later call tries again.
    #[inline]
    pub(crate) fn ensure_sender(&self, settings: &Arc<Settings>, endpoints: &[Endpoint], log: &Arc<Log>) {
        if !self.intake.has_started() {
            leak_checker::ignoring(|| self.start_sender(settings, endpoints, log));
        }
    }

    #[cold]
    fn start_sender(&self, settings: &Arc<Settings>, endpoints: &[Endpoint], log: &Arc<Log>) {
        // Whoever holds the lock is starting it.
        let Some(mut start) = try_lock(&self.start) else { return };
        let now = Instant::now();
        if start.again_at.is_some_and(|at| now < at) {
            return;
        }
        self.start_keeper(&mut start, log);
        let Some(commands) = start.commands.clone() else { return };
        let sender = Sender {
            intake: Arc::clone(&self.intake),
            commands,
            counters: Arc::clone(&self.counters),
            log: Arc::clone(log),
            endpoints: endpoints.to_vec(),
            first: first_choice(&self.instance, endpoints.len()),
            open: self.opener(settings, endpoints, log),
            depot: self.depot.clone(),
        };
        let settings = Arc::clone(settings);
        let started = thread::spawn("mona-sender", move || sender.run(&settings));
        match started {
            Ok(_) => {
                start.commands = None;
                self.intake.start();
            }
            Err(error) => {
                start.again_at = Some(now + START_PAUSE);
                drop(start);
                log.error("thread", || {
                    format!("the sender thread cannot be started: {error}; events wait in memory")
                });
            }
        }
    }

    /// Starts the thread of the spool unless it runs. Without it, memory has to do.
    fn start_keeper(&self, start: &mut Start, log: &Arc<Log>) {
        let (Some(depot), Some(config)) = (&self.depot, &start.spool) else { return };
        let keeper = Keeper {
            depot: Arc::clone(depot),
            intake: Arc::clone(&self.intake),
            counters: Arc::clone(&self.counters),
            log: Arc::clone(log),
            config: config.clone(),
        };
        match thread::spawn("mona-spool", move || keeper.run()) {
            Ok(_) => start.spool = None,
            Err(error) => {
                depot.turn(false);
                log.error("thread", || {
                    format!("the thread of the spool cannot be started: {error}; events wait in memory")
                });
            }
        }
    }

    /// Whether the thread of the spool was started.
    pub(super) fn has_keeper(&self) -> bool {
        // Whoever holds it is about to.
        try_lock(&self.start).is_none_or(|start| start.spool.is_none())
    }

    /// Starts the thread of the spool where the system had none left when the sender was started.
    pub(crate) fn ensure_keeper(&self, log: &Arc<Log>) {
        if self.depot.is_some()
            && let Some(mut start) = try_lock(&self.start)
        {
            leak_checker::ignoring(|| self.start_keeper(&mut start, log));
        }
    }

    fn opener(&self, settings: &Arc<Settings>, endpoints: &[Endpoint], log: &Arc<Log>) -> Opener {
        let settings = Arc::clone(settings);
        let delivered = Arc::clone(&self.delivered);
        let (log, instance) = (Arc::clone(log), self.instance.clone());
        let routes: Vec<_> = endpoints.iter().cloned().zip(self.aborts.iter().cloned()).collect();
        Arc::new(move |number| match routes.get(number) {
            Some((endpoint, abort)) => transport::open(
                endpoint,
                &settings,
                Arc::clone(abort),
                Arc::clone(&delivered),
                &log,
                &instance,
            ),
            // Asked for only by a number that is not one of the endpoints'.
            None => transport::open(
                &Endpoint::Null,
                &settings,
                Arc::default(),
                Arc::clone(&delivered),
                &log,
                &instance,
            ),
        })
    }

    /// Until when a handshake with a collector counts as moving, if one does at `now`.
    pub(crate) fn moves_until(&self, now: Instant) -> Option<Instant> {
        self.aborts.iter().filter_map(|abort| abort.progress.moves_until(now)).max()
    }

    /// Ends the sender's waits for a collector.
    pub(crate) fn abort(&self) {
        self.aborts.iter().for_each(|abort| abort.fire());
    }
}

/// The number of the endpoint that this instance begins with: a fleet spreads over all of them, and a client
/// that comes back after a fork or a restart finds another one.
fn first_choice(instance: &str, endpoints: usize) -> usize {
    // FNV-1a: the text is random already, any even mix will do.
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = instance.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    // The upper half is the better mixed one.
    ((hash >> 32) as usize).checked_rem(endpoints).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn instances_spread_over_the_endpoints() {
        let mut chosen = [0; 3];
        for _ in 0..3000 {
            let first = id::with_uuid_text(|instance| first_choice(instance, 3));
            chosen[first] += 1;
        }
        assert!(chosen.iter().all(|count| (850..1150).contains(count)), "{chosen:?}");
        assert_eq!(first_choice("any", 1), 0);
    }

    #[test]
    fn the_number_of_the_next_event_is_on_lines_that_no_event_reads() {
        let line = align_of::<CachePadded<u8>>();
        let written = offset_of!(Runtime, next_event) / line;
        for read in [offset_of!(Runtime, intake), offset_of!(Runtime, instance)] {
            assert_ne!(read / line, written);
        }
        assert!(align_of::<Runtime>() >= line, "else an offset says nothing of the line");
    }
}
