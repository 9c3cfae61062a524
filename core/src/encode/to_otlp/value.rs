//! One value after the other as `AnyValue` of OTLP, containers without recursion.

use super::pair::{self, Scalar};
use super::wire::{self, ARRAY, ELEMENT, MAP, Open, PAIR, VALUE};
use crate::encode::msgpack::{self, Head};
use crate::encode::output::Output;

/// A container whose end has not been written yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    is_map: bool,
    /// Values or pairs still to come.
    left: usize,
    /// The pair that it is the value of.
    pair: Option<Open>,
    value: Open,
    list: Open,
}

impl Level {
    #[inline(always)]
    fn open(out: &mut Output<'_>, tag: u8, pair: Option<Open>, is_map: bool, left: usize) -> Level {
        let value = wire::open(out, tag);
        let list = wire::open(out, if is_map { MAP } else { ARRAY });
        Level { is_map, left, pair, value, list }
    }

    #[inline(always)]
    fn close(self, out: &mut Output<'_>) {
        wire::close(out, self.list);
        wire::close(out, self.value);
        if let Some(pair) = self.pair {
            wire::close(out, pair);
        }
    }
}

/// Appends a field with one value and gives what follows that. `outer` is working memory.
#[inline(always)]
pub(super) fn write<'a>(
    out: &mut Output<'_>,
    tag: u8,
    value: &'a [u8],
    outer: &mut Vec<Level>,
) -> Option<&'a [u8]> {
    outer.clear();
    let (head, mut rest) = msgpack::read_inline(value)?;
    let mut level = match head {
        Head::Map(left) => Level::open(out, tag, None, true, left),
        Head::Array(left) => Level::open(out, tag, None, false, left),
        plain => {
            scalar(out, tag, plain);
            return Some(rest);
        }
    };
    loop {
        if level.is_map {
            (rest, level.left) = pair::run(out, rest, level.left);
        }
        if level.left == 0 {
            level.close(out);
            let Some(around) = outer.pop() else { return Some(rest) };
            level = around;
            continue;
        }
        level.left -= 1;
        let inner;
        (inner, rest) = out.lend(|out| if level.is_map { any_pair(out, rest) } else { element(out, rest) })?;
        if let Some(inner) = inner {
            outer.push(std::mem::replace(&mut level, inner));
        }
    }
}

/// Appends a value of an array, or begins it where it is a container.
#[inline(never)]
fn element<'a>(out: &mut Output<'_>, value: &'a [u8]) -> Option<(Option<Level>, &'a [u8])> {
    let (head, rest) = msgpack::read(value)?;
    Some((
        match head {
            Head::Map(left) => Some(Level::open(out, ELEMENT, None, true, left)),
            Head::Array(left) => Some(Level::open(out, ELEMENT, None, false, left)),
            plain => {
                scalar(out, ELEMENT, plain);
                None
            }
        },
        rest,
    ))
}

/// Appends a pair of a map, or begins it where its value is a container.
#[inline(never)]
fn any_pair<'a>(out: &mut Output<'_>, bytes: &'a [u8]) -> Option<(Option<Level>, &'a [u8])> {
    let (key, value) = msgpack::read(bytes)?;
    let words;
    let key = match key {
        Head::Text(text) => text,
        other => {
            words = key_of(other)?;
            words.as_bytes()
        }
    };
    let (head, rest) = msgpack::read(value)?;
    let (is_map, left) = match head {
        Head::Map(left) => (true, left),
        Head::Array(left) => (false, left),
        plain => {
            pair::any(out, PAIR, key, &Scalar::of(plain)?);
            return Some((None, rest));
        }
    };
    let pair = pair::begin(out, PAIR, key);
    Some((Some(Level::open(out, VALUE, Some(pair), is_map, left)), rest))
}

/// A key that is no text, in words as JSON has them. `None` for a container.
#[cold]
pub(super) fn key_of(head: Head<'_>) -> Option<String> {
    Some(match head {
        Head::Array(_) | Head::Map(_) => return None,
        Head::Text(bytes) | Head::Bin(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Head::Bool(value) => value.to_string(),
        Head::Int(value) => value.to_string(),
        Head::Uint(value) => value.to_string(),
        Head::Float(value) if value.is_finite() => format!("{value:?}"),
        Head::Float(_) | Head::Nil | Head::Ext => "null".to_owned(),
    })
}

fn scalar(out: &mut Output<'_>, tag: u8, head: Head<'_>) {
    let scalar = Scalar::of(head).unwrap_or(Scalar::Nothing);
    wire::head(out, tag, scalar.len());
    scalar.append(out);
}
