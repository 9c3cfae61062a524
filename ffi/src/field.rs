//! Typed fields: an event as an array of C structs, read one by one while the core encodes.

use std::ffi::c_char;
use std::mem::size_of;

use mona_core::error::{Error, Result, Status};
use mona_core::{AsField, Text, Value};

use crate::handle::{is_null, misaligned};
use crate::text::{LARGEST, inlined_text};

/// The kind of a field whose value is null; its `value` is not looked at.
pub const MONA_FIELD_NULL: i32 = 1;
/// The kind of a field with `value.boolean`: 0 is false, any other number true.
pub const MONA_FIELD_BOOL: i32 = 2;
/// The kind of a field with `value.i64`.
pub const MONA_FIELD_I64: i32 = 3;
/// The kind of a field with `value.u64`.
pub const MONA_FIELD_U64: i32 = 4;
/// The kind of a field with `value.f64`; NaN and infinities are allowed.
pub const MONA_FIELD_F64: i32 = 5;
/// The kind of a field with `value.text`: text in UTF-8.
pub const MONA_FIELD_STR: i32 = 6;
/// The kind of a field with `value.text`: one JSON value as text, for arrays and objects.
pub const MONA_FIELD_JSON: i32 = 7;

/// Text by address and length.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mona_text {
    /// The text in UTF-8. Not NULL.
    pub ptr: *const c_char,
    /// Bytes in `ptr`, or MONA_NTS.
    pub len: usize,
}

/// The value of a field. Its `kind` says which member counts.
#[repr(C)]
#[derive(Clone, Copy)]
pub union mona_value {
    /// For MONA_FIELD_BOOL.
    pub boolean: i32,
    /// For MONA_FIELD_I64.
    pub i64: i64,
    /// For MONA_FIELD_U64.
    pub u64: u64,
    /// For MONA_FIELD_F64.
    pub f64: f64,
    /// For MONA_FIELD_STR and MONA_FIELD_JSON.
    pub text: mona_text,
}

/// One field of an event. The macros MONA_F64("name", 0.5) and so on make one in place.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mona_field {
    /// The name of the field in UTF-8. Not NULL.
    pub key: *const c_char,
    /// Bytes in `key`, or MONA_NTS.
    pub key_len: usize,
    /// One of the MONA_FIELD_ numbers.
    pub kind: i32,
    /// 0; other numbers are refused, so that later versions can give them a meaning.
    pub reserved: i32,
    /// The value.
    pub value: mona_value,
}

/// The fields of a C array.
///
/// # Safety
///
/// `fields` is NULL or has `n` fields during `'a`, with keys and texts as the header asks for.
#[inline]
pub(crate) unsafe fn fields<'a>(fields: *const mona_field, n: usize) -> Result<Fields<'a>> {
    if n == 0 {
        return Ok(Fields { rest: &[], all: 0 });
    }
    if fields.is_null() {
        return Err(is_null("fields", "an array of fields"));
    }
    if !fields.is_aligned() {
        return Err(misaligned("fields"));
    }
    if n > LARGEST / size_of::<mona_field>() {
        return Err(too_many(n));
    }
    // SAFETY: as the caller promises; the array is aligned and not larger than an object can be.
    let rest = unsafe { std::slice::from_raw_parts(fields, n) };
    Ok(Fields { rest, all: n })
}

/// Fields of a C array as the core wants them.
pub(crate) struct Fields<'a> {
    rest: &'a [mona_field],
    all: usize,
}

/// One of them; what is wrong with it is said with its number, which counts from 1.
pub(crate) struct Numbered<'a> {
    field: &'a mona_field,
    number: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = Numbered<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let (field, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(Numbered { field, number: self.all - rest.len() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len(), Some(self.rest.len()))
    }
}

impl<'a> AsField<'a> for Numbered<'a> {
    #[inline(always)]
    fn key(&self) -> Result<Text<'a>> {
        let field = self.field;
        if field.reserved != 0 {
            return Err(self.refused(&wrong_number("reserved", field.reserved, "0")));
        }
        // SAFETY: `fields` asks for keys as the header does.
        unsafe { inlined_text(field.key, field.key_len, "key") }.map_err(|error| self.refused(&error))
    }

    #[inline(always)]
    fn value(&self) -> Result<Value<'a>> {
        let field = self.field;
        Ok(match field.kind {
            MONA_FIELD_NULL => Value::Null,
            // SAFETY: every bit pattern is a number, whichever member was written.
            MONA_FIELD_BOOL => Value::Bool(unsafe { field.value.boolean } != 0),
            // SAFETY: as above.
            MONA_FIELD_I64 => Value::I64(unsafe { field.value.i64 }),
            // SAFETY: as above.
            MONA_FIELD_U64 => Value::U64(unsafe { field.value.u64 }),
            // SAFETY: as above.
            MONA_FIELD_F64 => Value::F64(unsafe { field.value.f64 }),
            MONA_FIELD_STR => Value::Str(self.text()?),
            MONA_FIELD_JSON => Value::Json(self.text()?.as_str()),
            kind => return Err(self.refused(&wrong_number("kind", kind, "one of the MONA_FIELD_ numbers"))),
        })
    }
}

impl<'a> Numbered<'a> {
    #[inline(always)]
    fn text(&self) -> Result<Text<'a>> {
        // SAFETY: the kind says that text was written.
        let value = unsafe { self.field.value.text };
        // SAFETY: `fields` asks for texts as the header does.
        unsafe { inlined_text(value.ptr, value.len, "value") }.map_err(|error| self.refused(&error))
    }

    #[cold]
    fn refused(&self, error: &Error) -> Error {
        in_field(self.number, error)
    }
}

#[cold]
fn in_field(number: usize, error: &Error) -> Error {
    Error::new(error.status(), format!("field {number}, {}", error.detail()))
}

#[cold]
fn wrong_number(name: &str, found: i32, expected: &str) -> Error {
    Error::new(Status::Argument, format!("{name}: {found}, {expected} is expected"))
}

#[cold]
fn too_many(n: usize) -> Error {
    Error::new(Status::Argument, format!("n: {n}, the number of fields in the array is expected"))
}
