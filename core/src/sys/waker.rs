//! Wakes the sender thread out of its wait on sockets.
//!
//! A wake-up costs the caller several microseconds, so it is written only while the sender really
//! sleeps. The sender announces its sleep first and looks for work once more after that, so a wake-up
//! cannot be missed.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::sys::fork::ClosedInChild;

/// A pair of connected sockets and a word that says whether anybody waits on them. Where the process has
/// no descriptor left there are none, and the sender's own time-outs have to do.
#[derive(Debug)]
pub(crate) struct Waker {
    sleeping: AtomicBool,
    /// It sleeps for so long that the next event must end it.
    idle: AtomicBool,
    ends: Option<Ends>,
}

#[derive(Debug)]
struct Ends {
    /// Dropped before the sockets: a child must not close a number that is somebody else's by then.
    _inherited: [ClosedInChild; 2],
    receiver: UnixStream,
    sender: UnixStream,
}

impl Ends {
    fn new() -> io::Result<Ends> {
        let (receiver, sender) = UnixStream::pair()?;
        receiver.set_nonblocking(true)?;
        sender.set_nonblocking(true)?;
        let inherited = [ClosedInChild::new(receiver.as_raw_fd()), ClosedInChild::new(sender.as_raw_fd())];
        Ok(Ends { _inherited: inherited, receiver, sender })
    }
}

impl Waker {
    pub(crate) fn new() -> Waker {
        Waker { sleeping: AtomicBool::new(false), idle: AtomicBool::new(false), ends: Ends::new().ok() }
    }

    /// Ends the sender's sleep, if it sleeps.
    pub(crate) fn wake(&self) {
        if self.sleeping.swap(false, Ordering::SeqCst)
            && let Some(ends) = &self.ends
        {
            // A full socket means that a wake-up waits there already.
            let _ = (&ends.sender).write(&[1]);
        }
    }

    /// Ends the sender's sleep, if it is a long one.
    pub(crate) fn wake_idle(&self) {
        if self.idle.load(Ordering::SeqCst) {
            self.wake();
        }
    }

    /// Announces that the sleep of the caller will be a long one.
    pub(crate) fn announce_idle(&self) {
        self.idle.store(true, Ordering::SeqCst);
    }

    /// Takes that back.
    pub(crate) fn end_idle(&self) {
        self.idle.store(false, Ordering::SeqCst);
    }

    /// Announces that the caller is about to wait on [`Waker::descriptor`].
    pub(crate) fn announce_sleep(&self) {
        self.sleeping.store(true, Ordering::SeqCst);
    }

    /// Takes the announcements back and forgets wake-ups that came.
    pub(crate) fn awake(&self) {
        self.sleeping.store(false, Ordering::SeqCst);
        self.end_idle();
        let mut seen = [0u8; 64];
        if let Some(ends) = &self.ends {
            while matches!((&ends.receiver).read(&mut seen), Ok(count) if count == seen.len()) {}
        }
    }

    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        self.ends.as_ref().map(|ends| ends.receiver.as_raw_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::poll::wait_readable;
    use std::time::{Duration, Instant};

    #[test]
    fn only_a_sleeper_is_woken_and_none_is_missed() {
        let waker = Waker::new();
        let descriptor = waker.descriptor().unwrap();
        waker.wake();
        waker.announce_sleep();
        waker.wake();
        let start = Instant::now();
        wait_readable(&[descriptor], Duration::from_secs(20));
        assert!(start.elapsed() < Duration::from_secs(10));
        waker.awake();
        let start = Instant::now();
        wait_readable(&[descriptor], Duration::from_millis(30));
        assert!(start.elapsed() >= Duration::from_millis(25));
    }
}
