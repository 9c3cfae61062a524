//! What came in, apart from what it says.

/// What the summary shows besides ARCs.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) records: u64,
    pub(crate) chunks: u64,
    /// Chunks whose id had been seen.
    pub(crate) duplicates: u64,
    /// The records in them.
    pub(crate) duplicate_records: u64,
    pub(crate) connections: u64,
    /// Connections closed for a fault.
    pub(crate) faults: u64,
    /// Chunks refused, and requests.
    pub(crate) refused: u64,
    pub(crate) bytes: u64,
    /// Records that could not be written.
    pub(crate) unwritten: u64,
    /// Records of which no ARC is made.
    pub(crate) strangers: u64,
    /// ARCs given out before the end to bound memory.
    pub(crate) early: u64,
    /// ARCs that the store has no more.
    pub(crate) gone: u64,
    /// There was no time to sum up all ARCs of the store.
    pub(crate) unfinished: bool,
}
