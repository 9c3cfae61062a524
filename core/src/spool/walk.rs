//! Looks at a spool without changing it, for tools. What is read may change meanwhile: a live process writes, drains and
//! removes; so what is gone when it is looked at is left out.

use std::ffi::CStr;
use std::path::Path;
use std::time::SystemTime;

use super::acks::Acked;
use super::format::seed;
use super::home::{Seen, oldest_instances, sentence};
use super::lock::is_alive;
use super::names::{self, BAD, LAYOUT, Part};
use super::recovery::{files, inspect};
use super::scan::{Scan, Step};
use crate::diag::error::{Error, Result, Status};
use crate::sys::directory::{Directory, Opening};

/// An instance in a spool.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) uuid: String,
    /// A process has its lock.
    pub(crate) is_alive: bool,
    pub(crate) segments: u64,
    /// Not settled.
    pub(crate) records: u64,
    pub(crate) events: u64,
    /// Of its files.
    pub(crate) bytes: u64,
    /// When the oldest of its segments was written last.
    pub(crate) oldest: Option<SystemTime>,
}

/// What all bytes of an instance are.
#[derive(Debug, Clone)]
pub(crate) struct Verified {
    pub(crate) found: Found,
    /// Records that are settled and still there.
    pub(crate) settled_records: u64,
    /// Damaged places with records behind them, and records whose payload is damaged.
    pub(crate) damaged: u64,
    pub(crate) damaged_bytes: u64,
    /// Bytes behind the last record of a segment that are none.
    pub(crate) torn_bytes: u64,
    /// Segments of which nothing can be read.
    pub(crate) bad_segments: u64,
}

/// A record that is not settled, with the instance it lies in.
#[derive(Debug, Clone)]
pub(crate) struct WalkedRecord {
    pub(crate) uuid: String,
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    pub(crate) id: [u8; 16],
    pub(crate) is_gzip: bool,
    pub(crate) events: u32,
    pub(crate) body: Vec<u8>,
}

/// The instances below `dir`, the oldest first. Reads all headers and payloads, as only whole records count.
pub(crate) fn list(dir: &Path) -> Result<Vec<Found>> {
    let mut found: Vec<Found> =
        verify(dir, &mut |_| true)?.into_iter().map(|verified| verified.found).collect();
    found.retain(|found| found.uuid.as_bytes() != BAD.to_bytes());
    Ok(found)
}

/// The same, with what else the bytes are. `progress` is told how many bytes were read so far; `false` from it ends the
/// work. Segments that were set aside are those of an instance called `bad`.
pub(crate) fn verify(dir: &Path, progress: &mut dyn FnMut(u64) -> bool) -> Result<Vec<Verified>> {
    let mut all = Vec::new();
    let Some(layout) = open(dir)? else { return Ok(all) };
    let mut read = 0;
    for seen in seen(dir, &layout)? {
        let Ok(directory) = layout.folder(&names::instance(seen.uuid)) else { continue };
        match verify_one(&directory, seen.uuid, &mut read, progress) {
            Some(verified) => all.push(verified),
            None => return Ok(all),
        }
    }
    all.extend(set_aside(&layout));
    Ok(all)
}

fn verify_one(
    directory: &Directory,
    uuid: u128,
    read: &mut u64,
    progress: &mut dyn FnMut(u64) -> bool,
) -> Option<Verified> {
    let mut verified = Verified::of(names::uuid_text(uuid));
    verified.found.is_alive = is_alive(directory);
    let files = files(directory).unwrap_or_default();
    verified.found.bytes = files.bytes;
    for (number, _) in files.segments {
        let name = names::file(number, Part::Segment);
        let (Ok(entry), Ok(inspected)) = (directory.look_at(&name), inspect(directory, uuid, number)) else {
            continue;
        };
        let found = &mut verified.found;
        found.segments += 1;
        found.records += inspected.sums.records;
        found.events += inspected.sums.events;
        found.oldest = Some(found.oldest.map_or(entry.modified, |oldest| oldest.min(entry.modified)));
        verified.settled_records += inspected.settled;
        verified.bad_segments += u64::from(inspected.is_bad());
        verified.damaged += inspected.damaged + inspected.unreadable;
        verified.damaged_bytes += inspected.damaged_bytes;
        verified.torn_bytes += inspected.torn_bytes;
        *read += inspected.len;
        if !progress(*read) {
            return None;
        }
    }
    Some(verified)
}

impl Verified {
    fn of(uuid: String) -> Verified {
        let found =
            Found { uuid, is_alive: false, segments: 0, records: 0, events: 0, bytes: 0, oldest: None };
        Verified { found, settled_records: 0, damaged: 0, damaged_bytes: 0, torn_bytes: 0, bad_segments: 0 }
    }
}

/// What is set aside, where there is anything.
fn set_aside(layout: &Directory) -> Option<Verified> {
    let folder = layout.folder(BAD).ok()?;
    let mut bad = Verified::of(BAD.to_string_lossy().into_owned());
    let see = &mut |name: &CStr| {
        if let Ok(entry) = folder.look_at(name)
            && entry.is_file
        {
            bad.bad_segments += 1;
            bad.found.bytes += entry.len;
            bad.found.oldest = Some(bad.found.oldest.map_or(entry.modified, |at| at.min(entry.modified)));
        }
        true
    };
    folder.names(see).ok()?;
    bad.damaged_bytes = bad.found.bytes;
    (bad.bad_segments > 0).then_some(bad)
}

/// Shows every record that is not settled, the oldest instance first, until `see` answers `false`. One of them is in
/// memory at a time.
pub(crate) fn records(dir: &Path, see: &mut dyn FnMut(WalkedRecord) -> bool) -> Result<()> {
    let Some(layout) = open(dir)? else { return Ok(()) };
    for seen in seen(dir, &layout)? {
        let Ok(directory) = layout.folder(&names::instance(seen.uuid)) else { continue };
        for (number, _) in files(&directory).unwrap_or_default().segments {
            if !show(&directory, seen.uuid, number, see) {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn show(directory: &Directory, uuid: u128, number: u32, see: &mut dyn FnMut(WalkedRecord) -> bool) -> bool {
    let Ok(file) = directory.file(&names::file(number, Part::Segment), Opening::Read) else { return true };
    let seed = seed(uuid, number);
    let acked = Acked::load(directory, number, seed);
    let len = file.metadata().map_or(0, |found| found.len());
    let mut scan = Scan::new(file, seed, len);
    loop {
        match scan.next() {
            Step::End => return true,
            Step::Record { offset, header } if header.is_known() && !acked.has(offset, &header, seed) => {
                let Some(body) = scan.payload(offset, &header) else { continue };
                let is_gzip = header.is_gzip();
                let (id, events) = (header.id, header.events);
                let uuid = names::uuid_text(uuid);
                if !see(WalkedRecord { uuid, segment: number, offset, id, is_gzip, events, body }) {
                    return false;
                }
            }
            _ => {}
        }
    }
}

/// The layout below `dir`; `None` where nothing was ever spooled there.
fn open(dir: &Path) -> Result<Option<Directory>> {
    let root = Directory::open(dir)
        .map_err(|error| Error::new(Status::Io, sentence(dir, "the directory cannot be opened", &error)))?;
    match root.folder(LAYOUT) {
        Ok(layout) => Ok(Some(layout)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(Status::Io, sentence(dir, "v1 in it cannot be opened", &error))),
    }
}

fn seen(dir: &Path, layout: &Directory) -> Result<Vec<Seen>> {
    oldest_instances(layout, &|_| false)
        .map(|(seen, _)| seen)
        .map_err(|error| Error::new(Status::Io, sentence(dir, "v1 in it cannot be listed", &error)))
}
