//! The encoder as the fuzzer in `tests/fuzz` drives it: its entries, and the choice of a way through strings.
//!
//! Only with the feature `fuzz`, which nothing that is shipped asks for.

use crate::event::chosen;

pub use crate::error::{Error, Result, Status};
pub use crate::event::{
    Batch, BatchEvent, Field, Limits, Outcome, Scratch, Timestamp, Value, fields_message, json_message,
    json_object,
};
pub use crate::filter::FieldRules;
pub use crate::name::Text;

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
