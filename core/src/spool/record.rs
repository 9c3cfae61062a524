//! A chunk on its way into the spool and out of it, and where it lies there.

use crate::encode::Buffer;

/// A chunk to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored<'a> {
    /// Its id, the 128 bits that are base64 on the wire.
    pub(crate) id: [u8; 16],
    /// The body is one gzip member of the entries.
    pub(crate) is_gzip: bool,
    pub(crate) events: u32,
    pub(crate) body: &'a [u8],
}

/// A chunk that was read, as it was written.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) place: Place,
    pub(crate) id: [u8; 16],
    pub(crate) is_gzip: bool,
    pub(crate) events: u32,
    pub(crate) body: Buffer,
}

/// Gives empty buffers for as many bytes as it is asked for.
pub(crate) type Memory = dyn Fn(usize) -> Buffer + Send;

/// Where a record lies. Later ones of an instance are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Which of the instances that this spool owns or owned, counted from 0.
    pub(super) instance: u32,
    pub(super) segment: u32,
    pub(super) offset: u32,
}
