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

fn rank(count: usize, share: f64) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let rank = (share * count as f64).ceil() as usize;
    Some(rank.saturating_sub(1).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_have_no_wrong_answer() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.95), Some(3.0));
        assert_eq!(sorted([f64::NAN, 2.0, f64::INFINITY, -1.0]), [-1.0, 2.0]);
        // 19 of 20 values are 95 %, though 0.95 is no float.
        let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
        assert_eq!((quantile(&twenty, 0.5), quantile(&twenty, 0.95)), (Some(10.0), Some(19.0)));
        let many: Vec<f64> = (0..2_000_000).map(f64::from).collect();
        assert_eq!((quantile(&many, 0.5), quantile(&many, 0.95)), (Some(999_999.0), Some(1_899_999.0)));
    }
}
