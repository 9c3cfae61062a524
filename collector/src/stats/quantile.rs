//! Quantiles by the nearest rank: the smallest value that at least this share of the values does not exceed.

/// The finite values, in order.
pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The quantile of values in order, if there are any.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    sorted.get(rank(sorted.len(), share)?).copied()
}

/// The quantiles of values in any order, and those are moved about. The shares rise.
///
/// Looks only at what can lie between one quantile and the next, several times faster than sorting.
pub(crate) fn quantiles<const N: usize>(values: &mut [f64], shares: [f64; N]) -> Option<[f64; N]> {
    let count = values.len();
    let mut found = [0.0; N];
    let mut from = 0;
    for (slot, share) in found.iter_mut().zip(shares) {
        let at = rank(count, share)?.max(from);
        let (_, value, _) = values.get_mut(from..)?.select_nth_unstable_by(at - from, f64::total_cmp);
        *slot = *value;
        from = at;
    }
    Some(found)
}

fn rank(count: usize, share: f64) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let rank = (share * count as f64).ceil() as usize;
    Some(rank.saturating_sub(1).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_give_the_same() {
        let values: Vec<f64> = (0..1000).map(|n| f64::from(n * 7919 % 1000)).collect();
        for count in [1, 2, 3, 10, 20, 99, 100, 101, 1000] {
            let part = &values[..count];
            let order = sorted(part.iter().copied());
            let shares = [0.0, 0.05, 0.5, 0.95, 1.0];
            let one_by_one = shares.map(|share| quantile(&order, share).unwrap());
            assert_eq!(quantiles(&mut part.to_vec(), shares), Some(one_by_one), "{count}");
        }
    }

    #[test]
    fn extremes_have_no_wrong_answer() {
        assert_eq!((quantile(&[], 0.5), quantiles(&mut [], [0.5])), (None, None));
        assert_eq!(quantile(&[3.0], 0.95), Some(3.0));
        assert_eq!(sorted([f64::NAN, 2.0, f64::INFINITY, -1.0]), [-1.0, 2.0]);
        // 19 of 20 values are 95 %, though 0.95 is no float.
        let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!((quantile(&twenty, 0.5), quantile(&twenty, 0.95)), (Some(10.0), Some(19.0)));
        let many = quantiles(&mut (0..2_000_000).rev().map(f64::from).collect::<Vec<_>>(), [0.5, 0.95]);
        assert_eq!(many, Some([999_999.0, 1_899_999.0]));
    }
}
