//! Stacks: the thread's context as a value, for hosts whose tasks take turns on threads. Making, moving, reading, freeing.
//!
//! As with contexts, an argument that cannot be converted is an error only while the client is enabled.

use std::ffi::c_char;

use mona_core::{Given, Stack};

use crate::client::mona_client;
use crate::field::{LentField, mona_field};
use crate::guard::{guard_brief, guard_or, guard_prepared};
use crate::handle::borrow_or_null;
use crate::moved::{mona_stack, moving, optional_field, seen, taken_back};
use crate::status::mona_status;
use crate::text::{Output, optional_text};

/// What C gave for a context.
///
/// # Safety
///
/// As for [`optional_field`] and [`optional_text`].
unsafe fn given<'g>(
    arc_class: *const mona_field,
    id: (*const c_char, usize, &str),
    timestamp: *const mona_field,
) -> Given<'g, LentField> {
    let (ptr, len, name) = id;
    Given {
        // SAFETY: as the caller promises.
        class: unsafe { optional_field(arc_class, "arc_class") },
        // SAFETY: as the caller promises.
        id: unsafe { optional_text(ptr, len, name) },
        // SAFETY: as the caller promises.
        timestamp: unsafe { optional_field(timestamp, "timestamp") },
    }
}

/// Enters a main context, until mona_stack_leave(), and sends its class and the globals.
///
/// Inside another enter it joins: nothing is opened or sent and its leave does nothing. A context that was
/// opened without enter is replaced.
///
/// @param client_or_null     The client of the context; NULL: the default client. Where it joins, it does not matter.
/// @param from_or_null       The stack before; NULL: the empty one.
/// @param arc_class_or_null  The name shared by runs of the same algorithm, as a field of any kind whose key does not
///                           matter. NULL, null, false, 0, "", [] and {}: no class is sent; other values that are no
///                           text are sent as they are.
/// @param context_id         An id, to continue a run that began elsewhere; NULL or "": a new unique one.
/// @param context_id_len     Bytes in `context_id`, or MONA_NTS.
/// @param timestamp_or_null  Of the class record: seconds since the Unix epoch, as a field of any kind whose key does not
///                           matter. NULL, null, false, 0, "", [] and {}: now. What is no time is sent as an extra
///                           field, and now is used.
/// @param scope              Gets a number for mona_stack_leave(), never 0 and never the same twice, whatever the result.
///                           Not NULL.
/// @param to                 Gets the stack after it, for mona_stack_free(), whatever the result: where nothing was
///                           opened, one equal to that before, NULL for the empty one. Not NULL.
/// @return MONA_OK; MONA_E_CLOSED, MONA_E_UTF8, MONA_E_JSON, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_BUSY,
///         MONA_E_ARGUMENT: nothing was opened, and leaving the scope does nothing. MONA_E_TIMEOUT with the option
///         `blocking`: it is open, and its class is still on its way.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_enter(
    client_or_null: *mut mona_client,
    from_or_null: *const mona_stack,
    arc_class_or_null: *const mona_field,
    context_id: *const c_char,
    context_id_len: usize,
    timestamp_or_null: *const mona_field,
    scope: *mut u64,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_enter", || {
        let enter = |from: Option<&_>| {
            // SAFETY: the header asks for NULL or a client that is not freed yet.
            let client = unsafe { borrow_or_null(client_or_null) };
            let id = (context_id, context_id_len, "context_id");
            // SAFETY: the header asks for fields, and for `context_id_len` readable bytes.
            let given = unsafe { given(arc_class_or_null, id, timestamp_or_null) };
            Stack::enter(client, from, &given)
        };
        // SAFETY: the header asks for a stack that is not freed yet, and for writable places.
        unsafe { moving(from_or_null, Some(scope), to, enter) }
    })
}

/// Enters a sub-context of the open context, until mona_stack_leave(), and sends its class.
///
/// @param from_or_null        The stack before.
/// @param arc_class_or_null   The class of the step, as for mona_stack_enter().
/// @param sub_context_id      The id of the step; NULL or "": a new unique one.
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @param scope               As for mona_stack_enter().
/// @param to                  As for mona_stack_enter().
/// @return As mona_stack_enter(); MONA_E_NO_CONTEXT: no context is open in the stack before.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_enter_sub(
    from_or_null: *const mona_stack,
    arc_class_or_null: *const mona_field,
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
    scope: *mut u64,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_enter_sub", || {
        let enter_sub = |from: Option<&_>| {
            let id = (sub_context_id, sub_context_id_len, "sub_context_id");
            // SAFETY: the header asks for a field, and for `sub_context_id_len` readable bytes.
            let given = unsafe { given(arc_class_or_null, id, std::ptr::null()) };
            Stack::enter_sub(from, &given)
        };
        // SAFETY: the header asks for a stack that is not freed yet, and for writable places.
        unsafe { moving(from_or_null, Some(scope), to, enter_sub) }
    })
}

/// Closes what an enter opened, and everything that was opened inside it since.
///
/// Leaves need not come in order, nor on the stack that the enter gave: any stack that came from it will do. Other stacks
/// that came from it stay as they are, and whoever has one goes on in it.
///
/// @param from_or_null  The stack before.
/// @param scope         The number that the enter gave. There is no innermost one here: MONA_INNERMOST is in no stack.
/// @param to            As for mona_stack_enter(): NULL where nothing is open any more.
/// @return MONA_OK: also for a scope that was left before, or that is of another stack, which moves nothing;
///         MONA_E_BUSY, MONA_E_ARGUMENT.
///
/// A scope entered while enabled is closed properly even while disabled.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_leave(
    from_or_null: *const mona_stack,
    scope: u64,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_leave", || {
        let leave = |from: Option<&_>| Stack::leave(from, scope).into();
        // SAFETY: the header asks for a stack that is not freed yet, and for a writable place.
        unsafe { moving(from_or_null, None, to, leave) }
    })
}

/// Opens a main context without a matching leave, and sends its class and the globals. What was open before is forgotten.
///
/// @param client_or_null     The client of the context; NULL: the default client.
/// @param from_or_null       The stack before.
/// @param arc_class_or_null  As for mona_stack_enter().
/// @param context_id         As for mona_stack_enter().
/// @param context_id_len     Bytes in `context_id`, or MONA_NTS.
/// @param timestamp_or_null  As for mona_stack_enter().
/// @param to                 As for mona_stack_enter().
/// @return MONA_OK; MONA_E_PROTECTED: inside an enter, nothing was done; MONA_E_CLOSED, MONA_E_LIMIT,
///         MONA_E_DROPPED, MONA_E_TIMEOUT: the context is open but its class was not sent, or is still on its way;
///         MONA_E_UTF8, MONA_E_JSON, MONA_E_BUSY, MONA_E_ARGUMENT: nothing was done.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_open(
    client_or_null: *mut mona_client,
    from_or_null: *const mona_stack,
    arc_class_or_null: *const mona_field,
    context_id: *const c_char,
    context_id_len: usize,
    timestamp_or_null: *const mona_field,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_open", || {
        let open = |from: Option<&_>| {
            // SAFETY: the header asks for NULL or a client that is not freed yet.
            let client = unsafe { borrow_or_null(client_or_null) };
            let id = (context_id, context_id_len, "context_id");
            // SAFETY: the header asks for fields, and for `context_id_len` readable bytes.
            let given = unsafe { given(arc_class_or_null, id, timestamp_or_null) };
            Stack::open(client, from, &given)
        };
        // SAFETY: the header asks for a stack that is not freed yet, and for a writable place.
        unsafe { moving(from_or_null, None, to, open) }
    })
}

/// Opens a sub-context without a matching leave, and sends its class.
///
/// @param from_or_null        The stack before.
/// @param arc_class_or_null   As for mona_stack_enter_sub().
/// @param sub_context_id      As for mona_stack_enter_sub().
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @param to                  As for mona_stack_enter().
/// @return As mona_stack_open(); MONA_E_NO_CONTEXT: no context is open in the stack before.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_open_sub(
    from_or_null: *const mona_stack,
    arc_class_or_null: *const mona_field,
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_open_sub", || {
        let open_sub = |from: Option<&_>| {
            let id = (sub_context_id, sub_context_id_len, "sub_context_id");
            // SAFETY: the header asks for a field, and for `sub_context_id_len` readable bytes.
            let given = unsafe { given(arc_class_or_null, id, std::ptr::null()) };
            Stack::open_sub(from, &given)
        };
        // SAFETY: the header asks for a stack that is not freed yet, and for a writable place.
        unsafe { moving(from_or_null, None, to, open_sub) }
    })
}

/// Closes a sub-context, and everything inside it.
///
/// @param from_or_null        The stack before.
/// @param sub_context_id      The id of the step; NULL: the last one.
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @param to                  As for mona_stack_enter().
/// @return MONA_OK; MONA_E_NOT_FOUND: no such sub-context is open, or it is the main context;
///         MONA_E_PROTECTED: it belongs to an enter; MONA_E_UTF8, MONA_E_BUSY, MONA_E_ARGUMENT. With an error nothing
///         was closed.
///
/// While disabled nothing is closed or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_close_sub(
    from_or_null: *const mona_stack,
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_close_sub", || {
        let close_sub = |from: Option<&_>| {
            // SAFETY: the header asks for `sub_context_id_len` readable bytes.
            let id = unsafe { optional_text(sub_context_id, sub_context_id_len, "sub_context_id") };
            Stack::close_sub(from, id)
        };
        // SAFETY: the header asks for a stack that is not freed yet, and for a writable place.
        unsafe { moving(from_or_null, None, to, close_sub) }
    })
}

/// Forgets the open context. Inside an enter, nothing can be opened or exported until its leave.
///
/// @param from_or_null  The stack before.
/// @param to            As for mona_stack_enter(): NULL outside an enter; inside one a stack without a context, which
///                      still has the scopes.
/// @return MONA_OK; MONA_E_BUSY, MONA_E_ARGUMENT.
///
/// While disabled nothing is changed: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_reset(
    from_or_null: *const mona_stack,
    to: *mut *mut mona_stack,
) -> mona_status {
    guard_prepared("mona_stack_reset", || {
        let reset = |from: Option<&_>| Stack::reset(from).into();
        // SAFETY: the header asks for a stack that is not freed yet, and for a writable place.
        unsafe { moving(from_or_null, None, to, reset) }
    })
}

/// Gives the full id of the open context.
///
/// @param stack_or_null  The stack.
/// @param buf            Where the id goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap            Bytes in `buf`.
/// @param len            Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK: the text is "" when no context is open, and while disabled; MONA_E_TRUNCATED: `buf`
///         has the beginning; MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_id(
    stack_or_null: *const mona_stack,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard_brief("mona_stack_id", || {
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        // SAFETY: the header asks for a stack that is not freed yet.
        output.write(unsafe { seen(stack_or_null) }.map_or("", Stack::id))
    })
}

/// Frees a stack. Nothing is sent or left; stacks that came from it live on.
///
/// @param stack  The stack, used no more by whoever got it from a move; NULL does nothing.
///
/// Threads: any.   Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_free(stack: *mut mona_stack) {
    guard_or("mona_stack_free", (), || {
        // SAFETY: the header asks for a stack that its owner uses no more.
        drop(unsafe { taken_back(stack) });
        Ok(())
    })
}
