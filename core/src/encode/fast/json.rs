//! JSON objects whose keys are known, in their order.

use std::hint::black_box;

use crate::encode::json::{self, Around, Bounds, JsonError, Lexer, Stack};
use crate::encode::key_cache::{KnownKeys, Left};
use crate::encode::limits::Limits;
use crate::encode::output::Output;

/// What only few values and the end of an object ask for.
struct Apart<'a, 'o> {
    out: &'a mut Output<'o>,
    known: &'a KnownKeys,
    /// Where the message begins in the output.
    base: usize,
    around: Around<'a>,
}

/// Appends the object as long as its keys are the known ones, in their order; tells where it was left, `None` when that
/// was all of the text. An object with anything wrong in it is left at its beginning.
///
/// A function of its own, so that nothing but text, keys and output competes for its registers; what else there is stays
/// in memory, behind a reference of which the compiler knows nothing.
#[inline(never)]
pub(crate) fn known_fields(
    out: &mut Output<'_>,
    json: &[u8],
    known: &KnownKeys,
    limits: &Limits,
    stack: &mut Stack,
) -> Option<Left> {
    let base = out.len();
    if json.len() > limits.bytes() || limits.max_depth == 0 {
        return left(known, base, known.list.len(), 0);
    }
    let around = Around { stack, bounds: Bounds::of_field(limits) };
    let mut apart = Apart { out, known, base, around };
    let apart = black_box(&mut apart);
    match Output::lend_behind(&mut apart.out, |out| in_order(out, json, known, &mut apart.around)) {
        Ok(None) => None,
        Ok(Some((rest, at))) => left(apart.known, apart.base, rest, at),
        Err(_) => {
            apart.around.stack.keys.clear();
            left(apart.known, apart.base, apart.known.list.len(), 0)
        }
    }
}

/// Gives how many keys were not found, and the place in the text of the first of them; `None` at the end of the text.
#[inline(always)]
fn in_order(
    out: &mut Output<'_>,
    json: &[u8],
    known: &KnownKeys,
    around: &mut Around<'_>,
) -> Result<Option<(usize, usize)>, JsonError> {
    let lexer = &mut Lexer::new(json);
    let mut rest = known.list.as_slice();
    if !lexer.is_at(b'{') {
        return Ok(Some((rest.len(), 0)));
    }
    out.put(known.header.bytes, known.header.len);
    while let Some((key, others)) = rest.split_first() {
        // A brace or a comma is in place.
        let before = lexer.at();
        lexer.bump();
        let is_key = lexer.is_at(b'"');
        let name = lexer.at() + 1;
        let found = if is_key { key.in_json(|at| lexer.block(name + at)) } else { None };
        let Some(len) = found else { return Ok(Some((rest.len(), before))) };
        lexer.go_to(name + len);
        if key.is_dropped {
            let (here, around) = (*lexer, &mut *around);
            lexer.go_to(out.lend(move |out| dropped_value(out, here, around))?);
        } else {
            out.put_from(&key.encoded, key.encoded_len());
            json::value(lexer, out, around)?;
        }
        rest = others;
        if !lexer.is_at(b',') {
            if rest.is_empty() && lexer.is_at(b'}') {
                lexer.bump();
                lexer.end()?;
                return Ok(None);
            }
            break;
        }
    }
    Ok(Some((rest.len(), lexer.at())))
}

/// Where an object is left before the last `rest` keys.
#[cold]
#[inline(never)]
fn left(known: &KnownKeys, base: usize, rest: usize, at: usize) -> Option<Left> {
    Some(Left { at, ..known.left(base, known.list.len() - rest) })
}

/// Steps over a value that is left out, but not before it was looked at.
#[cold]
#[inline(never)]
fn dropped_value(
    out: &mut Output<'_>,
    lexer: Lexer<'_>,
    around: &mut Around<'_>,
) -> Result<usize, JsonError> {
    let start = out.len();
    let at = json::value_apart(lexer, out, around)?;
    out.truncate(start);
    Ok(at)
}
