//! Makes room within the limit of the option.

use std::time::Instant;

use super::quota;
use super::store::Spool;

impl Spool {
    fn file_bytes(&self) -> u64 {
        let own = self.own.as_ref().map_or(0, |own| own.instance.file_bytes);
        self.adopted.iter().fold(own, |sum, instance| sum.saturating_add(instance.file_bytes))
    }

    /// Gives up what there is until `len` bytes more are within the limit; `false` where live processes fill it.
    pub(super) fn make_room(&mut self, len: u64) -> bool {
        let mut is_counted = false;
        loop {
            let held = self.file_bytes().saturating_add(self.usage.others).saturating_add(self.usage.bad);
            let need = held.saturating_add(len).saturating_sub(self.config.bytes);
            // What the others drained or this process took over since the last count is no reason to give up anything.
            if !is_counted && (need > 0 || !self.usage.is_good(Instant::now())) {
                is_counted = true;
                self.count_others();
                continue;
            }
            if need == 0 {
                break true;
            }
            if !self.evict(need) {
                break false;
            }
        }
    }

    fn count_others(&mut self) {
        let known = self.is_known();
        if let Some(home) = &self.home {
            self.usage.count(home, &known, self.config.bytes);
        }
    }

    /// Gives up one thing: what nobody can read, then its own oldest segment, then one of dead instances.
    fn evict(&mut self, need: u64) -> bool {
        let Some(home) = &self.home else { return false };
        if self.usage.bad > 0 {
            let gone = home.trim_bad(self.usage.bad.saturating_sub(need));
            self.usage.bad = if gone == 0 { 0 } else { self.usage.bad.saturating_sub(gone) };
            return true;
        }
        if let Some(own) = &mut self.own {
            if own.is_active_settled() || own.instance.segments.len() == 1 && own.has_active_records() {
                own.seal();
                return true;
            }
            if let Some(lost) = own.instance.evict_oldest() {
                self.changes.evicted_events += lost;
                return true;
            }
        }
        for instance in &mut self.adopted {
            if quota::evict_of_dead(home, instance, &mut self.changes).is_some() {
                return true;
            }
        }
        let gone = quota::evict_of_nobody(home, &self.is_known(), need, &mut self.changes);
        self.usage.others = self.usage.others.saturating_sub(gone);
        gone > 0
    }
}
