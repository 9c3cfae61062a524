//! What one instance holds: its segments and which of their records are handed out. The same for the one that this
//! process writes and for those of dead processes that it drains.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::SystemTime;

use super::acks::AckFile;
use super::cursor::Cursor;
use super::disk::{Operation, faults};
use super::format::{ACK, Ack, RecordHeader, seed};
use super::lock::Owned;
use super::names::{self, LOCK, Part};
use super::record::Place;
use super::unread::{Deferred, Left, Stuck};
use crate::sys::directory::Directory;

/// Files removed with a directory: few are left, as each segment takes its own with it.
const MOST_LEFT: usize = 64;

/// A segment and what of it is not settled. There is one for each 4 MiB on disk, so it is small.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) number: u32,
    /// Of its file.
    pub(super) len: u32,
    pub(super) records: u32,
    pub(super) events: u32,
    /// Bytes of their bodies.
    pub(super) body: u32,
}

/// Where a record lies in an instance: segment and offset.
pub(super) type Spot = (u32, u32);

/// A record that is handed out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Out {
    pub(super) header: RecordHeader,
    /// Events not settled.
    pub(super) left: u32,
    /// Its segment is gone.
    pub(super) is_evicted: bool,
}

/// Sums over what is not settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) records: u64,
    pub(super) events: u64,
    pub(super) body: u64,
}

pub(super) struct Instance {
    /// That of its places.
    pub(super) number: u32,
    /// It is the one that this process writes.
    pub(super) is_own: bool,
    pub(super) uuid: u128,
    pub(super) born: SystemTime,
    pub(super) owned: Owned,
    /// The oldest first.
    pub(super) segments: VecDeque<Segment>,
    /// Of a dead instance, what was not read yet: numbers and lengths, the oldest first.
    pub(super) unread: VecDeque<(u32, u32)>,
    /// And what was tried and could not be read.
    pub(super) deferred: Deferred,
    /// The segment that is being written.
    pub(super) active: Option<u32>,
    pub(super) cursor: Option<Cursor>,
    /// The segment that the cursor is in or comes to next.
    pub(super) next_segment: u32,
    /// Segments before it that could not be read to their end.
    pub(super) left: BTreeMap<u32, Left>,
    /// Where reading is in the oldest of them that is due.
    pub(super) left_cursor: Option<Cursor>,
    /// The next record cannot be read.
    pub(super) stuck: Option<Stuck>,
    /// A segment was left of which nobody was told, and why.
    pub(super) newly_left: Option<(u32, String)>,
    pub(super) out: BTreeMap<Spot, Out>,
    /// Handed out as they were written: reading passes over them.
    pub(super) ahead: BTreeSet<Spot>,
    /// The record that was written last.
    pub(super) newest: Option<(Spot, RecordHeader)>,
    acks: Option<AckFile>,
    pub(super) held: Sums,
    /// Of records that are handed out and whose segment is gone.
    pub(super) evicted_out: Sums,
    pub(super) file_bytes: u64,
    /// Segments that are done with and whose files could not be removed.
    unremoved: Vec<u32>,
}

impl Instance {
    pub(super) fn new(number: u32, is_own: bool, uuid: u128, born: SystemTime, owned: Owned) -> Instance {
        Instance {
            number,
            is_own,
            uuid,
            born,
            owned,
            segments: VecDeque::new(),
            unread: VecDeque::new(),
            deferred: Deferred::default(),
            active: None,
            cursor: None,
            next_segment: 0,
            left: BTreeMap::new(),
            left_cursor: None,
            stuck: None,
            newly_left: None,
            out: BTreeMap::new(),
            ahead: BTreeSet::new(),
            newest: None,
            acks: None,
            held: Sums::default(),
            evicted_out: Sums::default(),
            file_bytes: 0,
            unremoved: Vec::new(),
        }
    }

    pub(super) fn directory(&self) -> &Directory {
        &self.owned.directory
    }

    pub(super) fn seed(&self, segment: u32) -> u32 {
        seed(self.uuid, segment)
    }

    pub(super) fn place(&self, (segment, offset): Spot) -> Place {
        Place { instance: self.number, segment, offset }
    }

    /// Records that are there and not handed out, but for those that cannot be read.
    pub(super) fn waiting(&self) -> u64 {
        let out = self.out.len() as u64 - self.evicted_out.records;
        let left = self.left.values().filter(|left| !left.is_due);
        let unreadable: u64 = left.map(|left| u64::from(left.records)).sum();
        self.held.records.saturating_sub(out + unreadable)
    }

    /// Events that are not handed out.
    pub(super) fn waiting_events(&self) -> u64 {
        let out: u64 = self.out.values().filter(|out| !out.is_evicted).map(|out| u64::from(out.left)).sum();
        self.held.events.saturating_sub(out)
    }

    /// Nothing is left to be handed out or settled.
    pub(super) fn is_drained(&self) -> bool {
        self.is_read() && self.held.records == 0 && self.out.is_empty()
    }

    /// It is known what all its segments hold.
    pub(super) fn is_read(&self) -> bool {
        self.unread.is_empty() && self.deferred.len() == 0
    }

    /// Something of it is to be handed out or settled.
    pub(super) fn holds_any(&self) -> bool {
        self.held.records > 0 || !self.out.is_empty()
    }

    pub(super) fn index_of(&self, segment: u32) -> Option<usize> {
        self.segments.binary_search_by_key(&segment, |known| known.number).ok()
    }

    /// Adds what is held in a segment, or in a record of it.
    pub(super) fn count_in(&mut self, sums: Sums) {
        self.held.records += sums.records;
        self.held.events += sums.events;
        self.held.body += sums.body;
    }

    fn count_out(&mut self, records: u32, events: u32, body: u32) {
        self.held.records = self.held.records.saturating_sub(u64::from(records));
        self.held.events = self.held.events.saturating_sub(u64::from(events));
        self.held.body = self.held.body.saturating_sub(u64::from(body));
    }

    /// So much of a segment is not held any more. A segment without records goes, but for the one being written.
    pub(super) fn take_off(&mut self, segment: u32, records: u32, events: u32, body: u32) {
        self.count_out(records, events, body);
        let Some(index) = self.index_of(segment) else { return };
        let Some(known) = self.segments.get_mut(index) else { return };
        known.records = known.records.saturating_sub(records);
        known.events = known.events.saturating_sub(events);
        known.body = known.body.saturating_sub(body);
        if known.records == 0 && self.active != Some(segment) {
            self.remove_segment(index);
        }
    }

    /// `events` more of a record that is handed out are settled.
    pub(super) fn settle(&mut self, spot: Spot, events: u32) {
        let Some(out) = self.out.get_mut(&spot) else { return };
        let events = events.min(out.left);
        out.left -= events;
        let (is_done, out) = (out.left == 0, *out);
        if is_done {
            self.out.remove(&spot);
        }
        let (records, body) = if is_done { (1, out.header.payload) } else { (0, 0) };
        if out.is_evicted {
            self.evicted_out.records -= u64::from(records);
            self.evicted_out.events -= u64::from(events);
            self.evicted_out.body -= u64::from(body);
            return;
        }
        self.take_off(spot.0, records, events, body);
        // Where the segment went with it there is nothing to say.
        if is_done && self.index_of(spot.0).is_some() {
            self.acknowledge(spot, &out.header);
        }
    }

    /// Says on disk that a record is settled. Where that fails it is delivered once more by whoever comes later.
    fn acknowledge(&mut self, (segment, offset): Spot, header: &RecordHeader) {
        let seed = self.seed(segment);
        if self.acks.as_ref().is_none_or(|acks| acks.number() != segment) {
            self.acks = AckFile::open(&self.owned.directory, segment).ok();
        }
        let ack = Ack { offset, mark: header.mark(seed, offset), events: header.events };
        match self.acks.as_mut().map(|acks| acks.add(&ack, seed)) {
            Some(Ok(())) => self.file_bytes += u64::from(ACK),
            Some(Err(_)) => self.acks = None,
            None => {}
        }
    }

    /// Hands out the record that was written last, which its writer still has in memory. `false` where it is another.
    pub(super) fn hand_out_newest(&mut self, spot: Spot) -> bool {
        let Some((_, header)) = self.newest.take_if(|(newest, _)| *newest == spot) else { return false };
        self.out.insert(spot, Out { header, left: header.events, is_evicted: false });
        self.ahead.insert(spot);
        if let Some(cursor) = self.cursor.as_mut().filter(|cursor| cursor.segment == spot.0) {
            cursor.pass(&header);
        }
        true
    }

    /// What reading has to come to in a segment that it begins.
    pub(super) fn left_to_read(&self, segment: &Segment) -> Segment {
        let spots = self.ahead.range((segment.number, 0)..=(segment.number, u32::MAX));
        spots.filter_map(|spot| self.out.get(spot)).fold(*segment, |left, out| Segment {
            records: left.records.saturating_sub(1),
            events: left.events.saturating_sub(out.left),
            body: left.body.saturating_sub(out.header.payload),
            ..left
        })
    }

    /// A record that was handed out lies on disk no more.
    pub(super) fn is_gone(&self, spot: Spot) -> bool {
        self.out.get(&spot).is_none_or(|out| out.is_evicted)
    }

    /// Gives up the oldest segment: the events that are lost with it, and whether there was one that could be removed.
    pub(super) fn evict_oldest(&mut self) -> Option<u64> {
        let oldest = self.segments.front().copied()?;
        let number = oldest.number;
        if self.active == Some(number) || !self.remove_files(number, oldest.len) {
            return None;
        }
        self.segments.pop_front();
        self.leave(number);
        self.count_out(oldest.records, oldest.events, oldest.body);
        let mut lost = oldest.events;
        for (_, out) in self.out.range_mut((number, 0)..=(number, u32::MAX)) {
            lost = lost.saturating_sub(out.left);
            out.is_evicted = true;
            self.evicted_out.records += 1;
            self.evicted_out.events += u64::from(out.left);
            self.evicted_out.body += u64::from(out.header.payload);
        }
        Some(u64::from(lost))
    }

    /// Removes the files of a segment of which nothing is held.
    pub(super) fn remove_segment(&mut self, index: usize) {
        if let Some(segment) = self.segments.remove(index) {
            self.leave(segment.number);
            self.remove_done(segment.number, segment.len);
        }
    }

    /// Removes the files of a segment that was read to its end. What cannot be removed is drained once more by whoever
    /// comes later.
    pub(super) fn remove_done(&mut self, segment: u32, len: u32) {
        if !self.remove_files(segment, len) {
            self.unremoved.push(segment);
        }
    }

    /// Lets go what is open of a segment.
    fn leave(&mut self, segment: u32) {
        self.ahead.retain(|spot| spot.0 != segment);
        if self.cursor.take_if(|cursor| cursor.segment == segment).is_some() {
            self.next_segment = segment.saturating_add(1);
        }
        self.left.remove(&segment);
        self.left_cursor.take_if(|cursor| cursor.segment == segment);
        if self.acks.as_ref().is_some_and(|acks| acks.number() == segment) {
            self.acks = None;
        }
    }

    /// Removes the files of a segment; the acks last, as without them it would be drained once more.
    pub(super) fn remove_files(&mut self, segment: u32, len: u32) -> bool {
        let directory = &self.owned.directory;
        let acks = names::file(segment, Part::Acks);
        let acks_len = directory.look_at(&acks).map_or(0, |entry| entry.len);
        let removed = faults::check(Operation::Remove)
            .and_then(|()| directory.remove_file(&names::file(segment, Part::Segment)));
        if removed.is_err() && directory.look_at(&names::file(segment, Part::Segment)).is_ok() {
            return false;
        }
        if acks_len > 0 || directory.look_at(&acks).is_ok() {
            let _ = directory.remove_file(&acks);
        }
        self.file_bytes = self.file_bytes.saturating_sub(u64::from(len) + acks_len);
        true
    }

    /// Removes the directory, which holds nothing any more; the lock goes with it. `false` where it cannot be removed
    /// though it is done with; where it has a segment that was not read it stays as it is, for whoever comes later.
    pub(super) fn remove(mut self, layout: &Directory) -> bool {
        (self.cursor, self.left_cursor, self.acks) = (None, None, None);
        let owned = self.owned;
        let directory = &owned.directory;
        let mut names = Vec::new();
        let mut is_done = true;
        let listed = directory.names(&mut |name| {
            let Some((number, part)) = names::read_file(name) else { return true };
            is_done = part == Part::Acks
                || self.is_own
                || self.unremoved.contains(&number)
                || directory.look_at(name).is_ok_and(|entry| !entry.is_file);
            names.push(name.to_owned());
            is_done && names.len() < MOST_LEFT
        });
        if !is_done || listed.is_err() {
            return true;
        }
        for name in names {
            let _ = directory.remove_file(&name);
        }
        let _ = directory.remove_file(LOCK);
        // Who comes just now finds it without a lock, makes one and removes it in its turn.
        let name = names::instance(self.uuid);
        if layout.remove_folder(&name).is_ok() {
            return true;
        }
        // NFS keeps the file of a lock that is open under another name.
        drop(owned);
        layout.remove_folder(&name).is_ok()
    }
}
