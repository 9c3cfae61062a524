//! Tries again what could not be read, and says what cannot.

use std::io;
use std::time::Instant;

use super::instance::Instance;
use super::names::{self, Part};
use super::store::{Config, Spool};
use crate::diag::log::Log;

/// All of one kind: a disk that fails again and again must not fill a log.
const KIND: &str = "spool unread";

#[cfg(test)]
impl Spool {
    /// What cannot be read was waited for long enough.
    pub(crate) fn patience_is_over(&mut self) {
        self.instances_mut().filter_map(|known| known.stuck.as_mut()).for_each(|stuck| stuck.began_before());
    }

    /// It is time for what was left for later.
    pub(crate) fn pauses_are_over(&mut self) {
        for instance in self.instances_mut() {
            instance.deferred.pause.is_over_now();
            instance.left.values_mut().for_each(|left| left.pause.is_over_now());
        }
        self.resting.pauses_are_over();
    }
}

impl Instance {
    /// Whether it has something that could not be read.
    fn has_unreadable(&self) -> bool {
        self.deferred.len() > 0 || self.left.values().any(|left| !left.is_due)
    }

    /// All that is left of it cannot be read.
    pub(super) fn is_idle(&self) -> bool {
        self.unread.is_empty() && self.out.is_empty() && self.waiting() == 0
    }
}

impl Spool {
    /// What cannot be read and is tried again later.
    pub(crate) fn unread(&self) -> Option<&str> {
        let is_any = self.instances().any(Instance::has_unreadable) || !self.resting.is_empty();
        self.resting.text.as_deref().filter(|_| is_any)
    }

    /// Tries again what was left for later.
    pub(super) fn look_again(&mut self, now: Instant) {
        for instance in self.instances_mut() {
            instance.look_again(now);
            if instance.unread.is_empty() {
                instance.unread.extend(instance.deferred.take_due(now));
            }
        }
    }

    /// Says what was left behind for later.
    pub(super) fn tell_of_left(&mut self) {
        let newly_left = |instance: &mut Instance| {
            let (segment, why) = instance.newly_left.take()?;
            let events = instance.left.get(&segment).map_or(0, |left| left.events);
            Some((instance.uuid, segment, events, why))
        };
        let left: Vec<_> = self.instances_mut().filter_map(newly_left).collect();
        for (uuid, segment, events, why) in left {
            self.tell(format!(
                "{}/{}: it cannot be read: {why}; {events} events stay there and are tried again now and then, younger \
                 ones go on; a sound disk is expected, mona-spool verify looks into it",
                shown(&self.config, uuid),
                names::file(segment, Part::Segment).to_string_lossy(),
            ));
        }
    }

    /// Says what of a dead instance could not be read.
    pub(super) fn tell_of_deferred(&mut self, uuid: u128, count: usize, why: &str) {
        self.tell(format!(
            "{}: {count} of the files that an ended process left there cannot be read: {why}; they stay there and are \
             tried again now and then, all others are sent; mona-spool verify looks into it",
            shown(&self.config, uuid),
        ));
    }

    fn tell(&mut self, text: String) {
        self.log.warn(KIND, || text.clone());
        self.resting.text = Some(text);
    }
}

/// Says why a directory whose process is gone stays as it is.
pub(super) fn tell_of_unread(log: &Log, config: &Config, uuid: u128, error: &io::Error) {
    log.warn(KIND, || {
        format!(
            "{}: what an ended process left there cannot be read: {error}; it stays there and is tried again every few \
             seconds, mona-spool verify looks into it",
            shown(config, uuid),
        )
    });
}

fn shown(config: &Config, uuid: u128) -> String {
    format!("spool_dir: {}/v1/{}", config.dir.display(), names::uuid_text(uuid))
}
