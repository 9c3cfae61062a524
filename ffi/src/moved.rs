//! Stacks that cross the boundary: lent for the time of a call, and handed out by every move, whatever becomes of it.
//!
//! A pointer to a stack is a counted reference to the core's value. An equal stack is the same value, counted once more.

use std::mem::ManuallyDrop;
use std::ptr::null_mut;
use std::sync::Arc;

use mona_core::call;
use mona_core::error::{Error, Result};
use mona_core::{Moved, Stack};

use crate::field::{LentField, fields, mona_field};
use crate::handle::{OutParam, misaligned};
use crate::panics;

/// The context of a task, as a value: what the mona_current_ functions keep for a thread. It never changes, a move gives
/// another one; it may be used by many threads at once, and in a forked child. NULL is the empty stack.
///
/// A host keeps it where its own tasks keep what is theirs and what their children inherit: Python's ContextVar, Node's
/// AsyncLocalStorage, Go's context.Context, Java's ScopedValue, C#'s AsyncLocal, Ruby's Fiber[]. Each stack that a move
/// gave is freed once, in any order, as soon as nobody uses it:
///
///   mona_stack *before = NULL, *in, *out;
///   uint64_t scope;
///   mona_field name = MONA_STR("", "ranker");
///   if (mona_stack_enter(client, before, &name, NULL, 0, NULL, &scope, &in) != MONA_OK) return 1;
///   mona_stack_export(in, "{\"score\": 0.9}", MONA_NTS, NULL, NULL);
///   if (mona_stack_leave(in, scope, &out) != MONA_OK) return 1;
///   mona_stack_free(in);
///
/// The rules are those of the mona_current_ functions, with "this thread's context" read as "the given stack". Records
/// of a stack go to the client of its main context; the empty stack has the default client.
pub struct mona_stack {
    _opaque: [u8; 0],
}

/// A stack that C keeps; the empty one is NULL.
pub(crate) struct Lent(Option<ManuallyDrop<Arc<Stack>>>);

impl Lent {
    /// # Safety
    ///
    /// `stack` is NULL or came from [`handed_out`] and is not freed as long as this is there.
    #[inline]
    pub(crate) unsafe fn new(stack: *const mona_stack) -> Lent {
        if stack.is_null() {
            return Lent(None);
        }
        // SAFETY: as the caller promises; the count stays as it is, for nothing drops it here.
        Lent(Some(ManuallyDrop::new(unsafe { Arc::from_raw(stack.cast()) })))
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&Arc<Stack>> {
        self.0.as_deref()
    }
}

/// The stack behind a pointer, for calls that only look at it.
///
/// # Safety
///
/// `stack` is NULL or came from [`handed_out`] and is not freed during `'a`.
#[inline(always)]
pub(crate) unsafe fn seen<'a>(stack: *const mona_stack) -> Option<&'a Stack> {
    // SAFETY: as the caller promises.
    unsafe { stack.cast::<Stack>().as_ref() }
}

fn handed_out(stack: Option<Arc<Stack>>) -> *mut mona_stack {
    stack.map_or(null_mut(), |stack| Arc::into_raw(stack).cast_mut().cast())
}

/// Takes a stack back from C; None for NULL.
///
/// # Safety
///
/// `stack` is NULL or came from [`handed_out`], and whoever got it uses it no more.
pub(crate) unsafe fn taken_back(stack: *mut mona_stack) -> Option<Arc<Stack>> {
    if stack.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    Some(unsafe { Arc::from_raw(stack.cast::<Stack>()) })
}

/// The places of a move. What nothing was put into gets a stack equal to that before and a scope that does nothing, also
/// where a panic ends the move.
struct Places<'p> {
    to: Option<OutParam<'p, *mut mona_stack>>,
    scope: Option<OutParam<'p, u64>>,
    from: &'p Lent,
}

impl Places<'_> {
    fn put(&mut self, to: Option<Arc<Stack>>, scope: u64) {
        if let Some(place) = self.to.take() {
            place.put(handed_out(to));
        }
        if let Some(place) = self.scope.take() {
            place.put(scope);
        }
    }
}

impl Drop for Places<'_> {
    fn drop(&mut self) {
        if self.to.is_some() || self.scope.is_some() {
            self.put(self.from.get().cloned(), Stack::inert_scope());
        }
    }
}

/// Moves a stack, unless a signal handler asks for it in the middle of another call, and hands out what comes of it.
///
/// # Safety
///
/// `from` as for [`Lent::new`]; `scope`, where one is given out, and `to` as for [`OutParam::new`].
pub(crate) unsafe fn moving(
    from: *const mona_stack,
    scope: Option<*mut u64>,
    to: *mut *mut mona_stack,
    run: impl FnOnce(Option<&Arc<Stack>>) -> Moved,
) -> Result<()> {
    panics::prepare();
    // SAFETY: as the caller promises.
    let from = unsafe { Lent::new(from) };
    // SAFETY: as the caller promises.
    let (to, to_fault) = parted(unsafe { OutParam::new(to, "to") });
    // SAFETY: as the caller promises.
    let scope = scope.map(|scope| unsafe { OutParam::new(scope, "scope") }).transpose();
    let (scope, scope_fault) = parted(scope);
    let mut places = Places { to, scope: scope.flatten(), from: &from };
    if let Some(fault) = to_fault.or(scope_fault) {
        return Err(fault);
    }
    let Some(_inside) = call::enter_briefly() else { return Err(Error::interrupting()) };
    let moved = run(from.get());
    places.put(moved.to, moved.scope);
    moved.result
}

fn parted<T>(result: Result<T>) -> (Option<T>, Option<Error>) {
    match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    }
}

/// A single field, the argument `name`; none where it is NULL.
///
/// # Safety
///
/// As for [`fields`] with one.
#[inline]
pub(crate) unsafe fn optional_field<'a>(
    field: *const mona_field,
    name: &str,
) -> Result<Option<&'a LentField>> {
    if field.is_null() {
        return Ok(None);
    }
    if !field.is_aligned() {
        return Err(misaligned(name));
    }
    // SAFETY: as the caller promises.
    Ok(unsafe { fields(field, 1) }?.first())
}
