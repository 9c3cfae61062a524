//! Handles and single values that cross the boundary as pointers.
//!
//! A handle is a box of a core value under an opaque name. It is lent to every call as a shared
//! reference, never as `&mut`, and taken back by the `_free` function alone.

use std::marker::PhantomData;

use mona_core::error::{Error, Result, Status};

/// An opaque C type and the core value behind its pointers.
pub(crate) trait Handle {
    /// What a pointer to the handle really points to.
    type Behind;
}

/// Moves `value` out to C.
pub(crate) fn hand_out<H: Handle>(value: H::Behind) -> *mut H {
    Box::into_raw(Box::new(value)).cast()
}

/// Takes a handle back from C; None for NULL.
///
/// # Safety
///
/// `handle` is NULL or came from [`hand_out`], and nobody uses it any more.
pub(crate) unsafe fn take_back<H: Handle>(handle: *mut H) -> Option<Box<H::Behind>> {
    if handle.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    Some(unsafe { Box::from_raw(handle.cast()) })
}

/// The value behind a handle that C lends for the time of a call.
///
/// # Safety
///
/// `handle` is NULL or came from [`hand_out`] and is not taken back during `'a`.
#[inline]
pub(crate) unsafe fn borrow<'a, H: Handle>(handle: *const H, name: &str) -> Result<&'a H::Behind> {
    // SAFETY: as the caller promises.
    unsafe { borrow_or_null(handle) }.ok_or_else(|| is_null(name, "a handle"))
}

/// The same for a handle that may be NULL.
///
/// # Safety
///
/// As for [`borrow`].
#[inline]
pub(crate) unsafe fn borrow_or_null<'a, H: Handle>(handle: *const H) -> Option<&'a H::Behind> {
    // SAFETY: as the caller promises.
    unsafe { handle.cast::<H::Behind>().as_ref() }
}

/// A place of the caller's for one value, written only with [`OutParam::put`].
pub(crate) struct OutParam<'a, T> {
    at: *mut T,
    for_call: PhantomData<&'a mut T>,
}

impl<T> OutParam<'_, T> {
    /// # Safety
    ///
    /// `at` is NULL or writable during the lifetime of the place.
    #[inline]
    pub(crate) unsafe fn new(at: *mut T, name: &str) -> Result<Self> {
        if at.is_null() {
            return Err(is_null(name, "a place for the result"));
        }
        if !at.is_aligned() {
            return Err(misaligned(name));
        }
        Ok(OutParam { at, for_call: PhantomData })
    }

    /// Writes `value`; what was there is not looked at, it may be uninitialised.
    #[inline]
    pub(crate) fn put(&self, value: T) {
        // SAFETY: `new` asks for a writable place and has seen that it is neither NULL nor misaligned.
        unsafe { self.at.write(value) };
    }
}

#[cold]
pub(crate) fn is_null(name: &str, expected: &str) -> Error {
    Error::new(Status::Argument, format!("{name}: NULL, {expected} is expected"))
}

#[cold]
pub(crate) fn misaligned(name: &str) -> Error {
    Error::new(
        Status::Argument,
        format!("{name}: a misaligned pointer, one to the declared type is expected"),
    )
}
