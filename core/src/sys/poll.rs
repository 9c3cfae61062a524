//! Waiting for descriptors with a bound.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::sys::descriptor::RawFd;
use crate::sys::sync::lock;

/// Longest wait where the system refuses to wait for descriptors: what arrives meanwhile is noticed so late, and a
/// look fifty times in a second costs less than a thousandth of a core.
const MOST_BLIND: Duration = Duration::from_millis(20);

/// Waits until one of `descriptors` is readable or ended, at most `limit`. May return early.
pub(crate) fn wait_readable(descriptors: &[RawFd], limit: Duration) {
    let mut waits: Vec<libc::pollfd> =
        descriptors.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLIN, revents: 0 }).collect();
    wait(&mut waits, limit);
}

/// Whether `descriptor` is readable within `limit`; no clock says so, which a busy machine would have run on.
#[cfg(test)]
pub(crate) fn is_readable_within(descriptor: RawFd, limit: Duration) -> bool {
    let mut waits = [libc::pollfd { fd: descriptor, events: libc::POLLIN, revents: 0 }];
    wait(&mut waits, limit);
    waits[0].revents != 0
}

/// Waits until `descriptor` takes more bytes or has an answer, at most `limit`. May return early.
pub(crate) fn wait_writable(descriptor: RawFd, limit: Duration) {
    wait(&mut [libc::pollfd { fd: descriptor, events: libc::POLLOUT, revents: 0 }], limit);
}

/// Waits until one of `descriptors` takes bytes or failed, at most `limit`, and says for each whether it did. Where the
/// system does not tell, each did: asking it shows.
pub(crate) fn await_writable(descriptors: &[RawFd], limit: Duration) -> Vec<bool> {
    let mut waits: Vec<libc::pollfd> =
        descriptors.iter().map(|fd| libc::pollfd { fd: *fd, events: libc::POLLOUT, revents: 0 }).collect();
    let is_told = wait(&mut waits, limit);
    waits.iter().map(|wait| !is_told || wait.revents != 0).collect()
}

/// False where the system refused to wait.
fn wait(waits: &mut [libc::pollfd], limit: Duration) -> bool {
    // Rounded up: a wait cut short by a fraction of a millisecond would spin until the time is over.
    let milliseconds = i32::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
    // SAFETY: pointer and length are those of a live slice.
    let count = unsafe { libc::poll(waits.as_mut_ptr(), waits.len() as libc::nfds_t, milliseconds) };
    let is_refused = count < 0 && std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted;
    if is_refused {
        rest(limit.min(MOST_BLIND));
    }
    !is_refused
}

/// Waits without a descriptor, by what locks wait with: a system that refuses that too runs no threads.
pub(crate) fn rest(limit: Duration) {
    let nobody = Mutex::new(());
    // May wake early, which every wait here may.
    drop(Condvar::new().wait_timeout(lock(&nobody), limit));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_wait_that_is_refused_takes_its_time() {
        // More than the system takes at once is refused like a call that is forbidden.
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the pointer is to a live rlimit, which the call fills.
        unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
        let Ok(too_many) = usize::try_from(limit.rlim_cur).map(|most| most + 1) else { return };
        if too_many > 10_000_000 {
            return;
        }
        let start = Instant::now();
        for _ in 0..5 {
            wait_readable(&vec![-1; too_many], Duration::from_secs(20));
        }
        assert!(start.elapsed() >= Duration::from_millis(50), "{:?}", start.elapsed());
    }
}
