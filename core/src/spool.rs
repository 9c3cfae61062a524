//! The spool: chunks on disk, for what memory cannot hold and for what outlives the process.
//!
//! It takes finished chunks and gives them back, with the ids and bytes they had; it knows of no queue, no sender and no
//! transport. Only threads of the library call it, never one that exports: every call may wait for the disk.
//!
//! # Constraints
//!
//! - Many processes share one directory, on a disk that fills up, goes read-only or loses power.
//! - Nothing found there is believed: whatever the bytes, reading ends, takes memory for one record and a block of
//!   64 KiB, work linear in the size, and hands out only what was written. What was lost is counted.
//! - Nothing is opened by a path but the directory of the option itself: all below goes by `openat`, without symbolic
//!   links, under names that are made of numbers. Directories are made with 0700 and files with 0600; a directory that
//!   belongs to somebody else or that others may write to is refused.
//! - What is open lives as long as the client and is closed in a forked child, which begins an instance of its own.
//!
//! # On disk
//!
//! ```text
//! <spool_dir>/v1/<uuid>/lock                    locked (flock) as long as the instance lives
//! <spool_dir>/v1/<uuid>/0000000000000001.seg    a segment: a header and records, at most 4 MiB
//! <spool_dir>/v1/<uuid>/0000000000000001.ack    which of its records are settled
//! <spool_dir>/v1/bad/<uuid>-0000000000000001    a segment that could not be read, set aside
//! ```
//!
//! Segments are numbered from 1. Only the last one is written, by appending. All numbers are little-endian; every
//! checksum is a CRC32C.
//!
//! | segment header, 32 bytes | |
//! |---|---|
//! | 0 | magic `MONASPL1` |
//! | 8 | uuid of the instance, 16 bytes |
//! | 24 | number of the segment, u32 |
//! | 28 | checksum of the 28 bytes before, the *seed* of the segment |
//!
//! | record header, 48 bytes, then the payload | |
//! |---|---|
//! | 0 | magic `MREC` |
//! | 4 | type, u8: 1 is a chunk |
//! | 5 | flags, u8: 1 is gzip |
//! | 6 | length of this header, u16 |
//! | 8 | length of the payload, u32 |
//! | 12 | events, u32 |
//! | 16 | sequence of its first event in the instance, u64 |
//! | 24 | id of the chunk, 16 bytes |
//! | 40 | checksum of the payload |
//! | 44 | checksum of the 44 bytes before, begun with seed and offset: a record counts only where it was written |
//!
//! | entry of `.ack`, 16 bytes | |
//! |---|---|
//! | 0 | offset of the record, u32 |
//! | 4 | checksum of the record's header |
//! | 8 | its events, u32 |
//! | 12 | checksum of the 12 bytes before, begun with the seed |
//!
//! # What survives what
//!
//! The end of the process, however it comes, takes nothing that [`Spool::append`] answered for. A power failure takes
//! what was not synced: with `chunk` nothing that was answered for, with `interval` about a second, with `none` what the
//! system had not written. Acks are never synced: to lose one means that a chunk is delivered once more, with the same id
//! and bytes. The seed of a segment follows from its place, so that one with a damaged header can still be read.

mod acks;
mod adopting;
mod counts;
mod cursor;
mod disk;
mod format;
mod home;
mod instance;
mod lock;
mod names;
mod outage;
mod own;
mod quota;
mod reading;
mod record;
mod recovery;
mod room;
mod scan;
mod store;
mod syncing;
mod telling;
mod unread;
mod walk;

pub(crate) use counts::{Adopted, Changes, Held, Refused, Unsynced};
pub(crate) use record::{Place, Record, Stored};
pub(crate) use store::{Config, Spool};
pub(crate) use syncing::Syncing;
pub(crate) use walk::{Found, WalkedRecord, list, next, verify};

#[cfg(test)]
pub(crate) use disk::{Operation, faults};
#[cfg(test)]
mod tests;
