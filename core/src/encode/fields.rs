//! The message of an event from typed fields.
//!
//! Fields are looked at one by one while they are written, as they lie in the caller's memory: nothing is
//! collected first. The bytes are those of the equal JSON object.

use super::field::{AsField, FieldValue};
use super::json::{self, Depth, Fault, Kind, Lexer, Stack};
use super::key_cache::{KeyMatch, Place, Shape};
use super::message::{Frame, Limits, Message, Outcome, Scratch, Shaped, appended, check_size, write_shaped};
use super::msgpack;
use super::object::{Left, ObjectWriter};
use super::output::Output;
use super::pen::Pen;
use crate::diag::error::{Error, Result};
use crate::encode::filter::FieldRules;
use crate::encode::name::{FieldText, Name};

/// Appends the message made of these fields, under the rules of [`json_message`](super::json_message).
///
/// # Errors
/// The first error among `fields`; `Status::Json` for the text of a JSON field; `Status::Limit`. The output
/// is then unchanged.
#[inline(never)]
pub fn fields_message(
    out: &mut Vec<u8>,
    fields: &[impl AsField],
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let frame = Frame { rules: Some(rules), limits, invalid_timestamp };
    appended(out, &FieldList(fields), frame, scratch)
}

/// Fields in their order; the first error among them refuses the message.
pub(crate) struct FieldList<'f, F>(pub(crate) &'f [F]);

impl<F: AsField> Message for FieldList<'_, F> {
    #[inline(always)]
    fn write_at_once(&self, out: &mut Output<'_>, limits: &Limits, scratch: &mut Scratch) -> bool {
        let fields = self.0;
        // That there is a shape says that an object may be as deep as this one.
        let Some(shape) = scratch.shapes.at_once(self.place()) else { return false };
        if shape.keys.len() != fields.len() {
            return false;
        }
        let mut pen = Pen::new(out);
        if !pen.map(shape.kept) {
            return false;
        }
        let done = pen.fields(fields, &shape.keys);
        pen.finish(true);
        done == fields.len() || out.lend(|out| goes_on(out, fields, done, limits, scratch))
    }

    #[inline(always)]
    fn write(&self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        write_shaped(self, out, frame, scratch)
    }
}

impl<F: AsField> Shaped for FieldList<'_, F> {
    #[inline(always)]
    fn place(&self) -> Place {
        Place::of_fields(self.0)
    }

    #[inline(always)]
    fn write_known(
        &self,
        out: &mut Output<'_>,
        shape: &Shape,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Result<Option<Left>> {
        let (fields, base) = (self.0, out.len());
        if !shape.may_fit(fields.len()) || limits.max_depth == 0 {
            return Ok(Some(shape.left(base, 0)));
        }
        msgpack::map_header(out, shape.kept);
        let mut pen = Pen::new(out);
        let done = pen.fields(fields, &shape.keys);
        pen.finish(true);
        let keys = known_fields(out, fields, done, shape, limits, stack)?;
        let is_all = keys == fields.len() && keys == shape.keys.len();
        Ok((!is_all).then(|| shape.left(base, keys)))
    }

    #[cold]
    #[inline(never)]
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome> {
        let (fields, limits) = (self.0, frame.limits);
        if limits.max_depth == 0 {
            return Err(too_large(Fault { at: 0, kind: Kind::Depth(0) }));
        }
        out.lend(|out| {
            let place = self.place();
            let mut object = ObjectWriter::begin(out, left, place, frame, scratch);
            for field in fields.iter().skip(left.map_or(0, |left| left.keys)) {
                let start = out.len();
                let key = field.key().map_err(|error| explained(error, field, fields))?;
                let name = write_name(out, key, limits)?;
                let action = if object.is_special(name) {
                    Some(out.lend(|out| object.action(out, start, name, scratch)))
                } else {
                    object.add(out, start, name, scratch);
                    None
                };
                let value = out.len();
                write_value(out, field, fields, limits, &mut scratch.stack)?;
                if let Some(action) = action {
                    out.lend(|out| object.end_special(out, action, (start, value), scratch));
                }
                object.check(out).map_err(too_large)?;
            }
            object.finish(out, place, frame, scratch).map_err(too_large)
        })
    }
}

/// Goes on by the short way behind a field that takes more than a few stores; whether that was all of the message.
#[inline(never)]
fn goes_on<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    done: usize,
    limits: &Limits,
    scratch: &mut Scratch,
) -> bool {
    let Some(shape) = scratch.shapes.at_once(Place::of_fields(fields)) else { return false };
    let is_whole = known_fields(out, fields, done, shape, limits, &mut scratch.stack) == Ok(fields.len());
    scratch.trim();
    is_whole
}

/// Appends fields whose names are those of the shape, behind the first `done`, of which the next takes more than a few
/// stores; gives how many were with these.
fn known_fields<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    mut done: usize,
    shape: &Shape,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<usize> {
    while let (Some([field, more @ ..]), Some([key, more_keys @ ..])) =
        (fields.get(done..), shape.keys.get(done..))
    {
        let start = out.len();
        match field.key().map(|name| key.matches(name.as_str().as_bytes())) {
            Ok(KeyMatch::Kept) => out.put_key(key),
            Ok(KeyMatch::Dropped) => {}
            Ok(KeyMatch::Not) | Err(_) => break,
        }
        write_value(out, field, fields, limits, stack)?;
        if key.is_dropped {
            out.truncate(start);
        }
        let mut pen = Pen::new(out);
        done += 1 + pen.fields(more, more_keys);
        pen.finish(true);
    }
    Ok(done)
}

/// Appends any value of a field.
#[cold]
#[inline(never)]
fn write_value<F: AsField>(
    out: &mut Output<'_>,
    field: &F,
    fields: &[F],
    limits: &Limits,
    stack: &mut Stack,
) -> Result<()> {
    match field.value().map_err(|error| explained(error, field, fields))? {
        FieldValue::Null => msgpack::nil(out),
        FieldValue::Bool(value) => msgpack::boolean(out, value),
        FieldValue::I64(value) => msgpack::int(out, value),
        FieldValue::U64(value) => msgpack::uint(out, value),
        FieldValue::F64(value) => msgpack::float(out, value),
        FieldValue::Str(value) => match value.as_short() {
            Some(ends) => out.short_text(ends, value.as_str().len()),
            None => long_text(out, field.key().map_or("", FieldText::as_str), value.as_str(), limits)?,
        },
        FieldValue::Json(text) => nested(out, field, text, limits, stack)?,
    }
    Ok(())
}

/// An error of one of the fields, with the place of that one.
#[cold]
#[inline(never)]
fn explained<F: AsField>(error: Error, field: &F, fields: &[F]) -> Error {
    F::explained(error, place_of(field, fields) + 1)
}

/// Where a field stands among the fields.
#[cold]
#[inline(never)]
fn place_of<F>(field: &F, fields: &[F]) -> usize {
    fields.iter().position(|other| std::ptr::eq(other, field)).unwrap_or_default()
}

#[inline(always)]
fn write_name(out: &mut Output<'_>, key: FieldText<'_>, limits: &Limits) -> Result<Name> {
    match key.as_short() {
        Some(ends) => out.short_text(ends, key.as_str().len()),
        None => out.lend(|out| long_text(out, "field name", key.as_str(), limits))?,
    }
    Ok(key.as_name())
}

/// Looks at the length before a text is copied, so that a giant never reaches the buffer.
#[cold]
#[inline(never)]
fn long_text(out: &mut Output<'_>, field: &str, text: &str, limits: &Limits) -> Result<()> {
    check_len(field, text, limits)?;
    msgpack::text(out, text);
    Ok(())
}

#[cold]
#[inline(never)]
fn nested<F: AsField>(
    out: &mut Output<'_>,
    field: &F,
    text: &str,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<()> {
    let name = field.key().map_or("", FieldText::as_str);
    check_len(name, text, limits)?;
    let lexer = Lexer::new(text.as_bytes());
    let depth = Depth { open: 1, most: limits.max_depth };
    json::value_apart(lexer, out, stack, depth)
        .and_then(|at| lexer.from(at).end())
        .map_err(|fault| fault.explain(&format!("JSON of field \"{name}\""), text.as_bytes()))
}

fn check_len(field: &str, text: &str, limits: &Limits) -> Result<()> {
    if text.len() <= limits.bytes() {
        return Ok(());
    }
    check_size(&format!("field \"{field}\""), text.len(), limits)
}

#[cold]
fn too_large(fault: Fault) -> Error {
    fault.explain("event fields", &[])
}
