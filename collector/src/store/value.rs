//! A value as a table holds it.

use rusqlite::types::{ToSqlOutput, ValueRef};

/// A value of a field. Lists and what else has no column type are JSON text.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing, or `null`.
    #[default]
    Null,
    /// True or false; the table holds 1 or 0.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number.
    Real(f64),
    /// Text, JSON text of a list, or the digits of a number that no other kind holds.
    Text(String),
}

// A table holds no NaN.
impl Eq for Value {}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Value::Null => 0u8.hash(state),
            Value::Bool(yes) => yes.hash(state),
            Value::Int(number) => number.hash(state),
            // The two zeros are equal.
            Value::Real(number) => (number + 0.0).to_bits().hash(state),
            Value::Text(text) => text.hash(state),
        }
    }
}

impl Value {
    /// As a number, if it counts as a KAPI: numbers, and booleans as 0 and 1.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Bool(yes) => Some(f64::from(u8::from(*yes))),
            Value::Int(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            Value::Null | Value::Text(_) => None,
        }
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Value>() + if let Value::Text(text) = self { text.len() } else { 0 }
    }

    /// What a cell holds; `boolean` if its column is one of booleans.
    pub(crate) fn of_cell(cell: ValueRef<'_>, boolean: bool) -> Value {
        match cell {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number @ 0..=1) if boolean => Value::Bool(number == 1),
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                Value::Text(String::from_utf8_lossy(text).into_owned())
            }
        }
    }

    /// What lies in `_more`.
    pub(crate) fn of_json(value: serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Null,
            serde_json::Value::Bool(yes) => Value::Bool(yes),
            serde_json::Value::String(text) => Value::Text(text),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Value::Int(whole),
                (None, Some(real)) => Value::Real(real),
                (None, None) => Value::Text(number.to_string()),
            },
            other => Value::Text(other.to_string()),
        }
    }

    pub(crate) fn to_cell(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Bool(yes) => ValueRef::Integer(i64::from(*yes)),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        })
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Null => Ok(()),
            Value::Bool(yes) => yes.fmt(f),
            Value::Int(number) => number.fmt(f),
            Value::Real(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
        }
    }
}
