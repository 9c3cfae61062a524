//! Encoded values back to JSON text, for transports that speak JSON and for hashing values.
//!
//! Compact text, keys in their order. What JSON cannot say is said as near as it goes: NaN and infinities
//! are null, byte strings are text with replacement characters, extension values are null. The same bytes as
//! serde_json would write, but for floats with an exponent, which look as they do in Rust. What cannot be read
//! leaves the output as it was.

pub(super) mod number;
mod record;
#[cfg(test)]
mod tests;
pub(super) mod text;
mod value;

pub use record::record_json;
#[cfg_attr(not(feature = "http"), allow(unused_imports))]
pub(crate) use record::{KnownParts, append_record};
pub use value::append;
pub(crate) use value::{Level, append_with};
