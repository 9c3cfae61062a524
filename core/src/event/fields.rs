//! The message of an event from typed fields.
//!
//! The C layer turns its structs into [`Field`]s one by one while they are written, so nothing is
//! collected first. The bytes are those of the equal JSON object.

use super::json::{self, Depth, Fault, Kind, Lexer};
use super::message::{Frame, Limits, Message, Outcome, Scratch, appended, check_size};
use super::msgpack;
use super::object::ObjectWriter;
use super::output::Output;
use crate::error::{Error, Result};
use crate::filter::FieldRules;
use crate::name::{Name, Text};
use std::marker::PhantomData;

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
pub trait AsField<'a> {
    /// The name.
    ///
    /// # Errors
    /// Whatever is wrong with this field; the message is refused with it.
    fn key(&self) -> Result<Text<'a>>;

    /// The value.
    ///
    /// # Errors
    /// As for the name.
    fn value(&self) -> Result<Value<'a>>;
}

impl<'a> AsField<'a> for Field<'a> {
    fn key(&self) -> Result<Text<'a>> {
        Ok(self.key)
    }

    fn value(&self) -> Result<Value<'a>> {
        Ok(self.value)
    }
}

impl<'a, F: AsField<'a>> AsField<'a> for Result<F> {
    fn key(&self) -> Result<Text<'a>> {
        self.as_ref().map_err(Clone::clone)?.key()
    }

    fn value(&self) -> Result<Value<'a>> {
        self.as_ref().map_err(Clone::clone)?.value()
    }
}

/// Appends the message made of these fields, under the rules of [`json_message`](super::json_message).
///
/// # Errors
/// The first error among `fields`; `Status::Json` for the text of a JSON field; `Status::Limit`. The output
/// is then unchanged.
#[inline(never)]
pub fn fields_message<'a>(
    out: &mut Vec<u8>,
    fields: impl IntoIterator<Item: AsField<'a>>,
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let frame = Frame { rules: Some(rules), limits, invalid_timestamp };
    appended(out, |out| FieldList::new(fields.into_iter()).write(out, frame, scratch))
}

/// Fields one by one; the first error among them refuses the message.
pub(crate) struct FieldList<'f, I> {
    fields: I,
    texts: PhantomData<&'f str>,
}

impl<'f, I: Iterator<Item: AsField<'f>>> FieldList<'f, I> {
    pub(crate) fn new(fields: I) -> Self {
        FieldList { fields, texts: PhantomData }
    }
}

impl<'f, I: Iterator<Item: AsField<'f>>> Message for FieldList<'f, I> {
    #[inline(always)]
    fn write(self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        let result = self.write_all(out, frame, scratch);
        if result.is_err() {
            scratch.abandon();
        } else {
            scratch.trim();
        }
        result
    }
}

impl<'f, I: Iterator<Item: AsField<'f>>> FieldList<'f, I> {
    /// A function of its own for its registers, as for JSON text.
    #[inline(never)]
    fn write_all(self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        let limits = frame.limits;
        if limits.max_depth == 0 {
            return Err(too_large(Fault { at: 0, kind: Kind::Depth(0) }));
        }
        out.lend(|out| {
            let mut object = ObjectWriter::begin(out, frame.rules, limits.bytes(), scratch);
            for field in self.fields {
                let key = field.key()?;
                let start = out.len();
                let name = write_name(out, key, limits)?;
                let action = if object.is_special(name) {
                    Some(out.lend(|out| object.action(out, start, name, scratch)))
                } else {
                    object.add(out, start, name, scratch);
                    None
                };
                let value_start = out.len();
                match field.value()? {
                    Value::Null => msgpack::nil(out),
                    Value::Bool(value) => msgpack::boolean(out, value),
                    Value::I64(value) => msgpack::int(out, value),
                    Value::U64(value) => msgpack::uint(out, value),
                    Value::F64(value) => msgpack::float(out, value),
                    Value::Str(value) => match value.as_short() {
                        Some(ends) => out.short_text(ends, value.as_str().len()),
                        None => out.lend(|out| long_text(out, key.as_str(), value.as_str(), limits))?,
                    },
                    Value::Json(text) => out.lend(|out| nested(out, key.as_str(), text, limits, scratch))?,
                }
                if let Some(action) = action {
                    out.lend(|out| object.end_special(out, action, (start, value_start), scratch));
                }
                object.check(out).map_err(too_large)?;
            }
            object.finish(out, frame.invalid_timestamp, scratch).map_err(too_large)
        })
    }
}

#[inline(always)]
fn write_name(out: &mut Output<'_>, key: Text<'_>, limits: &Limits) -> Result<Name> {
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
fn nested(out: &mut Output<'_>, key: &str, text: &str, limits: &Limits, scratch: &mut Scratch) -> Result<()> {
    check_len(key, text, limits)?;
    let lexer = &mut Lexer::new(text.as_bytes());
    let depth = Depth { open: 1, most: limits.max_depth };
    json::value(lexer, out, &mut scratch.stack, depth)
        .and_then(|()| lexer.end())
        .map_err(|fault| fault.explain(&format!("JSON of field \"{key}\""), text.as_bytes()))
}

#[inline]
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
