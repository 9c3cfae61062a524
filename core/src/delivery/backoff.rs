//! How long to wait after a failure: exponential, with full jitter.

use std::time::{Duration, Instant};

use crate::sys::id;

/// Uninterrupted service after which the past is forgotten; shorter, and a collector that accepts and
/// dies at once would be tried without a pause.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// Doublings after which any initial wait has reached any largest one.
const MOST_DOUBLINGS: u32 = 22;

#[derive(Debug)]
pub(super) struct Backoff {
    initial: Duration,
    most: Duration,
    failures: u32,
    in_service_since: Option<Instant>,
}

impl Backoff {
    pub(super) fn new(initial: Duration, most: Duration) -> Backoff {
        Backoff { initial, most, failures: 0, in_service_since: None }
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

    /// Whether nothing failed lately.
    pub(super) fn is_fresh(&self) -> bool {
        self.failures == 0
    }

    /// Forgets the past.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// A pause that is no punishment: clients that lost the same collector at one moment come back one by one.
    pub(super) fn jitter(&self) -> Duration {
        self.initial.mul_f64(id::random_fraction())
    }

    /// How long to wait after a failure at `now`.
    pub(super) fn after_failure(&mut self, now: Instant) -> Duration {
        self.leave_service(now);
        let ceiling = self.initial.saturating_mul(1 << self.failures.min(MOST_DOUBLINGS)).min(self.most);
        self.failures = self.failures.saturating_add(1);
        ceiling.mul_f64(id::random_fraction())
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
    fn any_number_of_failures_is_fine() {
        let mut backoff = Backoff::new(Duration::from_secs(3600), Duration::from_secs(3600));
        backoff.failures = u32::MAX;
        assert!(backoff.after_failure(Instant::now()) <= Duration::from_secs(3600));
    }
}
