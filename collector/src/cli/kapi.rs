//! The statistics of one KAPI, in bounded memory.
//!
//! Count, mean, least and largest are exact. The quantiles are exact up to [`SAMPLE`] values and from then on those of
//! an even random sample of all values.

use mona_collector::ids::Numbers;

/// The 95th percentile of 4096 samples is right to about one percentage point of rank.
pub(crate) const SAMPLE: usize = 4096;

#[derive(Debug, Clone)]
pub(crate) struct Series {
    count: u64,
    mean: f64,
    /// The sum of the squares of the differences to the mean.
    squares: f64,
    whole: bool,
    least: f64,
    most: f64,
    sample: Vec<f64>,
    random: u64,
}

impl Series {
    pub(crate) fn new() -> Series {
        // Any start but zero will do; a fixed one makes runs repeatable.
        let random = 0x9e37_79b9_7f4a_7c15;
        let (least, most) = (f64::INFINITY, f64::NEG_INFINITY);
        Series { count: 0, mean: 0.0, squares: 0.0, whole: true, least, most, sample: Vec::new(), random }
    }

    /// Adds a finite value.
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
        self.whole &= value.fract() == 0.0;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
        if self.sample.len() < SAMPLE {
            self.sample.push(value);
            return;
        }
        // Algorithm R: the nth value replaces one of the sample with the chance SAMPLE / n.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let at = usize::try_from(self.random % self.count).unwrap_or(usize::MAX);
        if let Some(slot) = self.sample.get_mut(at) {
            *slot = value;
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The variance of the mean, as an estimate.
    pub(crate) fn mean_variance(&self) -> f64 {
        let count = self.count as f64;
        self.squares / (count - 1.0) / count
    }

    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }

    /// True if every value was a whole number.
    pub(crate) fn whole(&self) -> bool {
        self.whole
    }

    /// What says whether they are ids; of more values than are kept, those of the sample say whether two are the same.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut sorted = self.sample.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let distinct = sorted.iter().zip(sorted.iter().skip(1)).all(|(one, next)| one != next);
        Numbers { count: self.count, whole: self.whole, distinct, least: self.least, most: self.most }
    }

    /// True if the quantiles are those of a sample.
    pub(crate) fn sampled(&self) -> bool {
        self.count > self.sample.len() as u64
    }

    /// The values that these shares of all values do not exceed (nearest rank); 0 without values.
    pub(crate) fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let mut sorted = self.sample.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        shares.map(|share| {
            let rank = (share * sorted.len() as f64).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_series_are_exact() {
        let mut series = Series::new();
        assert_eq!(series.quantiles([0.5, 0.95]), [0.0, 0.0]);
        for value in (1..=100).rev() {
            series.add(f64::from(value));
        }
        assert_eq!(
            (series.count(), series.mean(), series.whole(), series.sampled()),
            (100, 50.5, true, false)
        );
        assert_eq!(series.quantiles([0.5, 0.95, 1.0]), [50.0, 95.0, 100.0]);
        series.add(0.5);
        assert!(!series.whole());
    }

    #[test]
    fn large_series_keep_an_even_sample() {
        let mut series = Series::new();
        for value in 0..200_000 {
            series.add(f64::from(value));
        }
        let [half, most] = series.quantiles([0.5, 0.95]);
        assert!((half - 100_000.0).abs() < 6_000.0, "{half}");
        assert!((most - 190_000.0).abs() < 4_000.0, "{most}");
        assert!(series.sampled() && series.sample.len() == SAMPLE);
    }
}
