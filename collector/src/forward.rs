//! The Fluent Forward protocol, from bytes to chunks of records.
//!
//! A connection feeds what it reads to [`frame::Frames`], which cuts the stream into messages;
//! [`message`] makes a chunk of one; [`value`] turns a record into JSON; [`handshake`] comes before all
//! of it where a shared key is asked for. Everything here takes untrusted bytes: the answer is a value
//! or a sentence, with bounded memory.

pub mod answer;
pub mod frame;
pub mod handshake;
pub mod message;
pub mod msgpack;
pub mod option;
pub mod value;
