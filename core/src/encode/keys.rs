//! The keys of the maps that are being written, so that a repeated key is found.
//!
//! The last value of a repeated key wins and stands at the first one's place. Small maps are searched by a
//! quick hash; a large one gets a table under a keyed hash, so that no choice of keys makes it slow.
//! Repeats are only noted while a map grows; its bytes are put in order once, when it closes.

use crate::encode::msgpack::{self, Append, AppendSlice as _, Head, Header};
use crate::encode::name::Name;
use crate::encode::output::Output;
use std::hash::{BuildHasher, RandomState};

// A linear search over quick hashes is faster than a table up to about this many keys.
const LINEAR_KEYS: usize = 64;
// Larger working memory is given back after the event that needed it; typical events stay far below.
const IDLE_ENTRIES: usize = 1024;
const IDLE_BYTES: usize = 32 * 1024;
const GONE: u32 = u32::MAX;
/// Room for the keys of a typical event.
const FIRST_ENTRIES: usize = 16;
/// The header of a map of 16 pairs and more, up to 65 535.
pub(crate) const WIDE_HEADER: usize = 3;

/// The entries of all open maps, the innermost last.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Room for entries, of which `used` are in use: storing into it is one comparison.
    entries: Vec<Entry>,
    used: usize,
    /// Pairs of entries with the same key: the first one, and a later one that replaces its value.
    repeats: Vec<(u32, u32)>,
    /// Hash tables of large maps: indexes of entries, each plus one; 0 is free.
    slots: Vec<u32>,
    order: Vec<u32>,
    rebuilt: Vec<u8>,
    keyed: RandomState,
    /// Memory was used that a typical event does not need, here or by whoever uses these keys.
    pub(crate) is_worn: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    /// Where it begins in the output.
    start: usize,
    hash: u32,
}

/// A map of which the end has not been written yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenMap {
    header: usize,
    /// Bytes kept free for the header.
    header_len: usize,
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
    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.repeats.clear();
        self.slots.clear();
    }

    /// Gives back the working memory of a giant.
    pub(crate) fn trim(&mut self) {
        if self.entries.len() > IDLE_ENTRIES || self.rebuilt.capacity() > IDLE_BYTES {
            *self = Keys { keyed: std::mem::take(&mut self.keyed), ..Keys::default() };
        }
    }

    #[cfg(test)]
    pub(crate) fn idle_bytes(&self) -> usize {
        let words = self.slots.capacity() + self.order.capacity();
        let pairs = self.repeats.capacity() + self.entries.capacity() * 2;
        pairs * 8 + words * 4 + self.rebuilt.capacity()
    }

    /// Begins a map: keeps `header_len` bytes free for its header.
    #[inline(always)]
    pub(crate) fn open(&mut self, out: &mut Output<'_>, header_len: usize) -> OpenMap {
        let header = out.len();
        if header_len == 1 {
            out.append([0]);
        } else {
            out.append([0; WIDE_HEADER]);
        }
        self.opened(header, header_len)
    }

    /// Goes on with the map whose header is there already, as the beginning of `map`.
    pub(crate) fn resume(&mut self, header: usize, map: &[u8]) -> OpenMap {
        let header_len = msgpack::read(map).map_or(1, |(_, rest)| map.len() - rest.len());
        self.opened(header, header_len)
    }

    #[inline(always)]
    fn opened(&mut self, header: usize, header_len: usize) -> OpenMap {
        OpenMap {
            header,
            header_len,
            first_entry: self.used,
            first_repeat: self.repeats.len(),
            first_slot: self.slots.len(),
            slots: 0,
            seen: 0,
        }
    }

    /// Notes the key that has just been written at `start`, the last thing in `out`.
    #[inline(always)]
    pub(crate) fn add(&mut self, map: &mut OpenMap, out: &Output<'_>, start: usize, name: Name) {
        let bit = 1_u64 << (name.hash >> 26);
        if map.seen & bit != 0 {
            self.search(map, out.since(0), start, name.hash);
        } else {
            map.seen |= bit;
            self.push(Entry { start, hash: name.hash });
        }
    }

    #[inline(always)]
    fn push(&mut self, entry: Entry) {
        match self.entries.get_mut(self.used) {
            Some(slot) => *slot = entry,
            None => self.push_further(entry),
        }
        self.used += 1;
    }

    #[cold]
    #[inline(never)]
    fn push_further(&mut self, entry: Entry) {
        let more = self.entries.len().max(FIRST_ENTRIES);
        self.entries.resize(self.entries.len() + more, Entry::default());
        if let Some(slot) = self.entries.get_mut(self.used) {
            *slot = entry;
        }
    }

    /// Adds a key whose bit is there already: a map with more keys than bits comes here at the latest.
    #[cold]
    #[inline(never)]
    fn search(&mut self, map: &mut OpenMap, out: &[u8], start: usize, hash: u32) {
        if map.slots != 0 {
            return self.add_to_table(map, out, start);
        }
        let encoded = out.get(start..).unwrap_or_default();
        let is_same = |known: &Entry| known.hash == hash && begins_with(out, known.start, encoded);
        if let Some(same) = self.since(map.first_entry).iter().position(is_same) {
            self.repeats.push(((map.first_entry + same) as u32, self.used as u32));
        }
        self.push(Entry { start, hash });
        if self.used - map.first_entry > LINEAR_KEYS {
            self.grow_table(map, out);
            // Every key goes through the table from here on.
            map.seen = u64::MAX;
        }
    }

    fn since(&self, first: usize) -> &[Entry] {
        self.entries.get(first..self.used).unwrap_or_default()
    }

    /// The number of keys noted, repeated ones as often as they came.
    pub(crate) fn count(&self, map: &OpenMap) -> usize {
        self.used - map.first_entry
    }

    /// Ends a map whose last value has been written. With `without_null`, pairs whose standing value is
    /// nil are left out. Gives the number of pairs; the header is still to be written by `seal`.
    #[inline(always)]
    pub(crate) fn settle(&mut self, map: OpenMap, out: &mut Output<'_>, without_null: bool) -> usize {
        let mut count = self.used - map.first_entry;
        if self.repeats.len() != map.first_repeat || without_null {
            count = out.lend(|out| self.rebuild(map, out, without_null));
        }
        self.used = map.first_entry;
        if map.slots != 0 {
            self.slots.truncate(map.first_slot);
        }
        count
    }

    /// Ends a map inside another value.
    #[inline(always)]
    pub(crate) fn close(&mut self, map: OpenMap, out: &mut Output<'_>) {
        let count = self.settle(map, out, false);
        map.seal(out, count);
    }

    #[cold]
    #[inline(never)]
    fn rebuild(&mut self, map: OpenMap, out: &mut Output<'_>, without_null: bool) -> usize {
        self.is_worn = true;
        let entries = self.entries.get(map.first_entry..self.used).unwrap_or_default();
        self.order.clear();
        self.order.extend(0..entries.len() as u32);
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
            let (key, _) = entry(out.since(0), entries, own);
            let (_, value) = entry(out.since(0), entries, standing as usize);
            if without_null && value == [msgpack::NIL] {
                continue;
            }
            self.rebuilt.extend_from_slice(key);
            self.rebuilt.extend_from_slice(value);
            count += 1;
        }
        if let Some(first) = entries.first() {
            out.truncate(first.start);
            out.append_slice(&self.rebuilt);
        }
        self.repeats.truncate(map.first_repeat);
        count
    }

    fn add_to_table(&mut self, map: &mut OpenMap, out: &[u8], start: usize) {
        let encoded = out.get(start..).unwrap_or_default();
        let hash = self.keyed.hash_one(encoded) as u32;
        let index = self.used;
        let slots = self.slots.get_mut(map.first_slot..).unwrap_or_default();
        let mut place = hash as usize;
        while let Some(slot) = slots.get_mut(place & (map.slots - 1)) {
            let Some(known) = slot.checked_sub(1) else {
                *slot = index as u32 + 1;
                break;
            };
            let known_entry = self.entries.get(known as usize);
            if known_entry.is_some_and(|entry| entry.hash == hash && begins_with(out, entry.start, encoded)) {
                self.repeats.push((known, index as u32));
                break;
            }
            place = place.wrapping_add(1);
        }
        self.push(Entry { start, hash });
        if self.different(map) * 2 > map.slots {
            self.grow_table(map, out);
        }
    }

    /// Makes the table of the innermost map, which is the last one in `slots`, or doubles it. Only the
    /// first entry of each key has a slot.
    #[cold]
    fn grow_table(&mut self, map: &mut OpenMap, out: &[u8]) {
        self.is_worn = true;
        self.order.clear();
        if map.slots == 0 {
            let entries = self.entries.get_mut(map.first_entry..self.used).unwrap_or_default();
            let repeats = self.repeats.get(map.first_repeat..).unwrap_or_default();
            for (index, entry) in (map.first_entry as u32..).zip(entries) {
                entry.hash = self.keyed.hash_one(key_at(out, entry.start)) as u32;
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
            let mut place = self.entries.get(index as usize).map_or(0, |entry| entry.hash as usize);
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
        (self.used - map.first_entry) - (self.repeats.len() - map.first_repeat)
    }
}

impl OpenMap {
    /// Where its first key stands in the output.
    pub(crate) fn first_key(&self) -> usize {
        self.header + self.header_len
    }

    /// Writes the header of a settled map of `count` pairs.
    #[inline(always)]
    pub(crate) fn seal(self, out: &mut Output<'_>, count: usize) {
        out.put_header(Header::map(count), self.header, self.header_len);
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
fn entry<'a>(out: &'a [u8], entries: &[Entry], index: usize) -> (&'a [u8], &'a [u8]) {
    let start = |index: usize| entries.get(index).map_or(out.len(), |entry| entry.start);
    let (start, end) = (start(index), start(index + 1));
    let key = key_at(out, start);
    (key, out.get(start + key.len()..end).unwrap_or_default())
}
