//! How much of the disk the spool takes, all processes together, and what goes when that is too much.
//!
//! What this process holds is known; what the others hold is counted now and then. So several that write at once may
//! come above the limit by what they write between two counts.

use std::time::{Duration, Instant};

use super::counts::Changes;
use super::home::Home;
use super::instance::Instance;
use super::names;
use super::recovery::{read_next, take_over};
use crate::sys::directory::Directory;

/// How long a count is good for where there is room by it. Nothing is given up without a fresh one.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// Such counts take at most one part in so many of the time.
const SHARE: u32 = 50;

/// The share of the limit that segments may have that nobody can read.
const BAD_SHARE: u64 = 8;

/// What the others hold.
#[derive(Debug, Default)]
pub(super) struct Usage {
    pub(super) others: u64,
    pub(super) bad: u64,
    counted: Option<(Instant, Duration)>,
}

impl Usage {
    /// Whether the last count will do where there is room by it.
    pub(super) fn is_good(&self, now: Instant) -> bool {
        let Some((at, took)) = self.counted else { return false };
        now.saturating_duration_since(at) < GOOD_FOR.max(took * SHARE)
    }

    /// Which instances are the others' is not as it was: what one holds would be counted twice, or not at all.
    pub(super) fn forget(&mut self) {
        self.counted = None;
    }

    /// Counts the files of all instances but the `known`.
    pub(super) fn count(&mut self, home: &Home, known: &dyn Fn(u128) -> bool, most: u64) {
        let start = Instant::now();
        let mut others = 0;
        // What cannot be listed is not counted: the disk itself will say when it is full.
        let _ = home.layout().names(&mut |name| {
            if names::read_instance(name).is_some_and(|uuid| !known(uuid))
                && let Ok(directory) = home.layout().folder(name)
            {
                others += file_bytes(&directory);
            }
            true
        });
        self.others = others;
        self.bad = home.bad_bytes();
        if self.bad > most / BAD_SHARE {
            self.bad = self.bad.saturating_sub(home.trim_bad(most / BAD_SHARE));
        }
        self.counted = Some((start, start.elapsed()));
    }
}

/// Bytes of the files of an instance.
pub(super) fn file_bytes(directory: &Directory) -> u64 {
    let mut bytes = 0;
    let _ = directory.names(&mut |name| {
        if names::read_file(name).is_some() {
            bytes += directory.look_at(name).map_or(0, |entry| entry.len);
        }
        true
    });
    bytes
}

/// Gives up the oldest segment of a dead instance, whether it can be read or not. Its events are counted as held and as
/// lost, where they are known. `None` where it has none, or none that can be removed: what a later version wrote stays.
pub(super) fn evict_of_dead(home: &Home, instance: &mut Instance, changes: &mut Changes) -> Option<u64> {
    let before = instance.file_bytes;
    while let Some((oldest, is_deferred)) = oldest_unread(instance) {
        if is_deferred {
            instance.deferred.remove(oldest);
            instance.unread.push_front(oldest);
        }
        read_next(home, instance, changes)?;
        if instance.deferred.oldest() == Some(oldest) {
            // The disk still does not read it: as the oldest it goes, whatever is in it.
            let (number, len) = oldest;
            if !instance.remove_files(number, len) {
                return None;
            }
            instance.deferred.remove(oldest);
            changes.lost_bytes += u64::from(len);
        }
        if instance.file_bytes < before {
            // Nothing in it was worth keeping, or can be kept.
            return Some(before - instance.file_bytes);
        }
    }
    changes.evicted_events += instance.evict_oldest()?;
    Some(before.saturating_sub(instance.file_bytes))
}

/// The oldest segment, where it was not read yet, and whether that was tried.
fn oldest_unread(instance: &Instance) -> Option<((u32, u32), bool)> {
    let unread = instance.unread.front().map(|unread| (*unread, false));
    let deferred = instance.deferred.oldest().map(|deferred| (deferred, true));
    let oldest = unread.into_iter().chain(deferred).min()?;
    let known = instance.segments.front().map_or(u32::MAX, |segment| segment.number);
    (oldest.0.0 < known).then_some(oldest)
}

/// Gives up the oldest segments of dead instances that nobody drains, `need` bytes of them; the bytes that went.
pub(super) fn evict_of_nobody(
    home: &Home,
    known: &dyn Fn(u128) -> bool,
    need: u64,
    changes: &mut Changes,
) -> u64 {
    let Ok((seen, _)) = home.instances(known) else { return 0 };
    let mut gone = 0;
    for seen in seen {
        let Ok(Some(mut instance)) = take_over(home, seen, u32::MAX) else { continue };
        while gone < need {
            let Some(bytes) = evict_of_dead(home, &mut instance, changes) else { break };
            gone += bytes;
        }
        // What of it is held and not lost is given back.
        changes.adopted_events = changes.adopted_events.saturating_sub(instance.held.events);
        if instance.is_drained() {
            instance.remove(home.layout());
        }
        if gone >= need {
            break;
        }
    }
    gone
}
