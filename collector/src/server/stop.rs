//! Waiting that can be ended from outside.
//!
//! Every thread of a collector waits here, or (HTTP) on its runtime and [`Stop::stopped`]: for its socket,
//! for a moment, or for the end. The end is one half of a socket pair that is closed, which all waiting threads see at once
//! and which stays seen.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::sync::Notify;

/// Why a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// Something can be read, or the peer is gone.
    Ready,
    /// The deadline has passed.
    TimedOut,
    /// The collector stops; so it will be from now on.
    Stopped,
}

/// The end of a group of threads.
#[derive(Debug)]
pub struct Stop {
    open: Mutex<Option<UnixStream>>,
    closed: UnixStream,
    /// For those who wait on a runtime.
    told: Notify,
}

impl Stop {
    /// Takes two descriptors.
    pub fn new() -> io::Result<Stop> {
        let (open, closed) = UnixStream::pair()?;
        Ok(Stop { open: Mutex::new(Some(open)), closed, told: Notify::new() })
    }

    /// Ends all waits, those to come too.
    pub fn trigger(&self) {
        drop(self.open.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.told.notify_waiters();
    }

    /// Waits for the end on a runtime.
    pub(super) async fn stopped(&self) {
        let mut told = pin!(self.told.notified());
        // From here on it is told; it may have been triggered before.
        told.as_mut().enable();
        if self.open.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            told.await;
        }
    }

    /// Waits until `socket` can be read, the deadline passes, or the end.
    pub fn wait(&self, socket: Option<BorrowedFd<'_>>, deadline: Option<Instant>) -> io::Result<Waited> {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let end = PollFd::from_borrowed_fd(self.closed.as_fd(), PollFlags::IN);
            // The end twice is the end still: one list serves both cases.
            let socket = PollFd::from_borrowed_fd(socket.unwrap_or(self.closed.as_fd()), PollFlags::IN);
            let mut waiting = [end, socket];
            match poll(&mut waiting, left.map(timespec).as_ref()) {
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(Waited::TimedOut),
                Ok(_) => {}
            }
            let [end, _] = waiting;
            return Ok(if end.revents().is_empty() { Waited::Ready } else { Waited::Stopped });
        }
    }
}

fn timespec(left: Duration) -> Timespec {
    // Rounded up to a millisecond, so that a wait never ends just before its deadline and spins.
    let left = left.saturating_add(Duration::from_micros(999));
    Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: left.subsec_nanos().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn each_reason_is_told_apart() {
        let stop = Stop::new().unwrap();
        let (mut near, far) = UnixStream::pair().unwrap();
        let soon = || Some(Instant::now() + Duration::from_millis(20));
        let start = Instant::now();
        assert_eq!(stop.wait(Some(far.as_fd()), soon()).unwrap(), Waited::TimedOut);
        assert_eq!(stop.wait(None, soon()).unwrap(), Waited::TimedOut);
        assert!(start.elapsed() >= Duration::from_millis(40));
        near.write_all(b"x").unwrap();
        assert_eq!(stop.wait(Some(far.as_fd()), None).unwrap(), Waited::Ready);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| stop.wait(None, None).unwrap());
            stop.trigger();
            assert_eq!(waiting.join().unwrap(), Waited::Stopped);
        });
        stop.trigger();
        assert_eq!(stop.wait(Some(far.as_fd()), None).unwrap(), Waited::Stopped);
    }
}
