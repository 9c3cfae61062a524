//! The calling thread's context: that of the operating-system thread.
//!
//! As with handles, an argument that cannot be converted is an error only while the default client is
//! enabled.

use std::ffi::c_char;

use mona_core::call;
use mona_core::error::{Error, Result};
use mona_core::thread_context::{self, Entered};
use mona_core::{Client, Timestamp};

use crate::batch::{put_refusal, put_report};
use crate::field::{fields, mona_field};
use crate::guard::{guard, guard_brief, guard_prepared};
use crate::handle::OutParam;
use crate::panics;
use crate::status::mona_status;
use crate::text::{Output, bytes, optional_text};

/// The scope that stands for the last enter on this thread that was not left yet.
pub const MONA_INNERMOST: u64 = 0;

fn is_disabled() -> bool {
    Client::default_client().is_ok_and(Client::is_disabled)
}

/// A place for a scope, which may be NULL.
///
/// # Safety
///
/// As for [`OutParam::new`].
unsafe fn scope_out<'a>(scope: *mut u64) -> Result<Option<OutParam<'a, u64>>> {
    if scope.is_null() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    unsafe { OutParam::new(scope, "scope") }.map(Some)
}

/// Enters, unless a signal handler asks for it in the middle of another call. Hands out the scope, whatever the result,
/// and gives the result.
fn enter(place: Option<&OutParam<'_, u64>>, enter: impl FnOnce() -> Entered) -> Result<()> {
    panics::prepare();
    let entered = match call::enter_briefly() {
        Some(_inside) => enter(),
        None => thread_context::enter_interrupting(),
    };
    if let Some(place) = place {
        place.put(entered.scope);
    }
    entered.result
}

/// The answer of a call whose arguments cannot be used: while disabled nothing is checked.
fn unless_disabled(error: Error) -> Result<()> {
    if is_disabled() { Ok(()) } else { Err(error) }
}

/// Opens a main context on this thread, until mona_current_leave(), and sends its class and the globals.
///
/// Inside another enter it joins: nothing is opened or sent and its leave does nothing. A context opened
/// without enter is replaced.
///
/// @param arc_class       The name shared by runs of the same algorithm; NULL or "": no class is sent.
/// @param arc_class_len   Bytes in `arc_class`, or MONA_NTS.
/// @param context_id      An id, to continue a run that began elsewhere; NULL or "": a new unique one.
/// @param context_id_len  Bytes in `context_id`, or MONA_NTS.
/// @param timestamp       Of the class record: seconds since the Unix epoch, or MONA_NOW.
/// @param scope_or_null   Gets a number for mona_current_leave(), never 0, whatever the result. NULL:
///                        not wanted.
/// @return MONA_OK; MONA_E_CLOSED, MONA_E_UTF8, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_BUSY,
///         MONA_E_THREAD, MONA_E_ARGUMENT: nothing was opened, and leaving the scope does nothing.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_enter(
    arc_class: *const c_char,
    arc_class_len: usize,
    context_id: *const c_char,
    context_id_len: usize,
    timestamp: f64,
    scope_or_null: *mut u64,
) -> mona_status {
    guard_prepared("mona_current_enter", || {
        // SAFETY: the header asks for NULL or a writable place.
        let scope = unsafe { scope_out(scope_or_null) }?;
        enter(scope.as_ref(), || {
            // SAFETY: the header asks for `arc_class_len` readable bytes.
            let class = unsafe { optional_text(arc_class, arc_class_len, "arc_class") };
            // SAFETY: the header asks for `context_id_len` readable bytes.
            let id = unsafe { optional_text(context_id, context_id_len, "context_id") };
            match class.and_then(|class| Ok((class, id?))) {
                Ok((class, id)) => thread_context::enter(class, id, Timestamp::from_seconds(timestamp)),
                Err(error) => thread_context::enter_refused(error),
            }
        })
    })
}

/// Opens a sub-context on this thread, until mona_current_leave(), and sends its class.
///
/// @param arc_class           The class of the step; NULL or "": no class is sent.
/// @param arc_class_len       Bytes in `arc_class`, or MONA_NTS.
/// @param sub_context_id      The id of the step; NULL or "": a new unique one.
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @param scope_or_null       As for mona_current_enter().
/// @return As mona_current_enter(); MONA_E_NO_CONTEXT: no context is open on this thread.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_enter_sub(
    arc_class: *const c_char,
    arc_class_len: usize,
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
    scope_or_null: *mut u64,
) -> mona_status {
    guard_prepared("mona_current_enter_sub", || {
        // SAFETY: the header asks for NULL or a writable place.
        let scope = unsafe { scope_out(scope_or_null) }?;
        enter(scope.as_ref(), || {
            // SAFETY: the header asks for `arc_class_len` readable bytes.
            let class = unsafe { optional_text(arc_class, arc_class_len, "arc_class") };
            // SAFETY: the header asks for `sub_context_id_len` readable bytes.
            let id = unsafe { optional_text(sub_context_id, sub_context_id_len, "sub_context_id") };
            match class.and_then(|class| Ok((class, id?))) {
                Ok((class, id)) => thread_context::enter_sub(class, id),
                Err(error) => thread_context::enter_refused(error),
            }
        })
    })
}

/// Closes what an enter on this thread opened, and everything that was opened inside it since.
///
/// Leaves need not come in order: what is closed already stays closed.
///
/// @param scope  The number that the enter gave, or MONA_INNERMOST: the last enter not left yet.
/// @return MONA_OK: also when it was left before; MONA_E_NOT_FOUND: the scope of another thread;
///         MONA_E_NO_CONTEXT: MONA_INNERMOST with nothing entered; MONA_E_ARGUMENT: a number that is no
///         scope; MONA_E_THREAD. With an error nothing was closed.
///
/// A scope entered while enabled is closed properly even while disabled.
/// Threads: the one that entered; scopes belong to the operating-system thread, not to a task that runs on
/// it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub extern "C" fn mona_current_leave(scope: u64) -> mona_status {
    guard_brief("mona_current_leave", || thread_context::leave(scope))
}

/// Gives the full id of this thread's context.
///
/// To continue on another thread, give it to mona_current_enter() there, without a class.
///
/// @param buf  Where the id goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap  Bytes in `buf`.
/// @param len  Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK: the text is "" when no context is open, and while disabled; MONA_E_TRUNCATED: `buf`
///         has the beginning; MONA_E_THREAD; MONA_E_ARGUMENT.
///
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_id(buf: *mut c_char, cap: usize, len: *mut usize) -> mona_status {
    guard_brief("mona_current_id", || {
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&thread_context::id()?)
    })
}

/// Sends one event from this thread's context.
///
/// @param json       One JSON object in UTF-8; copied before the call returns. Not NULL.
/// @param json_len   Bytes in `json`, or MONA_NTS.
/// @param timestamp  Seconds since the Unix epoch, or MONA_NOW.
/// @return As mona_context_export(); MONA_E_NO_CONTEXT: no context is open on this thread;
///         MONA_E_THREAD.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_export(
    json: *const c_char,
    json_len: usize,
    timestamp: f64,
) -> mona_status {
    guard_prepared("mona_current_export", || {
        if thread_context::skips() {
            return Ok(());
        }
        // SAFETY: the header asks for `json_len` readable bytes.
        unsafe { export(json, json_len, timestamp) }
    })
}

/// Apart, so that a skipped call saves and moves nothing for it. It may be the first call of all, a skipped one not.
///
/// # Safety
///
/// As for [`bytes`].
#[inline(never)]
unsafe fn export(json: *const c_char, json_len: usize, timestamp: f64) -> Result<()> {
    panics::prepare();
    // SAFETY: as the caller promises.
    match unsafe { bytes(json, json_len, "json") } {
        Ok(json) => thread_context::export_json(json, Timestamp::from_seconds(timestamp)),
        Err(error) => thread_context::refuse_export(error),
    }
}

/// Sends one event from this thread's context, given as typed fields.
///
/// @param fields     The fields, copied with their texts before the call returns. NULL only if `n` is 0.
/// @param n          The number of fields.
/// @param timestamp  Seconds since the Unix epoch, or MONA_NOW.
/// @return As mona_context_export_fields(); MONA_E_NO_CONTEXT: no context is open on this thread;
///         MONA_E_THREAD.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_export_fields(
    fields: *const mona_field,
    n: usize,
    timestamp: f64,
) -> mona_status {
    guard_prepared("mona_current_export_fields", || {
        if thread_context::skips() {
            return Ok(());
        }
        // SAFETY: the header asks for `n` fields.
        unsafe { export_fields(fields, n, timestamp) }
    })
}

/// Apart, as [`export`] is.
///
/// # Safety
///
/// As for [`fields`].
#[inline(never)]
unsafe fn export_fields(fields: *const mona_field, n: usize, timestamp: f64) -> Result<()> {
    panics::prepare();
    // SAFETY: as the caller promises.
    match unsafe { self::fields(fields, n) } {
        Ok(fields) => thread_context::export_fields(fields, Timestamp::from_seconds(timestamp)),
        Err(error) => thread_context::refuse_export(error),
    }
}

/// Sends a batch of events, each in an enter/leave pair on this thread: inside an open enter they join
/// it.
///
/// @param json      As for mona_client_export_batch().
/// @param json_len  Bytes in `json`, or MONA_NTS.
/// @param accepted  As for mona_client_export_batch().
/// @return As mona_client_export_batch(); MONA_E_THREAD.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_export_batch(
    json: *const c_char,
    json_len: usize,
    accepted: *mut usize,
) -> mona_status {
    guard("mona_current_export_batch", || {
        // SAFETY: the header asks for a writable place.
        let accepted = unsafe { OutParam::new(accepted, "accepted") }.map_err(|error| {
            if is_disabled() {
                return error;
            }
            thread_context::refuse_batch(error.clone()).result.err().unwrap_or(error)
        })?;
        // SAFETY: the header asks for `json_len` readable bytes.
        match unsafe { bytes(json, json_len, "json") } {
            Ok(json) => put_report(thread_context::export_batch(json), &accepted),
            Err(error) => put_refusal(thread_context::refuse_batch(error), &accepted),
        }
    })
}

/// Opens a main context on this thread without a matching leave, and sends its class and the globals.
/// What was open before is forgotten.
///
/// @param arc_class       As for mona_current_enter().
/// @param arc_class_len   Bytes in `arc_class`, or MONA_NTS.
/// @param context_id      As for mona_current_enter().
/// @param context_id_len  Bytes in `context_id`, or MONA_NTS.
/// @param timestamp       As for mona_current_enter().
/// @return MONA_OK; MONA_E_PROTECTED: inside an enter, nothing was done; MONA_E_CLOSED, MONA_E_LIMIT,
///         MONA_E_DROPPED: the context is open but its class was not sent; MONA_E_UTF8, MONA_E_BUSY,
///         MONA_E_THREAD, MONA_E_ARGUMENT.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_open(
    arc_class: *const c_char,
    arc_class_len: usize,
    context_id: *const c_char,
    context_id_len: usize,
    timestamp: f64,
) -> mona_status {
    guard_brief("mona_current_open", || {
        // SAFETY: the header asks for `arc_class_len` readable bytes.
        let class = unsafe { optional_text(arc_class, arc_class_len, "arc_class") };
        // SAFETY: the header asks for `context_id_len` readable bytes.
        let id = unsafe { optional_text(context_id, context_id_len, "context_id") };
        match class.and_then(|class| Ok((class, id?))) {
            Ok((class, id)) => thread_context::open(class, id, Timestamp::from_seconds(timestamp)),
            Err(error) => thread_context::open_refused(error),
        }
    })
}

/// Opens a sub-context on this thread without a matching leave, and sends its class.
///
/// @param arc_class           As for mona_current_enter_sub().
/// @param arc_class_len       Bytes in `arc_class`, or MONA_NTS.
/// @param sub_context_id      As for mona_current_enter_sub().
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @return As mona_current_open(); MONA_E_NO_CONTEXT: no context is open on this thread.
///
/// While disabled nothing is opened or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_open_sub(
    arc_class: *const c_char,
    arc_class_len: usize,
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
) -> mona_status {
    guard_brief("mona_current_open_sub", || {
        // SAFETY: the header asks for `arc_class_len` readable bytes.
        let class = unsafe { optional_text(arc_class, arc_class_len, "arc_class") };
        // SAFETY: the header asks for `sub_context_id_len` readable bytes.
        let id = unsafe { optional_text(sub_context_id, sub_context_id_len, "sub_context_id") };
        match class.and_then(|class| Ok((class, id?))) {
            Ok((class, id)) => thread_context::open_sub(class, id),
            Err(error) => thread_context::open_refused(error),
        }
    })
}

/// Closes a sub-context of this thread, and everything inside it.
///
/// @param sub_context_id      The id of the step; NULL: the last one.
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @return MONA_OK; MONA_E_NOT_FOUND: no such sub-context is open, or it is the main context;
///         MONA_E_PROTECTED: it belongs to an enter; MONA_E_UTF8, MONA_E_THREAD, MONA_E_ARGUMENT. With
///         an error nothing was closed.
///
/// While disabled nothing is closed or checked: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_current_close_sub(
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
) -> mona_status {
    guard_brief("mona_current_close_sub", || {
        // SAFETY: the header asks for `sub_context_id_len` readable bytes.
        match unsafe { optional_text(sub_context_id, sub_context_id_len, "sub_context_id") } {
            Ok(id) => thread_context::close_sub(id),
            Err(error) => unless_disabled(error),
        }
    })
}

/// Forgets this thread's context. Inside an enter, nothing can be opened or exported until its leave.
///
/// @return MONA_OK; MONA_E_THREAD.
///
/// While disabled nothing is changed: MONA_OK.
/// Threads: any; the context belongs to the operating-system thread, not to a task that runs on it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub extern "C" fn mona_current_reset() -> mona_status {
    guard_brief("mona_current_reset", thread_context::reset)
}
