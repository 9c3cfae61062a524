//! Count, mean and spread of values, in one pass and in parts that are put together.

/// Of finite values. Made of values, or of what SQL aggregated.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) count: u64,
    /// 0 without values.
    pub(crate) mean: f64,
    /// The sum of squared differences from the mean. Infinite where it is too large for a float, and then the spread
    /// is unknown and the mean is still right.
    pub(crate) squares: f64,
}

impl Moments {
    /// Those of the finite values.
    pub(crate) fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.push(*value));
        moments
    }

    /// Adds a value; one that is not finite is left out. (Welford's way: no difference of two large sums.)
    pub(crate) fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        let n = self.count as f64;
        let before = value - self.mean;
        // The difference of two floats may be too large for a float; its halves are not.
        self.mean += if before.is_finite() { before / n } else { value / n - self.mean / n };
        self.squares += square(before, value - self.mean);
    }

    /// Those of both together.
    pub(crate) fn merge(&self, other: &Moments) -> Moments {
        if self.count == 0 {
            return *other;
        }
        if other.count == 0 {
            return *self;
        }
        let count = self.count + other.count;
        let share = other.count as f64 / count as f64;
        let difference = other.mean - self.mean;
        Moments {
            count,
            mean: self.mean * (1.0 - share) + other.mean * share,
            squares: self.squares
                + other.squares
                + square(difference, difference) * (self.count as f64 * share),
        }
    }

    /// The variance (n - 1), if there are two values and it is a number.
    pub(crate) fn variance(&self) -> Option<f64> {
        let variance = self.squares / (self.count.checked_sub(1)? as f64);
        variance.is_finite().then_some(variance.max(0.0))
    }

    /// The standard deviation (n - 1).
    pub(crate) fn deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }
}

/// A product of two numbers of one sign: never NaN, so that a spread without bounds stays one.
fn square(a: f64, b: f64) -> f64 {
    let product = a * b;
    if product.is_nan() { f64::INFINITY } else { product.max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_have_no_wrong_answer() {
        let none = Moments::of(&[]);
        assert_eq!((none.count, none.mean, none.variance()), (0, 0.0, None));
        let one = Moments::of(&[7.0]);
        assert_eq!((one.count, one.mean, one.variance()), (1, 7.0, None));
        let same = Moments::of(&[0.1; 1000]);
        assert_eq!((same.count, same.mean, same.variance()), (1000, 0.1, Some(0.0)));
        let odd = Moments::of(&[f64::NAN, 1.0, f64::INFINITY, 3.0, f64::NEG_INFINITY]);
        assert_eq!((odd.count, odd.mean, odd.variance()), (2, 2.0, Some(2.0)));
        let large = Moments::of(&[1e300, 3e300]);
        assert_eq!((large.mean, large.variance()), (2e300, None));
        let opposite = Moments::of(&[f64::MAX, -f64::MAX, f64::MAX, -f64::MAX]);
        assert!(opposite.mean.abs() < 1e293 && opposite.variance().is_none(), "{opposite:?}");
        // The sum of squares minus the square of the sum is 0 here, or negative.
        let far = Moments::of(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!((far.mean, far.variance()), (1e9 + 10.0, Some(30.0)));
    }

    #[test]
    fn parts_are_the_whole() {
        let values: Vec<f64> = (0..3_000_000_u32).map(|n| f64::from(n % 1013) * 0.25 + 1e6).collect();
        let whole = Moments::of(&values);
        let parts =
            values.chunks(77_777).map(Moments::of).fold(Moments::default(), |sum, part| sum.merge(&part));
        assert_eq!(whole.count, parts.count);
        assert!((whole.mean - parts.mean).abs() < 1e-6);
        assert!((whole.squares / parts.squares - 1.0).abs() < 1e-9);
        let large = Moments::of(&[f64::MAX]).merge(&Moments::of(&[-f64::MAX]));
        assert_eq!((large.mean, large.variance()), (0.0, None));
    }
}
