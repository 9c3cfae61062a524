//! A KAPI in all ARCs and in each segment, every value looked at in order once.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::found::{Changes, Segment};
use super::periods::{Periods, Side};
use crate::stats::contrast::SMALL_GROUP;
use crate::stats::frame::{Column, Numbers};
use crate::stats::moments::Moments;

/// Compares the column; `own` gets the p-value of each segment's change being another than that of the rest, by its
/// place in the list.
pub(super) fn values<'a>(
    field: &str,
    numbers: &Numbers,
    dimensions: impl Iterator<Item = &'a Column>,
    sides: &[Option<Side>],
    found: &mut Changes,
    own: &mut Vec<(usize, f64)>,
) {
    let rows = numbers.0.iter().zip(sides).enumerate();
    let mut order: Vec<(f64, usize, Side)> = rows
        .filter_map(|(row, (value, side))| Some((*value, row, (*side)?)))
        .filter(|(value, _, _)| value.is_finite())
        .collect();
    // Sorted once: the values of every segment come in order too.
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut whole = Periods::default();
    order.iter().for_each(|(value, _, side)| whole.push(*side, *value));
    let of_all = whole.moments();
    found.add(whole.change(field, None, &of_all));
    for dimension in dimensions {
        let Some(categories) = &dimension.categories else { continue };
        let mut segments = vec![Periods::default(); categories.size()];
        for (value, row, side) in &order {
            let code = categories.codes.get(*row).copied().unwrap_or(u32::MAX);
            if let Some(segment) = segments.get_mut(code as usize) {
                segment.push(*side, *value);
            }
        }
        // One value in all ARCs makes no segment.
        let are_all = |segment: &Periods| segment.before.len() + segment.after.len() == order.len();
        if segments.iter().any(are_all) {
            continue;
        }
        let moments: Vec<(Moments, Moments)> = segments.iter().map(Periods::moments).collect();
        for (code, segment) in segments.iter().enumerate() {
            let Some(of_segment) = moments.get(code).filter(|both| both.0.count + both.1.count > 0) else {
                continue;
            };
            let value = categories.name(code).to_owned();
            let name = Segment { dimension: dimension.name.clone(), value };
            let change = segment.change(field, Some(name), of_segment);
            if change.is_some() {
                let others = moments.iter().enumerate().filter(|(other, _)| *other != code);
                let rest = others.fold((Moments::default(), Moments::default()), |sum, (_, both)| {
                    (sum.0.merge(&both.0), sum.1.merge(&both.1))
                });
                own.push((found.ranked.len(), differs(of_segment, &rest)));
            }
            found.add(change);
        }
    }
}

/// How likely it is that the segment's mean moved this much more or less than the rest's by chance: Welch's test of a
/// difference of differences. 1 where that cannot be told.
fn differs(segment: &(Moments, Moments), rest: &(Moments, Moments)) -> f64 {
    let parts = [segment.0, segment.1, rest.0, rest.1];
    let squares: f64 = parts.iter().map(|part| part.squares).sum();
    let freedoms: u64 = parts.iter().map(|part| part.count.saturating_sub(1)).sum();
    let together = squares / freedoms as f64;
    let mut error = 0.0;
    let mut weight = 0.0;
    for part in parts {
        let Some(own) = part.variance() else { return 1.0 };
        // A few values that are by chance alike have no less spread than all.
        let variance = if part.count < SMALL_GROUP { own.max(together) } else { own };
        let of_mean = variance / part.count as f64;
        error += of_mean;
        weight += of_mean * of_mean / (part.count as f64 - 1.0);
    }
    let by = (segment.1.mean - segment.0.mean) - (rest.1.mean - rest.0.mean);
    if !by.is_finite() || !error.is_finite() {
        return 1.0;
    }
    if error == 0.0 {
        return if by == 0.0 { 1.0 } else { 0.0 };
    }
    // Errors too small to be squared count as those of many values.
    let freedom = if weight > 0.0 { error * error / weight } else { f64::INFINITY };
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(students) => (2.0 * students.sf(by.abs() / error.sqrt())).min(1.0),
        Err(_) => 1.0,
    }
}
