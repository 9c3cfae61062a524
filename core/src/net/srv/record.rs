//! What a service is made of: the records that DNS has for it (RFC 2782).

use std::time::Duration;

/// One server of a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    /// The lowest comes first.
    pub(crate) priority: u16,
    /// Its share among those of one priority.
    pub(crate) weight: u16,
    pub(crate) port: u16,
    /// A host name, without a dot at its end.
    pub(crate) target: String,
}

/// An answer about a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    /// One at least.
    pub(crate) records: Vec<Record>,
    /// How long it is good, as whoever answered says.
    pub(crate) ttl: Duration,
}

/// The records in the order in which they are to be tried: by priority, and in each by a draw in which the weights are
/// the chances, as RFC 2782 wants it. `random` gives numbers from 0 (inclusive) to 1 (exclusive).
pub(crate) fn in_order(records: &[Record], mut random: impl FnMut() -> f64) -> Vec<&Record> {
    // Among equals without any weights the first one is drawn, so nobody is to be first for good.
    let mut rest = shuffled(records.iter(), &mut random);
    let mut ordered = Vec::with_capacity(rest.len());
    while let Some(priority) = rest.iter().map(|record| record.priority).min() {
        let sum: u64 = of(priority, &rest).map(|(_, weight)| weight).sum();
        // From 0 to the sum, both included; those without a weight are drawn at the very start alone.
        let mut left = (random() * (sum + 1) as f64) as u64;
        let without = of(priority, &rest).find(|(_, weight)| left == 0 && *weight == 0);
        let drawn = without.or_else(|| {
            of(priority, &rest).filter(|(_, weight)| *weight > 0).find(|(_, weight)| {
                let is_drawn = left <= *weight;
                left = left.saturating_sub(*weight);
                is_drawn
            })
        });
        let Some((place, _)) = drawn else { break };
        ordered.push(rest.remove(place));
    }
    ordered
}

/// Places and weights of the records of a priority.
fn of<'r>(priority: u16, rest: &'r [&Record]) -> impl Iterator<Item = (usize, u64)> + 'r {
    let all = rest.iter().enumerate();
    all.filter(move |(_, record)| record.priority == priority)
        .map(|(place, record)| (place, u64::from(record.weight)))
}

/// All of them in an order in which each place is as good as any other.
pub(crate) fn shuffled<T>(values: impl Iterator<Item = T>, mut random: impl FnMut() -> f64) -> Vec<T> {
    let mut rest: Vec<T> = values.collect();
    let mut drawn = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        // Below the length, as the fraction is below 1.
        drawn.push(rest.swap_remove((random() * rest.len() as f64) as usize));
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::id::random_fraction;

    fn record(priority: u16, weight: u16, target: &str) -> Record {
        Record { priority, weight, port: 1, target: target.to_owned() }
    }

    #[test]
    fn priorities_go_before_weights() {
        let records =
            [record(20, 65_535, "c"), record(10, 0, "a"), record(10, 1, "b"), record(65_535, 0, "d")];
        for _ in 0..100 {
            let order: String =
                in_order(&records, random_fraction).iter().map(|record| record.target.as_str()).collect();
            assert!(["abcd", "bacd"].contains(&order.as_str()), "{order}");
        }
        assert!(in_order(&[], random_fraction).is_empty());
    }

    #[test]
    fn weights_are_chances() {
        let records = [record(1, 60, "a"), record(1, 30, "b"), record(1, 10, "c"), record(1, 0, "d")];
        let mut first = [0; 4];
        for _ in 0..10_000 {
            let order = in_order(&records, random_fraction);
            assert_eq!(order.len(), 4);
            first["abcd".find(&order[0].target).unwrap()] += 1;
        }
        for (count, expected) in first.into_iter().zip([5_940, 2_970, 990, 100]) {
            assert!(i32::abs(count - expected) < 300, "{first:?}");
        }
    }

    #[test]
    fn without_weights_each_comes_first_now_and_then() {
        let records = [record(1, 0, "a"), record(1, 0, "b"), record(1, 0, "c")];
        let mut first = [0; 3];
        for _ in 0..3000 {
            first["abc".find(&in_order(&records, random_fraction)[0].target).unwrap()] += 1;
        }
        assert!(first.iter().all(|count| (850..1150).contains(count)), "{first:?}");
    }
}
