//! Reading msgpack: one header at a time, and the length of a whole value.
//!
//! Lengths that are read are only ever compared with the bytes that are there; nothing recurses.

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
        0x00..=0x7f => (Head::Uint(tag.into()), rest),
        0x80..=0x8f => (Head::Map((tag & 0x0f).into()), rest),
        0x90..=0x9f => (Head::Array((tag & 0x0f).into()), rest),
        0xa0..=0xbf => payload(rest, (tag & 0x1f).into(), Head::Text)?,
        0xc0 => (Head::Nil, rest),
        0xc1 => return None,
        0xc2 | 0xc3 => (Head::Bool(tag == 0xc3), rest),
        0xc4..=0xc6 => {
            let (len, rest) = length(rest, tag - 0xc4)?;
            payload(rest, len, Head::Bin)?
        }
        0xc7..=0xc9 => {
            let (len, rest) = length(rest, tag - 0xc7)?;
            payload(rest, len.checked_add(1)?, |_| Head::Ext)?
        }
        0xca => {
            let (four, rest) = rest.split_first_chunk()?;
            (Head::Float(f32::from_be_bytes(*four).into()), rest)
        }
        0xcb => {
            let (eight, rest) = rest.split_first_chunk()?;
            (Head::Float(f64::from_be_bytes(*eight)), rest)
        }
        0xcc..=0xcf => {
            let (value, rest) = big_endian(rest, 1 << (tag - 0xcc))?;
            (Head::Uint(value), rest)
        }
        0xd0..=0xd3 => {
            let width = 1_usize << (tag - 0xd0);
            let (value, rest) = big_endian(rest, width)?;
            let shift = 64 - 8 * width as u32;
            (Head::Int((value << shift) as i64 >> shift), rest)
        }
        0xd4..=0xd8 => payload(rest, 1 + (1 << (tag - 0xd4)), |_| Head::Ext)?,
        0xd9..=0xdb => {
            let (len, rest) = length(rest, tag - 0xd9)?;
            payload(rest, len, Head::Text)?
        }
        0xdc | 0xdd => {
            let (len, rest) = length(rest, tag - 0xdc + 1)?;
            (Head::Array(len), rest)
        }
        0xde | 0xdf => {
            let (len, rest) = length(rest, tag - 0xde + 1)?;
            (Head::Map(len), rest)
        }
        0xe0..=0xff => (Head::Int((tag as i8).into()), rest),
    })
}

/// A text of at most 16 bytes at the start of `bytes` where as many can be read: these, the length of the text, and
/// what follows it.
#[inline(always)]
pub(crate) fn short_text(bytes: &[u8]) -> Option<(&[u8; 16], usize, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let block = rest.first_chunk::<16>()?;
    // Every other tag is a longer text so, and the compiler knows the length.
    let len = usize::from(tag.wrapping_sub(0xa0));
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
