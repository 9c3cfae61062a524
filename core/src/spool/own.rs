//! The instance that this process writes: appends, begins and seals segments, brings them to the disk.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use super::counts::Unsynced;
use super::disk::{self, Operation, faults};
use super::format::{MOST_SEGMENT, RecordHeader, SEGMENT_HEADER, segment_header};
use super::instance::{Instance, Segment, Sums};
use super::lock::{self, Owned};
use super::names::{self, Part};
use super::record::{Place, Stored};
use super::syncing::{Pending, Syncing, sync_names};
use crate::config::SpoolSync;
use crate::sys::directory::Directory;
use crate::sys::entry::Opening;
use crate::sys::errors;
use crate::sys::id;
use crate::sys::kept::Kept;

/// Sealed segments that stay open until the next sync: some of the descriptors that a process has by default. A writer
/// that fills more in a second has the rest opened once more.
const MOST_OPEN: usize = 16;

/// A segment has its blocks reserved ahead, which makes writing a third cheaper, unless it is the first one: most
/// processes never fill that, and one that is killed would leave more blocks than bytes.
const FIRST_RESERVED: u32 = 2;

/// What a sealed segment may keep of blocks that it does not need, as a share of it: to give them back costs as much as
/// to write a chunk.
const WASTE: u32 = 8;

/// The segment that is being written.
struct Writer {
    file: Arc<Kept<File>>,
    number: u32,
    len: u32,
    /// What of it is on the disk, or need not be.
    synced: u32,
    /// Where its last record begins.
    last: u32,
}

impl Writer {
    /// What of it is to be brought to the disk.
    fn pending(&self) -> Option<Pending> {
        (self.synced < self.len).then(|| Pending {
            file: Some(Arc::clone(&self.file)),
            segment: self.number,
            first: self.synced,
            last: self.last,
            len: self.len,
        })
    }
}

/// Why a record was not written.
pub(super) struct Failure {
    pub(super) error: io::Error,
    /// Another segment may take it.
    pub(super) is_of_segment: bool,
    /// The directory is not this process's any more.
    pub(super) is_lost: bool,
}

pub(super) struct Own {
    pub(super) instance: Instance,
    writer: Option<Writer>,
    sync: SpoolSync,
    /// A segment is sealed before it gets longer, unless one record alone is.
    most_segment: u32,
    sequence: u64,
    last_number: u32,
    pending: Vec<Pending>,
    /// Files were made whose names may not be on the disk.
    has_new_names: bool,
    /// The last sync of them failed.
    has_failed_names: bool,
    failed: Option<Unsynced>,
}

impl Own {
    /// Makes the directory of a new instance.
    pub(super) fn make(
        layout: &Directory,
        number: u32,
        sync: SpoolSync,
        most_segment: u32,
    ) -> io::Result<Own> {
        faults::check(Operation::Make)?;
        let (uuid, owned) = lock::make(layout, id::uuid)?;
        if sync == SpoolSync::Chunk {
            let _ = layout.sync();
        }
        let instance = Instance::new(number, true, uuid, SystemTime::now(), owned);
        Ok(Own {
            instance,
            writer: None,
            sync,
            most_segment: most_segment.min(MOST_SEGMENT),
            sequence: 0,
            last_number: 0,
            pending: Vec::new(),
            has_new_names: false,
            has_failed_names: false,
            failed: None,
        })
    }

    fn owned(&self) -> &Owned {
        &self.instance.owned
    }

    /// Writes a record behind all others.
    pub(super) fn write(&mut self, chunk: &Stored<'_>, mut header: RecordHeader) -> Result<Place, Failure> {
        if let Err(error) = self.owned().require_in_place() {
            return Err(Failure { error, is_of_segment: false, is_lost: true });
        }
        header.sequence = self.sequence;
        let len = u32::try_from(header.len()).unwrap_or(u32::MAX);
        let is_full = |writer: &Writer| {
            writer.len > SEGMENT_HEADER && writer.len.saturating_add(len) > self.most_segment
        };
        // What is written to a file without a name is seen by nobody after this process.
        let is_gone = |writer: &Writer| {
            let name = names::file(writer.number, Part::Segment);
            !lock::is_in_place(&self.owned().directory, &name, &writer.file)
        };
        if self.writer.as_ref().is_some_and(|writer| is_full(writer) || is_gone(writer)) {
            self.seal();
        }
        if self.writer.is_none() {
            self.begin().map_err(|error| {
                let is_lost = error.kind() == io::ErrorKind::NotFound || !self.owned().is_ours();
                Failure { error, is_of_segment: false, is_lost }
            })?;
        }
        self.write_here(&header, chunk.body, len).map_err(|(error, is_of_segment)| Failure {
            error,
            is_of_segment,
            is_lost: false,
        })
    }

    fn write_here(
        &mut self,
        header: &RecordHeader,
        body: &[u8],
        len: u32,
    ) -> Result<Place, (io::Error, bool)> {
        let Some(writer) = &mut self.writer else { return Err((io::ErrorKind::NotFound.into(), false)) };
        let (number, offset) = (writer.number, writer.len);
        let bytes = header.bytes(super::format::seed(self.instance.uuid, number), offset);
        if let Err(error) = disk::append(&writer.file, &bytes, body) {
            let is_too_long = errors::is_too_long(&error);
            let is_of_segment = is_too_long && offset > SEGMENT_HEADER || !writer.file.is_ours();
            if disk::cut(&writer.file, offset).is_err() || is_of_segment {
                self.seal();
            }
            return Err((error, is_of_segment));
        }
        if self.sync == SpoolSync::Chunk
            && let Err(error) = self.sync_now()
        {
            // It may be on the disk all the same: then there are two of it, with one id.
            if let Some(writer) = &self.writer {
                let _ = disk::cut(&writer.file, offset);
            }
            self.seal();
            return Err((error, true));
        }
        self.note(header, number, offset, len);
        Ok(self.instance.place((number, offset)))
    }

    fn note(&mut self, header: &RecordHeader, number: u32, offset: u32, len: u32) {
        self.sequence = self.sequence.saturating_add(u64::from(header.events));
        if let Some(writer) = &mut self.writer {
            writer.last = offset;
            writer.len = offset.saturating_add(len);
            if self.sync != SpoolSync::Interval {
                writer.synced = writer.len;
            }
        }
        let instance = &mut self.instance;
        instance.newest = Some(((number, offset), *header));
        instance.file_bytes += u64::from(len);
        instance.count_in(Sums {
            records: 1,
            events: u64::from(header.events),
            body: u64::from(header.payload),
        });
        if let Some(segment) = instance.segments.back_mut().filter(|segment| segment.number == number) {
            segment.len = offset.saturating_add(len);
            segment.records += 1;
            segment.events = segment.events.saturating_add(header.events);
            segment.body = segment.body.saturating_add(header.payload);
        }
        if let Some(cursor) = instance.cursor.as_mut().filter(|cursor| cursor.segment == number) {
            cursor.extend(offset.saturating_add(len), header);
        }
    }

    /// Begins the next segment.
    fn begin(&mut self) -> io::Result<()> {
        faults::check(Operation::Make)?;
        self.last_number = self.last_number.checked_add(1).ok_or(io::ErrorKind::QuotaExceeded)?;
        let number = self.last_number;
        let name = names::file(number, Part::Segment);
        let file = self.instance.directory().file(&name, Opening::New)?;
        if let Err(error) = disk::append(&file, &segment_header(self.instance.uuid, number), &[]) {
            let _ = self.instance.directory().remove_file(&name);
            return Err(error);
        }
        let len = SEGMENT_HEADER;
        if number >= FIRST_RESERVED {
            disk::reserve(&file, SEGMENT_HEADER, self.most_segment);
        }
        self.has_new_names = self.sync != SpoolSync::None;
        self.writer = Some(Writer { file: Arc::new(file), number, len, synced: len, last: len });
        self.instance.active = Some(number);
        self.instance.segments.push_back(Segment { number, len, records: 0, events: 0, body: 0 });
        self.instance.file_bytes += u64::from(len);
        Ok(())
    }

    /// Whether the segment that is being written has room that nobody needs any more.
    pub(super) fn is_active_settled(&self) -> bool {
        let active = self.instance.segments.back().filter(|last| self.instance.active == Some(last.number));
        active.is_some_and(|active| active.records == 0 && active.len > SEGMENT_HEADER)
    }

    pub(super) fn has_active_records(&self) -> bool {
        self.instance.active.is_some() && self.instance.segments.back().is_some_and(|last| last.records > 0)
    }

    /// Nothing more is written to the present segment.
    pub(super) fn seal(&mut self) {
        self.instance.active = None;
        let Some(writer) = self.writer.take() else { return };
        let Some(index) = self.instance.index_of(writer.number) else { return };
        if self.instance.segments.get(index).is_some_and(|segment| segment.records == 0) {
            self.instance.remove_segment(index);
            return;
        }
        if writer.number >= FIRST_RESERVED && writer.len < self.most_segment - self.most_segment / WASTE {
            disk::release(&writer.file, writer.len);
        }
        let Some(mut pending) = writer.pending() else { return };
        if self.pending.len() >= MOST_OPEN {
            pending.file = None;
        }
        self.pending.push(pending);
    }

    pub(super) fn is_dirty(&self) -> bool {
        let is_writer_dirty = self.writer.as_ref().is_some_and(|writer| writer.synced < writer.len);
        self.sync == SpoolSync::Interval
            && (is_writer_dirty || self.has_new_names || !self.pending.is_empty() || self.failed.is_some())
    }

    /// All that is to be brought to the disk.
    pub(super) fn begin_sync(&mut self) -> Syncing {
        let mut files = std::mem::take(&mut self.pending);
        // What was delivered or evicted meanwhile need not.
        files.retain(|pending| self.instance.index_of(pending.segment).is_some());
        files.extend(self.writer.as_ref().and_then(Writer::pending));
        Syncing {
            instance: self.instance.number,
            files,
            directory: Arc::clone(&self.owned().directory),
            has_new_names: std::mem::take(&mut self.has_new_names),
            must_reopen: self.has_failed_names,
            failed: Vec::new(),
            put_off: Vec::new(),
            is_directory_synced: false,
            faults: faults::OfSyncs::planned(),
        }
    }

    pub(super) fn end_sync(&mut self, syncing: Syncing) -> Result<(), Unsynced> {
        for synced in &syncing.files {
            if let Some(writer) = self.writer.as_mut().filter(|writer| writer.number == synced.segment) {
                writer.synced = writer.synced.max(synced.len);
            }
        }
        if syncing.has_new_names {
            self.has_new_names |= !syncing.is_directory_synced;
            let is_first = !std::mem::replace(&mut self.has_failed_names, !syncing.is_directory_synced);
            // Told once: to write it all again each second would not help a directory that stays as it is.
            if is_first && !syncing.is_directory_synced {
                syncing.files.iter().for_each(|unnamed| self.note_failed(unnamed));
            }
        }
        for failed in &syncing.failed {
            self.note_failed(failed);
            if let Some(writer) = self.writer.as_mut().filter(|writer| writer.number == failed.segment) {
                // Never once more on this descriptor, what was appended meanwhile included.
                let last = Pending { last: writer.last, file: None, ..*failed };
                writer.synced = writer.len;
                self.note_failed(&last);
                self.seal();
            }
            // Sealed meanwhile, with what was appended after the sync began.
            let sealed: Vec<_> =
                self.pending.extract_if(.., |pending| pending.segment == failed.segment).collect();
            sealed.iter().for_each(|pending| self.note_failed(pending));
        }
        self.pending.extend(syncing.put_off);
        self.failed.take().map_or(Ok(()), Err)
    }

    /// With `chunk`: the one segment that is not synced.
    fn sync_now(&mut self) -> io::Result<()> {
        let Some(writer) = &self.writer else { return Ok(()) };
        disk::sync(&writer.file)?;
        if self.has_new_names {
            let synced = sync_names(&self.owned().directory, self.has_failed_names);
            self.has_failed_names = synced.is_err();
            synced?;
            self.has_new_names = false;
        }
        Ok(())
    }

    fn note_failed(&mut self, failed: &Pending) {
        let first = self.instance.place((failed.segment, failed.first));
        let last = self.instance.place((failed.segment, failed.last));
        let known = self.failed.get_or_insert(Unsynced { first, last });
        *known = Unsynced { first: known.first.min(first), last: known.last.max(last) };
    }
}
