//! Looks at a spool without changing it, for tools.
//!
//! Locks nothing for longer than a look. What a process just writes or removes is seen or not.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::acks::Acked;
use super::format::{RECORD_HEADER, RecordHeader, SEGMENT_HEADER, seed};
use super::home::{Seen, oldest_instances, require_private, sentence};
use super::lock;
use super::names::{self, BAD, LAYOUT, Part};
use super::scan::{Scan, Step};
use crate::diag::error::{Error, Result, Status};
use crate::encode::Buffer;
use crate::sys::directory::Directory;
use crate::sys::entry::Opening;
use crate::sys::kept::Kept;

/// Damaged places that are told of one by one; more than anybody reads.
const MOST_TOLD: usize = 1000;

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

/// What all bytes of a spool are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Verified {
    /// Of each instance; records are those that are not settled and sound.
    pub(crate) found: Vec<Found>,
    /// Places where something is wrong.
    pub(crate) damaged: u64,
    /// The first of them.
    pub(crate) damage: Vec<Damage>,
}

/// Something that is wrong.
#[derive(Debug, Clone)]
pub(crate) struct Damage {
    /// Below `v1`.
    pub(crate) file: String,
    pub(crate) sentence: String,
}

/// A record that is not settled.
#[derive(Debug, Clone)]
pub(crate) struct WalkedRecord {
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    pub(crate) id: [u8; 16],
    pub(crate) is_gzip: bool,
    pub(crate) events: u32,
    pub(crate) body: Vec<u8>,
}

/// The instances below `dir`, the oldest first.
pub(crate) fn list(dir: &Path) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for_each_instance(dir, |instance| {
        found.push(instance.look(|segment, found| segment.count(found)));
    })?;
    Ok(found)
}

/// The same, with every byte read.
pub(crate) fn verify(dir: &Path) -> Result<Verified> {
    let mut verified = Verified::default();
    let layout = for_each_instance(dir, |instance| {
        let found = instance.look(|segment, found| {
            let name = segment.name();
            segment.verify(found, &mut |sentence| verified.add(name.clone(), sentence));
        });
        verified.found.push(found);
    })?;
    if let Some(bad) = layout.and_then(|layout| layout.folder(BAD).ok()) {
        let _ = bad.names(&mut |name| {
            verified.add(
                format!("bad/{}", name.to_string_lossy()),
                "set aside, nothing in it could be read".to_owned(),
            );
            true
        });
    }
    Ok(verified)
}

/// The first record of an instance that is not settled and sound, behind the segment and offset `after`. `None` behind the
/// last one, and where the instance is gone.
pub(crate) fn next(dir: &Path, uuid: &str, after: Option<(u32, u32)>) -> Result<Option<WalkedRecord>> {
    let name = CString::new(uuid).unwrap_or_default();
    let (Some(uuid), Some(layout)) = (names::read_instance(&name), open(dir)?) else { return Ok(None) };
    let Some(instance) = Instance::open(&layout, uuid) else { return Ok(None) };
    let (first, offset) = after.unwrap_or_default();
    for file in instance.segments.iter().filter(|segment| segment.number >= first) {
        let behind = after.filter(|_| file.number == first).map(|_| offset);
        let Some(segment) = instance.segment(file) else { continue };
        let record = segment.record_behind(behind);
        let fail = |error| Error::new(Status::Io, sentence(dir, "a segment cannot be read", &error));
        if let Some(record) = record.map_err(fail)? {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

impl Found {
    fn add(&mut self, header: &RecordHeader) {
        self.records += 1;
        self.events += u64::from(header.events);
    }
}

impl Verified {
    fn add(&mut self, file: String, sentence: String) {
        self.damaged += 1;
        if self.damage.len() < MOST_TOLD {
            self.damage.push(Damage { file, sentence });
        }
    }
}

/// The directory that all instances lie in; `None` where nothing was ever spooled.
fn open(dir: &Path) -> Result<Option<Directory>> {
    let fail = |doing: &str, error: &io::Error| Error::new(Status::Io, sentence(dir, doing, error));
    let root = Directory::open(dir).map_err(|error| fail("the directory cannot be opened", &error))?;
    require_private(&root, &dir.display().to_string())?;
    match root.folder(LAYOUT) {
        Ok(layout) => Ok(Some(layout)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fail("v1 in it cannot be opened", &error)),
    }
}

fn for_each_instance(dir: &Path, mut see: impl FnMut(&Instance)) -> Result<Option<Directory>> {
    let Some(layout) = open(dir)? else { return Ok(None) };
    let mut all: Vec<Seen> = Vec::new();
    loop {
        let is_known = |uuid| all.iter().any(|seen| seen.uuid == uuid);
        let (found, is_more) = oldest_instances(&layout, &is_known)
            .map_err(|error| Error::new(Status::Io, sentence(dir, "v1 in it cannot be read", &error)))?;
        found
            .iter()
            .filter_map(|seen| Instance::open(&layout, seen.uuid))
            .for_each(|instance| see(&instance));
        let is_last = !is_more || found.is_empty();
        all.extend(found);
        if is_last {
            return Ok(Some(layout));
        }
    }
}

/// A file of an instance.
struct SegmentFile {
    number: u32,
    len: u64,
    modified: SystemTime,
}

struct Instance {
    uuid: u128,
    directory: Directory,
    is_alive: bool,
    /// In their order.
    segments: Vec<SegmentFile>,
    bytes: u64,
}

impl Instance {
    /// `None` where it is gone.
    fn open(layout: &Directory, uuid: u128) -> Option<Instance> {
        let directory = layout.folder(&names::instance(uuid)).ok()?;
        let is_alive = lock::is_alive(&directory);
        let (mut segments, mut bytes) = (Vec::new(), 0);
        let mut see = |name: &CStr| {
            let file = names::read_file(name).zip(directory.look_at(name).ok());
            if let Some(((number, part), entry)) = file.filter(|(_, entry)| entry.is_file) {
                bytes += entry.len;
                if part == Part::Segment {
                    segments.push(SegmentFile { number, len: entry.len, modified: entry.modified });
                }
            }
            true
        };
        directory.names(&mut see).ok()?;
        segments.sort_unstable_by_key(|segment| segment.number);
        Some(Instance { uuid, directory, is_alive, segments, bytes })
    }

    /// What it holds, where `see` counts the records of each segment.
    fn look(&self, mut see: impl FnMut(&mut Segment<'_>, &mut Found)) -> Found {
        let mut found = Found {
            uuid: names::uuid_text(self.uuid),
            is_alive: self.is_alive,
            segments: self.segments.len() as u64,
            records: 0,
            events: 0,
            bytes: self.bytes,
            oldest: self.segments.iter().map(|segment| segment.modified).min(),
        };
        for file in &self.segments {
            if let Some(mut segment) = self.segment(file) {
                see(&mut segment, &mut found);
            }
        }
        found
    }

    /// `None` where it is gone meanwhile.
    fn segment(&self, file: &SegmentFile) -> Option<Segment<'_>> {
        let opened = self.directory.file(&names::file(file.number, Part::Segment), Opening::Read).ok()?;
        let seed = seed(self.uuid, file.number);
        Some(Segment {
            instance: self,
            number: file.number,
            len: file.len,
            seed,
            scan: Scan::new(opened, seed, file.len),
            acked: Acked::load(&self.directory, file.number, seed).unwrap_or_default(),
        })
    }
}

/// What is to be seen in a segment.
enum Sight<'a> {
    /// A record that is not settled, whose payload is not looked at yet.
    Waiting {
        offset: u32,
        header: &'a RecordHeader,
    },
    Settled {
        offset: u32,
        header: &'a RecordHeader,
    },
    /// No record, with one behind it.
    Gap {
        offset: u32,
        bytes: u32,
    },
    /// The same up to the end.
    Torn {
        offset: u32,
        bytes: u32,
    },
}

/// A segment that is being read.
struct Segment<'a> {
    instance: &'a Instance,
    number: u32,
    len: u64,
    seed: u32,
    scan: Scan<Kept<File>>,
    acked: Acked,
}

impl Segment<'_> {
    /// Its file, below `v1`.
    fn name(&self) -> String {
        let file = names::file(self.number, Part::Segment);
        format!("{}/{}", names::uuid_text(self.instance.uuid), file.to_string_lossy())
    }

    /// Shows what follows until `see` answers `false`.
    fn walk(&mut self, mut at: u32, see: &mut dyn FnMut(&mut Scan<Kept<File>>, Sight<'_>) -> bool) {
        self.scan.go_to(at);
        loop {
            let step = self.scan.next();
            let sight = match &step {
                Step::Record { offset, header } => {
                    at = offset.saturating_add(RECORD_HEADER).saturating_add(header.payload);
                    let is_settled = !header.is_known() || self.acked.has(*offset, header, self.seed);
                    let offset = *offset;
                    if is_settled {
                        Sight::Settled { offset, header }
                    } else {
                        Sight::Waiting { offset, header }
                    }
                }
                Step::Damage { bytes } => {
                    let offset = at;
                    at = at.saturating_add(*bytes);
                    Sight::Gap { offset, bytes: *bytes }
                }
                Step::Torn { bytes } => Sight::Torn { offset: at, bytes: *bytes },
                Step::End | Step::Failed => return,
            };
            if !see(&mut self.scan, sight) {
                return;
            }
        }
    }

    fn count(&mut self, found: &mut Found) {
        self.walk(SEGMENT_HEADER, &mut |_, sight| {
            if let Sight::Waiting { header, .. } = sight {
                found.add(header);
            }
            true
        });
    }

    /// The same with every byte read, and a sentence for each place that is damaged.
    fn verify(&mut self, found: &mut Found, damage: &mut dyn FnMut(String)) {
        let is_alive = self.instance.is_alive;
        if self.len < u64::from(SEGMENT_HEADER) {
            // A process that lives is about to write it.
            if !is_alive {
                damage(format!("{} bytes at 0, it was not written whole", self.len));
            }
            return;
        }
        if !self.scan.begins_as(self.instance.uuid, self.number) && self.scan.failure().is_none() {
            damage("its header is damaged, which is read as what it has to be".to_owned());
        }
        self.walk(SEGMENT_HEADER, &mut |scan, sight| {
            match sight {
                Sight::Waiting { offset, header } if scan.is_sound(offset, header) => found.add(header),
                Sight::Settled { offset, header } if scan.is_sound(offset, header) => {}
                _ if scan.failure().is_some() => {}
                Sight::Waiting { offset, header } => damage(format!(
                    "{} bytes at {offset}, a record whose contents are damaged: {} events are lost",
                    header.len(),
                    header.events
                )),
                Sight::Settled { offset, header } => damage(format!(
                    "{} bytes at {offset}, a record whose contents are damaged, and which was delivered before",
                    header.len()
                )),
                Sight::Gap { offset, bytes } => {
                    damage(format!("{bytes} bytes at {offset}, which are no record, are skipped"));
                }
                // A process that lives may just be writing it.
                Sight::Torn { .. } if is_alive => {}
                Sight::Torn { offset, bytes } => {
                    damage(format!("{bytes} bytes at {offset}, a record that was not written whole, are left out"));
                }
            }
            true
        });
        if let Some(error) = self.scan.failure() {
            damage(format!("it cannot be read just now, nothing says that it is damaged: {error}"));
        }
    }

    /// The first record that is not settled and sound, behind the one at `offset`.
    fn record_behind(mut self, offset: Option<u32>) -> io::Result<Option<WalkedRecord>> {
        let (number, from) = (self.number, offset.unwrap_or(SEGMENT_HEADER));
        let mut found = None;
        self.walk(from.max(SEGMENT_HEADER), &mut |scan, sight| {
            let Sight::Waiting { offset: at, header } = sight else { return true };
            if offset.is_none_or(|before| at > before) {
                found = scan.payload(at, header, Buffer::default()).map(|body| WalkedRecord {
                    segment: number,
                    offset: at,
                    id: header.id,
                    is_gzip: header.is_gzip(),
                    events: header.events,
                    body: body.into(),
                });
            }
            found.is_none()
        });
        if self.scan.failure().is_some() { Err(self.scan.into_failure()) } else { Ok(found) }
    }
}

#[cfg(test)]
mod tests;
