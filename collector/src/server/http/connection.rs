//! One HTTP connection from its first byte to its last.
//!
//! Runs on a thread of its own, as a Forward connection does, with a runtime for just this socket: so
//! it ends with the collector, and a stuck one holds up nobody. hyper speaks HTTP, rustls TLS.

use std::cell::Cell;
use std::io;
use std::net::TcpStream;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;

use super::answer::Named;
use super::exchange::Exchange;
use super::phase::{Doing, Phase};
use super::tokens::Tokens;
use super::wire::{Tamper, Wire};
use crate::server::conduct::Protocol;
use crate::server::session::Session;
use crate::server::sink::Sink;
use crate::server::socket::{LINGER, Stream};

/// What hyper may hold of a head and of an answer; a body has its own memory.
const BUFFER: usize = 64 << 10;

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
        tokio::select! {
            () = session.stop.stopped() => Ok(()),
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
    let leave = Arc::new(Notify::new());
    let wake = Arc::clone(&leave);
    session.place.on_leave(move || wake.notify_one());
    let phase = Rc::new(Phase::new(&session.place));
    let wire = Wire::new(socket, sink, &*session.conduct, Rc::clone(&tamper), Rc::clone(&phase));
    let exchange =
        Exchange { session, tokens, named, sink, tamper: Rc::clone(&tamper), ends: Cell::new(false), phase };
    let served = match &session.service.tls {
        None => converse(wire, &exchange, &leave).await,
        Some(tls) => {
            let accept =
                timeout(session.service.limits.handshake, TlsAcceptor::from(tls.0.clone()).accept(wire));
            let accepted = tokio::select! {
                accepted = accept => accepted,
                () = leave.notified() => return Ok(()),
            };
            match accepted {
                Ok(Ok(stream)) => {
                    exchange.phase.enter(Doing::Nothing);
                    converse(stream, &exchange, &leave).await
                }
                Ok(Err(error)) => Err(format!("TLS: {error}")),
                Err(_) => Err("the handshake took too long".to_owned()),
            }
        }
    };
    // What the conduct breaks off is no fault.
    if tamper.get() == Tamper::Ended || exchange.ends.get() { Ok(()) } else { served }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    exchange: &Exchange<'_>,
    leave: &Notify,
) -> Result<(), String> {
    let conduct = &exchange.session.conduct;
    if let Some(outburst) = conduct.outburst(Protocol::Http) {
        return interrupt(stream, &outburst).await.map_err(|error| error.to_string());
    }
    let limits = &exchange.session.service.limits;
    let idle = conduct.idle_limit().unwrap_or(limits.idle);
    let service = service_fn(|request| exchange.answer(request));
    let mut builder = http1::Builder::new();
    builder.max_buf_size(BUFFER);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service));
    loop {
        // What is done now may change at any time, so it is looked at as often as any of it may last.
        let soon = Instant::now().checked_add(idle.min(limits.head));
        let end = match exchange.phase.doing() {
            Doing::Nothing => exchange.phase.until(idle),
            Doing::Head => exchange.phase.until(limits.head),
            Doing::Answering => None,
        };
        let Some(look) = soon.into_iter().chain(end).min() else { break };
        tokio::select! {
            served = &mut serving => return served.or_else(|error| fault(&error)),
            () = leave.notified() => break,
            () = sleep_until(look.into()) => {}
        }
        match exchange.phase.doing() {
            Doing::Nothing if exchange.phase.until(idle).is_some_and(|end| end <= Instant::now()) => break,
            Doing::Head if exchange.phase.until(limits.head).is_some_and(|end| end <= Instant::now()) => {
                return Err("the head of a request took too long".to_owned());
            }
            _ => {}
        }
    }
    serving.as_mut().graceful_shutdown();
    // Without a request there is only the last answer to be written.
    loop {
        match timeout(LINGER, &mut serving).await {
            Ok(served) => return served.or_else(|error| fault(&error)),
            Err(_) if exchange.phase.doing() == Doing::Answering => {}
            Err(_) => return Ok(()),
        }
    }
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
