//! Reads what a dead process left: which records of its segments are whole and not settled.

use std::io::{self, ErrorKind};
use std::time::SystemTime;

use super::acks::Acked;
use super::counts::Changes;
use super::disk;
use super::format::{MOST_SEGMENT, SEGMENT_HEADER, seed};
use super::home::{Home, Seen};
use super::instance::{Instance, Segment, Sums};
use super::lock;
use super::names::{self, Part};
use super::scan::{Scan, Step};
use super::unread::Left;
use crate::sys::directory::Directory;

/// What all bytes of a segment are.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    /// Whole and not settled.
    pub(super) sums: Sums,
    pub(super) settled: u64,
    /// Records whose header is sound and whose payload is not.
    pub(super) unreadable: u64,
    /// Places with bytes that are no record.
    pub(super) damaged: u64,
    pub(super) damaged_bytes: u64,
    pub(super) torn_bytes: u64,
    pub(super) begins_well: bool,
    pub(super) len: u64,
}

impl Inspected {
    /// Nothing in it is a segment of ours.
    pub(super) fn is_bad(&self) -> bool {
        let found = self.sums.records + self.settled + self.unreadable;
        !self.begins_well && found == 0 && self.len >= u64::from(SEGMENT_HEADER)
    }
}

/// Reads all of segment `number` of `uuid`. An error says nothing about what is in it, or that it is not for this version
/// to judge.
pub(super) fn inspect(directory: &Directory, uuid: u128, number: u32) -> io::Result<Inspected> {
    let file = disk::open(directory, &names::file(number, Part::Segment))?;
    let len = file.metadata()?.len();
    let seed = seed(uuid, number);
    let acked = Acked::load(directory, number, seed)?;
    let mut scan = Scan::new(file, seed, len);
    let mut all = Inspected { begins_well: scan.begins_as(uuid, number), len, ..Inspected::default() };
    loop {
        match scan.next() {
            Step::Record { offset, header } => {
                if acked.has(offset, &header, seed) {
                    all.settled += 1;
                } else if !header.is_known() {
                    return Err(io::Error::new(
                        ErrorKind::Unsupported,
                        "a later version of libmona wrote it",
                    ));
                } else if scan.is_sound(offset, &header) {
                    all.sums.records += 1;
                    all.sums.events += u64::from(header.events);
                    all.sums.body += u64::from(header.payload);
                } else {
                    all.unreadable += 1;
                    all.damaged_bytes += header.len();
                }
            }
            Step::Damage { bytes } => {
                all.damaged += 1;
                all.damaged_bytes += u64::from(bytes);
            }
            Step::Torn { bytes } => all.torn_bytes += u64::from(bytes),
            Step::End => break,
            Step::Failed => return Err(scan.into_failure()),
        }
    }
    all.damaged_bytes += len.saturating_sub(u64::from(MOST_SEGMENT));
    Ok(all)
}

/// The files of an instance.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// Numbers and lengths, the oldest first.
    pub(super) segments: Vec<(u32, u32)>,
    /// Acks of segments that are gone.
    orphans: Vec<u32>,
    pub(super) bytes: u64,
}

/// Lists the files of an instance.
pub(super) fn files(directory: &Directory) -> io::Result<Files> {
    let Files { mut segments, orphans: mut acks, mut bytes } = Files::default();
    let mut failure = None;
    directory.names(&mut |name| {
        let Some((number, part)) = names::read_file(name) else { return true };
        match directory.look_at(name) {
            Ok(entry) if entry.is_file => {
                bytes += entry.len;
                match part {
                    Part::Segment => segments.push((number, u32::try_from(entry.len).unwrap_or(u32::MAX))),
                    Part::Acks => acks.push(number),
                }
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => failure = Some(error),
        }
        failure.is_none()
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    segments.sort_unstable();
    acks.retain(|number| segments.binary_search_by_key(number, |segment| segment.0).is_err());
    Ok(Files { segments, orphans: acks, bytes })
}

/// Takes over the instance that was seen; `None` where its process lives.
pub(super) fn take_over(home: &Home, seen: Seen, number: u32) -> io::Result<Option<Instance>> {
    let Some(owned) = lock::take(home.layout(), seen.uuid)? else { return Ok(None) };
    if owned.directory.ownership()? != crate::sys::entry::Ownership::Private {
        return Err(io::Error::new(
            ErrorKind::PermissionDenied,
            "it belongs to another user or may be written by others, the program's user and mode 0700 are expected",
        ));
    }
    let Files { segments, orphans, bytes } = files(&owned.directory)?;
    let is_gone = |segment| is_not_found(&owned.directory.look_at(&names::file(segment, Part::Segment)));
    for orphan in orphans.into_iter().filter(|segment| is_gone(*segment)) {
        let _ = owned.directory.remove_file(&names::file(orphan, Part::Acks));
    }
    let born: SystemTime = seen.born;
    let mut instance = Instance::new(number, false, seen.uuid, born, owned);
    instance.unread = segments.into();
    instance.file_bytes = bytes;
    Ok(Some(instance))
}

fn is_not_found<T>(result: &io::Result<T>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Reads the next segment that was not read yet: its length, or `None` where there is none. One that cannot be read stays
/// as it is, to be tried again later: it is among those that are deferred.
pub(super) fn read_next(home: &Home, instance: &mut Instance, changes: &mut Changes) -> Option<u64> {
    let (number, len) = instance.unread.pop_front()?;
    let inspected = match inspect(instance.directory(), instance.uuid, number) {
        Ok(inspected) => inspected,
        Err(error) if error.kind() == ErrorKind::NotFound => return Some(0),
        Err(error) => {
            instance.deferred.add((number, len), error);
            return Some(0);
        }
    };
    changes.lost_records += inspected.unreadable;
    changes.lost_bytes += inspected.damaged_bytes;
    let read = inspected.len;
    if inspected.is_bad() {
        changes.lost_bytes += inspected.torn_bytes;
        changes.bad_segments += 1;
        if home.set_aside(instance.directory(), instance.uuid, number).is_ok() {
            let _ = instance.directory().remove_file(&names::file(number, Part::Acks));
            instance.file_bytes = instance.file_bytes.saturating_sub(u64::from(len));
        } else {
            instance.remove_done(number, len);
        }
        return Some(read);
    }
    changes.torn_bytes += inspected.torn_bytes;
    let sums = inspected.sums;
    if sums.records == 0 {
        instance.remove_done(number, len);
        return Some(read);
    }
    let narrow = |wide: u64| u32::try_from(wide).unwrap_or(u32::MAX);
    let (records, events, body) = (narrow(sums.records), narrow(sums.events), narrow(sums.body));
    let segment = Segment { number, len, records, events, body };
    let at = instance.segments.partition_point(|known| known.number < number);
    instance.segments.insert(at, segment);
    if number < instance.next_segment {
        // Reading was past it.
        instance.left.insert(number, Left::all_of(records, events, body));
    }
    instance.count_in(Sums { events: u64::from(events), ..sums });
    changes.adopted_events += u64::from(events);
    Some(read)
}
