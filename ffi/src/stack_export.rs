//! What is sent from a stack.

use std::ffi::c_char;

use mona_core::Stack;
use mona_core::error::Result;

use crate::batch::{put_refusal, put_report};
use crate::client::mona_client;
use crate::field::{fields, mona_field};
use crate::guard::{guard, guard_prepared};
use crate::handle::{OutParam, borrow_or_null};
use crate::moved::{Lent, mona_stack, optional_field, seen};
use crate::panics;
use crate::status::mona_status;
use crate::text::bytes;

/// Hands out whether an event was accepted, to those who asked.
///
/// # Safety
///
/// As for [`OutParam::new`].
#[inline(always)]
unsafe fn put_taken(taken: *mut i32, is_taken: bool) -> Result<()> {
    if !taken.is_null() {
        // SAFETY: as the caller promises.
        unsafe { OutParam::new(taken, "taken") }?.put(is_taken.into());
    }
    Ok(())
}

/// Sends one event from the open context of a stack.
///
/// @param stack_or_null      The stack.
/// @param json               One JSON object in UTF-8; copied before the call returns. Not NULL.
/// @param json_len           Bytes in `json`, or MONA_NTS.
/// @param timestamp_or_null  As for mona_stack_enter(); of the event.
/// @param taken_or_null      Gets 1: the event was accepted; 0: it was skipped on purpose, disabled, filtered or sampled
///                           out. With an error it stays as it is. NULL: not wanted.
/// @return As mona_context_export(); MONA_E_NO_CONTEXT: no context is open in the stack.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any, at the same time too. Waits only if the options `blocking` or `queue_circular` ask for
/// it.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_export(
    stack_or_null: *const mona_stack,
    json: *const c_char,
    json_len: usize,
    timestamp_or_null: *const mona_field,
    taken_or_null: *mut i32,
) -> mona_status {
    guard_prepared("mona_stack_export", || {
        // SAFETY: the header asks for a stack that is not freed yet.
        let stack = unsafe { seen(stack_or_null) };
        if Stack::skips(stack) {
            // SAFETY: the header asks for NULL or a writable place.
            return unsafe { put_taken(taken_or_null, false) };
        }
        // SAFETY: the header asks for `json_len` readable bytes and a field.
        let is_taken = unsafe { export(stack, json, json_len, timestamp_or_null) }?;
        // SAFETY: the header asks for NULL or a writable place.
        unsafe { put_taken(taken_or_null, is_taken) }
    })
}

/// Apart, so that a skipped call saves and moves nothing for it. The first call of all may be one of the empty stack.
///
/// # Safety
///
/// As for [`bytes`] and [`optional_field`].
#[inline(never)]
unsafe fn export(
    stack: Option<&Stack>,
    json: *const c_char,
    json_len: usize,
    timestamp: *const mona_field,
) -> Result<bool> {
    if stack.is_none() {
        panics::prepare();
    }
    // SAFETY: as the caller promises.
    let json = unsafe { bytes(json, json_len, "json") };
    // SAFETY: as the caller promises.
    let timestamp = unsafe { optional_field(timestamp, "timestamp") };
    match json.and_then(|json| Ok((json, timestamp?))) {
        Ok((json, timestamp)) => Stack::export_json(stack, json, timestamp),
        Err(error) => Stack::refuse_export(stack, error),
    }
}

/// Sends one event from the open context of a stack, given as typed fields.
///
/// @param stack_or_null      The stack.
/// @param fields             The fields, copied with their texts before the call returns. NULL only if `n` is 0.
/// @param n                  The number of fields.
/// @param timestamp_or_null  As for mona_stack_export().
/// @param taken_or_null      As for mona_stack_export().
/// @return As mona_context_export_fields(); MONA_E_NO_CONTEXT: no context is open in the stack.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: as mona_stack_export().   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_export_fields(
    stack_or_null: *const mona_stack,
    fields: *const mona_field,
    n: usize,
    timestamp_or_null: *const mona_field,
    taken_or_null: *mut i32,
) -> mona_status {
    guard_prepared("mona_stack_export_fields", || {
        // SAFETY: the header asks for a stack that is not freed yet.
        let stack = unsafe { seen(stack_or_null) };
        if Stack::skips(stack) {
            // SAFETY: the header asks for NULL or a writable place.
            return unsafe { put_taken(taken_or_null, false) };
        }
        // SAFETY: the header asks for `n` fields and one more.
        let is_taken = unsafe { export_fields(stack, fields, n, timestamp_or_null) }?;
        // SAFETY: the header asks for NULL or a writable place.
        unsafe { put_taken(taken_or_null, is_taken) }
    })
}

/// Apart, as [`export`] is.
///
/// # Safety
///
/// As for [`fields`] and [`optional_field`].
#[inline(never)]
unsafe fn export_fields(
    stack: Option<&Stack>,
    fields: *const mona_field,
    n: usize,
    timestamp: *const mona_field,
) -> Result<bool> {
    if stack.is_none() {
        panics::prepare();
    }
    // SAFETY: as the caller promises.
    let fields = unsafe { self::fields(fields, n) };
    // SAFETY: as the caller promises.
    let timestamp = unsafe { optional_field(timestamp, "timestamp") };
    match fields.and_then(|fields| Ok((fields, timestamp?))) {
        Ok((fields, timestamp)) => Stack::export_fields(stack, fields, timestamp),
        Err(error) => Stack::refuse_export(stack, error),
    }
}

/// Sends a batch of events, each in an enter/leave pair of its own; where `from_or_null` is inside an enter they join it.
///
/// No stack comes back. Where `from_or_null` has a context without an enter, as of mona_stack_open(), and the batch sent
/// anything, a thread would have lost that context: go on with the empty stack. Whether that is so mona_stack_reset() tells,
/// which gives NULL outside an enter.
///
/// @param client_or_null  The client; NULL: the default client. Inside an enter it does not matter.
/// @param from_or_null    The stack, which stays as it is.
/// @param json            As for mona_client_export_batch().
/// @param json_len        Bytes in `json`, or MONA_NTS.
/// @param accepted        As for mona_client_export_batch().
/// @return As mona_client_export_batch().
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_stack_export_batch(
    client_or_null: *mut mona_client,
    from_or_null: *const mona_stack,
    json: *const c_char,
    json_len: usize,
    accepted: *mut usize,
) -> mona_status {
    guard("mona_stack_export_batch", || {
        // SAFETY: the header asks for NULL or a client that is not freed yet.
        let client = unsafe { borrow_or_null(client_or_null) };
        // SAFETY: the header asks for a stack that is not freed yet.
        let from = unsafe { Lent::new(from_or_null) };
        // SAFETY: the header asks for a writable place.
        let accepted = unsafe { OutParam::new(accepted, "accepted") }.map_err(|error| {
            let refused = Stack::refuse_batch(client, from.get(), error.clone());
            refused.result.err().unwrap_or(error)
        })?;
        // SAFETY: the header asks for `json_len` readable bytes.
        match unsafe { bytes(json, json_len, "json") } {
            Ok(json) => put_report(Stack::export_batch(client, from.get(), json), &accepted),
            Err(error) => put_refusal(Stack::refuse_batch(client, from.get(), error), &accepted),
        }
    })
}
