//! Welch's t-test: whether two means differ, by how much, and how sure that is. The variances may differ too.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::moments::Moments;

/// The quantile at which 2.5 % are above: an interval of both sides has 95 %.
const UPPER: f64 = 0.975;
/// The same quantile of the normal distribution.
pub(super) const NORMAL_UPPER: f64 = 1.959_963_984_540_054;
/// `statrs` finds the quantile to nine digits up to here, and only to one at ten million.
const FEW_FREEDOMS: f64 = 1000.0;

/// The mean of one group less that of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Difference {
    pub(crate) by: f64,
    /// Where the difference lies with 95 % confidence.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// How likely a difference this large is if the means are equal.
    pub(crate) p: f64,
    /// The difference in standard deviations (Cohen's d by the mean of both variances); 0 without any spread.
    pub(crate) effect: f64,
    pub(crate) t: f64,
    pub(crate) freedom: f64,
}

/// Fewer values than this that are all the same say nothing of their spread.
const FEW: u64 = 30;

/// `a` less `b`. `None` with fewer than two values in either, when a spread is no number, and when a few values are all
/// the same and others are not.
pub(crate) fn welch(a: &Moments, b: &Moments) -> Option<Difference> {
    let by = a.mean - b.mean;
    let (spread_a, spread_b) = (a.variance()?, b.variance()?);
    let says_nothing = |of: &Moments, spread: f64| spread == 0.0 && of.count < FEW;
    if a.mean != b.mean && (says_nothing(a, spread_a) || says_nothing(b, spread_b)) {
        return None;
    }
    let (error_a, error_b) = (spread_a / a.count as f64, spread_b / b.count as f64);
    let error = (error_a + error_b).sqrt();
    if !by.is_finite() || !error.is_finite() {
        return None;
    }
    if error == 0.0 {
        // Two constants: equal, or different beyond what a test can say.
        let p = if by == 0.0 { 1.0 } else { 0.0 };
        let t = if by == 0.0 { 0.0 } else { f64::INFINITY.copysign(by) };
        return Some(Difference { by, low: by, high: by, p, effect: 0.0, t, freedom: f64::INFINITY });
    }
    // By shares, because the squares of tiny and huge errors are no floats.
    let share = error_a / (error_a + error_b);
    let freedom =
        1.0 / (share * share / (a.count - 1) as f64 + (1.0 - share) * (1.0 - share) / (b.count - 1) as f64);
    let t = by / error;
    let students = StudentsT::new(0.0, 1.0, freedom).ok()?;
    let reach = upper(&students, freedom) * error;
    let effect = by / (spread_a / 2.0 + spread_b / 2.0).sqrt();
    let p = (2.0 * students.sf(t.abs())).min(1.0);
    Some(Difference { by, low: by - reach, high: by + reach, p, effect, t, freedom })
}

/// Where the mean of all such values lies with 95 % confidence, by Student's distribution.
pub(crate) fn mean_interval(of: &Moments) -> Option<(f64, f64)> {
    let error = (of.variance()? / of.count as f64).sqrt();
    let freedom = of.count as f64 - 1.0;
    let reach = upper(&StudentsT::new(0.0, 1.0, freedom).ok()?, freedom) * error;
    Some((of.mean - reach, of.mean + reach))
}

/// The quantile of Student's distribution at [`UPPER`].
fn upper(students: &StudentsT, freedom: f64) -> f64 {
    if freedom <= FEW_FREEDOMS {
        return students.inverse_cdf(UPPER);
    }
    // Cornish and Fisher's expansion around the normal distribution; the next term is below 1e-8 here.
    let z = NORMAL_UPPER;
    z + (z.powi(3) + z) / (4.0 * freedom)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * freedom * freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_right_for_any_number_of_values() {
        // scipy.stats.t.ppf(0.975, freedom)
        for (freedom, expected) in [
            (1.0, 12.706_204_736_175),
            (1.5, 6.016_663_104_428),
            (29.7, 2.043_137_856_247),
            (1000.0, 1.962_339_080_826),
            (1001.0, 1.962_336_700_5),
            (1e5, 1.959_987_707_535),
            (1e7, 1.959_964_221_767),
        ] {
            let found = upper(&StudentsT::new(0.0, 1.0, freedom).unwrap(), freedom);
            assert!((found - expected).abs() < 1e-8, "{freedom}: {found}, not {expected}");
        }
    }

    #[test]
    fn extremes_have_no_wrong_answer() {
        let of = Moments::of;
        assert_eq!(welch(&of(&[]), &of(&[1.0, 2.0])), None);
        assert_eq!(welch(&of(&[1.0]), &of(&[1.0, 2.0])), None);
        assert_eq!(welch(&of(&[1e300, -1e300]), &of(&[1.0, 2.0])), None);
        let same = welch(&of(&[4.0; 9]), &of(&[4.0; 5])).unwrap();
        assert_eq!((same.by, same.low, same.high, same.p, same.effect), (0.0, 0.0, 0.0, 1.0, 0.0));
        let apart = welch(&of(&[4.0; 30]), &of(&[0.0; 30])).unwrap();
        assert_eq!((apart.by, apart.low, apart.high, apart.p), (4.0, 4.0, 4.0, 0.0));
        // Their squares are no floats.
        assert_eq!(welch(&of(&[1e-200, 2e-200, 3e-200]), &of(&[5e-200, 6e-200, 8e-200])), None);
        assert_eq!(welch(&of(&[4.0; 9]), &of(&[0.0, 1.0, 2.0])), None);
        let one_constant = welch(&of(&[4.0; 30]), &of(&[0.0, 1.0, 2.0])).unwrap();
        assert!(one_constant.p > 0.0 && one_constant.p < 0.05 && one_constant.low < 3.0, "{one_constant:?}");
        let millions: Vec<f64> = (0..2_000_000_u32).map(|n| f64::from(n % 1000)).collect();
        let many = welch(&of(&millions), &of(&millions)).unwrap();
        assert_eq!((many.by, many.p), (0.0, 1.0));
        assert!(many.low < 0.0 && many.low > -1.0, "{many:?}");
    }
}
