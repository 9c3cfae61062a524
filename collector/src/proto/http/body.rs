//! What a request carries, read as a [`Chunk`].
//!
//! Asked by the exchange of a connection. Records stay the JSON text they were; each is looked at once, so that
//! reading it later cannot fail.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::proto::chunk::{Chunk, Entry, Mode, OptionForm};
use crate::proto::gzip::gunzip;
use crate::proto::hex::hex;
use crate::proto::malformed::{MAX_ENTRIES, Malformed};
use crate::proto::record::Time;
use crate::proto::shape::json_depth;

/// libmona's default `max_depth` is 512, and a record adds a few levels. Reading JSON recurses: more
/// would not fit the stack of a thread in a build without optimisation.
const MAX_DEPTH: usize = 600;
/// A chunk id of Forward has as many bits; in hexadecimal.
const ID_BYTES: usize = 16;

/// A body as it was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) bytes: &'a [u8],
    /// Its `Content-Encoding` is gzip.
    pub(crate) gzip: bool,
}

/// A message of the REST API that is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) index: usize,
    pub(crate) context: Option<String>,
    pub(crate) reason: String,
}

type Fields<'a> = BTreeMap<String, &'a RawValue>;

impl Sent<'_> {
    /// What stands for it: the start of its digest.
    pub(crate) fn id(&self) -> String {
        let digest = Sha256::digest(self.bytes);
        hex(digest.get(..ID_BYTES).unwrap_or_default())
    }

    fn body(&self) -> Result<Vec<u8>, Malformed> {
        if self.gzip { gunzip("body", self.bytes) } else { Ok(self.bytes.to_vec()) }
    }

    fn chunk(&self, tag: &str, mode: Mode, body: Vec<u8>, entries: Vec<Entry>) -> Chunk<'static> {
        Chunk {
            tag: tag.to_owned(),
            mode,
            id: Some(self.id()),
            size: None,
            user_id: None,
            bytes: self.bytes.len(),
            sha256: Sha256::digest(self.bytes).into(),
            entries,
            option: OptionForm::Absent,
            body: Cow::Owned(body),
        }
    }

    /// A JSON array of records, or one record.
    pub(crate) fn records(&self, tag: &str) -> Result<Chunk<'static>, Malformed> {
        let body = self.body()?;
        let whole: &RawValue = read("body", &body)?;
        let records = match whole.get().as_bytes().first() {
            Some(b'{') => vec![whole],
            _ => serde_json::from_str(whole.get()).map_err(|_| {
                Malformed::new("body: found neither an array nor an object, expected an array of records")
            })?,
        };
        let mut entries = Vec::new();
        for record in records {
            check_object("record", record)?;
            add(&mut entries, &body, record)?;
        }
        let mode = if self.gzip { Mode::CompressedHttp } else { Mode::Http };
        Ok(self.chunk(tag, mode, body, entries))
    }

    /// One record a line, `application/x-ndjson`; empty lines are none.
    pub(crate) fn lines(&self, tag: &str) -> Result<Chunk<'static>, Malformed> {
        let body = self.body()?;
        let mut entries = Vec::new();
        for line in body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let record: &RawValue = read("line", line)?;
            check_object("record", record)?;
            add(&mut entries, &body, record)?;
        }
        let mode = if self.gzip { Mode::CompressedHttp } else { Mode::Http };
        Ok(self.chunk(tag, mode, body, entries))
    }

    /// `{"userId": ..., "messages": [...]}`: the chunk of the messages that are right and that `refuse`
    /// gives no reason against, and the others.
    pub(crate) fn rest(
        &self,
        tag: &str,
        mut refuse: impl FnMut(&str) -> Option<&'static str>,
    ) -> Result<(Chunk<'static>, Vec<Failure>), Malformed> {
        let body = self.body()?;
        let fields: Fields<'_> = read("body", &body)?;
        let user_id = text(&fields, "userId").ok_or_else(|| missing("userId", "a text"))?;
        let messages = fields.get("messages").and_then(|value| serde_json::from_str(value.get()).ok());
        let messages: Vec<&RawValue> = messages.ok_or_else(|| missing("messages", "an array"))?;
        let (mut entries, mut failures) = (Vec::new(), Vec::new());
        for (index, message) in messages.into_iter().enumerate() {
            let fields: Fields<'_> = serde_json::from_str(message.get()).unwrap_or_default();
            let refused = match check_message(message, &fields) {
                Err(malformed) => Some(malformed.to_string()),
                Ok(()) => refuse(message.get()).map(str::to_owned),
            };
            match refused {
                None => add(&mut entries, &body, message)?,
                Some(reason) => failures.push(Failure { index, context: text(&fields, "contextId"), reason }),
            }
        }
        let mode = if self.gzip { Mode::CompressedRest } else { Mode::Rest };
        let chunk = self.chunk(tag, mode, body, entries);
        Ok((Chunk { user_id: Some(user_id), ..chunk }, failures))
    }
}

fn read<'a, T: serde_core::Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(bytes)
        .map_err(|error| Malformed::new(format!("{what}: found \"{error}\", expected JSON of records")))
}

fn missing(field: &str, kind: &str) -> Malformed {
    Malformed::new(format!("body: found no {field}, expected {kind} of that name"))
}

fn text(fields: &Fields<'_>, name: &str) -> Option<String> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

fn check_message(message: &RawValue, fields: &Fields<'_>) -> Result<(), Malformed> {
    check_object("message", message)?;
    for name in ["contextId", "arcClass"] {
        if text(fields, name).is_none_or(|text| text.is_empty()) {
            return Err(Malformed::new(format!("message: found no {name}, expected a text of that name")));
        }
    }
    match fields.get("message") {
        Some(inner) => check_object("message", inner),
        None => Err(Malformed::new("message: found no message in it, expected an object of that name")),
    }
}

fn check_object(what: &str, value: &RawValue) -> Result<(), Malformed> {
    let text = value.get();
    if !text.starts_with('{') {
        let shown: String = text.chars().take(16).collect();
        return Err(Malformed::new(format!("{what}: found {shown}, expected an object")));
    }
    if json_depth(text.as_bytes()) > MAX_DEPTH {
        return Err(Malformed::new(format!("{what}: found more than {MAX_DEPTH} levels, expected no more")));
    }
    Ok(())
}

/// Adds an entry for a value that lies in the body.
fn add(entries: &mut Vec<Entry>, body: &[u8], value: &RawValue) -> Result<(), Malformed> {
    if entries.len() == MAX_ENTRIES {
        return Err(Malformed::new(format!("body: found more than {MAX_ENTRIES} records, expected no more")));
    }
    let text = value.get();
    let start = text.as_ptr().addr().saturating_sub(body.as_ptr().addr());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let time = Time { seconds: i64::try_from(now.as_secs()).unwrap_or(i64::MAX), nanoseconds: 0 };
    entries.push(Entry { time, range: start..start + text.len() });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::forward::json::Floats;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn plain(text: &str) -> Sent<'_> {
        Sent { bytes: text.as_bytes(), gzip: false }
    }

    fn raws(chunk: &Chunk<'_>) -> Vec<String> {
        chunk.entries.iter().map(|entry| String::from_utf8(chunk.raw(entry).to_vec()).unwrap()).collect()
    }

    #[test]
    fn records_keep_their_text() {
        let text = r#" [ {"z": 1.50, "a":"[{"} , {} ] "#;
        let chunk = plain(text).records("tag").unwrap();
        assert_eq!(raws(&chunk), [r#"{"z": 1.50, "a":"[{"}"#, "{}"]);
        assert_eq!((chunk.mode, chunk.tag.as_str(), chunk.bytes), (Mode::Http, "tag", text.len()));
        assert_eq!(chunk.json(&chunk.entries[0], Floats::Null).unwrap().to_string(), r#"{"z":1.5,"a":"[{"}"#);
        assert_eq!(raws(&plain(r#"{"one":1}"#).records("t").unwrap()), [r#"{"one":1}"#]);
        assert!(plain("[]").records("t").unwrap().entries.is_empty());

        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(text.as_bytes()).unwrap();
        let packed = out.finish().unwrap();
        let sent = Sent { bytes: &packed, gzip: true };
        let compressed = sent.records("tag").unwrap();
        assert_eq!((raws(&compressed), compressed.mode), (raws(&chunk), Mode::CompressedHttp));
        assert_ne!(compressed.id, chunk.id);
        assert_eq!(compressed.id.unwrap(), sent.id());
    }

    #[test]
    fn lines_are_records() {
        let text = "{\"a\":1}\n\r\n {\"b\":\"\\n\"} \r\n{}";
        let chunk = plain(text).lines("t").unwrap();
        assert_eq!(raws(&chunk), [r#"{"a":1}"#, r#"{"b":"\n"}"#, "{}"]);
        assert!(plain("").lines("t").unwrap().entries.is_empty());
        assert_eq!(
            plain("[{}]").lines("t").unwrap_err().to_string(),
            "record: found [{}], expected an object"
        );
        assert!(plain("{}{}").lines("t").unwrap_err().to_string().starts_with("line: found"));
    }

    #[test]
    fn the_deepest_record_is_read_and_deeper_ones_are_refused() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        let text = nested(MAX_DEPTH);
        let chunk = plain(&text).records("t").unwrap();
        let entry = chunk.entries[0].clone();
        let reading = std::thread::Builder::new().stack_size(2 << 20);
        let reading = reading.spawn(move || chunk.json(&entry, Floats::Null).unwrap().to_string()).unwrap();
        assert_eq!(reading.join().unwrap(), text);
        let sentence = plain(&nested(MAX_DEPTH + 1)).records("t").unwrap_err().to_string();
        assert_eq!(sentence, "record: found more than 600 levels, expected no more");
    }

    #[test]
    fn rest_messages_are_told_apart() {
        let text = r#"{"userId":"u","messages":[
            {"message":{"a":1},"contextId":"c","exportTimestamp":1,"arcClass":"k"},
            {"message":{"a":2},"contextId":"d","exportTimestamp":1},
            {"message":[],"contextId":"e","arcClass":"k"},
            {"message":{"a":4},"contextId":"f","arcClass":"k"}, 5]}"#;
        let (chunk, failures) =
            plain(text).rest("export", |message| message.contains("\"f\"").then_some("no")).unwrap();
        assert_eq!((chunk.entries.len(), chunk.mode, chunk.user_id.as_deref()), (1, Mode::Rest, Some("u")));
        let failures: Vec<(usize, Option<&str>, &str)> = failures
            .iter()
            .map(|failure| (failure.index, failure.context.as_deref(), failure.reason.as_str()))
            .collect();
        assert_eq!(
            failures,
            [
                (1, Some("d"), "message: found no arcClass, expected a text of that name"),
                (2, Some("e"), "message: found [], expected an object"),
                (3, Some("f"), "no"),
                (4, None, "message: found 5, expected an object"),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let records = |text: &str| plain(text).records("t").unwrap_err().to_string();
        assert!(records("[{]").starts_with("body: found \"key must be a string at line 1 column 3\""));
        assert!(records("").contains("expected JSON of records"));
        assert!(records("7").starts_with("body: found neither an array nor an object"));
        assert_eq!(records("[1]"), "record: found 1, expected an object");
        let rest = |text: &str| plain(text).rest("t", |_| None).unwrap_err().to_string();
        assert_eq!(rest(r#"{"messages":[]}"#), "body: found no userId, expected a text of that name");
        assert_eq!(rest(r#"{"userId":"u"}"#), "body: found no messages, expected an array of that name");
        assert!(Sent { bytes: b"x", gzip: true }.records("t").unwrap_err().to_string().starts_with("body: "));
    }
}
