//! Hands out the records of an instance, the oldest first, one at a time in memory.

use super::acks::Acked;
use super::cursor::Cursor;
use super::instance::{Instance, Out, Spot};
use super::names::{self, Part};
use super::record::Record;
use super::scan::{Scan, Step};
use crate::sys::directory::Opening;

/// What a step of reading came to.
enum Read {
    Record(Record),
    /// Something was lost, or a segment is done.
    Again,
    Nothing,
}

impl Instance {
    /// The oldest record that is not handed out. Events of what cannot be read are added to `lost`.
    pub(super) fn next(&mut self, lost: &mut u64) -> Option<Record> {
        while self.waiting() > 0 {
            let read = if self.back.is_empty() { self.read_on(lost) } else { self.read_back(lost) };
            match read {
                Read::Record(record) => return Some(record),
                Read::Again => {}
                Read::Nothing => return None,
            }
        }
        None
    }

    fn read_back(&mut self, lost: &mut u64) -> Read {
        let Some((spot, out)) = self.back.pop_first() else { return Read::Again };
        let (segment, offset) = spot;
        let file = self.directory().file(&names::file(segment, Part::Segment), Opening::Read);
        let end = u64::from(offset) + out.header.len();
        let file = match file {
            Err(error) if may_heal(&error) => {
                self.back.insert(spot, out);
                return Read::Nothing;
            }
            file => file.ok(),
        };
        let seed = self.seed(segment);
        let body = file.and_then(|file| Scan::new(file, seed, end).payload(offset, &out.header));
        match body {
            Some(body) => Read::Record(self.hand_out(spot, out, body)),
            None => {
                self.lose(segment, 1, out.left, out.header.payload, lost);
                Read::Again
            }
        }
    }

    fn read_on(&mut self, lost: &mut u64) -> Read {
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
                // What was counted and is damaged by now is missed at the end of the segment.
                let Some(body) = cursor.scan.payload(offset, &header) else { return Read::Again };
                if !cursor.pass(&header) {
                    return Read::Again;
                }
                let out = Out { header, left: header.events, is_evicted: false };
                Read::Record(self.hand_out((segment, offset), out, body))
            }
            Step::Damage { .. } | Step::Torn { .. } => Read::Again,
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

    fn hand_out(&mut self, spot: Spot, out: Out, body: Vec<u8>) -> Record {
        self.out.insert(spot, out);
        Record {
            place: self.place(spot),
            id: out.header.id,
            is_gzip: out.header.is_gzip(),
            events: out.header.events,
            owed: out.left,
            body,
        }
    }

    /// Sees to it that there is a segment to read; `false` where there is none, or just now no descriptor for it.
    fn has_cursor(&mut self, lost: &mut u64) -> bool {
        let Some(cursor) = &mut self.cursor else { return self.open_next(lost) };
        if cursor.scan.source().is_ours() {
            return true;
        }
        let name = names::file(cursor.segment, Part::Segment);
        let Ok(file) = self.owned.directory.file(&name, Opening::Read) else { return false };
        cursor.scan.read_from(file);
        true
    }

    /// Opens the next segment; `false` where there is none.
    fn open_next(&mut self, lost: &mut u64) -> bool {
        let from = self.segments.partition_point(|segment| segment.number < self.next_segment);
        let Some(segment) = self.segments.get(from).map(|segment| self.left_to_read(segment)) else {
            return false;
        };
        let number = segment.number;
        match self.directory().file(&names::file(number, Part::Segment), Opening::Read) {
            Ok(file) => {
                let seed = self.seed(number);
                self.cursor = Some(Cursor {
                    segment: number,
                    scan: Scan::new(file, seed, u64::from(segment.len)),
                    // Of its own segments nothing is settled that was not handed out.
                    acked: if self.is_own {
                        Acked::default()
                    } else {
                        Acked::load(self.directory(), number, seed)
                    },
                    records: segment.records,
                    events: segment.events,
                    body: segment.body,
                });
            }
            Err(error) if may_heal(&error) || self.directory().identity().is_err() => return false,
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

/// The process has too much open, which says nothing about the file.
pub(super) fn may_heal(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::EINTR))
}
