//! The counters, as a struct that grows at its end, and as text.

use std::ffi::c_char;
use std::mem::{offset_of, size_of};
use std::time::Duration;

use mona_core::Stats;
use mona_core::error::{Error, Result, Status};

use crate::client::mona_client;
use crate::guard::guard;
use crate::handle::{borrow, is_null, misaligned};
use crate::status::mona_status;
use crate::text::{LARGEST, Output};

/// What a client counted since it was made.
///
/// At every moment: accepted = delivered + all dropped_* + queued_events + spooled_events. An export that
/// answers an error counts as refused and was not accepted, with two exceptions: MONA_E_DROPPED counts as
/// accepted and dropped and not as refused; MONA_E_TIMEOUT with the option `blocking` counts as both, for
/// its event goes on being sent. Later versions add counters at the end.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct mona_stats {
    /// To be set to sizeof(mona_stats) before the call; stays as it is.
    pub size: usize,
    /// Events taken from the program, records of classes and globals included.
    pub accepted: u64,
    /// Events that the collector has, as far as the protocol can tell.
    pub delivered: u64,
    /// Exports skipped because the client was disabled.
    pub skipped_disabled: u64,
    /// Exports skipped because nothing was left after removing reserved, dropped and null fields.
    pub skipped_filtered: u64,
    /// Exports skipped because their context was not in the sample.
    pub skipped_sampled: u64,
    /// Events lost because the queue was full.
    pub dropped_queue_full: u64,
    /// Events lost because the collector takes none of their size.
    pub dropped_too_big: u64,
    /// Events lost because the collector refused them.
    pub dropped_rejected: u64,
    /// Events lost by the spool: over its quota, or unreadable.
    pub dropped_spool: u64,
    /// Accepted events that a close or exit gave up on.
    pub dropped_closed: u64,
    /// Events in memory now.
    pub queued_events: u64,
    /// Bytes in memory now, chunks on their way included.
    pub queued_bytes: u64,
    /// Events in the spool now.
    pub spooled_events: u64,
    /// Bytes in the spool now.
    pub spooled_bytes: u64,
    /// Chunks sent, repetitions included.
    pub chunks_sent: u64,
    /// Chunks that the collector acknowledged.
    pub chunks_acked: u64,
    /// Chunks sent again after a failure.
    pub chunks_resent: u64,
    /// Connections made.
    pub connections: u64,
    /// Connections that could not be made.
    pub connect_failures: u64,
    /// Changes of the configuration file that took effect.
    pub config_reloads: u64,
    /// Times a thread of the library failed and was started again.
    pub worker_panics: u64,
    /// Exports that answered an error other than MONA_E_DROPPED, events of a batch one by one; outside the
    /// sum above. The log says why.
    pub refused: u64,
    /// Events of processes that are gone, which this client found in the spool and answers for: part of
    /// `accepted`.
    pub adopted_events: u64,
}

/// Far longer than other threads hold the counters, unless a signal handler never lets one of them go on.
const MOST_WAIT: Duration = Duration::from_secs(1);

/// What the first version had: every program has at least these bytes.
const SMALLEST: usize = offset_of!(mona_stats, refused);

/// The caller's struct, of the size that the caller's header knew.
pub(crate) struct StatsOut {
    at: *mut mona_stats,
    size: usize,
}

impl StatsOut {
    /// # Safety
    ///
    /// `at` is NULL or has a readable `size`, and is writable for as many bytes as that says, until
    /// [`StatsOut::put`].
    pub(crate) unsafe fn new(at: *mut mona_stats) -> Result<StatsOut> {
        if at.is_null() {
            return Err(is_null("stats", "a struct with its size set"));
        }
        if !at.is_aligned() {
            return Err(misaligned("stats"));
        }
        // SAFETY: as the caller promises; `size` comes first, so this is its address.
        let size = unsafe { at.cast::<usize>().read() };
        if !(SMALLEST..=LARGEST).contains(&size) {
            let detail = format!("stats size: {size}, sizeof(mona_stats), at least {SMALLEST}, is expected");
            return Err(Error::new(Status::Argument, detail));
        }
        Ok(StatsOut { at, size })
    }

    /// Writes the counters. A caller with an older header gets as many bytes as it knows of, one with a newer one keeps
    /// what it had in those unknown here.
    pub(crate) fn put(&self, stats: &Stats) {
        let counters = mona_stats {
            size: self.size,
            accepted: stats.accepted,
            delivered: stats.delivered,
            skipped_disabled: stats.skipped_disabled,
            skipped_filtered: stats.skipped_filtered,
            skipped_sampled: stats.skipped_sampled,
            dropped_queue_full: stats.dropped_queue_full,
            dropped_too_big: stats.dropped_too_big,
            dropped_rejected: stats.dropped_rejected,
            dropped_spool: stats.dropped_spool,
            dropped_closed: stats.dropped_closed,
            queued_events: stats.queued_events,
            queued_bytes: stats.queued_bytes,
            spooled_events: stats.spooled_events,
            spooled_bytes: stats.spooled_bytes,
            chunks_sent: stats.chunks_sent,
            chunks_acked: stats.chunks_acked,
            chunks_resent: stats.chunks_resent,
            connections: stats.connections,
            connect_failures: stats.connect_failures,
            config_reloads: stats.config_reloads,
            worker_panics: stats.worker_panics,
            refused: stats.refused,
            adopted_events: stats.adopted_events,
        };
        let known = self.size.min(size_of::<mona_stats>());
        let from = std::ptr::from_ref(&counters).cast::<u8>();
        // SAFETY: not more bytes than the struct has, and not more than the caller has, as `new` asks for.
        unsafe { self.at.cast::<u8>().copy_from_nonoverlapping(from, known) };
    }
}

/// Gives the counters of a client.
///
/// @param client  The client. Not NULL.
/// @param stats   Gets the counters; its `size` must be set to sizeof(mona_stats). Not NULL.
/// @return MONA_OK; MONA_E_ARGUMENT: also when `size` is smaller than that of the first version;
///         MONA_E_BUSY: another thread stands still in the middle of a call.
///
/// Threads: any, at the same time too; the counters are those of one moment.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_stats(
    client: *const mona_client,
    stats: *mut mona_stats,
) -> mona_status {
    guard("mona_client_stats", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for a struct that has its size in its first field.
        let place = unsafe { StatsOut::new(stats) }?;
        place.put(&client.stats_within(MOST_WAIT)?);
        Ok(())
    })
}

/// Gives the counters of a client as one JSON object, for logs: the names of mona_stats without its `size`.
///
/// @param client  The client. Not NULL.
/// @param buf     Where the text goes, ended by NUL; NULL with a `cap` of 0 asks for its length only.
/// @param cap     Bytes in `buf`.
/// @param len     Gets the whole length in bytes, without the NUL. Not NULL.
/// @return MONA_OK; MONA_E_TRUNCATED: `buf` has the beginning; MONA_E_BUSY: as mona_client_stats();
///         MONA_E_ARGUMENT.
///
/// Threads: any, at the same time too; the counters are those of one moment.   Since 0.1.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mona_client_stats_text(
    client: *const mona_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> mona_status {
    guard("mona_client_stats_text", || {
        // SAFETY: the header asks for a client that is not freed yet.
        let client = unsafe { borrow(client, "client") }?;
        // SAFETY: the header asks for `cap` writable bytes and a place for the length.
        let output = unsafe { Output::new(buf, cap, len) }?;
        output.write(&client.stats_within(MOST_WAIT)?.to_json())
    })
}
