//! Listening sockets and connections, TCP and Unix alike.
//!
//! Owns the socket file of a Unix endpoint: made by [`Listener::bind`], replaced if nobody listens on
//! it any more, removed when the listener is closed for good.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

/// An answer is a few dozen bytes; a client that takes none for this long will not take any, and a
/// stopping collector must not wait for it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a closing connection lets the peer read the last answer: closing with unread input would
/// reset the connection and take the answer with it.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// A free port on 127.0.0.1.
    Tcp,
    /// This address; port 0 takes a free one.
    Address(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

impl std::str::FromStr for Listen {
    type Err = String;

    /// `ADDRESS:PORT` (numeric, `localhost`, or nothing before the colon for 127.0.0.1) or `unix:/path`.
    fn from_str(text: &str) -> Result<Listen, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(format!("{text}: found no path, expected unix:/path")),
                path => Ok(Listen::Unix(path.into())),
            };
        }
        let address = text.strip_prefix("tcp://").unwrap_or(text);
        let local = address.strip_prefix("localhost").unwrap_or(address);
        let full = if local.starts_with(':') { format!("127.0.0.1{local}") } else { local.to_owned() };
        full.parse().map(Listen::Address).map_err(|_| {
            format!("{text}: found no numeric address and port, expected 127.0.0.1:24224 or unix:/path")
        })
    }
}

/// A socket that accepts connections.
#[derive(Debug)]
pub struct Listener(Socket);

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener, PathBuf),
}

impl Listener {
    /// Starts listening.
    pub fn bind(listen: &Listen) -> io::Result<Listener> {
        let socket = match listen {
            Listen::Tcp => Socket::Tcp(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?),
            Listen::Address(address) => Socket::Tcp(TcpListener::bind(address)?),
            Listen::Unix(path) => {
                remove_abandoned(path);
                Socket::Unix(UnixListener::bind(path)?, path.clone())
            }
        };
        // A client may give up between the readiness of the socket and the accept.
        match &socket {
            Socket::Tcp(socket) => socket.set_nonblocking(true)?,
            Socket::Unix(socket, _) => socket.set_nonblocking(true)?,
        }
        Ok(Listener(socket))
    }

    /// Where it listens, with the port it really got: `127.0.0.1:24224` or `unix:///path`.
    pub fn address(&self) -> io::Result<String> {
        Ok(match self.bound()? {
            Listen::Address(address) => address.to_string(),
            Listen::Unix(path) => format!("unix://{}", path.display()),
            Listen::Tcp => String::new(),
        })
    }

    pub(super) fn is_unix(&self) -> bool {
        matches!(self.0, Socket::Unix(..))
    }

    /// The same for [`Listener::bind`]: listening there again takes the same port.
    pub(crate) fn bound(&self) -> io::Result<Listen> {
        Ok(match &self.0 {
            Socket::Tcp(socket) => Listen::Address(socket.local_addr()?),
            Socket::Unix(_, path) => Listen::Unix(path.clone()),
        })
    }

    pub(super) fn accept(&self) -> io::Result<(Stream, String)> {
        let (stream, peer) = match &self.0 {
            Socket::Tcp(socket) => {
                let (stream, peer) = socket.accept()?;
                stream.set_nonblocking(false)?;
                stream.set_nodelay(true)?;
                stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
                (Stream::Tcp(stream), peer.to_string())
            }
            Socket::Unix(socket, path) => {
                let (stream, _) = socket.accept()?;
                stream.set_nonblocking(false)?;
                stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
                (Stream::Unix(stream), format!("unix://{}", path.display()))
            }
        };
        Ok((stream, peer))
    }

    /// Removes the socket file, if there is one.
    pub(super) fn remove_file(&self) {
        if let Socket::Unix(_, path) = &self.0 {
            // Somebody else may have removed it already.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.0 {
            Socket::Tcp(socket) => socket.as_fd(),
            Socket::Unix(socket, _) => socket.as_fd(),
        }
    }
}

/// Removes the socket file of a process that ended without doing so.
fn remove_abandoned(path: &Path) {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    if !is_socket {
        return;
    }
    if let Err(error) = UnixStream::connect(path)
        && error.kind() == io::ErrorKind::ConnectionRefused
    {
        let _ = std::fs::remove_file(path);
    }
}

/// One accepted connection.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    /// Says that nothing more will be written; what the peer sends can still be read.
    pub(super) fn end_writing(&self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }

    /// What makes the next read find the end of the stream, once all that has arrived is read.
    pub(super) fn end_reading(&self) -> io::Result<impl Fn() + Send + Sync + use<>> {
        let copy = match self {
            Stream::Tcp(stream) => Stream::Tcp(stream.try_clone()?),
            Stream::Unix(stream) => Stream::Unix(stream.try_clone()?),
        };
        Ok(move || {
            // The peer may have ended the connection already.
            let _ = match &copy {
                Stream::Tcp(stream) => stream.shutdown(Shutdown::Read),
                Stream::Unix(stream) => stream.shutdown(Shutdown::Read),
            };
        })
    }

    /// The socket, to be driven by other means; a Unix socket has none.
    pub(super) fn into_tcp(self) -> Option<TcpStream> {
        match self {
            Stream::Tcp(stream) => Some(stream),
            Stream::Unix(_) => None,
        }
    }

    /// Closes at once: the peer's next read or write fails with a reset. A Unix socket knows no reset
    /// on an idle connection; its peer sees the end of the stream, or a broken pipe.
    pub(super) fn reset(self) {
        if let Stream::Tcp(stream) = &self {
            reset_on_close(stream);
        }
    }
}

/// Makes the close of this TCP socket a reset.
pub(super) fn reset_on_close(socket: impl AsFd) {
    // Without it the connection is still closed, only politely.
    let _ = set_socket_linger(socket, Some(Duration::ZERO));
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Tcp(stream) => stream.as_fd(),
            Stream::Unix(stream) => stream.as_fd(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(into),
            Stream::Unix(stream) => stream.read(into),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_every_form() {
        let tcp = |text: &str| Listen::Address(text.parse().unwrap());
        for (text, expected) in [
            ("127.0.0.1:0", tcp("127.0.0.1:0")),
            ("tcp://127.0.0.1:24224", tcp("127.0.0.1:24224")),
            ("localhost:24224", tcp("127.0.0.1:24224")),
            (":24224", tcp("127.0.0.1:24224")),
            ("[::1]:5", tcp("[::1]:5")),
            ("unix:/run/x.sock", Listen::Unix("/run/x.sock".into())),
            ("unix:///run/x.sock", Listen::Unix("/run/x.sock".into())),
            ("unix:x.sock", Listen::Unix("x.sock".into())),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "24224", "127.0.0.1", "127.0.0.1:70000", "unix:", "example.org:1"] {
            assert!(text.parse::<Listen>().unwrap_err().starts_with(&format!("{text}: found")), "{text}");
        }
    }

    #[test]
    fn an_abandoned_socket_file_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let listen = Listen::Unix(folder.path().join("socket"));
        let first = Listener::bind(&listen).unwrap();
        assert_eq!(Listener::bind(&listen).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(first);
        Listener::bind(&listen).unwrap().remove_file();

        let plain = folder.path().join("plain");
        std::fs::write(&plain, "kept").unwrap();
        assert!(Listener::bind(&Listen::Unix(plain.clone())).is_err());
        assert_eq!(std::fs::read_to_string(plain).unwrap(), "kept");
    }
}
