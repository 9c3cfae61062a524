//! A KAPI by dimensions.

use std::collections::HashMap;

use super::filter::Filter;
use super::open::Reader;
use super::resolve;
use super::scan::{Scan, Walked};
use crate::store::error::StoreError;
use crate::store::value::Value;

/// The sums of a KAPI for one combination of values of the dimensions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// The values, one for each dimension.
    pub values: Vec<Value>,
    /// How many ARCs are in it that have the KAPI.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Their variance (with n - 1); 0 for a single one.
    pub variance: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// A KAPI by one or more dimensions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Groups {
    /// The groups, the largest first; at most 1,000.
    pub groups: Vec<Group>,
    /// All ARCs together, without values of dimensions.
    pub all: Group,
    /// How many ARCs are in groups for which there was no room.
    pub others: u64,
}

/// Dimensions of one question.
const MAX_DIMENSIONS: usize = 3;
/// Groups that are summed up.
const MAX_GROUPS: usize = 20_000;
/// Groups that are compared with a row one by one.
const FEW: usize = 16;
/// Groups of one answer.
const MAX_SHOWN: usize = 1_000;

/// Sums of one group while they grow (Welford).
#[derive(Debug, Clone, Copy)]
struct Sums {
    count: u64,
    mean: f64,
    squares: f64,
    least: f64,
    most: f64,
}

impl Sums {
    const NONE: Sums = Sums { count: 0, mean: 0.0, squares: 0.0, least: f64::MAX, most: f64::MIN };

    fn add(&mut self, number: f64) {
        self.count += 1;
        let away = number - self.mean;
        self.mean += away / self.count as f64;
        self.squares += away * (number - self.mean);
        self.least = self.least.min(number);
        self.most = self.most.max(number);
    }

    fn group(self, values: Vec<Value>) -> Group {
        match self.count {
            0 => Group { values, ..Group::default() },
            count => Group {
                values,
                count,
                mean: self.mean,
                variance: if count > 1 { self.squares / (count - 1) as f64 } else { 0.0 },
                least: self.least,
                most: self.most,
            },
        }
    }
}

impl Reader {
    /// A KAPI by dimensions (up to three). Without one there is one group.
    pub fn by(
        &self,
        class: &str,
        kapi: &str,
        dimensions: &[&str],
        filter: &Filter,
    ) -> Result<Groups, StoreError> {
        let dimensions = dimensions.get(..MAX_DIMENSIONS.min(dimensions.len())).unwrap_or_default();
        self.ask(|db| {
            let scan = Scan::of_kapi(db, resolve::class(db, class)?, kapi, dimensions, filter)?;
            let mut all = Sums::NONE;
            let mut groups: Vec<(Vec<Value>, Sums)> = Vec::new();
            let mut places: HashMap<Vec<Value>, usize> = HashMap::new();
            let mut others = 0;
            scan.walk(|row| {
                let Some(number) = row.number(0)? else { return Ok(true) };
                all.add(number);
                match place(row, dimensions.len(), &mut groups, &mut places)? {
                    Some(sums) => sums.add(number),
                    None => others += 1,
                }
                Ok(true)
            })?;
            let mut groups: Vec<Group> =
                groups.into_iter().map(|(values, sums)| sums.group(values)).collect();
            let name = |group: &Group| group.values.iter().map(Value::to_string).collect::<Vec<_>>();
            groups
                .sort_by(|one, other| other.count.cmp(&one.count).then_with(|| name(one).cmp(&name(other))));
            let left = groups.get(MAX_SHOWN..).unwrap_or_default();
            others += left.iter().map(|group| group.count).sum::<u64>();
            groups.truncate(MAX_SHOWN);
            Ok(Groups { groups, all: all.group(Vec::new()), others })
        })
    }
}

/// The sums of the group of a row; none if there is no room for it.
fn place<'g>(
    row: &Walked<'_>,
    dimensions: usize,
    groups: &'g mut Vec<(Vec<Value>, Sums)>,
    places: &mut HashMap<Vec<Value>, usize>,
) -> Result<Option<&'g mut Sums>, StoreError> {
    // Most dimensions have a few values, which need not be copied to be found.
    let mut at = None;
    for (place, (values, _)) in groups.iter().enumerate().take(FEW) {
        let mut same = true;
        for (dimension, value) in values.iter().enumerate() {
            same = same && row.has(dimension + 1, value)?;
        }
        if same {
            at = Some(place);
            break;
        }
    }
    let at = match at {
        Some(at) => at,
        None => {
            let values = (1..=dimensions).map(|at| row.value(at)).collect::<Result<Vec<_>, _>>()?;
            match places.get(&values) {
                Some(at) => *at,
                None if groups.len() >= MAX_GROUPS => return Ok(None),
                None => {
                    places.insert(values.clone(), groups.len());
                    groups.push((values, Sums::NONE));
                    groups.len() - 1
                }
            }
        }
    };
    Ok(groups.get_mut(at).map(|(_, sums)| sums))
}
