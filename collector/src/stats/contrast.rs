//! A KAPI by groups: each group against all the others together.

use super::discovery::adjusted;
use super::moments::Moments;
use super::shares::share_difference;
use super::welch::{Difference, welch};

/// Fewer values than this: the interval is rough, and a single odd value can make the difference.
pub(crate) const SMALL_GROUP: u64 = 30;

/// One group against the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Contrast {
    /// All other groups together.
    pub(crate) rest: Moments,
    /// The group less the rest, if it can be told.
    pub(crate) difference: Option<Difference>,
    /// Its p-value, adjusted for the number of groups that are compared (Benjamini and Hochberg).
    pub(crate) adjusted: f64,
    pub(crate) small: bool,
}

/// For each group, in the same order. `are_shares`: all values are 0 or 1.
pub(crate) fn contrast(groups: &[Moments], are_shares: bool) -> Vec<Contrast> {
    // What comes after each group, from the end; what came before is summed up on the way. Taking a group away from
    // the sum of all would take the digits away too.
    let mut after = vec![Moments::default(); groups.len()];
    let mut sum = Moments::default();
    for (slot, group) in after.iter_mut().zip(groups).rev() {
        *slot = sum;
        sum = sum.merge(group);
    }
    let mut before = Moments::default();
    let mut found = Vec::with_capacity(groups.len());
    for (group, after) in groups.iter().zip(&after) {
        let rest = before.merge(after);
        let difference = if are_shares { share_difference(group, &rest) } else { welch(group, &rest) };
        let small = group.count < SMALL_GROUP || rest.count < SMALL_GROUP;
        found.push(Contrast { rest, difference, adjusted: 1.0, small });
        before = before.merge(group);
    }
    // A group that was not compared is none of the comparisons.
    let compared: Vec<f64> = found.iter().filter_map(|one| Some(one.difference?.p)).collect();
    let mut by_test = adjusted(&compared).into_iter();
    for one in found.iter_mut().filter(|one| one.difference.is_some()) {
        one.adjusted = by_test.next().unwrap_or(1.0);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_of_eight_are_no_certainty() {
        let of = |had: u32, count: u32| {
            Moments::of(&(0..count).map(|n| f64::from(u8::from(n < had))).collect::<Vec<_>>())
        };
        let found = contrast(&[of(8, 8), of(801, 891)], true);
        let difference = found[0].difference.unwrap();
        assert!(difference.p > 0.9 && difference.low < 0.0 && difference.high > 0.0, "{difference:?}");
        let found = contrast(&[of(60, 100), of(801, 891)], true);
        assert!(found[0].adjusted < 1e-9 && found[0].difference.unwrap().by < -0.25);
    }

    #[test]
    fn each_group_against_the_others() {
        let groups = [
            Moments::of(&[1.0, 2.0, 3.0]),
            Moments::of(&[7.0]),
            Moments::of(&[11.0, 12.0, 13.0]),
            Moments::default(),
        ];
        let found = contrast(&groups, false);
        assert_eq!(found[0].rest, Moments::of(&[7.0, 11.0, 12.0, 13.0]));
        let difference = found[0].difference.unwrap();
        assert_eq!(difference.by, 2.0 - 10.75);
        // Two comparisons, not four: a group of one and an empty one have none.
        assert_eq!(found.iter().filter(|one| one.difference.is_some()).count(), 2);
        assert!(found[0].adjusted <= difference.p * 2.0 && found[1].adjusted == 1.0);
        assert!(found.iter().all(|one| one.small));
        assert_eq!(contrast(&[], false), []);
        assert_eq!(contrast(&[Moments::of(&[1.0; 50])], false)[0].difference, None);
    }
}
