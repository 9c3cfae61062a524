//! Events become records: filtered and encoded to msgpack in one pass, on the calling thread.
//!
//! A context calls this module with JSON text or typed fields and the buffer of its thread; the buffer and
//! the sender walk the entries with [`msgpack::value_len`], and transports that speak JSON read them back
//! with [`to_json`]. Everything is appended to a caller's `Vec<u8>`, which is exactly as before after a
//! failure. Working memory is the caller's [`Scratch`], so the steady state allocates nothing.

#![allow(unreachable_pub, reason = "the fuzzer sees what is public here, through `crate::fuzz`")]

mod alone;
mod arc_class;
mod batch;
mod buffer;
mod fast;
mod field;
mod field_writer;
mod fields;
pub(crate) mod filter;
mod float32;
pub(crate) mod full_id;
mod json;
mod json_text;
mod key_cache;
mod keys;
mod limits;
mod message;
pub(crate) mod moment;
pub mod msgpack;
mod name;
mod object;
mod output;
mod own_message;
mod prefix;
pub mod record;
#[cfg(test)]
mod tests;
mod timestamp;
pub mod to_json;
#[cfg(feature = "http")]
pub(crate) mod to_otlp;
mod workspace;

pub use alone::{fields_message, json_message, json_object};
pub use arc_class::ArcClass;
pub use batch::{Batch, BatchEvent};
pub(crate) use buffer::{Buffer, MOST_SMALL};
pub(crate) use fast::{write_precise_record, write_record};
pub use field::{AsField, Field, FieldValue, QuickValue};
pub(crate) use fields::FieldList;
#[cfg(feature = "fuzz")]
pub(crate) use json::chosen;
pub(crate) use json_text::JsonText;
pub use key_cache::{Key, KeyMatch};
pub use limits::Limits;
pub use message::Outcome;
pub(crate) use message::{Frame, Message};
pub use name::FieldText;
pub(crate) use output::Output;
pub(crate) use own_message::{OwnMessage, merge_globals};
pub use record::{RecordPrefix, Shape};
pub use timestamp::Timestamp;
pub use workspace::Scratch;
pub(crate) use workspace::Workspace;
