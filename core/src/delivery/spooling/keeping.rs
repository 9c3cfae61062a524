//! What the thread that keeps the spool has in hand: moved on by the files beside this one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::Receiver;

use super::depot::Depot;
use crate::diag::log::Log;
use crate::diag::stats::Counters;
use crate::queue::Intake;
use crate::spool::{Place, Spool, Syncing};
use crate::transport::Chunk;

/// A record that was handed out, and its events.
#[derive(Debug, Clone, Copy)]
pub(super) struct HandedOut {
    pub(super) place: Place,
    pub(super) events: u32,
}

/// The thread's state.
pub(super) struct Keeping {
    pub(super) depot: Arc<Depot>,
    pub(super) intake: Arc<Intake>,
    pub(super) log: Arc<Log>,
    pub(super) counters: Arc<Counters>,
    pub(super) spool: Spool,
    /// Records that were handed out, by the number that the queue knows them by.
    pub(super) handed_out: HashMap<u64, HandedOut>,
    pub(super) next_record: u64,
    /// On its way from the queue to the disk.
    pub(super) in_hand: Option<Chunk>,
    pub(super) syncs: Syncs,
    /// Directories of others that are being drained, when they were looked at last.
    pub(super) adopted_instances: u64,
    /// When to look for directories of processes that are gone.
    pub(super) adopt_at: Instant,
    /// The disk took nothing for want of room that only others can make: no attempt before this.
    pub(super) again_at: Option<Instant>,
    /// What waits of its own cannot be read: no attempt before this.
    pub(super) read_again_at: Option<Instant>,
    /// The sender's takes when they were looked at last, and since when there were no more.
    pub(super) seen_takes: (u64, Instant),
    /// All that is in memory is to go to the disk, also where a panic came between.
    pub(super) owes_rest: bool,
    /// The flush at the end of the process is over.
    pub(super) has_spooled_last: bool,
}

/// When there is a sync, and the one that is under way.
pub(super) struct Syncs {
    /// What was written before is on the disk, or on the way there since.
    pub(super) since: Instant,
    pub(super) under_way: Option<Receiver<Syncing>>,
}

impl Syncs {
    pub(super) fn new(now: Instant) -> Syncs {
        Syncs { since: now, under_way: None }
    }
}
