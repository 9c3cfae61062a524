//! What every kind of message shares: its bounds, what holds for it, and how it is written with known keys and without.

use crate::diag::error::{Error, Result};
use crate::encode::filter::FieldRules;
use crate::encode::json::{JsonError, JsonErrorKind, Stack};
use crate::encode::key_cache::{KnownKeys, Left, Slot};
use crate::encode::limits::{Limits, write_float};
use crate::encode::msgpack::{self, AppendSlice, Head};
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

/// The field that tells of a timestamp outside the rule.
const INVALID_TIMESTAMP: &str = "MONA_INVALID_EXPORT_TIMESTAMP";

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

/// What holds for the message of an event, whatever it is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) rules: Option<&'a FieldRules>,
    pub(crate) limits: &'a Limits,
    /// A msgpack value that becomes the last field when anything else is left.
    pub(crate) invalid_timestamp: Option<&'a [u8]>,
}

/// What a message is made of.
pub(crate) trait Message: Sized {
    /// Whether it is what a program exports.
    #[inline(always)]
    fn is_export(&self) -> bool {
        true
    }

    /// Where its keys are looked for; `None` where it has none that could be known.
    #[inline(always)]
    fn slot(&self) -> Option<Slot> {
        None
    }

    /// Appends the message as long as its keys are the known ones, in their order, and nothing is wrong with it; tells
    /// where it was left, `None` when that was all of both. The known keys are those of the rules in force.
    #[inline(always)]
    fn write_known(
        &self,
        out: &mut Output<'_>,
        known: &KnownKeys,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Option<Left> {
        let _ = (limits, stack);
        Some(known.left(out.len(), 0))
    }

    /// The fast path: appends the message if its keys are known from the first to the last; whether they were. The keys
    /// in `scratch` are known under the rules in force.
    #[inline(always)]
    fn write_fast(&self, out: &mut Output<'_>, limits: &Limits, scratch: &mut Scratch) -> bool {
        let Some(known) = self.slot().and_then(|slot| scratch.key_cache.known(slot)) else { return false };
        let is_whole = self.write_known(out, known, limits, &mut scratch.stack).is_none();
        scratch.trim();
        is_whole
    }

    /// Appends any message, from where it was left on.
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome>;

    /// Appends the message by the keys that are known of it, and the rest key by key. What it wrote before a failure is
    /// the caller's to cut off.
    #[inline(always)]
    fn write(&self, out: &mut Output<'_>, frame: Frame<'_>, scratch: &mut Scratch) -> Result<Outcome> {
        let base = out.len();
        let mut left = None;
        if let (Some(slot), Some(rules), None) = (self.slot(), frame.rules, frame.invalid_timestamp)
            && let Some(known) = scratch.key_cache.known_under(slot, rules)
        {
            left = self.write_known(out, known, frame.limits, &mut scratch.stack);
            if left.is_none() && out.len() - base <= frame.limits.bytes() {
                scratch.trim();
                return Ok(Outcome::Written);
            }
        }
        // Made anew, so that before this nothing has to be in memory for it.
        let Frame { rules, limits, invalid_timestamp } = frame;
        write_rest(self, out, base, left, Frame { rules, limits, invalid_timestamp }, scratch)
    }
}

#[cold]
#[inline(never)]
fn write_rest(
    message: &impl Message,
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

/// Appends the field that tells of a timestamp outside the rule, whose msgpack `value` was made before it was known
/// whose event this is.
#[cold]
#[inline(never)]
pub(super) fn write_invalid_timestamp(out: &mut Output<'_>, value: &[u8], limits: &Limits) {
    msgpack::text(out, INVALID_TIMESTAMP);
    match msgpack::read(value) {
        Some((Head::Float(seconds), _)) => write_float(out, seconds, limits),
        _ => out.append_slice(value),
    }
}

#[inline(always)]
pub(crate) fn check_size(label: &str, len: usize, limits: &Limits) -> Result<()> {
    if len <= limits.bytes() { Ok(()) } else { Err(too_large(label, len, limits)) }
}

#[cold]
fn too_large(label: &str, len: usize, limits: &Limits) -> Error {
    JsonError { at: len, kind: JsonErrorKind::Size(limits.bytes()) }.explain(label, &[])
}
