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
use super::moments::Moments;
use super::rank::mann_whitney;
use super::shares::{share_change, share_difference, shares};
use super::welch::{Difference, welch};

mod segments;

/// Fewer ARCs in a period are not compared: no test could find anything.
pub(crate) const FEWEST: usize = 5;
/// Adjusted p-values up to it count as found.
pub(crate) const FOUND: f64 = 0.05;

/// What was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The values of a KAPI; `from` and `to` are means.
    Values,
    /// The shares of a dimension's values; `from` and `to` are those of the value that moved most.
    Shares,
    /// How many ARCs have the field at all; `from` and `to` are shares.
    Presence,
}

/// The ARCs with one value of a dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) dimension: String,
    pub(crate) value: String,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) field: String,
    pub(crate) what: What,
    /// `None`: all ARCs.
    pub(crate) segment: Option<Segment>,
    /// The value of the dimension whose share moved most.
    pub(crate) value: Option<String>,
    /// ARCs compared.
    pub(crate) before: u64,
    pub(crate) after: u64,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Where `to - from` lies with 95 % confidence, if it can be told.
    pub(crate) interval: Option<(f64, f64)>,
    /// Signed: above 0 if the values rose.
    pub(crate) effect: f64,
    pub(crate) p: f64,
    /// Adjusted for the number of comparisons.
    pub(crate) adjusted: f64,
    /// A segment that changed as all other ARCs did: nothing of its own.
    pub(crate) as_the_rest: bool,
}

impl Change {
    /// Whether there is a change beyond what chance explains.
    pub(crate) fn found(&self) -> bool {
        self.adjusted <= FOUND
    }
}

/// All comparisons, the most telling first; those of one field together, the whole before its segments.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Changes {
    pub(crate) before: u64,
    pub(crate) after: u64,
    pub(crate) ranked: Vec<Change>,
    /// Columns that only count on, like a number of the run.
    pub(crate) counters: Vec<String>,
    /// How many comparisons there were too few ARCs for.
    pub(crate) too_few: u64,
}

/// In which period an ARC lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

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

impl Changes {
    fn add(&mut self, change: Option<Change>) {
        match change {
            Some(change) => self.ranked.push(change),
            None => self.too_few += 1,
        }
    }

    fn add_if_any(&mut self, change: Option<Change>) {
        self.ranked.extend(change);
    }
}

/// The two periods of a KAPI: values in order.
#[derive(Debug, Default, Clone)]
struct Periods {
    before: Vec<f64>,
    after: Vec<f64>,
}

impl Periods {
    fn push(&mut self, side: Side, value: f64) {
        match side {
            Side::Before => self.before.push(value),
            Side::After => self.after.push(value),
        }
    }

    fn moments(&self) -> (Moments, Moments) {
        (Moments::of(&self.before), Moments::of(&self.after))
    }

    fn change(&self, field: &str, segment: Option<Segment>, moments: &(Moments, Moments)) -> Option<Change> {
        if self.before.len().min(self.after.len()) < FEWEST {
            return None;
        }
        let test = mann_whitney(&self.after, &self.before)?;
        let are_shares = [&self.before, &self.after].iter().all(|values| are_zeros_and_ones(values));
        let compare: fn(&Moments, &Moments) -> Option<Difference> =
            if are_shares { share_difference } else { welch };
        let difference = compare(&moments.1, &moments.0);
        Some(Change {
            field: field.to_owned(),
            what: What::Values,
            segment,
            value: None,
            before: moments.0.count,
            after: moments.1.count,
            from: moments.0.mean,
            to: moments.1.mean,
            interval: difference.map(|difference| (difference.low, difference.high)),
            effect: test.effect,
            p: test.p,
            adjusted: 1.0,
            as_the_rest: false,
        })
    }
}

/// Of values in order.
fn are_zeros_and_ones(values: &[f64]) -> bool {
    let zeros = values.partition_point(|value| *value <= 0.0);
    let ones = values.get(zeros..).unwrap_or_default();
    values.first().is_none_or(|least| *least >= 0.0)
        && ones.first().zip(ones.last()).is_none_or(|pair| pair == (&1.0, &1.0))
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
