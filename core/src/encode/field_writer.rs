//! Names and values of typed fields, whatever they are, and what is said of one that is wrong.

use crate::config::quoted;
use crate::diag::error::{Error, Result};
use crate::encode::field::{AsField, FieldValue};
use crate::encode::float32::widened;
use crate::encode::json::{self, Around, Bounds, JsonError, Lexer, Stack};
use crate::encode::limits::{Limits, write_float};
use crate::encode::message::check_size;
use crate::encode::msgpack;
use crate::encode::name::{FieldText, Name};
use crate::encode::output::Output;

/// Appends any value of a field.
#[cold]
#[inline(never)]
pub(super) fn write_value<F: AsField>(
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
        FieldValue::F64(value) => write_float(out, value, limits),
        FieldValue::F32(value) => write_float(out, widened(value), limits),
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
pub(super) fn explained<F: AsField>(error: Error, field: &F, fields: &[F]) -> Error {
    let name = field.key().map_or_else(|_| String::new(), |name| quoted(name.as_str()));
    F::explained(error, place_of(field, fields) + 1, &name)
}

/// Where a field stands among the fields.
#[cold]
#[inline(never)]
fn place_of<F>(field: &F, fields: &[F]) -> usize {
    fields.iter().position(|other| std::ptr::eq(other, field)).unwrap_or_default()
}

#[inline(always)]
pub(super) fn write_name(out: &mut Output<'_>, key: FieldText<'_>, limits: &Limits) -> Result<Name> {
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
    json::value_apart(lexer, out, &mut Around { stack, bounds: Bounds::of_field(limits) })
        .and_then(|at| lexer.from(at).end())
        .map_err(|error| error.explain(&format!("JSON of field {}", quoted(name)), text.as_bytes()))
}

fn check_len(field: &str, text: &str, limits: &Limits) -> Result<()> {
    if text.len() <= limits.bytes() {
        return Ok(());
    }
    check_size(&format!("field {}", quoted(field)), text.len(), limits)
}

#[cold]
pub(super) fn too_large(error: JsonError) -> Error {
    error.explain("event fields", &[])
}
