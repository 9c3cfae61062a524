//! The moment when a wait is over, as every wait of a connection is given one.

use std::time::{Duration, Instant};

/// When a wait is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn at(end: Instant) -> Deadline {
        Deadline(end)
    }

    /// So long from now.
    pub(crate) fn after(span: Duration) -> Deadline {
        Deadline(Instant::now() + span)
    }

    /// This one, or so long from now where that comes first.
    pub(crate) fn within(self, span: Duration) -> Deadline {
        self.min(Deadline::after(span))
    }

    /// The time until then; none once it is over.
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    pub(crate) fn is_over(self) -> bool {
        self.left().is_zero()
    }

    /// For waits that are given a moment.
    pub(crate) fn instant(self) -> Instant {
        self.0
    }
}
