//! Which records of a segment are settled, in the file beside it.
//!
//! It is never synced and may be lost in part or whole: then a chunk is delivered once more.

use std::fs::File;
use std::io::{self, ErrorKind};

use super::disk::{self, Bytes};
use super::format::{ACK, Ack, MOST_SEGMENT, RECORD_HEADER, RecordHeader};
use super::names::{self, Part};
use crate::sys::directory::Directory;
use crate::sys::entry::Opening;
use crate::sys::kept::Kept;

/// As many as a segment may have records.
const MOST_ACKS: usize = (MOST_SEGMENT / RECORD_HEADER) as usize;

/// Entries read at once.
const AT_ONCE: u32 = 4096;

/// The acks of one segment, as they were found.
#[derive(Debug, Default)]
pub(super) struct Acked(Vec<(u32, u32)>);

impl Acked {
    /// Those of segment `number` in `directory`; none where there is no file.
    pub(super) fn load(directory: &Directory, number: u32, seed: u32) -> io::Result<Acked> {
        let file = match disk::open(directory, &names::file(number, Part::Acks)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Acked::default()),
            Err(error) => return Err(error),
        };
        let len = file.metadata()?.len();
        Acked::read(&file, u32::try_from(len).unwrap_or(u32::MAX), seed)
    }

    fn read(source: &impl Bytes, len: u32, seed: u32) -> io::Result<Acked> {
        // A file that was damaged may be of any length.
        let len = (len / ACK).min(MOST_ACKS as u32) * ACK;
        let mut acks = Vec::new();
        let mut block = Vec::new();
        for at in (0..len).step_by((AT_ONCE * ACK) as usize) {
            block.resize((len - at).min(AT_ONCE * ACK) as usize, 0);
            match source.read_exact_at(&mut block, at) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
                result => result?,
            }
            let (entries, _) = block.as_chunks();
            let read = entries.iter().filter_map(|entry| Ack::read(entry, seed));
            acks.extend(read.map(|ack| (ack.offset, ack.mark)));
        }
        acks.sort_unstable();
        Ok(Acked(acks))
    }

    /// Whether this very record is settled.
    pub(super) fn has(&self, offset: u32, header: &RecordHeader, seed: u32) -> bool {
        !self.0.is_empty() && self.0.binary_search(&(offset, header.mark(seed, offset))).is_ok()
    }
}

/// The acks of one segment, being written.
pub(super) struct AckFile {
    number: u32,
    file: Kept<File>,
    len: u64,
}

impl AckFile {
    pub(super) fn open(directory: &Directory, number: u32) -> io::Result<AckFile> {
        let file = directory.file(&names::file(number, Part::Acks), Opening::Change)?;
        let len = file.metadata()?.len();
        Ok(AckFile { number, file, len: len - len % u64::from(ACK) })
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Adds one. Where that fails, the next one is written over what there is of it.
    pub(super) fn add(&mut self, ack: &Ack, seed: u32) -> io::Result<()> {
        disk::write_at(&self.file, &ack.bytes(seed), self.len)?;
        self.len += u64::from(ACK);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acks_come_back_and_damaged_ones_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let directory = Directory::open(folder.path()).unwrap();
        let header = RecordHeader::of_chunk([1; 16], false, 2, 0, b"abc").unwrap();
        let ack = |offset| Ack { offset, mark: header.mark(5, offset), events: 2 };
        let mut file = AckFile::open(&directory, 3).unwrap();
        file.add(&ack(32), 5).unwrap();
        file.add(&ack(500), 5).unwrap();
        let path = folder.path().join("0000000000000003.ack");
        // Half an entry, as a crash leaves it.
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend([7; 9]);
        std::fs::write(&path, &bytes).unwrap();
        let mut file = AckFile::open(&directory, 3).unwrap();
        file.add(&ack(90), 5).unwrap();
        let acked = Acked::load(&directory, 3, 5).unwrap();
        assert_eq!([32, 90, 500, 33].map(|offset| acked.has(offset, &header, 5)), [true, true, true, false]);
        assert!(!Acked::load(&directory, 3, 6).unwrap().has(32, &header, 6));
        assert!(!Acked::load(&directory, 4, 5).unwrap().has(32, &header, 5));
        bytes[1] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let acked = Acked::load(&directory, 3, 5).unwrap();
        assert_eq!([32, 500].map(|offset| acked.has(offset, &header, 5)), [false, true]);
    }
}
