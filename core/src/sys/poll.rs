//! Waiting for descriptors with a bound.

use std::os::fd::RawFd;
use std::time::Duration;

/// Waits until one of `descriptors` is readable or ended, at most `limit`. May return early.
pub(crate) fn wait_readable(descriptors: &[RawFd], limit: Duration) {
    let mut waits: Vec<libc::pollfd> =
        descriptors.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLIN, revents: 0 }).collect();
    wait(&mut waits, limit);
}

/// Waits until `descriptor` takes more bytes or has an answer, at most `limit`. May return early.
pub(crate) fn wait_writable(descriptor: RawFd, limit: Duration) {
    wait(&mut [libc::pollfd { fd: descriptor, events: libc::POLLOUT, revents: 0 }], limit);
}

/// Waits until one of `descriptors` takes bytes or failed, at most `limit`, and says for each whether it did.
pub(crate) fn await_writable(descriptors: &[RawFd], limit: Duration) -> Vec<bool> {
    let mut waits: Vec<libc::pollfd> =
        descriptors.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLOUT, revents: 0 }).collect();
    wait(&mut waits, limit);
    waits.iter().map(|wait| wait.revents != 0).collect()
}

fn wait(waits: &mut [libc::pollfd], limit: Duration) {
    // Rounded up: a wait cut short by a fraction of a millisecond would spin until the time is over.
    let milliseconds = i32::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
    // SAFETY: pointer and length are those of a live slice. A failure is an early return.
    unsafe { libc::poll(waits.as_mut_ptr(), waits.len() as libc::nfds_t, milliseconds) };
}
