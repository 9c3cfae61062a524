//! What the directories of every system say of themselves and of what is in them.

use std::time::SystemTime;

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    Read,
    /// To read it and to write it anywhere; made where there is none.
    Change,
    /// To read it and to append to it; an error where there is one.
    New,
}

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) is_file: bool,
    pub(crate) len: u64,
    /// Device and inode; on Windows volume and number.
    pub(crate) identity: (u64, u64),
    pub(crate) modified: SystemTime,
}

/// Whose a directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    windows,
    allow(
        dead_code,
        reason = "access lists are not read: who may write is whoever the folder around it lets"
    )
)]
pub(crate) enum Ownership {
    Private,
    Foreign,
    WritableByOthers,
}
