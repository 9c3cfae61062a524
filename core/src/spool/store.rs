//! The spool of one client.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::counts::{Adopted, Changes, Held, Refused, Unsynced};
use super::record::{Place, Record, Stored};
use crate::config::{Settings, SpoolSync};
use crate::diag::log::Log;

/// What the options say.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) dir: PathBuf,
    /// The most bytes of files below `dir`, all processes together.
    pub(crate) bytes: u64,
    pub(crate) sync: SpoolSync,
}

impl Config {
    /// `None` where there is to be no spool.
    pub(crate) fn of(settings: &Settings) -> Option<Config> {
        let dir = settings.spool_dir.clone()?;
        Some(Config { dir, bytes: settings.spool_bytes, sync: settings.spool_sync })
    }
}

/// A private directory below the option's, and those of dead instances that are being drained.
///
/// Never fails for good: where the disk refuses, it is off for a while, says so once, and tries again.
pub(crate) struct Spool {
    config: Config,
    log: Arc<Log>,
}

impl Spool {
    /// Touches no disk yet.
    pub(crate) fn new(config: Config, log: Arc<Log>) -> Spool {
        Spool { config, log }
    }

    /// Writes a chunk behind all others; with `spool_sync=chunk` it is on the disk when this returns. Gives up the
    /// oldest segments where there is no room, which [`Spool::take_changes`] tells of.
    pub(crate) fn append(&mut self, _chunk: &Stored<'_>) -> Result<Place, Refused> {
        Err(Refused::Off)
    }

    /// Until when the disk is left alone after an error.
    pub(crate) fn off_until(&self) -> Option<Instant> {
        None
    }

    /// Why the disk did not take what it was given last; `None` once it took something again.
    pub(crate) fn trouble(&self) -> Option<&str> {
        None
    }

    /// Whether a sync has anything to do. Never with `none` or `chunk`.
    pub(crate) fn is_dirty(&self) -> bool {
        false
    }

    /// Brings to the disk what was appended; to be called once a second while it is dirty.
    pub(crate) fn sync(&mut self) -> Result<(), Unsynced> {
        Ok(())
    }

    /// The oldest of its own records that was not handed out, or was put back.
    pub(crate) fn next_own(&mut self) -> Option<Record> {
        None
    }

    /// The same of dead instances, the oldest instance first.
    pub(crate) fn next_adopted(&mut self) -> Option<Record> {
        None
    }

    /// The record will be handed out once more, before all others of its instance. `false`: it is gone for want of room,
    /// so that its events are the caller's to count as lost, or to append again.
    pub(crate) fn put_back(&mut self, _place: Place) -> bool {
        false
    }

    /// So many events of a record that was handed out are delivered or given up. With the last one the record is done.
    pub(crate) fn settle(&mut self, _place: Place, _events: u32) {}

    /// Takes over directories whose process is gone; reads at most 64 MiB a call.
    pub(crate) fn adopt(&mut self) -> Adopted {
        Adopted::default()
    }

    /// What the ledger has to know since the last call.
    pub(crate) fn take_changes(&mut self) -> Changes {
        Changes::default()
    }

    pub(crate) fn look(&self) -> Held {
        Held::default()
    }

    /// Syncs unless the option says `none`, removes what is drained, and leaves the rest for whoever adopts it.
    pub(crate) fn close(self) {}
}
