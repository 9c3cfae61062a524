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

/// A value where it lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seen<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Real(f64),
    /// Text; what others wrote may be no UTF-8.
    Text(&'a [u8]),
}

impl<'a> Seen<'a> {
    /// What a cell holds; `boolean` if its column is one of booleans.
    pub(crate) fn of_cell(cell: ValueRef<'a>, boolean: bool) -> Seen<'a> {
        match cell {
            ValueRef::Null => Seen::Null,
            ValueRef::Integer(number @ 0..=1) if boolean => Seen::Bool(number == 1),
            ValueRef::Integer(number) => Seen::Int(number),
            ValueRef::Real(number) => Seen::Real(number),
            ValueRef::Text(text) | ValueRef::Blob(text) => Seen::Text(text),
        }
    }

    pub(crate) fn of(value: &'a Value) -> Seen<'a> {
        match value {
            Value::Null => Seen::Null,
            Value::Bool(yes) => Seen::Bool(*yes),
            Value::Int(number) => Seen::Int(*number),
            Value::Real(number) => Seen::Real(*number),
            Value::Text(text) => Seen::Text(text.as_bytes()),
        }
    }

    /// The same on its own.
    pub(crate) fn value(self) -> Value {
        match self {
            Seen::Null => Value::Null,
            Seen::Bool(yes) => Value::Bool(yes),
            Seen::Int(number) => Value::Int(number),
            Seen::Real(number) => Value::Real(number),
            Seen::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        }
    }

    /// As a number, if it counts as a KAPI: numbers, and booleans as 0 and 1.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Seen::Bool(yes) => Some(f64::from(u8::from(yes))),
            Seen::Int(number) => Some(number as f64),
            Seen::Real(number) => Some(number),
            Seen::Null | Seen::Text(_) => None,
        }
    }
}

impl std::hash::Hash for Seen<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Seen::Null => state.write_u8(0),
            Seen::Bool(yes) => state.write_u8(1 + u8::from(*yes)),
            Seen::Int(number) => state.write_i64(*number),
            // The two zeros are equal.
            Seen::Real(number) => state.write_u64((number + 0.0).to_bits()),
            Seen::Text(text) => state.write(text),
        }
    }
}

impl Value {
    /// As a number, if it counts as a KAPI: numbers, and booleans as 0 and 1.
    pub fn number(&self) -> Option<f64> {
        Seen::of(self).number()
    }

    /// Becomes what a cell holds; a text takes the place of the one before.
    pub(crate) fn set(&mut self, cell: ValueRef<'_>, boolean: bool) {
        match (self, Seen::of_cell(cell, boolean)) {
            (Value::Text(before), Seen::Text(text)) => {
                before.clear();
                before.push_str(&String::from_utf8_lossy(text));
            }
            (before, seen) => *before = seen.value(),
        }
    }

    /// What it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Value>() + if let Value::Text(text) = self { text.len() } else { 0 }
    }

    /// What a cell holds; `boolean` if its column is one of booleans.
    pub(crate) fn of_cell(cell: ValueRef<'_>, boolean: bool) -> Value {
        Seen::of_cell(cell, boolean).value()
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
