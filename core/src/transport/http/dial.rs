//! The way to a server: straight, or through the proxy that the environment names.
//!
//! Plain requests are handed to the proxy with their whole URL; for TLS it is asked for a tunnel, and the
//! server at its end is the one whose certificate is checked. Sockets are those of every transport here:
//! no signal, closed in forked children, ended by an abort.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::answer::shown;
use crate::config::{Balance, Secret, Settings};
use crate::net::proxies::{Proxies, Proxy};
use crate::net::route::{Goal, Route, Way};
use crate::net::socket::Stream;
use crate::net::tls::Tls;
use crate::net::url::HttpUrl;
use crate::net::{Abort, Cause, Deadline, Finding, TransportError};
use crate::sys::sync::lock;

/// Longest answer to CONNECT that is read; usual ones have some hundred bytes.
const MOST_ANSWER_BYTES: usize = 16 * 1024;

/// Connects to one server.
pub(super) struct Dialer {
    url: HttpUrl,
    proxy: Option<Proxy>,
    /// What a check reports of it.
    proxy_report: Option<Value>,
    /// To whoever is connected to: the proxy, or the server itself.
    route: Route,
    /// Where the last connection led.
    last: Mutex<Option<SocketAddr>>,
    tls: Option<Tls>,
    abort: Arc<Abort>,
    /// Connections opened in the middle of a request, in place of one that had ended.
    replaced: AtomicU64,
}

impl Dialer {
    pub(super) fn new(url: HttpUrl, settings: &Settings, tls: Option<Tls>, abort: &Arc<Abort>) -> Dialer {
        let proxies = Proxies::new(&settings.proxy_variables).0;
        let mut proxy = proxies.before(url.is_tls, &url.host, url.port).cloned();
        let proxy_report = proxies.report(url.is_tls, &url.host, url.port);
        if let Some(proxy) = &mut proxy
            && proxy.authorization.is_none()
        {
            proxy.authorization = proxy_header(settings).cloned();
        }
        let (host, port) = match &proxy {
            Some(proxy) => (proxy.host.clone(), proxy.port),
            None => (url.host.clone(), url.port),
        };
        let route = Route::new(Goal::Host { host, port }, settings.balance == Balance::Spread);
        Dialer {
            url,
            proxy,
            proxy_report,
            route,
            last: Mutex::default(),
            tls,
            abort: Arc::clone(abort),
            replaced: AtomicU64::new(0),
        }
    }

    pub(super) fn url(&self) -> &HttpUrl {
        &self.url
    }

    /// Notes that a connection took the place of one that had ended.
    pub(super) fn count_replaced(&self) {
        self.replaced.fetch_add(1, Ordering::Relaxed);
    }

    /// How many did so since the last call.
    pub(super) fn take_replaced(&self) -> u64 {
        self.replaced.swap(0, Ordering::Relaxed)
    }

    /// Where the last connection led.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        *lock(&self.last)
    }

    /// What is at the end of the last connection was of use, or was of none.
    pub(super) fn note(&self, has_served: bool) {
        match self.address() {
            Some(address) if has_served => self.route.has_served(address),
            Some(address) => self.route.has_failed(address),
            None => {}
        }
    }

    pub(super) fn abort(&self) -> &Abort {
        &self.abort
    }

    /// What a check reports of the proxy that the environment names, used or not.
    pub(super) fn proxy_report(&self) -> Option<&Value> {
        self.proxy_report.as_ref()
    }

    /// The proxy that gets requests with their whole URL.
    pub(super) fn forwarding_proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| !self.url.is_tls)
    }

    /// All steps in one.
    pub(super) fn dial(&self, deadline: Deadline) -> Result<Stream, TransportError> {
        let ways = self.resolve(deadline)?;
        let (stream, way) = self.connect(&ways, deadline)?;
        // What listens there is of no use; no line remembers it.
        self.secure(stream, deadline).inspect_err(|_| self.route.has_failed(way.address))
    }

    /// The ways to whoever is connected to.
    pub(super) fn resolve(&self, deadline: Deadline) -> Result<Vec<Way>, TransportError> {
        let ways = self.route.resolve(deadline, &self.abort);
        ways.map_err(|error| TransportError::before_connection("resolve", error.to_string(), &error))
    }

    /// A connection that ends at the server, with a tunnel where one is needed.
    pub(super) fn connect(&self, ways: &[Way], deadline: Deadline) -> Result<(Stream, Way), TransportError> {
        let connected = self.route.connect(ways, deadline, &self.abort);
        let (mut stream, way) = connected.map_err(|error| match &self.proxy {
            Some(proxy) => {
                let text = format!("no connection to proxy \"{}\": {error}", proxy.host);
                TransportError::new("connect", text).found(Finding::Proxy)
            }
            None => {
                let text = format!("no connection: {error}; a collector listening there is expected");
                TransportError::before_connection("connect", text, &error)
            }
        })?;
        if let Some(proxy) = self.proxy.as_ref().filter(|_| self.url.is_tls) {
            self.tunnel(&mut stream, proxy, deadline)?;
        }
        *lock(&self.last) = Some(way.address);
        Ok((stream, way))
    }

    /// The connection over TLS, where the URL asks for it.
    pub(super) fn secure(&self, stream: Stream, deadline: Deadline) -> Result<Stream, TransportError> {
        match &self.tls {
            Some(tls) if self.url.is_tls => stream.secure(tls, &self.url.host, deadline),
            None if self.url.is_tls => Err(TransportError::new(
                "tls",
                "this build has no TLS, a build with the feature \"tls\" or an http:// URL is expected",
            )
            .because(Cause::Configuration)),
            _ => Ok(stream),
        }
    }

    fn tunnel(&self, stream: &mut Stream, proxy: &Proxy, deadline: Deadline) -> Result<(), TransportError> {
        let place = self.url.authority();
        let authorization = proxy
            .authorization
            .as_ref()
            .map_or_else(String::new, |value| format!("Proxy-Authorization: {}\r\n", value.reveal()));
        let request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{authorization}\r\n");
        stream.send_all(&[request.as_bytes()], deadline)?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            // Byte by byte: what follows the empty line belongs to the server.
            if !stream.receive(&mut answer, 1)? && !stream.await_bytes(deadline) {
                return Err(unusable(proxy, "did not answer within connect_timeout_ms"));
            }
            if answer.len() >= MOST_ANSWER_BYTES {
                return Err(unusable(proxy, "answered with more than 16 KiB of headers"));
            }
        }
        match status_of(&answer) {
            Some(200..=299) => Ok(()),
            Some(407) => Err(unusable(
                proxy,
                "asks for credentials, http://USER:PASSWORD@HOST:PORT is expected in HTTPS_PROXY",
            )
            .because(Cause::Configuration)),
            Some(status @ (403 | 405)) => {
                let what = format!("answered {} and lets nobody through to {place}", shown(status));
                Err(unusable(proxy, &what).because(Cause::Configuration))
            }
            Some(status) => Err(unusable(proxy, &format!("answered {}", shown(status)))),
            None => Err(unusable(proxy, "does not speak HTTP")),
        }
    }
}

/// A proxy's credentials may be given as an extra header; they are for the proxy alone.
fn proxy_header(settings: &Settings) -> Option<&Secret> {
    settings.http_headers.iter().find(|(name, _)| is_for_proxy(name)).map(|(_, value)| value)
}

pub(super) fn is_for_proxy(header: &str) -> bool {
    header.eq_ignore_ascii_case("proxy-authorization")
}

fn unusable(proxy: &Proxy, what: &str) -> TransportError {
    TransportError::new("proxy", format!("the proxy \"{}:{}\" {what}", proxy.host, proxy.port))
        .found(Finding::Proxy)
}

/// The number in `HTTP/1.x NNN ...`.
fn status_of(answer: &[u8]) -> Option<u16> {
    let line = answer.strip_prefix(b"HTTP/1.")?;
    std::str::from_utf8(line.get(2..5)?).ok()?.parse().ok()
}
