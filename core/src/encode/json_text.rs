//! The message of an event from JSON text.

use crate::diag::error::{Error, Result};
use crate::encode::fast::json::known_fields;
use crate::encode::json::{self, Around, Bounds, JsonError, JsonErrorKind, Lexer, Stack};
use crate::encode::key_cache::{KnownKeys, Left, Slot};
use crate::encode::limits::Limits;
use crate::encode::message::{Frame, Message, Outcome, check_size};
use crate::encode::object::ObjectWriter;
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

/// The text of one JSON object.
pub(crate) struct JsonText<'a> {
    /// What errors call it.
    pub(super) label: &'static str,
    pub(super) json: &'a [u8],
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
    fn refused(&self, error: JsonError) -> Error {
        match check_text(self.label, self.json) {
            Ok(_) => error.explain(self.label, self.json),
            Err(error) => error,
        }
    }
}

impl Message for JsonText<'_> {
    #[inline(always)]
    fn slot(&self) -> Option<Slot> {
        Some(Slot::of_json(self.json))
    }

    #[inline(always)]
    fn write_known(
        &self,
        out: &mut Output<'_>,
        known: &KnownKeys,
        limits: &Limits,
        stack: &mut Stack,
    ) -> Option<Left> {
        known_fields(out, self.json, known, limits, stack)
    }

    #[inline(always)]
    fn write_any(
        &self,
        out: &mut Output<'_>,
        left: Option<Left>,
        frame: Frame<'_>,
        scratch: &mut Scratch,
    ) -> Result<Outcome> {
        check_size(self.label, self.json.len(), frame.limits)?;
        any_fields(out, left, self.json, frame, scratch).map_err(|error| self.refused(error))
    }
}

/// Appends the object from where it was left on.
#[cold]
#[inline(never)]
fn any_fields(
    out: &mut Output<'_>,
    left: Option<Left>,
    json: &[u8],
    frame: Frame<'_>,
    scratch: &mut Scratch,
) -> std::result::Result<Outcome, JsonError> {
    out.lend(|out| {
        let slot = Slot::of_json(json);
        let lexer = &mut Lexer::new(json).from(left.map_or(0, |left| left.at));
        let bounds = Bounds::of_field(frame.limits);
        if left.is_none() {
            lexer.require(b'{', "an object")?;
            if frame.limits.max_depth == 0 {
                return Err(JsonError { at: lexer.at() - 1, kind: JsonErrorKind::Depth(0) });
            }
        }
        let mut object = ObjectWriter::begin(out, left, slot, frame, scratch);
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
                    let at =
                        json::value_apart(*lexer, out, &mut Around { stack: &mut scratch.stack, bounds })?;
                    object.end_special(out, action, (start, value), scratch);
                    Ok(at)
                })?;
                lexer.go_to(at);
            } else {
                object.add(out, start, name, scratch);
                json::value(lexer, out, &mut Around { stack: &mut scratch.stack, bounds })?;
            }
            has_more = json::has_more(lexer)?;
        }
        lexer.end()?;
        out.lend(|out| object.finish(out, slot, frame, scratch))
    })
}

pub(crate) fn check_text<'a>(label: &str, bytes: &'a [u8]) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        JsonError { at: error.valid_up_to(), kind: JsonErrorKind::Utf8 }.explain(label, bytes)
    })
}
