//! The wire format of protobuf: tags, varints, and lengths that are known only behind what they count.

use crate::encode::msgpack::{Append as _, AppendSlice as _, Header};
use crate::encode::output::Output;

/// Bytes of the longest varint.
pub(super) const MOST_VARINT: usize = 10;

/// Bytes that are kept free for a length.
const KEPT_FREE: usize = 2;

/// Lengths that fit in these: seven bits a byte.
const SHORT: usize = 1 << 14;

/// The first byte of a field with a number below 16.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Kind {
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
}

const fn tag(field: u8, kind: Kind) -> u8 {
    assert!(field < 16);
    field << 3 | kind as u8
}

/// `ExportLogsServiceRequest.resource_logs`
pub(super) const RESOURCE_LOGS: u8 = tag(1, Kind::Bytes);
/// `ResourceLogs.resource`
pub(super) const RESOURCE: u8 = tag(1, Kind::Bytes);
/// `ResourceLogs.scope_logs`
pub(super) const SCOPE_LOGS: u8 = tag(2, Kind::Bytes);
/// `ScopeLogs.scope`
pub(super) const SCOPE: u8 = tag(1, Kind::Bytes);
/// `ScopeLogs.log_records`
pub(super) const LOG_RECORD: u8 = tag(2, Kind::Bytes);
/// `Resource.attributes`
pub(super) const RESOURCE_ATTRIBUTE: u8 = tag(1, Kind::Bytes);
/// `InstrumentationScope.name`
pub(super) const SCOPE_NAME: u8 = tag(1, Kind::Bytes);
/// `InstrumentationScope.version`
pub(super) const SCOPE_VERSION: u8 = tag(2, Kind::Bytes);
/// `LogRecord.time_unix_nano`
pub(super) const TIME: u8 = tag(1, Kind::Fixed64);
/// `LogRecord.observed_time_unix_nano`
pub(super) const OBSERVED_TIME: u8 = tag(11, Kind::Fixed64);
/// `LogRecord.body`
pub(super) const BODY: u8 = tag(5, Kind::Bytes);
/// `LogRecord.attributes`
pub(super) const ATTRIBUTE: u8 = tag(6, Kind::Bytes);
/// `KeyValueList.values`
pub(super) const PAIR: u8 = tag(1, Kind::Bytes);
/// `ArrayValue.values`
pub(super) const ELEMENT: u8 = tag(1, Kind::Bytes);
/// `KeyValue.key`
pub(super) const KEY: u8 = tag(1, Kind::Bytes);
/// `KeyValue.value`
pub(super) const VALUE: u8 = tag(2, Kind::Bytes);
/// `AnyValue.string_value`
pub(super) const TEXT: u8 = tag(1, Kind::Bytes);
/// `AnyValue.bool_value`
pub(super) const BOOL: u8 = tag(2, Kind::Varint);
/// `AnyValue.int_value`
pub(super) const INT: u8 = tag(3, Kind::Varint);
/// `AnyValue.double_value`
pub(super) const DOUBLE: u8 = tag(4, Kind::Fixed64);
/// `AnyValue.array_value`
pub(super) const ARRAY: u8 = tag(5, Kind::Bytes);
/// `AnyValue.kvlist_value`
pub(super) const MAP: u8 = tag(6, Kind::Bytes);
/// `AnyValue.bytes_value`
pub(super) const BYTES: u8 = tag(7, Kind::Bytes);

/// A number as a varint, with what is no part of it behind, and its length.
#[inline(always)]
pub(super) fn varint(mut value: u64) -> ([u8; MOST_VARINT], usize) {
    let mut bytes = [0; MOST_VARINT];
    let mut len = 0;
    for place in &mut bytes {
        len += 1;
        if value < 0x80 {
            *place = value as u8;
            break;
        }
        *place = value as u8 | 0x80;
        value >>= 7;
    }
    (bytes, len)
}

/// Bytes of a length as a varint.
#[inline(always)]
pub(super) fn varint_len(value: usize) -> usize {
    let bits = usize::BITS - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// Appends a tag and a length.
#[inline(always)]
pub(super) fn head(out: &mut Output<'_>, tag: u8, len: usize) {
    match u8::try_from(len) {
        Ok(short @ 0..0x80) => out.append([tag, short]),
        _ => {
            let (bytes, count) = varint(len as u64);
            out.append([tag]);
            out.put(bytes, count);
        }
    }
}

/// Appends a field of bytes.
#[inline(always)]
pub(super) fn bytes(out: &mut Output<'_>, tag: u8, bytes: &[u8]) {
    head(out, tag, bytes.len());
    out.append_slice(bytes);
}

/// What a field of bytes with its tag and its length takes.
#[inline(always)]
pub(super) fn size(len: usize) -> usize {
    1 + varint_len(len) + len
}

/// A field of bytes that has begun: where its bytes stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open(usize);

impl Open {
    /// One whose bytes stand there.
    #[inline(always)]
    pub(super) fn at(place: usize) -> Open {
        Open(place)
    }
}

/// Bytes of a tag with what is kept free for a length.
pub(super) const OPEN: usize = 1 + KEPT_FREE;

/// Begins a field of bytes.
#[inline(always)]
pub(super) fn open(out: &mut Output<'_>, tag: u8) -> Open {
    out.append([tag, 0, 0]);
    Open(out.len())
}

/// Ends the field that began last of those that have not ended.
#[inline(always)]
pub(super) fn close(out: &mut Output<'_>, open: Open) {
    let len = out.len() - open.0;
    if len < SHORT {
        out.patch(open.0 - KEPT_FREE, [len as u8 | 0x80, (len >> 7) as u8]);
    } else {
        out.lend(|out| close_long(out, open, len));
    }
}

#[cold]
#[inline(never)]
fn close_long(out: &mut Output<'_>, open: Open, len: usize) {
    let (bytes, count) = varint(len as u64);
    let mut header = Header { bytes: [0; 8], len: count };
    // A length has five bytes at most: no buffer here is longer than 2^35.
    header.bytes.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    out.put_header(header, open.0 - KEPT_FREE, KEPT_FREE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_their_shortest_form() {
        for value in (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([u64::MAX])
        {
            let (bytes, len) = varint(value);
            let read = bytes[..len].iter().rev().fold(0_u64, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
            assert_eq!(read, value);
            assert!(bytes[..len - 1].iter().all(|byte| *byte >= 0x80) && bytes[len - 1] < 0x80);
            assert_eq!(varint_len(value as usize), len);
        }
    }

    #[test]
    fn what_is_long_moves() {
        for len in [0, 1, 127, 128, SHORT - 1, SHORT, 1 << 21, (1 << 21) - 1] {
            let mut vec = vec![7];
            Output::to(&mut vec, |out| {
                let outer = open(out, MAP);
                let inner = open(out, TEXT);
                out.append_slice(&vec![b'x'; len]);
                close(out, inner);
                close(out, outer);
                out.append([9]);
            });
            let (first, rest) = vec.split_at(2);
            assert_eq!(first, [7, MAP]);
            let rest = counted(rest, |inside| {
                assert_eq!(inside[0], TEXT);
                assert!(counted(&inside[1..], |text| assert_eq!(text, vec![b'x'; len])).is_empty());
            });
            assert_eq!(rest, [9]);
        }
    }

    fn counted(bytes: &[u8], see: impl FnOnce(&[u8])) -> &[u8] {
        let end = bytes.iter().position(|byte| *byte < 0x80).unwrap() + 1;
        let len = bytes[..end].iter().rev().fold(0, |sum, byte| sum << 7 | usize::from(byte & 0x7f));
        let (inside, rest) = bytes[end..].split_at(len);
        see(inside);
        rest
    }
}
