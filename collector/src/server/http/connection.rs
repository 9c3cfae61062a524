//! One HTTP connection from its first byte to its last.
//!
//! Runs on a thread of its own, as a Forward connection does, with a runtime for just this socket: so
//! it ends with the collector, and a stuck one holds up nobody. hyper speaks HTTP, rustls TLS.

use std::cell::Cell;
use std::io;
use std::net::TcpStream;
use std::pin::pin;
use std::rc::Rc;
use std::time::Instant;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use super::answer::Named;
use super::exchange::Exchange;
use super::tokens::Tokens;
use super::wire::{Tamper, Wire};
use crate::server::conduct::Protocol;
use crate::server::session::Session;
use crate::server::sink::Sink;
use crate::server::socket::{LINGER, Stream};

/// Serves until the peer, the conduct or the collector ends it; the error is a sentence.
pub(in crate::server) fn serve(
    stream: Stream,
    session: &Session,
    tokens: Option<&Tokens>,
    named: Named,
    sink: &dyn Sink,
) -> Result<(), String> {
    let Some(stream) = stream.into_tcp() else {
        return Err("socket: found a Unix socket, expected TCP for HTTP".to_owned());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|error| format!("no runtime for it: {error}"))?;
    runtime.block_on(async {
        let end = session.stop.end().and_then(|end| {
            end.set_nonblocking(true)?;
            UnixStream::from_std(end)
        });
        let end = end.map_err(|error| error.to_string())?;
        tokio::select! {
            _ = end.readable() => Ok(()),
            served = run(stream, session, tokens, named, sink) => served,
        }
    })
}

async fn run(
    stream: TcpStream,
    session: &Session,
    tokens: Option<&Tokens>,
    named: Named,
    sink: &dyn Sink,
) -> Result<(), String> {
    if session.service.tls.is_some() {
        sleep(session.service.likeness.tls_delay()).await;
    }
    let tamper = Rc::new(Cell::new(Tamper::Nothing));
    let socket = stream.set_nonblocking(true).and_then(|()| tokio::net::TcpStream::from_std(stream));
    let socket = socket.map_err(|error| error.to_string())?;
    let wire = Wire::new(socket, sink, &*session.conduct, Rc::clone(&tamper));
    let exchange = Exchange {
        session,
        tokens,
        named,
        sink,
        tamper: Rc::clone(&tamper),
        ends: Cell::new(false),
        quiet_since: Cell::new(Some(Instant::now())),
    };
    let served = match &session.service.tls {
        None => converse(wire, &exchange).await,
        Some(tls) => match TlsAcceptor::from(tls.0.clone()).accept(wire).await {
            Ok(stream) => converse(stream, &exchange).await,
            Err(error) => Err(format!("TLS: {error}")),
        },
    };
    // What the conduct breaks off is no fault.
    if tamper.get() == Tamper::Ended || exchange.ends.get() { Ok(()) } else { served }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    exchange: &Exchange<'_>,
) -> Result<(), String> {
    let conduct = &exchange.session.conduct;
    if let Some(outburst) = conduct.outburst(Protocol::Http) {
        return interrupt(stream, &outburst).await.map_err(|error| error.to_string());
    }
    let service = service_fn(|request| exchange.answer(request));
    let mut serving = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    if let Some(time) = conduct.idle_limit() {
        while let Some(moment) = exchange.quiet_until(time) {
            tokio::select! {
                served = &mut serving => return served.or_else(|error| fault(&error)),
                () = sleep_until(moment.into()) => {}
            }
            if exchange.quiet_since.get().is_some_and(|since| since.elapsed() >= time) {
                serving.as_mut().graceful_shutdown();
                break;
            }
        }
    }
    serving.await.or_else(|error| fault(&error))
}

/// Answers the first bytes with this, and lets the peer read it.
async fn interrupt(mut stream: impl AsyncRead + AsyncWrite + Unpin, outburst: &[u8]) -> io::Result<()> {
    let mut rest = vec![0; 16 << 10];
    if stream.read(&mut rest).await? == 0 {
        return Ok(());
    }
    stream.write_all(outburst).await?;
    stream.shutdown().await?;
    let _ = timeout(LINGER, async { while matches!(stream.read(&mut rest).await, Ok(1..)) {} }).await;
    Ok(())
}

fn fault(error: &hyper::Error) -> Result<(), String> {
    if error.is_incomplete_message() {
        return Err("the connection ended inside a request".to_owned());
    }
    let because = std::error::Error::source(error);
    match because.and_then(|because| because.downcast_ref::<io::Error>()) {
        // Some clients end the connection without saying so in TLS first.
        Some(io) if io.kind() == io::ErrorKind::UnexpectedEof => Ok(()),
        Some(io) if io.kind() == io::ErrorKind::ConnectionReset => {
            Err("the peer reset the connection".to_owned())
        }
        Some(io) => Err(io.to_string()),
        None if error.is_canceled() => Ok(()),
        None => Err(format!("found no HTTP request ({error}), expected one")),
    }
}
