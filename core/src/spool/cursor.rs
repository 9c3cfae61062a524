//! Where in a segment reading is, and what of the segment it has not come to yet.

use std::fs::File;

use super::acks::Acked;
use super::format::RecordHeader;
use super::scan::Scan;
use crate::sys::kept::Kept;

/// Where reading is.
pub(super) struct Cursor {
    pub(super) segment: u32,
    pub(super) scan: Scan<Kept<File>>,
    pub(super) acked: Acked,
    /// What of the segment it has not come to yet.
    pub(super) records: u32,
    pub(super) events: u32,
    pub(super) body: u32,
}

impl Cursor {
    /// A record was written behind all others of the segment.
    pub(super) fn extend(&mut self, len: u32, header: &RecordHeader) {
        self.scan.extend(len);
        self.records += 1;
        self.events = self.events.saturating_add(header.events);
        self.body = self.body.saturating_add(header.payload);
    }

    /// Takes a record off what it has not come to; `false` where that was not counted.
    pub(super) fn pass(&mut self, header: &RecordHeader) -> bool {
        if self.records == 0 || self.events < header.events || self.body < header.payload {
            return false;
        }
        self.records -= 1;
        self.events -= header.events;
        self.body -= header.payload;
        true
    }
}
