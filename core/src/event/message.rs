//! The message of an event from JSON text, and the shapes every kind of message shares.
//!
//! [`json_message`] is the common path of an export; [`json_object`] takes globals, which are not filtered.

use super::json::{self, Depth, Fault, Kind, Lexer, Stack};
use super::msgpack;
use super::object::{Left, ObjectWriter};
use super::output::Output;
use super::shape::{Place, Shape, Shapes};
use super::to_json::Level;
#[cfg(any(test, feature = "fuzz"))]
use super::twin::Twin;
use crate::error::{Error, Result};
use crate::filter::FieldRules;

/// What became of a message that was in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
// As wide as the error beside it, so that a result travels in two registers.
#[repr(usize)]
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
    pub(crate) shapes: Shapes,
    /// The last message had a header of more than one byte.
    pub(crate) was_wide: bool,
}

// One event as large as the default limit leaves nothing behind; typical ones never allocate again.
const IDLE_FRAMES: usize = 512;
const IDLE_TEXT: usize = 16 * 1024;

impl Scratch {
    #[inline(always)]
    pub(crate) fn trim(&mut self) {
        if self.stack.keys.is_worn {
            self.trim_worn();
        }
    }

    #[cold]
    fn trim_worn(&mut self) {
        self.stack.keys.is_worn = false;
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

    /// Forgets an event that failed half-way; gives the error back.
    #[cold]
    #[inline(never)]
    fn abandoned(&mut self, error: Error) -> Error {
        self.stack.keys.clear();
        self.shapes.forget();
        self.trim_worn();
        error
    }
}

/// Appends the message given as the text of one JSON object.
///
/// Fields whose names begin with `MONA_` are left out, then `rules` apply. `invalid_timestamp` is a msgpack
/// value that becomes the last field, `MONA_INVALID_EXPORT_TIMESTAMP`, when anything else is left.
///
/// # Errors
/// `Status::Utf8`, `Status::Json` or `Status::Limit`; the output is then unchanged.
#[inline(never)]
pub fn json_message(
    out: &mut Vec<u8>,
    json: &[u8],
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let frame = Frame { rules: Some(rules), limits, invalid_timestamp };
    appended(out, &JsonText::of_event(json), frame, scratch)
}

/// Appends one JSON object as it is, without any rule about its fields. Answers false, with the output
/// unchanged, when the object is empty.
///
/// # Errors
/// `Status::Utf8`, `Status::Json` or `Status::Limit`; the output is then unchanged.
pub fn json_object(out: &mut Vec<u8>, json: &[u8], limits: &Limits, scratch: &mut Scratch) -> Result<bool> {
    let text = JsonText { label: "globals JSON", json };
    let frame = Frame { rules: None, limits, invalid_timestamp: None };
    let outcome = appended(out, &text, frame, scratch)?;
    Ok(outcome == Outcome::Written)
}

/// Appends a message to a `Vec`, which is as before when it fails.
pub(super) fn appended(
    out: &mut Vec<u8>,
    message: &impl Message,
    frame: Frame<'_>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let base = out.len();
    #[cfg(any(test, feature = "fuzz"))]
    let twin = Twin::new(message, frame, scratch);
    let result = Output::to(out, |out| message.write(out, frame, scratch));
    #[cfg(any(test, feature = "fuzz"))]
    twin.compare(out, base, &result);
    if result.is_err() {
        out.truncate(base);
    }
    result
}

/// What holds for the message of an event, whatever it is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) rules: Option<&'a FieldRules>,
    pub(crate) limits: &'a Limits,
    /// A msgpack value that becomes the last field when anything else is left.
    pub(crate) invalid_timestamp: Option<&'a [u8]>,
}

impl Frame<'_> {
    /// The shape at `place`, where its keys are all that decides what is written.
    #[inline(always)]
    pub(super) fn known_shape<'s>(
        &self,
        place: Place,
        scratch: &'s mut Scratch,
    ) -> Option<(&'s Shape, &'s mut Stack)> {
        let (Some(rules), None) = (self.rules, self.invalid_timestamp) else { return None };
        Some((scratch.shapes.at(place, rules)?, &mut scratch.stack))
    }
}

/// What a message is made of.
pub(crate) trait Message {
    /// Appends the message if it is of a known shape from its first to its last field and nothing else has to be
    /// looked at; true when that was so. What it wrote else is the caller's to cut off. The shapes in `scratch` are
    /// those of the rules in force.
    #[inline(always)]
    fn write_at_once(&self, out: &mut Output<'_>, limits: &Limits, scratch: &mut Scratch) -> bool {
        let _ = (out, limits, scratch);
        false
    }

    /// Appends the message. What it wrote before a failure is the caller's to cut off.
    fn write(&self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome>;
}

/// A message that may be of a known shape.
pub(super) trait Shaped {
    /// Where its shape is looked for.
    fn place(&self) -> Place;

    /// Appends the message as long as its keys are those of the shape, in their order. `None` when that was all
    /// of both.
    fn write_known(
        &self,
        out: &mut Output<'_>,
        shape: &Shape,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Result<Option<Left>>;

    /// Appends any message, from where it was left on.
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome>;
}

/// Appends a message by its shape, and what that does not know key by key.
#[inline(always)]
pub(super) fn write_shaped(
    message: &impl Shaped,
    out: &mut Output<'_>,
    frame: Frame<'_>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let base = out.len();
    let mut left = None;
    if let Some((shape, stack)) = frame.known_shape(message.place(), scratch) {
        match message.write_known(out, shape, frame.limits, stack) {
            Ok(None) if out.len() - base <= frame.limits.bytes() => {
                scratch.trim();
                return Ok(Outcome::Written);
            }
            Ok(here) => left = here,
            Err(error) => return Err(scratch.abandoned(error)),
        }
    }
    // Made anew, so that before this nothing has to be in memory for it.
    let Frame { rules, limits, invalid_timestamp } = frame;
    write_rest(message, out, base, left, Frame { rules, limits, invalid_timestamp }, scratch)
}

#[cold]
#[inline(never)]
fn write_rest(
    message: &impl Shaped,
    out: &mut Output<'_>,
    base: usize,
    left: Option<Left>,
    frame: Frame<'_>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let left = left.filter(|left| left.keys > 0);
    if left.is_none() {
        out.truncate(base);
    }
    match message.write_any(out, left, frame, scratch) {
        Ok(outcome) => {
            scratch.trim();
            Ok(outcome)
        }
        Err(error) => Err(scratch.abandoned(error)),
    }
}

/// The text of one JSON object.
pub(crate) struct JsonText<'a> {
    /// What errors call it.
    label: &'static str,
    json: &'a [u8],
}

impl<'a> JsonText<'a> {
    /// The text of an event.
    #[inline(always)]
    pub(crate) fn of_event(json: &'a [u8]) -> JsonText<'a> {
        JsonText { label: "event JSON", json }
    }

    /// A text that is not UTF-8 is refused as that, whatever else is wrong with it.
    #[cold]
    #[inline(never)]
    fn refused(&self, fault: Fault) -> Error {
        match check_text(self.label, self.json) {
            Ok(_) => fault.explain(self.label, self.json),
            Err(error) => error,
        }
    }
}

impl Message for JsonText<'_> {
    #[inline(always)]
    fn write_at_once(&self, out: &mut Output<'_>, limits: &Limits, scratch: &mut Scratch) -> bool {
        let Some(shape) = scratch.shapes.at_once(self.place()) else { return false };
        self.json.len() <= limits.bytes()
            && matches!(known_fields(out, self.json, shape, limits, &mut scratch.stack), Ok(None))
    }

    #[inline(always)]
    fn write(&self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        check_size(self.label, self.json.len(), frame.limits)?;
        write_shaped(self, out, frame, scratch)
    }
}

impl Shaped for JsonText<'_> {
    #[inline(always)]
    fn place(&self) -> Place {
        Place::of_json(self.json.get(2..).unwrap_or_default())
    }

    #[inline(always)]
    fn write_known(
        &self,
        out: &mut Output<'_>,
        shape: &Shape,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Result<Option<Left>> {
        known_fields(out, self.json, shape, limits, stack).map_err(|fault| self.refused(fault))
    }

    #[inline(always)]
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome> {
        any_fields(out, left, self.json, frame, self.place(), scratch).map_err(|fault| self.refused(fault))
    }
}

/// Appends the object whose keys are those of the shape, in their order. `None` when that was all of the text.
///
/// A function of its own, so that nothing but text, keys and output competes for its registers.
#[inline(never)]
fn known_fields(
    out: &mut Output<'_>,
    json: &[u8],
    shape: &Shape,
    limits: &Limits,
    stack: &mut Stack,
) -> std::result::Result<Option<Left>, Fault> {
    out.lend(|out| {
        let base = out.len();
        let left = |keys: usize, at: usize| Some(Left { at, ..shape.left(base, keys) });
        let lexer = &mut Lexer::new(json);
        let depth = Depth { open: 1, most: limits.max_depth };
        if !lexer.is_at(b'{') || depth.open > depth.most {
            return Ok(left(0, 0));
        }
        msgpack::map_header(out, shape.kept);
        for (index, key) in shape.keys.iter().enumerate() {
            // A brace or a comma is in place.
            let before = lexer.at();
            lexer.bump();
            let known = if lexer.is_at(b'"') { key.in_json(lexer.behind_quote()) } else { None };
            let Some(len) = known else { return Ok(left(index, before)) };
            lexer.go_to(lexer.at() + 1 + len);
            if key.is_dropped {
                lexer.go_to(out.lend(|out| dropped_value(out, *lexer, stack, depth))?);
            } else {
                out.put_key(key);
                json::value(lexer, out, stack, depth)?;
            }
            if !lexer.is_at(b',') {
                if index + 1 == shape.keys.len() && lexer.is_at(b'}') {
                    lexer.bump();
                    lexer.end()?;
                    return Ok(None);
                }
                return Ok(left(index + 1, lexer.at()));
            }
        }
        Ok(left(shape.keys.len(), lexer.at()))
    })
}

/// Steps over a value that is left out, but not before it was looked at.
#[cold]
#[inline(never)]
fn dropped_value(
    out: &mut Output<'_>,
    lexer: Lexer<'_>,
    stack: &mut Stack,
    depth: Depth,
) -> std::result::Result<usize, Fault> {
    let start = out.len();
    let at = json::value_apart(lexer, out, stack, depth)?;
    out.truncate(start);
    Ok(at)
}

/// Appends the object from where it was left on.
#[cold]
#[inline(never)]
fn any_fields(
    out: &mut Output<'_>,
    left: Option<Left>,
    json: &[u8],
    frame: Frame<'_>,
    place: Place,
    scratch: &mut Scratch,
) -> std::result::Result<Outcome, Fault> {
    out.lend(|out| {
        let lexer = &mut Lexer::new(json).from(left.map_or(0, |left| left.at));
        let depth = Depth { open: 1, most: frame.limits.max_depth };
        if left.is_none() {
            lexer.require(b'{', "an object")?;
            if depth.open > depth.most {
                return Err(Fault { at: lexer.at() - 1, kind: Kind::Depth(depth.most) });
            }
        }
        let mut object = ObjectWriter::begin(out, left, place, frame, scratch);
        let mut has_more = match left {
            Some(_) => json::has_more(lexer)?,
            None if lexer.is_at(b'"') => true,
            None => {
                lexer.require(b'}', json::FIRST_KEY)?;
                false
            }
        };
        while has_more {
            let start = out.len();
            let name = json::key(lexer, out)?;
            if object.is_special(name) {
                let at = out.lend(|out| {
                    let action = object.action(out, start, name, scratch);
                    let value = out.len();
                    let at = json::value_apart(*lexer, out, &mut scratch.stack, depth)?;
                    object.end_special(out, action, (start, value), scratch);
                    Ok(at)
                })?;
                lexer.go_to(at);
            } else {
                object.add(out, start, name, scratch);
                json::value(lexer, out, &mut scratch.stack, depth)?;
            }
            has_more = json::has_more(lexer)?;
        }
        lexer.end()?;
        out.lend(|out| object.finish(out, place, frame, scratch))
    })
}

#[inline(always)]
pub(crate) fn check_size(label: &str, len: usize, limits: &Limits) -> Result<()> {
    if len <= limits.bytes() { Ok(()) } else { Err(too_large(label, len, limits)) }
}

#[cold]
fn too_large(label: &str, len: usize, limits: &Limits) -> Error {
    Fault { at: len, kind: Kind::Size(limits.bytes()) }.explain(label, &[])
}

pub(crate) fn check_text<'a>(label: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes)
        .map_err(|error| Fault { at: error.valid_up_to(), kind: Kind::Utf8 }.explain(label, bytes))
}
