//! Different values with a number for each, found without a copy of what is known already.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::store::contexts::Sums;
use crate::store::value::{Seen, Value};

#[derive(Debug)]
pub(super) struct Codes {
    /// In the order of their first appearance.
    pub(super) values: Vec<Value>,
    /// What they take in memory.
    pub(super) bytes: usize,
    most: usize,
    most_bytes: usize,
    by_sum: HashMap<u64, usize, Sums>,
    key: RandomState,
    last: usize,
}

impl Codes {
    /// So many values are told apart, and as many as take so many bytes.
    pub(super) fn new(most: usize, most_bytes: usize) -> Codes {
        let (by_sum, key) = (HashMap::default(), RandomState::new());
        Codes { values: Vec::new(), bytes: 0, most, most_bytes, by_sum, key, last: 0 }
    }

    /// The number of a value; none if there is no room for it.
    pub(super) fn code(&mut self, seen: Seen<'_>) -> Option<usize> {
        if self.has(self.last, seen) {
            return Some(self.last);
        }
        let mut sum = self.key.hash_one(seen);
        // Of two values with the same sum the later one has another.
        while let Some(code) = self.by_sum.get(&sum).copied() {
            if self.has(code, seen) {
                self.last = code;
                return Some(code);
            }
            sum = sum.wrapping_add(1);
        }
        if self.values.len() >= self.most || self.bytes >= self.most_bytes {
            return None;
        }
        let value = seen.value();
        self.bytes += value.bytes();
        self.last = self.values.len();
        self.by_sum.insert(sum, self.last);
        self.values.push(value);
        Some(self.last)
    }

    fn has(&self, code: usize, seen: Seen<'_>) -> bool {
        self.values.get(code).is_some_and(|value| Seen::of(value) == seen)
    }
}
