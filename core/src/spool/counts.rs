//! What the spool answers beside records: refusals and numbers.

use super::record::Place;

/// Why a chunk was not written; it stays the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The disk does not take anything for the time being; see [`super::Spool::off_until`].
    Off,
    /// Live processes fill what the option allows, and nothing here may be given up for it.
    Full,
    /// Longer than a segment.
    TooLarge,
}

/// Records whose way to the disk failed: a power failure may take them. They are read back as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unsynced {
    pub(super) first: Place,
    pub(super) last: Place,
}

impl Unsynced {
    /// Whether the record at `place` is one of them. One that is still in memory is best appended once more and the
    /// first one settled.
    pub(crate) fn covers(&self, place: Place) -> bool {
        (self.first..=self.last).contains(&place)
    }
}

/// What became of events since the last time, for the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Events of dead instances that are held from now on.
    pub(crate) adopted_events: u64,
    /// Events held before that are gone for want of room; those in records that are handed out are not among them.
    pub(crate) evicted_events: u64,
    /// Events held before that cannot be read.
    pub(crate) unreadable_events: u64,
    /// Events held before in directories that were taken away, or whose descriptors the program closed: they are sent by
    /// whoever finds them.
    pub(crate) abandoned_events: u64,
    /// Bytes that ends of processes left half-written: nobody was told that they are there.
    pub(crate) torn_bytes: u64,
    /// Whole records that dead instances left and that could not be read; their events are held by nobody, nor known.
    pub(crate) lost_records: u64,
    /// Bytes in segments of dead instances that were no records.
    pub(crate) lost_bytes: u64,
    /// Segments that were set aside because nothing in them could be read.
    pub(crate) bad_segments: u64,
}

/// What one look for dead instances found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Adopted {
    pub(crate) instances: u64,
    pub(crate) events: u64,
    /// There is more to read: call again soon. Otherwise in a few seconds.
    pub(crate) is_more: bool,
}

/// What the spool holds now, its own and what it adopted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// Not settled, handed out or not.
    pub(crate) events: u64,
    /// Of the bodies of these records.
    pub(crate) bytes: u64,
    /// Of these, records not handed out.
    pub(crate) waiting_own: u64,
    pub(crate) waiting_adopted: u64,
    /// Bytes of the files.
    pub(crate) file_bytes: u64,
    pub(crate) segments: u64,
    /// Dead instances that are being drained.
    pub(crate) adopted_instances: u64,
}
