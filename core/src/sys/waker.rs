//! Wakes the sender thread out of its wait on sockets.
//!
//! A wake-up costs the caller several microseconds, so it is written only while the sender really
//! sleeps. The sender announces its sleep first and looks for work once more after that, so a wake-up
//! cannot be missed.

use std::io::{self, ErrorKind, Read as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use socket2::{Domain, Socket, Type};

use crate::sys::kept::{Kept, SEND_FLAGS};

/// A pair of connected sockets and a word that says whether anybody waits on them. Where the process has
/// no descriptor left there are none, and the sender's own time-outs have to do.
#[derive(Debug, Default)]
pub(crate) struct Waker {
    sleeping: AtomicBool,
    /// It sleeps for so long that the next event must end it.
    idle: AtomicBool,
    ends: ArcSwapOption<Ends>,
    /// What is sent cannot be read: it would end every sleep.
    is_deaf: AtomicBool,
}

#[derive(Debug)]
struct Ends {
    receiver: Kept<Socket>,
    sender: Kept<Socket>,
}

impl Ends {
    fn new() -> io::Result<Ends> {
        let (receiver, sender) = Socket::pair(Domain::UNIX, Type::STREAM, None)?;
        let (receiver, sender) = (Kept::new(receiver)?, Kept::new(sender)?);
        receiver.set_nonblocking(true)?;
        sender.set_nonblocking(true)?;
        Ok(Ends { receiver, sender })
    }
}

impl Waker {
    /// One with its sockets.
    pub(crate) fn new() -> Waker {
        let waker = Waker::default();
        waker.renew();
        waker
    }

    /// Makes the sockets where there are none, or the host took them away. To be called by whoever sleeps, before the
    /// sleep is announced.
    pub(crate) fn renew(&self) {
        let is_sound =
            self.ends.load().as_ref().is_some_and(|ends| ends.receiver.is_ours() && ends.sender.is_ours());
        if !is_sound && !self.is_deaf.load(Ordering::Relaxed) {
            self.ends.store(Ends::new().ok().map(Arc::new));
        }
    }

    /// Ends the sender's sleep, if it sleeps.
    pub(crate) fn wake(&self) {
        if self.sleeping.swap(false, Ordering::SeqCst)
            && let Some(ends) = &*self.ends.load()
            && let Ok(sender) = ends.sender.ours()
        {
            // A full socket means that a wake-up waits there already.
            let _ = sender.send_with_flags(&[1], SEND_FLAGS);
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
        while let Some(ends) = &*self.ends.load()
            && let Ok(receiver) = ends.receiver.ours()
        {
            let mut receiver: &Socket = receiver;
            match receiver.read(&mut seen) {
                Ok(count) if count == seen.len() => {}
                Ok(count) if count > 0 => return,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                    return;
                }
                // The other end was closed under us: the next sleep has a new pair.
                Ok(_) => self.ends.store(None),
                Err(_) => {
                    self.is_deaf.store(true, Ordering::Relaxed);
                    self.ends.store(None);
                }
            }
        }
    }

    /// What becomes readable when somebody wakes.
    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        self.ends.load().as_ref().map(|ends| ends.receiver.as_raw_fd())
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

    #[test]
    fn a_pair_that_the_host_took_is_replaced_and_not_touched() {
        use std::io::Write as _;
        use std::os::unix::net::UnixStream;
        let waker = Waker::new();
        let (ours, mut peer) = UnixStream::pair().unwrap();
        peer.write_all(b"mine").unwrap();
        let lost = waker.ends.load_full().unwrap();
        let numbers = [lost.receiver.as_raw_fd(), lost.sender.as_raw_fd()];
        for number in numbers {
            // SAFETY: replaces a number that this test owns.
            unsafe { libc::dup2(ours.as_raw_fd(), number) };
        }
        waker.announce_sleep();
        waker.wake();
        waker.awake();
        waker.renew();
        drop(lost);
        assert!(!numbers.contains(&waker.descriptor().unwrap()));
        waker.announce_sleep();
        waker.wake();
        assert!(wait_readable_says(waker.descriptor().unwrap()));
        ours.set_nonblocking(true).unwrap();
        let mut seen = [0; 8];
        assert_eq!((&ours).read(&mut seen).unwrap(), 4, "nobody read it");
        drop(ours);
        for number in numbers {
            // SAFETY: closes what this test put there.
            assert_eq!(unsafe { libc::close(number) }, 0, "nobody closed it");
        }
        assert_eq!(peer.read(&mut seen).unwrap(), 0, "nobody wrote to it");
    }

    fn wait_readable_says(descriptor: RawFd) -> bool {
        let start = Instant::now();
        wait_readable(&[descriptor], Duration::from_secs(20));
        start.elapsed() < Duration::from_secs(10)
    }
}
