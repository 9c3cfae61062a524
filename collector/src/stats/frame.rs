//! ARCs as columns: what the comparison of periods reads.

use std::collections::HashMap;

/// Values of a dimension that are told apart; rarer ones count as one.
const MAX_CATEGORIES: usize = 50;
/// So many steps in one direction make a counter or a clock of a column.
const COUNTER_STEPS: f64 = 0.99;

/// ARCs in the order of their times, a value of each in every column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// When each began, in any unit.
    pub(crate) times: Vec<f64>,
    pub(crate) columns: Vec<Column>,
}

/// One field. A boolean is both: a KAPI of 0 and 1, and a dimension.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) numbers: Option<Numbers>,
    pub(crate) categories: Option<Categories>,
}

/// A number for each ARC; NaN stands for none.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(pub(crate) Vec<f64>);

impl Numbers {
    /// Whether the column only counts on (or down) from ARC to ARC, so that any two periods differ in it.
    pub(crate) fn counts_on(&self) -> bool {
        let present: Vec<f64> = self.0.iter().copied().filter(|value| value.is_finite()).collect();
        let steps = present.len().saturating_sub(1) as f64;
        let (mut up, mut down) = (0_u32, 0_u32);
        for (one, next) in present.iter().zip(present.iter().skip(1)) {
            up += u32::from(one < next);
            down += u32::from(one > next);
        }
        steps >= 10.0 && f64::from(up.max(down)) / steps >= COUNTER_STEPS
    }
}

/// A category for each ARC.
#[derive(Debug, Clone)]
pub(crate) struct Categories {
    /// The place in `names`; one beyond its end stands for all rarer values, [`Categories::ABSENT`] for none.
    pub(crate) codes: Vec<u32>,
    /// The most frequent first.
    pub(crate) names: Vec<String>,
}

impl Categories {
    pub(crate) const ABSENT: u32 = u32::MAX;

    /// Of texts.
    pub(crate) fn of<T: AsRef<str>>(values: &[Option<T>]) -> Categories {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for value in values.iter().flatten() {
            *counts.entry(value.as_ref()).or_default() += 1;
        }
        let mut order: Vec<(&str, u32)> = counts.into_iter().collect();
        order.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        order.truncate(MAX_CATEGORIES);
        let known: HashMap<&str, u32> = (0..).zip(&order).map(|(code, (name, _))| (*name, code)).collect();
        let other = order.len() as u32;
        let code = |value: &Option<T>| match value {
            None => Categories::ABSENT,
            Some(value) => known.get(value.as_ref()).copied().unwrap_or(other),
        };
        let codes = values.iter().map(code).collect();
        Categories { codes, names: order.into_iter().map(|(name, _)| name.to_owned()).collect() }
    }

    /// How many codes there are, that of rarer values included.
    pub(crate) fn size(&self) -> usize {
        self.names.len() + 1
    }

    /// What a code stands for.
    pub(crate) fn name(&self, code: usize) -> &str {
        self.names.get(code).map_or("(other values)", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_categories_are_one() {
        let values: Vec<Option<String>> =
            (0..200).map(|n| if n < 100 { Some("often".to_owned()) } else { Some(n.to_string()) }).collect();
        let found = Categories::of(&values);
        assert_eq!((found.names[0].as_str(), found.size()), ("often", MAX_CATEGORIES + 1));
        assert_eq!((found.codes[0], found.codes[199]), (0, 50));
        assert_eq!(found.name(50), "(other values)");
        assert_eq!(Categories::of::<String>(&[None]).codes, [Categories::ABSENT]);
    }

    #[test]
    fn counters_are_told_from_kapis() {
        assert!(Numbers((0..100).map(f64::from).collect()).counts_on());
        assert!(Numbers((0..100).rev().map(f64::from).collect()).counts_on());
        assert!(!Numbers((0..100).map(|n| f64::from(n / 50)).collect()).counts_on());
        assert!(!Numbers((0..100).map(|n| f64::from(n * 37 % 100)).collect()).counts_on());
        assert!(!Numbers(vec![1.0, 2.0, f64::NAN]).counts_on());
    }
}
