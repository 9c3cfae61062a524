//! The chunks on their way: taken from the queue, not settled yet.
//!
//! They go out in their order, several at a time, and acks come in that order; so a connection that breaks
//! did so at the oldest of them, whatever that means. A trial of [`super::quarantine`] goes out before all others
//! and alone, but for a chunk without events behind it.

use std::time::Instant;

use super::owed::Owed;
use crate::transport::Chunk;

/// Chunks on their way at once: enough to fill a connection while acks travel, few enough that a
/// reconnect repeats little.
const WINDOW: usize = 4;

/// Chunks that may be held elsewhere while the window still has room for one: whatever is the matter with those,
/// the others go on.
pub(super) const MOST_ELSEWHERE: usize = WINDOW - 1;

/// Oldest first. What was written to the open connection comes before what was not.
#[derive(Default)]
pub(super) struct Flight {
    /// Few enough to be moved up.
    chunks: Vec<Owed>,
    /// The last ack on the open connection.
    acked_at: Option<Instant>,
}

impl Flight {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether one more chunk may be taken, when `others` are held elsewhere.
    pub(super) fn has_room(&self, others: usize) -> bool {
        self.chunks.len() + others.min(MOST_ELSEWHERE) < WINDOW
    }

    pub(super) fn add(&mut self, chunk: Chunk) {
        self.chunks.push(Owed::new(chunk));
    }

    /// Puts a chunk before all others. Nothing may be on its way.
    pub(super) fn add_first(&mut self, owed: Owed) {
        self.chunks.insert(0, owed);
    }

    /// Whether a trial or a chunk without events is on its way, behind which nothing else is written.
    pub(super) fn is_asking(&self) -> bool {
        self.chunks.first().is_some_and(|owed| owed.sent_at.is_some() && (owed.is_trial || owed.is_probe()))
    }

    /// Whether a chunk can be written without going over the window.
    pub(super) fn has_next(&self) -> bool {
        self.next_index().is_some_and(|index| index < WINDOW)
    }

    fn next_index(&self) -> Option<usize> {
        self.chunks.iter().position(|owed| owed.sent_at.is_none())
    }

    /// The next chunk to write, and whether it was written to an earlier connection.
    pub(super) fn next(&mut self) -> Option<(&mut Chunk, bool)> {
        let index = self.next_index()?;
        self.chunks.get_mut(index).map(|owed| (&mut owed.chunk, owed.was_sent))
    }

    /// The chunk to write after the next one, if it is here.
    pub(super) fn after_next(&mut self) -> Option<&mut Chunk> {
        let index = self.next_index()? + 1;
        self.chunks.get_mut(index).map(|owed| &mut owed.chunk)
    }

    /// Notes that [`Flight::next`] was written.
    pub(super) fn mark_sent(&mut self, now: Instant) {
        if let Some(owed) = self.next_index().and_then(|index| self.chunks.get_mut(index)) {
            owed.sent_at = Some(now);
            owed.was_sent = true;
        }
    }

    /// Takes out the chunk that [`Flight::next`] gave, delivered without an ack or refused.
    pub(super) fn take_next(&mut self) -> Option<Owed> {
        self.next_index().map(|index| self.chunks.remove(index))
    }

    /// Makes these the next chunks to write.
    pub(super) fn put_next(&mut self, parts: impl IntoIterator<Item = Owed>) {
        let index = self.next_index().unwrap_or(self.chunks.len());
        self.chunks.splice(index..index, parts);
    }

    /// Since when the oldest chunk waits for its ack, and how often that was in vain before. Acks come one after
    /// the other, so it waits from the one before on.
    pub(super) fn waiting_since(&self) -> Option<(Instant, u32)> {
        let oldest = self.chunks.first()?;
        let sent_at = oldest.sent_at?;
        Some((self.acked_at.map_or(sent_at, |at| at.max(sent_at)), oldest.expiries))
    }

    /// Notes that the oldest chunk's ack did not come in time.
    pub(super) fn expire(&mut self) {
        if let Some(oldest) = self.chunks.first_mut() {
            oldest.expiries += 1;
        }
    }

    /// The oldest chunk, if it was written and has this id: acks come in the order of the chunks.
    pub(super) fn take_acked(&mut self, id: &[u8], now: Instant) -> Option<Owed> {
        let oldest = self.chunks.first()?;
        if oldest.sent_at.is_none() || oldest.chunk.id() != id {
            return None;
        }
        self.acked_at = Some(now);
        Some(self.chunks.remove(0))
    }

    /// Takes out all chunks that were written to the open connection.
    pub(super) fn take_sent(&mut self) -> Vec<Owed> {
        self.chunks.extract_if(.., |owed| owed.sent_at.is_some()).collect()
    }

    /// The connection is gone, so all others are to be written again: takes out the oldest chunk that was on
    /// its way.
    pub(super) fn lose_connection(&mut self) -> Option<Owed> {
        let oldest = self.waiting_since().map(|_| self.chunks.remove(0));
        self.acked_at = None;
        self.chunks.retain(|owed| !owed.is_probe());
        self.chunks.iter_mut().for_each(|owed| owed.sent_at = None);
        oldest.map(|owed| Owed { sent_at: None, ..owed })
    }
}
