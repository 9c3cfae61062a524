//! The moment at which something changed most, found by looking at every field.

use super::frame::{Categories, Column, Frame};

/// How sure the moment has to be, the number of fields looked at taken into account.
const SURE: f64 = 0.001;
/// ARCs on either side of a moment, at least: fewer cannot be compared.
const MIN_SIDE: usize = 10;
/// Values of a dimension that are followed.
const FOLLOWED: u32 = 8;

/// A moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cut {
    /// The time of the first ARC after it.
    pub(crate) time: f64,
    /// The field that changed most.
    pub(crate) field: String,
}

/// The moment, if there is one beyond doubt.
///
/// For each field the sums of ranks up to each ARC, against what they would be if time made no difference; the largest
/// deviation follows Kolmogorov's distribution then (the bridge of a CUSUM test).
pub(crate) fn strongest_cut(frame: &Frame) -> Option<Cut> {
    let mut looked_at = 0_u32;
    let mut strongest: Option<(f64, usize, &str)> = None;
    for column in &frame.columns {
        for series in followed(column) {
            looked_at += 1;
            if let Some((deviation, row)) = deviation(&series)
                && strongest.is_none_or(|(best, _, _)| deviation > best)
            {
                strongest = Some((deviation, row, &column.name));
            }
        }
    }
    let (deviation, row, field) = strongest?;
    let time = *frame.times.get(row)?;
    (tail(deviation) * f64::from(looked_at) < SURE).then(|| Cut { time, field: field.to_owned() })
}

/// The column as series of ranks, NaN where the ARC has no value.
fn followed(column: &Column) -> Vec<Vec<f64>> {
    if let Some(numbers) = &column.numbers {
        return if numbers.counts_on() { Vec::new() } else { vec![ranks(&numbers.0)] };
    }
    let Some(Categories { codes, names }) = &column.categories else { return Vec::new() };
    let indicator = |which: u32| {
        let is = |code: &u32| {
            if *code == Categories::ABSENT { f64::NAN } else { f64::from(u8::from(*code == which)) }
        };
        codes.iter().map(is).collect()
    };
    (0..FOLLOWED.min(names.len() as u32)).map(indicator).collect()
}

/// The middle rank of each value.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        values.iter().copied().zip(0..).filter(|(value, _)| value.is_finite()).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut below = 0;
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        let middle = below as f64 + (equal.len() as f64 + 1.0) / 2.0;
        for (_, row) in equal {
            if let Some(rank) = ranks.get_mut(*row) {
                *rank = middle;
            }
        }
        below += equal.len();
    }
    ranks
}

/// The largest deviation in units of its own spread, and the first row after it.
fn deviation(series: &[f64]) -> Option<(f64, usize)> {
    let present: Vec<(usize, f64)> =
        series.iter().copied().enumerate().filter(|(_, value)| value.is_finite()).collect();
    let n = present.len() as f64;
    let mean = present.iter().map(|(_, value)| value).sum::<f64>() / n;
    let spread = (present.iter().map(|(_, value)| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    // No values at all have a spread that is no number.
    if spread.is_nan() || spread == 0.0 {
        return None;
    }
    let mut sum = 0.0;
    let mut found: Option<(f64, usize)> = None;
    let ends = present.len().checked_sub(MIN_SIDE)?;
    for (at, pair) in present.windows(2).enumerate() {
        let [(_, value), (next, _)] = pair else { continue };
        sum += value - mean;
        let size = sum.abs() / (spread * n.sqrt());
        if (MIN_SIDE..=ends).contains(&(at + 1)) && found.is_none_or(|(best, _)| size > best) {
            found = Some((size, *next));
        }
    }
    found
}

/// How likely a deviation this large is where nothing changed (Kolmogorov's distribution).
fn tail(deviation: f64) -> f64 {
    // The series does not get anywhere near 0, and there nothing changed.
    if deviation < 0.3 {
        return 1.0;
    }
    let term = |k: i32| {
        let size = (-2.0 * f64::from(k * k) * deviation * deviation).exp();
        if k % 2 == 1 { size } else { -size }
    };
    (2.0 * (1..=20).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::frame::Numbers;

    fn noise(n: u32) -> f64 {
        f64::from(n.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24)
    }

    fn frame(values: impl Fn(u32) -> f64) -> Frame {
        let numbers = |value: &dyn Fn(u32) -> f64| Some(Numbers((0..900).map(value).collect()));
        let column = |name: &str, numbers| Column { name: name.to_owned(), numbers, categories: None };
        Frame {
            times: (0..900).map(f64::from).collect(),
            columns: vec![
                column("id", numbers(&f64::from)),
                column("steady", numbers(&|n| noise(n + 7000))),
                column("moved", numbers(&values)),
            ],
        }
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let found = strongest_cut(&frame(|n| noise(n) + if n < 600 { 0.0 } else { 2.0 })).unwrap();
        assert_eq!((found.time, found.field.as_str()), (600.0, "moved"));
    }

    #[test]
    fn nothing_is_found_in_noise() {
        assert_eq!(strongest_cut(&frame(noise)), None);
        assert_eq!(strongest_cut(&frame(|_| 1e300)), None);
        assert_eq!(strongest_cut(&frame(|_| f64::NAN)), None);
        assert_eq!(strongest_cut(&Frame::default()), None);
    }

    #[test]
    fn the_tail_is_kolmogorovs() {
        // scipy.special.kolmogorov
        for (deviation, expected) in
            [(0.5, 0.963_945_243_664_875_1), (1.0, 0.269_999_671_677_354_6), (2.0, 6.709_252_557_796_953e-4)]
        {
            assert!((tail(deviation) / expected - 1.0).abs() < 1e-12, "{deviation}: {}", tail(deviation));
        }
    }
}
