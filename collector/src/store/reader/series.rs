//! A KAPI over time, and how its values lie.

use std::collections::BTreeMap;

use super::condition::first_after;
use super::filter::Filter;
use super::fold::{Fold, Question};
use super::open::Reader;
use super::resolve;
use super::scan::Scan;
use super::walk::Walked;
use crate::store::error::StoreError;

/// What is known of a KAPI in one stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bucket {
    /// Where it begins, in Unix seconds.
    pub from: f64,
    /// How many values there are.
    pub count: u64,
    /// Their mean; 0 without values, like the others.
    pub mean: f64,
    /// Half of them are below.
    pub p50: f64,
    /// One of twenty is above.
    pub p95: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// How the values of a KAPI lie, in bins of equal width.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
    /// How many values are in each bin.
    pub counts: Vec<u64>,
    /// How many values there are.
    pub all: u64,
}

/// Stretches or bins of one answer: more than a chart has room for.
const MAX_BUCKETS: usize = 1_000;
/// Numbers that are kept for quantiles.
const MAX_NUMBERS: usize = 1_000_000;

impl Reader {
    /// A KAPI over time in `buckets` stretches of equal length (1,000 at most), by when ARCs began. Without
    /// a time in the filter: from the first to the last value.
    pub fn series(
        &self,
        class: &str,
        kapi: &str,
        filter: &Filter,
        buckets: usize,
    ) -> Result<Vec<Bucket>, StoreError> {
        let sample = self.values(class, kapi, filter, MAX_NUMBERS)?;
        let buckets = buckets.clamp(1, MAX_BUCKETS);
        let (first, last) = sample
            .times
            .iter()
            .fold((f64::MAX, f64::MIN), |(first, last), time| (time.min(first), time.max(last)));
        if sample.times.is_empty() {
            return Ok(Vec::new());
        }
        let from = filter.from.unwrap_or(first);
        // The last moment is in the last stretch.
        let until = filter.until.unwrap_or(last + 1e-3).max(from + 1e-3);
        let width = (until - from) / buckets as f64;
        let mut inside: Vec<Vec<f64>> = vec![Vec::new(); buckets];
        for (number, time) in sample.numbers.iter().zip(&sample.times) {
            if let Some(bucket) = inside.get_mut(place(*time, from, width, buckets)) {
                bucket.push(*number);
            }
        }
        // Of a sample each stands for several.
        let each = sample.all as f64 / sample.numbers.len().max(1) as f64;
        let all = inside.into_iter().enumerate();
        Ok(all.map(|(at, numbers)| bucket(from + width * at as f64, numbers, each)).collect())
    }

    /// How many contexts of a class began in each of `buckets` stretches of equal length.
    pub fn rate(&self, class: &str, from: f64, until: f64, buckets: usize) -> Result<Vec<u64>, StoreError> {
        let buckets = buckets.clamp(1, MAX_BUCKETS);
        let width = ((until - from) / buckets as f64).max(1e-9);
        let mut counts = vec![0; buckets];
        let seconds = self.fold(|db| {
            let scan = Scan::new(db, resolve::class(db, class)?, &[], &Filter::default())?;
            let first = first_after(db, from)?.unwrap_or(0);
            let begin = |_, _| Seconds::default();
            Ok(Question { scan, name: "seconds".to_owned(), sampled: false, drawn: None, first, begin })
        })?;
        for (second, many) in seconds.range(from.floor() as i64..until.ceil() as i64) {
            // In the middle, so that what began in it is in one of the two stretches it is in.
            if let Some(count) = counts.get_mut(place(*second as f64 + 0.5, from, width, buckets)) {
                *count += many;
            }
        }
        Ok(counts)
    }

    /// How the values of a KAPI lie, in `bins` bins (1,000 at most).
    pub fn histogram(
        &self,
        class: &str,
        kapi: &str,
        filter: &Filter,
        bins: usize,
    ) -> Result<Histogram, StoreError> {
        let sample = self.values(class, kapi, filter, MAX_NUMBERS)?;
        let bins = bins.clamp(1, MAX_BUCKETS);
        let (least, most) = sample
            .numbers
            .iter()
            .fold((f64::MAX, f64::MIN), |(least, most), number| (number.min(least), number.max(most)));
        if sample.numbers.is_empty() {
            return Ok(Histogram::default());
        }
        let width = (most / bins as f64 - least / bins as f64).max(f64::MIN_POSITIVE);
        let mut counts = vec![0; bins];
        for number in &sample.numbers {
            if let Some(count) = counts.get_mut(place(*number, least, width, bins)) {
                *count += 1;
            }
        }
        Ok(Histogram { least, most, counts, all: sample.all })
    }
}

/// How many contexts began in each second.
#[derive(Default)]
struct Seconds {
    all: BTreeMap<i64, u64>,
    /// The one of the row before, which the next one is often in too.
    last: (i64, u64),
}

impl Seconds {
    fn add(&mut self, second: i64, many: u64) {
        if self.last.0 != second {
            self.settle();
            self.last.0 = second;
        }
        self.last.1 += many;
    }

    fn settle(&mut self) {
        if self.last.1 > 0 {
            *self.all.entry(self.last.0).or_default() += std::mem::take(&mut self.last.1);
        }
    }
}

impl Fold for Seconds {
    type Answer = BTreeMap<i64, u64>;

    fn row(&mut self, row: &mut Walked<'_, '_>) -> Result<bool, StoreError> {
        self.add(row.time()?.floor() as i64, 1);
        Ok(true)
    }

    fn merge(&mut self, behind: &Seconds) {
        for (second, many) in behind.all.iter().chain([(&behind.last.0, &behind.last.1)]) {
            self.add(*second, *many);
        }
    }

    fn bytes(&self) -> usize {
        self.all.len() * 24
    }

    fn end(mut self) -> (BTreeMap<i64, u64>, usize) {
        self.settle();
        let bytes = self.bytes();
        (self.all, bytes)
    }
}

/// In which of some stretches of equal width something is; what is outside is in the first or last.
fn place(at: f64, from: f64, width: f64, count: usize) -> usize {
    // Cut off at both ends, and a NaN is 0.
    (((at - from) / width) as usize).min(count - 1)
}

fn bucket(from: f64, mut numbers: Vec<f64>, each: f64) -> Bucket {
    let Some(last) = numbers.len().checked_sub(1) else { return Bucket { from, ..Bucket::default() } };
    let mut quantile = |part: f64| {
        let at = (last as f64 * part).round() as usize;
        let (_, number, _) = numbers.select_nth_unstable_by(at.min(last), f64::total_cmp);
        *number
    };
    let (p50, p95, least, most) = (quantile(0.5), quantile(0.95), quantile(0.0), quantile(1.0));
    // Each part on its own, for the sum of large ones has no end.
    let count = numbers.len() as f64;
    let mean = numbers.iter().map(|number| number / count).sum();
    Bucket { from, count: (count * each).round() as u64, mean, p50, p95, least, most }
}
