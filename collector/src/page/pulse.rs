//! How fast events arrive: what the store has taken, looked at in equal steps.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How long is remembered: what a person means by "just now".
const REMEMBERED: Duration = Duration::from_secs(300);
/// Points of the line of the rate.
const POINTS: usize = 60;

/// What has been seen of late.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    seen: Mutex<VecDeque<(Instant, u64)>>,
    version: watch::Sender<u64>,
}

impl Pulse {
    /// A number that is another as soon as there is something new to see.
    pub(crate) fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// From now on it is this one.
    pub(crate) fn set_version(&self, version: u64) {
        self.version.send_if_modified(|known| std::mem::replace(known, version) != version);
    }

    /// Events a second, over the last so many.
    pub(crate) fn rate(&self, over: Duration) -> f64 {
        let seen = self.lock();
        let Some((last, total)) = seen.back() else { return 0.0 };
        let before =
            seen.iter().rev().find(|(at, _)| last.duration_since(*at) >= over).or_else(|| seen.front());
        let Some((first, before)) = before else { return 0.0 };
        let seconds = last.duration_since(*first).as_secs_f64();
        if seconds > 0.0 { total.saturating_sub(*before) as f64 / seconds } else { 0.0 }
    }

    /// Events a second in equal stretches of the time that is remembered, the youngest last.
    pub(crate) fn rates(&self) -> Vec<f64> {
        let seen = self.lock();
        let Some((last, _)) = seen.back() else { return Vec::new() };
        let width = REMEMBERED.as_secs_f64() / POINTS as f64;
        let mut rates = vec![0.0; POINTS];
        for ((_, before), (at, total)) in seen.iter().zip(seen.iter().skip(1)) {
            let ago = (last.duration_since(*at).as_secs_f64() / width) as usize;
            if let Some(rate) = POINTS.checked_sub(ago + 1).and_then(|place| rates.get_mut(place)) {
                *rate += total.saturating_sub(*before) as f64 / width;
            }
        }
        rates
    }

    /// So many events had been taken at this time.
    pub(crate) fn note(&self, at: Instant, total: u64) {
        let mut seen = self.lock();
        // Nothing new: the time moves on, and the list does not grow.
        if let [.., (_, before), (last, latest)] = seen.make_contiguous()
            && *before == total
            && *latest == total
        {
            *last = at;
        } else {
            seen.push_back((at, total));
        }
        while seen.front().is_some_and(|(first, _)| at.duration_since(*first) > REMEMBERED) {
            seen.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Instant, u64)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_time_asked_for() {
        let pulse = Pulse::default();
        assert_eq!((pulse.rate(Duration::from_secs(1)), pulse.rates().len()), (0.0, 0));
        let start = Instant::now();
        for (second, total) in [(0, 0), (10, 100), (20, 100), (30, 100), (40, 100), (50, 600)] {
            pulse.note(start + Duration::from_secs(second), total);
        }
        assert_eq!(pulse.lock().len(), 4, "quiet times take no room");
        assert_eq!(pulse.rate(Duration::from_secs(10)), 50.0);
        assert_eq!(pulse.rate(Duration::from_secs(50)), 12.0);
        let rates = pulse.rates();
        assert_eq!((rates.len(), rates.iter().sum::<f64>() * 5.0), (POINTS, 600.0));
        assert_eq!(rates.last(), Some(&100.0));
        pulse.note(start + Duration::from_secs(1000), 700);
        assert_eq!(pulse.lock().len(), 1);
    }
}
