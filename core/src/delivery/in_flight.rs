//! The chunks that the sender owes to the collector: taken from the queue, not settled yet.
//!
//! They go out in their order, several at a time, and acks come in that order. A chunk that was the oldest
//! on its upstream each time a connection broke is under suspicion and leaves for [`super::quarantine`].

use std::time::Instant;

use super::upstream::Since;
use crate::transport::Chunk;

/// Chunks on their upstream at once: enough to fill a connection while acks travel, few enough that a
/// reconnect repeats little.
const WINDOW: usize = 4;

/// Losses in a row at the head of the flight that put a chunk under suspicion: fewer would suspect a chunk
/// whenever a collector restarts.
const MOST_REFUSALS: u32 = 3;

struct Flying {
    chunk: Chunk,
    /// When it was written to the connection that is open now.
    sent_at: Option<Instant>,
    was_sent: bool,
    /// Acks of it that did not come in time.
    expiries: u32,
    refusals: u32,
    refused_since: Option<Since>,
}

impl Flying {
    fn new(chunk: Chunk) -> Flying {
        Flying { chunk, sent_at: None, was_sent: false, expiries: 0, refusals: 0, refused_since: None }
    }
}

/// Oldest first. What was written to the open connection comes before what was not.
#[derive(Default)]
pub(super) struct Flight {
    /// Few enough to be moved up.
    chunks: Vec<Flying>,
}

impl Flight {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether one more chunk may be taken, when `others` are held elsewhere.
    pub(super) fn has_room(&self, others: usize) -> bool {
        self.chunks.len() + others < WINDOW
    }

    pub(super) fn add(&mut self, chunk: Chunk) {
        self.chunks.push(Flying::new(chunk));
    }

    /// Puts a chunk before all others.
    pub(super) fn add_first(&mut self, chunk: Chunk) {
        self.chunks.insert(0, Flying { was_sent: true, ..Flying::new(chunk) });
    }

    /// Whether a chunk can be written without going over the window.
    pub(super) fn has_next(&self) -> bool {
        self.next_index().is_some_and(|index| index < WINDOW)
    }

    fn next_index(&self) -> Option<usize> {
        self.chunks.iter().position(|flying| flying.sent_at.is_none())
    }

    /// The next chunk to write, and whether it was written to an earlier connection.
    pub(super) fn next(&mut self) -> Option<(&mut Chunk, bool)> {
        let index = self.next_index()?;
        self.chunks.get_mut(index).map(|flying| (&mut flying.chunk, flying.was_sent))
    }

    /// The chunk to write after the next one, if it is here.
    pub(super) fn after_next(&mut self) -> Option<&mut Chunk> {
        let index = self.next_index()? + 1;
        self.chunks.get_mut(index).map(|flying| &mut flying.chunk)
    }

    /// Notes that [`Flight::next`] was written.
    pub(super) fn mark_sent(&mut self, now: Instant) {
        if let Some(flying) = self.next_index().and_then(|index| self.chunks.get_mut(index)) {
            flying.sent_at = Some(now);
            flying.was_sent = true;
        }
    }

    /// Takes out the chunk that [`Flight::next`] gave, delivered without an ack or refused.
    pub(super) fn take_next(&mut self) -> Option<Chunk> {
        self.next_index().map(|index| self.chunks.remove(index).chunk)
    }

    /// Puts the parts of a chunk where [`Flight::take_next`] took it from.
    pub(super) fn put_next(&mut self, parts: Vec<Chunk>) {
        let index = self.next_index().unwrap_or(self.chunks.len());
        for part in parts.into_iter().rev() {
            self.chunks.insert(index, Flying::new(part));
        }
    }

    /// Since when the oldest chunk waits for its ack, and how often that was in vain before.
    pub(super) fn waiting_since(&self) -> Option<(Instant, u32)> {
        self.chunks.first().and_then(|flying| Some((flying.sent_at?, flying.expiries)))
    }

    /// Notes that the oldest chunk's ack did not come in time.
    pub(super) fn expire(&mut self) {
        if let Some(oldest) = self.chunks.first_mut() {
            oldest.expiries += 1;
        }
    }

    /// The oldest chunk, if it was written and has this id: acks come in the order of the chunks.
    pub(super) fn take_acked(&mut self, id: &[u8]) -> Option<Chunk> {
        let oldest = self.chunks.first()?;
        if oldest.sent_at.is_none() || oldest.chunk.id() != id {
            return None;
        }
        Some(self.chunks.remove(0).chunk)
    }

    /// Notes that the connection broke while the oldest chunk was on its upstream, if it was; gives how often
    /// that was so by now. `is_likely`: others were refused a moment ago, so once is enough.
    pub(super) fn blame_oldest(&mut self, now: Since, is_likely: bool) -> Option<u32> {
        let oldest = self.chunks.first_mut().filter(|oldest| oldest.sent_at.is_some())?;
        oldest.refusals = if is_likely { oldest.refusals.max(MOST_REFUSALS) } else { oldest.refusals + 1 };
        if oldest.refused_since.is_none_or(|since| since.endpoint != now.endpoint) {
            oldest.refused_since = Some(now);
        }
        let refusals = oldest.refusals;
        if refusals >= MOST_REFUSALS {
            // The others are not to wait until it is clear what this one is.
            let oldest = self.chunks.remove(0);
            self.chunks.push(oldest);
        }
        Some(refusals)
    }

    /// Whether everything here is under suspicion.
    pub(super) fn is_all_suspicious(&self) -> bool {
        self.chunks.iter().all(|flying| flying.refusals >= MOST_REFUSALS)
    }

    /// Takes out a chunk under suspicion that is not on its upstream.
    pub(super) fn take_suspicious(&mut self) -> Option<(Chunk, Since)> {
        let suspicious = |flying: &Flying| flying.refusals >= MOST_REFUSALS && flying.sent_at.is_none();
        let index = self.chunks.iter().position(suspicious)?;
        let flying = self.chunks.remove(index);
        Some((flying.chunk, flying.refused_since?))
    }

    /// The connection is gone: everything is to be written again.
    pub(super) fn forget_connection(&mut self) {
        self.chunks.iter_mut().for_each(|flying| flying.sent_at = None);
    }
}
