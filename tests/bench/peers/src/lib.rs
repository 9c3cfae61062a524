//! What a good programmer writes in an afternoon: JSON checked on the caller, bytes handed to a thread.
//!
//! Two such designs behind a C interface of the same shape, as well made as their plan allows: no copy or
//! check that the plan does not ask for, a bounded queue, a full queue refuses the event. The benchmarks
//! load this library beside libmona. A handle is used by the thread that made it, and by others as long
//! as it is not closed.

mod queue;

use std::ffi::c_char;
use std::ptr::NonNull;

use queue::{Offered, Queue};
use serde::de::IgnoredAny;
use serde_json::Value;

/// The event is on its way.
const OK: i32 = 0;
/// NULL where none is allowed; the numbers are those of `mona.h`.
const ARGUMENT: i32 = 1;
/// Not JSON.
const JSON: i32 = 3;
/// The queue is full.
const DROPPED: i32 = 8;

/// The design that parses into a tree and writes it out again.
#[derive(Debug)]
pub struct ValuePeer(Queue<Vec<u8>>);

/// The design that only checks the text and copies it.
#[derive(Debug)]
pub struct IgnoredPeer(Queue<Box<[u8]>>);

/// The text of a call.
///
/// # Safety
///
/// `json` is NULL or has `json_len` readable bytes for as long as the result is used.
unsafe fn text<'a>(json: *const c_char, json_len: usize) -> Option<&'a [u8]> {
    let json = NonNull::new(json.cast_mut().cast::<u8>())?;
    // SAFETY: the caller promises so many bytes.
    Some(unsafe { std::slice::from_raw_parts(json.as_ptr(), json_len) })
}

fn status(offered: Offered) -> i32 {
    match offered {
        Offered::Taken => OK,
        Offered::Full => DROPPED,
    }
}

fn open<T>(made: Option<T>) -> Option<Box<T>> {
    made.map(Box::new)
}

/// Makes the design that parses into a tree; NULL: its thread could not be started.
#[unsafe(no_mangle)]
pub extern "C" fn peer_value_open() -> Option<Box<ValuePeer>> {
    open(Queue::start().map(ValuePeer))
}

/// Parses one event into a tree, writes the tree into new memory, and queues that.
///
/// # Safety
///
/// `json` has `json_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn peer_value_export(
    peer: Option<&ValuePeer>,
    json: *const c_char,
    json_len: usize,
) -> i32 {
    // SAFETY: promised by the caller.
    let (Some(peer), Some(json)) = (peer, unsafe { text(json, json_len) }) else { return ARGUMENT };
    let Ok(value) = serde_json::from_slice::<Value>(json) else { return JSON };
    let Ok(bytes) = serde_json::to_vec(&value) else { return JSON };
    status(peer.0.offer(bytes))
}

/// Waits until nothing is queued.
#[unsafe(no_mangle)]
pub extern "C" fn peer_value_settle(peer: Option<&ValuePeer>) {
    if let Some(peer) = peer {
        peer.0.settle();
    }
}

/// Ends its thread and frees it.
#[unsafe(no_mangle)]
pub extern "C" fn peer_value_close(peer: Option<Box<ValuePeer>>) {
    drop(peer);
}

/// Makes the design that only checks; NULL: its thread could not be started.
#[unsafe(no_mangle)]
pub extern "C" fn peer_ignored_open() -> Option<Box<IgnoredPeer>> {
    open(Queue::start().map(IgnoredPeer))
}

/// Checks one event, copies its text into a box, and queues that.
///
/// # Safety
///
/// `json` has `json_len` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn peer_ignored_export(
    peer: Option<&IgnoredPeer>,
    json: *const c_char,
    json_len: usize,
) -> i32 {
    // SAFETY: promised by the caller.
    let (Some(peer), Some(json)) = (peer, unsafe { text(json, json_len) }) else { return ARGUMENT };
    if serde_json::from_slice::<IgnoredAny>(json).is_err() {
        return JSON;
    }
    status(peer.0.offer(Box::from(json)))
}

/// Waits until nothing is queued.
#[unsafe(no_mangle)]
pub extern "C" fn peer_ignored_settle(peer: Option<&IgnoredPeer>) {
    if let Some(peer) = peer {
        peer.0.settle();
    }
}

/// Ends its thread and frees it.
#[unsafe(no_mangle)]
pub extern "C" fn peer_ignored_close(peer: Option<Box<IgnoredPeer>>) {
    drop(peer);
}
