//! How long a Forward connection waits for its peer.
//!
//! Asked between two reads. An idle connection may stay as long as there is room for others; one that has
//! begun something has to go on with it.

use std::time::Instant;

use super::{Connection, READ};

impl Connection<'_> {
    /// Says whether something is pending, to itself and to whoever needs the place or the memory.
    pub(super) fn settle(&mut self) {
        let place = &self.session.place;
        if self.frames.pending() > 0 {
            self.begun.get_or_insert(self.last);
            place.at_work();
        } else {
            self.begun = None;
            let left = self.frames.give_back(READ);
            // Never more than it holds by now, so there is nothing to wait for.
            let _ = self.buffered.set(left);
            if self.due.is_empty() && self.greeting.is_none() {
                place.idle(self.last);
            }
        }
    }

    /// When the peer is late, and what is said then.
    pub(super) fn late(&self) -> Option<(Instant, Option<&'static str>)> {
        let limits = &self.service.limits;
        let idle = self.session.conduct.idle_limit().and_then(|limit| self.last.checked_add(limit));
        let shakes = self.channel.is_shaking() || self.greeting.is_some() && self.said_helo;
        let shake = shakes.then(|| limits.handshake(self.session.place.opened())).flatten();
        let part = self.begun.and_then(|begun| limits.message(begun, self.last, self.frames.pending()));
        let late = shake.into_iter().chain(part).map(|(when, why)| (when, Some(why)));
        late.chain(idle.map(|idle| (idle, None))).min()
    }
}
