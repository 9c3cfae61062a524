//! The lower half of an HTTP connection's socket, below TLS.
//!
//! Counts what comes off the wire for the sink and breaks off where a script says: after a time or a number
//! of bytes read, or half-way through what is written. Between hyper (or TLS) and the kernel.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::phase::Phase;
use crate::server::conduct::Conduct;
use crate::server::sink::Sink;
use crate::server::socket::reset_on_close;

/// hyper reads on while it serves a request: one that is complete gets this long to be taken before
/// the reset.
const SETTLE: Duration = Duration::from_millis(20);

/// What happens to what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tamper {
    Nothing,
    /// The first half of the next write goes out; then the connection is reset.
    Half,
    /// One byte at a time, this long apart.
    Trickle(Duration),
    /// The script has ended the connection.
    Ended,
}

pub(super) struct Wire<'a> {
    socket: TcpStream,
    sink: &'a dyn Sink,
    /// Bytes that may be read before the reset.
    left: Option<usize>,
    /// When it is reset.
    death: Option<Pin<Box<Sleep>>>,
    tamper: Rc<Cell<Tamper>>,
    phase: Rc<Phase>,
    pause: Option<Pin<Box<Sleep>>>,
    settle: Option<Pin<Box<Sleep>>>,
    part: Vec<u8>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(
        socket: TcpStream,
        sink: &'a dyn Sink,
        conduct: &dyn Conduct,
        tamper: Rc<Cell<Tamper>>,
        phase: Rc<Phase>,
    ) -> Wire<'a> {
        let left = conduct.reset_after();
        let death = conduct.lifetime().map(|time| Box::pin(tokio::time::sleep(time)));
        let part = vec![0; 16 << 10];
        Wire { socket, sink, left, death, tamper, phase, pause: None, settle: None, part }
    }

    fn reset(&self) -> io::Error {
        self.tamper.set(Tamper::Ended);
        reset_on_close(&self.socket);
        io::Error::new(io::ErrorKind::ConnectionReset, "as the script says")
    }
}

impl AsyncRead for Wire<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(death) = &mut this.death
            && death.as_mut().poll(context).is_ready()
        {
            // It is not asked again once it was ready.
            this.death = None;
            this.left = Some(0);
            this.settle = Some(Box::pin(tokio::time::sleep(Duration::ZERO)));
        }
        if this.left == Some(0) {
            let settle = this.settle.get_or_insert_with(|| Box::pin(tokio::time::sleep(SETTLE)));
            ready!(settle.as_mut().poll(context));
            return Poll::Ready(Err(this.reset()));
        }
        let room = this.left.unwrap_or(usize::MAX).min(buffer.remaining()).min(this.part.len());
        let mut part = ReadBuf::new(this.part.get_mut(..room).unwrap_or_default());
        ready!(Pin::new(&mut this.socket).poll_read(context, &mut part))?;
        let bytes = part.filled();
        let count = bytes.len();
        if count > 0 {
            this.phase.received();
            this.sink.received(count);
        }
        buffer.put_slice(bytes);
        this.left = this.left.map(|left| left - count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire<'_> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        match this.tamper.get() {
            Tamper::Nothing => Pin::new(&mut this.socket).poll_write(context, bytes),
            Tamper::Ended => Poll::Ready(Err(this.reset())),
            Tamper::Half => {
                let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
                let written = ready!(Pin::new(&mut this.socket).poll_write(context, half))?;
                this.tamper.set(Tamper::Ended);
                Poll::Ready(Ok(written))
            }
            Tamper::Trickle(pause) => {
                if let Some(waiting) = &mut this.pause {
                    ready!(waiting.as_mut().poll(context));
                }
                let one = bytes.get(..1).unwrap_or_default();
                let written = ready!(Pin::new(&mut this.socket).poll_write(context, one))?;
                this.pause = Some(Box::pin(tokio::time::sleep(pause)));
                Poll::Ready(Ok(written))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.tamper.get() == Tamper::Ended {
            // A polite end before the reset would be what the peer sees.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
