//! What an endpoint that says what it refuses has refused since it took events: whether it can be one bad event.
//!
//! Kept for each endpoint by [`super::upstream`], and read by [`super::refuse`].

/// Refusals in a row for which something that was taken is word enough: a configuration that changes while a chunk is in
/// parts costs fewer events than this, and many bad events in a row cost an eighth more requests.
const ASK_AFTER: u32 = 8;

/// Refusals in a row that are met without a pause where no event is known to be taken. Eight splits lead from any chunk
/// to single events; the rest are tries whether one of these is taken.
const MOST_WITHOUT_PAUSE: u32 = 24;

/// Events that are dropped in a row on the word of empty chunks alone. More look like an endpoint that takes no event
/// any more, such as a table whose columns changed.
const MOST_ON_EMPTY: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Refusals {
    in_a_row: u32,
    /// Empty chunks that it took after a refusal.
    empties: u64,
    /// Events dropped on the word of these.
    on_empty: u32,
    /// It refused an empty chunk last.
    refuses_empty: bool,
    /// It took events after it refused an empty chunk, as some servers do: the empty ones say nothing.
    takes_events_alone: bool,
}

impl Refusals {
    pub(super) fn add(&mut self) {
        self.in_a_row = self.in_a_row.saturating_add(1);
    }

    /// It took events. True when it refused something before.
    pub(super) fn end(&mut self) -> bool {
        self.takes_events_alone |= std::mem::take(&mut self.refuses_empty);
        self.on_empty = 0;
        std::mem::take(&mut self.in_a_row) > 0
    }

    pub(super) fn take_empty(&mut self) {
        self.empties += 1;
        self.refuses_empty = false;
        self.takes_events_alone = false;
    }

    pub(super) fn refuse_empty(&mut self) {
        self.refuses_empty = true;
    }

    pub(super) fn empties(&self) -> u64 {
        self.empties
    }

    /// Whether the last chunk with events was taken.
    pub(super) fn is_none(&self) -> bool {
        self.in_a_row == 0
    }

    pub(super) fn are_many(&self) -> bool {
        self.in_a_row >= MOST_WITHOUT_PAUSE
    }

    pub(super) fn takes_events_alone(&self) -> bool {
        self.takes_events_alone
    }

    /// Whether to ask what an empty chunk comes to. `has_answered`: something was taken since the first refusal.
    pub(super) fn must_ask(&self, has_answered: bool) -> bool {
        let is_unclear = self.refuses_empty || !has_answered;
        is_unclear && !self.takes_events_alone || self.in_a_row.is_multiple_of(ASK_AFTER)
    }

    /// Whether an empty chunk is word enough once more.
    pub(super) fn spend_empty(&mut self) -> bool {
        let is_enough = self.on_empty < MOST_ON_EMPTY;
        self.on_empty += u32::from(is_enough);
        is_enough
    }
}
