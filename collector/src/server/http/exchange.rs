//! One request and its answer.
//!
//! Called by hyper through [`super::connection`] for each request of a connection. What a correct
//! collector would say comes first; the conduct of the connection then changes it, delays it or leaves it
//! out.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use serde_json::json;

use super::answer::{Answer, AnswerBody, Named};
use super::tokens::Tokens;
use super::wire::Tamper;
use crate::proto::chunk::Mode;
use crate::proto::http::body::Sent;
use crate::proto::http::request::RequestEntry;
use crate::proto::malformed::{MAX_MESSAGE, Malformed};
use crate::server::conduct::{Delivery, Instead, RequestKind};
use crate::server::likeness::Verdict;
use crate::server::session::Session;
use crate::server::sink::Sink;

/// Where the REST API takes messages with a token.
const EXPORT: &str = "/export";
/// Where it takes them without.
const OPEN_EXPORT: &str = "/monaExport";

/// Records in an array, or one of them; messages of the REST API.
const JSON: &str = "application/json";
/// Records, one a line.
const LINES: &str = "application/x-ndjson";

pub(super) struct Exchange<'a> {
    pub(super) session: &'a Session,
    pub(super) tokens: Option<&'a Tokens>,
    pub(super) named: Named,
    pub(super) sink: &'a dyn Sink,
    pub(super) tamper: Rc<Cell<Tamper>>,
    /// The conduct ends the connection behind an answer.
    pub(super) ends: Cell<bool>,
    /// When the connection was last at work; none while it is.
    pub(super) quiet_since: Cell<Option<Instant>>,
}

/// A request that has arrived.
struct Arrived {
    entry: RequestEntry,
    body: Bytes,
    kind: RequestKind,
}

impl Arrived {
    fn path(&self) -> &str {
        self.entry.path.split('?').next().unwrap_or_default()
    }

    fn is_rest(&self) -> bool {
        matches!(self.path(), EXPORT | OPEN_EXPORT)
    }

    fn is_gzip(&self) -> bool {
        self.entry.header("content-encoding").is_some_and(|value| value.eq_ignore_ascii_case("gzip"))
    }

    fn is(&self, expected: &str) -> bool {
        let kind = self.entry.header("content-type").unwrap_or_default();
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
    }
}

/// What a correct collector says, and the chunk it took.
struct Judgement {
    answer: Answer,
    taken: Option<String>,
}

impl From<Answer> for Judgement {
    fn from(answer: Answer) -> Judgement {
        Judgement { answer, taken: None }
    }
}

impl Exchange<'_> {
    /// When the connection will have been quiet for this long, at the earliest; never, if that is too
    /// far away to be a date.
    pub(super) fn quiet_until(&self, time: Duration) -> Option<Instant> {
        self.quiet_since.get().unwrap_or_else(Instant::now).checked_add(time)
    }

    /// Takes a request; the error closes the connection without an answer.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        self.quiet_since.set(None);
        let response = self.respond(request).await;
        self.quiet_since.set(Some(Instant::now()));
        response
    }

    async fn respond(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        let mut arrived = match self.read(request).await? {
            Ok(arrived) => arrived,
            Err(answer) => {
                self.sink.refused(&self.session.peer, None);
                return Ok(answer.response(false));
            }
        };
        let conduct = &self.session.conduct;
        let Judgement { answer, taken } = match conduct.instead(arrived.kind) {
            Some(Instead::Refusal { status, retry_after, reason }) => {
                self.sink.refused(&self.session.peer, None);
                Answer::refusal(status, arrived.is_rest(), reason).retry_after(retry_after).into()
            }
            Some(Instead::BadRequest) => Answer::text(400, "400 Bad Request").last().into(),
            None => self.judge(&arrived)?,
        };
        let delivery = conduct.delivery();
        match delivery {
            Delivery::Late(delay) => tokio::time::sleep(delay).await,
            Delivery::Trickle(pause) => self.tamper.set(Tamper::Trickle(pause)),
            Delivery::Half => self.ends.set(true),
            Delivery::HalfRecord => self.tamper.set(Tamper::Half),
            Delivery::Whole | Delivery::Never => {}
        }
        let answered = matches!(delivery, Delivery::Whole | Delivery::Late(_) | Delivery::Trickle(_));
        arrived.entry.status = answered.then_some(answer.status);
        if let (Some(id), true) = (taken, answered) {
            self.sink.acknowledged(&id);
        }
        self.sink.request(arrived.entry);
        if delivery == Delivery::Never {
            pending::<()>().await;
        }
        Ok(answer.response(delivery == Delivery::Half))
    }

    /// Reads the whole request; the inner error is an answer to it.
    async fn read(&self, request: Request<Incoming>) -> io::Result<Result<Arrived, Answer>> {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, MAX_MESSAGE).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Ok(Err(Answer::text(413, "413 Content Too Large").last()));
            }
            Err(error) => return Err(io::Error::other(error)),
        };
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let entry = RequestEntry {
            connection: self.session.number,
            method: head.method.to_string(),
            path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: headers.collect(),
            bytes: body.len(),
            id: Sent { bytes: &body, gzip: false }.id(),
            status: None,
        };
        let kind = self.tokens.and_then(|tokens| tokens.kind(head.uri.path())).unwrap_or(RequestKind::Events);
        Ok(Ok(Arrived { entry, body, kind }))
    }

    /// What a correct collector says.
    fn judge(&self, arrived: &Arrived) -> io::Result<Judgement> {
        let refuse = |status, why: Option<&str>| {
            self.sink.refused(&self.session.peer, why);
            Answer::refusal(status, arrived.is_rest(), why.unwrap_or("refused"))
        };
        if arrived.entry.method != Method::POST.as_str() {
            let sentence = format!("method: found {}, expected POST", arrived.entry.method);
            return Ok(refuse(405, Some(&sentence)).into());
        }
        let content_type = arrived.entry.header("content-type").unwrap_or_default();
        if let (Some(tokens), RequestKind::Login | RequestKind::Refresh) = (self.tokens, arrived.kind) {
            return Ok(tokens.answer(arrived.path(), content_type, &arrived.body).into());
        }
        if let (Some(tokens), EXPORT) = (self.tokens, arrived.path())
            && !tokens.admits(arrived.entry.header("authorization"))
        {
            return Ok(refuse(401, None).into());
        }
        let (bytes, service) = (arrived.body.len(), &self.session.service);
        if service.is_too_large(bytes) || service.likeness.largest_body().is_some_and(|most| bytes > most) {
            return Ok(refuse(413, None).into());
        }
        let lines = arrived.is(LINES) && !arrived.is_rest();
        if !arrived.is(JSON) && !lines && !service.likeness.wants_lines() {
            let sentence = format!("content-type: found \"{content_type}\", expected {JSON} or {LINES}");
            return Ok(refuse(415, Some(&sentence)).into());
        }
        let verdict = if arrived.is_rest() { self.rest(arrived) } else { self.records(arrived) };
        match verdict {
            Ok(verdict) => verdict,
            Err(malformed) => Ok(refuse(400, Some(&malformed.to_string())).into()),
        }
    }

    fn records(&self, arrived: &Arrived) -> Result<io::Result<Judgement>, Malformed> {
        let sent = Sent { bytes: &arrived.body, gzip: arrived.is_gzip() };
        let service = &self.session.service;
        let tag = arrived.path().trim_start_matches('/');
        let lines = arrived.is(LINES) || service.likeness.wants_lines();
        let chunk = if lines { sent.lines(tag)? } else { sent.records(tag)? };
        if service.is_poisoned(&chunk) {
            self.sink.refused(&self.session.peer, None);
            return Ok(Ok(Answer::text(400, "a record is refused").into()));
        }
        let answer = Answer::json(201, &json!({"records": chunk.entries.len()}));
        match service.likeness.http(&chunk) {
            Verdict::Take | Verdict::TakeInSilence => {}
            Verdict::Pretend => return Ok(Ok(answer.into())),
            Verdict::Ignore(why) | Verdict::Refuse(why) => {
                self.sink.refused(&self.session.peer, Some(&why));
                return Ok(Ok(Answer::text(400, &why).into()));
            }
        }
        Ok(self.sink.chunk(&chunk).map(|()| Judgement { answer, taken: chunk.id }))
    }

    fn rest(&self, arrived: &Arrived) -> Result<io::Result<Judgement>, Malformed> {
        let sent = Sent { bytes: &arrived.body, gzip: arrived.is_gzip() };
        let mode = if sent.gzip { Mode::CompressedRest } else { Mode::Rest };
        let Session { conduct, service, .. } = self.session;
        let refuse = |message: &str| {
            let poison = || service.is_poison(mode, message.as_bytes()).then_some("the message is refused");
            conduct.refuse_message().or_else(poison)
        };
        let (chunk, failures) = sent.rest(arrived.path().trim_start_matches('/'), refuse)?;
        let answer = if failures.is_empty() {
            Answer::json(200, &json!({"failed": 0, "failure_reasons": {}}))
        } else {
            self.sink.refused(&self.session.peer, None);
            Answer::partial(&failures, self.named)
        };
        if chunk.entries.is_empty() && !failures.is_empty() {
            return Ok(Ok(answer.into()));
        }
        Ok(self.sink.chunk(&chunk).map(|()| Judgement { answer, taken: chunk.id }))
    }
}
