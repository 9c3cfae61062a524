//! Values along time, or along anything else that has an order, in stretches of equal length.

use super::moments::Moments;
use super::quantile::{quantile, sorted};

/// What is known of the values in one stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Stretch {
    /// Where it begins; it ends where the next one does.
    pub(crate) from: f64,
    /// Finite values in it; without any the other figures are 0.
    pub(crate) moments: Moments,
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// Cuts `from` to `until` into `count` stretches; `places` says where each value lies. What lies outside is left out.
pub(crate) fn stretches(values: &[f64], places: &[f64], from: f64, until: f64, count: usize) -> Vec<Stretch> {
    let width = (until - from) / count as f64;
    let mut inside: Vec<Vec<f64>> = vec![Vec::new(); count];
    for (value, place) in values.iter().zip(places).filter(|(_, place)| (from..until).contains(place)) {
        // Rounding may put the last place behind the last stretch.
        let at = (((place - from) / width) as usize).min(count.saturating_sub(1));
        if let Some(stretch) = inside.get_mut(at) {
            stretch.push(*value);
        }
    }
    let known = |(at, values): (usize, Vec<f64>)| {
        let order = sorted(values);
        let share = |share| quantile(&order, share).unwrap_or_default();
        let (p50, p95, least, most) = (share(0.5), share(0.95), share(0.0), share(1.0));
        Stretch { from: from + width * at as f64, moments: Moments::of(&order), p50, p95, least, most }
    };
    inside.into_iter().enumerate().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_its_stretch() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let found = stretches(&values, &values, 0.0, 100.0, 4);
        let counts: Vec<(f64, u64)> =
            found.iter().map(|stretch| (stretch.from, stretch.moments.count)).collect();
        assert_eq!(counts, [(0.0, 25), (25.0, 25), (50.0, 25), (75.0, 25)]);
        let second = found[1];
        assert_eq!((second.least, second.p50, second.p95, second.most), (25.0, 37.0, 48.0, 49.0));
        assert_eq!(second.moments.mean, 37.0);
    }

    #[test]
    fn extremes_have_no_wrong_answer() {
        assert_eq!(stretches(&[], &[], 0.0, 1.0, 2)[1], Stretch { from: 0.5, ..Stretch::default() });
        assert_eq!(stretches(&[1.0], &[0.0], 0.0, 0.0, 3).len(), 3);
        assert!(stretches(&[1.0], &[0.0], 0.0, 1.0, 0).is_empty());
        let odd = stretches(&[f64::NAN, 1e300, 5.0, 7.0], &[0.1, 0.2, f64::NAN, 9.0], 0.0, 1.0, 1);
        assert_eq!((odd[0].moments.count, odd[0].p95), (1, 1e300));
    }
}
