//! The message of an event from typed fields.
//!
//! Fields are looked at one by one while they are written, as they lie in the caller's memory: nothing is
//! collected first. The bytes are those of the equal JSON object.

use super::json::{self, Depth, Fault, Kind, Lexer, Stack};
use super::message::{Frame, Limits, Message, Outcome, Scratch, appended, check_size};
use super::msgpack;
use super::object::{Left, ObjectWriter};
use super::output::Output;
use super::shape::{Key, Place, Shape};
use crate::error::{Error, Result};
use crate::filter::FieldRules;
use crate::name::{Name, Text};

/// One top-level field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// The name.
    pub key: Text<'a>,
    /// The value.
    pub value: Value<'a>,
}

/// The value of a typed field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A float 64; it stays one where it is a whole number.
    F64(f64),
    /// Text.
    Str(Text<'a>),
    /// The text of one JSON value, for nesting.
    Json(&'a str),
}

/// Whatever can be looked at as a field: first at its name, and when that is written, at its value.
pub trait AsField {
    /// The name.
    ///
    /// # Errors
    /// Whatever is wrong with this field; the message is refused with it.
    fn key(&self) -> Result<Text<'_>>;

    /// Whether the name is this key; false also where that cannot be said without a closer look.
    #[inline(always)]
    fn has_key(&self, key: &Key) -> bool {
        self.key().is_ok_and(|name| key.is_text(name.as_str().as_bytes()))
    }

    /// The length of the name, or any number that is the same for the same field.
    #[inline(always)]
    fn key_mark(&self) -> usize {
        self.key().map_or(0, |name| name.as_str().len())
    }

    /// The value.
    ///
    /// # Errors
    /// As for the name.
    fn value(&self) -> Result<Value<'_>>;

    /// What an error of the field with this number says, which counts from 1.
    fn explained(error: Error, number: usize) -> Error {
        let _ = number;
        error
    }
}

impl AsField for Field<'_> {
    fn key(&self) -> Result<Text<'_>> {
        Ok(self.key)
    }

    fn value(&self) -> Result<Value<'_>> {
        Ok(self.value)
    }
}

impl<F: AsField> AsField for Result<F> {
    fn key(&self) -> Result<Text<'_>> {
        self.as_ref().map_err(Clone::clone)?.key()
    }

    fn value(&self) -> Result<Value<'_>> {
        self.as_ref().map_err(Clone::clone)?.value()
    }
}

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
    appended(out, |out| FieldList(fields).write(out, frame, scratch))
}

/// Fields in their order; the first error among them refuses the message.
pub(crate) struct FieldList<'f, F>(pub(crate) &'f [F]);

impl<F: AsField> Message for FieldList<'_, F> {
    #[inline(always)]
    fn write(self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        let place = Place::of_fields(self.0);
        let known = frame.known_shape(place, scratch);
        let Some((shape, stack)) = known.filter(|(shape, _)| shape.may_fit(self.0.len())) else {
            return any_fields(out, None, self.0, frame, place, scratch);
        };
        let base = out.len();
        match known_fields(out, self.0, shape, frame.limits, stack) {
            Ok(None) if out.len() - base <= frame.limits.bytes() => {
                scratch.trim();
                Ok(Outcome::Written)
            }
            Ok(left) => {
                let left = left.filter(|left| left.keys > 0);
                if left.is_none() {
                    out.truncate(base);
                }
                any_fields(out, left, self.0, frame, place, scratch)
            }
            Err(error) => {
                scratch.abandon();
                Err(error)
            }
        }
    }
}

/// Appends the map of fields whose names are those of the shape; `None` when that was all of both, else how far
/// it went.
///
/// A function of its own, so that nothing but fields, keys and output competes for its registers.
#[inline(never)]
fn known_fields<F: AsField>(
    out: &mut Output<'_>,
    fields: &[F],
    shape: &Shape,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<Option<Left>> {
    out.lend(|out| {
        let base = out.len();
        if limits.max_depth == 0 {
            return Ok(Some(Left { base, keys: 0, written: 0, at: 0 }));
        }
        msgpack::map_header(out, shape.kept);
        let mut keys = shape.keys.iter();
        for field in fields {
            let Some(key) = keys.next().filter(|key| field.has_key(key)) else {
                let index = place_of(field, fields);
                return Ok(Some(Left { base, keys: index, written: shape.kept_of(index), at: 0 }));
            };
            if key.is_dropped {
                out.lend(|out| dropped_value(out, field, fields, limits, stack))?;
            } else {
                // Key and value take one look at the room that is left.
                match field.value().map_err(|error| explained(error, field, fields))? {
                    Value::F64(value) => out.put_key_and_float(key, value),
                    Value::I64(value @ 0..0x80) => out.put_key_and_byte(key, value as u8),
                    Value::Bool(value) => out.put_key_and_byte(key, 0xc2 | u8::from(value)),
                    Value::Str(value) if value.is_short() => {
                        out.put_key_and_text(key, value.ends(), value.as_str().len());
                    }
                    value => {
                        out.put_key(key);
                        write_value(out, field, value, limits, stack)?;
                    }
                }
            }
        }
        let index = fields.len();
        let is_all = keys.as_slice().is_empty();
        Ok((!is_all).then(|| Left { base, keys: index, written: shape.kept_of(index), at: 0 }))
    })
}

/// Looks at a value that is left out.
#[cold]
#[inline(never)]
fn dropped_value<F: AsField>(
    out: &mut Output<'_>,
    field: &F,
    fields: &[F],
    limits: &Limits,
    stack: &mut Stack,
) -> Result<()> {
    let start = out.len();
    let value = field.value().map_err(|error| explained(error, field, fields))?;
    write_value(out, field, value, limits, stack)?;
    out.truncate(start);
    Ok(())
}

/// Appends fields whose names are looked at one by one, from where a shape was left on.
#[cold]
#[inline(never)]
fn any_fields<F: AsField>(
    out: &mut Output<'_>,
    left: Option<Left>,
    fields: &[F],
    frame: Frame<'_>,
    place: Place,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let result = write_all(out, left, fields, frame, place, scratch);
    if result.is_err() {
        scratch.abandon();
    } else {
        scratch.trim();
    }
    result
}

fn write_all<F: AsField>(
    out: &mut Output<'_>,
    left: Option<Left>,
    fields: &[F],
    frame: Frame<'_>,
    place: Place,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let limits = frame.limits;
    if limits.max_depth == 0 {
        return Err(too_large(Fault { at: 0, kind: Kind::Depth(0) }));
    }
    out.lend(|out| {
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
            let given = field.value().map_err(|error| explained(error, field, fields))?;
            write_value(out, field, given, limits, &mut scratch.stack)?;
            if let Some(action) = action {
                out.lend(|out| object.end_special(out, action, (start, value), scratch));
            }
            object.check(out).map_err(too_large)?;
        }
        object.finish(out, place, frame, scratch).map_err(too_large)
    })
}

#[inline(always)]
fn write_value<F: AsField>(
    out: &mut Output<'_>,
    field: &F,
    value: Value<'_>,
    limits: &Limits,
    stack: &mut Stack,
) -> Result<()> {
    match value {
        Value::Null => msgpack::nil(out),
        Value::Bool(value) => msgpack::boolean(out, value),
        Value::I64(value) => msgpack::int(out, value),
        Value::U64(value) => msgpack::uint(out, value),
        Value::F64(value) => msgpack::float(out, value),
        Value::Str(value) => match value.as_short() {
            Some(ends) => out.short_text(ends, value.as_str().len()),
            None => out.lend(|out| long_value(out, field, value.as_str(), limits))?,
        },
        Value::Json(text) => out.lend(|out| nested(out, field, text, limits, stack))?,
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
fn write_name(out: &mut Output<'_>, key: Text<'_>, limits: &Limits) -> Result<Name> {
    match key.as_short() {
        Some(ends) => out.short_text(ends, key.as_str().len()),
        None => out.lend(|out| long_text(out, "field name", key.as_str(), limits))?,
    }
    Ok(key.as_name())
}

#[cold]
#[inline(never)]
fn long_value<F: AsField>(out: &mut Output<'_>, field: &F, text: &str, limits: &Limits) -> Result<()> {
    long_text(out, field.key().map_or("", Text::as_str), text, limits)
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
    let name = field.key().map_or("", Text::as_str);
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
