//! What a service is made of: the records that DNS has for it (RFC 2782).

use std::time::Duration;

/// One server of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    // Those without a weight first: they are drawn only where the draw is at its very start.
    rest.sort_by_key(|record| (record.priority, record.weight > 0));
    let mut ordered = Vec::with_capacity(rest.len());
    while let Some(priority) = rest.first().map(|record| record.priority) {
        let count = rest.iter().take_while(|record| record.priority == priority).count();
        let sum: u64 = rest.iter().take(count).map(|record| u64::from(record.weight)).sum();
        // From 0 to the sum, both included.
        let draw = (random() * (sum + 1) as f64) as u64;
        let mut running = 0;
        let drawn = rest.iter().take(count).position(|record| {
            running += u64::from(record.weight);
            running >= draw
        });
        ordered.push(rest.remove(drawn.unwrap_or_default()));
    }
    ordered
}

/// All of them in an order in which each place is as good as any other.
pub(crate) fn shuffled<T>(values: impl Iterator<Item = T>, mut random: impl FnMut() -> f64) -> Vec<T> {
    let mut drawn: Vec<(f64, T)> = values.map(|value| (random(), value)).collect();
    drawn.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    drawn.into_iter().map(|(_, value)| value).collect()
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
            assert!((count - expected as i32).abs() < 300, "{first:?}");
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
