//! The spool of one client: its own instance, the dead ones that it drains, and when the disk is left alone.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::counts::{Changes, Held, Refused, Unsynced};
use super::format::{MOST_SEGMENT, RECORD_HEADER, RecordHeader, SEGMENT_HEADER};
use super::home::{Home, sentence};
use super::instance::Instance;
use super::outage::Outage;
use super::own::{Failure, Own};
use super::quota::Usage;
use super::record::{Memory, Place, Record, Stored};
use super::syncing::Syncing;
use super::unread::Resting;
use crate::config::{Settings, SpoolSync};
use crate::diag::log::Log;
use crate::encode::Buffer;

/// Segments that the limit has room for at least, so that little is lost at once where room is short.
const LEAST_SEGMENTS: u64 = 16;

/// No segment need be smaller: a file for each chunk would cost more than it saves.
const LEAST_SEGMENT: u64 = 64 * 1024;

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

    fn most_segment(&self) -> u32 {
        let share = (self.bytes / LEAST_SEGMENTS).clamp(LEAST_SEGMENT, u64::from(MOST_SEGMENT));
        u32::try_from(share).unwrap_or(MOST_SEGMENT)
    }
}

/// A private directory below the option's, and those of dead instances that are being drained.
///
/// Never fails for good: where the disk refuses, it is off for a while, says so once, and tries again.
pub(crate) struct Spool {
    pub(super) config: Config,
    pub(super) log: Arc<Log>,
    pub(super) home: Option<Home>,
    pub(super) own: Option<Own>,
    /// The oldest first.
    pub(super) adopted: Vec<Instance>,
    /// Drained, but their directories cannot be removed: to take them once more would deliver them for ever.
    pub(super) stuck: Vec<u128>,
    pub(super) next_instance: u32,
    pub(super) outage: Outage,
    /// Why it was turned off, until that is over as far as anybody knows.
    trouble: Option<String>,
    /// That what is shared could not be opened.
    is_home_refused: bool,
    /// What is left alone for a while because it cannot be read.
    pub(super) resting: Resting,
    pub(super) usage: Usage,
    pub(super) changes: Changes,
    /// Where the bodies of records go that are read.
    memory: Box<Memory>,
}

impl Spool {
    /// Touches no disk yet.
    pub(crate) fn new(config: Config, log: Arc<Log>) -> Spool {
        Spool {
            config,
            log,
            home: None,
            own: None,
            adopted: Vec::new(),
            stuck: Vec::new(),
            next_instance: 0,
            outage: Outage::default(),
            trouble: None,
            is_home_refused: false,
            resting: Resting::default(),
            usage: Usage::default(),
            changes: Changes::default(),
            memory: Box::new(|_| Buffer::default()),
        }
    }

    /// The same, which reads into buffers from `memory`.
    pub(crate) fn with_memory(self, memory: Box<Memory>) -> Spool {
        Spool { memory, ..self }
    }

    /// Writes a chunk behind all others; with `spool_sync=chunk` it is on the disk when this returns. Gives up the
    /// oldest segments where there is no room, which [`Spool::take_changes`] tells of.
    pub(crate) fn append(&mut self, chunk: &Stored<'_>) -> Result<Place, Refused> {
        let header = RecordHeader::of_chunk(chunk.id, chunk.is_gzip, chunk.events, 0, chunk.body);
        let header = header.ok_or(Refused::TooLarge)?;
        if self.off_until().is_some() {
            return Err(Refused::Off);
        }
        // A segment that fails has one successor, and so has a directory that was taken away.
        for is_last in [false, true] {
            if !self.is_open() {
                return Err(Refused::Off);
            }
            if !self.make_room(header.len()) {
                return Err(Refused::Full);
            }
            let Some(own) = &mut self.own else { return Err(Refused::Off) };
            match own.write(chunk, header) {
                Ok(place) => {
                    self.note_written();
                    return Ok(place);
                }
                Err(failure) => {
                    let may_go_on = failure.is_lost || failure.is_of_segment;
                    if failure.is_lost {
                        self.abandon();
                    }
                    if is_last || !may_go_on {
                        self.fail(&failure);
                        return Err(Refused::Off);
                    }
                }
            }
        }
        Err(Refused::Off)
    }

    fn note_written(&mut self) {
        if self.outage.end() {
            self.trouble = None;
            self.log.warn_each(|| format!("spool_dir: {}: it is written again", self.config.dir.display()));
        }
    }

    fn fail(&mut self, failure: &Failure) {
        let text = sentence(&self.config.dir, "writing failed", &failure.error);
        self.turn_off(&text);
    }

    fn turn_off(&mut self, why: &str) {
        self.trouble = Some(why.to_owned());
        self.is_home_refused = false;
        let wait = self.outage.begin(Instant::now());
        let seconds = wait.as_secs();
        self.log.warn_each(|| {
            format!("{why}; events stay in memory as far as it goes, the spool is tried again in {seconds} s")
        });
    }

    /// Why the disk did not take what it was given last, or its directory was refused; `None` once it takes it again.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Until when the disk is left alone after an error.
    pub(crate) fn off_until(&self) -> Option<Instant> {
        self.outage.until(Instant::now())
    }

    /// Opens what is shared.
    pub(super) fn has_home(&mut self) -> bool {
        if self.home.is_some() {
            return true;
        }
        match Home::open(&self.config.dir) {
            Ok(home) => {
                self.home = Some(home);
                if std::mem::take(&mut self.is_home_refused) {
                    self.trouble = None;
                }
            }
            Err(error) => {
                self.turn_off(error.detail());
                self.is_home_refused = true;
            }
        }
        self.home.is_some()
    }

    /// Makes the instance of this process.
    fn is_open(&mut self) -> bool {
        if !self.has_home() {
            return false;
        }
        let Some(home) = &self.home else { return false };
        if self.own.is_some() {
            return true;
        }
        let made = Own::make(home.layout(), self.next_instance, self.config.sync, self.config.most_segment());
        match made {
            Ok(own) => {
                self.next_instance += 1;
                self.own = Some(own);
            }
            Err(error) => {
                // It may have been taken away, and another put there.
                self.home = None;
                self.turn_off(&sentence(&self.config.dir, "no directory can be made in it", &error));
            }
        }
        self.own.is_some()
    }

    /// The directory of this process was taken away, or its lock was: whoever finds it may drain it.
    pub(super) fn abandon(&mut self) {
        if let Some(own) = self.own.take() {
            self.changes.abandoned_events += own.instance.waiting_events();
        }
        self.usage.forget();
        self.home = None;
    }

    pub(super) fn is_known(&self) -> impl Fn(u128) -> bool + use<> {
        let mut known: Vec<u128> = self.adopted.iter().map(|instance| instance.uuid).collect();
        known.extend(self.own.as_ref().map(|own| own.instance.uuid));
        known.extend(&self.stuck);
        move |uuid| known.contains(&uuid)
    }

    /// Whether a sync has anything to do. Never with `none` or `chunk`.
    pub(crate) fn is_dirty(&self) -> bool {
        self.own.as_ref().is_some_and(Own::is_dirty)
    }

    /// Brings to the disk what was appended; to be called once a second while it is dirty. [`Spool::begin_sync`] does
    /// the same without keeping the spool meanwhile.
    pub(crate) fn sync(&mut self) -> Result<(), Unsynced> {
        let Some(mut syncing) = self.begin_sync() else { return Ok(()) };
        syncing.run();
        self.end_sync(syncing)
    }

    /// What a sync has to do, if anything: run it, then say [`Spool::end_sync`].
    pub(crate) fn begin_sync(&mut self) -> Option<Syncing> {
        self.own.as_mut().filter(|own| own.is_dirty()).map(Own::begin_sync)
    }

    pub(crate) fn end_sync(&mut self, syncing: Syncing) -> Result<(), Unsynced> {
        // One that was abandoned meanwhile is nobody's.
        let own = self.own.as_mut().filter(|own| own.instance.number == syncing.instance);
        let result = own.map_or(Ok(()), |own| own.end_sync(syncing));
        if result.is_err() {
            self.warn_of_sync();
        }
        result
    }

    fn warn_of_sync(&self) {
        let dir = self.config.dir.display();
        self.log.warn("spool sync", || {
            format!("spool_dir: {dir}: a sync failed, a power failure may take what was spooled last")
        });
    }

    /// Nothing more is written to the present segment: nobody knows how much of it is.
    pub(crate) fn leave_segment(&mut self) {
        self.own.iter_mut().for_each(Own::seal);
    }

    /// The oldest of its own records that is not handed out.
    pub(crate) fn next_own(&mut self) -> Option<Record> {
        let own = self.own.as_mut()?;
        let lost = &mut self.changes.unreadable_events;
        let mut record = own.instance.next(lost, &self.memory);
        if record.is_none() && own.instance.must_leave_active() {
            own.seal();
            record = own.instance.next(lost, &self.memory);
        }
        self.tell_of_left();
        record
    }

    /// The same of dead instances, the oldest instance first.
    pub(crate) fn next_adopted(&mut self) -> Option<Record> {
        let lost = &mut self.changes.unreadable_events;
        let record = self.adopted.iter_mut().find_map(|instance| instance.next(lost, &self.memory));
        if record.is_none() {
            self.drop_drained();
        }
        self.tell_of_left();
        record
    }

    /// Hands out the record that was appended last, whose caller still has it: it is not read back. `false` where
    /// `place` is another's.
    pub(crate) fn hand_out(&mut self, place: Place) -> bool {
        self.instance(place).is_some_and(|instance| instance.hand_out_newest((place.segment, place.offset)))
    }

    /// Whether a record that is handed out was given up for want of room, or taken away: only memory still has it.
    pub(crate) fn is_gone(&mut self, place: Place) -> bool {
        self.instance(place).is_none_or(|instance| instance.is_gone((place.segment, place.offset)))
    }

    /// Whether a record with a body of so many bytes can be appended and nothing be given up for it, as far as is known.
    pub(crate) fn has_room_for(&self, body: usize) -> bool {
        let len = u64::from(SEGMENT_HEADER) + u64::from(RECORD_HEADER) + body as u64;
        let used = self.look().file_bytes.saturating_add(self.usage.others).saturating_add(self.usage.bad);
        used.saturating_add(len) <= self.config.bytes
    }

    /// So many events of a record that was handed out are delivered or given up. With the last one the record is done.
    pub(crate) fn settle(&mut self, place: Place, events: u32) {
        if let Some(instance) = self.instance(place) {
            instance.settle((place.segment, place.offset), events);
            if instance.is_drained() && !instance.is_own {
                self.drop_drained();
            }
        }
    }

    /// Its own instance and those that it drains.
    pub(super) fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.own.iter().map(|own| &own.instance).chain(&self.adopted)
    }

    pub(super) fn instances_mut(&mut self) -> impl Iterator<Item = &mut Instance> {
        self.own.iter_mut().map(|own| &mut own.instance).chain(&mut self.adopted)
    }

    fn instance(&mut self, place: Place) -> Option<&mut Instance> {
        self.instances_mut().find(|instance| instance.number == place.instance)
    }

    /// What the ledger has to know since the last call.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    pub(crate) fn look(&self) -> Held {
        let mut held = Held { adopted_instances: self.adopted.len() as u64, ..Held::default() };
        for instance in self.instances() {
            held.events += instance.held.events + instance.evicted_out.events;
            held.bytes += instance.held.body + instance.evicted_out.body;
            held.file_bytes += instance.file_bytes;
            held.segments +=
                (instance.segments.len() + instance.unread.len() + instance.deferred.len()) as u64;
            let waiting = if instance.is_own { &mut held.waiting_own } else { &mut held.waiting_adopted };
            *waiting += instance.waiting();
        }
        held
    }

    /// Syncs unless the option says `none`, removes what is drained, and leaves the rest for whoever adopts it.
    pub(crate) fn close(mut self) {
        self.drop_drained();
        let Some(mut own) = self.own.take() else { return };
        if own.is_dirty() && own.instance.held.records > 0 {
            let mut syncing = own.begin_sync();
            syncing.run();
            if own.end_sync(syncing).is_err() {
                self.warn_of_sync();
            }
        }
        own.seal();
        if let Some(home) = &self.home
            && own.instance.held.records == 0
        {
            own.instance.remove(home.layout());
        }
    }
}
