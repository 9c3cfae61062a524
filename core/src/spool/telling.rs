//! Tries again what could not be read, and says what cannot.

use std::time::Instant;

use super::instance::Instance;
use super::names::{self, Part};
use super::store::Spool;

#[cfg(test)]
impl Spool {
    /// What cannot be read was waited for long enough.
    pub(crate) fn patience_is_over(&mut self) {
        let own = self.own.iter_mut().map(|own| &mut own.instance);
        own.chain(&mut self.adopted)
            .filter_map(|known| known.stuck.as_mut())
            .for_each(|stuck| stuck.began_before());
    }

    /// It is time for what was left for later.
    pub(crate) fn pauses_are_over(&mut self) {
        let own = self.own.iter_mut().map(|own| &mut own.instance);
        for instance in own.chain(&mut self.adopted) {
            instance.deferred.pause.is_over_now();
            instance.left.values_mut().for_each(|left| left.pause.is_over_now());
        }
        self.resting.instances.iter_mut().for_each(|(_, pause)| pause.is_over_now());
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
        let own = self.own.iter().map(|own| &own.instance);
        let is_any =
            own.chain(&self.adopted).any(Instance::has_unreadable) || !self.resting.instances.is_empty();
        self.resting.text.as_deref().filter(|_| is_any)
    }

    /// Tries again what was left for later.
    pub(super) fn look_again(&mut self, now: Instant) {
        let own = self.own.iter_mut().map(|own| &mut own.instance);
        for instance in own.chain(&mut self.adopted) {
            instance.look_again(now);
            if instance.unread.is_empty() {
                instance.unread.extend(instance.deferred.take_due(now));
            }
        }
    }

    /// Says what was left behind for later.
    pub(super) fn tell_of_left(&mut self) {
        let own = self.own.iter_mut().map(|own| &mut own.instance);
        for instance in own.chain(&mut self.adopted) {
            let Some((segment, why)) = instance.newly_left.take() else { continue };
            let events = instance.left.get(&segment).map_or(0, |left| left.events);
            let file = names::file(segment, Part::Segment);
            let text = format!(
                "spool_dir: {}/v1/{}/{}: it cannot be read: {why}; {events} events stay there and are tried again now and \
                 then, younger ones go on; a sound disk is expected, mona-spool verify looks into it",
                self.config.dir.display(),
                names::uuid_text(instance.uuid),
                file.to_string_lossy(),
            );
            self.log.warn("spool unread", || text.clone());
            self.resting.text = Some(text);
        }
    }

    /// Says what of a dead instance could not be read.
    pub(super) fn tell_of_deferred(&mut self, uuid: u128, count: usize, why: &str) {
        let text = format!(
            "spool_dir: {}/v1/{}: {count} of the files that an ended process left there cannot be read: {why}; they stay \
             there and are tried again now and then, all others are sent; mona-spool verify looks into it",
            self.config.dir.display(),
            names::uuid_text(uuid),
        );
        self.log.warn("spool unread", || text.clone());
        self.resting.text = Some(text);
    }
}
