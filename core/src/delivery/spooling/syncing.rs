//! Brings to the disk what was written, on a thread of its own: a sync may take seconds, and chunks come meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use super::keeping::Keeping;
use crate::diag::log::Log;
use crate::diag::stats::{Counters, count};
use crate::queue::Intake;
use crate::spool::Syncing;
use crate::sys::thread;

/// How often what was written is brought to the disk with `spool_sync=interval`.
const SYNC_EVERY: Duration = Duration::from_secs(1);

impl Keeping {
    /// When there is something to do about syncs by itself; the end of one wakes.
    pub(super) fn sync_at(&self) -> Option<Instant> {
        let is_due = self.syncs.under_way.is_none() && self.spool.is_dirty();
        is_due.then(|| self.syncs.since + SYNC_EVERY)
    }

    /// Whether a sync has come to its end.
    pub(super) fn has_synced(&self) -> bool {
        self.syncs.under_way.as_ref().is_some_and(|under_way| !under_way.is_empty())
    }

    pub(super) fn sync_if_due(&mut self) {
        match self.syncs.under_way.as_ref().map(Receiver::try_recv) {
            None => {}
            Some(Err(TryRecvError::Empty)) => return,
            Some(Ok(syncing)) => self.end_sync(syncing),
            // It never ran, which a thread that was started does not do.
            Some(Err(TryRecvError::Disconnected)) => self.syncs.under_way = None,
        }
        let now = Instant::now();
        if self.sync_at().is_some_and(|at| now >= at) {
            self.syncs.since = now;
            if let Some(syncing) = self.spool.begin_sync() {
                self.sync(syncing);
            }
        }
    }

    fn sync(&mut self, mut syncing: Syncing) {
        let (report, under_way) = bounded(1);
        let intake = Arc::clone(&self.intake);
        let (counters, log) = (Arc::clone(&self.counters), Arc::clone(&self.log));
        // Handed over in a channel, so that it is still here where there is no thread.
        let (hand, given) = bounded::<Syncing>(1);
        let body = move || {
            if let Ok(mut syncing) = given.recv() {
                run(&mut syncing, &counters, &log);
                let _ = report.send(syncing);
                Intake::wake_spool(&intake);
            }
        };
        if thread::spawn("mona-sync", body).is_ok() {
            let _ = hand.send(syncing);
            self.syncs.under_way = Some(under_way);
        } else {
            run(&mut syncing, &self.counters, &self.log);
            self.end_sync(syncing);
        }
    }

    /// Waits for the sync that is under way.
    pub(super) fn finish_sync(&mut self) {
        if let Some(Ok(syncing)) = self.syncs.under_way.take().map(|under_way| under_way.recv()) {
            self.end_sync(syncing);
        }
    }

    fn end_sync(&mut self, syncing: Syncing) {
        self.syncs.under_way = None;
        if let Err(unsynced) = self.spool.end_sync(syncing) {
            self.write_again(unsynced);
        }
    }
}

/// Waits for the disk. A panic is a sync that failed.
fn run(syncing: &mut Syncing, counters: &Counters, log: &Log) {
    if catch_unwind(AssertUnwindSafe(|| syncing.run())).is_err() {
        count(&counters.worker_panics);
        log.error("panic", || "a bug in libmona was contained on the thread of a sync".to_owned());
    }
}
