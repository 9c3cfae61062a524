//! An answer to a request, and its body on the way out.
//!
//! Made by [`super::exchange`], written by hyper. A body can end half-way although the head announced
//! all of it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

use crate::proto::http::body::Failure;
use crate::proto::otlp::answer::Form;

const JSON: &str = "application/json";

/// How an answer of the REST API names the messages that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// By their index in the request, as text.
    Index,
    /// By their `contextId`.
    Context,
}

/// What a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON of records.
    Records,
    /// The Mona REST API.
    Rest,
    /// OTLP.
    Otlp(Form),
}

/// What is said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    content_type: &'static str,
    retry_after: Option<String>,
    /// The connection ends behind it.
    closes: bool,
}

impl Answer {
    pub(super) fn json(status: u16, body: &Value) -> Answer {
        Answer::new(status, body.to_string().into_bytes(), JSON)
    }

    pub(super) fn text(status: u16, body: &str) -> Answer {
        Answer::new(status, format!("{body}\n").into_bytes(), "text/plain; charset=utf-8")
    }

    fn new(status: u16, body: Vec<u8>, content_type: &'static str) -> Answer {
        Answer { status, body, content_type, retry_after: None, closes: false }
    }

    /// A request is refused as a whole; the REST API says so in JSON, OTLP in the form of the request.
    pub(super) fn refusal(status: u16, dialect: Dialect, sentence: &str) -> Answer {
        match dialect {
            Dialect::Rest => Answer::json(status, &json!({"topLevelError": sentence})),
            Dialect::Records => Answer::text(status, sentence),
            Dialect::Otlp(form) => Answer::new(status, form.refused(status, sentence), form.content_type()),
        }
    }

    /// A request of OTLP is taken, but for so many records.
    pub(super) fn otlp(form: Form, rejected: usize, why: &str) -> Answer {
        Answer::new(200, form.taken(rejected, why), form.content_type())
    }

    /// With this header.
    pub(super) fn retry_after(self, retry_after: Option<String>) -> Answer {
        Answer { retry_after, ..self }
    }

    /// Some messages are refused.
    pub(super) fn partial(failures: &[Failure], named: Named) -> Answer {
        let named = |failure: &Failure| match (named, &failure.context) {
            (Named::Context, Some(context)) => context.clone(),
            _ => failure.index.to_string(),
        };
        let reasons = failures.iter().map(|failure| (named(failure), failure.reason.clone().into()));
        let reasons = Value::Object(reasons.collect());
        Answer::json(400, &json!({"failed": failures.len(), "failure_reasons": reasons}))
    }

    /// The connection ends behind it.
    pub(super) fn last(self) -> Answer {
        Answer { closes: true, ..self }
    }

    /// For hyper; `half` leaves the second half of the body out.
    pub(super) fn response(self, half: bool) -> Response<AnswerBody> {
        let body = AnswerBody { all: Bytes::from(self.body), half, at: At::Start };
        let mut response = Response::new(body);
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(Ok(value)) = self.retry_after.map(HeaderValue::try_from) {
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        if self.closes {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The bytes of an answer's body.
#[derive(Debug)]
pub(super) struct AnswerBody {
    all: Bytes,
    half: bool,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    /// The first half is with hyper, which writes it only when there is nothing to add at once.
    Half,
    End,
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.at {
            At::Start if self.half => {
                self.at = At::Half;
                Poll::Ready(Some(Ok(Frame::data(self.all.slice(..self.all.len() / 2)))))
            }
            At::Start => {
                self.at = At::End;
                Poll::Ready(Some(Ok(Frame::data(self.all.clone()))))
            }
            At::Half => {
                self.at = At::End;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            At::End if self.half => {
                Poll::Ready(Some(Err(io::Error::other("half of the body, as the script says"))))
            }
            At::End => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        !self.half && (self.at == At::End || self.all.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        let whole = self.all.len() as u64;
        SizeHint::with_exact(if self.at == At::Start { whole } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_named_as_asked() {
        let failures = [
            Failure { index: 3, context: Some("c".to_owned()), reason: "no".to_owned() },
            Failure { index: 5, context: None, reason: "never".to_owned() },
        ];
        let body = |named| serde_json::from_slice::<Value>(&Answer::partial(&failures, named).body).unwrap();
        let reasons = json!({"3": "no", "5": "never"});
        assert_eq!(body(Named::Index), json!({"failed": 2, "failure_reasons": reasons}));
        assert_eq!(body(Named::Context)["failure_reasons"], json!({"c": "no", "5": "never"}));
    }

    #[test]
    fn a_refusal_carries_its_header() {
        let refusal =
            Answer::refusal(429, Dialect::Rest, "as the script says").retry_after(Some("-5".to_owned()));
        let response = refusal.response(false);
        assert_eq!(
            (response.status().as_u16(), &response.headers()[RETRY_AFTER]),
            (429, &"-5".parse().unwrap())
        );
        assert_eq!(&response.body().all[..], br#"{"topLevelError":"as the script says"}"#);
    }
}
