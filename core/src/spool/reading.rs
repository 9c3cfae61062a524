//! Hands out the records of an instance, the oldest first, one at a time in memory.
//!
//! An error of the system says nothing about what is on the disk: only a file that is not there is lost, all else stays
//! and is tried again at the next call. When that went on for a while the rest of the segment is left for later.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use super::acks::Acked;
use super::cursor::Cursor;
use super::disk;
use super::instance::{Instance, Out, Spot};
use super::names::{self, Part};
use super::record::{Memory, Record};
use super::scan::{Scan, Step};
use super::unread::{Left, Stuck};
use crate::encode::Buffer;

/// An attempt that failed after so long is the last one of a look: what is to be written waits meanwhile.
pub(super) const SLOW: Duration = Duration::from_millis(100);

/// What a step of reading came to.
enum Read {
    Record(Record),
    /// Something was lost, or a segment is done.
    Again,
    /// There is nothing.
    Nothing,
    /// It cannot be read just now, and why.
    Failed(String),
}

fn failed(error: Option<&io::Error>) -> Read {
    Read::Failed(error.map(io::Error::to_string).unwrap_or_default())
}

impl Instance {
    /// The oldest record that is not handed out. Events of what cannot be read are added to `lost`.
    pub(super) fn next(&mut self, lost: &mut u64, memory: &Memory) -> Option<Record> {
        while let Some((&segment, left)) = self.left.iter().find(|(_, left)| left.is_due) {
            let left = *left;
            if let Read::Record(record) = self.read_left(segment, left, lost, memory) {
                self.stuck = None;
                return Some(record);
            }
        }
        while self.waiting() > 0 {
            match self.read_on(lost, memory) {
                Read::Record(record) => {
                    self.stuck = None;
                    return Some(record);
                }
                Read::Again => {}
                Read::Nothing => return None,
                Read::Failed(why) => {
                    let stuck = Stuck::again(self.stuck.take(), Instant::now());
                    let is_over = stuck.is_over();
                    self.stuck = Some(stuck);
                    if !is_over || !self.leave_segment(why) {
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Whether it is in the way of others that the segment which is being written cannot be read: once it is sealed, it can
    /// be left like any other.
    pub(super) fn must_leave_active(&self) -> bool {
        self.active.is_some() && self.waiting() > 0 && self.stuck.as_ref().is_some_and(Stuck::is_over)
    }

    /// Leaves what cannot be read of the present segment for later; `false` where it is being written.
    fn leave_segment(&mut self, why: String) -> bool {
        let from = self.segments.partition_point(|segment| segment.number < self.next_segment);
        let Some(segment) = self.segments.get(from).map(|segment| self.left_to_read(segment)) else {
            return false;
        };
        let number = self.cursor.as_ref().map_or(segment.number, |cursor| cursor.segment);
        if self.active == Some(number) {
            return false;
        }
        let whole = Left::all_of(segment.records, segment.events, segment.body);
        self.left.insert(number, whole.behind(self.cursor.take().as_ref()).put_off());
        self.next_segment = number.saturating_add(1);
        self.newly_left = Some((number, why));
        true
    }

    /// What could not be read is to be tried again where it is time for it.
    pub(super) fn look_again(&mut self, now: Instant) {
        self.left.values_mut().for_each(|left| left.is_due |= left.pause.is_over(now));
    }

    /// Takes a step in a segment that was left.
    fn read_left(&mut self, segment: u32, left: Left, lost: &mut u64, memory: &Memory) -> Read {
        let start = Instant::now();
        let next_segment = self.next_segment;
        let present = std::mem::replace(&mut self.cursor, self.left_cursor.take());
        let opened = if self.cursor.is_some() { Ok(()) } else { self.open(segment, left) };
        let read = match opened {
            Ok(()) => self.read_on(lost, memory),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.lose(segment, left.records, left.events, left.body, lost);
                Read::Again
            }
            Err(error) => failed(Some(&error)),
        };
        let reading = std::mem::replace(&mut self.cursor, present);
        self.next_segment = next_segment;
        match (&read, reading) {
            (Read::Failed(_), reading) => {
                self.left.insert(segment, left.behind(reading.as_ref()).put_off());
                if start.elapsed() >= SLOW {
                    self.left.values_mut().for_each(|left| left.is_due = false);
                }
            }
            (_, Some(cursor)) => self.left_cursor = Some(cursor),
            (_, None) => drop(self.left.remove(&segment)),
        }
        read
    }

    fn read_on(&mut self, lost: &mut u64, memory: &Memory) -> Read {
        match self.has_cursor(lost) {
            Ok(true) => {}
            Ok(false) => return Read::Nothing,
            Err(error) => return failed(Some(&error)),
        }
        let Some(cursor) = &mut self.cursor else { return Read::Again };
        let segment = cursor.segment;
        match cursor.scan.next() {
            Step::Record { offset, header } => {
                if self.ahead.remove(&(segment, offset)) {
                    return Read::Again;
                }
                let seed = super::format::seed(self.uuid, segment);
                if !header.is_known() || cursor.acked.has(offset, &header, seed) {
                    return Read::Again;
                }
                let body = cursor.scan.payload(offset, &header, memory(header.payload as usize));
                if cursor.scan.failure().is_some() {
                    cursor.scan.go_to(offset);
                    return failed(cursor.scan.failure());
                }
                // What was counted and is damaged by now is missed at the end of the segment.
                let Some(body) = body else { return Read::Again };
                if !cursor.pass(&header) {
                    return Read::Again;
                }
                let out = Out { header, left: header.events, is_evicted: false };
                Read::Record(self.hand_out((segment, offset), out, body))
            }
            Step::Damage { .. } | Step::Torn { .. } => Read::Again,
            Step::Failed => failed(cursor.scan.failure()),
            Step::End if self.active == Some(segment) && cursor.records == 0 => Read::Nothing,
            Step::End => {
                let (records, events, body) = (cursor.records, cursor.events, cursor.body);
                if self.active == Some(segment) {
                    (cursor.records, cursor.events, cursor.body) = (0, 0, 0);
                } else {
                    self.cursor = None;
                    self.next_segment = segment.saturating_add(1);
                }
                self.lose(segment, records, events, body, lost);
                Read::Again
            }
        }
    }

    fn hand_out(&mut self, spot: Spot, out: Out, body: Buffer) -> Record {
        self.out.insert(spot, out);
        Record {
            place: self.place(spot),
            id: out.header.id,
            is_gzip: out.header.is_gzip(),
            events: out.header.events,
            body,
        }
    }

    /// Sees to it that there is a segment to read; `false` where there is none.
    fn has_cursor(&mut self, lost: &mut u64) -> io::Result<bool> {
        let Some(cursor) = &mut self.cursor else { return self.open_next(lost) };
        if cursor.scan.failure().is_none() && cursor.scan.source().is_ours() {
            return Ok(true);
        }
        let name = names::file(cursor.segment, Part::Segment);
        match disk::open(&self.owned.directory, &name) {
            Ok(file) => cursor.scan.read_from(file),
            Err(error) if error.kind() == ErrorKind::NotFound && self.active != Some(cursor.segment) => {
                let (segment, records) = (cursor.segment, cursor.records);
                let (events, body) = (cursor.events, cursor.body);
                self.cursor = None;
                self.next_segment = segment.saturating_add(1);
                self.lose(segment, records, events, body, lost);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// Opens the next segment; `false` where there is none.
    fn open_next(&mut self, lost: &mut u64) -> io::Result<bool> {
        let from = self.segments.partition_point(|segment| segment.number < self.next_segment);
        let Some(segment) = self.segments.get(from).map(|segment| self.left_to_read(segment)) else {
            return Ok(false);
        };
        let number = segment.number;
        self.next_segment = number;
        match self.open(number, Left::all_of(segment.records, segment.events, segment.body)) {
            Ok(()) => {}
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Err(_) => {
                self.next_segment = number.saturating_add(1);
                self.lose(number, segment.records, segment.events, segment.body, lost);
            }
        }
        Ok(true)
    }

    /// Opens a segment to read what is left of it.
    fn open(&mut self, number: u32, left: Left) -> io::Result<()> {
        let Left { at, records, events, body, .. } = left;
        let len =
            self.index_of(number).and_then(|index| self.segments.get(index)).map_or(0, |known| known.len);
        let seed = self.seed(number);
        let file = disk::open(self.directory(), &names::file(number, Part::Segment))?;
        // Of its own segments nothing is settled that was not handed out.
        let acked = if self.is_own { Acked::default() } else { Acked::load(self.directory(), number, seed)? };
        let mut scan = Scan::new(file, seed, u64::from(len));
        scan.go_to(at);
        self.cursor = Some(Cursor { segment: number, scan, acked, records, events, body });
        Ok(())
    }

    fn lose(&mut self, segment: u32, records: u32, events: u32, body: u32, lost: &mut u64) {
        *lost += u64::from(events);
        self.take_off(segment, records, events, body);
    }
}
