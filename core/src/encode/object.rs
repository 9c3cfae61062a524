//! The top-level object of a message: which fields stay, which are hashed, and how the map ends.
//!
//! JSON text and typed fields are both written through it, so that the same event gives the same bytes
//! whichever way it comes.

use crate::encode::filter::{FieldAction, FieldRules};
use crate::encode::json::{JsonError, JsonErrorKind};
use crate::encode::key_cache::{Left, Slot};
use crate::encode::keys::{OpenMap, WIDE_HEADER};
use crate::encode::message::{Frame, Outcome, write_invalid_timestamp};
use crate::encode::msgpack;
use crate::encode::name::Name;
use crate::encode::output::Output;
use crate::encode::to_json;
use crate::encode::workspace::Scratch;

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
    /// Where the output may end at the latest before the map does.
    most_end: usize,
}

impl<'r> ObjectWriter<'r> {
    /// Begins the map, or goes on with one that was `left` by the keys known in `slot`.
    pub(crate) fn begin(
        out: &mut Output<'_>,
        left: Option<Left>,
        slot: Slot,
        frame: Frame<'r>,
        scratch: &mut Scratch,
    ) -> Self {
        let most_bytes = frame.limits.bytes();
        match frame.rules {
            Some(rules) => scratch.key_cache.begin(slot, rules, left.map_or(0, |left| left.keys)),
            // What a message of which nothing was left has begun to learn is not for this one to go on with.
            None => scratch.key_cache.forget(),
        }
        let (base, map) = match left {
            Some(left) => (left.base, scratch.stack.keys.resume(left.base, out.since(left.base))),
            None => {
                // The events of a thread resemble each other: a header as wide as the last one need not be
                // moved.
                let header_len = if scratch.was_wide { WIDE_HEADER } else { 1 };
                (out.len(), scratch.stack.keys.open(out, header_len))
            }
        };
        let mut object = ObjectWriter {
            rules: frame.rules,
            is_plain: frame.rules.is_some_and(FieldRules::is_off),
            found_null: false,
            base,
            map,
            most_bytes,
            // The header may still lose what was kept free for a wide one.
            most_end: base + most_bytes + WIDE_HEADER - 1,
        };
        object.note_written(out, left.map_or(0, |left| left.written), scratch);
        object
    }

    /// Takes note of the keys that were known and are written.
    fn note_written(&mut self, out: &Output<'_>, fields: usize, scratch: &mut Scratch) {
        let mut start = self.map.first_key();
        for _ in 0..fields {
            let Some((msgpack::Head::Text(name), value)) = msgpack::read(out.since(start)) else { return };
            scratch.stack.keys.add(&mut self.map, out, start, Name::new(name));
            start = out.len() - value.len() + msgpack::value_len(value).unwrap_or(value.len());
        }
    }

    /// Whether a field needs [`ObjectWriter::action`] and [`ObjectWriter::end_special`] around its value. If
    /// not, [`ObjectWriter::add`] before it is all.
    #[inline(always)]
    pub(crate) fn is_special(&self, name: Name) -> bool {
        !self.is_plain || name.may_be_reserved()
    }

    /// Takes note of the key written at `start`, the last thing in `out`, whose field is not special.
    #[inline(always)]
    pub(crate) fn add(&mut self, out: &Output<'_>, start: usize, name: Name, scratch: &mut Scratch) {
        if scratch.key_cache.is_learning() {
            scratch.key_cache.learn(msgpack::text_at(out.since(start)), Some(false));
        }
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
        let text = msgpack::text_at(out.since(start));
        let action = match self.rules {
            None => FieldAction::Keep,
            Some(_) if name.is_reserved() => FieldAction::Drop,
            Some(rules) => rules.action_of(name, text),
        };
        let is_decided = action == FieldAction::Drop
            || action == FieldAction::Keep && !self.rules.is_some_and(FieldRules::drops_null);
        scratch.key_cache.learn(text, is_decided.then_some(action == FieldAction::Drop));
        if action != FieldAction::Drop {
            scratch.stack.keys.add(&mut self.map, out, start, name);
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

    /// Ends the map, with a timestamp outside the rule as its last field. An empty map is taken back. What can
    /// be known of its keys is kept in `slot`.
    pub(crate) fn finish(
        self,
        out: &mut Output<'_>,
        slot: Slot,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome, JsonError> {
        let written = scratch.stack.keys.count(&self.map);
        let mut count = scratch.stack.keys.settle(self.map, out, self.found_null);
        if count == 0 {
            out.truncate(self.base);
            return Ok(Outcome::Filtered);
        }
        scratch.key_cache.keep(slot, written == count);
        if let Some(value) = frame.invalid_timestamp {
            write_invalid_timestamp(out, value, frame.limits);
            count += 1;
        }
        scratch.was_wide = count >= FEWEST_WIDE;
        self.map.seal(out, count);
        if out.len() - self.base > self.most_bytes {
            return Err(self.too_large(out.len()));
        }
        Ok(Outcome::Written)
    }

    /// Refuses a message that is going to be too large.
    #[inline(always)]
    pub(crate) fn check(&self, out: &Output<'_>) -> Result<(), JsonError> {
        if out.len() <= self.most_end { Ok(()) } else { Err(self.too_large(out.len())) }
    }

    #[cold]
    fn too_large(&self, end: usize) -> JsonError {
        JsonError { at: end - self.base, kind: JsonErrorKind::Size(self.most_bytes) }
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
