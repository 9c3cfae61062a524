//! Reading msgpack: one header at a time, and the length of a whole value.
//!
//! Lengths that are read are only ever compared with the bytes that are there; nothing recurses.

use super::tag;

/// What stands at the start of some msgpack bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Head<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text(&'a [u8]),
    Bin(&'a [u8]),
    Ext,
    Array(usize),
    Map(usize),
}

/// Reads one header, with the whole value where it is not a container. Gives it and what follows;
/// `None` when the bytes end too early or the tag is the reserved 0xc1.
pub(crate) fn read(bytes: &[u8]) -> Option<(Head<'_>, &[u8])> {
    read_inline(bytes)
}

/// The same as a part of the caller, for loops over whole messages: handing the answer over through memory
/// takes longer than finding it.
#[inline(always)]
pub(crate) fn read_inline(bytes: &[u8]) -> Option<(Head<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    Some(match tag {
        0..=tag::FIXINT_LAST => (Head::Uint(tag.into()), rest),
        tag::FIXMAP..=tag::FIXMAP_LAST => (Head::Map((tag & 0x0f).into()), rest),
        tag::FIXARRAY..=tag::FIXARRAY_LAST => (Head::Array((tag & 0x0f).into()), rest),
        tag::FIXTEXT..=tag::FIXTEXT_LAST => payload(rest, (tag & 0x1f).into(), Head::Text)?,
        tag::NIL => (Head::Nil, rest),
        tag::RESERVED => return None,
        tag::FALSE | tag::TRUE => (Head::Bool(tag == tag::TRUE), rest),
        tag::BIN8..=tag::BIN32 => {
            let (len, rest) = length(rest, tag - tag::BIN8)?;
            payload(rest, len, Head::Bin)?
        }
        tag::EXT8..=tag::EXT32 => {
            let (len, rest) = length(rest, tag - tag::EXT8)?;
            payload(rest, len.checked_add(1)?, |_| Head::Ext)?
        }
        tag::FLOAT32 => {
            let (four, rest) = rest.split_first_chunk()?;
            (Head::Float(f32::from_be_bytes(*four).into()), rest)
        }
        tag::FLOAT64 => {
            let (eight, rest) = rest.split_first_chunk()?;
            (Head::Float(f64::from_be_bytes(*eight)), rest)
        }
        tag::UINT8..=tag::UINT64 => {
            let (value, rest) = big_endian(rest, 1 << (tag - tag::UINT8))?;
            (Head::Uint(value), rest)
        }
        tag::INT8..=tag::INT64 => {
            let width = 1_usize << (tag - tag::INT8);
            let (value, rest) = big_endian(rest, width)?;
            let shift = 64 - 8 * width as u32;
            (Head::Int((value << shift) as i64 >> shift), rest)
        }
        tag::FIXEXT1..=tag::FIXEXT16 => payload(rest, 1 + (1 << (tag - tag::FIXEXT1)), |_| Head::Ext)?,
        tag::TEXT8..=tag::TEXT32 => {
            let (len, rest) = length(rest, tag - tag::TEXT8)?;
            payload(rest, len, Head::Text)?
        }
        tag::ARRAY16 | tag::ARRAY32 => {
            let (len, rest) = length(rest, tag - tag::ARRAY16 + 1)?;
            (Head::Array(len), rest)
        }
        tag::MAP16 | tag::MAP32 => {
            let (len, rest) = length(rest, tag - tag::MAP16 + 1)?;
            (Head::Map(len), rest)
        }
        tag::NEGATIVE_FIXINT..=u8::MAX => (Head::Int((tag as i8).into()), rest),
    })
}

/// Whether an array begins with this byte.
pub(crate) fn starts_array(first: u8) -> bool {
    matches!(first, tag::FIXARRAY..=tag::FIXARRAY_LAST | tag::ARRAY16 | tag::ARRAY32)
}

/// Whether an array or a map begins with this byte.
pub(crate) fn starts_container(first: u8) -> bool {
    starts_array(first) || matches!(first, tag::FIXMAP..=tag::FIXMAP_LAST | tag::MAP16 | tag::MAP32)
}

/// A text of at most 16 bytes at the start of `bytes` where as many can be read: these, the length of the text, and
/// what follows it.
#[inline(always)]
pub(crate) fn read_short_text(bytes: &[u8]) -> Option<(&[u8; 16], usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let block = rest.first_chunk::<16>()?;
    // Every other tag is a longer text so, and the compiler knows the length.
    let len = usize::from(first.wrapping_sub(tag::FIXTEXT));
    if len <= block.len() { Some((block, len, rest.get(len..)?)) } else { None }
}

/// The text at the start of `bytes`; empty where there is something else.
pub(crate) fn text_at(bytes: &[u8]) -> &[u8] {
    match read(bytes) {
        Some((Head::Text(text), _)) => text,
        _ => &[],
    }
}

/// A length of 1, 2 or 4 bytes for `order` 0, 1 and 2.
#[inline(always)]
fn length(bytes: &[u8], order: u8) -> Option<(usize, &[u8])> {
    let (value, rest) = big_endian(bytes, 1 << order)?;
    Some((usize::try_from(value).ok()?, rest))
}

#[inline(always)]
fn big_endian(bytes: &[u8], width: usize) -> Option<(u64, &[u8])> {
    let (head, rest) = bytes.split_at_checked(width)?;
    Some((head.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)), rest))
}

#[inline(always)]
fn payload<'a>(bytes: &'a [u8], len: usize, make: fn(&'a [u8]) -> Head<'a>) -> Option<(Head<'a>, &'a [u8])> {
    let (head, rest) = bytes.split_at_checked(len)?;
    Some((make(head), rest))
}

/// The length in bytes of the first complete msgpack value, nested ones included; `None` when the bytes
/// are cut short or are not msgpack.
pub fn value_len(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut open: u64 = 1;
    while open > 0 {
        let (head, after) = read_inline(rest)?;
        rest = after;
        open -= 1;
        open = match head {
            Head::Array(len) => open.checked_add(len as u64)?,
            Head::Map(len) => open.checked_add(2 * len as u64)?,
            _ => open,
        };
    }
    Some(bytes.len() - rest.len())
}
