//! What a wake-up travels through: a pair of connected sockets that holds it until the sleeper looks.
//!
//! A pair that the host took away is replaced before the next sleep. Where the process has no descriptor left there is
//! none.

use std::io::{self, ErrorKind, Read as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use socket2::{Domain, Socket, Type};

use crate::sys::kept::{Kept, SEND_FLAGS};

#[derive(Debug, Default)]
pub(crate) struct WakePair {
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

impl WakePair {
    /// Makes the sockets where there are none, or the host took them away.
    pub(crate) fn renew(&self) {
        let is_sound =
            self.ends.load().as_ref().is_some_and(|ends| ends.receiver.is_ours() && ends.sender.is_ours());
        if !is_sound && !self.is_deaf.load(Ordering::Relaxed) {
            self.ends.store(Ends::new().ok().map(Arc::new));
        }
    }

    /// Makes the descriptor readable.
    pub(crate) fn ring(&self) {
        if let Some(ends) = &*self.ends.load()
            && let Ok(sender) = ends.sender.ours()
        {
            // A full socket means that a wake-up waits there already.
            let _ = sender.send_with_flags(&[1], SEND_FLAGS);
        }
    }

    /// Forgets all wake-ups that came.
    pub(crate) fn forget(&self) {
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

    /// To wait on.
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
    fn a_pair_that_the_host_took_is_replaced_and_not_touched() {
        use std::io::Write as _;
        use std::os::unix::net::UnixStream;
        let pair = WakePair::default();
        pair.renew();
        let (ours, mut peer) = UnixStream::pair().unwrap();
        peer.write_all(b"mine").unwrap();
        let lost = pair.ends.load_full().unwrap();
        let numbers = [lost.receiver.as_raw_fd(), lost.sender.as_raw_fd()];
        for number in numbers {
            // SAFETY: replaces a number that this test owns.
            unsafe { libc::dup2(ours.as_raw_fd(), number) };
        }
        pair.ring();
        pair.forget();
        pair.renew();
        drop(lost);
        assert!(!numbers.contains(&pair.descriptor().unwrap()));
        pair.ring();
        assert!(wait_readable_says(pair.descriptor().unwrap()));
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
