//! Chunks that are in memory, for whoever writes them to the spool while they are on their way.
//!
//! A chunk puts itself on the list when it is told to hold on, and takes itself off with its end. Its bytes are shared and
//! never change, so they can be written while they are sent.

use std::sync::{Arc, Mutex};

use super::entries::Entries;
use crate::sys::sync::lock;

/// A chunk on the list.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) claim: u64,
    pub(crate) events: usize,
    pub(crate) is_gzip: bool,
    /// The record of the spool that it was written to.
    pub(crate) record: Option<u64>,
    pub(super) entries: Entries,
}

impl Held {
    pub(crate) fn id(&self) -> &[u8] {
        self.entries.id()
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.entries.bytes()
    }
}

/// The chunks in memory, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct OnHand(Mutex<Vec<Held>>);

impl OnHand {
    /// The chunks of which `is_wanted` says so.
    pub(crate) fn list(&self, is_wanted: impl Fn(&Held) -> bool) -> Vec<Held> {
        lock(&self.0).iter().filter(|held| is_wanted(held)).cloned().collect()
    }

    /// Notes to which record a chunk was written; nothing where it is gone by now.
    pub(crate) fn note(&self, id: &[u8], record: u64) {
        if let Some(held) = lock(&self.0).iter_mut().find(|held| held.id() == id) {
            held.record = Some(record);
        }
    }

    fn add(&self, held: Held) {
        lock(&self.0).push(held);
    }

    fn record_of(&self, id: &[u8]) -> Option<u64> {
        lock(&self.0).iter().find(|held| held.id() == id)?.record
    }

    fn remove(&self, id: &[u8]) {
        lock(&self.0).retain(|held| held.id() != id);
    }
}

/// Keeps a chunk on the list.
#[derive(Debug)]
pub(super) struct Hold {
    list: Arc<OnHand>,
    id: Vec<u8>,
}

impl Hold {
    pub(super) fn new(list: &Arc<OnHand>, held: Held) -> Hold {
        let id = held.id().to_vec();
        list.add(held);
        Hold { list: Arc::clone(list), id }
    }

    /// For a part of what this keeps, which is in the same record.
    pub(super) fn for_part(&self, part: impl FnOnce(Option<u64>) -> Held) -> Hold {
        Hold::new(&self.list, part(self.list.record_of(&self.id)))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.list.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::super::chunk::Chunk;
    use super::*;

    fn ids(list: &OnHand) -> Vec<Vec<u8>> {
        list.list(|_| true).iter().map(|held| held.id().to_vec()).collect()
    }

    #[test]
    fn a_chunk_is_listed_until_its_end_and_its_parts_after_it() {
        let list = Arc::new(OnHand::default());
        let mut whole = Chunk::new(3, vec![1, 2], 0, 2);
        whole.hold(&list);
        let other = Chunk::new(4, vec![9], 0, 1);
        list.note(whole.id(), 70);
        list.note(other.id(), 71);
        let mut parts = [Chunk::new(3, vec![1], 0, 1), Chunk::new(5, vec![2], 0, 1)];
        parts.iter_mut().for_each(|part| part.hold_as_part_of(&whole));
        let mut alone = Chunk::new(6, vec![2], 0, 1);
        alone.hold_as_part_of(&other);
        assert_eq!(ids(&list), [whole.id(), parts[0].id(), parts[1].id()]);
        assert!(list.list(|held| held.record != Some(70)).is_empty());
        assert!(!whole.into_buffer().is_empty(), "nobody else has it any more");
        let bodies: Vec<_> =
            list.list(|_| true).iter().map(|held| (held.claim, held.body().to_vec())).collect();
        assert_eq!(bodies, [(3, vec![1]), (5, vec![2])]);
        drop(parts);
        assert!(ids(&list).is_empty());
    }
}
