//! What can be wrong with a JSON text, and the sentence that says so.
//!
//! The parser carries this small value instead of an error with text, so that the common path stays
//! cheap; it becomes a sentence once, at the edge of the module.

use crate::diag::error::{Error, Status};

/// Something wrong at a byte of a JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// The byte where it was found, counted from 0.
    pub(crate) at: usize,
    pub(crate) kind: JsonErrorKind,
}

/// What was found, or what was expected instead of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonErrorKind {
    /// Anything but what this text names.
    Expected(&'static str),
    /// A character below 0x20 inside a string.
    Control,
    /// An unknown escape.
    Escape,
    /// Half of a surrogate pair.
    Surrogate,
    /// A string that is not UTF-8.
    Utf8,
    /// An integer beyond 64 bits.
    Integer,
    /// A decimal beyond the largest float 64.
    Float,
    /// More open containers than this.
    Depth(usize),
    /// More bytes than this.
    Size(usize),
}

impl JsonError {
    /// The error for a caller, about the text called `label`.
    #[cold]
    pub(crate) fn explain(self, label: &str, text: &[u8]) -> Error {
        let at = self.at;
        match self.kind {
            JsonErrorKind::Expected(expected) => Error::new(
                Status::Json,
                format!("{label}: unexpected {} at byte {at}, {expected} is expected", found(text, at)),
            ),
            JsonErrorKind::Control => Error::new(
                Status::Json,
                format!(
                    "{label}: control character 0x{:02x} in a string at byte {at}, an escape such as \\n or \\u0000 is expected",
                    text.get(at).copied().unwrap_or_default()
                ),
            ),
            JsonErrorKind::Escape => Error::new(
                Status::Json,
                format!(
                    "{label}: unknown escape at byte {at}, one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX is expected"
                ),
            ),
            JsonErrorKind::Surrogate => Error::new(
                Status::Json,
                format!(
                    "{label}: half of a surrogate pair at byte {at}, a pair or another character is expected"
                ),
            ),
            JsonErrorKind::Utf8 => {
                let byte = text.get(at).copied().unwrap_or_default();
                Error::new(
                    Status::Utf8,
                    format!("{label}: byte 0x{byte:02x} at byte {at}, UTF-8 is expected"),
                )
            }
            JsonErrorKind::Integer => Error::new(
                Status::Json,
                format!(
                    "{label}: integer out of range at byte {at}, a whole number from {} to {} is expected",
                    i64::MIN,
                    u64::MAX
                ),
            ),
            JsonErrorKind::Float => Error::new(
                Status::Json,
                format!("{label}: number too large at byte {at}, at most {:e} is expected", f64::MAX),
            ),
            JsonErrorKind::Depth(most) => Error::new(
                Status::Limit,
                format!(
                    "{label}: one level too deep at byte {at}, at most {most} nested levels are expected"
                ),
            ),
            JsonErrorKind::Size(most) => {
                Error::new(Status::Limit, format!("{label}: {at} bytes, at most {most} bytes are expected"))
            }
        }
    }
}

fn found(text: &[u8], at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    let first = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    match first {
        None => "end of text".to_owned(),
        Some(c) if c.is_control() => format!("character 0x{:02x}", u32::from(c)),
        Some(c) => format!("\"{c}\""),
    }
}
