//! What a collector does not take: bytes that are no message, and more of them than it has room for.
//!
//! Said by all readers of this folder, in sentences that reach the log.

/// Bytes of a message, as sent and decompressed. Clients of the protocols send a few MiB at most;
/// Fluentd's default buffer chunk is 8 MiB.
pub(crate) const MAX_MESSAGE: usize = 64 << 20;
/// The smallest entry takes three bytes on the wire and forty here; 64 MiB of them would be a gigabyte.
pub(crate) const MAX_ENTRIES: usize = 2_000_000;

/// Bytes that are not what the protocol asks for, with a sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(String);

impl Malformed {
    pub(crate) fn new(sentence: impl Into<String>) -> Malformed {
        Malformed(sentence.into())
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}
