//! The encoder as the fuzzer in `tests/fuzz` drives it: its entries, and the choice of a way through strings.
//!
//! Only with the feature `fuzz`, which nothing that is shipped asks for.

use crate::encode::chosen;

pub use crate::diag::error::{Error, Result, Status};
pub use crate::encode::FieldText;
pub use crate::encode::filter::FieldRules;
pub use crate::encode::{
    Batch, BatchEvent, Field, FieldValue, Limits, Outcome, Scratch, Timestamp, fields_message, json_message,
    json_object,
};

/// The names of the ways that this machine has, the portable one first.
pub fn ways() -> Vec<&'static str> {
    chosen::names()
}

/// Makes the calling thread take the way called `name`; choosing costs more than a short message. False where this
/// machine has none of that name.
#[must_use]
pub fn take_way(name: &str) -> bool {
    chosen::choose(name)
}
