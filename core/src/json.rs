//! JSON that people and servers write, and reports: never on the path of an event.
//!
//! A value as a tree, a reader of whole texts and a printer. Events have a lexer of their own, which makes no tree.

mod read;

use serde_json::ser::{CompactFormatter, Formatter as _};

pub(crate) use read::read;

/// A JSON value. Names of an object stand as they came, also where one comes twice; the last one counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// An integer that fits 64 bits, else a finite float.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Unsigned(u64),
    Negative(i64),
    Float(f64),
}

impl Number {
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Number::Unsigned(number) => number as f64,
            Number::Negative(number) => number as f64,
            Number::Float(number) => number,
        }
    }
}

impl Value {
    /// An object with these names.
    pub(crate) fn object<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
        Value::Object(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The value of a name, where this is an object that has it.
    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        entry(self.as_object()?, name)
    }

    pub(crate) fn as_object(&self) -> Option<&[(String, Value)]> {
        if let Value::Object(entries) = self { Some(entries) } else { None }
    }

    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    pub(crate) fn as_f64(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(number.as_f64()) } else { None }
    }

    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn as_u64(&self) -> Option<u64> {
        if let Value::Number(Number::Unsigned(number)) = self { Some(*number) } else { None }
    }
}

/// The value of a name in an object.
pub(crate) fn entry<'a>(entries: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    entries.iter().rfind(|(known, _)| known == name).map(|(_, value)| value)
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Value {
        Value::Bool(is)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Value {
        Value::Number(Number::Unsigned(number))
    }
}

/// A number that is none becomes `null`.
impl From<f64> for Value {
    fn from(number: f64) -> Value {
        if number.is_finite() { Value::Number(Number::Float(number)) } else { Value::Null }
    }
}

/// The text of a value, without white space.
pub(crate) fn text(value: &Value) -> String {
    let mut out = Vec::new();
    append(&mut out, value);
    // All of it came from texts.
    String::from_utf8(out).unwrap_or_default()
}

fn append(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(is) => out.extend_from_slice(if *is { b"true" } else { b"false" }),
        Value::Number(Number::Unsigned(number)) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Number(Number::Negative(number)) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Number(Number::Float(number)) => {
            // Writing to memory does not fail.
            let _ = CompactFormatter.write_f64(out, *number);
        }
        Value::String(text) => append_text(out, text),
        Value::Array(values) => {
            out.push(b'[');
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                append(out, value);
            }
            out.push(b']');
        }
        Value::Object(entries) => {
            out.push(b'{');
            for (place, (name, value)) in entries.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                append_text(out, name);
                out.push(b':');
                append(out, value);
            }
            out.push(b'}');
        }
    }
}

fn append_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\x08' => out.extend_from_slice(b"\\b"),
            b'\x0c' => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..b' ' => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
