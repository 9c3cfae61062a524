//! OTLP/HTTP: requests with log records, and what is answered about them.
//!
//! An answer of success says how many records were refused for good, and not which: they are counted and not sent again.
//! Of the others 429, 502, 503 and 504 ask for patience, 400 and 413 are about the request, as in the formats of our own.
//! 500 is what the OpenTelemetry Collector answers where an exporter has given up for good and nobody waits for its
//! retries: that may be one bad event, or a pipeline that takes nothing. It is met as a connection that is lost at a
//! chunk is: sent again, and after some losses in parts, but nothing is given up while the endpoint takes no others.

use std::sync::Arc;

use prost::bytes::{Buf, BufMut};
use prost::encoding::{DecodeContext, WireType, bytes, int64, skip_field};
use prost::{DecodeError, Message};
use serde_json::Value;

use super::answer::{Answer, Input, shown};
use super::records::{MOST_BODY_BYTES, too_large, unreadable};
use super::resource;
use crate::config::{OtlpEncoding, Settings, quoted};
use crate::encode::Output;
use crate::encode::to_otlp::{Envelope, Form};
use crate::net::url::HttpUrl;
use crate::net::{Cause, Finding, TransportError};

/// What stands around the records of a client.
pub(super) fn envelope(settings: &Settings, instance: &str) -> Arc<Envelope> {
    let form = match settings.otlp_encoding {
        OtlpEncoding::Protobuf => Form::Protobuf,
        OtlpEncoding::Json => Form::Json,
    };
    Arc::new(Envelope::new(form, &resource::attributes(settings, instance)))
}

pub(super) fn content_type(envelope: &Envelope) -> &'static str {
    match envelope.form() {
        Form::Protobuf => "application/x-protobuf",
        Form::Json => "application/json",
    }
}

/// Appends the request with the records in a chunk's entries.
///
/// # Errors
/// As [`append_body`](super::records::append_body).
pub(super) fn append_body(
    out: &mut Vec<u8>,
    chunk: &[u8],
    envelope: &Envelope,
) -> Result<(), TransportError> {
    // Values have a few bytes more around them than in MessagePack, and text about as many.
    out.reserve(2 * chunk.len());
    let written = Output::to(out, |out| envelope.write(out, chunk, |len| len < MOST_BODY_BYTES))
        .map_err(|_| unreadable())?;
    if written { Ok(()) } else { Err(too_large("OTLP")) }
}

/// What an answer of success says of the records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// So many of them were refused for good.
    pub(super) rejected: u64,
    /// What there is to know about them; empty where there is nothing.
    pub(super) words: String,
}

/// Reads an answer of success. One that cannot be read has said all it has to say with its status.
pub(super) fn taken(answer: &Answer) -> Taken {
    let said = if answer.is_protobuf {
        // A message with one field of bytes is read as these bytes.
        let partial = <Vec<u8> as Message>::decode(answer.body.as_slice());
        let said = partial.ok().and_then(|partial| Said::decode(partial.as_slice()).ok());
        // What does not say what it is may be the other form.
        said.or_else(|| of_json(&answer.body))
    } else {
        of_json(&answer.body)
    };
    let said = said.unwrap_or_default();
    Taken { rejected: u64::try_from(said.number).unwrap_or_default(), words: said.words() }
}

fn of_json(body: &[u8]) -> Option<Said> {
    let body: Value = serde_json::from_str(&String::from_utf8_lossy(body)).ok()?;
    let partial = body.get("partialSuccess")?;
    let number = partial.get("rejectedLogRecords");
    // An integer of 64 bits is text in this JSON, and a number where somebody did not know that.
    let number = number.and_then(|number| number.as_i64().or_else(|| number.as_str()?.parse().ok()));
    let text = partial.get("errorMessage").and_then(Value::as_str).unwrap_or_default();
    Some(Said { number: number.unwrap_or_default(), text: text.into() })
}

/// Why an answer of success is none of a receiver of OTLP posted to at `url`, where it is none: a page for people, as
/// the interface of another program has for any path, and a proxy that wants somebody to log in.
pub(super) fn page(answer: &Answer, url: &HttpUrl) -> Option<TransportError> {
    if !answer.is_page() {
        return None;
    }
    let text = format!(
        "{url} answered {} and a page in HTML, so nothing was taken; a receiver of OTLP over HTTP is expected there",
        shown(answer.status)
    );
    Some(TransportError::new("status", text).because(Cause::Configuration).found(Finding::Status))
}

/// What an answer other than success, as [`worded`] gives it, means for the records posted to `url`.
pub(super) fn refusal(answer: &Answer, url: &HttpUrl) -> TransportError {
    let error = answer.error(url, Input::Otlp);
    match answer.status {
        500 if error.cause != Cause::Configuration => {
            let said = answer.first_words();
            let text = format!("{url} answered {}{said}; it is asked again", shown(500));
            TransportError::new(FAILED, text).found(Finding::Status)
        }
        _ => error,
    }
}

/// The kind of the error that an endpoint failed at a chunk.
const FAILED: &str = "failed";

/// The same answer with the words of its `google.rpc.Status` as body.
pub(super) fn worded(answer: Answer) -> Answer {
    let text = if answer.is_protobuf {
        Said::decode(answer.body.as_slice()).ok().map(|status| status.words())
    } else {
        let body = serde_json::from_str::<Value>(&String::from_utf8_lossy(&answer.body)).ok();
        body.and_then(|body| Some(body.get("message")?.as_str()?.to_owned()))
    };
    match text {
        Some(text) => Answer { body: text.into_bytes(), ..answer },
        // What does not say that it is protobuf may be words.
        None if answer.is_protobuf && str::from_utf8(&answer.body).is_err() => {
            Answer { body: Vec::new(), ..answer }
        }
        None => answer,
    }
}

/// `ExportLogsPartialSuccess` and `google.rpc.Status`: both have a number first and a text second.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    number: i64,
    /// UTF-8 by the specification; what is none must not cost the number.
    text: Vec<u8>,
}

impl Said {
    fn words(&self) -> String {
        String::from_utf8_lossy(&self.text).into_owned()
    }
}

impl Message for Said {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        if self.number != 0 {
            int64::encode(1, &self.number, buf);
        }
        if !self.text.is_empty() {
            bytes::encode(2, &self.text, buf);
        }
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        match tag {
            1 => int64::merge(wire_type, &mut self.number, buf, ctx),
            2 => bytes::merge(wire_type, &mut self.text, buf, ctx),
            _ => skip_field(wire_type, tag, buf, ctx),
        }
    }

    fn encoded_len(&self) -> usize {
        let number = if self.number == 0 { 0 } else { int64::encoded_len(1, &self.number) };
        let text = if self.text.is_empty() { 0 } else { bytes::encoded_len(2, &self.text) };
        number + text
    }

    fn clear(&mut self) {
        *self = Said::default();
    }
}

/// The words of a server, for a log line.
pub(super) fn said(taken: &Taken, events: usize, url: &HttpUrl) -> String {
    match (taken.rejected.min(events as u64), taken.words.as_str()) {
        (0, words) => format!("collector {url}: all events taken, and this said: {}", quoted(words)),
        (count, "") => format!("collector {url}: {count} of {events} events refused, without a reason"),
        (count, words) => format!("collector {url}: {count} of {events} events refused: {}", quoted(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, is_protobuf: bool, body: Vec<u8>) -> Answer {
        Answer { status, retry_after: None, location: None, date: None, is_protobuf, body }
    }

    fn partial(number: i64, text: &str) -> Vec<u8> {
        Said { number, text: text.into() }.encode_to_vec().encode_to_vec()
    }

    #[test]
    fn what_success_says_in_both_forms() {
        let of = |rejected, words: &str| Taken { rejected, words: words.to_owned() };
        for (is_protobuf, body, expected) in [
            (true, Vec::new(), of(0, "")),
            (true, partial(0, ""), of(0, "")),
            (true, partial(7, "no"), of(7, "no")),
            (true, partial(0, "old"), of(0, "old")),
            (true, partial(-7, "odd"), of(0, "odd")),
            (true, b"\xff\xff\xff".to_vec(), of(0, "")),
            (true, [partial(3, ""), vec![0x7a, 1, 9]].concat(), of(3, "")),
            (false, b"{}".to_vec(), of(0, "")),
            (false, br#"{"partialSuccess":{}}"#.to_vec(), of(0, "")),
            (
                false,
                br#"{"partialSuccess":{"rejectedLogRecords":"7","errorMessage":"no"}}"#.to_vec(),
                of(7, "no"),
            ),
            (false, br#"{"partialSuccess":{"rejectedLogRecords":7}}"#.to_vec(), of(7, "")),
            (false, b"ok".to_vec(), of(0, "")),
            (true, b"\x0a\x06\x08\x03\x12\x02\xffa".to_vec(), of(3, "\u{fffd}a")),
            (
                false,
                b"{\"partialSuccess\":{\"rejectedLogRecords\":\"3\",\"errorMessage\":\"\xffa\"}}".to_vec(),
                of(3, "\u{fffd}a"),
            ),
            (true, br#"{"partialSuccess":{"rejectedLogRecords":"7"}}"#.to_vec(), of(7, "")),
            (true, partial(i64::MIN, ""), of(0, "")),
            (true, partial(i64::MAX, ""), of(i64::MAX as u64, "")),
        ] {
            assert_eq!(taken(&answer(200, is_protobuf, body.clone())), expected, "{body:?}");
        }
    }

    #[test]
    fn a_page_is_no_answer_of_a_receiver() {
        let url = HttpUrl::parse("http://h:3000/v1/logs").unwrap();
        for body in ["<!DOCTYPE html><html>", "\n <HTML>", "\u{feff}<html lang=en>"] {
            let error = page(&answer(200, false, body.into()), &url).unwrap();
            assert_eq!(error.cause, Cause::Configuration);
            assert!(error.text.contains("answered 200 OK and a page in HTML"), "{}", error.text);
        }
        for (is_protobuf, body) in
            [(false, ""), (true, ""), (false, "{}"), (false, "ok"), (false, "<"), (false, "<ok/>")]
        {
            assert!(page(&answer(200, is_protobuf, body.into()), &url).is_none(), "{body}");
        }
    }

    #[test]
    fn the_words_of_a_status_are_shown() {
        let url = HttpUrl::parse("http://h:4318/v1/logs").unwrap();
        let status = Said { number: 14, text: "queue is full".into() }.encode_to_vec();
        for (is_protobuf, body) in
            [(true, status), (false, br#"{"code":14,"message":"queue is full"}"#.to_vec())]
        {
            let error = refusal(&worded(answer(503, is_protobuf, body)), &url);
            assert_eq!(error.cause, Cause::Busy { retry_after: None });
            assert!(error.text.contains("503 Service Unavailable, \"queue is full\""), "{}", error.text);
        }
        for (status, cause) in [
            (400, Cause::Refused),
            (413, Cause::TooLarge),
            (429, Cause::Busy { retry_after: None }),
            (500, Cause::Connection),
            (502, Cause::Busy { retry_after: None }),
            (504, Cause::Busy { retry_after: None }),
            (404, Cause::Configuration),
            (405, Cause::Configuration),
            (415, Cause::Configuration),
            (401, Cause::Configuration),
        ] {
            assert_eq!(
                refusal(&worded(answer(status, true, b"\xff".to_vec())), &url).cause,
                cause,
                "{status}"
            );
        }
    }
}
