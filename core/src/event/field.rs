//! Typed fields as the encoder looks at them.

use super::shape::{Key, Match};
use crate::error::{Error, Result};
use crate::name::Text;

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

/// What most values are, seen before anything about them is checked.
#[derive(Debug, Clone, Copy)]
pub enum Look<'a> {
    /// A boolean.
    Bool(bool),
    /// An integer that is not negative.
    Uint(u64),
    /// A float 64.
    Float(f64),
    /// Bytes that should be text.
    Text(&'a [u8]),
    /// Something else, or something wrong: [`AsField::value`] tells.
    Closer,
}

impl Look<'_> {
    /// A signed integer.
    #[inline(always)]
    pub fn of_int(value: i64) -> Self {
        u64::try_from(value).map_or(Look::Closer, Look::Uint)
    }
}

/// Whatever can be looked at as a field: first at its name, and when that is written, at its value.
pub trait AsField {
    /// The name.
    ///
    /// # Errors
    /// Whatever is wrong with this field; the message is refused with it.
    fn key(&self) -> Result<Text<'_>>;

    /// Whether the name is this key; not, also where that cannot be said without a closer look.
    #[inline(always)]
    fn matches(&self, key: &Key) -> Match {
        self.key().map_or(Match::Not, |name| key.matches(name.as_str().as_bytes()))
    }

    /// The length of the name, or any number that is the same for the same field.
    #[inline(always)]
    fn key_mark(&self) -> usize {
        self.key().map_or(0, |name| name.as_str().len())
    }

    /// The value, as far as the first look tells.
    #[inline(always)]
    fn look(&self) -> Look<'_> {
        match self.value() {
            Ok(Value::Bool(value)) => Look::Bool(value),
            Ok(Value::I64(value)) => Look::of_int(value),
            Ok(Value::U64(value)) => Look::Uint(value),
            Ok(Value::F64(value)) => Look::Float(value),
            Ok(Value::Str(value)) => Look::Text(value.as_str().as_bytes()),
            Ok(Value::Null | Value::Json(_)) | Err(_) => Look::Closer,
        }
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
