//! Descriptors that live as long as a client, in a process whose host does as it likes with numbers.
//!
//! None is 0, 1 or 2: a host that closed those would write its own words into ours. None is used or closed once its
//! number means something else: whoever holds one asks [`Kept::ours`] before each use. A forked child closes them.

use std::fs::{self, OpenOptions};
use std::io;
use std::mem::{ManuallyDrop, forget};
use std::ops::Deref;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::Path;

use crate::sys::fork::ClosedInChild;
use crate::sys::identity::{Identity, may_be_socket};
use crate::sys::left_behind::leave_value;

/// Standard input, output and error.
pub(crate) const LAST_STANDARD: RawFd = 2;

/// Keeps a write to what has ended from raising a signal. `std` writes without it.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(crate) const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
pub(crate) const SEND_FLAGS: i32 = 0;

/// A descriptor of ours.
#[derive(Debug)]
pub(crate) struct Kept<T: AsRawFd> {
    identity: Option<Identity>,
    /// Taken off before the descriptor is closed: a child must not close a number that is somebody else's by then.
    inherited: Option<ClosedInChild>,
    value: ManuallyDrop<T>,
}

impl<T: AsRawFd + From<OwnedFd> + Into<OwnedFd>> Kept<T> {
    /// Keeps a socket, which nothing else can be taken for.
    pub(crate) fn new(fresh: T) -> io::Result<Kept<T>> {
        // A host that closes everything may do so just after it was made.
        if !may_be_socket(fresh.as_raw_fd()) {
            forget(fresh);
            return Err(lost());
        }
        Kept::keep(fresh, Identity::of)
    }

    /// Keeps a descriptor of any other kind.
    pub(crate) fn marked(fresh: T) -> io::Result<Kept<T>> {
        Kept::keep(fresh, Identity::with_mark)
    }

    fn keep(fresh: T, identity: fn(RawFd) -> Option<Identity>) -> io::Result<Kept<T>> {
        Ok(Kept::at(T::from(above_standard(fresh.into())?), identity))
    }
}

impl<T: AsRawFd> Kept<T> {
    fn at(value: T, identity: fn(RawFd) -> Option<Identity>) -> Kept<T> {
        let number = value.as_raw_fd();
        let identity = identity(number);
        let inherited = Some(ClosedInChild::new(number, identity));
        Kept { identity, inherited, value: ManuallyDrop::new(value) }
    }

    /// Whether the number still means this.
    pub(crate) fn is_ours(&self) -> bool {
        self.identity.is_none_or(|identity| identity.is_still(self.value.as_raw_fd()))
    }

    /// Whether a child that is forked closes it.
    pub(crate) fn is_listed(&self) -> bool {
        self.inherited.as_ref().is_some_and(ClosedInChild::is_listed)
    }

    /// It, for a use that follows at once.
    pub(crate) fn ours(&self) -> io::Result<&T> {
        if self.is_ours() { Ok(&self.value) } else { Err(lost()) }
    }
}

impl<T: AsRawFd> Deref for Kept<T> {
    type Target = T;

    /// Without a look whether it is still ours.
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: AsRawFd> Drop for Kept<T> {
    fn drop(&mut self) {
        let is_ours = self.is_ours();
        drop(self.inherited.take());
        // SAFETY: taken once, here, and used by nobody afterwards.
        let value = unsafe { ManuallyDrop::take(&mut self.value) };
        if is_ours {
            drop(value);
        } else {
            leave_value(value);
        }
    }
}

fn lost() -> io::Error {
    io::Error::other("the program closed this descriptor, which is not its own")
}

/// `fresh`, or the same at a number above the standard ones.
pub(crate) fn above_standard(fresh: OwnedFd) -> io::Result<OwnedFd> {
    if fresh.as_raw_fd() > LAST_STANDARD {
        return Ok(fresh);
    }
    let identity = Identity::of(fresh.as_raw_fd());
    // SAFETY: duplicates a number; no memory is touched.
    let number = unsafe { libc::fcntl(fresh.as_raw_fd(), libc::F_DUPFD_CLOEXEC, LAST_STANDARD + 1) };
    let error = io::Error::last_os_error();
    if identity.is_none_or(|identity| identity.is_still(fresh.as_raw_fd())) {
        drop(fresh);
    } else {
        // The host has put something else there meanwhile.
        forget(fresh);
    }
    if number < 0 {
        return Err(error);
    }
    // SAFETY: the number was made just now and belongs to nobody else.
    Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(number) })
}

/// Opens a file.
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<Kept<fs::File>> {
    Kept::marked(options.open(path)?)
}

/// Stands at the standard numbers that are closed, while something opens descriptors that cannot be told to keep away
/// from them.
#[derive(Debug, Default)]
pub(crate) struct Placeholders(#[expect(dead_code, reason = "held")] Vec<Kept<fs::File>>);

impl Placeholders {
    pub(crate) fn hold() -> Placeholders {
        let mut held = Vec::new();
        while (0..=LAST_STANDARD).any(is_closed) {
            let Ok(file) = OpenOptions::new().read(true).write(true).open("/dev/null") else { break };
            if file.as_raw_fd() > LAST_STANDARD {
                break;
            }
            held.push(Kept::at(file, Identity::with_mark));
        }
        Placeholders(held)
    }
}

fn is_closed(number: RawFd) -> bool {
    // SAFETY: asks for flags of a number; no memory is touched.
    unsafe { libc::fcntl(number, libc::F_GETFD) == -1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn what_the_host_took_is_neither_used_nor_closed() {
        let (left, right) = UnixStream::pair().unwrap();
        let kept = Kept::new(left).unwrap();
        assert!(kept.ours().is_ok());
        let (stranger, mut other_end) = UnixStream::pair().unwrap();
        // SAFETY: replaces a number that this test owns.
        unsafe { libc::dup2(stranger.as_raw_fd(), kept.as_raw_fd()) };
        assert!(kept.ours().is_err());
        let number = kept.as_raw_fd();
        drop(kept);
        assert!(!is_closed(number));
        other_end.write_all(b"x").unwrap();
        // SAFETY: closes what this test put there.
        unsafe { libc::close(number) };
        drop(right);
    }

    #[test]
    fn one_that_is_ours_is_closed() {
        let (left, mut right) = UnixStream::pair().unwrap();
        drop(Kept::marked(left).unwrap());
        assert!(right.write_all(b"x").is_err(), "nobody has the other end");
    }
}
