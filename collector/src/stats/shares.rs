//! Shares of categories: whether two periods or groups have the same, and by how much one share differs.

use statrs::distribution::{ChiSquared, ContinuousCDF, Discrete, Hypergeometric, Normal};

use super::moments::Moments;
use super::welch::{Difference, NORMAL_UPPER as Z};

/// Pearson's test is right where each cell is expected to hold this many (Cochran's rule); smaller ones are pooled.
const EXPECTED: f64 = 5.0;

/// What Pearson's chi-square test says of two rows of counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SharesTest {
    pub(crate) statistic: f64,
    pub(crate) freedom: u64,
    /// How likely shares this different are if both rows are drawn from the same.
    pub(crate) p: f64,
    /// The share of all that lies in another category than before (total variation), 0 to 1.
    pub(crate) effect: f64,
}

/// Compares counts by category. `None` if a row is empty or fewer than two categories are left after pooling.
pub(crate) fn shares(a: &[u64], b: &[u64]) -> Option<SharesTest> {
    let (sum_a, sum_b) = (a.iter().sum::<u64>() as f64, b.iter().sum::<u64>() as f64);
    let all = sum_a + sum_b;
    let smaller = sum_a.min(sum_b) / all;
    let mut cells: Vec<(f64, f64)> = a.iter().zip(b).map(|(a, b)| (*a as f64, *b as f64)).collect();
    cells.sort_unstable_by(|one, other| (one.0 + one.1).total_cmp(&(other.0 + other.1)));
    // All rare categories are one: pools of some of them could by chance be those of one period.
    let rare = cells.partition_point(|(a, b)| (a + b) * smaller < EXPECTED);
    let mut pooled = cells.split_off(rare);
    let pool = cells.iter().fold((0.0, 0.0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
    match pooled.first_mut() {
        Some(least) if (pool.0 + pool.1) * smaller < EXPECTED => {
            *least = (least.0 + pool.0, least.1 + pool.1)
        }
        _ => pooled.push(pool),
    }
    let freedom = (pooled.len() as u64).checked_sub(1).filter(|freedom| *freedom > 0)?;
    if smaller.is_nan() || smaller == 0.0 || pooled.iter().any(|(a, b)| (a + b) * smaller < EXPECTED) {
        return None;
    }
    let mut statistic = 0.0;
    let mut apart = 0.0;
    for (in_a, in_b) in &pooled {
        let both = in_a + in_b;
        let (expected_a, expected_b) = (both * sum_a / all, both * sum_b / all);
        statistic += (in_a - expected_a).powi(2) / expected_a + (in_b - expected_b).powi(2) / expected_b;
        apart += (in_a / sum_a - in_b / sum_b).abs() / 2.0;
    }
    let p = ChiSquared::new(freedom as f64).ok()?.sf(statistic);
    Some(SharesTest { statistic, freedom, p, effect: apart.min(1.0) })
}

/// How one share differs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ShareChange {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Where `to - from` lies with 95 % confidence (Newcombe's interval of two Wilson intervals).
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// How likely a difference this large is if the shares are equal: by the test of two proportions, or Fisher's exact
    /// test where few are expected.
    pub(crate) p: f64,
}

/// The share of `had` among `of`, before and after. `None` if there is nothing on one side.
pub(crate) fn share_change(before: (u64, u64), after: (u64, u64)) -> Option<ShareChange> {
    let (from, from_low, from_high) = wilson(before)?;
    let (to, to_low, to_high) = wilson(after)?;
    let by = to - from;
    let together = (before.0 + after.0) as f64 / (before.1 + after.1) as f64;
    let error = (together * (1.0 - together) * (1.0 / before.1 as f64 + 1.0 / after.1 as f64)).sqrt();
    let expected = before.1.min(after.1) as f64 * together.min(1.0 - together);
    let p = match () {
        () if error == 0.0 => 1.0,
        () if expected < EXPECTED => exact(after, before)?,
        () => (2.0 * Normal::standard().sf(by.abs() / error)).min(1.0),
    };
    Some(ShareChange {
        from,
        to,
        low: by - (to - to_low).hypot(from_high - from),
        high: by + (to_high - to).hypot(from - from_low),
        p,
    })
}

/// Fisher's exact test: the probability of all tables that are as unlikely as this one. Where little is expected there
/// are few of them.
fn exact(one: (u64, u64), other: (u64, u64)) -> Option<f64> {
    let (had, of) = (one.0 + other.0, one.1 + other.1);
    let tables = Hypergeometric::new(of, had, one.1).ok()?;
    let range = one.1.saturating_sub(of - had)..=one.1.min(had);
    // Tables that are equally likely come out a little apart.
    let limit = tables.pmf(one.0) * (1.0 + 1e-7);
    Some(range.map(|k| tables.pmf(k)).filter(|p| *p <= limit).sum::<f64>().min(1.0))
}

/// How the share of ones in `a` differs from that in `b`, of values that are 0 or 1. The spread of a few such values says
/// nothing: eight of eight are no certainty.
pub(crate) fn share_difference(a: &Moments, b: &Moments) -> Option<Difference> {
    let counts = |of: &Moments| ((of.mean * of.count as f64).round().max(0.0) as u64, of.count);
    let change = share_change(counts(b), counts(a))?;
    let together = a.merge(b).mean;
    let spread = (together * (1.0 - together)).max(0.0).sqrt();
    let by = change.to - change.from;
    let effect = if spread > 0.0 { by / spread } else { 0.0 };
    let (low, high, p) = (change.low, change.high, change.p);
    Some(Difference { by, low, high, p, effect, t: by / spread, freedom: f64::INFINITY })
}

/// Where the share of ones lies with 95 % confidence (Wilson).
pub(crate) fn share_interval(of: &Moments) -> Option<(f64, f64)> {
    let had = (of.mean * of.count as f64).round().max(0.0) as u64;
    wilson((had, of.count)).map(|(_, low, high)| (low, high))
}

/// A share and its interval.
fn wilson((had, of): (u64, u64)) -> Option<(f64, f64, f64)> {
    if of == 0 || had > of {
        return None;
    }
    let n = of as f64;
    let share = had as f64 / n;
    let middle = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let reach = Z / (1.0 + Z * Z / n) * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    Some((share, (middle - reach).max(0.0), (middle + reach).min(1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_have_no_wrong_answer() {
        assert_eq!(shares(&[], &[]), None);
        assert_eq!(shares(&[0, 0], &[50, 50]), None);
        assert_eq!(shares(&[100], &[100]), None);
        assert_eq!(shares(&[1, 1, 1], &[1, 1, 1]), None);
        let same = shares(&[500, 500], &[50, 50]).unwrap();
        assert_eq!((same.statistic, same.p, same.effect), (0.0, 1.0, 0.0));
        let apart = shares(&[1_000_000_000, 0], &[0, 1_000_000_000]).unwrap();
        assert_eq!((apart.p, apart.effect), (0.0, 1.0));
        // Ids, each seen once and only in one of the periods, say nothing of shares.
        let ids: Vec<u64> = (0..1000).map(|n| u64::from(n < 500)).collect();
        let others: Vec<u64> = ids.iter().map(|n| 1 - n).collect();
        assert_eq!(shares(&ids, &others), None);
        // A few of them beside what is frequent go with the least of that.
        let pooled = shares(&[400, 600, 1, 1], &[400, 600, 0, 0]).unwrap();
        assert!(pooled.freedom == 1 && pooled.p > 0.9, "{pooled:?}");
    }

    #[test]
    fn shares_of_nothing_and_of_all() {
        assert_eq!(share_change((0, 0), (1, 2)), None);
        assert_eq!(share_change((3, 2), (1, 2)), None);
        let same = share_change((10, 10), (10, 10)).unwrap();
        assert_eq!((same.from, same.to, same.p), (1.0, 1.0, 1.0));
        assert!(same.low < -0.2 && same.high > 0.2, "{same:?}");
        // scipy.stats.fisher_exact
        for (before, after, p) in
            [((801, 891), (8, 8), 1.0), ((500, 600), (3, 10), 0.000_324_762_763_012_318_7)]
        {
            let found = share_change(before, after).unwrap().p;
            assert!((found / p - 1.0).abs() < 1e-6, "{found}, not {p}");
        }
        let few = share_change((500_000, 1_000_000), (3, 3)).unwrap();
        assert!((few.p - 0.25).abs() < 1e-4, "{few:?}");
        let gone = share_change((900, 900), (0, 900)).unwrap();
        assert!(gone.p == 0.0 && gone.low >= -1.0 && gone.high < -0.99, "{gone:?}");
    }
}
