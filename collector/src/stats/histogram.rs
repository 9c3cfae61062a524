//! Histograms with readable edges, whatever the values are.

use super::quantile::quantile;

/// More bars than a person tells apart.
const MAX_BINS: usize = 60;
/// Fewer bars show no shape.
const MIN_BINS: f64 = 5.0;
/// So few different values get a bar each.
const MAX_VALUES: usize = 24;

/// A bar: values from `from` up to `to`, which belongs to the next one; the last bar holds its `to` as well. Both are
/// the value itself where each value has its bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bin {
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) count: u64,
}

/// The bars, and what lies outside them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Histogram {
    pub(crate) bins: Vec<Bin>,
    /// Values below the first bar: outliers, for which the bars would have had to be too wide.
    pub(crate) below: u64,
    pub(crate) above: u64,
    /// One bar for each value.
    pub(crate) discrete: bool,
}

/// Of values in order. The width is that of Freedman and Diaconis, made round; where that gives too many bars, the
/// bars show the middle 98 % of the values and the rest is counted beside them.
pub(crate) fn histogram(sorted: &[f64]) -> Option<Histogram> {
    if let Some(bins) = one_each(sorted) {
        return Some(Histogram { bins, below: 0, above: 0, discrete: true })
            .filter(|found| !found.bins.is_empty());
    }
    let (least, most) = (*sorted.first()?, *sorted.last()?);
    let q = |share| quantile(sorted, share).unwrap_or_default();
    let spread = 2.0 * (q(0.75) / 2.0 - q(0.25) / 2.0);
    let ideal = 2.0 * spread / (sorted.len() as f64).cbrt();
    let (mut low, mut high) = (least, most);
    // Halves, because the range may be too wide for a float.
    let fits = (high / 2.0 - low / 2.0) <= ideal / 2.0 * MAX_BINS as f64;
    if !fits && q(0.99) > q(0.01) {
        (low, high) = (q(0.01), q(0.99));
    }
    let edges = edges(low, high, ideal);
    let below = sorted.partition_point(|value| edges.first().is_some_and(|edge| value < edge));
    let mut from = below;
    let mut bins = Vec::with_capacity(edges.len());
    for pair in edges.windows(2) {
        let [left, right] = pair else { continue };
        let last = bins.len() + 2 == edges.len();
        let to = sorted.partition_point(|value| value < right || last && value == right).max(from);
        bins.push(Bin { from: *left, to: *right, count: (to - from) as u64 });
        from = to;
    }
    Some(Histogram { bins, below: below as u64, above: (sorted.len() - from) as u64, discrete: false })
}

/// A bar for each value, if there are few; no bars without values.
fn one_each(sorted: &[f64]) -> Option<Vec<Bin>> {
    let mut bins: Vec<Bin> = Vec::new();
    let mut rest = sorted;
    while let Some(value) = rest.first() {
        if bins.len() == MAX_VALUES {
            return None;
        }
        let count = rest.partition_point(|other| other <= value);
        bins.push(Bin { from: *value, to: *value, count: count as u64 });
        rest = rest.get(count.max(1)..).unwrap_or_default();
    }
    Some(bins)
}

/// Edges from below `low` to above `high`, at multiples of 1, 2 or 5 tenths, ones, tens ... where floats allow.
fn edges(low: f64, high: f64, ideal: f64) -> Vec<f64> {
    let range = high - low;
    let most = range / (MAX_BINS as f64 - 2.0);
    let width = round_up(ideal.clamp(most, (range / MIN_BINS).max(most)));
    let (first, last) = ((low / width).floor(), (high / width).ceil());
    let count = last - first;
    // Beyond 2^52 neighbouring multiples are the same float.
    let is_round = range.is_finite() && width > 0.0 && first.abs().max(last.abs()) < 4e15;
    if is_round && (1.0..=MAX_BINS as f64).contains(&count) {
        return (0..=count as u32).map(|n| multiple(first + f64::from(n), width)).collect();
    }
    let bins = MAX_BINS as f64 / 2.0;
    (0..=MAX_BINS / 2).map(|n| n as f64 / bins).map(|share| low * (1.0 - share) + high * share).collect()
}

/// The next width of the form 1, 2 or 5 times a power of ten.
fn round_up(width: f64) -> f64 {
    let power = 10.0_f64.powf(width.log10().floor());
    let digits = width / power;
    [1.0, 2.0, 5.0].into_iter().find(|round| digits <= round * (1.0 + 1e-9)).unwrap_or(10.0) * power
}

/// `n * width` as people write it: 3 times 0.1 is 0.3.
fn multiple(n: f64, width: f64) -> f64 {
    let inverse = (1.0 / width).round();
    if width < 1.0 && inverse < 1e15 { n / inverse } else { n * width }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sorted;

    fn total(histogram: &Histogram) -> u64 {
        histogram.bins.iter().map(|bin| bin.count).sum::<u64>() + histogram.below + histogram.above
    }

    #[test]
    fn edges_are_round_and_nothing_is_lost() {
        let values = sorted((0..10_000).map(|n| (f64::from(n) * 0.7548).fract()));
        let found = histogram(&values).unwrap();
        assert_eq!(total(&found), 10_000);
        assert!((10..=40).contains(&found.bins.len()), "{}", found.bins.len());
        assert_eq!((found.bins[0].from, found.bins[3].from, found.bins.last().unwrap().to), (0.0, 0.15, 1.0));
        assert!(found.bins.windows(2).all(|pair| pair[0].to == pair[1].from));
    }

    #[test]
    fn few_values_have_a_bar_each() {
        let found = histogram(&sorted([2.0, 1.0, 2.0, 5.0])).unwrap();
        assert!(found.discrete);
        assert_eq!(
            found.bins.iter().map(|bin| (bin.from, bin.count)).collect::<Vec<_>>(),
            [(1.0, 1), (2.0, 2), (5.0, 1)]
        );
    }

    #[test]
    fn outliers_do_not_hide_the_rest() {
        let mut values: Vec<f64> = (0..10_000).map(|n| f64::from(n % 1000) / 10.0).collect();
        values.extend([1e9, 1e12, -1e300]);
        let found = histogram(&sorted(values)).unwrap();
        assert_eq!(total(&found), 10_003);
        assert!(found.bins.len() > 10 && found.bins.last().unwrap().to <= 200.0, "{found:?}");
        assert!(found.below >= 1 && found.above >= 2);
    }

    #[test]
    fn extremes_have_bars() {
        assert_eq!(histogram(&[]), None);
        assert_eq!(histogram(&[3.0]).unwrap().bins.len(), 1);
        let cases: [Vec<f64>; 5] = [
            (0..100).map(|n| f64::from(n) * 1e306 - 5e307).collect(),
            (0..100).map(|n| f64::from(n) * 1e-310).collect(),
            (0..100).map(|n| 1e16 + f64::from(n) * 2.0).collect(),
            (0..1000).map(|n| if n < 950 { 7.0 } else { f64::from(n) }).collect(),
            (0..100)
                .map(|n| if n % 2 == 0 { f64::MAX / f64::from(n + 1) } else { -f64::MAX / f64::from(n) })
                .collect(),
        ];
        for values in cases {
            let values = sorted(values);
            let found = histogram(&values).unwrap();
            assert_eq!(total(&found), values.len() as u64, "{found:?}");
            assert!((2..=MAX_BINS).contains(&found.bins.len()), "{found:?}");
            assert!(found.bins.iter().all(|bin| bin.from.is_finite() && bin.to.is_finite()), "{found:?}");
        }
    }
}
