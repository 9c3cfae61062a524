//! JSON text becomes msgpack in one pass, without a value tree and without recursion.
//!
//! Strict RFC 8259, plus the bare words `NaN`, `Infinity` and `-Infinity`. Open containers wait on a stack
//! in the caller's scratch memory; headers are patched when a container closes. On a fault the output is
//! left half-written: whoever called the module's edge cuts it back.

mod fault;
mod grammar;
mod lexer;
mod number;
mod text;

pub(crate) use fault::{Fault, Kind};
pub(crate) use grammar::Grammar;
pub(crate) use lexer::{Lexer, RawText};
pub(crate) use number::Number;
pub(crate) use text::unescape;

use super::keys::{Keys, OpenMap};
use super::msgpack::{self, Header};

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
#[inline]
pub(crate) fn value(
    lexer: &mut Lexer<'_>,
    out: &mut Vec<u8>,
    stack: &mut Stack,
    depth: Depth,
) -> Result<(), Fault> {
    match lexer.token() {
        Some(bracket @ (b'{' | b'[')) => container(lexer, out, stack, depth, bracket),
        other => scalar(lexer, out, other),
    }
}

#[inline]
fn scalar(lexer: &mut Lexer<'_>, out: &mut Vec<u8>, first: Option<u8>) -> Result<(), Fault> {
    match first {
        Some(b'"') => text::write(out, lexer.string()?)?,
        Some(b'0'..=b'9' | b'-') => match lexer.number()? {
            Number::Int(value) => msgpack::int(out, value),
            Number::Uint(value) => msgpack::uint(out, value),
            Number::Float(value) => msgpack::float(out, value),
        },
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

fn container(
    lexer: &mut Lexer<'_>,
    out: &mut Vec<u8>,
    stack: &mut Stack,
    depth: Depth,
    bracket: u8,
) -> Result<(), Fault> {
    stack.frames.clear();
    let mut frame = open(lexer, out, stack, depth, bracket)?;
    let mut fresh = true;
    loop {
        let (end, separator) = match frame {
            Frame::Array { .. } => (b']', "a \",\" or \"]\""),
            Frame::Map(_) => (b'}', "a \",\" or \"}\""),
        };
        match lexer.token() {
            Some(byte) if byte == end => {
                lexer.bump();
                match frame {
                    Frame::Array { header, count } => Header::array(count).replace(out, header, 1),
                    Frame::Map(map) => stack.keys.close(map, out),
                }
                match stack.frames.pop() {
                    Some(outer) => frame = outer,
                    None => return Ok(()),
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
                let raw = key(lexer, out, fresh)?;
                let payload = if raw.escaped() { key_payload(out, start) } else { raw.bytes };
                stack.keys.add(map, out, start, payload);
            }
        }
        match lexer.token() {
            Some(bracket @ (b'{' | b'[')) => {
                stack.frames.push(frame);
                frame = open(lexer, out, stack, depth, bracket)?;
                fresh = true;
            }
            other => {
                scalar(lexer, out, other)?;
                fresh = false;
            }
        }
    }
}

fn open(
    lexer: &mut Lexer<'_>,
    out: &mut Vec<u8>,
    stack: &mut Stack,
    depth: Depth,
    bracket: u8,
) -> Result<Frame, Fault> {
    if depth.open + stack.frames.len() >= depth.most {
        return Err(Fault { at: lexer.at(), kind: Kind::Depth(depth.most) });
    }
    lexer.bump();
    if bracket == b'{' {
        return Ok(Frame::Map(stack.keys.open(out)));
    }
    let header = out.len();
    out.push(0x90);
    Ok(Frame::Array { header, count: 0 })
}

/// Appends the next key of an object, and steps over the colon behind it.
#[inline]
pub(crate) fn key<'a>(lexer: &mut Lexer<'a>, out: &mut Vec<u8>, fresh: bool) -> Result<RawText<'a>, Fault> {
    if lexer.token() != Some(b'"') {
        return Err(lexer.expected(if fresh { "a key or \"}\"" } else { "a key" }));
    }
    let raw = lexer.string()?;
    text::write(out, raw)?;
    lexer.require(b':', "a \":\"")?;
    Ok(raw)
}

/// The text of the key written last, at `start`.
pub(crate) fn key_payload(out: &[u8], start: usize) -> &[u8] {
    match out.get(start..).and_then(msgpack::read) {
        Some((msgpack::Head::Text(payload), _)) => payload,
        _ => &[],
    }
}
