//! What a wake-up travels through: a pair of connected sockets that holds it until the sleeper looks.
//!
//! A pair that the host took away is replaced before the next sleep. Where the process has no descriptor left there is
//! none. To ring allocates nothing and waits for nobody: a thread does so that exits in the middle of anything.

use std::io::{self, ErrorKind, Read as _};
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

use socket2::Socket;

use crate::sys::descriptor::{AsRawFd as _, RawFd, pair};
use crate::sys::kept::{Kept, SEND_FLAGS};

#[derive(Debug, Default)]
pub(crate) struct WakePair {
    /// Only tried, and changed by the sleeper alone, which then does not sleep.
    ends: RwLock<Option<Ends>>,
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
        let (receiver, sender) = pair()?;
        let (receiver, sender) = (Kept::new(receiver)?, Kept::new(sender)?);
        receiver.set_nonblocking(true)?;
        sender.set_nonblocking(true)?;
        Ok(Ends { receiver, sender })
    }
}

impl WakePair {
    /// Makes the sockets where there are none, or the host took them away.
    pub(crate) fn renew(&self) {
        let is_sound = self.with(|ends| ends.receiver.is_ours() && ends.sender.is_ours()) == Some(true);
        if !is_sound && !self.is_deaf.load(Ordering::Relaxed) {
            self.replace(Ends::new().ok());
        }
    }

    /// Makes the descriptor readable.
    pub(crate) fn ring(&self) {
        self.with(|ends| {
            if let Ok(sender) = ends.sender.ours() {
                // A full socket means that a wake-up waits there already.
                let _ = sender.send_with_flags(&[1], SEND_FLAGS);
            }
        });
    }

    /// Forgets all wake-ups that came.
    pub(crate) fn forget(&self) {
        let mut seen = [0u8; 64];
        loop {
            let read = self.with(|ends| {
                let mut receiver: &Socket = ends.receiver.ours().ok()?;
                Some(receiver.read(&mut seen))
            });
            match read.flatten() {
                Some(Ok(count)) if count == seen.len() => {}
                // The other end was closed under us: the next sleep has a new pair.
                Some(Ok(0)) => return self.replace(None),
                None | Some(Ok(_)) => return,
                Some(Err(error)) => {
                    if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) {
                        self.is_deaf.store(true, Ordering::Relaxed);
                        self.replace(None);
                    }
                    return;
                }
            }
        }
    }

    /// To wait on.
    pub(crate) fn descriptor(&self) -> Option<RawFd> {
        self.with(|ends| ends.receiver.as_raw_fd())
    }

    fn with<R>(&self, see: impl FnOnce(&Ends) -> R) -> Option<R> {
        self.ends.try_read().ok()?.as_ref().map(see)
    }

    /// Where somebody is just ringing it stays as it is until the next sleep.
    fn replace(&self, next: Option<Ends>) {
        let before = self.ends.try_write().ok().map(|mut ends| std::mem::replace(&mut *ends, next));
        drop(before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::poll::is_readable_within;
    use std::time::Duration;

    #[test]
    fn a_pair_that_the_host_took_is_replaced_and_not_touched() {
        use std::io::Write as _;
        use std::os::unix::net::UnixStream;
        let pair = WakePair::default();
        pair.renew();
        let (ours, mut peer) = UnixStream::pair().unwrap();
        peer.write_all(b"mine").unwrap();
        let numbers = pair.with(|ends| [ends.receiver.as_raw_fd(), ends.sender.as_raw_fd()]).unwrap();
        for number in numbers {
            // SAFETY: replaces a number that this test owns.
            unsafe { libc::dup2(ours.as_raw_fd(), number) };
        }
        pair.ring();
        pair.forget();
        pair.renew();
        assert!(!numbers.contains(&pair.descriptor().unwrap()));
        pair.ring();
        assert!(is_readable_within(pair.descriptor().unwrap(), Duration::from_secs(60)));
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
}
