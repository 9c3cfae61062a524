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
    /// `None`: every field stays as it is, Mona's own as well.
    rules: Option<&'r FieldRules>,
    /// Only Mona's own names are looked for.
    is_plain: bool,
    found_null: bool,
    map: OpenMap,
    base: usize,
    most_bytes: usize,
    /// Where the output may end at the latest.
    most_end: usize,
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
        let most_end = out.len() + most_bytes;
        // The events of a thread resemble each other: a header as wide as the last one need not be moved.
        let header_len = if scratch.was_wide { WIDE_HEADER } else { 1 };
        ObjectWriter {
            rules,
            is_plain: rules.is_some_and(FieldRules::is_off),
            found_null: false,
            base: out.len(),
            map: scratch.stack.keys.open(out, header_len),
            most_bytes,
            most_end,
        }
    }

    /// Whether a field needs [`ObjectWriter::action`] and [`ObjectWriter::end_special`] around its value. If
    /// not, [`ObjectWriter::add`] before it is all.
    #[inline(always)]
    pub(crate) fn is_special(&self, name: Name) -> bool {
        !self.is_plain || name.may_be_reserved()
    }

    /// Takes note of the key written at `start`, the last thing in `out`.
    #[inline(always)]
    pub(crate) fn add(&mut self, out: &Output<'_>, start: usize, name: Name, scratch: &mut Scratch) {
        scratch.stack.keys.add(&mut self.map, out, start, name);
    }

    /// What becomes of a special field whose key was written at `start`, the last thing in `out`.
    #[cold]
    #[inline(never)]
    pub(crate) fn action(
        &mut self,
        out: &Output<'_>,
        start: usize,
        name: Name,
        scratch: &mut Scratch,
    ) -> FieldAction {
        let action = match self.rules {
            None => FieldAction::Keep,
            Some(_) if name.is_reserved() => FieldAction::Drop,
            Some(rules) => rules.action_of(name, msgpack::text_at(out.since(start))),
        };
        if action != FieldAction::Drop {
            self.add(out, start, name, scratch);
        }
        action
    }

    /// Ends a special field, the last thing in `out`, whose key was written at `start` and whose value at
    /// `value`.
    #[cold]
    #[inline(never)]
    pub(crate) fn end_special(
        &mut self,
        out: &mut Output<'_>,
        action: FieldAction,
        (start, value): (usize, usize),
        scratch: &mut Scratch,
    ) {
        match action {
            FieldAction::Keep => {}
            FieldAction::Drop => out.truncate(start),
            FieldAction::Hash => self.hash(out, value, scratch),
        }
        if self.rules.is_some_and(FieldRules::drops_null) && out.since(value).first() == Some(&msgpack::NIL) {
            self.found_null = true;
        }
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

    /// Refuses a message that has become too large.
    #[inline(always)]
    pub(crate) fn check(&self, out: &Output<'_>) -> Result<(), Fault> {
        if out.len() <= self.most_end { Ok(()) } else { Err(self.too_large(out.len())) }
    }

    #[cold]
    fn too_large(&self, end: usize) -> Fault {
        Fault { at: end - self.base, kind: Kind::Size(self.most_bytes) }
    }

    fn hash(&self, out: &mut Output<'_>, value: usize, scratch: &mut Scratch) {
        let Some(rules) = self.rules else { return };
        let digest = match msgpack::read(out.since(value)) {
            None | Some((msgpack::Head::Nil, _)) => return,
            Some((msgpack::Head::Text(text), _)) => rules.digest(text),
            Some(_) => {
                scratch.stack.keys.is_worn = true;
                scratch.text.clear();
                to_json::append_with(&mut scratch.text, out.since(value), &mut scratch.levels);
                rules.digest(&scratch.text)
            }
        };
        out.truncate(value);
        msgpack::raw_text(out, &digest);
    }
}
