//! Typed fields as the encoder looks at them.

use crate::diag::error::{Error, Result};
use crate::encode::float32::widened;
use crate::encode::key_cache::key::{Key, KeyMatch};
use crate::encode::name::FieldText;

/// One top-level field of a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// The name.
    pub key: FieldText<'a>,
    /// The value.
    pub value: FieldValue<'a>,
}

/// The value of a typed field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldValue<'a> {
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
    /// A float 32, which goes out as the float 64 that has its shortest text.
    F32(f32),
    /// Text.
    Str(FieldText<'a>),
    /// The text of one JSON value, for nesting.
    Json(&'a str),
}

/// What most values are, seen before anything about them is checked.
#[derive(Debug, Clone, Copy)]
pub enum QuickValue<'a> {
    /// A boolean.
    Bool(bool),
    /// An integer that is not negative.
    Uint(u64),
    /// A float 64.
    Float(f64),
    /// Bytes that should be text.
    Text(&'a [u8]),
    /// Something else, or something wrong: [`AsField::value`] tells.
    Unusual,
}

impl QuickValue<'_> {
    /// A signed integer.
    #[inline(always)]
    pub fn of_int(value: i64) -> Self {
        u64::try_from(value).map_or(QuickValue::Unusual, QuickValue::Uint)
    }
}

/// Whatever can be looked at as a field: first at its name, and when that is written, at its value.
pub trait AsField {
    /// The name.
    ///
    /// # Errors
    /// Whatever is wrong with this field; the message is refused with it.
    fn key(&self) -> Result<FieldText<'_>>;

    /// Whether the name is this key; not, also where that cannot be said without a closer look.
    #[inline(always)]
    fn matches(&self, key: &Key) -> KeyMatch {
        self.key().map_or(KeyMatch::Not, |name| key.matches(name.as_str().as_bytes()))
    }

    /// The length of the name, or any number that is the same for the same field.
    #[inline(always)]
    fn key_mark(&self) -> usize {
        self.key().map_or(0, |name| name.as_str().len())
    }

    /// The value, as far as the first look tells.
    #[inline(always)]
    fn quick_value(&self) -> QuickValue<'_> {
        match self.value() {
            Ok(FieldValue::Bool(value)) => QuickValue::Bool(value),
            Ok(FieldValue::I64(value)) => QuickValue::of_int(value),
            Ok(FieldValue::U64(value)) => QuickValue::Uint(value),
            Ok(FieldValue::F64(value)) => QuickValue::Float(value),
            Ok(FieldValue::F32(value)) => QuickValue::Float(widened(value)),
            Ok(FieldValue::Str(value)) => QuickValue::Text(value.as_str().as_bytes()),
            Ok(FieldValue::Null | FieldValue::Json(_)) | Err(_) => QuickValue::Unusual,
        }
    }

    /// The value.
    ///
    /// # Errors
    /// As for the name.
    fn value(&self) -> Result<FieldValue<'_>>;

    /// What an error of the field with this number says, which counts from 1. Its name is given in quotes, cut where it
    /// is long; it is empty where there is none to be read.
    fn explained(error: Error, number: usize, name: &str) -> Error {
        let _ = (number, name);
        error
    }
}

impl AsField for Field<'_> {
    fn key(&self) -> Result<FieldText<'_>> {
        Ok(self.key)
    }

    fn value(&self) -> Result<FieldValue<'_>> {
        Ok(self.value)
    }
}

impl<F: AsField> AsField for Result<F> {
    fn key(&self) -> Result<FieldText<'_>> {
        self.as_ref().map_err(Clone::clone)?.key()
    }

    fn value(&self) -> Result<FieldValue<'_>> {
        self.as_ref().map_err(Clone::clone)?.value()
    }
}
