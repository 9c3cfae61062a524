//! The moving parts of a client in one process: the way in, the sender, the watch over the config file.
//!
//! A forked child makes a runtime of its own and leaks the one it inherited.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::buffer::{Charge, Intake, Limits};
use crate::id;
use crate::log::Log;
use crate::options::Settings;
use crate::sender::{Control, Sender};
use crate::stats::Counters;
use crate::sync::try_lock;
use crate::thread;
use crate::transport::{self, Abort, Delivered, Endpoint};
use crate::watch::StopFlag;

/// Pause after a failed thread start: a system out of threads is not helped by more attempts.
const START_PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Runtime {
    pub(super) intake: Arc<Intake>,
    pub(super) control: Arc<Control>,
    pub(super) counters: Arc<Counters>,
    pub(super) abort: Arc<Abort>,
    pub(super) delivered: Arc<Delivered>,
    pub(super) watch_stop: Arc<StopFlag>,
    /// This client in this process, as text.
    instance: String,
    next_event: AtomicU64,
    is_started: AtomicBool,
    is_watching: AtomicBool,
    start_again_at: Mutex<Option<Instant>>,
}

impl Runtime {
    pub(super) fn new(settings: &Settings) -> Runtime {
        let limits = Limits {
            queue: Charge { events: settings.queue_size, bytes: settings.queue_bytes },
            chunk_bytes: settings.chunk_bytes,
            circular: settings.queue_circular,
            block_timeout: settings.block_timeout,
        };
        Runtime {
            intake: Arc::new(Intake::new(limits)),
            control: Arc::default(),
            counters: Arc::default(),
            abort: Arc::default(),
            delivered: Arc::new(Delivered::new(settings.queue_size, settings.queue_bytes)),
            watch_stop: Arc::new(StopFlag::new()),
            instance: id::with_uuid_text(str::to_owned),
            next_event: AtomicU64::new(0),
            is_started: AtomicBool::new(false),
            is_watching: AtomicBool::new(false),
            start_again_at: Mutex::new(None),
        }
    }

    /// What makes the next event's id.
    pub(super) fn next_event_id(&self) -> (&str, u64) {
        (&self.instance, self.next_event.fetch_add(1, Ordering::Relaxed))
    }

    /// True for the first caller, and for a later one when the thread could not be started.
    pub(super) fn may_watch(&self) -> bool {
        !self.is_watching.swap(true, Ordering::Relaxed)
    }

    /// The watch could not be started: somebody else may try.
    pub(super) fn is_not_watched(&self) {
        self.is_watching.store(false, Ordering::Relaxed);
    }

    /// Starts the sender unless it runs. Where the system has no thread left, a later call tries again.
    #[inline]
    pub(super) fn ensure_sender(&self, settings: &Arc<Settings>, endpoint: &Endpoint, log: &Arc<Log>) {
        if !self.is_started.load(Ordering::Acquire) {
            self.start_sender(settings, endpoint, log);
        }
    }

    #[cold]
    fn start_sender(&self, settings: &Arc<Settings>, endpoint: &Endpoint, log: &Arc<Log>) {
        // Whoever holds the lock is starting it.
        let Some(mut again_at) = try_lock(&self.start_again_at) else { return };
        let now = Instant::now();
        if self.is_started.load(Ordering::Acquire) || again_at.is_some_and(|at| now < at) {
            return;
        }
        let transport =
            transport::open(endpoint, settings, Arc::clone(&self.abort), Arc::clone(&self.delivered));
        let sender = Sender {
            intake: Arc::clone(&self.intake),
            control: Arc::clone(&self.control),
            counters: Arc::clone(&self.counters),
            log: Arc::clone(log),
            endpoint: endpoint.clone(),
            transport,
        };
        let settings = Arc::clone(settings);
        let started = thread::spawn("mona-sender", move || sender.run(&settings));
        match started {
            Ok(_) => self.is_started.store(true, Ordering::Release),
            Err(error) => {
                *again_at = Some(now + START_PAUSE);
                drop(again_at);
                log.error("thread", || {
                    format!("the sender thread cannot be started: {error}; events wait in memory")
                });
            }
        }
    }

    pub(super) fn has_started(&self) -> bool {
        self.is_started.load(Ordering::Acquire)
    }
}
