//! What a collector does not take: bytes that are no message, and more of them than it has room for.
//!
//! Said by all readers of this folder, in sentences that reach the log.

/// Bytes of a message, as sent and decompressed. Clients of the protocols send a few MiB at most;
/// Fluentd's default buffer chunk is 8 MiB.
pub(crate) const MAX_MESSAGE: usize = 64 << 20;
/// The smallest entry takes three bytes on the wire and forty here. A chunk of 8 MiB of records that say
/// something has 100,000.
pub(crate) const MAX_ENTRIES: usize = 250_000;

/// Bytes of a name that goes with every record of a message: each keeper holds it, and no budget counts it there.
/// Tags and user ids have a few dozen.
const MAX_NAME: usize = 1 << 10;

/// Bytes that are not what the protocol asks for, with a sentence that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    sentence: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wrong,
    TooLarge,
    Busy,
}

impl Malformed {
    pub(crate) fn new(sentence: impl Into<String>) -> Malformed {
        Malformed { sentence: sentence.into(), kind: Kind::Wrong }
    }

    /// In smaller pieces it could be taken.
    pub(crate) fn too_large(sentence: impl Into<String>) -> Malformed {
        Malformed { sentence: sentence.into(), kind: Kind::TooLarge }
    }

    /// At another time it could be taken.
    pub(crate) fn busy(sentence: impl Into<String>) -> Malformed {
        Malformed { sentence: sentence.into(), kind: Kind::Busy }
    }

    pub(crate) fn is_too_large(&self) -> bool {
        self.kind == Kind::TooLarge
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.kind == Kind::Busy
    }
}

/// Refuses a tag or a user id that is too long to go with every record.
pub(crate) fn check_name(what: &str, bytes: usize) -> Result<(), Malformed> {
    match bytes {
        0..=MAX_NAME => Ok(()),
        _ => Err(Malformed::new(format!("{what}: found {bytes} bytes, expected at most {MAX_NAME}"))),
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Malformed {}
