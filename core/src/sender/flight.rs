//! The chunks that the sender owes to the collector: taken from the queue, not settled yet.

use std::collections::VecDeque;
use std::time::Instant;

use crate::transport::Chunk;

/// Chunks on their way at once: enough to fill a connection while acks travel, few enough that a
/// reconnect repeats little.
const WINDOW: usize = 4;

struct Flying {
    chunk: Chunk,
    /// When it was written to the connection that is open now.
    sent_at: Option<Instant>,
    was_sent: bool,
}

/// Oldest first. What was written to the open connection comes before what was not.
#[derive(Default)]
pub(super) struct Flight {
    chunks: VecDeque<Flying>,
}

impl Flight {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.chunks.len() < WINDOW
    }

    pub(super) fn add(&mut self, chunk: Chunk) {
        self.chunks.push_back(Flying { chunk, sent_at: None, was_sent: false });
    }

    /// The next chunk to write, and whether it was written to an earlier connection.
    pub(super) fn next_unsent(&self) -> Option<(&Chunk, bool)> {
        self.chunks
            .iter()
            .find(|flying| flying.sent_at.is_none())
            .map(|flying| (&flying.chunk, flying.was_sent))
    }

    /// Notes that [`Flight::next_unsent`] was written.
    pub(super) fn mark_sent(&mut self, now: Instant) {
        if let Some(flying) = self.chunks.iter_mut().find(|flying| flying.sent_at.is_none()) {
            flying.sent_at = Some(now);
            flying.was_sent = true;
        }
    }

    /// When the oldest chunk that waits for its ack was written.
    pub(super) fn waiting_since(&self) -> Option<Instant> {
        self.chunks.front().and_then(|flying| flying.sent_at)
    }

    /// The oldest chunk, if it was written and has this id: acks come in the order of the chunks.
    pub(super) fn take_acked(&mut self, id: &[u8]) -> Option<Chunk> {
        let oldest = self.chunks.front()?;
        if oldest.sent_at.is_none() || oldest.chunk.id() != id {
            return None;
        }
        self.chunks.pop_front().map(|flying| flying.chunk)
    }

    /// The chunk that [`Flight::next_unsent`] gave, delivered without an ack.
    pub(super) fn take_delivered(&mut self) -> Option<Chunk> {
        let index = self.chunks.iter().position(|flying| flying.sent_at.is_none())?;
        self.chunks.remove(index).map(|flying| flying.chunk)
    }

    /// The connection is gone: everything is to be written again.
    pub(super) fn forget_connection(&mut self) {
        self.chunks.iter_mut().for_each(|flying| flying.sent_at = None);
    }
}
