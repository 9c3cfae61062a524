//! The records of a request, one after the other, within the memory that it may take.

use super::record::{self, Any, LogRecord};
use crate::proto::budget::Share;
use crate::proto::chunk::Entry;
use crate::proto::malformed::{MAX_ENTRIES, Malformed};

/// Records that are being read.
pub(super) struct Records<'s> {
    body: Vec<u8>,
    entries: Vec<Entry>,
    share: &'s mut Share,
    now: u64,
}

impl<'s> Records<'s> {
    /// None yet; `now` is in nanoseconds since 1970.
    pub(super) fn new(share: &'s mut Share, now: u64) -> Records<'s> {
        Records { body: Vec::new(), entries: Vec::new(), share, now }
    }

    /// All of them in MessagePack, and where each is.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<Entry>) {
        (self.body, self.entries)
    }

    /// Adds the record that was sent in so many bytes.
    pub(super) fn add<V: Any>(&mut self, record: &LogRecord<'_, V>, bytes: usize) -> Result<(), Malformed> {
        if self.entries.len() == MAX_ENTRIES {
            return Err(Malformed::too_large(format!(
                "body: found more than {MAX_ENTRIES} records, expected no more"
            )));
        }
        // No value is longer in MessagePack than it was.
        self.share.reserve(&mut self.body, bytes + record::BESIDE)?;
        self.share.reserve(&mut self.entries, 1)?;
        let start = self.body.len();
        record.append(&mut self.body, self.now)?;
        self.entries.push(Entry { time: record.time(self.now), range: start..self.body.len() });
        Ok(())
    }
}
