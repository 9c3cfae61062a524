//! The transport over HTTP: makes a body of a chunk, posts it, and reads what the answer says about its events.
//!
//! Tokens come first where the format wants them. The body of the next chunk is made while this one's answer is
//! awaited.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::answer::{self, Answer, Input};
use super::body::{Bodies, Meanwhile, Shape};
use super::clock::Clock;
use super::default_url::{default_path, mona_url};
use super::exchange::{Caller, Post};
use super::format::Format;
use super::{mona, otlp};
use crate::config::Settings;
use crate::diag::log::Log;
use crate::net::route::addresses;
use crate::net::tls::Tls;
use crate::net::url::HttpUrl;
use crate::net::{Abort, Cause, Deadline, TransportError};
use crate::sys::descriptor::RawFd;
use crate::transport::{Chunk, Sent, Steps, Transport};

/// Longest wait for the collector to close its side of an idle connection.
const MOST_FINISH: Duration = Duration::from_secs(1);

/// Where receivers of OTLP take logs.
const OTLP_PATH: &str = "/v1/logs";

pub(in crate::transport) struct Http {
    settings: Arc<Settings>,
    tls: Option<Tls>,
    abort: Arc<Abort>,
    log: Arc<Log>,
    format: Format,
    /// Posts to the collector; `None` until its URL is known.
    caller: Option<Caller>,
    bodies: Bodies,
    /// Makes the body of the next chunk, while the collector works on this one.
    meanwhile: Option<Meanwhile>,
}

impl Http {
    /// A transport to `url`, or to Mona's own host where there is none.
    pub(in crate::transport) fn new(
        url: Option<HttpUrl>,
        tls: Option<Tls>,
        settings: &Arc<Settings>,
        abort: Arc<Abort>,
        log: Arc<Log>,
    ) -> Http {
        let url = url.map(|url| url.or_path(&default_path(settings)));
        let format = Format::of_settings(settings, tls.as_ref(), &abort);
        Http::with_format(format, url, tls, settings, abort, log)
    }

    /// A transport of OTLP to `url`, for the client `instance`.
    pub(in crate::transport) fn otlp(
        url: HttpUrl,
        tls: Option<Tls>,
        settings: &Arc<Settings>,
        abort: Arc<Abort>,
        log: Arc<Log>,
        instance: &str,
    ) -> Http {
        let format = Format::otlp(settings, instance);
        Http::with_format(format, Some(url.or_path(OTLP_PATH)), tls, settings, abort, log)
    }

    fn with_format(
        format: Format,
        url: Option<HttpUrl>,
        tls: Option<Tls>,
        settings: &Arc<Settings>,
        abort: Arc<Abort>,
        log: Arc<Log>,
    ) -> Http {
        let mut http = Http {
            settings: Arc::clone(settings),
            tls,
            abort,
            log,
            format,
            caller: None,
            bodies: Bodies::default(),
            meanwhile: None,
        };
        http.caller = url.map(|url| http.caller_to(url));
        http
    }

    fn caller_to(&self, url: HttpUrl) -> Caller {
        Caller::new(url, &self.settings, self.tls.clone(), &self.abort).with_extra_headers(&self.settings)
    }

    /// Fetches a token where one is wanted, and learns from it whose data this is and where it goes.
    fn authenticate(&mut self, deadline: Option<Deadline>) -> Result<(), TransportError> {
        let Format::Mona { tokens, user_id } = &mut self.format else { return Ok(()) };
        if let Some(tokens) = tokens {
            tokens.bearer(deadline)?;
            if user_id.is_none() {
                *user_id = tokens.user_id();
            }
        }
        let Some(user_id) = user_id.as_deref() else {
            let text = "the token names no tenantId, option \"user_id\" is expected to be set";
            return Err(TransportError::new("authenticate", text).because(Cause::Configuration));
        };
        if self.caller.is_none() {
            let url = mona_url(user_id, &self.settings).ok_or_else(|| {
                let text = "the token's tenantId can be no part of a host name, option \"endpoint\" is expected to be set";
                TransportError::new("authenticate", text).because(Cause::Configuration)
            })?;
            self.caller = Some(self.caller_to(url));
        }
        Ok(())
    }

    fn caller(&self) -> Result<&Caller, TransportError> {
        self.caller.as_ref().ok_or_else(TransportError::end)
    }

    /// Posts the entries of the chunk `id`, with a second attempt where the token was refused.
    fn post(
        &mut self,
        id: &[u8],
        entries: &[u8],
        deadline: Option<Deadline>,
    ) -> Result<Answer, TransportError> {
        let answer = self.post_once(id, entries, deadline)?;
        if answer.status == 401
            && let Format::Mona { tokens: Some(tokens), .. } = &mut self.format
        {
            tokens.forget();
            return self.post_once(id, entries, deadline);
        }
        Ok(answer)
    }

    fn post_once(
        &mut self,
        id: &[u8],
        entries: &[u8],
        deadline: Option<Deadline>,
    ) -> Result<Answer, TransportError> {
        self.authenticate(deadline)?;
        let shape = self.format.shape();
        let body = self.bodies.of(&shape, id, entries)?;
        let Some(caller) = &mut self.caller else { return Err(TransportError::end()) };
        let bearer = match &mut self.format {
            Format::Mona { tokens: Some(tokens), .. } => Some(tokens.bearer(deadline)?),
            _ => None,
        };
        let post = Post {
            content_type: shape.content_type(),
            input: shape.input(),
            is_gzip: shape.is_gzip(),
            bearer,
            body,
        };
        caller.post(&post, deadline, self.meanwhile.take())
    }

    fn settle(&self, answer: Answer, chunk: &Chunk) -> Result<Sent, TransportError> {
        if answer.is_success() {
            if let Some(error) = self.not_taken(&answer)? {
                return Err(error);
            }
            return if self.is_otlp() {
                self.settle_taken(answer, chunk.events())
            } else {
                Ok(Sent::Delivered)
            };
        }
        if let Some(error) = answer.about_tls() {
            return Err(error);
        }
        if !matches!(self.format, Format::Mona { .. }) {
            return Err(self.refusal(answer)?);
        }
        let caller = self.caller()?;
        let answer = without_secrets_of(caller, answer);
        let failures = mona::read(&answer, chunk.body(), caller.url())
            .map_err(|error| TransportError { text: self.shown(&error.text), ..error })?;
        let count = failures.places.len();
        self.log.warn("rejected", || {
            let reasons = self.shown(&failures.reasons);
            format!("collector {}: {count} events refused: {reasons}", caller.url())
        });
        Ok(Sent::Partly(failures.places))
    }

    fn is_otlp(&self) -> bool {
        matches!(self.format, Format::Plain(Shape::Otlp { .. }))
    }

    /// Why an answer of success says nothing about what was posted, where it is none of a receiver of OTLP.
    fn not_taken(&self, answer: &Answer) -> Result<Option<TransportError>, TransportError> {
        if !self.is_otlp() {
            return Ok(None);
        }
        Ok(otlp::page(answer, self.caller()?.url()))
    }

    /// What became of the events of a request of OTLP that succeeded.
    fn settle_taken(&self, answer: Answer, events: usize) -> Result<Sent, TransportError> {
        let caller = self.caller()?;
        let taken = otlp::taken(&answer);
        let taken = otlp::Taken { words: caller.without_secrets(&taken.words), ..taken };
        if taken.rejected > 0 {
            self.log.warn("rejected", || otlp::said(&taken, events, caller.url()));
            return Ok(Sent::Rejected(taken.rejected));
        }
        if !taken.words.is_empty() {
            self.log.warn("said", || otlp::said(&taken, events, caller.url()));
        }
        Ok(Sent::Delivered)
    }

    /// What an answer other than success means.
    fn refusal(&self, answer: Answer) -> Result<TransportError, TransportError> {
        let caller = self.caller()?;
        if self.is_otlp() {
            // Words are cut to be shown, and half a secret is not found.
            let answer = without_secrets_of(caller, otlp::worded(answer));
            return Ok(otlp::refusal(&answer, caller.url()));
        }
        let error = without_secrets_of(caller, answer).error(caller.url(), Input::Http);
        Ok(TransportError { text: self.shown(&error.text), ..error })
    }

    /// `text` without the secrets that go to the token server.
    fn shown(&self, text: &str) -> String {
        match &self.format {
            Format::Mona { tokens: Some(tokens), .. } => tokens.without_secrets(text),
            _ => text.to_owned(),
        }
    }
}

/// An answer without what it repeats of the secrets in the request.
fn without_secrets_of(caller: &Caller, answer: Answer) -> Answer {
    let said = caller.without_secrets(&String::from_utf8_lossy(&answer.body));
    Answer { body: said.into_bytes(), ..answer }
}

impl Transport for Http {
    fn connect(&mut self, deadline: Deadline) -> Result<(), TransportError> {
        self.authenticate(Some(deadline))?;
        self.caller()?.connect(deadline)
    }

    fn is_connected(&self) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.line().is_some())
    }

    fn address(&self) -> Option<SocketAddr> {
        self.caller.as_ref().and_then(Caller::address)
    }

    fn places(&mut self, deadline: Deadline) -> usize {
        // Mona's own API has one place, whatever its name.
        self.caller.as_ref().map_or(1, |caller| caller.places(deadline))
    }

    fn take_replaced(&mut self) -> u64 {
        self.caller.as_ref().map_or(0, Caller::take_replaced)
    }

    fn take_panics(&mut self) -> u64 {
        let of_tokens = match &self.format {
            Format::Mona { tokens: Some(tokens), .. } => tokens.take_panics(),
            _ => 0,
        };
        of_tokens + self.caller.as_mut().map_or(0, Caller::take_panics)
    }

    fn is_worn(&self) -> bool {
        let line = self.caller.as_ref().and_then(Caller::line);
        line.is_some_and(|line| line.is_worn(Instant::now()))
    }

    /// Waits for the answer too. The time is bounded step by step, so that a large body on a slow line is
    /// not cut off while it moves; `deadline` is that of the first step.
    fn send(&mut self, chunk: &Chunk, _: Deadline) -> Result<Sent, TransportError> {
        let answer = self.post(chunk.id(), chunk.body(), None)?;
        self.settle(answer, chunk)
    }

    fn can_prepare(&self) -> bool {
        true
    }

    fn prepare(&mut self, next: &Chunk) {
        self.meanwhile = Some(self.bodies.ahead(self.format.shape(), next));
    }

    /// A receiver of OTLP says that it failed, and not whether that was the request's fault.
    fn refuses_silently(&self) -> bool {
        self.is_otlp()
    }

    /// There are no acks; but this is when an idle connection is looked after.
    fn next_ack(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        if let Some(line) = self.caller.as_ref().and_then(Caller::line) {
            line.tend(Instant::now());
        }
        Ok(None)
    }

    fn descriptor(&self) -> Option<RawFd> {
        self.caller.as_ref()?.line()?.descriptor()
    }

    fn close(&mut self, deadline: Deadline) {
        if let Some(caller) = &self.caller {
            caller.close(deadline.within(MOST_FINISH));
        }
    }

    fn disconnect(&mut self) {
        self.meanwhile = None;
        if let Some(caller) = &self.caller {
            caller.disconnect();
        }
    }

    fn check(&mut self, deadline: Deadline, steps: &Steps) {
        let has_tokens = matches!(self.format, Format::Mona { tokens: Some(_), .. });
        // Where the token says which host it is, it comes first.
        let comes_first = self.caller.is_none();
        if comes_first && steps.take("authenticate", || self.authenticate(Some(deadline))).is_none() {
            return;
        }
        let Some(caller) = &self.caller else { return };
        let ways = steps.take("resolve", || caller.resolve(deadline));
        if let Some(proxy) = caller.proxy_report() {
            steps.note("proxy", proxy.clone());
        }
        let Some(ways) = ways else { return };
        steps.note("addresses", addresses(&ways));
        let Some((stream, way)) = steps.take("connect", || caller.open(&ways, deadline)) else { return };
        steps.found(way.to_string());
        if caller.url().is_tls {
            let Some(secured) = steps.take("tls", || caller.secure(stream, deadline)) else { return };
            caller.adopt(secured);
        } else {
            caller.adopt(stream);
        }
        // The TLS of the token server is not that of the collector.
        let of_token = |error| TransportError { kind: "authenticate", ..error };
        if has_tokens
            && !comes_first
            && steps.take("authenticate", || self.authenticate(Some(deadline)).map_err(of_token)).is_none()
        {
            return;
        }
        let mut clock = Clock::start();
        steps.take("send", || {
            let posted = self.post(&[], &[], Some(deadline));
            clock.stop(posted.as_ref().ok().and_then(|answer| answer.date));
            let error = match posted {
                Ok(answer) if answer.is_success() => match self.not_taken(&answer)? {
                    None => return Ok(()),
                    Some(error) => error,
                },
                // An empty body is as much as can be sent without an event; one who refuses that was reached. A
                // receiver of OTLP has no reason to.
                Ok(answer) if answer.is_refusal() && !self.is_otlp() => return Ok(()),
                Ok(answer) => self.refusal(answer)?,
                Err(error) => error,
            };
            let asks = !error.tells_who_answers();
            let is_tls = asks && self.caller()?.meets_tls(&ways, deadline);
            Err(if is_tls { answer::speaks_tls() } else { error })
        });
        clock.report(steps);
        self.close(deadline);
    }
}
