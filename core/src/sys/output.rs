//! Descriptors that lines are written to: standard output and error, files, pipes, terminals.
//!
//! Nothing here waits for who reads, as far as the system lets it, and nothing changes a descriptor's flags: other
//! processes share them. The lock and the buffer of the standard library are left alone: a forked child inherits that
//! lock as it is, perhaps held for ever, and what the buffer holds would be written twice.

use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Longest text that a pipe takes whole or not at all, whoever else writes to it.
pub(crate) const MOST_AT_ONCE: usize = libc::PIPE_BUF;

/// Bytes that are free for this process and bytes that there are, on the disk behind a descriptor.
// The types of these fields differ from system to system.
#[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
pub(crate) fn free_bytes(descriptor: RawFd) -> Option<(u64, u64)> {
    let mut found = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the pointer is to a live statvfs, which the call fills in.
    if unsafe { libc::fstatvfs(descriptor, found.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: filled in by the call that did not fail.
    let found = unsafe { found.assume_init() };
    // SAFETY: the call takes nothing and answers a number.
    let is_root = unsafe { libc::geteuid() } == 0;
    let free = if is_root { found.f_bfree } else { found.f_bavail };
    let size = found.f_frsize as u64;
    Some(((free as u64).saturating_mul(size), (found.f_blocks as u64).saturating_mul(size)))
}

/// What stands behind a descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file: it takes what it is given.
    File,
    /// A pipe or a FIFO.
    Pipe,
    Socket,
    /// A terminal or another device.
    Device,
}

/// A descriptor as it was looked at last.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    descriptor: RawFd,
    pub(crate) kind: Kind,
    /// Device and inode: one file has one, however it was opened.
    pub(crate) identity: (u64, u64),
    /// Bytes in a regular file.
    pub(crate) len: u64,
}

impl Output {
    /// Looks at `descriptor`; an error where it is not open.
    // The types of these fields differ from system to system.
    #[allow(clippy::unnecessary_cast)]
    pub(crate) fn of(descriptor: RawFd) -> io::Result<Output> {
        let mut found = MaybeUninit::<libc::stat>::uninit();
        // SAFETY: the pointer is to a live stat, which the call fills in.
        if unsafe { libc::fstat(descriptor, found.as_mut_ptr()) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: filled in by the call that did not fail.
        let found = unsafe { found.assume_init() };
        let kind = match found.st_mode & libc::S_IFMT {
            libc::S_IFREG => Kind::File,
            libc::S_IFIFO => Kind::Pipe,
            libc::S_IFSOCK => Kind::Socket,
            _ => Kind::Device,
        };
        let identity = (found.st_dev as u64, found.st_ino as u64);
        Ok(Output { descriptor, kind, identity, len: found.st_size as u64 })
    }

    pub(crate) fn descriptor(&self) -> RawFd {
        self.descriptor
    }

    /// Writes a part of `bytes`, or answers [`io::ErrorKind::WouldBlock`] where there is no room. A pipe takes up to
    /// [`MOST_AT_ONCE`] bytes whole.
    pub(crate) fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.kind {
            Kind::File => self.write(bytes),
            Kind::Socket => self.send(bytes),
            Kind::Pipe => match self.write_without_wait(bytes) {
                Some(result) => result,
                None => self.write_if_ready(bytes),
            },
            Kind::Device => self.write_if_ready(bytes),
        }
    }

    /// Another writer may take the room between the two calls: then the second one waits.
    fn write_if_ready(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut wait = libc::pollfd { fd: self.descriptor, events: libc::POLLOUT, revents: 0 };
        // SAFETY: the pointer is to one live pollfd.
        match unsafe { libc::poll(&raw mut wait, 1, 0) } {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            _ => self.write(bytes),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        // SAFETY: pointer and length are those of a live slice.
        counted(unsafe { libc::write(self.descriptor, bytes.as_ptr().cast(), bytes.len()) })
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        // The signal of a broken one is blocked wherever lines are written.
        // SAFETY: pointer and length are those of a live slice.
        counted(unsafe {
            libc::send(self.descriptor, bytes.as_ptr().cast(), bytes.len(), libc::MSG_DONTWAIT)
        })
    }

    /// As if the descriptor did not block, which older kernels cannot do for pipes: `None`.
    #[cfg(target_os = "linux")]
    fn write_without_wait(&self, bytes: &[u8]) -> Option<io::Result<usize>> {
        let part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        let at_the_end: libc::c_long = -1;
        // By number, as C libraries that are old enough have no name for it.
        // SAFETY: the pointer is to one live part, which is a live slice.
        let count = unsafe {
            libc::syscall(
                libc::SYS_pwritev2,
                self.descriptor,
                &raw const part,
                1,
                at_the_end,
                at_the_end,
                libc::RWF_NOWAIT,
            )
        };
        let result = counted(count as isize);
        let is_missing = |error: &io::Error| {
            [libc::EOPNOTSUPP, libc::ENOSYS, libc::EINVAL, libc::EPERM]
                .iter()
                .any(|number| error.raw_os_error() == Some(*number))
        };
        if result.as_ref().is_err_and(is_missing) { None } else { Some(result) }
    }

    #[cfg(not(target_os = "linux"))]
    fn write_without_wait(&self, _: &[u8]) -> Option<io::Result<usize>> {
        None
    }
}

fn counted(count: isize) -> io::Result<usize> {
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Whether this process may write to what stands at `path`, found out without opening it.
pub(crate) fn may_write(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the text is live and ended by NUL.
    match unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), libc::W_OK, libc::AT_EACCESS) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_full_pipe_takes_nothing_and_nobody_waits() {
        let (mut reader, writer) = io::pipe().unwrap();
        let output = Output::of(writer.as_raw_fd()).unwrap();
        assert_eq!(output.kind, Kind::Pipe);
        let page = [b'x'; MOST_AT_ONCE];
        for write in [Output::write_now, Output::write_if_ready] {
            let mut taken = 0;
            let error = loop {
                match write(&output, &page) {
                    Ok(count) => taken += count,
                    Err(error) => break error,
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            assert!(taken >= page.len() && taken % page.len() == 0, "{taken}");
            let mut seen = vec![0; taken];
            reader.read_exact(&mut seen).unwrap();
        }
        drop(reader);
    }

    #[test]
    fn a_full_socket_takes_nothing_and_nobody_waits() {
        let (_reader, writer) = UnixStream::pair().unwrap();
        let output = Output::of(writer.as_raw_fd()).unwrap();
        assert_eq!(output.kind, Kind::Socket);
        let error = loop {
            if let Err(error) = output.write_now(&[b'x'; MOST_AT_ONCE]) {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }

    #[test]
    fn one_file_has_one_identity() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "four").unwrap();
        let (one, two) = (std::fs::File::open(&path).unwrap(), std::fs::File::open(&path).unwrap());
        let (one, two) = (Output::of(one.as_raw_fd()).unwrap(), Output::of(two.as_raw_fd()).unwrap());
        assert_eq!((one.kind, one.len, one.identity), (Kind::File, 4, two.identity));
        assert!(Output::of(-1).is_err());
    }

    #[test]
    fn what_may_be_written_is_found_out_without_opening_it() {
        assert!(may_write(Path::new("/dev/null")).is_ok());
        assert_eq!(may_write(Path::new("/no/such/file")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
