//! JSON objects whose keys are known, in their order.

use crate::encode::json::{self, Bounds, JsonError, Lexer, Stack};
use crate::encode::key_cache::{KnownKeys, Left};
use crate::encode::limits::Limits;
use crate::encode::output::Output;

/// Appends the object as long as its keys are the known ones, in their order; tells where it was left, `None` when that
/// was all of the text. An object with anything wrong in it is left at its beginning.
///
/// A function of its own, so that nothing but text, keys and output competes for its registers.
#[inline(never)]
pub(crate) fn known_fields(
    out: &mut Output<'_>,
    json: &[u8],
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Option<Left> {
    let base = out.len();
    out.lend(|out| in_order(out, json, known, limits, stack)).unwrap_or_else(|_| {
        stack.keys.clear();
        Some(known.left(base, 0))
    })
}

#[inline(always)]
fn in_order(
    out: &mut Output<'_>,
    json: &[u8],
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<Option<Left>, JsonError> {
    let base = out.len();
    let left = |keys: usize, at: usize| Some(Left { at, ..known.left(base, keys) });
    let lexer = &mut Lexer::new(json);
    let bounds = Bounds::of_field(limits);
    if json.len() > limits.bytes() || !lexer.is_at(b'{') || limits.max_depth == 0 {
        return Ok(left(0, 0));
    }
    out.put(known.header.bytes, known.header.len);
    for (index, key) in known.list.iter().enumerate() {
        // A brace or a comma is in place.
        let before = lexer.at();
        lexer.bump();
        let is_key = lexer.is_at(b'"');
        let name = lexer.at() + 1;
        let found = if is_key { key.in_json(|at| lexer.block(name + at)) } else { None };
        let Some(len) = found else { return Ok(left(index, before)) };
        lexer.go_to(name + len);
        if key.is_dropped {
            lexer.go_to(out.lend(|out| dropped_value(out, *lexer, stack, bounds))?);
        } else {
            out.put(key.encoded, key.encoded_len());
            json::value(lexer, out, stack, bounds)?;
        }
        if !lexer.is_at(b',') {
            if index + 1 == known.list.len() && lexer.is_at(b'}') {
                lexer.bump();
                lexer.end()?;
                return Ok(None);
            }
            return Ok(left(index + 1, lexer.at()));
        }
    }
    Ok(left(known.list.len(), lexer.at()))
}

/// Steps over a value that is left out, but not before it was looked at.
#[cold]
#[inline(never)]
fn dropped_value(
    out: &mut Output<'_>,
    lexer: Lexer<'_>,
    stack: &mut Stack,
    bounds: Bounds<'_>,
) -> Result<usize, JsonError> {
    let start = out.len();
    let at = json::value_apart(lexer, out, stack, bounds)?;
    out.truncate(start);
    Ok(at)
}
