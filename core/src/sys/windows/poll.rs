//! Waiting for sockets with a bound. Windows waits for nothing else in this way.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use windows_sys::Win32::Networking::WinSock::{
    POLLRDNORM, POLLWRNORM, SOCKET, SOCKET_ERROR, WSAPOLLFD, WSAPoll,
};

use crate::sys::descriptor::RawFd;
use crate::sys::sync::lock;

/// Longest wait for what the system does not wait for: what arrives meanwhile is noticed so late.
const MOST_BLIND: Duration = Duration::from_millis(20);

/// Waits until one of `descriptors` is readable or ended, at most `limit`. May return early.
pub(crate) fn wait_readable(descriptors: &[RawFd], limit: Duration) {
    wait(&mut waits(descriptors, POLLRDNORM), limit);
}

/// Waits until `descriptor` takes more bytes or has an answer, at most `limit`. May return early.
pub(crate) fn wait_writable(descriptor: RawFd, limit: Duration) {
    wait(&mut waits(&[descriptor], POLLWRNORM), limit);
}

/// Waits until one of `descriptors` takes bytes or failed, at most `limit`, and says for each whether it did.
pub(crate) fn await_writable(descriptors: &[RawFd], limit: Duration) -> Vec<bool> {
    let mut waits = waits(descriptors, POLLWRNORM);
    let is_told = wait(&mut waits, limit);
    waits.iter().map(|wait| !is_told || wait.revents != 0).collect()
}

#[allow(clippy::cast_possible_truncation, reason = "a socket was one before it was a number")]
fn waits(descriptors: &[RawFd], events: i16) -> Vec<WSAPOLLFD> {
    descriptors.iter().map(|number| WSAPOLLFD { fd: *number as SOCKET, events, revents: 0 }).collect()
}

/// False where the system refused to wait.
fn wait(waits: &mut [WSAPOLLFD], limit: Duration) -> bool {
    if waits.is_empty() {
        // Windows refuses to wait for nothing.
        rest(limit);
        return true;
    }
    // Rounded up: a wait cut short by a fraction of a millisecond would spin until the time is over.
    let milliseconds = i32::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
    let count = u32::try_from(waits.len()).unwrap_or(u32::MAX);
    // SAFETY: pointer and length are those of a live slice.
    let is_refused = unsafe { WSAPoll(waits.as_mut_ptr(), count, milliseconds) } == SOCKET_ERROR;
    if is_refused {
        rest(limit.min(MOST_BLIND));
    }
    !is_refused
}

/// Waits without a descriptor.
pub(crate) fn rest(limit: Duration) {
    let nobody = Mutex::new(());
    // May wake early, which every wait here may.
    drop(Condvar::new().wait_timeout(lock(&nobody), limit));
}
