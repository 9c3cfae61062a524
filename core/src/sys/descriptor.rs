//! The numbers that the system has for what is open.

use std::io;
pub(crate) use std::os::fd::{AsRawFd, RawFd};

use socket2::{Domain, Socket, Type};

/// Standard output.
pub(crate) const STDOUT: RawFd = libc::STDOUT_FILENO;
/// Standard error.
pub(crate) const STDERR: RawFd = libc::STDERR_FILENO;

/// Two sockets that are connected with each other.
pub(crate) fn pair() -> io::Result<(Socket, Socket)> {
    Socket::pair(Domain::UNIX, Type::STREAM, None)
}
