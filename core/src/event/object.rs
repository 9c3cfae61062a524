//! The top-level object of a message: which fields stay, which are hashed, and how the map ends.
//!
//! JSON text and typed fields are both written through it, so that the same event gives the same bytes
//! whichever way it comes.

use super::json::{Fault, Kind};
use super::keys::{OpenMap, WIDE_HEADER};
use super::message::{Outcome, Scratch};
use super::msgpack::{self, Append};
use super::output::Output;
use super::to_json;
use crate::filter::{FieldAction, FieldRules};
use crate::name::Name;

/// The field that tells of a timestamp outside the rule.
pub(crate) const INVALID_TIMESTAMP: &str = "MONA_INVALID_EXPORT_TIMESTAMP";

/// The number of pairs from which on the header of a map needs more than one byte.
const FEWEST_WIDE: usize = 16;

pub(crate) struct ObjectWriter<'r> {
    /// `None`: every field stays as it is.
    rules: Option<&'r FieldRules>,
    by_name: bool,
    drop_null: bool,
    found_null: bool,
    map: OpenMap,
    base: usize,
    most_bytes: usize,
}

/// A field whose key has been written and whose value comes next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenField {
    action: FieldAction,
    start: usize,
    value: usize,
}

impl<'r> ObjectWriter<'r> {
    /// Begins the map. At most `most_bytes` may be written until it ends.
    #[inline(always)]
    pub(crate) fn begin(
        out: &mut Output<'_>,
        rules: Option<&'r FieldRules>,
        most_bytes: usize,
        scratch: &mut Scratch,
    ) -> Self {
        // The events of a thread resemble each other: a header as wide as the last one need not be moved.
        let header_len = if scratch.was_wide { WIDE_HEADER } else { 1 };
        ObjectWriter {
            rules,
            by_name: rules.is_some_and(FieldRules::by_name),
            drop_null: rules.is_some_and(FieldRules::drops_null),
            found_null: false,
            base: out.len(),
            map: scratch.stack.keys.open(out, header_len),
            most_bytes,
        }
    }

    /// Takes note of the key written at `start`, the last thing in `out`. The value is written next,
    /// whatever becomes of the field.
    #[inline(always)]
    pub(crate) fn field(
        &mut self,
        out: &Output<'_>,
        start: usize,
        name: Name<'_>,
        scratch: &mut Scratch,
    ) -> OpenField {
        let action = match self.rules {
            Some(_) if name.is_reserved() => FieldAction::Drop,
            Some(rules) if self.by_name => rules.action_of(name),
            _ => FieldAction::Keep,
        };
        if action != FieldAction::Drop {
            scratch.stack.keys.add(&mut self.map, out, start, name);
        }
        OpenField { action, start, value: out.len() }
    }

    /// Ends a field whose value is the last thing in `out`.
    #[inline(always)]
    pub(crate) fn end_field(
        &mut self,
        out: &mut Output<'_>,
        field: OpenField,
        scratch: &mut Scratch,
    ) -> Result<(), Fault> {
        match field.action {
            FieldAction::Keep => {}
            FieldAction::Drop => out.truncate(field.start),
            FieldAction::Hash => out.lend(|out| self.hash(out, field.value, scratch)),
        }
        if self.drop_null && out.since(field.value).first() == Some(&msgpack::NIL) {
            self.found_null = true;
        }
        self.check(out)
    }

    /// Ends the map, with `invalid_timestamp` as its last field. An empty map is taken back.
    #[inline(always)]
    pub(crate) fn finish(
        self,
        out: &mut Output<'_>,
        invalid_timestamp: Option<&[u8]>,
        scratch: &mut Scratch,
    ) -> Result<Outcome, Fault> {
        let mut count = scratch.stack.keys.settle(self.map, out, self.found_null);
        if count == 0 {
            out.truncate(self.base);
            return Ok(Outcome::Filtered);
        }
        if let Some(value) = invalid_timestamp {
            out.lend(|out| {
                msgpack::text(out, INVALID_TIMESTAMP);
                out.append_slice(value);
            });
            count += 1;
        }
        scratch.was_wide = count >= FEWEST_WIDE;
        self.map.seal(out, count);
        self.check(out)?;
        Ok(Outcome::Written)
    }

    #[inline(always)]
    fn check(&self, out: &Output<'_>) -> Result<(), Fault> {
        let written = out.len() - self.base;
        if written <= self.most_bytes { Ok(()) } else { Err(self.too_large(written)) }
    }

    #[cold]
    fn too_large(&self, written: usize) -> Fault {
        Fault { at: written, kind: Kind::Size(self.most_bytes) }
    }

    #[inline(never)]
    fn hash(&self, out: &mut Output<'_>, value: usize, scratch: &mut Scratch) {
        let Some(rules) = self.rules else { return };
        let digest = match msgpack::read(out.since(value)) {
            None | Some((msgpack::Head::Nil, _)) => return,
            Some((msgpack::Head::Text(text), _)) => rules.digest(text),
            Some(_) => {
                scratch.is_worn = true;
                scratch.text.clear();
                to_json::append_with(&mut scratch.text, out.since(value), &mut scratch.levels);
                rules.digest(&scratch.text)
            }
        };
        out.truncate(value);
        msgpack::raw_text(out, &digest);
    }
}
