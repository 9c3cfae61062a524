//! The message of an event from typed fields.
//!
//! The C layer turns its structs into [`Field`]s one by one while they are written, so nothing is
//! collected first. The bytes are those of the equal JSON object.

use super::json::{self, Depth, Fault, Kind, Lexer};
use super::message::{Limits, Outcome, Scratch, check_size};
use super::msgpack;
use super::object::ObjectWriter;
use crate::error::{Error, Result};
use crate::filter::FieldRules;

/// One top-level field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// The name.
    pub key: &'a str,
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
    Str(&'a str),
    /// The text of one JSON value, for nesting.
    Json(&'a str),
}

/// Appends the message made of these fields, under the rules of [`json_message`](super::json_message).
///
/// # Errors
/// The first error among `fields`; `Status::Json` for the text of a JSON field; `Status::Limit`. The output
/// is then unchanged.
pub fn fields_message<'a>(
    out: &mut Vec<u8>,
    fields: impl IntoIterator<Item = Result<Field<'a>>>,
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let base = out.len();
    scratch.stack.keys.clear();
    let result = write_all(out, fields, rules, limits, invalid_timestamp, scratch);
    scratch.trim();
    if result.is_err() {
        out.truncate(base);
    }
    result
}

fn write_all<'a>(
    out: &mut Vec<u8>,
    fields: impl IntoIterator<Item = Result<Field<'a>>>,
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    if limits.max_depth == 0 {
        return Err(too_large(Fault { at: 0, kind: Kind::Depth(0) }));
    }
    let mut object = ObjectWriter::begin(out, Some(rules), limits.bytes(), scratch);
    for field in fields {
        let Field { key, value } = field?;
        // Looked at before it is copied, so that a giant never reaches the buffer.
        check_len("field name", key, limits)?;
        let start = out.len();
        msgpack::text(out, key);
        let open = object.field(out, start, key.as_bytes(), scratch);
        match value {
            Value::Null => msgpack::nil(out),
            Value::Bool(value) => msgpack::boolean(out, value),
            Value::I64(value) => msgpack::int(out, value),
            Value::U64(value) => msgpack::uint(out, value),
            Value::F64(value) => msgpack::float(out, value),
            Value::Str(value) => {
                check_len(key, value, limits)?;
                msgpack::text(out, value);
            }
            Value::Json(text) => {
                check_len(key, text, limits)?;
                nested(out, text, limits, scratch)
                    .map_err(|fault| fault.explain(&format!("JSON of field \"{key}\""), text.as_bytes()))?;
            }
        }
        object.end_field(out, open, scratch).map_err(too_large)?;
    }
    object.finish(out, invalid_timestamp, scratch).map_err(too_large)
}

fn nested(
    out: &mut Vec<u8>,
    text: &str,
    limits: &Limits,
    scratch: &mut Scratch,
) -> std::result::Result<(), Fault> {
    let lexer = &mut Lexer::new(text.as_bytes());
    let depth = Depth { open: 1, most: limits.max_depth };
    json::value(lexer, out, &mut scratch.stack, depth)?;
    lexer.end()
}

#[inline]
fn check_len(name: &str, text: &str, limits: &Limits) -> Result<()> {
    if text.len() <= limits.bytes() {
        return Ok(());
    }
    check_size(&format!("field \"{name}\""), text.len(), limits)
}

#[cold]
fn too_large(fault: Fault) -> Error {
    fault.explain("event fields", &[])
}
