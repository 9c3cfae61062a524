//! What arrived last, for those who watch.
//!
//! A ring in memory: the youngest events of each transaction, however many came.

use std::collections::VecDeque;

use super::event::{Event, Live, LiveEvent};

/// Events in the ring, and in an answer: what a person can follow.
const RING: usize = 200;
/// Events of one slice of records that go into the ring.
pub(crate) const OF_A_SLICE: usize = 20;
/// Bytes of a message.
pub(crate) const MAX_MESSAGE: usize = 4 << 10;

#[derive(Debug, Default)]
pub(crate) struct Ring {
    /// With the place of each in the stream.
    events: VecDeque<(u64, LiveEvent)>,
    /// How many events came in all.
    count: u64,
}

impl Ring {
    /// These came, and `skipped` before them that are not shown.
    pub(crate) fn add(&mut self, skipped: u64, events: Vec<LiveEvent>) {
        self.count += skipped;
        for event in events {
            self.count += 1;
            if self.events.len() >= RING {
                self.events.pop_front();
            }
            self.events.push_back((self.count, event));
        }
    }

    pub(crate) fn since(&self, cursor: u64) -> Live {
        let new = self.events.iter().filter(|(place, _)| *place > cursor);
        let events: Vec<LiveEvent> = new.map(|(_, event)| event.clone()).collect();
        let skipped = self.count.saturating_sub(cursor).saturating_sub(events.len() as u64);
        Live { events, skipped, cursor: self.count }
    }
}

/// One event of a slice.
pub(crate) fn event(context: &str, class: Option<&str>, id: i64, raw: &str) -> LiveEvent {
    LiveEvent {
        context: context.to_owned(),
        class: class.map(str::to_owned),
        event: Event::read(id, raw, MAX_MESSAGE),
    }
}
