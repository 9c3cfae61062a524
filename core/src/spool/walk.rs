//! Looks at a spool without changing it, for tools.

use std::path::Path;
use std::time::SystemTime;

use crate::diag::error::Result;

/// An instance in a spool.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) uuid: String,
    /// A process has its lock.
    pub(crate) is_alive: bool,
    pub(crate) segments: u64,
    /// Not settled.
    pub(crate) records: u64,
    pub(crate) events: u64,
    /// Of its files.
    pub(crate) bytes: u64,
    /// When the oldest of its segments was written last.
    pub(crate) oldest: Option<SystemTime>,
}

/// What all bytes of an instance are.
#[derive(Debug, Clone)]
pub(crate) struct Verified {
    pub(crate) found: Found,
    /// Records that are settled and still there.
    pub(crate) settled_records: u64,
    /// Damaged places with records behind them.
    pub(crate) damaged: u64,
    pub(crate) damaged_bytes: u64,
    /// Bytes behind the last record of a segment that are none.
    pub(crate) torn_bytes: u64,
    /// Segments of which nothing can be read.
    pub(crate) bad_segments: u64,
}

/// A record that is not settled, with the instance it lies in.
#[derive(Debug, Clone)]
pub(crate) struct WalkedRecord {
    pub(crate) uuid: String,
    pub(crate) segment: u32,
    pub(crate) offset: u32,
    pub(crate) id: [u8; 16],
    pub(crate) is_gzip: bool,
    pub(crate) events: u32,
    pub(crate) body: Vec<u8>,
}

/// The instances below `dir`, the oldest first.
pub(crate) fn list(_dir: &Path) -> Result<Vec<Found>> {
    Ok(Vec::new())
}

/// The same, with every byte read. `progress` is told how many bytes were read so far; `false` from it ends the work.
pub(crate) fn verify(_dir: &Path, _progress: &mut dyn FnMut(u64) -> bool) -> Result<Vec<Verified>> {
    Ok(Vec::new())
}

/// Shows every record that is not settled, the oldest instance first, until `see` answers `false`.
pub(crate) fn records(_dir: &Path, _see: &mut dyn FnMut(WalkedRecord) -> bool) -> Result<()> {
    Ok(())
}
