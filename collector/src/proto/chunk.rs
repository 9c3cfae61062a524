//! What arrives at once: records and how they were packed.
//!
//! [`super::forward::message`] makes one of a Forward message, [`super::http::body`] one of a request.
//! Every record in it was walked over once, so that reading it later cannot fail.

use std::borrow::Cow;
use std::ops::Range;

use serde_core::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::forward::json::{self, Floats};
use super::malformed::Malformed;
use super::record::Time;
use super::view::View;

/// How the sender packed a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `[tag, time, record, option]`
    Message,
    /// `[tag, [[time, record], ...], option]`
    Forward,
    /// `[tag, bytes of entries, option]`
    PackedForward,
    /// The same with `compressed: "gzip"`.
    CompressedPackedForward,
    /// The body of a request: a JSON array of records, or one record.
    Http,
    /// The same with `Content-Encoding: gzip`.
    CompressedHttp,
    /// The body of a request to the Mona REST API: `{"userId": ..., "messages": [...]}`.
    Rest,
    /// The same with `Content-Encoding: gzip`.
    CompressedRest,
    /// The body of a request of OTLP, in protobuf or JSON; its records are msgpack, as Forward would have brought them.
    Otlp,
    /// The same with `Content-Encoding: gzip`.
    CompressedOtlp,
}

impl Mode {
    /// Whether its records are JSON text; otherwise they are msgpack.
    pub fn is_json(self) -> bool {
        matches!(self, Mode::Http | Mode::CompressedHttp | Mode::Rest | Mode::CompressedRest)
    }

    /// Whether it came by Forward.
    pub fn is_forward(self) -> bool {
        let forward = [Mode::Message, Mode::Forward, Mode::PackedForward, Mode::CompressedPackedForward];
        forward.contains(&self)
    }

    /// Whether its records are messages of the Mona REST API.
    pub fn is_rest(self) -> bool {
        matches!(self, Mode::Rest | Mode::CompressedRest)
    }
}

/// Where one record lies in its chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its event time.
    pub time: Time,
    pub(crate) range: Range<usize>,
}

impl Entry {
    /// The bytes of the record in the body of its chunk.
    pub(crate) fn raw<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        body.get(self.range.clone()).unwrap_or_default()
    }
}

/// One Forward message, or the body of one request.
#[derive(Debug, Clone)]
pub struct Chunk<'a> {
    /// The tag of all its records; over HTTP the path of the request without its first slash.
    pub tag: String,
    /// How it was packed.
    pub mode: Mode,
    /// The option `chunk`; an answer is expected if it is there. Over HTTP the start of the digest.
    pub id: Option<String>,
    /// The option `size`: how many records the sender says are in it.
    pub size: Option<u64>,
    /// The `userId` of a request to the Mona REST API.
    pub user_id: Option<String>,
    /// Bytes of the whole message, or of the request's body, on the wire.
    pub bytes: usize,
    /// The records, in the order they were sent.
    pub entries: Vec<Entry>,
    /// What stands at its end.
    pub option: OptionForm,
    pub(crate) body: Cow<'a, [u8]>,
    pub(crate) sent: AsSent<'a>,
}

/// What a chunk was on the wire.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AsSent<'a> {
    /// These bytes, whose digest few ask for.
    Bytes(&'a [u8]),
    /// Bytes with this digest.
    Digest([u8; 32]),
}

/// How the option map of a Forward message was written. The protocol has a map with an id of text; some
/// servers are strict about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OptionForm {
    /// None; so it is over HTTP.
    #[default]
    Absent,
    /// Nil in its place.
    Nil,
    /// A map, with an id of text or without.
    Map,
    /// A map with an id that is binary.
    BinaryId,
}

impl Chunk<'_> {
    /// The bytes of a record: a map of msgpack, or an object of JSON.
    pub fn raw(&self, entry: &Entry) -> &[u8] {
        entry.raw(&self.body)
    }

    /// SHA-256 of its body as sent: the packed bytes (before decompression), the entries as they
    /// stand in the message, or the body of the request.
    pub fn sha256(&self) -> [u8; 32] {
        match self.sent {
            AsSent::Bytes(bytes) => Sha256::digest(bytes).into(),
            AsSent::Digest(digest) => digest,
        }
    }

    /// Bytes of all its records with their times, decompressed.
    pub fn unpacked(&self) -> usize {
        self.body.len()
    }

    /// A record where it lies.
    pub fn view(&self, entry: &Entry) -> View<'_> {
        match self.mode.is_json() {
            true => View::Json(self.raw(entry)),
            false => View::Msgpack(self.raw(entry)),
        }
    }

    /// A record as JSON.
    pub fn json(&self, entry: &Entry, floats: Floats) -> Result<Value, Malformed> {
        json(self.mode, self.raw(entry), floats)
    }
}

/// The bytes of a record as JSON.
pub(crate) fn json(mode: Mode, raw: &[u8], floats: Floats) -> Result<Value, Malformed> {
    if mode.is_json() {
        return parsed(raw);
    }
    json::json(raw, floats)
}

/// JSON text whose depth was looked at before.
pub(crate) fn parsed(text: &[u8]) -> Result<Value, Malformed> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader)
        .map_err(|error| Malformed::new(format!("record: found \"{error}\", expected JSON")))
}
