//! The port of a collector that is down for a while.

use std::io;
use std::net::SocketAddr;

use rustix::net::sockopt::set_socket_reuseaddr;

/// Keeps a port from being given to anybody else while nothing listens on it: connections to it are
/// refused. Without it the kernel could hand the port to an outgoing connection.
#[derive(Debug)]
pub(super) struct Reserved {
    _socket: rustix::fd::OwnedFd,
}

impl Reserved {
    pub(super) fn new(address: SocketAddr) -> io::Result<Reserved> {
        let family = match address {
            SocketAddr::V4(_) => rustix::net::AddressFamily::INET,
            SocketAddr::V6(_) => rustix::net::AddressFamily::INET6,
        };
        let socket = rustix::net::socket(family, rustix::net::SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        set_socket_reuseaddr(&socket, true)?;
        rustix::net::bind(&socket, &address)?;
        Ok(Reserved { _socket: socket })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::socket::{Listen, Listener};
    use std::net::{Ipv4Addr, TcpListener, TcpStream};

    #[test]
    fn a_reserved_port_refuses_and_can_be_taken_back() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let reserved = Reserved::new(address).unwrap();
        assert_eq!(TcpStream::connect(address).unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
        drop(reserved);
        Listener::bind(&Listen::Address(address)).unwrap();
    }
}
