//! When a disk that refused is tried again.

use std::time::{Duration, Instant};

/// Long enough that a full disk costs nothing, short enough that what memory holds may still be saved when it is back.
const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(600);

/// How long the disk is left alone.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// The last wait, while it lasts and until something was written again.
    wait: Option<Duration>,
    until: Option<Instant>,
}

impl Outage {
    /// The disk refused: how long it is left alone, twice as long as the time before.
    pub(super) fn begin(&mut self, now: Instant) -> Duration {
        let wait = self.wait.map_or(FIRST, |last| (last * 2).min(LONGEST));
        self.wait = Some(wait);
        self.until = now.checked_add(wait);
        wait
    }

    /// Until when it is left alone, if it still is.
    pub(super) fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// Something was written: whether that was the end of an outage.
    pub(super) fn end(&mut self) -> bool {
        self.until = None;
        self.wait.take().is_some()
    }

    #[cfg(test)]
    pub(super) fn is_over_now(&mut self) {
        self.until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_time_it_waits_twice_as_long_until_something_is_written() {
        let mut outage = Outage::default();
        let start = Instant::now();
        assert!(outage.until(start).is_none() && !outage.end());
        let waits: Vec<u64> = (0..7).map(|_| outage.begin(start).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600]);
        assert!(outage.until(start + Duration::from_secs(599)).is_some());
        assert!(outage.until(start + Duration::from_secs(600)).is_none());
        assert!(outage.end() && !outage.end());
        assert_eq!(outage.begin(start).as_secs(), 30);
    }
}
