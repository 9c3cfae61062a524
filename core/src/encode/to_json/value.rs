//! One value after the other, containers without recursion.

use super::{number, text};
use crate::encode::moment::Moment;
use crate::encode::msgpack::{self, Append, Head};
use crate::encode::output::Output;

/// A container whose end has not been written yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    is_map: bool,
    /// What stands before the next value or pair: the bracket, then commas.
    opener: u8,
    /// Values or pairs still to come.
    left: usize,
}

/// Appends the first msgpack value as JSON text and gives its length in bytes. `None`, with the output
/// unchanged, when the bytes are cut short, are not msgpack, or have a container as a map's key.
pub fn append(out: &mut Vec<u8>, value: &[u8]) -> Option<usize> {
    append_with(out, value, &mut Vec::new())
}

/// The same as [`append`], in working memory of the caller.
pub(crate) fn append_with(out: &mut Vec<u8>, value: &[u8], levels: &mut Vec<Level>) -> Option<usize> {
    let rest = all_or_nothing(out, |out| write(out, value, levels))?;
    Some(value.len() - rest.len())
}

/// Appends the record of an entry `[time, record]` as JSON text and gives its time in whole seconds.
/// `None`, with the output unchanged, when it is not such an entry.
pub fn record_json(out: &mut Vec<u8>, entry: &[u8]) -> Option<i64> {
    let (time, record) = split_entry(entry)?;
    if msgpack::value_len(record) != Some(record.len()) {
        return None;
    }
    super::record::append_record(out, entry, &mut super::record::KnownParts::default())?;
    Some(time.seconds)
}

/// The time of the first entry, and its record with all that follows.
pub(super) fn split_entry(entries: &[u8]) -> Option<(Moment, &[u8])> {
    let (Head::Array(2), rest) = msgpack::read(entries)? else { return None };
    Moment::read(rest)
}

/// Lets `write` append to a `Vec`, which stays as it was if that gives nothing.
#[inline(always)]
pub(super) fn all_or_nothing<R>(
    vec: &mut Vec<u8>,
    write: impl FnOnce(&mut Output<'_>) -> Option<R>,
) -> Option<R> {
    let base = vec.len();
    Output::to(vec, |out| {
        let result = write(out);
        if result.is_none() {
            out.truncate(base);
        }
        result
    })
}

/// Appends one value and gives what follows it.
pub(super) fn write<'a>(out: &mut Output<'_>, value: &'a [u8], outer: &mut Vec<Level>) -> Option<&'a [u8]> {
    outer.clear();
    let mut rest = value;
    // What the value itself is in: nothing that needs an end.
    let mut level = Level { is_map: false, opener: b'[', left: 0 };
    loop {
        rest = match text::short(out, [b'"'], rest, [b'"']) {
            Some(after) => after,
            None => {
                let (head, after) = msgpack::read_inline(rest)?;
                match head {
                    Head::Array(left @ 1..) => {
                        outer
                            .push(std::mem::replace(&mut level, Level { is_map: false, opener: b'[', left }));
                    }
                    Head::Map(left @ 1..) => {
                        outer.push(std::mem::replace(&mut level, Level { is_map: true, opener: b'{', left }));
                    }
                    Head::Array(0) => out.append(*b"[]"),
                    Head::Map(0) => out.append(*b"{}"),
                    plain => scalar(out, plain, rest, after),
                }
                after
            }
        };
        while level.left == 0 {
            let Some(around) = outer.pop() else { return Some(rest) };
            out.append([if level.is_map { b'}' } else { b']' }]);
            level = around;
        }
        level.left -= 1;
        if level.is_map {
            rest = key(out, rest, level.opener)?;
        } else {
            out.append([level.opener]);
        }
        level.opener = b',';
    }
}

/// Appends a key behind an opener, with its colon, and gives what follows it.
#[inline(always)]
pub(super) fn key<'a>(out: &mut Output<'_>, pair: &'a [u8], opener: u8) -> Option<&'a [u8]> {
    match text::short(out, [opener, b'"'], pair, *b"\":") {
        Some(value) => Some(value),
        None => out.lend(|out| any_key(out, pair, opener)),
    }
}

#[inline(never)]
fn any_key<'a>(out: &mut Output<'_>, pair: &'a [u8], opener: u8) -> Option<&'a [u8]> {
    let (head, value) = msgpack::read(pair)?;
    out.append([opener]);
    match head {
        Head::Array(_) | Head::Map(_) => return None,
        Head::Text(_) | Head::Bin(_) => scalar(out, head, pair, value),
        plain => {
            out.append([b'"']);
            scalar(out, plain, pair, value);
            out.append([b'"']);
        }
    }
    out.append([b':']);
    Some(value)
}

/// Appends a value that is no container and lies in `whole`, before `after`.
#[inline(always)]
fn scalar(out: &mut Output<'_>, head: Head<'_>, whole: &[u8], after: &[u8]) {
    match head {
        Head::Text(bytes) | Head::Bin(bytes) => out.lend(|out| text::quoted(out, bytes, whole, after)),
        Head::Bool(true) => out.append(*b"true"),
        Head::Bool(false) => out.append(*b"false"),
        Head::Int(value) => number::int(out, value),
        Head::Uint(value) => number::uint(out, value),
        Head::Float(value) => number::float(out, value),
        _ => out.append(*b"null"),
    }
}
