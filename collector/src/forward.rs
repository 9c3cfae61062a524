//! The Fluent Forward protocol, from bytes to chunks of records.
//!
//! A connection feeds what it reads to [`frame::Frames`], which cuts the stream into messages;
//! [`chunk::Chunk`] gives one message its meaning; [`value`] turns a record into JSON. Everything
//! here takes untrusted bytes: the answer is a value or a sentence, with bounded memory.

pub mod answer;
pub mod chunk;
pub mod frame;
pub mod msgpack;
pub mod option;
pub mod value;
