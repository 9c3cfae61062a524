//! Encoded values back to JSON text, for transports that speak JSON and for hashing values.
//!
//! Compact text, keys in their order. What JSON cannot say is said as near as it goes: NaN and infinities
//! are null, byte strings are text with replacement characters, extension values are null.

use super::msgpack::{self, Head};
use serde_json::ser::{CompactFormatter, Formatter as _};
use std::io::Write as _;
use std::ops::Range;

/// A container whose end has not been written yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    map: bool,
    is_begun: bool,
    /// Values or pairs still to come.
    left: usize,
}

impl Level {
    fn new(map: bool, left: usize) -> Level {
        Level { map, is_begun: false, left }
    }
}

/// Appends the first msgpack value as JSON text and gives its length in bytes. `None`, with the output
/// unchanged, when the bytes are cut short, are not msgpack, or have a container as a map's key.
pub fn append(out: &mut Vec<u8>, value: &[u8]) -> Option<usize> {
    append_with(out, value, &mut Vec::new())
}

/// Appends the record of an entry `[time, record]` as JSON text and gives its time in whole seconds.
/// `None`, with the output unchanged, when it is not such an entry.
pub fn record_json(out: &mut Vec<u8>, entry: &[u8]) -> Option<i64> {
    let (time, record) = split_entry(entry)?;
    if msgpack::value_len(record) != Some(record.len()) {
        return None;
    }
    append(out, record)?;
    Some(time)
}

/// Appends the record of the first of some entries as JSON text, in working memory of the caller, and
/// gives the length of that entry in bytes. `None`, with the output unchanged, when it is no such entry.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn append_record(out: &mut Vec<u8>, entries: &[u8], levels: &mut Vec<Level>) -> Option<usize> {
    let (_, record) = split_entry(entries)?;
    let length = append_with(out, record, levels)?;
    Some(entries.len() - record.len() + length)
}

/// The time of the first entry, and its record with all that follows.
fn split_entry(entries: &[u8]) -> Option<(i64, &[u8])> {
    let (Head::Array(2), rest) = msgpack::read(entries)? else { return None };
    match msgpack::read(rest)? {
        (Head::Int(time), record) => Some((time, record)),
        (Head::Uint(time), record) => Some((i64::try_from(time).ok()?, record)),
        _ => None,
    }
}

/// The same as [`append`], in working memory of the caller.
pub(crate) fn append_with(out: &mut Vec<u8>, value: &[u8], levels: &mut Vec<Level>) -> Option<usize> {
    let base = out.len();
    levels.clear();
    let rest = write_all(out, value, levels);
    if rest.is_none() {
        out.truncate(base);
    }
    Some(value.len() - rest?.len())
}

fn write_all<'a>(out: &mut Vec<u8>, value: &'a [u8], outer: &mut Vec<Level>) -> Option<&'a [u8]> {
    let mut rest = value;
    // Stands for what the value itself is in.
    let mut level = Level::new(false, 1);
    loop {
        if level.left == 0 {
            let Some(around) = outer.pop() else { return Some(rest) };
            out.push(if level.map { b'}' } else { b']' });
            level = around;
            continue;
        }
        level.left -= 1;
        if std::mem::replace(&mut level.is_begun, true) {
            out.push(b',');
        }
        if level.map {
            rest = key(out, rest)?;
        }
        let here = rest;
        let (head, after) = msgpack::read_inline(here)?;
        rest = after;
        match head {
            Head::Array(left) => {
                out.push(b'[');
                outer.push(std::mem::replace(&mut level, Level::new(false, left)));
            }
            Head::Map(left) => {
                out.push(b'{');
                outer.push(std::mem::replace(&mut level, Level::new(true, left)));
            }
            Head::Text(bytes) | Head::Bin(bytes) => text(out, bytes, here, rest),
            plain => scalar(out, plain),
        }
    }
}

/// Appends a key with its colon and gives what follows it.
fn key<'a>(out: &mut Vec<u8>, pair: &'a [u8]) -> Option<&'a [u8]> {
    let (head, value) = msgpack::read_inline(pair)?;
    match head {
        Head::Array(_) | Head::Map(_) => return None,
        Head::Text(bytes) | Head::Bin(bytes) => text(out, bytes, pair, value),
        plain => {
            out.push(b'"');
            scalar(out, plain);
            out.push(b'"');
        }
    }
    out.push(b':');
    Some(value)
}

/// Floats of this size are plain decimals in their debug form too.
const PLAIN_FLOATS: Range<f64> = 1e-4..1e16;

fn scalar(out: &mut Vec<u8>, head: Head<'_>) {
    // Writing into memory cannot fail.
    let _ = match head {
        Head::Bool(true) => out.write_all(b"true"),
        Head::Bool(false) => out.write_all(b"false"),
        Head::Int(value) => CompactFormatter.write_i64(out, value),
        Head::Uint(value) => CompactFormatter.write_u64(out, value),
        Head::Float(value) if PLAIN_FLOATS.contains(&value.abs()) => CompactFormatter.write_f64(out, value),
        // Either is the shortest that reads back, and keeps ".0" or an exponent: still a float.
        Head::Float(value) if value.is_finite() => write!(out, "{value:?}"),
        _ => out.write_all(b"null"),
    };
}

/// Bytes of a text that are looked at and copied at once.
const BLOCK: usize = 16;

/// Appends the text `bytes`, which lies between the start of `from` and what follows it, `after`.
#[inline(always)]
fn text(out: &mut Vec<u8>, bytes: &[u8], from: &[u8], after: &[u8]) {
    out.push(b'"');
    // Copies of a fixed size are what makes this fast: they take what follows the text along.
    let start = from.len().wrapping_sub(after.len()).wrapping_sub(bytes.len());
    if !from.get(start..).is_some_and(|blocks| append_plain(out, blocks, bytes.len())) {
        any_text(out, bytes);
    }
    out.push(b'"');
}

/// Appends the first `length` bytes if all of them stand for themselves in JSON and whole blocks can be read;
/// else false, with the output unchanged.
#[inline(always)]
fn append_plain(out: &mut Vec<u8>, mut blocks: &[u8], length: usize) -> bool {
    let base = out.len();
    let mut left = length;
    while let Some((block, rest)) = blocks.split_first_chunk() {
        if !is_plain(block, left) {
            break;
        }
        out.extend_from_slice(block);
        if left <= BLOCK {
            out.truncate(base + length);
            return true;
        }
        (blocks, left) = (rest, left - BLOCK);
    }
    out.truncate(base);
    false
}

/// Whether the first `count` bytes are ASCII and neither control characters nor escaped in JSON.
#[inline(always)]
fn is_plain(block: &[u8; BLOCK], count: usize) -> bool {
    let (halves, _) = block.as_chunks();
    let mut left = count;
    halves.iter().all(|half| {
        let others = 64 - 8 * left.min(8) as u32;
        left = left.saturating_sub(8);
        special_bytes(u64::from_le_bytes(*half)) & each(0x80).checked_shr(others).unwrap_or(0) == 0
    })
}

/// The top bit of each byte that is escaped in JSON or no ASCII. Of the bytes above such a one it may be set
/// as well.
#[inline(always)]
fn special_bytes(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(each(1)) & !word;
    let low = word.wrapping_sub(each(b' ')) & !word;
    low | zero(word ^ each(b'"')) | zero(word ^ each(b'\\')) | word
}

const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Appends any text, byte strings included.
#[inline(never)]
fn any_text(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        escaped(out, chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

fn escaped(out: &mut Vec<u8>, mut rest: &[u8]) {
    let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    while let Some((plain, found)) = rest.iter().position(special).and_then(|at| rest.split_at_checked(at)) {
        out.extend_from_slice(plain);
        let Some((&byte, after)) = found.split_first() else { break };
        rest = after;
        let _ = match byte {
            b'"' | b'\\' => out.write_all(&[b'\\', byte]),
            b'\n' => out.write_all(b"\\n"),
            b'\r' => out.write_all(b"\\r"),
            b'\t' => out.write_all(b"\\t"),
            8 => out.write_all(b"\\b"),
            12 => out.write_all(b"\\f"),
            other => write!(out, "\\u{other:04x}"),
        };
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(bytes: &[u8]) -> Option<String> {
        let mut out = b"<".to_vec();
        let len = append(&mut out, bytes);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(len.is_none(), text == "<");
        len.map(|len| {
            assert_eq!(Some(len), msgpack::value_len(bytes));
            text[1..].to_owned()
        })
    }

    #[test]
    fn scalars() {
        let float = |value| {
            let mut out = Vec::new();
            msgpack::float(&mut out, value);
            json(&out).unwrap()
        };
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e16, "1e16"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::NAN, "null"),
            (f64::NEG_INFINITY, "null"),
        ] {
            assert_eq!(float(value), text);
        }
        assert_eq!(json(&[0xca, 0x3f, 0x80, 0, 0]).unwrap(), "1.0");
        assert_eq!(json(&[0xcf, 255, 255, 255, 255, 255, 255, 255, 255]).unwrap(), u64::MAX.to_string());
        assert_eq!(json(&[0xd3, 128, 0, 0, 0, 0, 0, 0, 0]).unwrap(), i64::MIN.to_string());
        assert_eq!(json(&[0xc4, 3, b'a', 0xff, b'b']).unwrap(), "\"a\u{fffd}b\"");
        assert_eq!(json(&[0xd4, 1, 2]).unwrap(), "null");
        assert_eq!(json(b"\xa9a\"\\\n\t\x01\x1fzz").unwrap(), r#""a\"\\\n\t\u0001\u001fzz""#);
    }

    #[test]
    fn floats_are_as_short_as_their_debug_form_and_read_back() {
        let check = |value: f64| {
            let mut out = Vec::new();
            scalar(&mut out, Head::Float(value));
            let (text, debug) = (String::from_utf8(out).unwrap(), format!("{value:?}"));
            // The last digit may differ where two are equally near.
            let end = text.len() - 1;
            assert_eq!((text.get(..end), text.len()), (debug.get(..end), debug.len()));
            assert_eq!(text.parse().map(f64::to_bits), Ok(value.to_bits()), "{text}");
        };
        let edges: [f64; 7] =
            [0.0, 1e-4, 1e16, 1e15, 123_456_789_012_345_680.0, 0.1 + 0.2, 9_007_199_254_740_993.0];
        for value in edges {
            for near in [value.next_down(), value, value.next_up()] {
                check(near);
                check(-near);
            }
        }
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for step in 0..200_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let any = f64::from_bits(bits);
            if any.is_finite() {
                check(any);
            }
            // Around one, and what people write down.
            check((bits >> 11) as f64 / (1u64 << 53) as f64);
            check((bits >> 40) as f64 / 10f64.powi(step % 12));
        }
    }

    #[test]
    fn every_byte_at_every_place_of_a_text_is_escaped_where_it_must_be() {
        for length in 0..40 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut bytes = vec![b'~'; length];
                    bytes[place] = byte;
                    let plain = (0x20..0x80).contains(&byte) && !matches!(byte, b'"' | b'\\');
                    let mut out = Vec::new();
                    // What follows is no part of it, whatever it is.
                    let blocks = [&bytes[..], &[0; BLOCK]].concat();
                    assert_eq!(
                        append_plain(&mut out, &blocks, length),
                        plain,
                        "{byte:#x} at {place} of {length}"
                    );
                    assert_eq!(out, if plain { &bytes[..] } else { b"" });
                    any_text(&mut out, &bytes);
                    if plain {
                        assert!(out.ends_with(&bytes));
                    } else if byte < 0x80 {
                        let text = format!("\"{}\"", String::from_utf8(out).unwrap());
                        let read: String = serde_json::from_str(&text).unwrap();
                        assert_eq!(read.as_bytes(), bytes);
                    }
                }
            }
        }
        let mut out = Vec::new();
        assert!(append_plain(&mut out, &[0; BLOCK], 0) && out.is_empty());
        assert!(!append_plain(&mut out, b"too short", 9) && out.is_empty());
    }

    #[test]
    fn containers() {
        assert_eq!(json(&[0x93, 0x90, 0x80, 0x91, 0xc0]).unwrap(), "[[],{},[null]]");
        assert_eq!(
            json(&[0x82, 0xa1, b'b', 0x81, 0xa1, b'x', 0x92, 1, 2, 0xa1, b'a', 0xc3]).unwrap(),
            r#"{"b":{"x":[1,2]},"a":true}"#
        );
        assert_eq!(json(&[0x82, 1, 2, 0xc3, 4]).unwrap(), r#"{"1":2,"true":4}"#);
        assert_eq!(json(&[0x81, 0x90, 2]), None);
        assert_eq!(json(&[0x92, 1]), None);
        assert_eq!(json(&[]), None);
        let deep = [vec![0x91; 100_000], vec![0x90]].concat();
        assert_eq!(json(&deep).unwrap().len(), 200_002);
    }

    #[test]
    fn entries() {
        let mut out = Vec::new();
        assert_eq!(record_json(&mut out, &[0x92, 0xcc, 200, 0x81, 0xa1, b'a', 1]), Some(200));
        assert_eq!(out, br#"{"a":1}"#);
        for bad in [&[0x92, 0xa1, b'x', 0x80][..], &[0x91, 1, 0x80], &[0x92, 1, 0x81], &[0x92, 1, 0x80, 0x80]]
        {
            assert_eq!(record_json(&mut out, bad), None);
            assert_eq!(out, br#"{"a":1}"#);
        }
        out.clear();
        let two = [0x92, 1, 0x81, 0xa1, b'a', 1, 0x92, 2, 0x80];
        assert_eq!(append_record(&mut out, &two, &mut Vec::new()), Some(6));
        assert_eq!(append_record(&mut out, &two[6..], &mut Vec::new()), Some(3));
        assert_eq!(append_record(&mut out, &two[7..], &mut Vec::new()), None);
        assert_eq!(out, br#"{"a":1}{}"#);
    }
}
