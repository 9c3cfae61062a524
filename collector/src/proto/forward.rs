//! The Fluent Forward protocol, from bytes to chunks of records.
//!
//! A connection feeds what it reads to [`frame::Frames`], which cuts the stream into messages;
//! [`message`] makes a chunk of one; [`json`] turns a record into JSON; [`handshake`] comes before all
//! of it where a shared key is asked for, and [`ack`] behind it.

pub(crate) mod ack;
pub(crate) mod frame;
pub(crate) mod handshake;
pub(crate) mod json;
pub(crate) mod message;
mod options;
pub(crate) mod text;
