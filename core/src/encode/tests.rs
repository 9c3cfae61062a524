//! Tests of messages as a whole: the rules one by one, random texts against another parser, and hostile
//! inputs.

mod hostile;
mod nonfinite;
mod random;
mod rules;

use super::*;
use crate::diag::error::{Error, Result};
use crate::encode::filter::FieldRules;

const LIMITS: Limits = Limits { max_event_bytes: 262_144, max_depth: 512, keeps_nonfinite: false };

/// What stands in the output before each message.
const BEFORE: &[u8] = b"before";

fn cut(out: Vec<u8>, done: bool) -> Option<Vec<u8>> {
    let message = out.strip_prefix(BEFORE).expect("what was there stays");
    assert_eq!(done, !message.is_empty(), "a failed or empty message leaves nothing behind");
    done.then(|| message.to_vec())
}

/// The bytes of a message, `None` when it was filtered.
fn json_with(
    text: &[u8],
    rules: &FieldRules,
    limits: &Limits,
    extra: Option<&[u8]>,
) -> Result<Option<Vec<u8>>> {
    let mut out = BEFORE.to_vec();
    let result = json_message(&mut out, text, rules, limits, extra, &mut Scratch::default());
    let message = cut(out, result == Ok(Outcome::Written));
    result.map(|_| message)
}

fn fields_with(fields: &[Field<'_>], rules: &FieldRules, limits: &Limits) -> Result<Option<Vec<u8>>> {
    let mut out = BEFORE.to_vec();
    let result = fields_message(&mut out, fields, rules, limits, None, &mut Scratch::default());
    let message = cut(out, result == Ok(Outcome::Written));
    result.map(|_| message)
}

fn refused(text: &[u8]) -> Error {
    json_with(text, &FieldRules::default(), &LIMITS, None).expect_err("a text that must be refused")
}

fn to_text(message: &[u8]) -> String {
    let mut out = Vec::new();
    assert_eq!(to_json::append(&mut out, message), Some(message.len()));
    String::from_utf8(out).expect("JSON text is UTF-8")
}
