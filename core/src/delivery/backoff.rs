//! How long to wait after a failure: exponential, with full jitter.
//!
//! One for each endpoint and one for the trials of [`super::quarantine`]. It counts failures in a row: whatever is
//! acknowledged between two of them ends the row, so that a collector that works is not punished for connections
//! that break, and one that does not is left alone for longer each time.

use std::time::{Duration, Instant};

use crate::sys::id;

/// Uninterrupted service after which the past is forgotten where nothing is acknowledged.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// Doublings after which any initial wait has reached any largest one.
const MOST_DOUBLINGS: u32 = 22;

/// Longest wait after a lost connection, at first: a collector that still lets everybody in may be out of room,
/// and should get what waits within ten seconds of having some.
const LOSS_PAUSE: Duration = Duration::from_secs(8);

/// Losses that wait for no longer than that, half a minute of them: behind a balancer that lets everybody in and
/// has no collector, a fleet must calm down as it does elsewhere.
const PATIENT_LOSSES: u32 = 8;

#[derive(Debug)]
pub(super) struct Backoff {
    initial: Duration,
    most: Duration,
    /// Failures in a row.
    failures: u32,
    failed_at: Option<Instant>,
    in_service_since: Option<Instant>,
}

impl Backoff {
    pub(super) fn new(initial: Duration, most: Duration) -> Backoff {
        Backoff { initial, most, failures: 0, failed_at: None, in_service_since: None }
    }

    /// The collector serves from `now` on, unless it did already.
    pub(super) fn in_service(&mut self, now: Instant) {
        self.in_service_since.get_or_insert(now);
    }

    /// The connection ended; long enough a service before that forgets the past.
    pub(super) fn leave_service(&mut self, now: Instant) {
        let served = self.in_service_since.take().map(|since| now.saturating_duration_since(since));
        if served.is_some_and(|served| served >= FORGET_AFTER) {
            self.failures = 0;
        }
    }

    /// Whether nothing failed in the last minute.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        self.failed_at.is_none_or(|at| now >= at + FORGET_AFTER)
    }

    /// Something was acknowledged: the next failure is the first of its row.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// A pause that is no punishment: clients that lost the same collector at one moment come back one by one.
    pub(super) fn jitter(&self) -> Duration {
        self.initial.mul_f64(id::random_fraction())
    }

    /// How long to wait after a failure at `now`.
    pub(super) fn after_failure(&mut self, now: Instant) -> Duration {
        let doublings = self.count_failure(now);
        self.pause(doublings)
    }

    /// How long to wait after the loss at `now` of a connection that was open.
    pub(super) fn after_loss(&mut self, now: Instant) -> Duration {
        let failures = self.count_failure(now);
        let short = (0..MOST_DOUBLINGS)
            .take_while(|n| self.ceiling(n + 1) <= LOSS_PAUSE)
            .fold(0, |count, _| count + 1);
        self.pause(failures.min(short).max(failures.saturating_sub(PATIENT_LOSSES)))
    }

    /// Counts one more; gives those before it.
    fn count_failure(&mut self, now: Instant) -> u32 {
        self.leave_service(now);
        self.failed_at = Some(now);
        let before = self.failures;
        self.failures = before.saturating_add(1);
        before
    }

    fn ceiling(&self, doublings: u32) -> Duration {
        self.initial.saturating_mul(1 << doublings.min(MOST_DOUBLINGS)).min(self.most)
    }

    fn pause(&self, doublings: u32) -> Duration {
        self.ceiling(doublings).mul_f64(id::random_fraction())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_largest_wait() {
        let (initial, most) = (Duration::from_millis(100), Duration::from_millis(450));
        let now = Instant::now();
        let mut longest = [Duration::ZERO; 4];
        for _ in 0..500 {
            let mut backoff = Backoff::new(initial, most);
            for slot in &mut longest {
                *slot = backoff.after_failure(now).max(*slot);
            }
        }
        for (longest, ceiling) in longest.iter().zip([100, 200, 400, 450]) {
            let ceiling = Duration::from_millis(ceiling);
            assert!(*longest < ceiling && *longest > ceiling / 2, "{longest:?} of {ceiling:?}");
        }
    }

    #[test]
    fn a_minute_of_service_forgets_the_past() {
        let mut backoff = Backoff::new(Duration::from_millis(1), Duration::from_secs(60));
        let start = Instant::now();
        for _ in 0..16 {
            backoff.after_failure(start);
        }
        backoff.in_service(start);
        backoff.in_service(start + Duration::from_secs(59));
        assert!(backoff.after_failure(start + Duration::from_secs(60)) <= Duration::from_millis(1));
        backoff.in_service(start);
        backoff.after_failure(start + Duration::from_secs(59));
        assert_eq!(backoff.failures, 2);
    }

    #[test]
    fn what_is_acknowledged_ends_the_row() {
        let mut backoff = Backoff::new(Duration::from_millis(1), Duration::from_secs(60));
        let now = Instant::now();
        for _ in 0..1000 {
            backoff.after_failure(now);
            backoff.after_failure(now);
            backoff.reset();
            assert!(backoff.after_failure(now) < Duration::from_millis(1));
            backoff.reset();
        }
        assert!(!backoff.is_fresh(now + Duration::from_secs(59)), "it is remembered all the same");
        assert!(backoff.is_fresh(now + Duration::from_secs(60)));
    }

    #[test]
    fn a_collector_that_lets_everybody_in_is_asked_every_few_seconds_at_first() {
        let now = Instant::now();
        let mut longest = [Duration::ZERO; 20];
        for _ in 0..500 {
            let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(60));
            for slot in &mut longest {
                *slot = backoff.after_loss(now).max(*slot);
            }
        }
        let doubling = [500, 1000, 2000, 4000].into_iter();
        let ceilings = doubling.chain([8000; 9]).chain([16_000, 32_000]).chain([60_000; 5]);
        for (longest, ceiling) in longest.iter().zip(ceilings) {
            let ceiling = Duration::from_millis(ceiling);
            assert!(*longest < ceiling && *longest > ceiling / 2, "{longest:?} of {ceiling:?}");
        }
        // A first wait that is longer stays.
        let mut backoff = Backoff::new(Duration::from_secs(60), Duration::from_secs(60));
        let longest = (0..500).map(|_| backoff.after_loss(now)).max();
        assert!(longest > Some(Duration::from_secs(30)));
    }

    #[test]
    fn any_number_of_failures_is_fine() {
        let mut backoff = Backoff::new(Duration::from_secs(3600), Duration::from_secs(3600));
        backoff.failures = u32::MAX;
        assert!(backoff.after_failure(Instant::now()) <= Duration::from_secs(3600));
    }
}
