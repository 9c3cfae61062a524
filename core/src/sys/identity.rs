//! What a descriptor is, to tell whether its number still means what it meant.
//!
//! A host may close numbers that are not its own, and use them again. Device and inode tell sockets, pipes and files
//! apart. All of the kernel's anonymous files (inotify and its like) share one inode, and a file can be opened twice:
//! such a descriptor is given a mark, the number of a signal that is never sent, which stays with what is open.

use std::mem::MaybeUninit;
use std::os::fd::RawFd;

/// No signal is sent without O_ASYNC, which nothing here sets. A number that programs have no reason to choose.
#[cfg(target_os = "linux")]
const MARK: i32 = 61;

/// Of the kernel's interface; `libc` has no names for them.
#[cfg(target_os = "linux")]
const F_SETSIG: i32 = 10;
#[cfg(target_os = "linux")]
const F_GETSIG: i32 = 11;

/// What stands behind a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) is_marked: bool,
}

/// A look at a number.
enum Seen {
    Is {
        device: u64,
        inode: u64,
        is_socket: bool,
    },
    /// Nothing is open there.
    Closed,
    /// The system does not say.
    Unknown,
}

impl Identity {
    /// That of `descriptor`, where the system tells it.
    pub(crate) fn of(descriptor: RawFd) -> Option<Identity> {
        match look(descriptor) {
            Seen::Is { device, inode, .. } => Some(Identity { device, inode, is_marked: false }),
            Seen::Closed | Seen::Unknown => None,
        }
    }

    /// The same for a descriptor of ours that others could be taken for; from now on it is marked.
    pub(crate) fn with_mark(descriptor: RawFd) -> Option<Identity> {
        let is_marked = mark(descriptor);
        Identity::of(descriptor).map(|identity| Identity { is_marked, ..identity })
    }

    /// Whether `descriptor` is still this. Async-signal-safe. Where the system does not tell, it is.
    pub(crate) fn is_still(self, descriptor: RawFd) -> bool {
        match look(descriptor) {
            Seen::Is { device, inode, .. } => {
                (device, inode) == (self.device, self.inode) && (!self.is_marked || has_mark(descriptor))
            }
            Seen::Closed => false,
            Seen::Unknown => true,
        }
    }
}

/// Whether a socket stands at `descriptor`, as far as the system tells.
pub(super) fn may_be_socket(descriptor: RawFd) -> bool {
    match look(descriptor) {
        Seen::Is { is_socket, .. } => is_socket,
        Seen::Closed => false,
        Seen::Unknown => true,
    }
}

#[allow(clippy::unnecessary_cast, reason = "the types differ among systems")]
fn look(descriptor: RawFd) -> Seen {
    let mut found = MaybeUninit::<libc::stat>::uninit();
    // SAFETY: the pointer is to a live stat, which the call fills.
    if unsafe { libc::fstat(descriptor, found.as_mut_ptr()) } == 0 {
        // SAFETY: filled by the call above.
        let found = unsafe { found.assume_init() };
        let is_socket = found.st_mode & libc::S_IFMT == libc::S_IFSOCK;
        return Seen::Is { device: found.st_dev as u64, inode: found.st_ino as u64, is_socket };
    }
    if is_closed_error() { Seen::Closed } else { Seen::Unknown }
}

fn is_closed_error() -> bool {
    std::io::Error::last_os_error().raw_os_error() == Some(libc::EBADF)
}

#[cfg(target_os = "linux")]
fn mark(descriptor: RawFd) -> bool {
    // SAFETY: sets a number that belongs to what is open there; no memory is touched.
    unsafe { libc::fcntl(descriptor, F_SETSIG, MARK) == 0 }
}

#[cfg(target_os = "linux")]
fn has_mark(descriptor: RawFd) -> bool {
    // SAFETY: reads a number that belongs to what is open there; no memory is touched.
    match unsafe { libc::fcntl(descriptor, F_GETSIG) } {
        -1 => !is_closed_error(),
        signal => signal == MARK,
    }
}

#[cfg(not(target_os = "linux"))]
fn mark(_: RawFd) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn has_mark(_: RawFd) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn sockets_are_told_apart_and_a_closed_number_is_nothing() {
        let (left, right) = UnixStream::pair().unwrap();
        let identity = Identity::of(left.as_raw_fd()).unwrap();
        assert!(identity.is_still(left.as_raw_fd()));
        assert!(!identity.is_still(right.as_raw_fd()));
        assert!(!identity.is_still(-1));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_mark_tells_one_opening_of_a_file_from_another() {
        let (ours, theirs) = (File::open("/dev/null").unwrap(), File::open("/dev/null").unwrap());
        let identity = Identity::with_mark(ours.as_raw_fd()).unwrap();
        assert!(identity.is_still(ours.as_raw_fd()));
        assert!(!identity.is_still(theirs.as_raw_fd()));
        assert!(Identity::of(theirs.as_raw_fd()).unwrap().is_still(ours.as_raw_fd()));
    }
}
