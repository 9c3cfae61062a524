//! Format `mona`: messages for the Mona REST export API, and what it answers about them.
//!
//! Entries of a client that speaks this format carry the ARC class between time and record, see
//! [`RecordPrefix::with_class`](crate::encode::RecordPrefix::with_class).

use std::collections::BTreeMap;

use serde_json::Value;

use super::answer::{Answer, Input};
use super::records::append_array;
use crate::config::quoted;
use crate::encode::msgpack::{self, Head, value_len};
use crate::encode::to_json;
use crate::net::url::HttpUrl;
use crate::net::{Cause, TransportError};
use crate::transport::memory::entries;

/// Reasons that are named in one log line.
const MOST_REASONS: usize = 3;

/// What is to be read of an entry.
struct Parts<'a> {
    class: &'a [u8],
    context: &'a [u8],
    message: &'a [u8],
    timestamp: &'a [u8],
}

fn parts(entry: &[u8]) -> Option<Parts<'_>> {
    let (Head::Array(3), rest) = msgpack::read(entry)? else { return None };
    let (_, rest) = value(rest)?;
    let (class, rest) = value(rest)?;
    let (Head::Map(pairs), mut rest) = msgpack::read(rest)? else { return None };
    let (mut context, mut message, mut timestamp) = (None, None, None);
    for _ in 0..pairs {
        let (Head::Text(key), after) = msgpack::read(rest)? else { return None };
        let (found, after) = value(after)?;
        match key {
            b"context" => context = Some(found),
            b"message" => message = Some(found),
            b"export_timestamp" => timestamp = Some(found),
            _ => {}
        }
        rest = after;
    }
    Some(Parts { class, context: context?, message: message?, timestamp: timestamp? })
}

fn value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(value_len(bytes)?)
}

fn append(out: &mut Vec<u8>, entries: &[u8]) -> Option<usize> {
    let (entry, _) = value(entries)?;
    let parts = parts(entry)?;
    out.extend_from_slice(b"{\"message\":");
    to_json::append(out, parts.message)?;
    out.extend_from_slice(b",\"contextId\":");
    to_json::append(out, parts.context)?;
    out.extend_from_slice(b",\"exportTimestamp\":");
    to_json::append(out, parts.timestamp)?;
    out.extend_from_slice(b",\"arcClass\":");
    to_json::append(out, parts.class)?;
    out.push(b'}');
    Some(entry.len())
}

/// Appends the body with the messages of a chunk's entries.
///
/// # Errors
/// As [`super::records::append_body`].
pub(super) fn append_body(out: &mut Vec<u8>, chunk: &[u8], user_id: &str) -> Result<(), TransportError> {
    out.extend_from_slice(b"{\"userId\":");
    out.extend_from_slice(Value::from(user_id).to_string().as_bytes());
    out.extend_from_slice(b",\"messages\":");
    append_array(out, chunk, append)?;
    out.push(b'}');
    Ok(())
}

/// Messages that were refused while the others were taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failures {
    /// Their places in the chunk, each once and in order.
    pub(super) places: Vec<usize>,
    /// A few of the reasons, for the log.
    pub(super) reasons: String,
}

/// What an answer other than success says about the messages of `chunk`: which of them were refused, or
/// what all of them met.
pub(super) fn read(answer: &Answer, chunk: &[u8], url: &HttpUrl) -> Result<Failures, TransportError> {
    let by_status = answer.error(url, Input::Http);
    // These statuses are about the caller or the moment, whatever the body says.
    if matches!(answer.status, 300..=399 | 401 | 403 | 404 | 407 | 408 | 413 | 429) {
        return Err(by_status);
    }
    let Ok(Value::Object(body)) = serde_json::from_slice(&answer.body) else {
        return Err(by_status);
    };
    if let Some(Value::String(reason)) = body.get("topLevelError").filter(|_| answer.status < 500) {
        let text = format!("{url} refused all messages: {}", quoted(reason));
        return Err(TransportError::new("rejected", text).because(Cause::Refused));
    }
    let reasons = body.get("failure_reasons").and_then(Value::as_object);
    match (body.get("failed").and_then(Value::as_u64), reasons) {
        (Some(failed), Some(reasons)) if failed > 0 && !reasons.is_empty() => {
            let names: Vec<&str> = reasons.keys().map(String::as_str).collect();
            let places = places(&names, chunk, failed);
            if places.is_empty() { Err(by_status) } else { Ok(Failures { places, reasons: shown(reasons) }) }
        }
        _ => Err(by_status),
    }
}

/// Which messages the names mean. A name is the place of a message or its context id; where it could be
/// both, that reading counts which gives the number of failures that the answer names.
fn places(names: &[&str], chunk: &[u8], failed: u64) -> Vec<usize> {
    let mut by_id: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    let mut count = 0;
    for entry in entries(chunk) {
        if let Some(id) = context_id(entry) {
            by_id.entry(id).or_default().push(count);
        }
        count += 1;
    }
    let by_place = |name: &str| name.parse::<usize>().ok().filter(|place| *place < count);
    let read = |places_first: bool| -> Vec<usize> {
        let mut is_meant = vec![false; count];
        let mut mark = |place: usize| is_meant.get_mut(place).into_iter().for_each(|mark| *mark = true);
        for name in names {
            let of_id = by_id.get(name.as_bytes());
            match by_place(name).filter(|_| places_first || of_id.is_none()) {
                Some(place) => mark(place),
                None => of_id.into_iter().flatten().copied().for_each(&mut mark),
            }
        }
        (0..count).filter(|place| is_meant.get(*place) == Some(&true)).collect()
    };
    let first = read(true);
    if first.len() as u64 == failed {
        return first;
    }
    let second = read(false);
    if second.len() as u64 == failed { second } else { first }
}

fn context_id(entry: &[u8]) -> Option<&[u8]> {
    match msgpack::read(parts(entry)?.context)? {
        (Head::Text(id), _) => Some(id),
        _ => None,
    }
}

fn shown(reasons: &serde_json::Map<String, Value>) -> String {
    let named: Vec<String> = reasons
        .iter()
        .take(MOST_REASONS)
        .map(|(name, reason)| {
            let reason = reason.as_str().map_or_else(|| reason.to_string(), str::to_owned);
            format!("{}: {}", quoted(name), quoted(&reason))
        })
        .collect();
    let more = reasons.len() - named.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    named.join(", ") + &rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Output;
    use crate::encode::{ArcClass, RecordPrefix, Shape, record};

    fn entry(id: &str, text: &str) -> Vec<u8> {
        let head = RecordPrefix::with_class(
            "u",
            id,
            Shape { has_event_id: true, ..Shape::default() },
            Some(&ArcClass::from("A\"B")),
        );
        let mut entry = Vec::new();
        Output::to(&mut entry, |out| record::begin(out, &head, 1_700_000_000));
        msgpack::map_header(&mut entry, 1);
        msgpack::text(&mut entry, "m");
        msgpack::text(&mut entry, text);
        Output::to(&mut entry, |out| {
            record::finish(out, -5);
            record::append_event_id(out, "i", 7);
        });
        entry
    }

    fn body(chunk: &[u8], user_id: &str) -> Result<Vec<u8>, TransportError> {
        let mut out = Vec::new();
        append_body(&mut out, chunk, user_id).map(|()| out)
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            retry_after: None,
            location: None,
            date: None,
            is_protobuf: false,
            body: body.as_bytes().to_vec(),
        }
    }

    fn read(status: u16, body: &str, ids: &[&str]) -> Result<Failures, TransportError> {
        let chunk: Vec<u8> = ids.iter().flat_map(|id| entry(id, "x")).collect();
        super::read(&answer(status, body), &chunk, &HttpUrl::parse("http://h/export").unwrap())
    }

    #[test]
    fn every_message_carries_its_class() {
        let chunk = [entry("c.s", "a"), entry("d", "b")].concat();
        let expected = r#"{"userId":"u\"1","messages":[{"message":{"m":"a"},"contextId":"c.s","exportTimestamp":-5,"arcClass":"A\"B"},{"message":{"m":"b"},"contextId":"d","exportTimestamp":-5,"arcClass":"A\"B"}]}"#;
        assert_eq!(String::from_utf8(body(&chunk, "u\"1").unwrap()).unwrap(), expected);
        let mut unclassed = Vec::new();
        Output::to(&mut unclassed, |out| {
            record::begin(out, &RecordPrefix::new("u", "c", Shape::default()), 0)
        });
        unclassed.push(0x80);
        Output::to(&mut unclassed, |out| record::finish(out, 0));
        assert_eq!(body(&unclassed, "u").unwrap_err().cause, Cause::Unreadable);
    }

    #[test]
    fn failures_are_named_by_place_or_by_id() {
        let ids = ["a", "b", "a", "7", "1"];
        for (failed, reasons, places) in [
            (1, r#"{"1":"r"}"#, vec![1]),
            (2, r#"{"a":"r"}"#, vec![0, 2]),
            (3, r#"{"a":"r","3":"s"}"#, vec![0, 2, 3]),
            (1, r#"{"7":"r"}"#, vec![3]),
            (2, r#"{"b":"r","1":"s"}"#, vec![1, 4]),
            (9, r#"{"4":"r"}"#, vec![4]),
        ] {
            let body = format!(r#"{{"failed":{failed},"failure_reasons":{reasons}}}"#);
            assert_eq!(read(400, &body, &ids).unwrap().places, places, "{body}");
        }
        let many: Vec<String> = (0..5).map(|place| format!(r#""{place}":"bad\nvalue""#)).collect();
        let body = format!(r#"{{"failed":5,"failure_reasons":{{{}}}}}"#, many.join(","));
        let failures = read(500, &body, &ids).unwrap();
        assert_eq!(failures.places.len(), 5);
        assert_eq!(failures.reasons, r#""0": "bad\nvalue", "1": "bad\nvalue", "2": "bad\nvalue" and 2 more"#);
    }

    #[test]
    fn what_all_messages_met() {
        let top = r#"{"topLevelError":"no such user"}"#;
        let refused = read(400, top, &["a"]).unwrap_err();
        assert_eq!(refused.cause, Cause::Refused);
        assert!(refused.text.contains("no such user"), "{}", refused.text);
        let busy = Cause::Busy { retry_after: None };
        for (status, body, cause) in [
            (401, top, Cause::Configuration),
            (403, top, Cause::Configuration),
            (503, top, busy),
            (500, "<html>", busy),
            (400, "<html>", Cause::Refused),
            (400, r#"{"failed":1,"failure_reasons":{}}"#, Cause::Refused),
            (400, r#"{"failed":0,"failure_reasons":{"0":"r"}}"#, Cause::Refused),
            (422, r#"{"failed":1,"failure_reasons":{"nobody":"r"}}"#, Cause::Refused),
            (429, r#"{"failed":1,"failure_reasons":{"0":"r"}}"#, busy),
        ] {
            assert_eq!(read(status, body, &["a"]).unwrap_err().cause, cause, "{status} {body}");
        }
    }
}
