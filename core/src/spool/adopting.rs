//! Takes over what dead processes left, reads it, and removes what is drained.

use std::io::ErrorKind;
use std::time::Instant;

use super::counts::Adopted;
use super::home::Seen;
use super::instance::Instance;
use super::names;
use super::reading::SLOW;
use super::recovery::{read_next, take_over};
use super::store::Spool;
use super::telling::tell_of_unread;

/// Dead instances drained at a time: each keeps two descriptors open.
const MOST_ADOPTED: usize = 4;

/// The same with those that wait for a disk to read what they still have.
const MOST_HELD: usize = 16;

/// Bytes read in one look for dead instances: tens of milliseconds, as a close that comes meanwhile waits for it.
const MOST_READ: u64 = 8 << 20;

impl Spool {
    /// Takes over directories whose process is gone; reads at most 8 MiB a call.
    pub(crate) fn adopt(&mut self) -> Adopted {
        let mut result = Adopted::default();
        self.leave_what_was_closed();
        let now = Instant::now();
        self.look_again(now);
        if self.off_until().is_some() || !self.has_home() {
            return result;
        }
        let before = self.changes.adopted_events;
        let mut left = MOST_READ;
        let mut seen: Option<std::vec::IntoIter<Seen>> = None;
        loop {
            if !self.read_adopted(&mut left) {
                result.is_more = true;
                break;
            }
            self.drop_drained();
            let drained = self.adopted.iter().filter(|instance| !instance.is_idle()).count();
            if drained >= MOST_ADOPTED || self.adopted.len() >= MOST_HELD {
                break;
            }
            let known = self.is_known();
            let Some(home) = &self.home else { break };
            let candidates = seen.get_or_insert_with(|| {
                let seen = match home.instances(&known) {
                    Ok((seen, is_more)) => {
                        self.resting.keep(|uuid| is_more || seen.iter().any(|seen| seen.uuid == uuid));
                        seen
                    }
                    Err(_) => Vec::new(),
                };
                seen.into_iter()
            });
            let Some(next) = candidates.find(|seen| !self.resting.has(seen.uuid, now)) else { break };
            match take_over(home, next, self.next_instance) {
                Ok(Some(mut instance)) => {
                    instance.deferred.pause = self.resting.take(instance.uuid);
                    self.next_instance += 1;
                    result.instances += 1;
                    let at = self.adopted.partition_point(|known| known.born <= instance.born);
                    self.adopted.insert(at, instance);
                    self.usage.forget();
                }
                // Its process lives, or it is gone.
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => tell_of_unread(&self.log, &self.config, next.uuid, &error),
            }
        }
        result.events = self.changes.adopted_events - before;
        result
    }

    /// Leaves directories whose descriptors the program closed to whoever finds them, this process included.
    fn leave_what_was_closed(&mut self) {
        let is_closed = |instance: &Instance| !instance.owned.is_ours();
        if self.own.as_ref().is_some_and(|own| is_closed(&own.instance)) {
            self.abandon();
        }
        for closed in self.adopted.extract_if(.., |instance| is_closed(instance)) {
            self.changes.abandoned_events += closed.waiting_events();
            self.usage.forget();
        }
        self.home.take_if(|home| !home.layout().is_ours());
    }

    /// Reads what dead instances hold; `false` where `left` bytes were not enough.
    fn read_adopted(&mut self, left: &mut u64) -> bool {
        let Some(home) = &self.home else { return true };
        let mut told = Vec::new();
        for instance in &mut self.adopted {
            let is_round = !instance.unread.is_empty();
            while !instance.unread.is_empty() {
                if *left == 0 {
                    return false;
                }
                let (start, deferred) = (Instant::now(), instance.deferred.len());
                let Some(read) = read_next(home, instance, &mut self.changes) else { break };
                *left = left.saturating_sub(read.max(1));
                if instance.deferred.len() > deferred && start.elapsed() >= SLOW {
                    *left = 0;
                }
            }
            // There is no use in trying at once.
            if let Some(error) = instance.deferred.why.as_ref().filter(|_| is_round) {
                told.push((instance.uuid, instance.deferred.len(), error.to_string()));
                instance.deferred.pause.begin(Instant::now());
            }
        }
        // What cannot be read is left to whoever can, this process included when it looks again.
        let is_done = |instance: &Instance| {
            instance.unread.is_empty() && instance.deferred.len() > 0 && !instance.holds_any()
        };
        for done in self.adopted.extract_if(.., |instance| is_done(instance)) {
            self.resting.add(done.uuid, done.deferred.pause);
            self.usage.forget();
        }
        for (uuid, count, why) in told {
            self.tell_of_deferred(uuid, count, &why);
        }
        true
    }

    /// Removes the directories of dead instances that hold nothing any more.
    pub(super) fn drop_drained(&mut self) {
        let Some(home) = &self.home else { return };
        for instance in self.adopted.extract_if(.., |instance| instance.is_drained()) {
            let uuid = instance.uuid;
            if !instance.remove(home.layout()) && home.layout().folder(&names::instance(uuid)).is_ok() {
                self.stuck.push(uuid);
                self.usage.forget();
            }
        }
    }
}
