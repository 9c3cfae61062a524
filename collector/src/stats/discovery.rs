//! Control of false discoveries: who looks at a hundred tests sees five "significant" ones where nothing happened.

/// The p-values adjusted by Benjamini and Hochberg, in the same order: of those at most 0.05, about one in twenty is
/// wrong. A p-value that is not a number counts as 1.
pub(crate) fn adjusted(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> =
        p.iter().map(|p| if p.is_nan() { 1.0 } else { *p }).enumerate().collect();
    order.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
    let count = p.len() as f64;
    let mut found = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (above, (at, p)) in order.iter().enumerate() {
        least = least.min(p * count / (count - above as f64));
        if let Some(slot) = found.get_mut(*at) {
            *slot = least;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_have_no_wrong_answer() {
        assert!(adjusted(&[]).is_empty());
        assert_eq!(adjusted(&[0.04]), [0.04]);
        assert_eq!(adjusted(&[f64::NAN, 0.0, 1.0]), [1.0, 0.0, 1.0]);
        assert_eq!(adjusted(&[0.04, 0.01, 0.03, 0.02]), [0.04; 4]);
    }
}
