//! One message alone, appended to a `Vec`: how events outside a context are checked, and globals are made.
//!
//! In tests and under the fuzzer every message that comes here goes the fast path too and must come out the same.

use crate::diag::error::Result;
#[cfg(any(test, feature = "fuzz"))]
use crate::encode::fast::Differential;
use crate::encode::field::AsField;
use crate::encode::fields::FieldList;
use crate::encode::filter::FieldRules;
use crate::encode::json_text::JsonText;
use crate::encode::limits::Limits;
use crate::encode::message::{Frame, Message, Outcome};
use crate::encode::output::Output;
use crate::encode::workspace::Scratch;

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

/// Appends the message made of these fields, under the rules of [`json_message`](super::json_message).
///
/// # Errors
/// The first error among `fields`; `Status::Json` for the text of a JSON field; `Status::Limit`. The output
/// is then unchanged.
#[inline(never)]
pub fn fields_message(
    out: &mut Vec<u8>,
    fields: &[impl AsField],
    rules: &FieldRules,
    limits: &Limits,
    invalid_timestamp: Option<&[u8]>,
    scratch: &mut Scratch,
) -> Result<Outcome> {
    let frame = Frame { rules: Some(rules), limits, invalid_timestamp };
    appended(out, &FieldList(fields), frame, scratch)
}

/// Appends a message to a `Vec`, which is as before when it fails.
fn appended(
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
