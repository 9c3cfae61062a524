//! What crosses the wire, without the wire: bytes on one side, chunks of records on the other.
//!
//! The server's connections feed it what they read and write what it gives. Everything here takes
//! untrusted bytes: the answer is a value or a sentence, with bounded memory. Nothing here waits, opens
//! or logs.

pub(crate) mod budget;
pub(crate) mod chunk;
pub(crate) mod compact;
pub(crate) mod forward;
pub(crate) mod gzip;
pub(crate) mod hex;
pub(crate) mod hidden;
pub(crate) mod http;
pub(crate) mod levels;
pub(crate) mod malformed;
pub(crate) mod msgpack;
pub(crate) mod otlp;
pub(crate) mod quote;
pub(crate) mod record;
pub(crate) mod scalar;
#[cfg(feature = "faults")]
pub(crate) mod shape;
pub(crate) mod view;
