//! One request and its answer, over the one connection to a server.

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use ureq::http::{HeaderMap, HeaderName, HeaderValue, header};
use ureq::{Agent, Timeout};

use super::agent::{self, Carried, Slot};
use super::answer::{Answer, Input, MOST_BODY_BYTES};
use super::body::Meanwhile;
use super::dial::{Dialer, is_for_proxy};
use super::line::Line;
use super::retry_after;
use crate::config::{Settings, without_secrets};
use crate::net::greeting::{self, Speaks};
use crate::net::route::{Way, places};
use crate::net::socket::Stream;
use crate::net::tls::Tls;
use crate::net::url::HttpUrl;
use crate::net::{Abort, Cause, Deadline, Finding, TransportError};
use crate::sys::sync::lock;

/// Pieces of a body that are read: a server that makes chunks of its answer makes them longer than 128 bytes.
const MOST_PIECES: u32 = 8192;

/// What stands between the parts of a header's value, each of which may be the secret one.
const SEPARATORS: [char; 8] = [' ', ':', ';', ',', '=', '&', '"', '\''];

/// Posts to one URL.
pub(super) struct Caller {
    dialer: Arc<Dialer>,
    slot: Slot,
    agent: Agent,
    headers: HeaderMap,
    /// Panics of `ureq` that were contained.
    panics: u64,
}

/// What is posted.
pub(super) struct Post<'a> {
    pub(super) content_type: &'static str,
    /// What is to be there.
    pub(super) input: Input,
    pub(super) is_gzip: bool,
    pub(super) bearer: Option<&'a str>,
    pub(super) body: &'a [u8],
}

impl Caller {
    /// A way to post to `url`, without a connection yet.
    pub(super) fn new(url: HttpUrl, settings: &Settings, tls: Option<Tls>, abort: &Arc<Abort>) -> Caller {
        let dialer = Arc::new(Dialer::new(url, settings, tls, abort));
        let slot = Slot::default();
        let agent = agent::new(&dialer, &slot, agent::config(settings));
        let mut headers = HeaderMap::new();
        if let Some(proxy) = dialer.forwarding_proxy()
            && let Some(value) = proxy.authorization.as_ref().and_then(|value| secret_value(value.reveal()))
        {
            headers.insert(header::PROXY_AUTHORIZATION, value);
        }
        Caller { dialer, slot, agent, headers, panics: 0 }
    }

    /// Connections opened in place of ended ones since the last call.
    pub(super) fn take_replaced(&self) -> u64 {
        self.dialer.take_replaced()
    }

    /// Panics that were contained since the last call.
    pub(super) fn take_panics(&mut self) -> u64 {
        std::mem::take(&mut self.panics)
    }

    /// The same with the extra headers of the options in every request.
    pub(super) fn with_extra_headers(mut self, settings: &Settings) -> Caller {
        for (name, value) in &settings.http_headers {
            if let (Ok(name), Some(value)) = (name.parse::<HeaderName>(), secret_value(value.reveal()))
                && !is_for_proxy(name.as_str())
                // A body is small enough to be sent without asking: `ureq` waits for an answer that has come already,
                // and takes a success for its word before the body was sent.
                && name != header::EXPECT
            {
                self.headers.append(name, value);
            }
        }
        self
    }

    /// `text` of the server without anything secret of the requests to it.
    pub(super) fn without_secrets(&self, text: &str) -> String {
        let values = self.headers.values().filter(|value| value.is_sensitive());
        let values = values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
        let values = values.flat_map(|value| std::iter::once(value).chain(value.split(SEPARATORS)));
        // The names of a query are no secrets, and say what is wrong with it.
        let pairs = self.url().query().into_iter().flat_map(|query| query.split('&'));
        let pairs = pairs.map(|pair| pair.split_once('=').map_or(pair, |(_, value)| value));
        without_secrets(text, self.url().hidden_parts().chain(values).chain(pairs))
    }

    pub(super) fn url(&self) -> &HttpUrl {
        self.dialer.url()
    }

    /// The connection, when there is one.
    pub(super) fn line(&self) -> Option<Line> {
        lock(&self.slot).as_ref().filter(|line| line.is_open()).cloned()
    }

    pub(super) fn connect(&self, deadline: Deadline) -> Result<(), TransportError> {
        if self.line().is_none() {
            self.adopt(self.dialer.dial(deadline)?);
        }
        Ok(())
    }

    pub(super) fn resolve(&self, deadline: Deadline) -> Result<Vec<Way>, TransportError> {
        self.dialer.resolve(deadline)
    }

    /// What a check reports of the proxy that the environment names.
    pub(super) fn proxy_report(&self) -> Option<&serde_json::Value> {
        self.dialer.proxy_report()
    }

    pub(super) fn open(&self, ways: &[Way], deadline: Deadline) -> Result<(Stream, Way), TransportError> {
        self.dialer.connect(ways, deadline)
    }

    /// Whether the server that was spoken to in the clear answers a greeting of TLS; for a check only, which may ask.
    pub(super) fn meets_tls(&self, ways: &[Way], deadline: Deadline) -> bool {
        let is_direct = !self.url().is_tls && self.dialer.forwarding_proxy().is_none();
        let greet = |(stream, _)| greeting::greet(stream, deadline);
        is_direct && self.open(ways, deadline).ok().and_then(greet) == Some(Speaks::Tls)
    }

    pub(super) fn secure(&self, stream: Stream, deadline: Deadline) -> Result<Stream, TransportError> {
        self.dialer.secure(stream, deadline)
    }

    /// How many places a connection could lead to, none where there are no addresses.
    pub(super) fn places(&self, deadline: Deadline) -> usize {
        self.resolve(deadline).map_or(0, |ways| places(&ways))
    }

    /// Where the last connection led.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.dialer.address()
    }

    /// Makes `stream` the connection of the next request.
    pub(super) fn adopt(&self, stream: Stream) {
        *lock(&self.slot) = Some(Line::new(stream));
    }

    /// Posts and waits for the answer, whatever its status, until `deadline` where one is given. A
    /// connection that the server was just closing is replaced once. What is to be done `meanwhile` is done
    /// while the answer is awaited, or not at all.
    pub(super) fn post(
        &mut self,
        post: &Post<'_>,
        deadline: Option<Deadline>,
        meanwhile: Option<Meanwhile>,
    ) -> Result<Answer, TransportError> {
        let line = self.line();
        match self.contained(post, deadline, meanwhile) {
            Err(error) if error.cause == Cause::Connection && self.may_repeat(line.as_ref(), deadline) => {
                self.contained(post, deadline, None)
            }
            other => other,
        }
    }

    /// Posts once. A panic in there is an error of the connection, which ends, and whatever `ureq` held with it.
    fn contained(
        &mut self,
        post: &Post<'_>,
        deadline: Option<Deadline>,
        meanwhile: Option<Meanwhile>,
    ) -> Result<Answer, TransportError> {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.post_once(post, deadline, meanwhile)));
        outcome.unwrap_or_else(|_| {
            self.panics += 1;
            self.disconnect();
            self.agent = agent::new(&self.dialer, &self.slot, self.agent.config().clone());
            Err(TransportError::new(
                "panic",
                "a bug in the HTTP client was contained, the request is sent again",
            ))
        })
    }

    fn may_repeat(&self, line: Option<&Line>, deadline: Option<Deadline>) -> bool {
        line.is_some_and(|line| line.met_the_end())
            && !self.dialer.abort().has_fired()
            && deadline.is_none_or(|deadline| !deadline.is_over())
    }

    fn post_once(
        &self,
        post: &Post<'_>,
        deadline: Option<Deadline>,
        meanwhile: Option<Meanwhile>,
    ) -> Result<Answer, TransportError> {
        if let Some(line) = self.line() {
            line.begin(meanwhile);
        }
        let mut request = self.agent.post(self.url().whole());
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.headers.clone());
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static(post.content_type));
            if post.is_gzip {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            if let Some(token) = post.bearer {
                let value = secret_value(&format!("Bearer {token}")).ok_or_else(|| {
                    TransportError::new("authenticate", "the token holds characters that no header can carry")
                        .because(Cause::Configuration)
                })?;
                headers.insert(header::AUTHORIZATION, value);
            }
        }
        let left = deadline.map(Deadline::left);
        let request = request.config().timeout_global(left).build();
        let mut response = request.send(post.body).map_err(|error| explained(error, post.input))?;
        let text = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let retry_after = text(header::RETRY_AFTER);
        let mut answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after.and_then(|value| retry_after::wait(&value, SystemTime::now())),
            location: text(header::LOCATION),
            date: text(header::DATE).and_then(|date| httpdate::parse_http_date(&date).ok()),
            is_protobuf: is_protobuf(text(header::CONTENT_TYPE).as_deref().unwrap_or(post.content_type)),
            body: Vec::new(),
        };
        let is_ambiguous = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING]
            .iter()
            .all(|name| response.headers().contains_key(name));
        // The status has said what became of the data; a body that breaks off changes nothing. One byte more than
        // the most, so that the end of a body that is no longer is seen.
        let most = MOST_BODY_BYTES as u64 + 1;
        let _ = Pieces { of: response.body_mut().as_reader(), left: MOST_PIECES }
            .take(most)
            .read_to_end(&mut answer.body);
        answer.body.truncate(MOST_BODY_BYTES);
        drop(response);
        let line = lock(&self.slot).clone();
        if let Some(line) = line {
            line.end();
            if is_ambiguous {
                // Whoever stands between may see another end of the body, and the next answer there.
                line.cut();
            }
            if line.is_cut() && answer.is_success() {
                return Err(TransportError::new("send", "it answered success and stopped reading half-way"));
            }
        }
        Ok(answer)
    }

    pub(super) fn disconnect(&self) {
        if let Some(line) = lock(&self.slot).take() {
            self.dialer.note(false);
            line.cut();
        }
    }

    pub(super) fn close(&self, deadline: Deadline) {
        let line = lock(&self.slot).take();
        if let Some(line) = line {
            self.dialer.note(true);
            line.finish(deadline);
        }
    }
}

/// Whether a content type is that of OTLP in protobuf.
fn is_protobuf(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    ["application/x-protobuf", "application/protobuf"].iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// A body that comes in so many pieces at most; one of more breaks off.
struct Pieces<R> {
    of: R,
    left: u32,
}

impl<R: io::Read> io::Read for Pieces<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        self.of.read(target)
    }
}

/// A header's value that is never shown. `None` when no header can carry it.
fn secret_value(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// What went wrong, in words without anything of the request.
fn explained(error: ureq::Error, input: Input) -> TransportError {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(_) => TransportError::new("http", "the request failed"),
        },
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            TransportError::new("connect", "no connection within connect_timeout_ms").found(Finding::Silent)
        }
        ureq::Error::Timeout(Timeout::SendRequest | Timeout::SendBody | Timeout::PerWrite) => {
            TransportError::new("send", "the collector took no more bytes within io_timeout_ms")
        }
        ureq::Error::Timeout(_) => {
            TransportError::new("answer", "no answer came within io_timeout_ms").found(Finding::Silent)
        }
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            TransportError::new("answer", "the connection was closed before the answer")
                .found(Finding::Closed)
        }
        ureq::Error::Io(error) => TransportError::io("answer", "the connection broke", &error),
        ureq::Error::LargeResponseHeader(..) => {
            TransportError::new("answer", "its answer has more than 16 KiB of headers")
        }
        ureq::Error::Protocol(_) => TransportError::new("answer", input.no_http()).found(Finding::NoHttp),
        _ => TransportError::new("http", "the request failed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_too_many_pieces_breaks_off() {
        let mut read = Vec::new();
        let pieces = Pieces { of: io::repeat(b'x'), left: 3 };
        assert!(pieces.take(1 << 20).read_to_end(&mut read).is_err());
        assert!(!read.is_empty());
    }
}
