//! What an HTTP connection is doing, and until when it may.
//!
//! Set by the exchange, and by the wire when bytes arrive; watched by the connection, and by whoever needs
//! its place.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::server::place::Place;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// No request has begun.
    Nothing,
    /// The head of a request is coming.
    Head,
    /// A request is read and answered, with limits of its own.
    Answering,
}

pub(super) struct Phase {
    place: Arc<Place>,
    doing: Cell<Doing>,
    since: Cell<Instant>,
}

impl Phase {
    pub(super) fn new(place: &Arc<Place>) -> Phase {
        place.idle(place.opened());
        Phase { place: Arc::clone(place), doing: Cell::new(Doing::Nothing), since: Cell::new(place.opened()) }
    }

    pub(super) fn enter(&self, doing: Doing) {
        let now = Instant::now();
        self.doing.set(doing);
        self.since.set(now);
        match doing {
            Doing::Nothing => self.place.idle(now),
            Doing::Head | Doing::Answering => self.place.at_work(),
        }
    }

    /// Bytes have arrived.
    pub(super) fn received(&self) {
        if self.doing.get() == Doing::Nothing {
            self.enter(Doing::Head);
        }
    }

    pub(super) fn doing(&self) -> Doing {
        self.doing.get()
    }

    /// When it will have done this for so long.
    pub(super) fn until(&self, limit: Duration) -> Option<Instant> {
        self.since.get().checked_add(limit)
    }
}
