//! Entries as log records of OTLP, the protocol of OpenTelemetry: in protobuf by one pass, and in its JSON form.
//!
//! A record is a log record: its message is the body, who and where are attributes, and both of its times are there in
//! nanoseconds. Around the records of a request stands an [`Envelope`], which is the same for all requests of a client.
//! Lengths stand before what they count, so bytes are kept free for them and filled in later: two for each, which is
//! enough for 16 KiB, and what is longer is moved. Readers of protobuf take a length in more bytes than it needs. What
//! cannot be read back leaves the output as it was.

mod envelope;
mod json;
mod pair;
mod record;
#[cfg(test)]
mod tests;
mod time;
mod value;
mod wire;

pub(crate) use envelope::{Envelope, Form};
