//! Text and bytes that cross the boundary.
//!
//! In: a pointer and a length, or `MONA_NTS` for text that ends at its NUL. Out: the caller's buffer,
//! filled as far as it goes without cutting a character.

use std::ffi::{CStr, c_char};
use std::marker::PhantomData;

use mona_core::FieldText;
use mona_core::error::{Error, Result, Status};

use crate::handle::{OutParam, is_null};

/// The length that says "ends at NUL"; the header defines it as `MONA_NTS`.
const ENDS_AT_NUL: usize = usize::MAX;

/// No object is larger, so a longer length is a negative number gone astray.
pub(crate) const LARGEST: usize = isize::MAX as usize;

/// A NUL up to here is found sooner by a look at each byte than by a call.
const NEAR: usize = 16;

/// The bytes at `ptr`.
///
/// # Safety
///
/// `ptr` is NULL, or `len` bytes are readable there during `'a`, or with `MONA_NTS` those up to a NUL.
#[inline(always)]
pub(crate) unsafe fn bytes<'a>(ptr: *const c_char, len: usize, name: &str) -> Result<&'a [u8]> {
    if ptr.is_null() {
        return Err(is_null(name, "text"));
    }
    if len == ENDS_AT_NUL {
        // SAFETY: the caller promises a NUL.
        return Ok(unsafe { CStr::from_ptr(ptr) }.to_bytes());
    }
    if len > LARGEST {
        return Err(too_long(name, len));
    }
    // SAFETY: the caller promises `len` readable bytes, and no object is larger than `LARGEST`.
    Ok(unsafe { std::slice::from_raw_parts(ptr.cast(), len) })
}

/// The same where no call is needed: not for a longer text that ends at its NUL, nor for what is wrong.
///
/// # Safety
///
/// As for [`bytes`].
#[inline(always)]
pub(crate) unsafe fn bytes_at_hand<'a>(ptr: *const c_char, len: usize) -> Option<&'a [u8]> {
    if ptr.is_null() {
        return None;
    }
    let len = match len {
        0..=LARGEST => len,
        // SAFETY: the caller promises a NUL.
        ENDS_AT_NUL => unsafe { near_len(ptr) }?,
        _ => return None,
    };
    // SAFETY: the caller promises `len` readable bytes, and no object is larger than `LARGEST`.
    Some(unsafe { std::slice::from_raw_parts(ptr.cast(), len) })
}

/// The length of a text that ends at a NUL that is near.
///
/// # Safety
///
/// The bytes from `ptr` up to a NUL are readable.
#[inline(always)]
unsafe fn near_len(ptr: *const c_char) -> Option<usize> {
    let mut next = ptr;
    (0..=NEAR).find(|_| {
        // SAFETY: the bytes before this one were no NUL.
        let is_end = unsafe { next.read() } == 0;
        if !is_end {
            // SAFETY: one byte more is readable.
            next = unsafe { next.add(1) };
        }
        is_end
    })
}

/// The text at `ptr`, which must not be NULL.
///
/// # Safety
///
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(ptr: *const c_char, len: usize, name: &str) -> Result<&'a str> {
    // SAFETY: as the caller promises.
    Ok(unsafe { inlined_text(ptr, len, name) }?.as_str())
}

/// The same as part of the calling function, for the names and texts of fields.
///
/// # Safety
///
/// As for [`bytes`].
#[inline(always)]
pub(crate) unsafe fn inlined_text<'a>(ptr: *const c_char, len: usize, name: &str) -> Result<FieldText<'a>> {
    // SAFETY: as the caller promises.
    let bytes = unsafe { bytes(ptr, len, name) }?;
    FieldText::new(bytes).map_err(|error| not_utf8(name, bytes, error.valid_up_to()))
}

/// The text at `ptr`; NULL is none, whatever the length.
///
/// # Safety
///
/// As for [`bytes`].
#[inline]
pub(crate) unsafe fn optional_text<'a>(
    ptr: *const c_char,
    len: usize,
    name: &str,
) -> Result<Option<&'a str>> {
    if ptr.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    unsafe { text(ptr, len, name) }.map(Some)
}

#[cold]
fn too_long(name: &str, len: usize) -> Error {
    let found = format!("a length of {len} bytes, at most {LARGEST} or MONA_NTS is expected");
    Error::new(Status::Argument, format!("{name}: {found}"))
}

#[cold]
fn not_utf8(name: &str, bytes: &[u8], at: usize) -> Error {
    let found = match bytes.get(at) {
        Some(byte) => format!("byte 0x{byte:02x} at offset {at}"),
        None => format!("{} bytes", bytes.len()),
    };
    Error::new(Status::Utf8, format!("{name}: {found}, UTF-8 is expected"))
}

/// The caller's place for text.
pub(crate) struct Output<'a> {
    buf: *mut u8,
    cap: usize,
    len: OutParam<'a, usize>,
    for_call: PhantomData<&'a mut [u8]>,
}

impl Output<'_> {
    /// # Safety
    ///
    /// `buf` is NULL or has `cap` writable bytes, `len` is NULL or writable, both during the lifetime of
    /// the output.
    pub(crate) unsafe fn new(buf: *mut c_char, cap: usize, len: *mut usize) -> Result<Self> {
        if buf.is_null() && cap > 0 {
            return Err(is_null("buf", "a buffer of `cap` bytes, or a `cap` of 0,"));
        }
        if cap > LARGEST {
            return Err(Error::new(
                Status::Argument,
                format!("cap: {cap}, the number of bytes in the buffer is expected"),
            ));
        }
        // SAFETY: as the caller promises.
        let len = unsafe { OutParam::new(len, "len") }?;
        Ok(Output { buf: buf.cast(), cap, len, for_call: PhantomData })
    }

    /// Whether [`Output::write`] would hand out the whole of `text`.
    pub(crate) fn holds(&self, text: &str) -> bool {
        text.len() < self.cap
    }

    /// Writes the length of `text` and, unless only that was asked for, as much of it as there is room
    /// for, ended by NUL.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        self.len.put(text.len());
        if self.buf.is_null() {
            return Ok(());
        }
        if self.holds(text) {
            self.copy(text);
            return Ok(());
        }
        if let Some(room) = self.cap.checked_sub(1) {
            self.copy(beginning(text, room));
        }
        let needed = text.len() + 1;
        Err(Error::new(Status::Truncated, format!("cap: {}, {needed} bytes are expected", self.cap)))
    }

    /// Copies `text`, which is shorter than the buffer, and a NUL.
    fn copy(&self, text: &str) {
        // SAFETY: `new` asks for `cap` writable bytes, and `text` is the library's own memory.
        unsafe { self.buf.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        // SAFETY: the text is shorter than the buffer, so its end is inside.
        let end = unsafe { self.buf.add(text.len()) };
        // SAFETY: as above.
        unsafe { end.write(0) };
    }
}

/// The longest beginning of `text` of at most `room` bytes that ends between two characters.
fn beginning(text: &str, room: usize) -> &str {
    (0..=room).rev().find_map(|end| text.get(..end)).unwrap_or("")
}
