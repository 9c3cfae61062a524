//! Values of a JSON text, one after the other, to msgpack.

use super::error::{JsonError, JsonErrorKind};
use super::lexer::Lexer;
use super::number::Number;
use super::text;
use crate::encode::keys::{Keys, OpenMap};
use crate::encode::limits::{Limits, write_float};
use crate::encode::msgpack::{self, Header};
use crate::encode::name::Name;
use crate::encode::output::Output;

/// What is missing where neither a first key nor the end of an object comes.
pub(crate) const FIRST_KEY: &str = "a key or \"}\"";

/// What is missing where neither a further field nor the end of an object comes.
const MORE_FIELDS: &str = "a \",\" or \"}\"";

/// A container whose end has not been read yet.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OpenContainer {
    Array { header: usize, count: usize },
    Map(OpenMap),
}

/// The working memory of the transcoder.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    pub(crate) open: Vec<OpenContainer>,
    pub(crate) keys: Keys,
}

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<'l> {
    /// Containers that are open around the value.
    pub(crate) open: usize,
    /// Behind a reference, so that what few values ask for takes no register.
    pub(crate) limits: &'l Limits,
}

impl Bounds<'_> {
    /// Those of a value among the fields of a message.
    #[inline(always)]
    pub(crate) fn of_field(limits: &Limits) -> Bounds<'_> {
        Bounds { open: 1, limits }
    }
}

/// What few values ask for. It is handed on by reference as it is, so that it stays in memory: text and output need
/// the registers.
#[derive(Debug)]
pub(crate) struct Around<'s> {
    pub(crate) stack: &'s mut Stack,
    pub(crate) bounds: Bounds<'s>,
}

/// Appends the next value of the text as msgpack.
#[inline(always)]
pub(crate) fn value(
    lexer: &mut Lexer<'_>,
    out: &mut Output<'_>,
    around: &mut Around<'_>,
) -> Result<(), JsonError> {
    match lexer.token() {
        Some(bracket @ (b'{' | b'[')) => {
            let here = *lexer;
            lexer.at = out.lend(move |out| container(here, out, around, bracket))?;
            Ok(())
        }
        other => scalar(lexer, out, other, &around.bounds),
    }
}

/// The same without becoming part of the calling function; gives where the value ends in the text.
#[cold]
#[inline(never)]
pub(crate) fn value_apart(
    mut lexer: Lexer<'_>,
    out: &mut Output<'_>,
    around: &mut Around<'_>,
) -> Result<usize, JsonError> {
    value(&mut lexer, out, around)?;
    Ok(lexer.at)
}

/// The next value of the text as msgpack.
pub(crate) fn encoded(lexer: &mut Lexer<'_>, bounds: Bounds<'_>) -> Result<Vec<u8>, JsonError> {
    let mut encoded = Vec::new();
    Output::to(&mut encoded, |out| value(lexer, out, &mut Around { stack: &mut Stack::default(), bounds }))?;
    Ok(encoded)
}

#[inline(always)]
fn scalar(
    lexer: &mut Lexer<'_>,
    out: &mut Output<'_>,
    first: Option<u8>,
    bounds: &Bounds<'_>,
) -> Result<(), JsonError> {
    // The frequent kinds first: a table of jumps is hard to predict.
    if first == Some(b'"') {
        return text::write(lexer, out);
    }
    if let Some(b'0'..=b'9' | b'-') = first {
        match lexer.number() {
            Ok(Number::Int(value)) => msgpack::int(out, value),
            Ok(Number::Uint(value)) => msgpack::uint(out, value),
            Ok(Number::Float(value)) => msgpack::float(out, value),
            Err(error) => {
                let here = *lexer;
                lexer.at = out.lend(move |out| other_number(here, out, bounds, error))?;
            }
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
        Some(b'N' | b'I') => {
            let here = *lexer;
            lexer.at = out.lend(move |out| bare_word(here, out, bounds))?;
        }
        _ => return Err(lexer.expected("a value")),
    }
    Ok(())
}

/// Appends the word that begins as a number does, and gives where it ends in the text; whatever else met this `error` is
/// refused with it.
#[cold]
#[inline(never)]
fn other_number(
    mut lexer: Lexer<'_>,
    out: &mut Output<'_>,
    bounds: &Bounds<'_>,
    error: JsonError,
) -> Result<usize, JsonError> {
    if error.kind != JsonErrorKind::Float {
        return Err(error);
    }
    lexer.go_to(error.at);
    lexer.word("-Infinity").map_err(|_| error)?;
    write_float(out, f64::NEG_INFINITY, bounds.limits);
    Ok(lexer.at)
}

/// Appends the word in place that is no JSON, and gives where it ends in the text.
#[cold]
#[inline(never)]
fn bare_word(mut lexer: Lexer<'_>, out: &mut Output<'_>, bounds: &Bounds<'_>) -> Result<usize, JsonError> {
    let (word, value) = if lexer.is_at(b'N') { ("NaN", f64::NAN) } else { ("Infinity", f64::INFINITY) };
    lexer.word(word)?;
    write_float(out, value, bounds.limits);
    Ok(lexer.at)
}

/// Appends the array or object whose bracket is in place; gives where it ends in the text.
#[cold]
#[inline(never)]
fn container(
    mut lexer: Lexer<'_>,
    out: &mut Output<'_>,
    around: &mut Around<'_>,
    bracket: u8,
) -> Result<usize, JsonError> {
    let Around { stack, bounds } = around;
    out.lend(|out| {
        stack.open.clear();
        stack.keys.is_worn = true;
        let mut innermost = open(&mut lexer, out, stack, *bounds, bracket)?;
        let mut fresh = true;
        loop {
            let (end, separator) = match innermost {
                OpenContainer::Array { .. } => (b']', "a \",\" or \"]\""),
                OpenContainer::Map(_) => (b'}', MORE_FIELDS),
            };
            match lexer.token() {
                Some(byte) if byte == end => {
                    lexer.bump();
                    match innermost {
                        OpenContainer::Array { header, count } => {
                            out.put_header(Header::array(count), header, 1);
                        }
                        OpenContainer::Map(map) => stack.keys.close(map, out),
                    }
                    match stack.open.pop() {
                        Some(outer) => innermost = outer,
                        None => return Ok(lexer.at),
                    }
                    fresh = false;
                    continue;
                }
                Some(b',') if !fresh => lexer.bump(),
                _ if fresh => {}
                _ => return Err(lexer.expected(separator)),
            }
            match &mut innermost {
                OpenContainer::Array { count, .. } => *count += 1,
                OpenContainer::Map(map) => {
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
                    stack.open.push(innermost);
                    innermost = open(&mut lexer, out, stack, *bounds, bracket)?;
                    fresh = true;
                }
                other => {
                    scalar(&mut lexer, out, other, bounds)?;
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
    bounds: Bounds<'_>,
    bracket: u8,
) -> Result<OpenContainer, JsonError> {
    let most = bounds.limits.max_depth;
    if bounds.open + stack.open.len() >= most {
        return Err(JsonError { at: lexer.at(), kind: JsonErrorKind::Depth(most) });
    }
    lexer.bump();
    if bracket == b'{' {
        return Ok(OpenContainer::Map(stack.keys.open(out, 1)));
    }
    let header = out.len();
    msgpack::array_header(out, 0);
    Ok(OpenContainer::Array { header, count: 0 })
}

/// Appends the key of an object that comes next, and steps over the colon behind it.
#[inline(always)]
pub(crate) fn key(lexer: &mut Lexer<'_>, out: &mut Output<'_>) -> Result<Name, JsonError> {
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
pub(crate) fn has_more(lexer: &mut Lexer<'_>) -> Result<bool, JsonError> {
    if lexer.is_at(b',') {
        lexer.bump();
        return Ok(true);
    }
    lexer.require(b'}', MORE_FIELDS)?;
    Ok(false)
}
