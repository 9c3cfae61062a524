//! The counters of a client.

use std::sync::atomic::{AtomicU64, Ordering};

use super::trouble::Trouble;

/// Events and connections of a client since it was made in this process.
///
/// At every moment `accepted` is the sum of `delivered`, every `dropped_*`, `queued_events` and
/// `spooled_events`. All counts are of events unless the name says otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Taken by an export call, records of classes and globals included.
    pub accepted: u64,
    /// Taken by the collector: acknowledged, or written where the endpoint gives no acks.
    pub delivered: u64,
    /// Calls that sent nothing because the client was disabled.
    pub skipped_disabled: u64,
    /// Events of which the filters left nothing.
    pub skipped_filtered: u64,
    /// Events of contexts that sampling left out.
    pub skipped_sampled: u64,
    /// Lost because the queue was full.
    pub dropped_queue_full: u64,
    /// Lost because no transport can carry an event of that size.
    pub dropped_too_big: u64,
    /// Lost because the collector refused them.
    pub dropped_rejected: u64,
    /// Lost from the spool.
    pub dropped_spool: u64,
    /// Accepted events that a close or an exit gave up on.
    pub dropped_closed: u64,
    /// Held in memory now, chunks in flight included.
    pub queued_events: u64,
    /// Bytes of the events held in memory now.
    pub queued_bytes: u64,
    /// Held in the spool now.
    pub spooled_events: u64,
    /// Bytes of the events held in the spool now.
    pub spooled_bytes: u64,
    /// Chunks written to a collector, repetitions included.
    pub chunks_sent: u64,
    /// Chunks that the collector acknowledged.
    pub chunks_acked: u64,
    /// Chunks written again after a failure.
    pub chunks_resent: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Connections that could not be opened.
    pub connect_failures: u64,
    /// Times that a changed config file took effect.
    pub config_reloads: u64,
    /// Panics contained on the library's own threads.
    pub worker_panics: u64,
    /// Exports that were answered with an error other than [`Status::Dropped`](super::error::Status::Dropped): outside
    /// the sum. Events of a batch count one by one.
    pub refused: u64,
    /// Events of a process that is gone, which this client found in the spool and answers for: part of `accepted`.
    pub adopted_events: u64,
}

impl Stats {
    /// One JSON object with each counter by its name, for logs.
    pub fn to_json(&self) -> String {
        let counters = [
            ("accepted", self.accepted),
            ("delivered", self.delivered),
            ("skipped_disabled", self.skipped_disabled),
            ("skipped_filtered", self.skipped_filtered),
            ("skipped_sampled", self.skipped_sampled),
            ("dropped_queue_full", self.dropped_queue_full),
            ("dropped_too_big", self.dropped_too_big),
            ("dropped_rejected", self.dropped_rejected),
            ("dropped_spool", self.dropped_spool),
            ("dropped_closed", self.dropped_closed),
            ("queued_events", self.queued_events),
            ("queued_bytes", self.queued_bytes),
            ("spooled_events", self.spooled_events),
            ("spooled_bytes", self.spooled_bytes),
            ("chunks_sent", self.chunks_sent),
            ("chunks_acked", self.chunks_acked),
            ("chunks_resent", self.chunks_resent),
            ("connections", self.connections),
            ("connect_failures", self.connect_failures),
            ("config_reloads", self.config_reloads),
            ("worker_panics", self.worker_panics),
            ("refused", self.refused),
            ("adopted_events", self.adopted_events),
        ];
        let members = counters.map(|(name, count)| format!("\"{name}\":{count}"));
        format!("{{{}}}", members.join(","))
    }
}

/// The counters that are not part of the ledger of events.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) skipped_filtered: AtomicU64,
    pub(crate) skipped_sampled: AtomicU64,
    pub(crate) chunks_sent: AtomicU64,
    pub(crate) chunks_acked: AtomicU64,
    pub(crate) chunks_resent: AtomicU64,
    pub(crate) connections: AtomicU64,
    pub(crate) connect_failures: AtomicU64,
    pub(crate) config_reloads: AtomicU64,
    pub(crate) worker_panics: AtomicU64,
    pub(crate) refused: AtomicU64,
    /// No number, and kept beside them as it is told of the same and to the same.
    pub(crate) trouble: Trouble,
}

/// Counts one more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Counts some more.
pub(crate) fn count_more(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}

/// What was counted so far.
pub(crate) fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_every_counter_by_its_name() {
        let mut stats = Stats::default();
        let counters = [
            &mut stats.accepted,
            &mut stats.delivered,
            &mut stats.skipped_disabled,
            &mut stats.skipped_filtered,
            &mut stats.skipped_sampled,
            &mut stats.dropped_queue_full,
            &mut stats.dropped_too_big,
            &mut stats.dropped_rejected,
            &mut stats.dropped_spool,
            &mut stats.dropped_closed,
            &mut stats.queued_events,
            &mut stats.queued_bytes,
            &mut stats.spooled_events,
            &mut stats.spooled_bytes,
            &mut stats.chunks_sent,
            &mut stats.chunks_acked,
            &mut stats.chunks_resent,
            &mut stats.connections,
            &mut stats.connect_failures,
            &mut stats.config_reloads,
            &mut stats.worker_panics,
            &mut stats.refused,
            &mut stats.adopted_events,
        ];
        for (counter, value) in counters.into_iter().zip(1..) {
            *counter = value;
        }
        // The other text of the same, whose names nobody wrote by hand.
        let derived = format!("{stats:?}");
        let members = derived.strip_prefix("Stats { ").unwrap().strip_suffix(" }").unwrap();
        let members: Vec<String> =
            members.split(", ").map(|member| format!("\"{}", member.replace(": ", "\":"))).collect();
        assert_eq!(stats.to_json(), format!("{{{}}}", members.join(",")));
    }
}
