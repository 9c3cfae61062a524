//! JSON text becomes msgpack in one pass, without a value tree and without recursion.
//!
//! Strict RFC 8259, plus the bare words `NaN`, `Infinity` and `-Infinity`. Open containers wait on a stack
//! in the caller's scratch memory; headers are patched when a container closes. On a fault the output is
//! left half-written: whoever called the module's edge cuts it back.

mod fault;
mod grammar;
mod lexer;
mod number;
pub(super) mod scan;
mod text;

pub(crate) use fault::{Fault, Kind};
pub(crate) use grammar::Grammar;
pub(crate) use lexer::{Lexer, RawText};
pub(crate) use number::Number;
#[cfg(feature = "fuzz")]
pub(crate) use scan::chosen;
pub(crate) use text::unescape;

use super::keys::{Keys, OpenMap};
use super::msgpack::{self, Append, Header};
use super::output::Output;
use crate::encode::name::Name;

/// What is missing where neither a first key nor the end of an object comes.
pub(crate) const FIRST_KEY: &str = "a key or \"}\"";

/// What is missing where neither a further field nor the end of an object comes.
const MORE_FIELDS: &str = "a \",\" or \"}\"";

/// A container whose end has not been read yet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Frame {
    Array { header: usize, count: usize },
    Map(OpenMap),
}

/// The working memory of the transcoder.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    pub(crate) frames: Vec<Frame>,
    pub(crate) keys: Keys,
}

/// How deep a value may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Depth {
    /// Containers that are open around the value.
    pub(crate) open: usize,
    pub(crate) most: usize,
}

/// Appends the next value of the text as msgpack.
#[inline(always)]
pub(crate) fn value(
    lexer: &mut Lexer<'_>,
    out: &mut Output<'_>,
    stack: &mut Stack,
    depth: Depth,
) -> Result<(), Fault> {
    match lexer.token() {
        Some(bracket @ (b'{' | b'[')) => {
            lexer.at = out.lend(|out| container(*lexer, out, stack, depth, bracket))?;
            Ok(())
        }
        other => scalar(lexer, out, other),
    }
}

/// The same without becoming part of the calling function; gives where the value ends in the text.
#[cold]
#[inline(never)]
pub(crate) fn value_apart(
    mut lexer: Lexer<'_>,
    out: &mut Output<'_>,
    stack: &mut Stack,
    depth: Depth,
) -> Result<usize, Fault> {
    value(&mut lexer, out, stack, depth)?;
    Ok(lexer.at)
}

/// The next value of the text as msgpack, with at most `most_depth` containers inside each other.
pub(crate) fn encoded(lexer: &mut Lexer<'_>, most_depth: usize) -> Result<Vec<u8>, Fault> {
    let mut encoded = Vec::new();
    let mut out = Output::new(&mut encoded);
    value(lexer, &mut out, &mut Stack::default(), Depth { open: 0, most: most_depth })?;
    out.finish();
    Ok(encoded)
}

#[inline(always)]
fn scalar(lexer: &mut Lexer<'_>, out: &mut Output<'_>, first: Option<u8>) -> Result<(), Fault> {
    // The frequent kinds first: a table of jumps is hard to predict.
    if first == Some(b'"') {
        return text::write(lexer, out);
    }
    if let Some(b'0'..=b'9' | b'-') = first {
        match lexer.number()? {
            Number::Int(value) => msgpack::int(out, value),
            Number::Uint(value) => msgpack::uint(out, value),
            Number::Float(value) => msgpack::float(out, value),
        }
        return Ok(());
    }
    match first {
        Some(b't') => {
            lexer.word("true")?;
            msgpack::boolean(out, true);
        }
        Some(b'f') => {
            lexer.word("false")?;
            msgpack::boolean(out, false);
        }
        Some(b'n') => {
            lexer.word("null")?;
            msgpack::nil(out);
        }
        Some(b'N') => {
            lexer.word("NaN")?;
            msgpack::float(out, f64::NAN);
        }
        Some(b'I') => {
            lexer.word("Infinity")?;
            msgpack::float(out, f64::INFINITY);
        }
        _ => return Err(lexer.expected("a value")),
    }
    Ok(())
}

/// Appends the array or object whose bracket is in place; gives where it ends in the text.
#[cold]
#[inline(never)]
fn container(
    mut lexer: Lexer<'_>,
    out: &mut Output<'_>,
    stack: &mut Stack,
    depth: Depth,
    bracket: u8,
) -> Result<usize, Fault> {
    out.lend(|out| {
        stack.frames.clear();
        stack.keys.is_worn = true;
        let mut frame = open(&mut lexer, out, stack, depth, bracket)?;
        let mut fresh = true;
        loop {
            let (end, separator) = match frame {
                Frame::Array { .. } => (b']', "a \",\" or \"]\""),
                Frame::Map(_) => (b'}', MORE_FIELDS),
            };
            match lexer.token() {
                Some(byte) if byte == end => {
                    lexer.bump();
                    match frame {
                        Frame::Array { header, count } => {
                            Header::array(count).put_in(out, header, 1);
                        }
                        Frame::Map(map) => stack.keys.close(map, out),
                    }
                    match stack.frames.pop() {
                        Some(outer) => frame = outer,
                        None => return Ok(lexer.at),
                    }
                    fresh = false;
                    continue;
                }
                Some(b',') if !fresh => lexer.bump(),
                _ if fresh => {}
                _ => return Err(lexer.expected(separator)),
            }
            match &mut frame {
                Frame::Array { count, .. } => *count += 1,
                Frame::Map(map) => {
                    let start = out.len();
                    if fresh && !lexer.is_at(b'"') {
                        return Err(lexer.expected(FIRST_KEY));
                    }
                    let name = key(&mut lexer, out)?;
                    stack.keys.add(map, out, start, name);
                }
            }
            match lexer.token() {
                Some(bracket @ (b'{' | b'[')) => {
                    stack.frames.push(frame);
                    frame = open(&mut lexer, out, stack, depth, bracket)?;
                    fresh = true;
                }
                other => {
                    scalar(&mut lexer, out, other)?;
                    fresh = false;
                }
            }
        }
    })
}

#[inline(always)]
fn open(
    lexer: &mut Lexer<'_>,
    out: &mut Output<'_>,
    stack: &mut Stack,
    depth: Depth,
    bracket: u8,
) -> Result<Frame, Fault> {
    if depth.open + stack.frames.len() >= depth.most {
        return Err(Fault { at: lexer.at(), kind: Kind::Depth(depth.most) });
    }
    lexer.bump();
    if bracket == b'{' {
        return Ok(Frame::Map(stack.keys.open(out, 1)));
    }
    let header = out.len();
    out.append([0x90]);
    Ok(Frame::Array { header, count: 0 })
}

/// Appends the key of an object that comes next, and steps over the colon behind it.
#[inline(always)]
pub(crate) fn key(lexer: &mut Lexer<'_>, out: &mut Output<'_>) -> Result<Name, Fault> {
    if !lexer.is_at(b'"') {
        return Err(lexer.expected("a key"));
    }
    let name = text::write_name(lexer, out)?;
    if lexer.is_at(b':') {
        lexer.bump();
        Ok(name)
    } else {
        Err(lexer.expected("a \":\""))
    }
}

/// Steps over what comes behind a field: a comma, or the brace at the end of the object. Whether it was a
/// comma.
#[inline(always)]
pub(crate) fn has_more(lexer: &mut Lexer<'_>) -> Result<bool, Fault> {
    if lexer.is_at(b',') {
        lexer.bump();
        return Ok(true);
    }
    lexer.require(b'}', MORE_FIELDS)?;
    Ok(false)
}
