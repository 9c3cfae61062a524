//! Takes over what dead processes left, reads it, and removes what is drained.

use std::io::{self, ErrorKind};

use super::counts::Adopted;
use super::home::Seen;
use super::instance::Instance;
use super::names;
use super::recovery::{read_next, take_over};
use super::store::{Config, Spool};
use crate::diag::log::Log;

/// Dead instances drained at a time: each keeps two descriptors open.
const MOST_ADOPTED: usize = 4;

/// Bytes read in one look for dead instances: tens of milliseconds, as a close that comes meanwhile waits for it.
const MOST_READ: u64 = 8 << 20;

impl Spool {
    /// Takes over directories whose process is gone; reads at most 8 MiB a call.
    pub(crate) fn adopt(&mut self) -> Adopted {
        let mut result = Adopted::default();
        self.leave_what_was_closed();
        if self.off_until().is_some() || !self.has_home() {
            return result;
        }
        let before = self.changes.adopted_events;
        self.adopted.iter_mut().for_each(|instance| instance.failure = None);
        let mut left = MOST_READ;
        let mut seen: Option<std::vec::IntoIter<Seen>> = None;
        loop {
            if !self.read_adopted(&mut left) {
                result.is_more = true;
                break;
            }
            self.drop_drained();
            if self.adopted.len() >= MOST_ADOPTED {
                break;
            }
            let known = self.is_known();
            let Some(home) = &self.home else { break };
            let candidates = seen.get_or_insert_with(|| {
                let (seen, _) = home.instances(&known).unwrap_or_default();
                seen.into_iter()
            });
            let Some(next) = candidates.next() else { break };
            match take_over(home, next, self.next_instance) {
                Ok(Some(instance)) => {
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
        for instance in &mut self.adopted {
            let had_failed = instance.failure.is_some();
            while !instance.unread.is_empty() && instance.failure.is_none() {
                if *left == 0 {
                    return false;
                }
                let Some(read) = read_next(home, instance, &mut self.changes) else { break };
                *left = left.saturating_sub(read.max(1));
            }
            // There is no use in trying at once.
            if let Some(error) = instance.failure.as_ref().filter(|_| !had_failed) {
                tell_of_unread(&self.log, &self.config, instance.uuid, error);
            }
        }
        // What cannot be read is left to whoever can, this process included when it looks again.
        let before = self.adopted.len();
        self.adopted.retain(|instance| instance.failure.is_none() || instance.holds_any());
        if self.adopted.len() < before {
            self.usage.forget();
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

/// Says why a directory whose process is gone stays as it is.
fn tell_of_unread(log: &Log, config: &Config, uuid: u128, error: &io::Error) {
    log.warn("spool unread", || {
        format!(
            "spool_dir: {}/v1/{}: what an ended process left there cannot be read: {error}; it stays there and is tried \
             again every few seconds, mona-spool verify looks into it",
            config.dir.display(),
            names::uuid_text(uuid)
        )
    });
}
