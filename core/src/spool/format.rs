//! The bytes of headers and acks, both ways; the tables are in the module's page.

use crc32c::{crc32c, crc32c_append};

/// The most bytes of a segment, its header included: what is lost at once where room is short, and what a damaged file
/// costs to read at most. Two chunks of the largest size fit.
pub(super) const MOST_SEGMENT: u32 = 4 << 20;

pub(super) const SEGMENT_HEADER: u32 = 32;
pub(super) const RECORD_HEADER: u32 = 48;
pub(super) const ACK: u32 = 16;

const SEGMENT_MAGIC: [u8; 8] = *b"MONASPL1";
pub(super) const RECORD_MAGIC: [u8; 4] = *b"MREC";

const CHUNK: u8 = 1;
const GZIP: u8 = 1;

/// The first bytes of a segment.
pub(super) fn segment_header(uuid: u128, number: u32) -> [u8; SEGMENT_HEADER as usize] {
    let mut bytes = [0; SEGMENT_HEADER as usize];
    bytes[..8].copy_from_slice(&SEGMENT_MAGIC);
    bytes[8..24].copy_from_slice(&uuid.to_be_bytes());
    bytes[24..28].copy_from_slice(&number.to_le_bytes());
    let sum = crc32c(&bytes[..28]);
    bytes[28..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// What all checksums of a segment begin with: that of its header, which follows from its place.
pub(super) fn seed(uuid: u128, number: u32) -> u32 {
    let header = segment_header(uuid, number);
    crc32c(&header[..28])
}

/// What stands before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RecordHeader {
    kind: u8,
    flags: u8,
    pub(super) payload: u32,
    pub(super) events: u32,
    pub(super) sequence: u64,
    pub(super) id: [u8; 16],
    /// Of the payload.
    pub(super) sum: u32,
}

impl RecordHeader {
    /// That of a chunk; `None` where it fits into no segment.
    pub(super) fn of_chunk(
        id: [u8; 16],
        is_gzip: bool,
        events: u32,
        sequence: u64,
        body: &[u8],
    ) -> Option<RecordHeader> {
        let payload = u32::try_from(body.len()).ok()?;
        if payload > MOST_SEGMENT - SEGMENT_HEADER - RECORD_HEADER {
            return None;
        }
        let flags = if is_gzip { GZIP } else { 0 };
        Some(RecordHeader { kind: CHUNK, flags, payload, events, sequence, id, sum: crc32c(body) })
    }

    pub(super) fn bytes(&self, seed: u32, offset: u32) -> [u8; RECORD_HEADER as usize] {
        let mut bytes = [0; RECORD_HEADER as usize];
        bytes[..4].copy_from_slice(&RECORD_MAGIC);
        bytes[4] = self.kind;
        bytes[5] = self.flags;
        bytes[6..8].copy_from_slice(&(RECORD_HEADER as u16).to_le_bytes());
        bytes[8..12].copy_from_slice(&self.payload.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.events.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[24..40].copy_from_slice(&self.id);
        bytes[40..44].copy_from_slice(&self.sum.to_le_bytes());
        let sum = header_sum(seed, offset, &bytes[..44]);
        bytes[44..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    /// `None` where no record was written with these bytes at this place.
    pub(super) fn read(bytes: &[u8; RECORD_HEADER as usize], seed: u32, offset: u32) -> Option<RecordHeader> {
        if bytes[..4] != RECORD_MAGIC || header_sum(seed, offset, &bytes[..44]) != u32_at(&bytes[44..])? {
            return None;
        }
        if bytes[6..8] != (RECORD_HEADER as u16).to_le_bytes() {
            return None;
        }
        Some(RecordHeader {
            kind: bytes[4],
            flags: bytes[5],
            payload: u32_at(&bytes[8..])?,
            events: u32_at(&bytes[12..])?,
            sequence: u64::from_le_bytes(*bytes[16..].first_chunk()?),
            id: *bytes[24..].first_chunk()?,
            sum: u32_at(&bytes[40..])?,
        })
    }

    /// Whether this version knows what it is.
    pub(super) fn is_known(&self) -> bool {
        self.kind == CHUNK && self.flags & !GZIP == 0
    }

    pub(super) fn is_gzip(&self) -> bool {
        self.flags & GZIP != 0
    }

    /// Bytes of the whole record.
    pub(super) fn len(&self) -> u64 {
        u64::from(RECORD_HEADER) + u64::from(self.payload)
    }

    /// What an ack names it by, beside its offset.
    pub(super) fn mark(&self, seed: u32, offset: u32) -> u32 {
        u32_at(&self.bytes(seed, offset)[44..]).unwrap_or(0)
    }
}

fn header_sum(seed: u32, offset: u32, bytes: &[u8]) -> u32 {
    crc32c_append(crc32c_append(seed, &offset.to_le_bytes()), bytes)
}

/// That a record is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ack {
    pub(super) offset: u32,
    pub(super) mark: u32,
    pub(super) events: u32,
}

impl Ack {
    pub(super) fn bytes(&self, seed: u32) -> [u8; ACK as usize] {
        let mut bytes = [0; ACK as usize];
        bytes[..4].copy_from_slice(&self.offset.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.mark.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.events.to_le_bytes());
        let sum = crc32c_append(seed, &bytes[..12]);
        bytes[12..].copy_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8; ACK as usize], seed: u32) -> Option<Ack> {
        if crc32c_append(seed, &bytes[..12]) != u32_at(&bytes[12..])? {
            return None;
        }
        Some(Ack { offset: u32_at(bytes)?, mark: u32_at(&bytes[4..])?, events: u32_at(&bytes[8..])? })
    }
}

fn u32_at(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_what_the_page_says() {
        let header = segment_header(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff, 7);
        assert_eq!(&header[..8], b"MONASPL1");
        assert_eq!(&header[8..12], [0x00, 0x11, 0x22, 0x33]);
        assert_eq!(&header[24..28], [7, 0, 0, 0]);
        // The check value of CRC-32C, as RFC 3720 and everybody has it.
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(header[28..], crc32c(&header[..28]).to_le_bytes());

        let record = RecordHeader::of_chunk([9; 16], true, 3, 100, b"123456789").unwrap();
        let bytes = record.bytes(0x1234, 32);
        assert_eq!(&bytes[..8], b"MREC\x01\x01\x30\x00");
        assert_eq!(bytes[8..24], [9, 0, 0, 0, 3, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[24..40], [9; 16]);
        assert_eq!(bytes[40..44], 0xe306_9283_u32.to_le_bytes());
    }

    #[test]
    fn a_record_counts_only_where_and_as_it_was_written() {
        let record = RecordHeader::of_chunk([9; 16], false, 3, 100, b"body").unwrap();
        let bytes = record.bytes(1, 32);
        assert_eq!(RecordHeader::read(&bytes, 1, 32), Some(record));
        assert_eq!(RecordHeader::read(&bytes, 2, 32), None);
        assert_eq!(RecordHeader::read(&bytes, 1, 80), None);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(RecordHeader::read(&flipped, 1, 32), None, "bit {bit}");
        }
    }

    #[test]
    fn an_ack_checks_itself() {
        let ack = Ack { offset: 32, mark: 0xabcd, events: 5 };
        let bytes = ack.bytes(77);
        assert_eq!(Ack::read(&bytes, 77), Some(ack));
        assert_eq!(Ack::read(&bytes, 78), None);
        assert_eq!(Ack::read(&[0; 16], 77), None);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Ack::read(&flipped, 77), None, "bit {bit}");
        }
    }

    #[test]
    fn what_fits_into_no_segment_is_refused() {
        let body = vec![0; (MOST_SEGMENT - SEGMENT_HEADER - RECORD_HEADER) as usize];
        assert!(RecordHeader::of_chunk([0; 16], false, 1, 0, &body).is_some());
        let body = vec![0; body.len() + 1];
        assert!(RecordHeader::of_chunk([0; 16], false, 1, 0, &body).is_none());
    }
}
