//! The keys of the maps that are being written, so that a repeated key is found.
//!
//! The last value of a repeated key wins and stands at the first one's place. Small maps are searched by a
//! quick hash; a large one gets a table under a keyed hash, so that no choice of keys makes it slow.
//! Repeats are only noted while a map grows; its bytes are put in order once, when it closes.

use super::msgpack::{self, Head, Header};
use std::hash::{BuildHasher, RandomState};

// A linear search over quick hashes is faster than a table up to about this many keys.
const LINEAR_KEYS: usize = 64;
// Larger working memory is given back after the event that needed it; typical events stay far below.
const IDLE_ENTRIES: usize = 1024;
const IDLE_BYTES: usize = 32 * 1024;
const GONE: u32 = u32::MAX;

/// The entries of all open maps, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Where each entry begins in the output.
    starts: Vec<usize>,
    hashes: Vec<u32>,
    /// Pairs of entries with the same key: the first one, and a later one that replaces its value.
    repeats: Vec<(u32, u32)>,
    /// Hash tables of large maps: indexes of entries, each plus one; 0 is free.
    slots: Vec<u32>,
    order: Vec<u32>,
    rebuilt: Vec<u8>,
    keyed: RandomState,
}

/// A map of which the end has not been written yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenMap {
    header: usize,
    first_entry: usize,
    first_repeat: usize,
    first_slot: usize,
    /// The number of slots of its table; 0 while it is searched linearly.
    slots: usize,
    /// One bit for each quick hash seen, by its upper six bits.
    seen: u64,
}

impl Keys {
    /// Forgets all maps, after an event that failed half-way.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.starts.clear();
        self.hashes.clear();
        self.repeats.clear();
        self.slots.clear();
    }

    /// Gives back the working memory of a giant.
    #[inline]
    pub(crate) fn trim(&mut self) {
        if self.starts.capacity() > IDLE_ENTRIES || self.rebuilt.capacity() > IDLE_BYTES {
            *self = Keys { keyed: std::mem::take(&mut self.keyed), ..Keys::default() };
        }
    }

    #[cfg(test)]
    pub(crate) fn idle_bytes(&self) -> usize {
        let words = self.hashes.capacity() + self.slots.capacity() + self.order.capacity();
        self.starts.capacity() * 8 + self.repeats.capacity() * 8 + words * 4 + self.rebuilt.capacity()
    }

    /// Begins a map: keeps one byte free for its header.
    #[inline]
    pub(crate) fn open(&mut self, out: &mut Vec<u8>) -> OpenMap {
        let header = out.len();
        out.push(0x80);
        OpenMap {
            header,
            first_entry: self.starts.len(),
            first_repeat: self.repeats.len(),
            first_slot: self.slots.len(),
            slots: 0,
            seen: 0,
        }
    }

    /// Notes the key that has just been written at `start`, the last thing in `out`.
    #[inline(always)]
    pub(crate) fn add(&mut self, map: &mut OpenMap, out: &[u8], start: usize, key: &[u8]) {
        if map.slots != 0 {
            return self.add_to_table(map, out, start);
        }
        let hash = quick_hash(key);
        let bit = 1_u64 << (hash >> 26);
        if map.seen & bit != 0 {
            self.search(map, out, start, hash);
        }
        map.seen |= bit;
        self.starts.push(start);
        self.hashes.push(hash);
        if self.starts.len() - map.first_entry > LINEAR_KEYS {
            self.grow_table(map, out);
        }
    }

    #[inline(never)]
    fn search(&mut self, map: &OpenMap, out: &[u8], start: usize, hash: u32) {
        let encoded = out.get(start..).unwrap_or_default();
        let hashes = self.hashes.get(map.first_entry..).unwrap_or_default();
        let starts = self.starts.get(map.first_entry..).unwrap_or_default();
        let same = hashes
            .iter()
            .zip(starts)
            .position(|(&known, &at)| known == hash && begins_with(out, at, encoded));
        if let Some(same) = same {
            self.repeats.push(((map.first_entry + same) as u32, self.starts.len() as u32));
        }
    }

    /// Ends a map whose last value has been written. With `without_null`, pairs whose standing value is
    /// nil are left out. Gives the number of pairs; the header is still to be written by `seal`.
    #[inline]
    pub(crate) fn settle(&mut self, map: OpenMap, out: &mut Vec<u8>, without_null: bool) -> usize {
        let entries = self.starts.len() - map.first_entry;
        let repeats = self.repeats.len() - map.first_repeat;
        let count =
            if repeats == 0 && !without_null { entries } else { self.rebuild(map, out, without_null) };
        self.starts.truncate(map.first_entry);
        self.hashes.truncate(map.first_entry);
        self.repeats.truncate(map.first_repeat);
        self.slots.truncate(map.first_slot);
        count
    }

    /// Ends a map inside another value.
    #[inline]
    pub(crate) fn close(&mut self, map: OpenMap, out: &mut Vec<u8>) {
        let count = self.settle(map, out, false);
        map.seal(out, count);
    }

    #[inline(never)]
    fn rebuild(&mut self, map: OpenMap, out: &mut Vec<u8>, without_null: bool) -> usize {
        let starts = self.starts.get(map.first_entry..).unwrap_or_default();
        self.order.clear();
        self.order.extend(0..starts.len() as u32);
        for &(first, later) in self.repeats.get(map.first_repeat..).unwrap_or_default() {
            let (first, later) = (first as usize - map.first_entry, later as usize - map.first_entry);
            if let Some(standing) = self.order.get_mut(first) {
                *standing = later as u32;
            }
            if let Some(replaced) = self.order.get_mut(later) {
                *replaced = GONE;
            }
        }
        self.rebuilt.clear();
        let mut count = 0;
        for (own, &standing) in self.order.iter().enumerate().filter(|&(_, &standing)| standing != GONE) {
            let (key, _) = entry(out, starts, own);
            let (_, value) = entry(out, starts, standing as usize);
            if without_null && value == [msgpack::NIL] {
                continue;
            }
            self.rebuilt.extend_from_slice(key);
            self.rebuilt.extend_from_slice(value);
            count += 1;
        }
        if let Some(&first) = starts.first() {
            out.truncate(first);
            out.extend_from_slice(&self.rebuilt);
        }
        count
    }

    fn add_to_table(&mut self, map: &mut OpenMap, out: &[u8], start: usize) {
        let encoded = out.get(start..).unwrap_or_default();
        let hash = self.keyed.hash_one(encoded) as u32;
        let index = self.starts.len();
        let slots = self.slots.get_mut(map.first_slot..).unwrap_or_default();
        let mut place = hash as usize;
        while let Some(slot) = slots.get_mut(place & (map.slots - 1)) {
            let Some(known) = slot.checked_sub(1) else {
                *slot = index as u32 + 1;
                break;
            };
            let at = self.starts.get(known as usize).copied();
            if self.hashes.get(known as usize) == Some(&hash)
                && at.is_some_and(|at| begins_with(out, at, encoded))
            {
                self.repeats.push((known, index as u32));
                break;
            }
            place = place.wrapping_add(1);
        }
        self.starts.push(start);
        self.hashes.push(hash);
        if self.different(map) * 2 > map.slots {
            self.grow_table(map, out);
        }
    }

    /// Makes the table of the innermost map, which is the last one in `slots`, or doubles it. Only the
    /// first entry of each key has a slot.
    #[cold]
    fn grow_table(&mut self, map: &mut OpenMap, out: &[u8]) {
        self.order.clear();
        if map.slots == 0 {
            let starts = self.starts.get(map.first_entry..).unwrap_or_default();
            let hashes = self.hashes.get_mut(map.first_entry..).unwrap_or_default();
            let repeats = self.repeats.get(map.first_repeat..).unwrap_or_default();
            for (index, (hash, &start)) in (map.first_entry as u32..).zip(hashes.iter_mut().zip(starts)) {
                *hash = self.keyed.hash_one(key_at(out, start)) as u32;
                if !repeats.iter().any(|&(_, later)| later == index) {
                    self.order.push(index);
                }
            }
        } else {
            let slots = self.slots.get(map.first_slot..).unwrap_or_default();
            self.order.extend(slots.iter().filter_map(|slot| slot.checked_sub(1)));
        }
        map.slots = (map.slots * 2).max(LINEAR_KEYS * 4);
        self.slots.truncate(map.first_slot);
        self.slots.resize(map.first_slot + map.slots, 0);
        let slots = self.slots.get_mut(map.first_slot..).unwrap_or_default();
        for &index in &self.order {
            let mut place = self.hashes.get(index as usize).copied().unwrap_or(0) as usize;
            while let Some(slot) = slots.get_mut(place & (map.slots - 1)) {
                if *slot == 0 {
                    *slot = index + 1;
                    break;
                }
                place = place.wrapping_add(1);
            }
        }
    }

    /// How many different keys the innermost map has.
    fn different(&self, map: &OpenMap) -> usize {
        (self.starts.len() - map.first_entry) - (self.repeats.len() - map.first_repeat)
    }
}

impl OpenMap {
    /// Writes the header of a settled map of `count` pairs.
    #[inline]
    pub(crate) fn seal(self, out: &mut Vec<u8>, count: usize) {
        Header::map(count).replace(out, self.header, 1);
    }
}

/// Keys are compared with their headers, so a longer key never begins with a shorter one.
fn begins_with(out: &[u8], at: usize, encoded: &[u8]) -> bool {
    out.get(at..).is_some_and(|known| known.starts_with(encoded))
}

fn key_at(out: &[u8], start: usize) -> &[u8] {
    let bytes = out.get(start..).unwrap_or_default();
    match msgpack::read(bytes) {
        Some((Head::Text(_), rest)) => bytes.get(..bytes.len() - rest.len()).unwrap_or_default(),
        _ => &[],
    }
}

/// The key and the value of an entry; it ends where the next one begins.
fn entry<'a>(out: &'a [u8], starts: &[usize], index: usize) -> (&'a [u8], &'a [u8]) {
    let start = starts.get(index).copied().unwrap_or(out.len());
    let end = starts.get(index + 1).copied().unwrap_or(out.len());
    let key = key_at(out, start);
    (key, out.get(start + key.len()..end).unwrap_or_default())
}

/// A hash of the length and both ends of a key. Keys that differ only in the middle share it, which costs
/// a comparison of bytes among at most `LINEAR_KEYS` keys.
#[inline]
fn quick_hash(key: &[u8]) -> u32 {
    let (head, tail) = match (key.first_chunk(), key.last_chunk()) {
        (Some(head), Some(tail)) => (u64::from_le_bytes(*head), u64::from_le_bytes(*tail)),
        _ => (msgpack::short_word(key), 0),
    };
    // Odd constants without a pattern (from the fraction of the golden ratio and of the root of 3).
    let mixed = (head ^ (key.len() as u64) << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ tail.rotate_left(32).wrapping_mul(0xbb67_ae85_84ca_a73b);
    ((mixed ^ mixed >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}
