//! JSON that people and servers write, and reports: never on the path of an event.
//!
//! One way in and one way out: each way of `serde_json` is a parser or a printer of its own in the library.

use serde_json::{Error, Value};

/// Reads one value and nothing behind it.
///
/// # Errors
/// Where it stops being JSON.
#[inline(never)]
pub(crate) fn read(text: &[u8]) -> Result<Value, Error> {
    serde_json::from_slice(text)
}

/// The text of a value, without white space.
#[inline(never)]
pub(crate) fn text(value: &Value) -> String {
    // Fails for maps without names and for writers that fail; here is neither.
    serde_json::to_string(value).unwrap_or_default()
}
