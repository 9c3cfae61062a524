//! Events become records: filtered and encoded to msgpack in one pass, on the calling thread.
//!
//! A context calls this module with JSON text or typed fields and the buffer of its thread; the buffer and
//! the sender walk the entries with [`msgpack::value_len`], and transports that speak JSON read them back
//! with [`to_json`]. Everything is appended to a caller's `Vec<u8>`, which is exactly as before after a
//! failure. Working memory is the caller's [`Scratch`], so the steady state allocates nothing.

mod batch;
mod field;
mod fields;
mod json;
mod json_text;
mod keys;
mod message;
pub mod msgpack;
mod object;
mod output;
mod own_message;
mod pen;
pub mod record;
mod shape;
#[cfg(test)]
mod tests;
mod timestamp;
pub mod to_json;
#[cfg(any(test, feature = "fuzz"))]
mod twin;
mod workspace;

pub use batch::{Batch, BatchEvent};
pub use field::{AsField, Field, Look, Value};
pub(crate) use fields::FieldList;
pub use fields::fields_message;
#[cfg(feature = "fuzz")]
pub(crate) use json::chosen;
pub(crate) use json_text::JsonText;
pub use json_text::{json_message, json_object};
pub(crate) use message::{Frame, Message};
pub use message::{Limits, Outcome, Scratch};
pub(crate) use output::Output;
pub(crate) use own_message::OwnMessage;
pub(crate) use pen::Pen;
pub(crate) use record::merge_globals;
pub use record::{ArcClass, RecordHead};
pub use shape::{Key, Match};
pub use timestamp::Timestamp;
pub(crate) use workspace::Workspace;
