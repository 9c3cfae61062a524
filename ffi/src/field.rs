//! Typed fields: an event as an array of C structs, read one by one while the core encodes.

use std::ffi::c_char;
use std::mem::size_of;

use mona_core::error::{Error, Result, Status};
use mona_core::{AsField, FieldText, FieldValue, Key, KeyMatch, QuickValue};

use crate::handle::{is_null, misaligned};
use crate::text::{LARGEST, bytes_at_hand, inlined_text};

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
/// The kind of a field with `value.text`: text in UTF-8; one that is NULL makes the field null.
pub const MONA_FIELD_STR: i32 = 6;
/// The kind of a field with `value.text`: one JSON value as text, for arrays and objects; NULL makes the
/// field null.
pub const MONA_FIELD_JSON: i32 = 7;
/// The kind of a field with `value.f32`; NaN and infinities are allowed. It arrives as the double whose text is the shortest
/// of the float, as if the equal JSON had been sent: 0.97f is 0.97 to every receiver and not 0.9700000286102295.
pub const MONA_FIELD_F32: i32 = 8;

/// Text by address and length.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mona_text {
    /// The text in UTF-8. NULL: the field is null, whatever the length.
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
    /// For MONA_FIELD_F32.
    pub f32: f32,
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

/// A field in the memory of a caller who keeps it, its name and its text for the time of a call.
#[repr(transparent)]
pub(crate) struct LentField(mona_field);

/// The fields of a C array.
///
/// # Safety
///
/// `fields` is NULL or has `n` fields during `'a`, with keys and texts as the header asks for.
#[inline(always)]
pub(crate) unsafe fn fields<'a>(fields: *const mona_field, n: usize) -> Result<&'a [LentField]> {
    if n == 0 {
        return Ok(&[]);
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
    // SAFETY: as the caller promises; the array is aligned and not larger than an object can be, and a lent
    // field is nothing but a field.
    Ok(unsafe { std::slice::from_raw_parts(fields.cast(), n) })
}

impl AsField for LentField {
    #[inline(always)]
    fn key(&self) -> Result<FieldText<'_>> {
        let field = &self.0;
        if field.reserved != 0 {
            return Err(wrong_number("reserved", field.reserved, "0"));
        }
        // SAFETY: `fields` asks for keys as the header does.
        unsafe { inlined_text(field.key, field.key_len, "key") }
    }

    #[inline(always)]
    fn matches(&self, key: &Key) -> KeyMatch {
        let field = &self.0;
        if !field.key.is_null() && key.is_simple(field.key_len) {
            // SAFETY: `fields` asks for keys as the header does; what is wrong beside the name comes to light
            // with the value.
            let name = unsafe { std::slice::from_raw_parts(field.key.cast(), field.key_len) };
            return if key.has_ends_of(name) { KeyMatch::Kept } else { KeyMatch::Not };
        }
        self.matches_closer(key)
    }

    #[inline(always)]
    fn key_mark(&self) -> usize {
        self.0.key_len
    }

    #[inline(always)]
    fn quick_value(&self) -> QuickValue<'_> {
        let value = &self.0.value;
        // SAFETY: every bit pattern is a number, whichever member was written.
        let float = || QuickValue::Float(unsafe { value.f64 });
        match self.kind() {
            F64 => float(),
            STR => self.lent_text().map_or(QuickValue::Unusual, QuickValue::Text),
            _ if self.0.reserved != 0 => QuickValue::Unusual,
            _ => match self.0.kind {
                // SAFETY: as above.
                MONA_FIELD_I64 => QuickValue::of_int(unsafe { value.i64 }),
                // SAFETY: as above.
                MONA_FIELD_BOOL => QuickValue::Bool(unsafe { value.boolean } != 0),
                // SAFETY: as above.
                MONA_FIELD_U64 => QuickValue::Uint(unsafe { value.u64 }),
                _ => QuickValue::Unusual,
            },
        }
    }

    fn value(&self) -> Result<FieldValue<'_>> {
        let value = &self.0.value;
        Ok(match self.kind() {
            NULL => FieldValue::Null,
            // SAFETY: every bit pattern is a number, whichever member was written.
            BOOL => FieldValue::Bool(unsafe { value.boolean } != 0),
            // SAFETY: as above.
            I64 => FieldValue::I64(unsafe { value.i64 }),
            // SAFETY: as above.
            U64 => FieldValue::U64(unsafe { value.u64 }),
            // SAFETY: as above.
            F64 => FieldValue::F64(unsafe { value.f64 }),
            // SAFETY: as above.
            F32 => FieldValue::F32(unsafe { value.f32 }),
            STR => self.text()?.map_or(FieldValue::Null, FieldValue::Str),
            JSON => self.text()?.map_or(FieldValue::Null, |text| FieldValue::Json(text.as_str())),
            _ => return Err(self.wrong()),
        })
    }

    fn explained(error: Error, number: usize, name: &str) -> Error {
        in_field(number, name, &error)
    }
}

const NULL: u64 = MONA_FIELD_NULL as u64;
const BOOL: u64 = MONA_FIELD_BOOL as u64;
const I64: u64 = MONA_FIELD_I64 as u64;
const U64: u64 = MONA_FIELD_U64 as u64;
const F64: u64 = MONA_FIELD_F64 as u64;
const STR: u64 = MONA_FIELD_STR as u64;
const JSON: u64 = MONA_FIELD_JSON as u64;
const F32: u64 = MONA_FIELD_F32 as u64;

impl LentField {
    /// The kind and the reserved number together: one comparison finds what is wrong with either.
    #[inline(always)]
    fn kind(&self) -> u64 {
        u64::from(self.0.kind.cast_unsigned()) | u64::from(self.0.reserved.cast_unsigned()) << 32
    }

    /// The same for a key that its ends are not all of.
    #[inline(always)]
    fn matches_closer(&self, key: &Key) -> KeyMatch {
        let field = &self.0;
        if field.key.is_null() || field.key_len != key.len() {
            return KeyMatch::Not;
        }
        // SAFETY: `fields` asks for keys as the header does.
        key.matches(unsafe { std::slice::from_raw_parts(field.key.cast(), key.len()) })
    }

    /// The bytes of a text, if they can be had without a call.
    #[inline(always)]
    fn lent_text(&self) -> Option<&[u8]> {
        // SAFETY: the kind says that text was written.
        let value = unsafe { self.0.value.text };
        // SAFETY: `fields` asks for texts as the header does.
        unsafe { bytes_at_hand(value.ptr, value.len) }
    }

    #[cold]
    fn wrong(&self) -> Error {
        match self.0.reserved {
            0 => wrong_number("kind", self.0.kind, "one of the MONA_FIELD_ numbers"),
            other => wrong_number("reserved", other, "0"),
        }
    }

    /// The text; none where it is NULL.
    fn text(&self) -> Result<Option<FieldText<'_>>> {
        // SAFETY: the kind says that text was written.
        let value = unsafe { self.0.value.text };
        if value.ptr.is_null() {
            return Ok(None);
        }
        // SAFETY: `fields` asks for texts as the header does.
        unsafe { inlined_text(value.ptr, value.len, "value") }.map(Some)
    }
}

#[cold]
fn in_field(number: usize, name: &str, error: &Error) -> Error {
    let space = if name.is_empty() { "" } else { " " };
    Error::new(error.status(), format!("field {number}{space}{name}, {}", error.detail()))
}

#[cold]
fn wrong_number(name: &str, found: i32, expected: &str) -> Error {
    Error::new(Status::Argument, format!("{name}: {found}, {expected} is expected"))
}

#[cold]
fn too_many(n: usize) -> Error {
    Error::new(Status::Argument, format!("n: {n}, the number of fields in the array is expected"))
}
