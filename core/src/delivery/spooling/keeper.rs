//! The thread that keeps the spool: its loop, its sleep and its end.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::depot::Depot;
use super::keeping::{Keeping, Syncs};
use crate::diag::log::Log;
use crate::diag::stats::{Counters, count};
use crate::queue::Intake;
use crate::spool::{Config, Spool};
use crate::sys::poll::wait_readable;
use crate::sys::thread;

/// How often directories of processes that are gone are looked for: a look opens each directory there.
const ADOPT_EVERY: Duration = Duration::from_secs(5);

/// How long a queue that is half full is left to a sender that takes from it: it takes a chunk more often than that
/// unless it waits for something.
const PATIENCE: Duration = Duration::from_millis(5);

/// Sleep while such a queue is watched.
const WATCH: Duration = Duration::from_millis(1);

/// Where nobody can wake it, it looks so often.
const BLIND: Duration = Duration::from_millis(20);

/// What the thread works with.
pub(crate) struct Keeper {
    pub(crate) depot: Arc<Depot>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) log: Arc<Log>,
    pub(crate) config: Config,
}

impl Keeper {
    /// The body of the thread: runs until its end is asked for.
    pub(crate) fn run(self) {
        // Not on the stack, which a forked child has not.
        let mut keeping = Box::new(self.keeping());
        let is_done =
            thread::contained(&mut keeping, |keeping| keeping.until_end(), |keeping| keeping.recover());
        keeping.end(is_done);
    }

    pub(super) fn keeping(self) -> Keeping {
        let now = Instant::now();
        let intake = Arc::clone(&self.intake);
        let memory = Box::new(move |len| intake.take_buffer(len));
        Keeping {
            spool: Spool::new(self.config, Arc::clone(&self.log)).with_memory(memory),
            depot: self.depot,
            intake: self.intake,
            log: self.log,
            counters: self.counters,
            handed_out: HashMap::new(),
            next_record: 0,
            in_hand: None,
            syncs: Syncs::new(now),
            adopted_instances: 0,
            adopt_at: now,
            again_at: None,
            read_again_at: None,
            seen_takes: (0, now),
            owes_rest: false,
            has_spooled_last: false,
        }
    }
}

impl Keeping {
    fn until_end(&mut self) {
        while !self.depot.must_end() {
            self.step();
            self.sleep();
        }
        self.step();
    }

    fn step(&mut self) {
        self.settle();
        if self.depot.is_write_ahead && !self.is_off(Instant::now()) {
            // Nothing is sent that was not written, unless the disk refuses it once more.
            self.depot.turn(true);
        }
        self.owes_rest |= self.depot.take_rest();
        if self.owes_rest {
            self.spill_rest();
            self.owes_rest = false;
        } else if self.intake.must_spool_rest() && !self.has_spooled_last {
            self.spill_last();
        } else {
            self.spill_while(|keeping| keeping.must_spill(Instant::now()));
        }
        // After what somebody may be waiting for.
        self.adopt_if_due();
        self.read_ahead();
        self.sync_if_due();
        self.account();
    }

    /// What goes to the disk as the process ends.
    fn spill_last(&mut self) {
        let sequence = self.intake.seal_for_last_flush();
        self.depot.be_last();
        self.spill_rest();
        if self.intake.is_settled(sequence) {
            self.has_spooled_last = true;
            self.intake.end_last_flush();
        }
    }

    /// Whether something that waits in the queue is to go to the disk.
    pub(super) fn must_spill(&mut self, now: Instant) -> bool {
        if self.is_off(now) || !(self.depot.has_returned() || self.intake.has_segments()) {
            return false;
        }
        if self.depot.is_write_ahead || self.intake.is_nearly_full() {
            return true;
        }
        self.intake.is_half_full() && (self.depot.holds_own() || self.is_sender_waiting(now))
    }

    /// Whether the sender has taken nothing from the queue for a while.
    fn is_sender_waiting(&mut self, now: Instant) -> bool {
        let takes = self.depot.takes();
        if takes != self.seen_takes.0 {
            self.seen_takes = (takes, now);
        }
        now.saturating_duration_since(self.seen_takes.1) >= PATIENCE
    }

    fn is_off(&self, now: Instant) -> bool {
        self.off_until(now).is_some()
    }

    fn off_until(&self, now: Instant) -> Option<Instant> {
        self.spool.off_until().max(self.again_at).filter(|until| now < *until)
    }

    fn has_work(&mut self, now: Instant) -> bool {
        self.depot.is_asked()
            || self.intake.must_spool_rest() && !self.has_spooled_last && !self.is_off(now)
            || self.intake.has_settled_records()
            || self.has_synced()
            || self.may_read(false, now)
            || self.may_read(true, now)
            || self.must_spill(now)
    }

    fn sleep(&mut self) {
        let intake = Arc::clone(&self.intake);
        let Some(waker) = intake.spool_waker() else { return };
        waker.renew();
        waker.announce_sleep();
        let now = Instant::now();
        if !self.has_work(now) {
            let is_watching = !self.is_off(now) && self.intake.is_half_full() && self.intake.has_segments();
            let watch_at = is_watching.then(|| now + WATCH);
            let blind_at = waker.descriptor().is_none().then(|| now + BLIND);
            let read_at = self.read_again_at.filter(|at| now < *at);
            let times =
                [self.sync_at(), watch_at, blind_at, read_at, self.off_until(now), Some(self.adopt_at)];
            if let Some(until) = times.into_iter().flatten().min() {
                let descriptors: Vec<_> = waker.descriptor().into_iter().collect();
                wait_readable(&descriptors, until.saturating_duration_since(now));
            }
        }
        waker.awake();
    }

    pub(super) fn adopt_if_due(&mut self) {
        let now = Instant::now();
        let instances = self.spool.look().adopted_instances;
        // Few are drained at a time: when one is done, another one may wait.
        let has_drained = instances < std::mem::replace(&mut self.adopted_instances, instances);
        if now < self.adopt_at && !has_drained || self.depot.is_last() || self.depot.must_end() {
            return;
        }
        let adopted = self.spool.adopt();
        self.adopt_at = if adopted.is_more { now } else { now + ADOPT_EVERY };
        // Before anything of it is handed out.
        self.account();
        // Of what could not be read before.
        let held = self.spool.look();
        self.adopted_instances = held.adopted_instances;
        self.depot.look_again(held.waiting_own > 0, held.waiting_adopted > 0);
    }

    /// After a panic: what was on its way to the disk may be there or not, and counts as what the queue says.
    pub(super) fn recover(&mut self) {
        count(&self.counters.worker_panics);
        self.log.error("panic", || "a bug in libmona was contained on the thread of the spool".to_owned());
        self.spool.leave_segment();
        match self.in_hand.take() {
            Some(chunk) => self.depot.return_spill(chunk),
            None => self.depot.forget_spill(),
        }
    }

    pub(super) fn end(mut self: Box<Self>, is_done: bool) {
        if is_done {
            self.finish_sync();
            self.settle();
            self.write_gone();
            self.lose_gone();
            self.account();
        }
        let Keeping { depot, intake, spool, .. } = *self;
        if is_done {
            spool.close();
        } else {
            // What is on disk stays there for a later process; memory takes over.
            depot.turn(false);
            depot.add(false, None, false);
        }
        depot.end();
        intake.notify();
        intake.waker().wake();
    }
}
