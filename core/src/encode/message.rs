//! What every kind of message shares: its bounds, its working memory, and the ways it is written.

#[cfg(any(test, feature = "fuzz"))]
use super::differential::Differential;
use super::json::{Fault, Kind, Stack};
use super::key_cache::{Place, Shape, Shapes};
use super::object::Left;
use super::output::Output;
use super::to_json::Level;
use crate::diag::error::{Error, Result};
use crate::encode::filter::FieldRules;

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

/// Appends a message to a `Vec`, which is as before when it fails.
pub(super) fn appended(
    out: &mut Vec<u8>,
    message: &impl Message,
    frame: Frame<'_>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let base = out.len();
    #[cfg(any(test, feature = "fuzz"))]
    let differential = Differential::new(message, frame, scratch);
    let result = Output::to(out, |out| message.write(out, frame, scratch));
    #[cfg(any(test, feature = "fuzz"))]
    differential.compare(out, base, &result);
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

#[inline(always)]
pub(crate) fn check_size(label: &str, len: usize, limits: &Limits) -> Result<()> {
    if len <= limits.bytes() { Ok(()) } else { Err(too_large(label, len, limits)) }
}

#[cold]
fn too_large(label: &str, len: usize, limits: &Limits) -> Error {
    Fault { at: len, kind: Kind::Size(limits.bytes()) }.explain(label, &[])
}
