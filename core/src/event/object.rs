//! The top-level object of a message: which fields stay, which are hashed, and how the map ends.
//!
//! JSON text and typed fields are both written through it, so that the same event gives the same bytes
//! whichever way it comes.

use super::json::{Fault, Kind};
use super::keys::OpenMap;
use super::message::{Outcome, Scratch};
use super::{msgpack, to_json};
use crate::filter::{FieldAction, FieldRules};

/// Fields that begin like this belong to Mona and are never taken from a message.
pub(crate) const RESERVED: &[u8] = b"MONA_";

/// The field that tells of a timestamp outside the rule.
pub(crate) const INVALID_TIMESTAMP: &str = "MONA_INVALID_EXPORT_TIMESTAMP";

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
    #[inline]
    pub(crate) fn begin(
        out: &mut Vec<u8>,
        rules: Option<&'r FieldRules>,
        most_bytes: usize,
        scratch: &mut Scratch,
    ) -> Self {
        ObjectWriter {
            rules,
            by_name: rules.is_some_and(FieldRules::by_name),
            drop_null: rules.is_some_and(FieldRules::drops_null),
            found_null: false,
            base: out.len(),
            map: scratch.stack.keys.open(out),
            most_bytes,
        }
    }

    /// Takes note of the key written at `start`, the last thing in `out`. The value is written next,
    /// whatever becomes of the field.
    #[inline]
    pub(crate) fn field(&mut self, out: &[u8], start: usize, key: &[u8], scratch: &mut Scratch) -> OpenField {
        let action = match self.rules {
            Some(_) if key.starts_with(RESERVED) => FieldAction::Drop,
            Some(rules) if self.by_name => rules.action_of(key),
            _ => FieldAction::Keep,
        };
        if action != FieldAction::Drop {
            scratch.stack.keys.add(&mut self.map, out, start, key);
        }
        OpenField { action, start, value: out.len() }
    }

    /// Ends a field whose value is the last thing in `out`.
    #[inline]
    pub(crate) fn end_field(
        &mut self,
        out: &mut Vec<u8>,
        field: OpenField,
        scratch: &mut Scratch,
    ) -> Result<(), Fault> {
        match field.action {
            FieldAction::Keep => {}
            FieldAction::Drop => out.truncate(field.start),
            FieldAction::Hash => self.hash(out, field.value, scratch),
        }
        if self.drop_null && out.get(field.value) == Some(&msgpack::NIL) {
            self.found_null = true;
        }
        self.check(out)
    }

    /// Ends the map, with `invalid_timestamp` as its last field. An empty map is taken back.
    pub(crate) fn finish(
        self,
        out: &mut Vec<u8>,
        invalid_timestamp: Option<&[u8]>,
        scratch: &mut Scratch,
    ) -> Result<Outcome, Fault> {
        let mut count = scratch.stack.keys.settle(self.map, out, self.found_null);
        if count == 0 {
            out.truncate(self.base);
            return Ok(Outcome::Filtered);
        }
        if let Some(value) = invalid_timestamp {
            msgpack::text(out, INVALID_TIMESTAMP);
            out.extend_from_slice(value);
            count += 1;
        }
        self.map.seal(out, count);
        self.check(out)?;
        Ok(Outcome::Written)
    }

    #[inline]
    fn check(&self, out: &[u8]) -> Result<(), Fault> {
        let written = out.len() - self.base;
        if written <= self.most_bytes {
            return Ok(());
        }
        Err(Fault { at: written, kind: Kind::Size(self.most_bytes) })
    }

    #[inline(never)]
    fn hash(&self, out: &mut Vec<u8>, value: usize, scratch: &mut Scratch) {
        let Some(rules) = self.rules else { return };
        let digest = match msgpack::read(out.get(value..).unwrap_or_default()) {
            None | Some((msgpack::Head::Nil, _)) => return,
            Some((msgpack::Head::Text(text), _)) => rules.digest(text),
            Some(_) => {
                scratch.text.clear();
                let value = out.get(value..).unwrap_or_default();
                to_json::append_with(&mut scratch.text, value, &mut scratch.levels);
                rules.digest(&scratch.text)
            }
        };
        out.truncate(value);
        msgpack::raw_text(out, &digest);
    }
}
