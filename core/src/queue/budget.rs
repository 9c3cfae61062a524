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

/// While less than this share of both limits is taken, steps are wider. What threads have in wide steps and do not
/// use is hardly more than this share: threads that look at the same moment may each take one step beyond it.
const NEARLY_EMPTY: usize = 8;

/// So many steps in one.
const WIDE: usize = 4;

/// Of both limits so much may be taken before threads are asked again what they do not use: what may lie idle while
/// events are dropped.
const IDLE_SHARE: usize = 16;

/// The limits and what is taken of them.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: Charge,
    events: AtomicUsize,
    bytes: AtomicUsize,
    /// Threads that may take.
    threads: AtomicUsize,
    /// What was taken since threads were asked what they do not use; only about.
    events_since: AtomicUsize,
    bytes_since: AtomicUsize,
}

/// How much more than what it lacks a thread takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A step, or its share of what is free where that is less: many threads leave each other something.
    Shared,
    /// A step, which was made free for it.
    Whole,
}

impl Budget {
    pub(crate) fn new(limit: Charge) -> Budget {
        Budget {
            limit,
            events: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            threads: AtomicUsize::new(0),
            events_since: AtomicUsize::new(0),
            bytes_since: AtomicUsize::new(0),
        }
    }

    /// One thread more may take.
    pub(crate) fn add_thread(&self) {
        self.threads.fetch_add(1, Ordering::Relaxed);
    }

    /// And one less.
    pub(crate) fn remove_thread(&self) {
        self.threads.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads.load(Ordering::Relaxed)
    }

    /// What a thread may hold of all bytes while others want some too: a quarter, so that most of what is held waits
    /// in the queue, from where the oldest can go.
    pub(crate) fn bytes_for_each(&self) -> usize {
        self.limit.bytes / 4 / self.threads().max(1)
    }

    /// Whether so much was taken that threads should be asked for what they do not use before anything is dropped;
    /// whoever is told so asks them.
    pub(crate) fn should_call_back(&self) -> bool {
        let events = self.events_since.load(Ordering::Relaxed);
        let bytes = self.bytes_since.load(Ordering::Relaxed);
        let is_due = events > self.limit.events / IDLE_SHARE || bytes > self.limit.bytes / IDLE_SHARE;
        if is_due {
            self.events_since.store(0, Ordering::Relaxed);
            self.bytes_since.store(0, Ordering::Relaxed);
        }
        is_due
    }

    fn step(&self) -> Charge {
        Charge { events: self.limit.events / STEPS, bytes: self.limit.bytes / STEPS }
    }

    /// `step`, or what each thread could have of what is free if that is less.
    fn shared(&self, step: Charge) -> Charge {
        let (free, threads) = (self.limit - self.used(), self.threads().max(1));
        Charge { events: step.events.min(free.events / threads), bytes: step.bytes.min(free.bytes / threads) }
    }

    /// Takes what `allowance` lacks to cover `held` and a step more of it, or just what it lacks, or nothing. While
    /// the queue is nearly empty it is a wide step, and one of both counts.
    pub(crate) fn take(&self, allowance: Charge, held: Charge, step: Step) -> Option<Charge> {
        let taken = self.take_step(allowance, held, step)?;
        self.events_since.fetch_add(taken.events, Ordering::Relaxed);
        self.bytes_since.fetch_add(taken.bytes, Ordering::Relaxed);
        Some(taken)
    }

    fn take_step(&self, allowance: Charge, held: Charge, how: Step) -> Option<Charge> {
        let lacking = allowance.missing_for(held);
        let step = self.step();
        if self.is_nearly_empty() {
            let wide = self.shared(Charge { events: step.events * WIDE, bytes: step.bytes * WIDE });
            let wide = allowance.missing_for(held + wide);
            if self.take_wide(wide) {
                return Some(wide);
            }
        } else {
            let step = if how == Step::Whole { step } else { self.shared(step) };
            let more = |lacking: usize, step: usize| if lacking == 0 { 0 } else { lacking + step };
            let step =
                Charge { events: more(lacking.events, step.events), bytes: more(lacking.bytes, step.bytes) };
            if self.take_exactly(step) {
                return Some(step);
            }
        }
        self.take_exactly(lacking).then_some(lacking)
    }

    pub(crate) fn is_nearly_empty(&self) -> bool {
        let used = self.used();
        used.events < self.limit.events / NEARLY_EMPTY && used.bytes < self.limit.bytes / NEARLY_EMPTY
    }

    /// What has to be released before `need` can be taken, and a step more, so that a full queue costs its
    /// lock once a step and not at every event.
    pub(crate) fn shortfall(&self, need: Charge) -> Charge {
        let short = self.limit.missing_for(self.used() + need);
        let more = |short: usize, step: usize| if short == 0 { 0 } else { short + step };
        let step = self.step();
        Charge { events: more(short.events, step.events), bytes: more(short.bytes, step.bytes) }
    }

    /// Adds, and gives back what was too much: quicker than attempts that other threads spoil. Only while there is so much
    /// room that nobody is refused for what another one gives back in a moment.
    fn take_wide(&self, want: Charge) -> bool {
        self.take_each(want, |counter, want, limit| {
            // A look first: near the limit nobody is in the way of others for nothing.
            let fits = |used: usize| used.saturating_add(want) <= limit;
            if !fits(counter.load(Ordering::Relaxed)) {
                return false;
            }
            let is_taken = fits(counter.fetch_add(want, Ordering::Relaxed));
            if !is_taken {
                counter.fetch_sub(want, Ordering::Relaxed);
            }
            is_taken
        })
    }

    /// Never takes more than there is, not for a moment.
    fn take_exactly(&self, want: Charge) -> bool {
        self.take_each(want, |counter, want, limit| {
            let more = |used: usize| used.checked_add(want).filter(|sum| *sum <= limit);
            counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
        })
    }

    /// Takes both counts by `take`, or none.
    fn take_each(&self, want: Charge, take: impl Fn(&AtomicUsize, usize, usize) -> bool) -> bool {
        if want.events > 0 && !take(&self.events, want.events, self.limit.events) {
            return false;
        }
        let is_taken = want.bytes == 0 || take(&self.bytes, want.bytes, self.limit.bytes);
        if !is_taken {
            self.events.fetch_sub(want.events, Ordering::Relaxed);
        }
        is_taken
    }

    /// Whether `need` could be taken right now.
    pub(crate) fn has_room(&self, need: Charge) -> bool {
        self.limit.covers(self.used() + need)
    }

    /// Whether half of either limit is taken.
    pub(crate) fn is_half_taken(&self) -> bool {
        let used = self.used();
        used.events >= self.limit.events / 2 || used.bytes >= self.limit.bytes / 2
    }

    /// Whether three quarters of either limit are taken.
    pub(crate) fn is_mostly_taken(&self) -> bool {
        let used = self.used();
        let most = |limit: usize| limit - limit / 4;
        used.events >= most(self.limit.events) || used.bytes >= most(self.limit.bytes)
    }

    /// Gives back what was taken.
    pub(crate) fn release(&self, charge: Charge) {
        self.events.fetch_sub(charge.events, Ordering::Relaxed);
        self.bytes.fetch_sub(charge.bytes, Ordering::Relaxed);
    }

    pub(crate) fn used(&self) -> Charge {
        Charge { events: self.events.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Charge = Charge { events: 0, bytes: 0 };

    #[test]
    fn takes_a_step_when_there_is_room_and_the_exact_need_when_not() {
        let budget = Budget::new(Charge { events: 4096, bytes: 1 << 20 });
        let need = Charge { events: 1, bytes: 100 };
        assert!(budget.take_exactly(Charge { events: 512, bytes: 0 }));
        assert_eq!(budget.take(NOTHING, need, Step::Shared), Some(Charge { events: 5, bytes: 1124 }));
        let bytes_only = Charge { events: 9, bytes: 60 };
        assert_eq!(budget.take(bytes_only, need, Step::Shared), Some(Charge { events: 0, bytes: 1064 }));
        let rest = Charge { events: 4096 - 512 - 5 - 1, bytes: (1 << 20) - 1124 - 1064 - 100 };
        assert!(budget.take_exactly(rest));
        assert_eq!(budget.take(NOTHING, need, Step::Shared), Some(need));
        assert_eq!(budget.take(NOTHING, need, Step::Shared), None);
        assert!(!budget.has_room(need));
        budget.release(need);
        assert!(budget.has_room(need));
        assert_eq!(budget.take(NOTHING, need, Step::Shared), Some(need));
    }

    #[test]
    fn steps_are_wide_and_of_both_counts_while_the_queue_is_nearly_empty() {
        let limit = Charge { events: 1 << 20, bytes: 1 << 30 };
        let budget = Budget::new(limit);
        let need = Charge { events: 1, bytes: 100 };
        let wide = Charge { events: 4096, bytes: 4 << 20 };
        let has_events = Charge { events: 1000, bytes: 0 };
        assert_eq!(
            budget.take(has_events, need, Step::Shared),
            Some(Charge { events: 4097 - 1000, bytes: (4 << 20) + 100 })
        );
        let mut takers = 1;
        while budget.take(NOTHING, need, Step::Shared) == Some(need + wide) {
            takers += 1;
        }
        let tied_up = limit.events / NEARLY_EMPTY;
        assert!((tied_up..tied_up + 2 * 4096).contains(&budget.used().events), "{:?}", budget.used());
        assert_eq!(takers, 32);
    }

    #[test]
    fn many_threads_leave_each_other_something() {
        let limit = Charge { events: 100_000, bytes: 8 << 20 };
        let budget = Budget::new(limit);
        let need = Charge { events: 1, bytes: 80 };
        for thread in 1..=3000_usize {
            budget.add_thread();
            let taken = budget.take(NOTHING, need, Step::Shared).unwrap();
            let free = limit - budget.used();
            assert!(taken.events <= 1 + (free + taken).events / thread, "{taken:?} of {free:?}");
            assert!(taken.bytes <= 80 + (free + taken).bytes / thread, "{taken:?} of {free:?}");
        }
        assert!(budget.take_exactly(Charge { events: limit.events - budget.used().events, bytes: 0 }));
        budget.release(Charge { events: 500, bytes: 0 });
        assert_eq!(budget.take(NOTHING, need, Step::Shared).map(|taken| taken.events), Some(1));
        assert_eq!(budget.take(NOTHING, need, Step::Whole).map(|taken| taken.events), Some(98));
    }

    #[test]
    fn threads_are_asked_once_for_what_lies_idle() {
        let budget = Budget::new(Charge { events: 16_000, bytes: 16 << 20 });
        let take = || budget.take(NOTHING, Charge { events: 1, bytes: 1 }, Step::Shared).unwrap();
        let mut taken = NOTHING;
        while taken.events < 900 {
            assert!(!budget.should_call_back());
            taken += take();
        }
        (0..3).for_each(|_| taken += take());
        assert!(budget.should_call_back(), "{taken:?}");
        assert!(!budget.should_call_back());
        budget.take(NOTHING, Charge { events: 1, bytes: 2 << 20 }, Step::Shared).unwrap();
        assert!(budget.should_call_back());
    }

    #[test]
    fn a_refused_need_leaves_nothing_taken() {
        let budget = Budget::new(Charge { events: 10, bytes: 100 });
        assert_eq!(budget.take(NOTHING, Charge { events: 1, bytes: 101 }, Step::Shared), None);
        assert_eq!(budget.take(NOTHING, Charge { events: 11, bytes: 1 }, Step::Shared), None);
        assert_eq!(budget.used(), NOTHING);
    }

    #[test]
    fn threads_that_take_and_give_back_never_have_more_than_there_is() {
        let limit = Charge { events: 3000, bytes: 40_000 };
        let budget = Budget::new(limit);
        let had = [AtomicUsize::new(0), AtomicUsize::new(0)];
        std::thread::scope(|scope| {
            for thread in 1..=4 {
                let (budget, had) = (&budget, &had);
                let release = |charge: Charge| {
                    had[0].fetch_sub(charge.events, Ordering::SeqCst);
                    had[1].fetch_sub(charge.bytes, Ordering::SeqCst);
                    budget.release(charge);
                };
                scope.spawn(move || {
                    let mut taken = Vec::new();
                    for turn in 0..20_000 {
                        let need = Charge { events: thread, bytes: 1 + turn % 97 };
                        let Some(more) = budget.take(NOTHING, need, Step::Shared) else {
                            taken.drain(..).for_each(release);
                            continue;
                        };
                        assert!(more.covers(need));
                        assert!(
                            had[0].fetch_add(more.events, Ordering::SeqCst) + more.events <= limit.events
                        );
                        assert!(had[1].fetch_add(more.bytes, Ordering::SeqCst) + more.bytes <= limit.bytes);
                        taken.push(more);
                    }
                    taken.into_iter().for_each(release);
                });
            }
        });
        assert_eq!(budget.used(), NOTHING);
        assert!(budget.take_exactly(limit), "all of it is there again");
    }
}
