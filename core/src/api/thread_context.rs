//! The calling thread's own context, for code that has no handle at hand.
//!
//! Each thread has a stack of segments; a new thread starts empty. Records go to the default client,
//! which the first call makes from the environment when there is none. Calls on a thread whose storage is
//! gone already, as in late destructors, answer [`Status::Thread`].

use std::cell::{Cell, RefCell};

pub use super::state::{BatchReport, Entered};
use super::state::{Session, State, left};
use crate::client::{Client, Emitted, default_for_export, default_or_error, existing_default};
use crate::diag::error::{Error, Result, Status};
use crate::encode::{ArcClass, AsField, Timestamp};
use crate::sys::call::{self, OfThread};
use crate::sys::registration;

/// The scope of an enter on a thread without storage for one; leaving it does nothing.
const NO_SCOPE: u64 = u64::MAX;

thread_local! {
    static STACK: RefCell<OfThread<State>> = const { RefCell::new(OfThread::nothing()) };
    static IS_REGISTERED: Cell<bool> = const { Cell::new(false) };
}

fn with_stack<R>(see: impl FnOnce(&mut State) -> R) -> Result<R> {
    registration::once(&IS_REGISTERED, || STACK.try_with(|_| ()).unwrap_or(()));
    let seen = STACK.try_with(|cell| {
        let mut slot = cell.try_borrow_mut().map_err(|_| Error::interrupting())?;
        Ok(see(slot.get_or_insert_with(State::of_thread)))
    });
    seen.unwrap_or_else(|_| {
        Err(Error::new(Status::Thread, "thread: it is ending, a call before its destructors run is expected"))
    })
}

fn with_session<R>(run: impl FnOnce(&mut Session<'_>) -> R) -> Result<R> {
    let client = default_or_error()?;
    with_stack(|stack| run(&mut Session { client, stack }))
}

/// The same for an export, whose refusal is counted also where it does not get as far as the client.
fn with_export(run: impl FnOnce(&mut Session<'_>) -> Result<Emitted>) -> Result<()> {
    let client = default_for_export()?;
    if call::is_inside() {
        return Err(client.inner.refused_interrupting());
    }
    match with_stack(|stack| run(&mut Session { client, stack })) {
        Ok(exported) => exported.map(drop),
        Err(error) if error.status() == Status::Busy => Err(client.inner.refused_interrupting()),
        Err(error) => Err(client.inner.refused(None, error)),
    }
}

/// Enters a main context: opens it and keeps it until the scope is left. Inside another entered context it
/// joins that one: the arguments are ignored and its leave does nothing.
///
/// # Errors
/// Those of an export, when the class record cannot be sent; the context is then as before.
pub fn enter(arc_class: Option<&str>, context_id: Option<&str>, timestamp: Timestamp) -> Entered {
    let class = arc_class.map(ArcClass::from);
    entered(with_session(|session| session.enter(class.as_ref(), context_id, &timestamp)))
}

/// Enters a sub-context of the open context.
///
/// # Errors
/// [`Status::NoContext`], and as [`enter`].
pub fn enter_sub(arc_class: Option<&str>, sub_context_id: Option<&str>) -> Entered {
    let class = arc_class.map(ArcClass::from);
    entered(with_session(|session| session.enter_sub(class.as_ref(), sub_context_id)))
}

/// What an enter comes to whose arguments cannot be used: an inert scope, and `error` unless the client is
/// disabled.
pub fn enter_refused(error: Error) -> Entered {
    let is_disabled = default_or_error().is_ok_and(Client::is_disabled);
    let scope = with_stack(State::inert).unwrap_or(NO_SCOPE);
    Entered { scope, result: if is_disabled { Ok(()) } else { told(Err(error)) } }
}

/// What an enter comes to that a signal handler made while its thread is inside another call.
pub fn enter_interrupting() -> Entered {
    Entered { scope: NO_SCOPE, result: Err(Error::interrupting()) }
}

fn entered(result: Result<Entered>) -> Entered {
    let entered = result.unwrap_or_else(|error| {
        let scope = with_stack(State::inert).unwrap_or(NO_SCOPE);
        Entered { scope, result: Err(error) }
    });
    Entered { result: told(entered.result), ..entered }
}

/// Tells the log of a context that was not opened.
fn told(opened: Result<()>) -> Result<()> {
    if let (Err(error), Some(client)) = (&opened, existing_default()) {
        client.inner.told_of_context(error);
    }
    opened
}

/// What an open comes to whose arguments cannot be used: `error` unless the client is disabled.
///
/// # Errors
/// `error`.
#[cold]
pub fn open_refused(error: Error) -> Result<()> {
    if default_or_error().is_ok_and(Client::is_disabled) { Ok(()) } else { told(Err(error)) }
}

/// Leaves a scope, or the last one entered when `scope` is 0. Scopes may be left in any order; one that is
/// gone already is no error.
///
/// # Errors
/// [`Status::NotFound`] for a scope of another thread, [`Status::Argument`] for a number that is no scope,
/// [`Status::NoContext`] for 0 when nothing is entered.
pub fn leave(scope: u64) -> Result<()> {
    if scope == NO_SCOPE {
        return Ok(());
    }
    let answer = with_stack(|stack| left(stack.leave(scope), scope))?;
    match answer {
        Err(_) if default_or_error().is_ok_and(Client::is_disabled) => Ok(()),
        answer => answer,
    }
}

/// The full id of the open context; empty when there is none and while the client is disabled.
///
/// # Errors
/// Only those that every call here may have.
pub fn id() -> Result<String> {
    if default_or_error()?.is_disabled() {
        return Ok(String::new());
    }
    with_stack(|stack| stack.path().full_id().to_owned())
}

/// As [`crate::Context::skips`], for the open context.
#[inline(always)]
pub fn skips() -> bool {
    let disabled = existing_default().filter(|client| client.is_disabled());
    disabled.map(|client| client.inner.skip_disabled()).is_some()
}

/// Sends one event from the open context, the text of a JSON object.
///
/// # Errors
/// [`Status::NoContext`], and those of [`crate::Context::export_json`].
#[inline]
pub fn export_json(json: &[u8], timestamp: Timestamp) -> Result<()> {
    with_export(|session| session.export_json(json, &timestamp))
}

/// Sends one event of typed fields from the open context.
///
/// # Errors
/// As [`export_json`], and the first error among `fields`.
#[inline]
pub fn export_fields(fields: &[impl AsField], timestamp: Timestamp) -> Result<()> {
    with_export(|session| session.export_fields(fields, &timestamp))
}

/// As [`crate::Context::refuse_export`], for the open context.
///
/// # Errors
/// `error`, unless another one comes before it.
#[cold]
pub fn refuse_export(error: Error) -> Result<()> {
    with_export(|session| session.refuse_export(error))
}

/// Sends a JSON array of events, each in a context of its own; all in the entered context when there is one.
pub fn export_batch(json: &[u8]) -> BatchReport {
    with_batch(|session| session.export_batch(json))
}

/// Answers as a batch does that was found wrong with `error` before it came here.
#[cold]
pub fn refuse_batch(error: Error) -> BatchReport {
    with_batch(|session| session.refuse_batch(error))
}

fn with_batch(run: impl FnOnce(&mut Session<'_>) -> BatchReport) -> BatchReport {
    let client = match default_or_error() {
        Ok(client) => client,
        Err(error) => return BatchReport::failed(error),
    };
    let done = with_stack(|stack| run(&mut Session { client, stack }));
    done.unwrap_or_else(|error| BatchReport::failed(client.inner.refused(None, error)))
}

/// The same in contexts apart from whatever is open on this thread.
pub(crate) fn export_batch_apart(client: &Client, json: &[u8]) -> BatchReport {
    Session { client, stack: &mut State::of_value() }.export_batch(json)
}

/// As [`refuse_batch`], for [`export_batch_apart`].
pub(crate) fn refuse_batch_apart(client: &Client, error: Error) -> BatchReport {
    Session { client, stack: &mut State::of_value() }.refuse_batch(error)
}

/// Opens a main context in place of the one that is open.
///
/// # Errors
/// [`Status::Protected`] inside an entered context. The errors of an export, when the class record cannot
/// be sent; the context is open then all the same.
pub fn open(arc_class: Option<&str>, context_id: Option<&str>, timestamp: Timestamp) -> Result<()> {
    let class = arc_class.map(ArcClass::from);
    told(with_session(|session| session.open(class.as_ref(), context_id, &timestamp)).flatten())
}

/// Opens a sub-context of the open context.
///
/// # Errors
/// [`Status::NoContext`]; the errors of an export as with [`open`].
pub fn open_sub(arc_class: Option<&str>, sub_context_id: Option<&str>) -> Result<()> {
    let class = arc_class.map(ArcClass::from);
    told(with_session(|session| session.open_sub(class.as_ref(), sub_context_id)).flatten())
}

/// Closes the first sub-context with this id and everything inside it; the innermost one without an id.
///
/// # Errors
/// [`Status::NotFound`], [`Status::Protected`]: nothing was closed.
pub fn close_sub(sub_context_id: Option<&str>) -> Result<()> {
    with_session(|session| session.close_sub(sub_context_id))?
}

/// Forgets the open context. Inside an entered context nothing can be opened until its scope is left.
///
/// # Errors
/// Only those that every call here may have.
pub fn reset() -> Result<()> {
    with_session(|session| session.reset())?
}
