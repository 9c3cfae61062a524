//! The JSON form of OTLP: names in lower camel case, integers of 64 bits as text, what JSON cannot say as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::time::Moment;
use super::value::key_of;
use crate::encode::full_id::main_segment;
use crate::encode::msgpack::{self, Append as _, AppendSlice as _, Head, value_len};
use crate::encode::output::Output;
use crate::encode::record::decimal;
use crate::encode::to_json::{number, text};

/// Appends the start of a request, up to its first record.
pub(super) fn begin(out: &mut Output<'_>, attributes: &[(String, String)], (name, version): (&str, &str)) {
    out.append(*b"{\"resourceLogs\":[{\"resource\":{\"attributes\":[");
    for (place, (key, value)) in attributes.iter().enumerate() {
        comma(out, place > 0);
        begin_pair(out, key.as_bytes());
        any_text(out, value.as_bytes());
        out.append([b'}']);
    }
    out.append(*b"]},\"scopeLogs\":[{\"scope\":{\"name\":");
    quoted(out, name.as_bytes());
    out.append(*b",\"version\":");
    quoted(out, version.as_bytes());
    out.append(*b"},\"logRecords\":[");
}

/// Appends the end of a request.
pub(super) fn end(out: &mut Output<'_>) {
    out.append(*b"]}]}]}");
}

/// Appends the record of the first of some entries and gives the length of that entry in bytes. `None` when it is no
/// such entry; what was written then means nothing. `levels` is working memory.
pub(super) fn append(
    out: &mut Output<'_>,
    entries: &[u8],
    is_first: bool,
    levels: &mut Vec<Level>,
) -> Option<usize> {
    let (now, record) = Moment::of_entry(entries)?;
    let (Head::Map(pairs), first) = msgpack::read(record)? else { return None };
    let (mut stamp, mut message, mut rest) = (now.seconds, None, first);
    for _ in 0..pairs {
        let (key, value, after) = pair(rest)?;
        match (key, msgpack::read(value)?.0) {
            (b"message", _) => message = Some(value),
            (b"export_timestamp", Head::Int(seconds)) => stamp = seconds,
            (b"export_timestamp", Head::Uint(seconds)) => stamp = i64::try_from(seconds).ok()?,
            _ => {}
        }
        rest = after;
    }
    let time = now.stamped(stamp).unix_nano();
    comma(out, !is_first);
    out.append(*b"{\"timeUnixNano\":");
    digits(out, time.unwrap_or_default(), false);
    out.append(*b",\"observedTimeUnixNano\":");
    digits(out, now.unix_nano().unwrap_or_default(), false);
    if let Some(message) = message {
        out.append(*b",\"body\":");
        any_value(out, message, levels)?;
    }
    out.append(*b",\"attributes\":[");
    let (mut left, mut has_any) = (first, false);
    for _ in 0..pairs {
        let (key, value, after) = pair(left)?;
        left = after;
        let is_told = match key {
            b"message" | b"arc_id" => true,
            b"export_timestamp" => time.is_some(),
            _ => false,
        };
        if is_told {
            continue;
        }
        comma(out, std::mem::replace(&mut has_any, true));
        begin_pair(out, key);
        any_value(out, value, levels)?;
        out.append([b'}']);
        if let (b"context", Head::Text(id)) = (key, msgpack::read(value)?.0) {
            out.append([b',']);
            begin_pair(out, b"arc_id");
            any_text(out, main_segment(str::from_utf8(id).ok()?).as_bytes());
            out.append([b'}']);
        }
    }
    out.append(*b"]}");
    Some(entries.len() - rest.len())
}

/// A pair of a record, and what follows it.
fn pair(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (Head::Text(key), rest) = msgpack::read(bytes)? else { return None };
    let (value, rest) = rest.split_at_checked(value_len(rest)?)?;
    Some((key, value, rest))
}

/// A container whose end has not been written yet.
#[derive(Debug)]
pub(super) struct Level {
    is_map: bool,
    is_pair: bool,
    left: usize,
    has_any: bool,
}

/// Appends one whole value.
fn any_value(out: &mut Output<'_>, value: &[u8], outer: &mut Vec<Level>) -> Option<()> {
    let mut rest = value;
    outer.clear();
    let mut is_pair = false;
    loop {
        let (head, after) = msgpack::read(rest)?;
        rest = after;
        match head {
            Head::Map(left) => {
                out.append(*b"{\"kvlistValue\":{\"values\":[");
                outer.push(Level { is_map: true, is_pair, left, has_any: false });
            }
            Head::Array(left) => {
                out.append(*b"{\"arrayValue\":{\"values\":[");
                outer.push(Level { is_map: false, is_pair, left, has_any: false });
            }
            plain => {
                scalar(out, plain);
                if is_pair {
                    out.append([b'}']);
                }
            }
        }
        while let Some(ended) = outer.pop_if(|level| level.left == 0) {
            out.append(*b"]}}");
            if ended.is_pair {
                out.append([b'}']);
            }
        }
        let Some(level) = outer.last_mut() else { return Some(()) };
        level.left -= 1;
        comma(out, std::mem::replace(&mut level.has_any, true));
        is_pair = level.is_map;
        if is_pair {
            let (key, after) = msgpack::read(rest)?;
            rest = after;
            match key {
                Head::Text(key) => begin_pair(out, key),
                other => begin_pair(out, key_of(other)?.as_bytes()),
            }
        }
    }
}

fn scalar(out: &mut Output<'_>, head: Head<'_>) {
    match head {
        Head::Bool(true) => out.append(*b"{\"boolValue\":true}"),
        Head::Bool(false) => out.append(*b"{\"boolValue\":false}"),
        Head::Int(value) => int(out, value.unsigned_abs(), value < 0),
        Head::Uint(value) if i64::try_from(value).is_ok() => int(out, value, false),
        Head::Uint(value) => {
            out.append(*b"{\"stringValue\":");
            digits(out, value, false);
            out.append([b'}']);
        }
        Head::Float(value) => {
            out.append(*b"{\"doubleValue\":");
            match value {
                _ if value.is_finite() => number::float(out, value),
                _ if value.is_nan() => out.append(*b"\"NaN\""),
                _ if value > 0.0 => out.append(*b"\"Infinity\""),
                _ => out.append(*b"\"-Infinity\""),
            }
            out.append([b'}']);
        }
        Head::Text(text) => any_text(out, text),
        Head::Bin(bytes) => {
            out.append(*b"{\"bytesValue\":\"");
            out.append_slice(STANDARD.encode(bytes).as_bytes());
            out.append(*b"\"}");
        }
        _ => out.append(*b"{}"),
    }
}

fn int(out: &mut Output<'_>, size: u64, is_negative: bool) {
    out.append(*b"{\"intValue\":");
    digits(out, size, is_negative);
    out.append([b'}']);
}

/// Appends a number as text.
fn digits(out: &mut Output<'_>, size: u64, is_negative: bool) {
    out.append([b'"']);
    if is_negative {
        out.append([b'-']);
    }
    let (digits, first) = decimal(size);
    out.append_slice(digits.get(first..).unwrap_or_default());
    out.append([b'"']);
}

fn any_text(out: &mut Output<'_>, bytes: &[u8]) {
    out.append(*b"{\"stringValue\":");
    quoted(out, bytes);
    out.append([b'}']);
}

/// Appends the start of a pair, up to its value.
fn begin_pair(out: &mut Output<'_>, key: &[u8]) {
    out.append(*b"{\"key\":");
    quoted(out, key);
    out.append(*b",\"value\":");
}

fn quoted(out: &mut Output<'_>, bytes: &[u8]) {
    text::quoted(out, bytes, bytes, &[]);
}

fn comma(out: &mut Output<'_>, is_wanted: bool) {
    if is_wanted {
        out.append([b',']);
    }
}
