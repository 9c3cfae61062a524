//! The message of an event from JSON text.
//!
//! [`json_message`] is the common path of an export; [`json_object`] takes globals, which are not filtered.

use super::json::{self, Depth, Fault, Kind, Lexer, Stack};
use super::key_cache::{Place, Shape};
use super::message::{Frame, Limits, Message, Outcome, Scratch, Shaped, appended, check_size, write_shaped};
use super::msgpack;
use super::object::{Left, ObjectWriter};
use super::output::Output;
use crate::diag::error::{Error, Result};
use crate::encode::filter::FieldRules;

/// Appends the message given as the text of one JSON object.
///
/// Fields whose names begin with `MONA_` are left out, then `rules` apply. `invalid_timestamp` is a msgpack
/// value that becomes the last field, `MONA_INVALID_EXPORT_TIMESTAMP`, when anything else is left.
///
/// # Errors
/// `Status::Utf8`, `Status::Json` or `Status::Limit`; the output is then unchanged.
#[inline(never)]
pub fn json_message(
    out: &mut Vec<u8>,
    json: &[u8],
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let frame = Frame { rules: Some(rules), limits, invalid_timestamp };
    appended(out, &JsonText::of_event(json), frame, scratch)
}

/// Appends one JSON object as it is, without any rule about its fields. Answers false, with the output
/// unchanged, when the object is empty.
///
/// # Errors
/// `Status::Utf8`, `Status::Json` or `Status::Limit`; the output is then unchanged.
pub fn json_object(out: &mut Vec<u8>, json: &[u8], limits: &Limits, scratch: &mut Scratch) -> Result<bool> {
    let text = JsonText { label: "globals JSON", json };
    let frame = Frame { rules: None, limits, invalid_timestamp: None };
    let outcome = appended(out, &text, frame, scratch)?;
    Ok(outcome == Outcome::Written)
}

/// The text of one JSON object.
pub(crate) struct JsonText<'a> {
    /// What errors call it.
    label: &'static str,
    json: &'a [u8],
}

impl<'a> JsonText<'a> {
    /// The text of an event.
    #[inline(always)]
    pub(crate) fn of_event(json: &'a [u8]) -> JsonText<'a> {
        JsonText { label: "event JSON", json }
    }

    /// A text that is not UTF-8 is refused as that, whatever else is wrong with it.
    #[cold]
    #[inline(never)]
    fn refused(&self, fault: Fault) -> Error {
        match check_text(self.label, self.json) {
            Ok(_) => fault.explain(self.label, self.json),
            Err(error) => error,
        }
    }
}

impl Message for JsonText<'_> {
    #[inline(always)]
    fn write_at_once(&self, out: &mut Output<'_>, limits: &Limits, scratch: &mut Scratch) -> bool {
        let Some(shape) = scratch.shapes.at_once(self.place()) else { return false };
        let is_whole = self.json.len() <= limits.bytes()
            && matches!(known_fields(out, self.json, shape, limits, &mut scratch.stack), Ok(None));
        scratch.trim();
        is_whole
    }

    #[inline(always)]
    fn write(&self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        check_size(self.label, self.json.len(), frame.limits)?;
        write_shaped(self, out, frame, scratch)
    }
}

impl Shaped for JsonText<'_> {
    #[inline(always)]
    fn place(&self) -> Place {
        Place::of_json(self.json.get(2..).unwrap_or_default())
    }

    #[inline(always)]
    fn write_known(
        &self,
        out: &mut Output<'_>,
        shape: &Shape,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Result<Option<Left>> {
        known_fields(out, self.json, shape, limits, stack).map_err(|fault| self.refused(fault))
    }

    #[inline(always)]
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome> {
        any_fields(out, left, self.json, frame, self.place(), scratch).map_err(|fault| self.refused(fault))
    }
}

/// Appends the object whose keys are those of the shape, in their order. `None` when that was all of the text.
///
/// A function of its own, so that nothing but text, keys and output competes for its registers.
#[inline(never)]
fn known_fields(
    out: &mut Output<'_>,
    json: &[u8],
    shape: &Shape,
    limits: &Limits,
    stack: &mut Stack,
) -> std::result::Result<Option<Left>, Fault> {
    out.lend(|out| {
        let base = out.len();
        let left = |keys: usize, at: usize| Some(Left { at, ..shape.left(base, keys) });
        let lexer = &mut Lexer::new(json);
        let depth = Depth { open: 1, most: limits.max_depth };
        if !lexer.is_at(b'{') || depth.open > depth.most {
            return Ok(left(0, 0));
        }
        msgpack::map_header(out, shape.kept);
        for (index, key) in shape.keys.iter().enumerate() {
            // A brace or a comma is in place.
            let before = lexer.at();
            lexer.bump();
            let is_key = lexer.is_at(b'"');
            let name = lexer.at() + 1;
            let known = if is_key { key.in_json(|at| lexer.block(name + at)) } else { None };
            let Some(len) = known else { return Ok(left(index, before)) };
            lexer.go_to(name + len);
            if key.is_dropped {
                lexer.go_to(out.lend(|out| dropped_value(out, *lexer, stack, depth))?);
            } else {
                out.put_key(key);
                json::value(lexer, out, stack, depth)?;
            }
            if !lexer.is_at(b',') {
                if index + 1 == shape.keys.len() && lexer.is_at(b'}') {
                    lexer.bump();
                    lexer.end()?;
                    return Ok(None);
                }
                return Ok(left(index + 1, lexer.at()));
            }
        }
        Ok(left(shape.keys.len(), lexer.at()))
    })
}

/// Steps over a value that is left out, but not before it was looked at.
#[cold]
#[inline(never)]
fn dropped_value(
    out: &mut Output<'_>,
    lexer: Lexer<'_>,
    stack: &mut Stack,
    depth: Depth,
) -> std::result::Result<usize, Fault> {
    let start = out.len();
    let at = json::value_apart(lexer, out, stack, depth)?;
    out.truncate(start);
    Ok(at)
}

/// Appends the object from where it was left on.
#[cold]
#[inline(never)]
fn any_fields(
    out: &mut Output<'_>,
    left: Option<Left>,
    json: &[u8],
    frame: Frame<'_>,
    place: Place,
    scratch: &mut Scratch,
) -> std::result::Result<Outcome, Fault> {
    out.lend(|out| {
        let lexer = &mut Lexer::new(json).from(left.map_or(0, |left| left.at));
        let depth = Depth { open: 1, most: frame.limits.max_depth };
        if left.is_none() {
            lexer.require(b'{', "an object")?;
            if depth.open > depth.most {
                return Err(Fault { at: lexer.at() - 1, kind: Kind::Depth(depth.most) });
            }
        }
        let mut object = ObjectWriter::begin(out, left, place, frame, scratch);
        let mut has_more = match left {
            Some(_) => json::has_more(lexer)?,
            None if lexer.is_at(b'"') => true,
            None => {
                lexer.require(b'}', json::FIRST_KEY)?;
                false
            }
        };
        while has_more {
            let start = out.len();
            let name = json::key(lexer, out)?;
            if object.is_special(name) {
                let at = out.lend(|out| {
                    let action = object.action(out, start, name, scratch);
                    let value = out.len();
                    let at = json::value_apart(*lexer, out, &mut scratch.stack, depth)?;
                    object.end_special(out, action, (start, value), scratch);
                    Ok(at)
                })?;
                lexer.go_to(at);
            } else {
                object.add(out, start, name, scratch);
                json::value(lexer, out, &mut scratch.stack, depth)?;
            }
            has_more = json::has_more(lexer)?;
        }
        lexer.end()?;
        out.lend(|out| object.finish(out, place, frame, scratch))
    })
}

pub(crate) fn check_text<'a>(label: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes)
        .map_err(|error| Fault { at: error.valid_up_to(), kind: Kind::Utf8 }.explain(label, bytes))
}
