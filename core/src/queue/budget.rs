//! How much may be held in memory: process-wide counters of events and bytes.
//!
//! Threads take allowances in coarse steps, so that the common path writes no shared cache line. What
//! is taken stays charged until the events are delivered or dropped.

use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Room for a number of events with a number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Charge {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Charge {
    /// Whether both counts are enough for `other`.
    pub(crate) fn covers(self, other: Charge) -> bool {
        self.events >= other.events && self.bytes >= other.bytes
    }

    /// What is missing here to cover `other`.
    pub(crate) fn missing_for(self, other: Charge) -> Charge {
        Charge {
            events: other.events.saturating_sub(self.events),
            bytes: other.bytes.saturating_sub(self.bytes),
        }
    }
}

impl Add for Charge {
    type Output = Charge;

    fn add(self, other: Charge) -> Charge {
        Charge { events: self.events + other.events, bytes: self.bytes + other.bytes }
    }
}

impl AddAssign for Charge {
    fn add_assign(&mut self, other: Charge) {
        *self = *self + other;
    }
}

impl Sub for Charge {
    type Output = Charge;

    fn sub(self, other: Charge) -> Charge {
        Charge {
            events: self.events.saturating_sub(other.events),
            bytes: self.bytes.saturating_sub(other.bytes),
        }
    }
}

impl SubAssign for Charge {
    fn sub_assign(&mut self, other: Charge) {
        *self = *self - other;
    }
}

/// Steps per limit: small enough that hundreds of threads with a step each leave most of the queue
/// usable, large enough that a thread takes one only every few dozen events.
const STEPS: usize = 1024;

/// The limits and what is taken of them.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: Charge,
    step: Charge,
    events: AtomicUsize,
    bytes: AtomicUsize,
}

impl Budget {
    pub(crate) fn new(limit: Charge) -> Budget {
        let step = Charge { events: limit.events / STEPS, bytes: limit.bytes / STEPS };
        Budget { limit, step, events: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    /// Takes room for `need` and a step more of what is needed, or for just `need`, or nothing.
    pub(crate) fn take(&self, need: Charge) -> Option<Charge> {
        let wide = |need: usize, step: usize| if need == 0 { 0 } else { need + step };
        let wide =
            Charge { events: wide(need.events, self.step.events), bytes: wide(need.bytes, self.step.bytes) };
        [wide, need].into_iter().find(|want| self.take_exactly(*want))
    }

    /// What has to be released before `need` can be taken, and a step more, so that a full queue costs its
    /// lock once a step and not at every event.
    pub(crate) fn shortfall(&self, need: Charge) -> Charge {
        let short = |used: &AtomicUsize, need: usize, limit: usize, step: usize| match (used
            .load(Ordering::Relaxed)
            + need)
            .saturating_sub(limit)
        {
            0 => 0,
            short => short + step,
        };
        Charge {
            events: short(&self.events, need.events, self.limit.events, self.step.events),
            bytes: short(&self.bytes, need.bytes, self.limit.bytes, self.step.bytes),
        }
    }

    fn take_exactly(&self, want: Charge) -> bool {
        if !take(&self.events, want.events, self.limit.events) {
            return false;
        }
        let taken = take(&self.bytes, want.bytes, self.limit.bytes);
        if !taken {
            self.events.fetch_sub(want.events, Ordering::Relaxed);
        }
        taken
    }

    /// Whether `need` could be taken right now.
    pub(crate) fn has_room(&self, need: Charge) -> bool {
        let used =
            Charge { events: self.events.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) };
        self.limit.covers(used + need)
    }

    /// Whether half of either limit is taken.
    pub(crate) fn is_half_taken(&self) -> bool {
        self.events.load(Ordering::Relaxed) >= self.limit.events / 2
            || self.bytes.load(Ordering::Relaxed) >= self.limit.bytes / 2
    }

    /// Gives back what was taken.
    pub(crate) fn release(&self, charge: Charge) {
        self.events.fetch_sub(charge.events, Ordering::Relaxed);
        self.bytes.fetch_sub(charge.bytes, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn used(&self) -> Charge {
        Charge { events: self.events.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

fn take(counter: &AtomicUsize, want: usize, limit: usize) -> bool {
    let more = |used: usize| used.checked_add(want).filter(|sum| *sum <= limit);
    counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_step_when_there_is_room_and_the_exact_need_when_not() {
        let budget = Budget::new(Charge { events: 4096, bytes: 1 << 20 });
        let need = Charge { events: 1, bytes: 100 };
        assert_eq!(budget.take(need), Some(Charge { events: 5, bytes: 1124 }));
        let rest = Charge { events: 4096 - 5 - 1, bytes: (1 << 20) - 1124 - 100 };
        assert!(budget.take_exactly(rest));
        assert_eq!(budget.take(need), Some(need));
        assert_eq!(budget.take(need), None);
        assert!(!budget.has_room(need));
        budget.release(need);
        assert!(budget.has_room(need));
        assert_eq!(budget.take(need), Some(need));
    }

    #[test]
    fn a_refused_need_leaves_nothing_taken() {
        let budget = Budget::new(Charge { events: 10, bytes: 100 });
        assert_eq!(budget.take(Charge { events: 1, bytes: 101 }), None);
        assert_eq!(budget.used(), Charge::default());
    }
}
