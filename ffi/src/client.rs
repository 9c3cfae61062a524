//! Clients: making, feeding whole batches, closing, and what can be asked of them.

use std::ffi::c_char;
use std::ptr::null_mut;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use mona_core::Client;

use crate::batch::{put_refusal, put_report};
use crate::guard::{guard, guard_brief, guard_or};
use crate::handle::{Handle, OutParam, borrow, hand_out, take_back};
use crate::options::mona_options;
use crate::panics;
use crate::status::mona_status;
use crate::text::{Output, bytes};

/// A client: where events go, with a queue and a sender thread of its own. The thread starts with the
/// first export.
pub struct mona_client {
    _opaque: [u8; 0],
}

impl Handle for mona_client {
    type Behind = Client;
}

/// Long enough for a healthy collector to take what is queued, short enough for a program that ends.
const CLOSE_BY_FREE: Duration = Duration::from_secs(1);

/// What `mona_client_default()` lent out, so that freeing it by mistake does no harm.
static LENT_DEFAULT: AtomicPtr<mona_client> = AtomicPtr::new(null_mut());

fn milliseconds(timeout_ms: u32) -> Duration {
    Duration::from_millis(timeout_ms.into())
}

/// Makes a client. Nothing is connected yet: a collector that is down is no error here.
///
/// The environment and the configuration file are read now; wrong values there are warnings in the log, but for those
/// that say where records go and by what keys. Certificates that are not there yet are awaited.
///
/// @param options_or_null  Options, not needed any more after the call; NULL: none set by hand.
/// @param client           Gets the client, for mona_client_free(); NULL when none was made. Not NULL.
/// @return MONA_OK; MONA_E_ARGUMENT: options that do not go together, or a destination, key or certificate that
///         cannot be used, wherever it was named; MONA_E_IO: the file of an endpoint cannot be written.
///
/// Threads: any.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_new(
    options_or_null: *const mona_options,
    client: *mut *mut mona_client,
) -> mona_status {
    guard("mona_client_new", || {
        // SAFETY: the header asks for a writable place.
        let place = unsafe { OutParam::new(client, "client") }?;
        place.put(null_mut());
        let client = if options_or_null.is_null() {
            Client::new(None)?
        } else {
            // SAFETY: the header asks for options that are not freed yet.
            let options = unsafe { borrow(options_or_null, "options") }?;
            let options = options.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Client::new(Some(&options))?
        };
        place.put(hand_out(client));
        Ok(())
    })
}

/// Sets the globals: fields that are sent once after each new main context, as a record of their own.
///
/// @param client    The client. Not NULL.
/// @param json      One JSON object in UTF-8, copied; NULL or an empty object: no globals.
/// @param json_len  Bytes in `json`, or MONA_NTS.
/// @return MONA_OK; MONA_E_JSON, MONA_E_UTF8 or MONA_E_LIMIT: the globals are as before.
///
/// While disabled nothing is changed or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_set_globals(
    client: *mut mona_client,
    json: *const c_char,
    json_len: usize,
) -> mona_status {
    guard("mona_client_set_globals", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        if json.is_null() || client.is_disabled() {
            return client.set_globals(None);
        }
        // SAFETY: the header asks for `json_len` readable bytes.
        let json = unsafe { bytes(json, json_len, "json") }?;
        client.set_globals(Some(json))
    })
}

/// Switches the client off, or on again: the Big Red Button of a program.
///
/// While off, calls on contexts and exports do nothing and answer MONA_OK. What was accepted before is
/// still sent. The client stays off as long as an option or the configuration file says so.
///
/// @param client    The client. Not NULL.
/// @param disabled  0: on; any other number: off.
/// @return MONA_OK; MONA_E_ARGUMENT.
///
/// Threads: any; other threads see it at their next call.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_set_disabled(client: *mut mona_client, disabled: i32) -> mona_status {
    guard("mona_client_set_disabled", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        client.set_disabled(disabled != 0)
    })
}

/// Tells whether a client is disabled at the moment, by whoever may do that: its options, the environment, the
/// configuration file or mona_client_set_disabled(). The environment is looked at again whenever a main context is opened.
///
/// @param client    The client. Not NULL.
/// @param disabled  Gets 1: disabled, calls do nothing; 0: enabled. Not NULL.
/// @return MONA_OK; MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_is_disabled(
    client: *const mona_client,
    disabled: *mut i32,
) -> mona_status {
    guard_brief("mona_client_is_disabled", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for a writable place.
        let place = unsafe { OutParam::new(disabled, "disabled") }?;
        place.put(client.is_disabled().into());
        Ok(())
    })
}

/// Sends a batch of events, each in a context of its own, whatever is open on the thread.
///
/// An event is {"message": {...}, "arc_class": text, "context_id": text, "export_timestamp": number};
/// all but the message may be missing, other keys are ignored.
///
/// @param client    The client. Not NULL.
/// @param json      One JSON array of events in UTF-8; copied before the call returns. Not NULL.
/// @param json_len  Bytes in `json`, or MONA_NTS.
/// @param accepted  Gets the number of events accepted, also when the result is an error other than
///                  MONA_E_ARGUMENT. Not NULL.
/// @return MONA_OK; MONA_E_JSON: not an array, nothing was sent, or events without a message were
///         left out; MONA_E_DROPPED, MONA_E_TIMEOUT, MONA_E_CLOSED, MONA_E_BUSY.
///
/// While disabled nothing is sent or checked: MONA_OK.
/// Threads: any, at the same time too.   Since 0.1.
///
/// cbindgen:prefix=MONA_SHOULD_USE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_export_batch(
    client: *mut mona_client,
    json: *const c_char,
    json_len: usize,
    accepted: *mut usize,
) -> mona_status {
    guard("mona_client_export_batch", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for a writable place.
        let accepted = unsafe { OutParam::new(accepted, "accepted") }.map_err(|error| {
            if client.is_disabled() {
                return error;
            }
            client.refuse_batch(error.clone()).result.err().unwrap_or(error)
        })?;
        // SAFETY: the header asks for `json_len` readable bytes.
        match unsafe { bytes(json, json_len, "json") } {
            Ok(json) => put_report(client.export_batch(json), &accepted),
            Err(error) => put_refusal(client.refuse_batch(error), &accepted),
        }
    })
}

/// Waits until everything accepted before the call is delivered or spooled.
///
/// To be called before the process ends in another way than by exit() or a return from main: before _exit(),
/// quick_exit() and exec, at the end of a Python multiprocessing child or of Go's main.
///
/// @param client      The client. Not NULL.
/// @param timeout_ms  The longest time to wait, in milliseconds.
/// @return MONA_OK; MONA_E_TIMEOUT: something is still undelivered and goes on being sent;
///         MONA_E_CLOSED: the client was closed, and that gave something up; MONA_E_BUSY.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_flush(client: *mut mona_client, timeout_ms: u32) -> mona_status {
    guard("mona_client_flush", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        client.flush(milliseconds(timeout_ms))
    })
}

/// Flushes, then stops the client for good. What is not delivered in time goes to the spool, or is
/// counted as dropped_closed.
///
/// Contexts stay valid and answer MONA_E_CLOSED to exports. Closing again does nothing.
///
/// For the default client the flush goes on while TLS or the handshake of a shared key moves, until
/// exit_flush_ms and 3 s after the call at the latest.
///
/// @param client      The client. Not NULL.
/// @param timeout_ms  The longest time for the flush, in milliseconds; the call returns at most 250 ms
///                    after that, or after such a handshake.
/// @return MONA_OK: all was delivered, or is in the spool; MONA_E_TIMEOUT: something was dropped; MONA_E_BUSY.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_close(client: *mut mona_client, timeout_ms: u32) -> mona_status {
    guard("mona_client_close", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        client.close(milliseconds(timeout_ms))
    })
}

/// Frees a client; an open one is closed first, with a time-out of one second.
///
/// Its contexts stay valid until they are freed. The client given by mona_client_default() is not for
/// freeing and is left alone.
///
/// @param client  The client, used by nobody any more; NULL does nothing.
///
/// Threads: any.   Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_free(client: *mut mona_client) {
    guard_or("mona_client_free", (), || {
        if client == LENT_DEFAULT.load(Ordering::Relaxed) {
            return Ok(());
        }
        // SAFETY: the header asks for a client that nobody uses any more.
        match unsafe { take_back(client) } {
            Some(client) => client.close(CLOSE_BY_FREE),
            None => Ok(()),
        }
    })
}

/// Describes a client: every option, its value and where it came from, as one JSON object. Secrets are
/// hidden. With a spool_dir there is "spool" too, whose value says whether the spool takes events at the moment, if not
/// why, and what it holds.
///
/// @param client  The client. Not NULL.
/// @param buf     Where the text goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap     Bytes in `buf`.
/// @param len     Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK; MONA_E_TRUNCATED: `buf` has the beginning; MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_describe(
    client: *const mona_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_client_describe", || {
        panics::if_asked_for();
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&client.describe())
    })
}

/// Tries the way to the collector without sending events: resolve, connect, TLS, handshake, ack. The
/// report is a JSON array in their order: {"step": text, "ok": boolean, "milliseconds": number, "error":
/// text or null}, and further members with what a step found, which may become more: the address, the
/// certificate, the proxy, and as "finding" a word for what a failed step met.
///
/// Each call tries anew, also one that asks for the length only. 4096 bytes are usually enough.
///
/// @param client      The client. Not NULL.
/// @param timeout_ms  The longest time to try, in milliseconds.
/// @param buf         Where the report goes, ended by NUL; NULL with a `cap` of 0: only its length.
/// @param cap         Bytes in `buf`.
/// @param len         Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK: every step went well; MONA_E_IO or MONA_E_TIMEOUT: one did not, the report is
///         written all the same; MONA_E_TRUNCATED: all went well but `buf` has only the beginning;
///         MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_check(
    client: *mut mona_client,
    timeout_ms: u32,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_client_check", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        let report = client.check(milliseconds(timeout_ms));
        let written = output.write(&report.json);
        report.result.and(written)
    })
}

/// Takes the oldest delivered record of a client whose endpoint is memory:, as JSON. For tests of
/// programs that use libmona.
///
/// A record is taken only when it fits: after MONA_E_TRUNCATED, or when only the length was asked for,
/// it still waits.
///
/// @param client  The client. Not NULL.
/// @param buf     Where the record goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap     Bytes in `buf`.
/// @param len     Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK; MONA_E_NOT_FOUND: none is waiting; MONA_E_TRUNCATED; MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_take(
    client: *mut mona_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_client_take", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        client.take_with(|record| (output.holds(record), output.write(record)))?
    })
}

/// Makes a client the one that mona_current_ functions use, and that is flushed at a normal exit as
/// mona_client_default() says. The first one stays.
///
/// @param client  The client. Not NULL. Still to be freed by the caller, which closes it.
/// @return MONA_OK; MONA_E_EXISTS: there is a default client already, nothing was done.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_set_default(client: *mut mona_client) -> mona_status {
    guard("mona_client_set_default", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        client.set_default()
    })
}

/// Gives the default client; makes it from the environment if there is none yet.
///
/// At a normal exit it is flushed, for exit_flush_ms at most: after a return from main and by exit(). After
/// _exit(), quick_exit(), exec, abort() or a signal's default action what is queued is lost; call
/// mona_client_flush() before, and for SIGTERM install a handler that lets main return.
///
/// @return A borrowed client, valid until the process ends, the same on every call: not for
///         mona_client_free(). NULL: it cannot be made, mona_last_error() says so.
///
/// Threads: any, at the same time too.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn mona_client_default() -> *mut mona_client {
    guard_or("mona_client_default", null_mut(), || {
        let client = Client::default_client()?;
        let lent = std::ptr::from_ref(client).cast_mut().cast();
        LENT_DEFAULT.store(lent, Ordering::Relaxed);
        Ok(lent)
    })
}
