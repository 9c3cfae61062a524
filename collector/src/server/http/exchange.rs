//! One request and its answer.
//!
//! Called by hyper through [`super::connection`] for each request of a connection. What a correct
//! collector would say comes first; the conduct of the connection then changes it, delays it or leaves it
//! out.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::rc::Rc;

use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use serde_json::json;

use super::answer::{Answer, AnswerBody, Dialect, Named};
use super::host::Hosts;
use super::phase::{Doing, Phase};
use super::tokens::Tokens;
use super::upload::collect;
use super::wire::Tamper;
use crate::proto::budget::Share;
use crate::proto::chunk::{Chunk, Mode};
use crate::proto::http::body::Sent;
use crate::proto::http::request::RequestEntry;
use crate::proto::malformed::Malformed;
use crate::proto::otlp;
use crate::proto::otlp::answer::Form;
use crate::server::conduct::{Delivery, Instead, RequestKind};
use crate::server::likeness::Verdict;
use crate::server::session::Session;
use crate::server::sink::{Peer, Sink};

/// Where the REST API takes messages with a token.
const EXPORT: [&str; 2] = ["/export", "/sendEvent"];
/// Where it takes them without.
const OPEN_EXPORT: [&str; 2] = ["/monaExport", "/monaSendEvent"];
/// Where OTLP takes logs; in protobuf anywhere.
const LOGS: &str = "/v1/logs";
/// Memory is given back within milliseconds, or when a client that is too slow is given up.
const RETRY_AFTER: &str = "1";

/// Records in an array, or one of them; messages of the REST API.
const JSON: &str = "application/json";
/// A request of OTLP.
const PROTOBUF: &str = "application/x-protobuf";
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
    pub(super) phase: Rc<Phase>,
}

/// A request that has arrived.
struct Arrived {
    entry: RequestEntry,
    sent: Sent,
    /// The memory of what was sent, and of what it unfolds to.
    share: Share,
    /// The host in the request's line, as proxies are told.
    authority: Option<String>,
    kind: RequestKind,
}

impl Arrived {
    fn path(&self) -> &str {
        self.entry.path.split('?').next().unwrap_or_default()
    }

    fn is_rest(&self) -> bool {
        EXPORT.contains(&self.path()) || OPEN_EXPORT.contains(&self.path())
    }

    fn dialect(&self) -> Dialect {
        if self.is_rest() {
            Dialect::Rest
        } else if self.is(PROTOBUF) {
            Dialect::Otlp(Form::Protobuf)
        } else if self.path() == LOGS && self.is(JSON) {
            Dialect::Otlp(Form::Json)
        } else {
            Dialect::Records
        }
    }

    fn tag(&self) -> String {
        self.path().trim_start_matches('/').to_owned()
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
    /// Takes a request; the error closes the connection without an answer.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        self.phase.enter(Doing::Answering);
        let response = self.respond(request).await;
        self.phase.enter(Doing::Nothing);
        response
    }

    async fn respond(&self, request: Request<Incoming>) -> io::Result<Response<AnswerBody>> {
        let arrived = match self.read(request).await? {
            Ok(arrived) => arrived,
            Err(answer) => {
                self.sink.refused(&self.session.peer, None);
                return Ok(answer.response(false));
            }
        };
        let mut entry = arrived.entry.clone();
        let conduct = &self.session.conduct;
        let Judgement { answer, taken } = match conduct.instead(arrived.kind) {
            Some(Instead::Refusal { status, retry_after, reason }) => {
                self.sink.refused(&self.session.peer, None);
                Answer::refusal(status, arrived.dialect(), reason).retry_after(retry_after).into()
            }
            Some(Instead::BadRequest) => Answer::text(400, "400 Bad Request").last().into(),
            None => self.judge(arrived),
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
        entry.status = answered.then_some(answer.status);
        if let (Some(id), true) = (taken, answered) {
            self.sink.acknowledged(&id);
        }
        self.sink.request(entry);
        if delivery == Delivery::Never {
            pending::<()>().await;
        }
        Ok(answer.response(delivery == Delivery::Half))
    }

    /// Reads the whole request; the inner error is an answer to it.
    async fn read(&self, request: Request<Incoming>) -> io::Result<Result<Arrived, Answer>> {
        let (head, body) = request.into_parts();
        let mut share = self.session.service.budget.share();
        let limits = &self.session.service.limits;
        let body = match collect(body, &mut share, limits).await? {
            Ok(body) => body,
            Err(unread) => return Ok(Err(unread.answer())),
        };
        let headers = head.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let mut entry = RequestEntry {
            connection: self.session.number,
            method: head.method.to_string(),
            path: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            headers: headers.collect(),
            bytes: body.len(),
            id: String::new(),
            status: None,
        };
        let coding = entry.header("content-encoding");
        let is_gzip = coding.is_some_and(|value| value.eq_ignore_ascii_case("gzip"));
        let sent = Sent::new(body, is_gzip);
        entry.id = sent.id();
        let kind = self.tokens.and_then(|tokens| tokens.kind(head.uri.path())).unwrap_or(RequestKind::Events);
        let authority = head.uri.authority().map(ToString::to_string);
        Ok(Ok(Arrived { entry, sent, share, authority, kind }))
    }

    /// What a correct collector says.
    fn judge(&self, arrived: Arrived) -> Judgement {
        let dialect = arrived.dialect();
        let refuse = |status, why: Option<&str>| {
            self.sink.refused(&self.session.peer, why);
            Answer::refusal(status, dialect, why.unwrap_or("refused"))
        };
        let hosts = Hosts { listen: self.session.listen, allowed: &self.session.service.allowed_hosts };
        if let Some(sentence) = hosts.refuse(&arrived.entry, arrived.authority.as_deref()) {
            return refuse(403, Some(&sentence)).into();
        }
        if arrived.entry.method != Method::POST.as_str() {
            let sentence = format!("method: found {}, expected POST", arrived.entry.method);
            return refuse(405, Some(&sentence)).into();
        }
        let content_type = arrived.entry.header("content-type").unwrap_or_default();
        if let (Some(tokens), RequestKind::Login | RequestKind::Refresh) = (self.tokens, arrived.kind) {
            return tokens.answer(arrived.path(), content_type, arrived.sent.bytes()).into();
        }
        if let Some(tokens) = self.tokens
            && EXPORT.contains(&arrived.path())
            && !tokens.admits(arrived.entry.header("authorization"))
        {
            return refuse(401, None).into();
        }
        let (bytes, service) = (arrived.entry.bytes, &self.session.service);
        let is_otlp_alone = service.likeness.is_otlp_alone();
        if is_otlp_alone && arrived.path() != LOGS {
            return refuse(404, Some("path: found another one, expected /v1/logs")).into();
        }
        if is_otlp_alone && service.likeness.largest_body().is_some_and(|most| bytes > most) {
            return refuse(400, Some("http: request body too large")).into();
        }
        if service.is_too_large(bytes) || service.likeness.largest_body().is_some_and(|most| bytes > most) {
            return refuse(413, None).into();
        }
        let is_known = match dialect {
            Dialect::Records if is_otlp_alone => false,
            Dialect::Records => arrived.is(JSON) || arrived.is(LINES) || service.likeness.wants_lines(),
            Dialect::Rest => arrived.is(JSON),
            Dialect::Otlp(_) => true,
        };
        if !is_known {
            let sentence = format!("content-type: found \"{content_type}\", expected {JSON}, {LINES} or {PROTOBUF}");
            return refuse(415, Some(&sentence)).into();
        }
        let judged = match dialect {
            Dialect::Records => self.records(arrived),
            Dialect::Rest => self.rest(arrived),
            Dialect::Otlp(form) => self.otlp(arrived, form),
        };
        match judged {
            Ok(verdict) => verdict,
            Err(Untaken::Malformed(busy)) if busy.is_busy() => {
                refuse(503, Some(&busy.to_string())).retry_after(Some(RETRY_AFTER.to_owned())).into()
            }
            Err(Untaken::Malformed(large)) if large.is_too_large() => {
                refuse(413, Some(&large.to_string())).into()
            }
            Err(Untaken::Malformed(malformed)) => refuse(400, Some(&malformed.to_string())).into(),
            Err(Untaken::Io(error)) => {
                let sentence = format!("a chunk could not be kept: {error}");
                refuse(503, Some(&sentence)).retry_after(Some(RETRY_AFTER.to_owned())).into()
            }
        }
    }

    fn records(&self, mut arrived: Arrived) -> Result<Judgement, Untaken> {
        let service = &self.session.service;
        let tag = arrived.tag();
        let lines = arrived.is(LINES) || service.likeness.wants_lines();
        let chunk = match lines {
            true => arrived.sent.lines(&tag, &mut arrived.share)?,
            false => arrived.sent.records(&tag, &mut arrived.share)?,
        };
        if service.is_poisoned(&chunk) {
            self.sink.refused(&self.session.peer, None);
            return Ok(Answer::text(400, "a record is refused").into());
        }
        let answer = Answer::json(201, &json!({"records": chunk.entries.len()}));
        match service.likeness.http(&chunk) {
            Verdict::Take | Verdict::TakeInSilence => {}
            Verdict::Pretend => return Ok(answer.into()),
            Verdict::Ignore(why) | Verdict::Refuse(why) => {
                self.sink.refused(&self.session.peer, Some(&why));
                return Ok(Answer::text(400, &why).into());
            }
        }
        self.keep(&chunk)?;
        Ok(Judgement { answer, taken: chunk.id })
    }

    fn keep(&self, chunk: &Chunk<'_>) -> io::Result<()> {
        self.sink.chunk_from(Peer { address: &self.session.peer, hostname: None }, chunk)
    }

    fn otlp(&self, mut arrived: Arrived, form: Form) -> Result<Judgement, Untaken> {
        let Session { conduct, service, .. } = self.session;
        let tag = arrived.tag();
        let mut chunk = otlp::records(arrived.sent, form, &tag, &mut arrived.share)?;
        if service.is_poisoned(&chunk) {
            self.sink.refused(&self.session.peer, None);
            return Ok(Answer::refusal(service.poison_status, Dialect::Otlp(form), "a record is refused").into());
        }
        match service.likeness.http(&chunk) {
            Verdict::Take | Verdict::TakeInSilence => {}
            Verdict::Pretend => return Ok(Answer::otlp(form, 0, "").into()),
            Verdict::Ignore(why) | Verdict::Refuse(why) => {
                self.sink.refused(&self.session.peer, Some(&why));
                return Ok(Answer::refusal(400, Dialect::Otlp(form), &why).into());
            }
        }
        let (sent, mut why) = (chunk.entries.len(), "");
        chunk.entries.retain(|_| match conduct.refuse_message() {
            Some(reason) => {
                why = reason;
                false
            }
            None => true,
        });
        let rejected = sent - chunk.entries.len();
        if rejected > 0 {
            self.sink.refused(&self.session.peer, None);
        }
        let answer = Answer::otlp(form, rejected, why);
        if rejected > 0 && rejected == sent {
            return Ok(answer.into());
        }
        self.keep(&chunk)?;
        Ok(Judgement { answer, taken: chunk.id })
    }

    fn rest(&self, mut arrived: Arrived) -> Result<Judgement, Untaken> {
        let Session { conduct, service, .. } = self.session;
        let refuse = |message: &str| {
            let poison =
                || service.is_poison(Mode::Rest, message.as_bytes()).then_some("the message is refused");
            conduct.refuse_message().or_else(poison)
        };
        let tag = arrived.tag();
        let (chunk, failures) = arrived.sent.rest(&tag, &mut arrived.share, refuse)?;
        let answer = if failures.is_empty() {
            Answer::json(200, &json!({"failed": 0, "failure_reasons": {}}))
        } else {
            self.sink.refused(&self.session.peer, None);
            Answer::partial(&failures, self.named)
        };
        if chunk.entries.is_empty() && !failures.is_empty() {
            return Ok(answer.into());
        }
        self.keep(&chunk)?;
        Ok(Judgement { answer, taken: chunk.id })
    }
}

/// Why nothing of a request was taken.
enum Untaken {
    Malformed(Malformed),
    Io(io::Error),
}

impl From<Malformed> for Untaken {
    fn from(malformed: Malformed) -> Untaken {
        Untaken::Malformed(malformed)
    }
}

impl From<io::Error> for Untaken {
    fn from(error: io::Error) -> Untaken {
        Untaken::Io(error)
    }
}
