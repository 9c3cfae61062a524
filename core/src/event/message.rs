//! The message of an event from JSON text, and the shapes every kind of message shares.
//!
//! [`json_message`] is the common path of an export; [`json_object`] takes globals, which are not filtered.

use super::json::{self, Depth, Fault, Kind, Lexer, Stack};
use super::object::ObjectWriter;
use super::to_json::Level;
use crate::error::{Error, Result, Status};
use crate::filter::FieldRules;

/// What became of a message that was in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was appended.
    Written,
    /// Nothing was left of it; the output is unchanged.
    Filtered,
}

/// The bounds of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes, of the JSON text as well as of the encoded message.
    pub max_event_bytes: usize,
    /// Most containers inside each other; the message itself is the first.
    pub max_depth: usize,
}

impl Limits {
    /// The byte limit, brought down to what msgpack can say.
    pub(crate) fn bytes(&self) -> usize {
        self.max_event_bytes.min(u32::MAX as usize)
    }
}

/// Working memory of the encoder, kept between events by whoever calls it. It grows with the largest
/// event and gives back what a giant needed.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) stack: Stack,
    /// Text that is going to be hashed.
    pub(crate) text: Vec<u8>,
    pub(crate) levels: Vec<Level>,
}

// One event as large as the default limit leaves nothing behind; typical ones never allocate again.
const IDLE_FRAMES: usize = 512;
const IDLE_TEXT: usize = 16 * 1024;

impl Scratch {
    #[inline]
    pub(crate) fn trim(&mut self) {
        self.stack.keys.trim();
        if self.stack.frames.capacity() > IDLE_FRAMES {
            self.stack.frames = Vec::new();
        }
        if self.text.capacity() > IDLE_TEXT {
            self.text = Vec::new();
        }
        if self.levels.capacity() > IDLE_FRAMES {
            self.levels = Vec::new();
        }
    }
}

/// Appends the message given as the text of one JSON object.
///
/// Fields whose names begin with `MONA_` are left out, then `rules` apply. `invalid_timestamp` is a msgpack
/// value that becomes the last field, `MONA_INVALID_EXPORT_TIMESTAMP`, when anything else is left.
///
/// # Errors
/// `Status::Utf8`, `Status::Json` or `Status::Limit`; the output is then unchanged.
pub fn json_message(
    out: &mut Vec<u8>,
    json: &[u8],
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    object(out, "event JSON", json, Some(rules), limits, invalid_timestamp, scratch)
}

/// Appends one JSON object as it is, without any rule about its fields. Answers false, with the output
/// unchanged, when the object is empty.
///
/// # Errors
/// `Status::Utf8`, `Status::Json` or `Status::Limit`; the output is then unchanged.
pub fn json_object(out: &mut Vec<u8>, json: &[u8], limits: &Limits, scratch: &mut Scratch) -> Result<bool> {
    let outcome = object(out, "globals JSON", json, None, limits, None, scratch)?;
    Ok(outcome == Outcome::Written)
}

fn object(
    out: &mut Vec<u8>,
    label: &str,
    json: &[u8],
    rules: Option<&FieldRules>,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    check_size(label, json.len(), limits)?;
    check_text(label, json)?;
    let base = out.len();
    scratch.stack.keys.clear();
    let result = transcode(out, json, rules, limits, invalid_timestamp, scratch);
    scratch.trim();
    result.map_err(|fault| {
        out.truncate(base);
        fault.explain(label, json)
    })
}

fn transcode(
    out: &mut Vec<u8>,
    json: &[u8],
    rules: Option<&FieldRules>,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> std::result::Result<Outcome, Fault> {
    let lexer = &mut Lexer::new(json);
    lexer.require(b'{', "an object")?;
    let depth = Depth { open: 1, most: limits.max_depth };
    if depth.open > depth.most {
        return Err(Fault { at: lexer.at() - 1, kind: Kind::Depth(depth.most) });
    }
    let mut object = ObjectWriter::begin(out, rules, limits.bytes(), scratch);
    let mut fresh = true;
    loop {
        match lexer.token() {
            Some(b'}') => break lexer.bump(),
            Some(b',') if !fresh => lexer.bump(),
            _ if fresh => {}
            _ => return Err(lexer.expected("a \",\" or \"}\"")),
        }
        let start = out.len();
        let raw = json::key(lexer, out, fresh)?;
        let key = if raw.escaped() { json::key_payload(out, start) } else { raw.bytes };
        let field = object.field(out, start, key, scratch);
        json::value(lexer, out, &mut scratch.stack, depth)?;
        object.end_field(out, field, scratch)?;
        fresh = false;
    }
    lexer.end()?;
    object.finish(out, invalid_timestamp, scratch)
}

pub(crate) fn check_size(label: &str, len: usize, limits: &Limits) -> Result<()> {
    if len <= limits.bytes() {
        return Ok(());
    }
    Err(Fault { at: len, kind: Kind::Size(limits.bytes()) }.explain(label, &[]))
}

pub(crate) fn check_text<'a>(label: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        Error::new(Status::Utf8, format!("{label}: byte 0x{byte:02x} at byte {at}, UTF-8 is expected"))
    })
}
