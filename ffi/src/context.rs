//! Contexts as handles.
//!
//! While a client is disabled nothing is checked, so an argument that cannot be converted is an error
//! only after a look at the switch; the common path does not look twice.

use std::ffi::c_char;
use std::ptr::null_mut;

use mona_core::error::Result;
use mona_core::{Context, Timestamp};

use crate::client::mona_client;
use crate::field::{fields, mona_field};
use crate::guard::{guard_brief, guard_or, guard_prepared};
use crate::handle::{Handle, OutParam, borrow, hand_out, take_back};
use crate::status::mona_status;
use crate::text::{Output, bytes, optional_text};

/// The timestamp that means "now".
pub const MONA_NOW: f64 = 0.0;

/// A context: what is exported in it belongs to one run of an algorithm (ARC). It never changes and may
/// be used by many threads at once.
pub struct mona_context {
    _opaque: [u8; 0],
}

impl Handle for mona_context {
    type Behind = Context;
}

/// Opens a main context and sends its class and the globals.
///
/// @param client          The client. Not NULL.
/// @param arc_class       The name shared by runs of the same algorithm; NULL or "": no class is sent.
/// @param arc_class_len   Bytes in `arc_class`, or MONA_NTS.
/// @param context_id      An id, to continue a run that began elsewhere; NULL or "": a new unique one.
///                        Segments are separated by dots.
/// @param context_id_len  Bytes in `context_id`, or MONA_NTS.
/// @param timestamp       Of the class record: seconds since the Unix epoch, or MONA_NOW.
/// @param context         Gets the context, for mona_context_free(); NULL when none was opened. Not NULL.
/// @return MONA_OK; MONA_E_UTF8, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_BUSY, MONA_E_ARGUMENT: nothing
///         was opened. A closed client still opens contexts.
///
/// While disabled: a context that does nothing for its whole life, and nothing is checked but that
/// `client` and `context` are not NULL.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_context_new(
    client: *mut mona_client,
    arc_class: *const c_char,
    arc_class_len: usize,
    context_id: *const c_char,
    context_id_len: usize,
    timestamp: f64,
    context: *mut *mut mona_context,
) -> mona_status {
    guard_brief("mona_context_new", || {
        // SAFETY: the header asks for a writable place.
        let place = unsafe { OutParam::new(context, "context") }?;
        place.put(null_mut());
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for `arc_class_len` readable bytes.
        let class = unsafe { optional_text(arc_class, arc_class_len, "arc_class") };
        // SAFETY: the header asks for `context_id_len` readable bytes.
        let id = unsafe { optional_text(context_id, context_id_len, "context_id") };
        let context = match class.and_then(|class| Ok((class, id?))) {
            Ok((class, id)) => client.context(class, id, Timestamp::from_seconds(timestamp))?,
            Err(_) if client.is_disabled() => client.context(None, None, Timestamp::Now)?,
            Err(error) => return Err(client.refuse_context(error)),
        };
        place.put(hand_out(context));
        Ok(())
    })
}

/// Opens a sub-context, a step of the run that its parent stands for, and sends its class.
///
/// @param parent              The context around it. Not NULL. May be freed before the sub-context.
/// @param arc_class           The class of the step; NULL or "": no class is sent.
/// @param arc_class_len       Bytes in `arc_class`, or MONA_NTS.
/// @param sub_context_id      The id of the step inside its parent; NULL or "": a new unique one.
/// @param sub_context_id_len  Bytes in `sub_context_id`, or MONA_NTS.
/// @param context             Gets the sub-context, for mona_context_free(); NULL when none was opened. Not
///                            NULL.
/// @return As mona_context_new().
///
/// While disabled: as mona_context_new().
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_context_new_sub(
    parent: *const mona_context,
    arc_class: *const c_char,
    arc_class_len: usize,
    sub_context_id: *const c_char,
    sub_context_id_len: usize,
    context: *mut *mut mona_context,
) -> mona_status {
    guard_brief("mona_context_new_sub", || {
        // SAFETY: the header asks for a writable place.
        let place = unsafe { OutParam::new(context, "context") }?;
        place.put(null_mut());
        // SAFETY: the header asks for a context that is not freed yet.
        let parent = unsafe { borrow(parent, "parent") }?;
        // SAFETY: the header asks for `arc_class_len` readable bytes.
        let class = unsafe { optional_text(arc_class, arc_class_len, "arc_class") };
        // SAFETY: the header asks for `sub_context_id_len` readable bytes.
        let id = unsafe { optional_text(sub_context_id, sub_context_id_len, "sub_context_id") };
        let context = match class.and_then(|class| Ok((class, id?))) {
            Ok((class, id)) => parent.sub(class, id)?,
            Err(_) if parent.is_inert() => parent.sub(None, None)?,
            Err(error) => return Err(parent.client().refuse_context(error)),
        };
        place.put(hand_out(context));
        Ok(())
    })
}

/// Gives the full id of a context: the ids of the main context and of the steps, joined by dots.
///
/// @param context  The context. Not NULL.
/// @param buf      Where the id goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap      Bytes in `buf`.
/// @param len      Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK: the text is "" while disabled; MONA_E_TRUNCATED: `buf` has the beginning;
///         MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_context_id(
    context: *const mona_context,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard_brief("mona_context_id", || {
        // SAFETY: the header asks for a context that is not freed yet.
        let context = unsafe { borrow(context, "context") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&context.id())
    })
}

/// Sends one event from a context.
///
/// Top-level fields whose names start with "MONA_" are removed.
///
/// @param context    The context. Not NULL.
/// @param json       One JSON object in UTF-8; copied before the call returns. Not NULL.
/// @param json_len   Bytes in `json`, or MONA_NTS.
/// @param timestamp  Seconds since the Unix epoch, or MONA_NOW. One out of range is sent as an extra
///                   field, and now is used.
/// @return MONA_OK: accepted or skipped on purpose; MONA_E_JSON: nothing was sent, mona_last_error()
///         names the byte; MONA_E_UTF8, MONA_E_LIMIT, MONA_E_DROPPED, MONA_E_TIMEOUT, MONA_E_CLOSED,
///         MONA_E_BUSY; MONA_E_ARGUMENT: also a context without a class where the option
///         `http_format` is "mona", which carries the class in every message.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any, at the same time too. Waits only if the options `blocking` or `queue_circular` ask for
/// it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_context_export(
    context: *const mona_context,
    json: *const c_char,
    json_len: usize,
    timestamp: f64,
) -> mona_status {
    guard_prepared("mona_context_export", || {
        // SAFETY: the header asks for a context that is not freed yet.
        let context = unsafe { borrow(context, "context") }?;
        if context.skips() {
            return Ok(());
        }
        // SAFETY: the header asks for `json_len` readable bytes.
        unsafe { export(context, json, json_len, timestamp) }
    })
}

/// Apart, so that a skipped call saves and moves nothing for it.
///
/// # Safety
///
/// As for [`bytes`].
#[inline(never)]
unsafe fn export(context: &Context, json: *const c_char, json_len: usize, timestamp: f64) -> Result<()> {
    // SAFETY: as the caller promises.
    match unsafe { bytes(json, json_len, "json") } {
        Ok(json) => context.export_json(json, Timestamp::from_seconds(timestamp)),
        Err(error) => context.refuse_export(error),
    }
}

/// Sends one event from a context, given as typed fields. The record is the same as that of the equal
/// JSON object.
///
/// @param context    The context. Not NULL.
/// @param fields     The fields, copied with their texts before the call returns. NULL only if `n` is 0.
/// @param n          The number of fields.
/// @param timestamp  As for mona_context_export().
/// @return As mona_context_export(); MONA_E_ARGUMENT: also an unknown kind, mona_last_error() names the
///         field; MONA_E_JSON: a MONA_FIELD_JSON value that is not one JSON value.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: as mona_context_export().   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_context_export_fields(
    context: *const mona_context,
    fields: *const mona_field,
    n: usize,
    timestamp: f64,
) -> mona_status {
    guard_prepared("mona_context_export_fields", || {
        // SAFETY: the header asks for a context that is not freed yet.
        let context = unsafe { borrow(context, "context") }?;
        if context.skips() {
            return Ok(());
        }
        // SAFETY: the header asks for `n` fields.
        unsafe { export_fields(context, fields, n, timestamp) }
    })
}

/// Apart, as [`export`] is.
///
/// # Safety
///
/// As for [`fields`].
#[inline(never)]
unsafe fn export_fields(
    context: &Context,
    fields: *const mona_field,
    n: usize,
    timestamp: f64,
) -> Result<()> {
    // SAFETY: as the caller promises.
    match unsafe { self::fields(fields, n) } {
        Ok(fields) => context.export_fields(fields, Timestamp::from_seconds(timestamp)),
        Err(error) => context.refuse_export(error),
    }
}

/// Frees a context. Nothing is sent; sub-contexts of it live on.
///
/// @param context  The context, used by nobody any more; NULL does nothing.
///
/// Threads: any.   Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_context_free(context: *mut mona_context) {
    guard_or("mona_context_free", (), || {
        // SAFETY: the header asks for a context that nobody uses any more.
        drop(unsafe { take_back(context) });
        Ok(())
    })
}
