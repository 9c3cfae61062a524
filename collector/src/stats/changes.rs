//! What changed between two periods: every KAPI, in all ARCs and in each segment, the shares of every dimension, and
//! where fields are missing, ranked.
//!
//! A KAPI is compared by Mann-Whitney (effect: Cliff's delta), which takes any distribution; how much its mean moved,
//! with an interval, is Welch's. Shares are compared by chi-square (effect: total variation). Both effects go from 0 to
//! 1 and mean about the same: a boolean has the same as a KAPI and as a dimension. All tests of one comparison are
//! adjusted together for false discoveries.

use std::ops::Range;

use super::discovery::adjusted;
use super::frame::{Categories, Column, Frame, Numbers};
use super::shares::{share_change, shares};

pub(crate) mod found;
mod periods;
mod segments;

use found::{Change, Changes, FEWEST, FOUND, What};
use periods::Side;

/// Compares the ARCs of two periods; an ARC in both counts as before.
pub(crate) fn changes(frame: &Frame, before: Range<f64>, after: Range<f64>) -> Changes {
    let side = |time: &f64| match time {
        time if before.contains(time) => Some(Side::Before),
        time if after.contains(time) => Some(Side::After),
        _ => None,
    };
    let sides: Vec<Option<Side>> = frame.times.iter().map(side).collect();
    let count = |wanted: Side| sides.iter().filter(|side| **side == Some(wanted)).count() as u64;
    let mut found = Changes { before: count(Side::Before), after: count(Side::After), ..Changes::default() };
    let mut own = Vec::new();
    for column in &frame.columns {
        match &column.numbers {
            Some(numbers) if numbers.counts_on() => found.counters.push(column.name.clone()),
            Some(numbers) => {
                let dimensions = frame.columns.iter().filter(|other| other.name != column.name);
                segments::values(&column.name, numbers, dimensions, &sides, &mut found, &mut own);
            }
            None => {}
        }
        if let (None, Some(categories)) = (&column.numbers, &column.categories) {
            found.add(shares_of(&column.name, categories, &sides));
        }
        found.add_if_any(presence(column, &sides));
    }
    settle(&mut found, &own);
    found
}

fn shares_of(field: &str, categories: &Categories, sides: &[Option<Side>]) -> Option<Change> {
    let mut counts = vec![(0_u64, 0_u64); categories.size()];
    for (code, side) in categories.codes.iter().zip(sides) {
        match (counts.get_mut(*code as usize), side) {
            (Some((before, _)), Some(Side::Before)) => *before += 1,
            (Some((_, after)), Some(Side::After)) => *after += 1,
            _ => {}
        }
    }
    let (before, after): (Vec<u64>, Vec<u64>) = counts.iter().copied().unzip();
    let (all_before, all_after) = (before.iter().sum::<u64>(), after.iter().sum::<u64>());
    if all_before.min(all_after) < FEWEST as u64 {
        return None;
    }
    let test = shares(&before, &after)?;
    let moved = |(before, after): &(u64, u64)| share_change((*before, all_before), (*after, all_after));
    let most = counts.iter().enumerate().filter_map(|(code, pair)| Some((code, moved(pair)?)));
    let (code, most) =
        most.max_by(|(_, a), (_, b)| (a.to - a.from).abs().total_cmp(&(b.to - b.from).abs()))?;
    Some(Change {
        field: field.to_owned(),
        what: What::Shares,
        segment: None,
        value: Some(categories.name(code).to_owned()),
        before: all_before,
        after: all_after,
        from: most.from,
        to: most.to,
        interval: Some((most.low, most.high)),
        effect: test.effect.copysign(most.to - most.from),
        p: test.p,
        adjusted: 1.0,
        as_the_rest: false,
    })
}

/// `None` also where every ARC has the field, or none: there is nothing to say.
fn presence(column: &Column, sides: &[Option<Side>]) -> Option<Change> {
    let is_there = |row: usize| match (&column.numbers, &column.categories) {
        (Some(Numbers(values)), _) => values.get(row).is_some_and(|value| !value.is_nan()),
        (None, Some(categories)) => categories.codes.get(row).is_some_and(|code| *code != Categories::ABSENT),
        (None, None) => false,
    };
    let (mut before, mut after) = ((0_u64, 0_u64), (0_u64, 0_u64));
    for (row, side) in sides.iter().enumerate() {
        let (had, of) = match side {
            Some(Side::Before) => (&mut before.0, &mut before.1),
            Some(Side::After) => (&mut after.0, &mut after.1),
            None => continue,
        };
        *had += u64::from(is_there(row));
        *of += 1;
    }
    if before.1.min(after.1) < FEWEST as u64 || before.0 + after.0 == before.1 + after.1 {
        return None;
    }
    let change = share_change(before, after)?;
    Some(Change {
        field: column.name.clone(),
        what: What::Presence,
        segment: None,
        value: None,
        before: before.1,
        after: after.1,
        from: change.from,
        to: change.to,
        interval: Some((change.low, change.high)),
        effect: change.to - change.from,
        p: change.p,
        adjusted: 1.0,
        as_the_rest: false,
    })
}

/// Adjusts, marks segments that changed as the rest did, and ranks. `own` has, for a place in `ranked`, the p-value of
/// a segment's change being another than that of the rest.
fn settle(found: &mut Changes, own: &[(usize, f64)]) {
    let all: Vec<f64> = found.ranked.iter().map(|change| change.p).collect();
    for (change, adjusted) in found.ranked.iter_mut().zip(adjusted(&all)) {
        change.adjusted = adjusted;
    }
    let apart = adjusted(&own.iter().map(|(_, p)| *p).collect::<Vec<_>>());
    for ((at, _), adjusted) in own.iter().zip(apart) {
        if let Some(change) = found.ranked.get_mut(*at) {
            change.as_the_rest = adjusted > FOUND;
        }
    }
    // A field stands where its most telling change stands: found, and of its own, and large.
    let weight = |change: &Change| {
        let telling = change.found() && !change.as_the_rest;
        (u8::from(telling), if telling { change.effect.abs() } else { -change.adjusted })
    };
    let order = |a: (u8, f64), b: (u8, f64)| b.0.cmp(&a.0).then_with(|| b.1.total_cmp(&a.1));
    let mut fields: std::collections::HashMap<String, (u8, f64)> = std::collections::HashMap::new();
    for change in &found.ranked {
        let best = fields.entry(change.field.clone()).or_insert((0, f64::NEG_INFINITY));
        if order(weight(change), *best).is_lt() {
            *best = weight(change);
        }
    }
    let best = |change: &Change| fields.get(&change.field).copied().unwrap_or((0, f64::NEG_INFINITY));
    found.ranked.sort_by(|a, b| {
        order(best(a), best(b))
            .then_with(|| a.field.cmp(&b.field))
            .then_with(|| a.segment.is_some().cmp(&b.segment.is_some()))
            .then_with(|| order(weight(a), weight(b)))
            .then_with(|| b.effect.abs().total_cmp(&a.effect.abs()))
            .then_with(|| (b.before + b.after).cmp(&(a.before + a.after)))
    });
}

#[cfg(test)]
mod tests;
