//! Walks the records of a segment, whatever its bytes are.
//!
//! Every step ends further on, every byte is looked at a bounded number of times, and memory is one block of 64 KiB. The
//! header of a record has a checksum of its own that holds at no other place: so its length can be believed where its
//! payload is damaged, and where a header is damaged the next one is found by its magic.

use std::io::{self, ErrorKind};

use crc32c::crc32c_append;

use super::disk::Bytes;
use super::format::{
    MOST_SEGMENT, RECORD_HEADER, RECORD_MAGIC, RecordHeader, SEGMENT_HEADER, segment_header,
};
use crate::encode::Buffer;

/// Bytes read at once: few calls of the system for small records, and little beside a large one.
const BLOCK: u32 = 64 * 1024;

/// What comes next in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A record with a sound header; its payload is not looked at yet.
    Record {
        offset: u32,
        header: RecordHeader,
    },
    /// Bytes that are no record, with one behind them.
    Damage {
        bytes: u32,
    },
    /// The same up to the end: a record that was never whole, or was cut.
    Torn {
        bytes: u32,
    },
    End,
    /// The system did not read it, which says nothing about the bytes: see [`Scan::failure`]. So is every step until it
    /// reads from somewhere else.
    Failed,
}

/// A walk through a segment.
pub(super) struct Scan<B> {
    source: B,
    seed: u32,
    /// Where the next step begins.
    at: u32,
    /// What is not to be read.
    end: u32,
    block: Vec<u8>,
    block_at: u32,
    failure: Option<io::Error>,
}

impl<B: Bytes> Scan<B> {
    /// Of the first `len` bytes of a segment with this seed.
    pub(super) fn new(source: B, seed: u32, len: u64) -> Scan<B> {
        let end = u32::try_from(len).map_or(MOST_SEGMENT, |len| len.min(MOST_SEGMENT));
        Scan { source, seed, at: SEGMENT_HEADER, end, block: Vec::new(), block_at: 0, failure: None }
    }

    /// More was written.
    pub(super) fn extend(&mut self, len: u32) {
        self.end = self.end.max(len);
    }

    pub(super) fn source(&self) -> &B {
        &self.source
    }

    /// Goes on reading the same bytes from somewhere else.
    pub(super) fn read_from(&mut self, source: B) {
        self.source = source;
        self.failure = None;
    }

    /// Why it could not be read, if so: no answer since then says anything.
    pub(super) fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    pub(super) fn into_failure(self) -> io::Error {
        self.failure.unwrap_or_else(|| ErrorKind::Other.into())
    }

    /// Whether the segment begins as it has to.
    pub(super) fn begins_as(&mut self, uuid: u128, number: u32) -> bool {
        self.bytes(0, SEGMENT_HEADER).is_some_and(|bytes| bytes == segment_header(uuid, number))
    }

    /// Where the next step begins.
    pub(super) fn at(&self) -> u32 {
        self.at
    }

    /// Goes on at another place, where a record begins.
    pub(super) fn go_to(&mut self, offset: u32) {
        self.at = offset;
    }

    pub(super) fn next(&mut self) -> Step {
        let offset = self.at;
        let step = if self.failure.is_none() { self.step(offset) } else { Step::Failed };
        if self.failure.is_none() {
            return step;
        }
        self.at = offset;
        Step::Failed
    }

    fn step(&mut self, offset: u32) -> Step {
        if offset >= self.end {
            return Step::End;
        }
        match self.header(offset) {
            Some(header) if u64::from(offset) + header.len() <= u64::from(self.end) => {
                self.at = offset.saturating_add(RECORD_HEADER).saturating_add(header.payload);
                Step::Record { offset, header }
            }
            Some(_) => self.torn(offset),
            None => match self.find(offset + 1) {
                Some(next) => {
                    self.at = next;
                    Step::Damage { bytes: next - offset }
                }
                None => self.torn(offset),
            },
        }
    }

    fn torn(&mut self, offset: u32) -> Step {
        self.at = self.end;
        Step::Torn { bytes: self.end - offset }
    }

    fn header(&mut self, offset: u32) -> Option<RecordHeader> {
        let seed = self.seed;
        RecordHeader::read(self.bytes(offset, RECORD_HEADER)?.first_chunk()?, seed, offset)
    }

    /// Where the next sound header is, from `from` on.
    fn find(&mut self, mut from: u32) -> Option<u32> {
        loop {
            let rest = self.rest_of_block(from, RECORD_HEADER)?;
            let known = rest.len() as u32;
            match rest.windows(RECORD_MAGIC.len()).position(|bytes| bytes == RECORD_MAGIC) {
                Some(index) => {
                    let offset = from + index as u32;
                    if self.header(offset).is_some() {
                        return Some(offset);
                    }
                    from = offset + 1;
                }
                // The magic may begin in the last bytes of this block.
                None => from += (known + 1).saturating_sub(RECORD_MAGIC.len() as u32).max(1),
            }
        }
    }

    /// Whether the payload is as it was written.
    pub(super) fn is_sound(&mut self, offset: u32, header: &RecordHeader) -> bool {
        let mut at = offset + RECORD_HEADER;
        let mut left = header.payload;
        let mut sum = 0;
        while left > 0 {
            let Some(rest) = self.rest_of_block(at, 1) else { return false };
            let piece = rest.get(..left as usize).unwrap_or(rest);
            sum = crc32c_append(sum, piece);
            let len = piece.len() as u32;
            (at, left) = (at + len, left - len);
        }
        sum == header.sum
    }

    /// The payload in `memory`, where it is as it was written.
    pub(super) fn payload(
        &mut self,
        offset: u32,
        header: &RecordHeader,
        mut memory: Buffer,
    ) -> Option<Buffer> {
        let at = offset + RECORD_HEADER;
        let len = header.payload as usize;
        let payload = memory.resize(len);
        // Most of a small record was read with its header.
        let known = self.known(at).map_or(0, |known| {
            let known = known.get(..len).unwrap_or(known);
            if let Some(to) = payload.get_mut(..known.len()) {
                to.copy_from_slice(known);
            }
            known.len()
        });
        if known < len {
            let read = self.source.read_exact_at(payload.get_mut(known..)?, at + known as u32);
            self.is_read(read).then_some(())?;
        }
        (crc32c_append(0, payload) == header.sum).then_some(memory)
    }

    /// Whether there were so many bytes. Remembers any other error.
    fn is_read(&mut self, read: io::Result<()>) -> bool {
        match read {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => false,
            Err(error) => {
                self.failure = Some(error);
                false
            }
        }
    }

    /// What the block has from `at` on.
    fn known(&self, at: u32) -> Option<&[u8]> {
        self.block.get(at.checked_sub(self.block_at)? as usize..).filter(|known| !known.is_empty())
    }

    /// The `len` bytes at `at`, less than a block; `None` where there are not so many.
    fn bytes(&mut self, at: u32, len: u32) -> Option<&[u8]> {
        self.rest_of_block(at, len)?.get(..len as usize)
    }

    /// A run of bytes at `at`, `least` of them at least.
    fn rest_of_block(&mut self, at: u32, least: u32) -> Option<&[u8]> {
        if self.end.checked_sub(at)? < least {
            return None;
        }
        if self.known(at).is_none_or(|known| known.len() < least as usize) {
            let len = BLOCK.min(self.end - at) as usize;
            if self.block.capacity() == 0 {
                // Zeroes of the allocator's, where there are any: most segments have few blocks.
                self.block = vec![0; len];
            } else {
                self.block.resize(len, 0);
            }
            self.block_at = at;
            let read = self.source.read_exact_at(&mut self.block, at);
            if !self.is_read(read) {
                // What is not there is no record.
                self.block.fill(0);
            }
            if self.failure.is_some() {
                self.block.clear();
            }
        }
        self.known(at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::format::seed;
    use super::*;

    impl Bytes for Vec<u8> {
        fn read_exact_at(&self, bytes: &mut [u8], at: u32) -> io::Result<()> {
            let from = self.get(at as usize..).and_then(|rest| rest.get(..bytes.len()));
            bytes.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        }
    }

    const UUID: u128 = 77;

    fn segment(bodies: &[Vec<u8>]) -> (Vec<u8>, Vec<u32>) {
        let mut bytes = segment_header(UUID, 1).to_vec();
        let mut offsets = Vec::new();
        for (index, body) in bodies.iter().enumerate() {
            let offset = bytes.len() as u32;
            let header = RecordHeader::of_chunk([index as u8; 16], false, 1, index as u64, body).unwrap();
            bytes.extend(header.bytes(seed(UUID, 1), offset));
            bytes.extend(body);
            offsets.push(offset);
        }
        (bytes, offsets)
    }

    fn walk(bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<Step>) {
        let mut scan = Scan::new(bytes.to_vec(), seed(UUID, 1), bytes.len() as u64);
        let (mut bodies, mut other) = (Vec::new(), Vec::new());
        loop {
            match scan.next() {
                Step::End => return (bodies, other),
                Step::Record { offset, header } => {
                    let payload = scan.payload(offset, &header, Buffer::default());
                    assert_eq!(payload.is_some(), scan.is_sound(offset, &header));
                    bodies.extend(payload.map(Vec::from));
                }
                step => other.push(step),
            }
        }
    }

    fn bodies() -> Vec<Vec<u8>> {
        [0, 1, 100, 65_000, 70_000, 3, 200_000]
            .map(|len| (0..len).map(|at| (at % 251) as u8).collect())
            .to_vec()
    }

    #[test]
    fn all_records_come_back() {
        assert_eq!(walk(&segment(&bodies()).0), (bodies(), Vec::new()));
        assert_eq!(walk(&segment(&[]).0), (Vec::new(), Vec::new()));
        assert_eq!(walk(&[]), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_segment_cut_anywhere_gives_the_records_before() {
        let (bytes, offsets) = segment(&[vec![1; 10], vec![2; 100], vec![3; 5]]);
        for len in 32..bytes.len() {
            let whole = offsets.iter().skip(1).filter(|offset| **offset as usize <= len).count();
            let (found, other) = walk(&bytes[..len]);
            assert_eq!(found.len(), whole, "cut at {len}");
            let torn = len - if whole == 0 { 32 } else { offsets[whole] as usize };
            let expected = if torn == 0 { vec![] } else { vec![Step::Torn { bytes: torn as u32 }] };
            assert_eq!(other, expected, "cut at {len}");
        }
    }

    #[test]
    fn a_damaged_record_costs_no_other() {
        let (bytes, offsets) = segment(&bodies());
        for (index, offset) in offsets.iter().enumerate() {
            for (byte, is_header) in [(0, true), (47, true), (48, false), (48 + 60_000, false)] {
                let mut damaged = bytes.clone();
                let at = *offset as usize + byte;
                let end = offsets.get(index + 1).map_or(bytes.len(), |next| *next as usize);
                if at >= end {
                    continue;
                }
                damaged[at] ^= 0x10;
                let (found, other) = walk(&damaged);
                let mut expected = bodies();
                expected.remove(index);
                assert_eq!(found, expected, "record {index}, byte {byte}");
                assert_eq!(other.len(), usize::from(is_header));
            }
        }
    }

    #[test]
    fn records_that_moved_do_not_count() {
        let (mut bytes, offsets) = segment(&[vec![1; 50], vec![2; 50], vec![3; 50]]);
        let (first, second) = (offsets[0] as usize, offsets[1] as usize);
        let copy = bytes[first..second].to_vec();
        bytes[second..second + copy.len()].copy_from_slice(&copy);
        assert_eq!(walk(&bytes).0, [vec![1; 50], vec![3; 50]]);
    }

    #[test]
    fn a_magic_that_lies_across_blocks_is_found() {
        for shift in 0..8 {
            let filler = vec![0; (BLOCK - SEGMENT_HEADER - RECORD_HEADER) as usize - shift];
            let (mut bytes, _) = segment(&[filler, vec![9; 9]]);
            bytes[SEGMENT_HEADER as usize] = 0;
            assert_eq!(walk(&bytes).0, [vec![9; 9]]);
        }
    }
}
