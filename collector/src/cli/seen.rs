//! Which chunks came before.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Chunk ids remembered to tell duplicates; a resend follows within seconds.
const REMEMBERED_IDS: usize = 100_000;

/// The latest chunk ids, as 64-bit hashes with a key of this process.
#[derive(Default)]
pub(crate) struct Seen {
    hashes: HashSet<u64>,
    order: VecDeque<u64>,
    keys: RandomState,
}

impl Seen {
    /// True if the id is remembered; it is from now on.
    pub(crate) fn again(&mut self, id: &str) -> bool {
        let hash = self.keys.hash_one(id);
        if !self.hashes.insert(hash) {
            return true;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.hashes.remove(&oldest);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_remembered_for_a_while() {
        let mut seen = Seen::default();
        assert!(!seen.again("first"));
        assert!(seen.again("first"));
        for n in 0..REMEMBERED_IDS {
            assert!(!seen.again(&n.to_string()));
        }
        assert!(!seen.again("first"));
        assert_eq!(seen.hashes.len(), REMEMBERED_IDS);
    }
}
