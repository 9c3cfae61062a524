//! The numbers that Windows has for what is open: handles, of which sockets are some.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::windows::io::{AsRawHandle as _, AsRawSocket as _};

use socket2::{Domain, Socket, Type};

/// Handles and sockets alike.
pub(crate) type RawFd = u64;

/// Standard output. Handles are multiples of four: no other has this number.
pub(crate) const STDOUT: RawFd = 1;
/// Standard error.
pub(crate) const STDERR: RawFd = 2;

/// What has such a number.
pub(crate) trait AsRawFd {
    fn as_raw_fd(&self) -> RawFd;
}

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.as_raw_handle().expose_provenance() as u64
    }
}

impl AsRawFd for Socket {
    #[allow(
        clippy::useless_conversion,
        clippy::unnecessary_cast,
        reason = "a socket has 32 bits on some systems"
    )]
    fn as_raw_fd(&self) -> RawFd {
        self.as_raw_socket() as u64
    }
}

/// Strangers that are let knock before the socket that was asked for, at most.
const MOST_STRANGERS: u32 = 8;

/// Two sockets that are connected with each other, through the loopback interface: Windows makes no pairs.
pub(crate) fn pair() -> io::Result<(Socket, Socket)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let sender = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    sender.connect(&listener.local_addr()?.into())?;
    let asked = sender.local_addr()?.as_socket();
    for _ in 0..MOST_STRANGERS {
        let (receiver, from) = listener.accept()?;
        if Some(from) == asked {
            sender.set_tcp_nodelay(true)?;
            return Ok((Socket::from(receiver), sender));
        }
    }
    Err(io::Error::other("others took the places of a pair of sockets"))
}
