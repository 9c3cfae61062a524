//! A key with a value that is no container: `KeyValue` of OTLP, whose length is known before it is written.

use super::wire::{self, BOOL, BYTES, DOUBLE, INT, KEY, MOST_VARINT, PAIR, TEXT, VALUE};
use crate::encode::msgpack::{self, Head};
use crate::encode::output::Output;
use crate::encode::record::decimal;

/// Of MessagePack's tags the ones of short values, which most fields have.
const FALSE: u8 = 0xc2;
const TRUE: u8 = 0xc3;
const FLOAT64: u8 = 0xcb;
const FIXINT_LAST: u8 = 0x7f;

/// Appends pairs of a map, `left` of which are still to come, up to the first that is not short; gives what follows,
/// and how many are left.
// A function of its own, so that all it needs is in registers.
#[inline(never)]
pub(super) fn run<'a>(out: &mut Output<'_>, pairs: &'a [u8], left: usize) -> (&'a [u8], usize) {
    out.lend(|out| {
        let (mut rest, mut left) = (pairs, left);
        while left > 0
            && let Some(after) = short(out, rest)
        {
            rest = after;
            left -= 1;
        }
        (rest, left)
    })
}

/// The start of a pair with its key: the tags, the length of all and that of the key, with 0 for what is counted.
const START: u32 = u32::from_le_bytes([PAIR, 0, KEY, 0]);
/// What one more byte of the key adds to it: both lengths count it.
const KEY_BYTE: u32 = u32::from_le_bytes([0, 1, 0, 1]);
/// What one more byte of the value adds to it.
const VALUE_BYTE: u32 = u32::from_le_bytes([0, 1, 0, 0]);

/// Appends a pair of a short key and a short value, and gives what follows it. Else `None`, with the output unchanged.
#[inline(always)]
fn short<'a>(out: &mut Output<'_>, pair: &'a [u8]) -> Option<&'a [u8]> {
    // Copies of a fixed size are what makes this fast: they take what follows a text along.
    let (block, key_len, value) = msgpack::read_short_text(pair)?;
    let key = (block, key_len);
    // Tags and lengths of key and value are two bytes each.
    let start = START + 4 * VALUE_BYTE + key_len as u32 * KEY_BYTE;
    if let Some((text, len, rest)) = msgpack::read_short_text(value) {
        const VALUE_START: u32 = u32::from_le_bytes([VALUE, 2, TEXT, 0]);
        let start = start + (2 + len as u32) * VALUE_BYTE;
        // Both lengths count the text, as those of a key do.
        let between = VALUE_START + len as u32 * KEY_BYTE;
        out.put_parts(start.to_le_bytes(), key, (between.to_le_bytes(), 4), (*text, len));
        return Some(rest);
    }
    let (&first, rest) = value.split_first()?;
    let (between, rest) = match first {
        0..=FIXINT_LAST => ([VALUE, 2, INT, first], rest),
        FALSE | TRUE => ([VALUE, 2, BOOL, first - FALSE], rest),
        FLOAT64 => {
            let (float, rest) = rest.split_first_chunk::<8>()?;
            let float = u64::from_be_bytes(*float).to_le_bytes();
            let start = (start + 9 * VALUE_BYTE).to_le_bytes();
            out.put_parts(start, key, ([VALUE, 9, DOUBLE, 0], 3), (float, 8));
            return Some(rest);
        }
        _ => return None,
    };
    out.put_parts((start + 2 * VALUE_BYTE).to_le_bytes(), key, (between, 4), ([], 0));
    Some(rest)
}

/// A value that is no container, as `AnyValue` has it.
pub(super) enum Scalar<'a> {
    Nothing,
    /// A tag and a few bytes behind.
    Few([u8; 1 + MOST_VARINT], usize),
    Bytes(u8, &'a [u8]),
    /// The decimal digits of an integer that is larger than OTLP has, and where they begin.
    Digits([u8; 20], usize),
}

impl<'a> Scalar<'a> {
    /// `None` for a container.
    pub(super) fn of(head: Head<'a>) -> Option<Scalar<'a>> {
        Some(match head {
            Head::Array(_) | Head::Map(_) => return None,
            Head::Nil | Head::Ext => Scalar::Nothing,
            Head::Bool(value) => Scalar::varint(BOOL, value.into()),
            Head::Int(value) => Scalar::varint(INT, value.cast_unsigned()),
            Head::Uint(value) if i64::try_from(value).is_err() => {
                let (digits, first) = decimal(value);
                Scalar::Digits(digits, first)
            }
            Head::Uint(value) => Scalar::varint(INT, value),
            Head::Float(value) => {
                let mut bytes = [0; 1 + MOST_VARINT];
                let all = std::iter::once(DOUBLE).chain(value.to_le_bytes());
                bytes.iter_mut().zip(all).for_each(|(place, byte)| *place = byte);
                Scalar::Few(bytes, 9)
            }
            Head::Text(text) => Scalar::Bytes(TEXT, text),
            Head::Bin(bytes) => Scalar::Bytes(BYTES, bytes),
        })
    }

    fn varint(tag: u8, value: u64) -> Scalar<'a> {
        let (varint, len) = wire::varint(value);
        let mut bytes = [tag; 1 + MOST_VARINT];
        if let Some(place) = bytes.last_chunk_mut() {
            *place = varint;
        }
        Scalar::Few(bytes, 1 + len)
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Scalar::Nothing => 0,
            Scalar::Few(_, len) => *len,
            Scalar::Bytes(_, bytes) => wire::size(bytes.len()),
            Scalar::Digits(digits, first) => wire::size(digits.len() - first),
        }
    }

    pub(super) fn append(&self, out: &mut Output<'_>) {
        match self {
            Scalar::Nothing => {}
            Scalar::Few(bytes, len) => out.put(*bytes, *len),
            Scalar::Bytes(tag, bytes) => wire::bytes(out, *tag, bytes),
            Scalar::Digits(digits, first) => {
                wire::bytes(out, TEXT, digits.get(*first..).unwrap_or_default());
            }
        }
    }
}

/// Appends a pair whose value is no container.
pub(super) fn any(out: &mut Output<'_>, tag: u8, key: &[u8], value: &Scalar<'_>) {
    let value_len = value.len();
    wire::head(out, tag, wire::size(key.len()) + wire::size(value_len));
    wire::bytes(out, KEY, key);
    wire::head(out, VALUE, value_len);
    value.append(out);
}

/// Appends a pair of texts.
pub(super) fn texts(out: &mut Output<'_>, tag: u8, key: &str, value: &str) {
    any(out, tag, key.as_bytes(), &Scalar::Bytes(TEXT, value.as_bytes()));
}

/// Begins a pair whose value is a container.
pub(super) fn begin(out: &mut Output<'_>, tag: u8, key: &[u8]) -> wire::Open {
    let open = wire::open(out, tag);
    wire::bytes(out, KEY, key);
    open
}
