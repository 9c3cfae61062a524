//! The Mann-Whitney U test: whether the values of one group tend to be larger than those of another, whatever their
//! distribution.
//!
//! Written here on the normal distribution of `statrs`, whose own test compares every value with every other one and
//! counts every arrangement.

use statrs::distribution::{ContinuousCDF, Normal};

/// Above it in both groups the normal approximation is as good as SciPy takes it to be.
const EXACT_SMALLER: usize = 8;
/// The counts of arrangements stay whole numbers in a float, and the work stays small.
const EXACT_LARGER: usize = 100;

/// What the test says of `a` and `b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct RankTest {
    /// In how many pairs `a` is larger; a tie counts half.
    pub(crate) u: f64,
    /// How likely a U this far from the middle is if neither group tends to be larger.
    pub(crate) p: f64,
    /// From -1 (every value of `a` is smaller than every one of `b`) over 0 to 1 (Cliff's delta).
    pub(crate) effect: f64,
    /// By counting arrangements, not by the normal approximation.
    pub(crate) exact: bool,
}

/// Compares finite values in order. `None` if either has none.
///
/// Exact for few values without ties; otherwise the normal approximation, corrected for ties and continuity.
pub(crate) fn mann_whitney(a: &[f64], b: &[f64]) -> Option<RankTest> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (twice_u, ties) = pairs(a, b);
    let pairs = a.len() as f64 * b.len() as f64;
    let u = twice_u / 2.0;
    let effect = ((2.0 * u - pairs) / pairs).clamp(-1.0, 1.0);
    let larger = u.max(pairs - u);
    let (few, many) = (a.len().min(b.len()), a.len().max(b.len()));
    if ties == 0.0 && few <= EXACT_SMALLER && many <= EXACT_LARGER {
        let p = (2.0 * exact_tail(few, many, larger as usize)).min(1.0);
        return Some(RankTest { u, p, effect, exact: true });
    }
    let n = a.len() as f64 + b.len() as f64;
    let deviation = (pairs / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)))).max(0.0).sqrt();
    let z = if deviation > 0.0 { (larger - pairs / 2.0 - 0.5) / deviation } else { 0.0 };
    let p = (2.0 * Normal::standard().sf(z)).min(1.0);
    Some(RankTest { u, p, effect, exact: false })
}

/// Twice U of `a`, and the sum of t³ - t over groups of t equal values.
fn pairs(a: &[f64], b: &[f64]) -> (f64, f64) {
    let (mut twice_u, mut ties) = (0.0, 0.0);
    let (mut rest_a, mut rest_b) = (a, b);
    while let Some(value) = first(rest_a, rest_b) {
        let below = b.len() - rest_b.len();
        let (same_a, same_b) = (run(&mut rest_a, value), run(&mut rest_b, value));
        // Each of these beats all of b below it, and half of those that are equal.
        twice_u += same_a as f64 * (2 * below + same_b) as f64;
        let same = (same_a + same_b) as f64;
        ties += same * same * same - same;
    }
    (twice_u, ties)
}

fn first(a: &[f64], b: &[f64]) -> Option<f64> {
    match (a.first(), b.first()) {
        (Some(a), Some(b)) => Some(a.min(*b)),
        (one, other) => one.or(other).copied(),
    }
}

/// Takes the values that are equal off the front.
fn run(values: &mut &[f64], value: f64) -> usize {
    let count = values.iter().take_while(|other| **other <= value).count();
    *values = values.get(count..).unwrap_or_default();
    count
}

/// The share of all arrangements of `few` among `many` values whose U is at least `u`.
fn exact_tail(few: usize, many: usize, u: usize) -> f64 {
    // The arrangements with each U are the coefficients of a Gaussian binomial: the product of
    // (1 - x^(many + k)) / (1 - x^k) for k from 1 to few.
    let mut counts = vec![0.0_f64; few * many + 1];
    if let Some(first) = counts.first_mut() {
        *first = 1.0;
    }
    for k in 1..=few {
        for at in (many + k..counts.len()).rev() {
            let taken = counts.get(at - many - k).copied().unwrap_or_default();
            if let Some(count) = counts.get_mut(at) {
                *count -= taken;
            }
        }
        for at in k..counts.len() {
            let added = counts.get(at - k).copied().unwrap_or_default();
            if let Some(count) = counts.get_mut(at) {
                *count += added;
            }
        }
    }
    let tail: f64 = counts.iter().skip(u).sum();
    tail / counts.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::sorted;

    #[test]
    fn every_arrangement_is_counted() {
        // 4 of 9: U of 17 or more, as SciPy says of its own example.
        let male = sorted([19.0, 22.0, 16.0, 29.0, 24.0]);
        let female = sorted([20.0, 11.0, 17.0, 12.0]);
        let test = mann_whitney(&male, &female).unwrap();
        assert_eq!((test.u, test.exact), (17.0, true));
        assert!((test.p - 0.111_111_111_111_111_1).abs() < 1e-15);
        assert!((exact_tail(8, 100, 0) - 1.0).abs() < 1e-15);
        assert_eq!(mann_whitney(&[1.0], &[2.0]).unwrap().p, 1.0);
    }

    #[test]
    fn extremes_have_no_wrong_answer() {
        assert_eq!(mann_whitney(&[], &[1.0]), None);
        let ties = mann_whitney(&[5.0; 40], &[5.0; 60]).unwrap();
        assert_eq!((ties.u, ties.p, ties.effect, ties.exact), (1200.0, 1.0, 0.0, false));
        let apart = mann_whitney(&[4.0; 450], &[0.0; 450]).unwrap();
        assert!(apart.effect == 1.0 && apart.p < 1e-150 && apart.p > 0.0, "{apart:?}");
        let large = mann_whitney(&[1e300; 3], &[-1e300, f64::MAX]).unwrap();
        assert_eq!((large.u, large.effect), (3.0, 0.0));
        let a: Vec<f64> = (0..2_000_000).map(f64::from).collect();
        let b: Vec<f64> = (0..2_000_000).map(|n| f64::from(n) + 0.5).collect();
        let many = mann_whitney(&a, &b).unwrap();
        assert_eq!(many.u, 1_999_999.0 * 2_000_000.0 / 2.0);
        assert!(many.p > 0.99, "{many:?}");
    }
}
