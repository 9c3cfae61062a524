//! What stands around every exported function.
//!
//! A guard runs the body, contains a panic, keeps the detail of a failure for `mona_last_error()` and
//! gives the status. Where nothing fails the last error is not touched. While a thread is ending the storage of its last
//! error may be gone, and none is made for calls that come after its destructors: then the detail is lost and nothing
//! else happens.
//!
//! All but the exports and what only reads are marked as calls (`mona_core::call`): their thread cannot be cancelled, and
//! a signal handler that interrupts one is refused. Exports see to that themselves where they leave the fast path.

use std::cell::{Cell, RefCell};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mona_core::call::{self, OfThread};
use mona_core::error::{Error, Result};
use mona_core::registration;

use crate::panics;
use crate::status::{MONA_OK, mona_status};

thread_local! {
    static LAST: RefCell<OfThread<Error>> = const { RefCell::new(OfThread::nothing()) };
    /// Whether `LAST` was ever used, so that its destructor is known to the system. Beside it, as that takes memory, which
    /// no signal handler may.
    static IS_KEPT: Cell<bool> = const { Cell::new(false) };
    /// Whether the last failing call was that of a signal handler that interrupted another one.
    static WAS_INTERRUPTING: Cell<bool> = const { Cell::new(false) };
}

/// Runs the body of the function `name` and gives its status.
#[inline]
pub(crate) fn guard(name: &'static str, body: impl FnOnce() -> Result<()>) -> mona_status {
    match contained(name, body) {
        Ok(()) => MONA_OK,
        Err(error) => remembered(error),
    }
}

/// The same for an export, which only follows other calls, one of which made panics silent: with nothing to do before
/// the body, the arguments stay where they are.
#[inline(always)]
pub(crate) fn guard_prepared(name: &'static str, body: impl FnOnce() -> Result<()>) -> mona_status {
    match caught(name, body) {
        Ok(()) => MONA_OK,
        Err(error) => remembered(error),
    }
}

/// The same for a function that only in rare parts comes to a cancellation point: the core sees to those.
#[inline]
pub(crate) fn guard_brief(name: &'static str, body: impl FnOnce() -> Result<()>) -> mona_status {
    match contained_briefly(name, body) {
        Ok(()) => MONA_OK,
        Err(error) => remembered(error),
    }
}

/// The same for a function that answers without a status: `fallback` stands for a failure.
#[inline]
pub(crate) fn guard_or<T>(name: &'static str, fallback: T, body: impl FnOnce() -> Result<T>) -> T {
    match contained_briefly(name, body) {
        Ok(value) => value,
        Err(error) => {
            remembered(error);
            fallback
        }
    }
}

/// Runs the body of a function that only reads what never changes, in a signal handler too.
pub(crate) fn guard_reading<T>(name: &'static str, fallback: T, body: impl FnOnce() -> Result<T>) -> T {
    panics::prepare();
    caught(name, body).unwrap_or(fallback)
}

/// Runs the body of a function that reads the last error, which its own failures therefore must not
/// replace.
pub(crate) fn guard_reading_last_error(name: &'static str, body: impl FnOnce() -> Result<()>) -> mona_status {
    panics::prepare();
    match caught(name, body) {
        Ok(()) => MONA_OK,
        Err(error) => error.status().code(),
    }
}

#[inline]
fn contained<T>(name: &'static str, body: impl FnOnce() -> Result<T>) -> Result<T> {
    panics::prepare();
    let Some(_inside) = call::enter() else { return Err(Error::interrupting()) };
    caught(name, body)
}

#[inline]
fn contained_briefly<T>(name: &'static str, body: impl FnOnce() -> Result<T>) -> Result<T> {
    panics::prepare();
    let Some(_inside) = call::enter_briefly() else { return Err(Error::interrupting()) };
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
    let Some(_inside) = call::enter_briefly() else {
        WAS_INTERRUPTING.set(true);
        // To free it is not for a handler either.
        forget(error);
        return status;
    };
    WAS_INTERRUPTING.set(false);
    // Nobody would destroy it: destructors of pthread keys run after those of Rust.
    if !IS_KEPT.get() && call::has_ended() {
        return status;
    }
    registration::once(&IS_KEPT, || LAST.try_with(|_| ()).unwrap_or(()));
    let _ = LAST.try_with(|last| last.try_borrow_mut().map(|mut last| last.put(error)));
    status
}

/// Shows what this thread's last failing call had to say; nothing, if none failed.
pub(crate) fn with_last_error<R>(read: impl Fn(&str) -> R) -> R {
    if WAS_INTERRUPTING.get() {
        return read(Error::interrupting().detail());
    }
    if !IS_KEPT.get() {
        return read("");
    }
    let seen = LAST.try_with(|last| {
        let last = last.try_borrow().ok()?;
        last.get().map(|error| read(error.detail()))
    });
    seen.ok().flatten().unwrap_or_else(|| read(""))
}
