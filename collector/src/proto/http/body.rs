//! What a request carries, read as a [`Chunk`].
//!
//! Asked by the exchange of a connection. Records stay the JSON text they were; each is looked at once, so that
//! reading it later cannot fail.

use std::borrow::Cow;
use std::time::SystemTime;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::extent::{Extent, MAX_DEPTH};
use super::pieces::{each, fields, read, text};
use crate::proto::budget::Share;
use crate::proto::chunk::{AsSent, Chunk, Entry, Mode, OptionForm};
use crate::proto::compact::mend;
use crate::proto::gzip::gunzip;
use crate::proto::hex::hex;
use crate::proto::malformed::{MAX_ENTRIES, Malformed, check_name};
use crate::proto::msgpack::MAX_VALUES;
use crate::proto::record::Time;

/// A chunk id of Forward has as many bits; in hexadecimal.
const ID_BYTES: usize = 16;
/// Levels of the body around a record.
const AROUND: usize = 3;
/// Answers list these; a request with more of them is refused as a whole.
const MAX_FAILURES: usize = 10_000;
/// A longer context id names no failure.
const MAX_CONTEXT: usize = 1024;

/// A body as it was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    body: Vec<u8>,
    /// Its `Content-Encoding` is gzip.
    gzip: bool,
    digest: [u8; 32],
}

/// A message of the REST API that is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) index: usize,
    pub(crate) context: Option<String>,
    pub(crate) reason: String,
}

impl Sent {
    pub(crate) fn new(body: Vec<u8>, gzip: bool) -> Sent {
        let digest = Sha256::digest(&body).into();
        Sent { body, gzip, digest }
    }

    /// What was sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// What stands for it: the start of its digest.
    pub(crate) fn id(&self) -> String {
        hex(self.digest.get(..ID_BYTES).unwrap_or_default())
    }

    /// What was sent, whether it is gzip, and its digest.
    pub(crate) fn into_parts(self) -> (Vec<u8>, bool, [u8; 32]) {
        (self.body, self.gzip, self.digest)
    }

    /// The body as JSON that can be parsed, with its shape; its tag is not too long.
    fn read(self, tag: &str, share: &mut Share) -> Result<Body, Malformed> {
        check_name("tag", tag.len())?;
        let (id, bytes) = (self.id(), self.body.len());
        let mut json = if self.gzip { gunzip("body", &self.body, share)? } else { self.body };
        let shape = Extent::of(&json);
        if shape.deepest > MAX_DEPTH + AROUND {
            return Err(too_deep("body"));
        }
        mend(&mut json);
        let loose = shape.deepest <= MAX_DEPTH && shape.values <= MAX_VALUES;
        Ok(Body { json, gzip: self.gzip, id, bytes, digest: self.digest, loose, entries: Vec::new() })
    }

    /// A JSON array of records, or one record.
    pub(crate) fn records(self, tag: &str, share: &mut Share) -> Result<Chunk<'static>, Malformed> {
        let mut body = self.read(tag, share)?;
        let json = std::mem::take(&mut body.json);
        let whole: &RawValue = read("body", &json)?;
        match whole.get().as_bytes().first() {
            Some(b'{') => {
                body.check("record", whole)?;
                body.add(&json, whole, share)?;
            }
            Some(b'[') => each(whole, |record| {
                body.check("record", record)?;
                body.add(&json, record, share)
            })?,
            _ => {
                return Err(Malformed::new(
                    "body: found neither an array nor an object, expected an array of records",
                ));
            }
        }
        let mode = if body.gzip { Mode::CompressedHttp } else { Mode::Http };
        Ok(body.chunk(json, tag, mode, None))
    }

    /// One record a line, `application/x-ndjson`; empty lines are none.
    pub(crate) fn lines(self, tag: &str, share: &mut Share) -> Result<Chunk<'static>, Malformed> {
        let mut body = self.read(tag, share)?;
        let json = std::mem::take(&mut body.json);
        for line in json.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            let record: &RawValue = read("line", line)?;
            body.check("record", record)?;
            body.add(&json, record, share)?;
        }
        let mode = if body.gzip { Mode::CompressedHttp } else { Mode::Http };
        Ok(body.chunk(json, tag, mode, None))
    }

    /// `{"userId": ..., "messages": [...]}`: the chunk of the messages that are right and that `refuse`
    /// gives no reason against, and the others.
    pub(crate) fn rest(
        self,
        tag: &str,
        share: &mut Share,
        mut refuse: impl FnMut(&str) -> Option<&'static str>,
    ) -> Result<(Chunk<'static>, Vec<Failure>), Malformed> {
        let mut body = self.read(tag, share)?;
        let json = std::mem::take(&mut body.json);
        let [user_id, messages] = fields(read("body", &json)?, ["userId", "messages"])
            .ok_or_else(|| Malformed::new("body: found no object, expected one"))?;
        let user_id = user_id.and_then(text).ok_or_else(|| missing("userId", "a text"))?;
        check_name("userId", user_id.len())?;
        let messages = messages.filter(|messages| messages.get().starts_with('['));
        let messages = messages.ok_or_else(|| missing("messages", "an array"))?;
        let (mut failures, mut index) = (Vec::new(), 0);
        each(messages, |message| {
            let given = fields(message, ["contextId", "arcClass", "message"]).unwrap_or_default();
            let refused = match body.check_message(message, given) {
                Err(malformed) => Some(malformed.to_string()),
                Ok(()) => refuse(message.get()).map(str::to_owned),
            };
            match refused {
                None => body.add(&json, message, share)?,
                Some(_) if failures.len() == MAX_FAILURES => {
                    return Err(Malformed::new(format!(
                        "messages: found more than {MAX_FAILURES} that are wrong, expected no more"
                    )));
                }
                Some(reason) => {
                    let [context, ..] = given;
                    let context = context.and_then(text).filter(|context| context.len() <= MAX_CONTEXT);
                    failures.push(Failure { index, context, reason });
                }
            }
            index += 1;
            Ok(())
        })?;
        let mode = if body.gzip { Mode::CompressedRest } else { Mode::Rest };
        Ok((body.chunk(json, tag, mode, Some(user_id)), failures))
    }
}

/// A body that is being taken apart.
struct Body {
    json: Vec<u8>,
    gzip: bool,
    id: String,
    bytes: usize,
    digest: [u8; 32],
    /// All of it is within the limits of one record.
    loose: bool,
    entries: Vec<Entry>,
}

impl Body {
    fn chunk(self, json: Vec<u8>, tag: &str, mode: Mode, user_id: Option<String>) -> Chunk<'static> {
        Chunk {
            tag: tag.to_owned(),
            mode,
            id: Some(self.id),
            size: None,
            user_id,
            bytes: self.bytes,
            entries: self.entries,
            option: OptionForm::Absent,
            body: Cow::Owned(json),
            sent: AsSent::Digest(self.digest),
        }
    }

    /// Adds an entry for a value that lies in the body.
    fn add(&mut self, json: &[u8], value: &RawValue, share: &mut Share) -> Result<(), Malformed> {
        if self.entries.len() == MAX_ENTRIES {
            return Err(Malformed::too_large(format!(
                "body: found more than {MAX_ENTRIES} records, expected no more"
            )));
        }
        let text = value.get();
        let start = text.as_ptr().addr().saturating_sub(json.as_ptr().addr());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time = Time { seconds: i64::try_from(now.as_secs()).unwrap_or(i64::MAX), nanoseconds: 0 };
        share.reserve(&mut self.entries, 1)?;
        self.entries.push(Entry { time, range: start..start + text.len() });
        Ok(())
    }

    fn check(&self, what: &str, value: &RawValue) -> Result<(), Malformed> {
        let text = value.get();
        if !text.starts_with('{') {
            let shown: String = text.chars().take(16).collect();
            return Err(Malformed::new(format!("{what}: found {shown}, expected an object")));
        }
        if self.loose {
            return Ok(());
        }
        match Extent::of(text.as_bytes()) {
            shape if shape.deepest > MAX_DEPTH => Err(too_deep(what)),
            shape if shape.values > MAX_VALUES => {
                Err(Malformed::new(format!("{what}: found more than {MAX_VALUES} values, expected no more")))
            }
            _ => Ok(()),
        }
    }

    /// A message without a `contextId` gets one from whoever keeps it.
    fn check_message(&self, message: &RawValue, given: [Option<&RawValue>; 3]) -> Result<(), Malformed> {
        let [context, class, inner] = given;
        self.check("message", message)?;
        if context.is_some_and(|context| context.get() != "null" && text(context).is_none()) {
            return Err(Malformed::new("message: found a contextId that is no text, expected a text"));
        }
        if class.and_then(text).is_none_or(|class| class.is_empty()) {
            return Err(Malformed::new("message: found no arcClass, expected a text of that name"));
        }
        match inner {
            Some(inner) => self.check("message", inner),
            None => Err(Malformed::new("message: found no message in it, expected an object of that name")),
        }
    }
}

fn too_deep(what: &str) -> Malformed {
    Malformed::new(format!("{what}: found more than {MAX_DEPTH} levels, expected no more"))
}

fn missing(field: &str, kind: &str) -> Malformed {
    Malformed::new(format!("body: found no {field}, expected {kind} of that name"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::budget::Budget;
    use crate::proto::forward::json::Floats;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn plain(text: &str) -> Sent {
        Sent::new(text.as_bytes().to_vec(), false)
    }

    fn share() -> Share {
        Budget::default().share()
    }

    fn raws(chunk: &Chunk<'_>) -> Vec<String> {
        chunk.entries.iter().map(|entry| String::from_utf8(chunk.raw(entry).to_vec()).unwrap()).collect()
    }

    #[test]
    fn records_keep_their_text() {
        let text = r#" [ {"z": 1.50, "a":"[{"} , {} ] "#;
        let chunk = plain(text).records("tag", &mut share()).unwrap();
        assert_eq!(raws(&chunk), [r#"{"z": 1.50, "a":"[{"}"#, "{}"]);
        assert_eq!((chunk.mode, chunk.tag.as_str(), chunk.bytes), (Mode::Http, "tag", text.len()));
        assert_eq!(chunk.json(&chunk.entries[0], Floats::Null).unwrap().to_string(), r#"{"z":1.5,"a":"[{"}"#);
        assert_eq!(raws(&plain(r#"{"one":1}"#).records("t", &mut share()).unwrap()), [r#"{"one":1}"#]);
        assert!(plain("[]").records("t", &mut share()).unwrap().entries.is_empty());

        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(text.as_bytes()).unwrap();
        let packed = out.finish().unwrap();
        let sent = Sent::new(packed, true);
        let id = sent.id();
        let compressed = sent.records("tag", &mut share()).unwrap();
        assert_eq!((raws(&compressed), compressed.mode), (raws(&chunk), Mode::CompressedHttp));
        assert_ne!(compressed.id, chunk.id);
        assert_eq!(compressed.id.unwrap(), id);
    }

    #[test]
    fn lines_are_records() {
        let text = "{\"a\":1}\n\r\n {\"b\":\"\\n\"} \r\n{}";
        let chunk = plain(text).lines("t", &mut share()).unwrap();
        assert_eq!(raws(&chunk), [r#"{"a":1}"#, r#"{"b":"\n"}"#, "{}"]);
        assert!(plain("").lines("t", &mut share()).unwrap().entries.is_empty());
        assert_eq!(
            plain("[{}]").lines("t", &mut share()).unwrap_err().to_string(),
            "record: found [{}], expected an object"
        );
        assert!(plain("{}{}").lines("t", &mut share()).unwrap_err().to_string().starts_with("line: found"));
    }

    #[test]
    fn the_deepest_record_is_read_and_deeper_ones_are_refused() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        let text = nested(MAX_DEPTH);
        let chunk = plain(&text).records("t", &mut share()).unwrap();
        let entry = chunk.entries[0].clone();
        let reading = std::thread::Builder::new().stack_size(2 << 20);
        let reading = reading.spawn(move || chunk.json(&entry, Floats::Null).unwrap().to_string()).unwrap();
        assert_eq!(reading.join().unwrap(), text);
        let sentence = plain(&nested(MAX_DEPTH + 1)).records("t", &mut share()).unwrap_err().to_string();
        assert_eq!(sentence, "record: found more than 600 levels, expected no more");
    }

    #[test]
    fn rest_messages_are_told_apart() {
        let text = r#"{"userId":"u","messages":[
            {"message":{"a":1},"contextId":"c","exportTimestamp":1,"arcClass":"k"},
            {"message":{"a":2},"contextId":"d","exportTimestamp":1},
            {"message":[],"contextId":"e","arcClass":"k"},
            {"message":{"a":4},"contextId":"f","arcClass":"k"}, 5]}"#;
        let (chunk, failures) = plain(text)
            .rest("export", &mut share(), |message| message.contains("\"f\"").then_some("no"))
            .unwrap();
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
        let records = |text: &str| plain(text).records("t", &mut share()).unwrap_err().to_string();
        assert!(records("[{]").starts_with("body: found \"key must be a string at line 1 column 3\""));
        assert!(records("").contains("expected JSON of records"));
        assert!(records("7").starts_with("body: found neither an array nor an object"));
        assert_eq!(records("[1]"), "record: found 1, expected an object");
        let rest = |text: &str| plain(text).rest("t", &mut share(), |_| None).unwrap_err().to_string();
        assert_eq!(rest(r#"{"messages":[]}"#), "body: found no userId, expected a text of that name");
        let long = |bytes: usize| format!(r#"{{"userId":"{}","messages":[]}}"#, "u".repeat(bytes));
        assert!(plain(&long(1024)).rest("t", &mut share(), |_| None).is_ok());
        assert_eq!(rest(&long(1025)), "userId: found 1025 bytes, expected at most 1024");
        let tagged = |bytes: usize| plain("{}").records(&"t".repeat(bytes), &mut share());
        assert!(tagged(1024).is_ok());
        assert_eq!(tagged(1025).unwrap_err().to_string(), "tag: found 1025 bytes, expected at most 1024");
        assert_eq!(rest(r#"{"userId":"u"}"#), "body: found no messages, expected an array of that name");
        assert!(
            Sent::new(b"x".to_vec(), true)
                .records("t", &mut share())
                .unwrap_err()
                .to_string()
                .starts_with("body: ")
        );
    }
}
