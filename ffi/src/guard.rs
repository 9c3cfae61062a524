//! What stands around every exported function.
//!
//! A guard runs the body, contains a panic, keeps the detail of a failure for `mona_last_error()` and
//! gives the status. The success path costs the body and one load: nothing is allocated and the last
//! error is not touched. While a thread is ending the storage of its last error may be gone: then the
//! detail is lost and nothing else happens.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mona_core::Client;
use mona_core::error::{Error, Result};

use crate::panics;
use crate::status::{MONA_OK, mona_status};

thread_local! {
    static LAST: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// Runs the body of the function `name` and gives its status.
#[inline]
pub(crate) fn guard(name: &'static str, body: impl FnOnce() -> Result<()>) -> mona_status {
    status_of(contained(name, body))
}

#[inline(always)]
fn status_of(result: Result<()>) -> mona_status {
    match result {
        Ok(()) => MONA_OK,
        Err(error) => remembered(error),
    }
}

/// The status of a body that ran inside a guard: only [`guarded`] and [`guarded_first`] make one.
#[repr(transparent)]
pub(crate) struct Guarded(mona_status);

/// Runs the body of the function `name`, for [`guard_unless`]. Panics were made silent by the call that made the
/// handle that this one is about.
#[inline(always)]
pub(crate) fn guarded(name: &'static str, body: impl FnOnce() -> Result<()>) -> Guarded {
    Guarded(status_of(caught(name, body)))
}

/// The same for a call that may be the first of all.
#[inline(always)]
pub(crate) fn guarded_first(name: &'static str, body: impl FnOnce() -> Result<()>) -> Guarded {
    Guarded(guard(name, body))
}

/// Runs `rest` of the function `name`, or counts a skipped event where `disabled` finds that the client is disabled.
///
/// `disabled` is not contained: it may only look at memory, which cannot panic. `rest` should be one call of an
/// `extern "C"` function, out of which nothing can unwind, with the same arguments: it is a jump then, and nothing is
/// saved or moved before it, nor for what is skipped.
#[inline(always)]
pub(crate) fn guard_unless<'a>(
    name: &'static str,
    disabled: impl FnOnce() -> Option<&'a Client>,
    rest: impl FnOnce() -> Guarded,
) -> mona_status {
    match disabled() {
        None => rest().0,
        Some(client) if client.skip_at_once() => MONA_OK,
        Some(client) => skip(client, name),
    }
}

// Nobody calls it from C.
#[allow(improper_ctypes_definitions)]
#[cold]
#[inline(never)]
extern "C" fn skip(client: &Client, name: &'static str) -> mona_status {
    guard(name, || {
        client.skip();
        Ok(())
    })
}

/// Runs the body of a function that answers without a status: `fallback` stands for a failure.
#[inline]
pub(crate) fn guard_or<T>(name: &'static str, fallback: T, body: impl FnOnce() -> Result<T>) -> T {
    match contained(name, body) {
        Ok(value) => value,
        Err(error) => {
            remembered(error);
            fallback
        }
    }
}

/// Runs the body of a function that reads the last error, which its own failures therefore must not
/// replace.
pub(crate) fn guard_reading_last_error(name: &'static str, body: impl FnOnce() -> Result<()>) -> mona_status {
    match contained(name, body) {
        Ok(()) => MONA_OK,
        Err(error) => error.status().code(),
    }
}

#[inline]
fn contained<T>(name: &'static str, body: impl FnOnce() -> Result<T>) -> Result<T> {
    panics::prepare();
    caught(name, body)
}

#[inline(always)]
fn caught<T>(name: &'static str, body: impl FnOnce() -> Result<T>) -> Result<T> {
    // The core leaves its state whole at each step, so what a panic interrupted can be used again.
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => Err(panics::as_error(name, payload)),
    }
}

#[cold]
fn remembered(error: Error) -> mona_status {
    let status = error.status().code();
    let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| *last = Some(error)));
    status
}

/// Shows what this thread's last failing call had to say; nothing, if none failed.
pub(crate) fn with_last_error<R>(read: impl Fn(&str) -> R) -> R {
    let seen = LAST.try_with(|last| {
        let last = last.try_borrow().ok()?;
        last.as_ref().map(|error| read(error.detail()))
    });
    seen.ok().flatten().unwrap_or_else(|| read(""))
}
