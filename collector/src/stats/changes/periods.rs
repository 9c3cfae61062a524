//! The values of a KAPI in both periods, and how they differ.

use super::found::{Change, FEWEST, Segment, What};
use crate::stats::moments::Moments;
use crate::stats::rank::mann_whitney;
use crate::stats::shares::share_difference;
use crate::stats::welch::{Difference, welch};

/// In which period an ARC lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// The two periods of a KAPI: values in order.
#[derive(Debug, Default, Clone)]
pub(super) struct Periods {
    pub(super) before: Vec<f64>,
    pub(super) after: Vec<f64>,
}

impl Periods {
    pub(super) fn push(&mut self, side: Side, value: f64) {
        match side {
            Side::Before => self.before.push(value),
            Side::After => self.after.push(value),
        }
    }

    pub(super) fn moments(&self) -> (Moments, Moments) {
        (Moments::of(&self.before), Moments::of(&self.after))
    }

    pub(super) fn change(
        &self,
        field: &str,
        segment: Option<Segment>,
        moments: &(Moments, Moments),
    ) -> Option<Change> {
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
