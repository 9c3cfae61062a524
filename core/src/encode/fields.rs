//! The message of an event from typed fields.
//!
//! Fields are looked at one by one while they are written, as they lie in the caller's memory: nothing is
//! collected first. The bytes are those of the equal JSON object.

use crate::diag::error::Result;
use crate::encode::fast::fields::{all_fields, known_fields};
use crate::encode::field::AsField;
use crate::encode::field_writer::{explained, too_large, write_name, write_value};
use crate::encode::json::{JsonError, JsonErrorKind, Stack};
use crate::encode::key_cache::{KnownKeys, Left, Slot};
use crate::encode::limits::Limits;
use crate::encode::message::{Frame, Message, Outcome};
use crate::encode::object::ObjectWriter;
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

/// Fields in their order; the first error among them refuses the message.
pub(crate) struct FieldList<'f, F>(pub(crate) &'f [F]);

impl<F: AsField> Message for FieldList<'_, F> {
    #[inline(always)]
    fn slot(&self) -> Option<Slot> {
        Some(Slot::of_fields(self.0))
    }

    #[inline(always)]
    fn write_fast(&self, out: &mut Output<'_>, limits: &Limits, scratch: &mut Scratch) -> bool {
        all_fields(out, self.0, limits, scratch)
    }

    #[inline(always)]
    fn write_known(
        &self,
        out: &mut Output<'_>,
        known: &KnownKeys,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Option<Left> {
        known_fields(out, self.0, known, limits, stack)
    }

    #[cold]
    #[inline(never)]
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome> {
        let (fields, limits) = (self.0, frame.limits);
        if limits.max_depth == 0 {
            return Err(too_large(JsonError { at: 0, kind: JsonErrorKind::Depth(0) }));
        }
        out.lend(|out| {
            let slot = Slot::of_fields(fields);
            let mut object = ObjectWriter::begin(out, left, slot, frame, scratch);
            for field in fields.iter().skip(left.map_or(0, |left| left.keys)) {
                let start = out.len();
                let key = field.key().map_err(|error| explained(error, field, fields))?;
                let name = write_name(out, key, limits)?;
                let action = if object.is_special(name) {
                    Some(out.lend(|out| object.action(out, start, name, scratch)))
                } else {
                    object.add(out, start, name, scratch);
                    None
                };
                let value = out.len();
                write_value(out, field, fields, limits, &mut scratch.stack)?;
                if let Some(action) = action {
                    out.lend(|out| object.end_special(out, action, (start, value), scratch));
                }
                object.check(out).map_err(too_large)?;
            }
            object.finish(out, slot, frame, scratch).map_err(too_large)
        })
    }
}
