//! Hands out the records of an instance, the oldest first, one at a time in memory.
//!
//! An error of the system says nothing about what is on the disk: only a file that is not there is lost, all else stays
//! and is tried again at the next call.

use std::io::ErrorKind;

use super::acks::Acked;
use super::cursor::Cursor;
use super::disk;
use super::instance::{Instance, Out, Spot};
use super::names::{self, Part};
use super::record::{Memory, Record};
use super::scan::{Scan, Step};
use crate::encode::Buffer;

/// What a step of reading came to.
enum Read {
    Record(Record),
    /// Something was lost, or a segment is done.
    Again,
    /// There is nothing, or it cannot be read just now.
    Nothing,
}

impl Instance {
    /// The oldest record that is not handed out. Events of what cannot be read are added to `lost`.
    pub(super) fn next(&mut self, lost: &mut u64, memory: &Memory) -> Option<Record> {
        while self.waiting() > 0 {
            match self.read_on(lost, memory) {
                Read::Record(record) => return Some(record),
                Read::Again => {}
                Read::Nothing => return None,
            }
        }
        None
    }

    fn read_on(&mut self, lost: &mut u64, memory: &Memory) -> Read {
        if !self.has_cursor(lost) {
            return Read::Nothing;
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
                    return Read::Nothing;
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
            Step::Failed => Read::Nothing,
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

    /// Sees to it that there is a segment to read; `false` where there is none, or it cannot be read just now.
    fn has_cursor(&mut self, lost: &mut u64) -> bool {
        let Some(cursor) = &mut self.cursor else { return self.open_next(lost) };
        if cursor.scan.failure().is_none() && cursor.scan.source().is_ours() {
            return true;
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
            Err(_) => return false,
        }
        true
    }

    /// Opens the next segment; `false` where there is none, or it cannot be read just now.
    fn open_next(&mut self, lost: &mut u64) -> bool {
        let from = self.segments.partition_point(|segment| segment.number < self.next_segment);
        let Some(segment) = self.segments.get(from).map(|segment| self.left_to_read(segment)) else {
            return false;
        };
        let number = segment.number;
        let seed = self.seed(number);
        let opened = disk::open(self.directory(), &names::file(number, Part::Segment)).and_then(|file| {
            // Of its own segments nothing is settled that was not handed out.
            let acked =
                if self.is_own { Ok(Acked::default()) } else { Acked::load(self.directory(), number, seed) };
            Ok((file, acked?))
        });
        match opened {
            Ok((file, acked)) => {
                self.cursor = Some(Cursor {
                    segment: number,
                    scan: Scan::new(file, seed, u64::from(segment.len)),
                    acked,
                    records: segment.records,
                    events: segment.events,
                    body: segment.body,
                });
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return false,
            Err(_) => {
                self.next_segment = number.saturating_add(1);
                self.lose(number, segment.records, segment.events, segment.body, lost);
            }
        }
        true
    }

    fn lose(&mut self, segment: u32, records: u32, events: u32, body: u32, lost: &mut u64) {
        *lost += u64::from(events);
        self.take_off(segment, records, events, body);
    }
}
