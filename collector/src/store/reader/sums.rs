//! A KAPI by dimensions.

use std::collections::HashMap;

use super::codes::Codes;
use super::filter::Filter;
use super::fold::{Fold, Question};
use super::open::Reader;
use super::resolve;
use super::scan::Scan;
use super::walk::Walked;
use crate::store::error::StoreError;
use crate::store::value::{Seen, Value};

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
/// Bytes of the values of one dimension.
const MAX_BYTES: usize = 32 << 20;
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

    /// Adds those of others (Chan, Golub and LeVeque).
    fn merge(&mut self, other: &Sums) {
        let count = self.count + other.count;
        if other.count == 0 {
            return;
        }
        let away = other.mean - self.mean;
        let share = other.count as f64 / count as f64;
        self.squares += other.squares + away * away * self.count as f64 * share;
        self.mean += away * share;
        self.count = count;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
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
        self.fold(|db| {
            let scan = Scan::of_kapi(db, resolve::class(db, class)?, kapi, dimensions, filter)?;
            let count = dimensions.len();
            let begin = move |_, _| By::new(count);
            Ok(Question { scan, name: format!("by {count}"), sampled: false, drawn: None, first: 0, begin })
        })
    }
}

/// Sums by group while they grow.
struct By {
    /// The values of each dimension.
    codes: Vec<Codes>,
    /// Which group has which values; the code of each in 16 bits.
    places: HashMap<u64, usize>,
    groups: Vec<(u64, Sums)>,
    last: (u64, usize),
    all: Sums,
    others: u64,
}

/// Bits of a code: there are fewer values than groups.
const BITS: usize = 16;

impl By {
    fn new(dimensions: usize) -> By {
        let codes = (0..dimensions).map(|_| Codes::new(MAX_GROUPS, MAX_BYTES)).collect();
        let (places, groups) = (HashMap::new(), Vec::new());
        By { codes, places, groups, last: (u64::MAX, 0), all: Sums::NONE, others: 0 }
    }

    /// The sums of a group; none if there is no room for it.
    fn sums(&mut self, key: Option<u64>) -> Option<&mut Sums> {
        let key = key?;
        if self.last.0 != key {
            let at = match self.places.get(&key) {
                Some(at) => *at,
                None if self.groups.len() >= MAX_GROUPS => return None,
                None => {
                    self.places.insert(key, self.groups.len());
                    self.groups.push((key, Sums::NONE));
                    self.groups.len() - 1
                }
            };
            self.last = (key, at);
        }
        self.groups.get_mut(self.last.1).map(|(_, sums)| sums)
    }

    /// The values of a group, one for each dimension.
    fn values(&self, key: u64) -> impl Iterator<Item = &Value> {
        self.codes.iter().enumerate().map(move |(at, codes)| {
            let code = (key >> (BITS * at)) & ((1 << BITS) - 1);
            // All codes are of values.
            usize::try_from(code).ok().and_then(|code| codes.values.get(code)).unwrap_or(&Value::Null)
        })
    }
}

impl Fold for By {
    type Answer = Groups;

    fn row(&mut self, row: &mut Walked<'_, '_>) -> Result<bool, StoreError> {
        let Some(number) = row.number(0)? else { return Ok(true) };
        self.all.add(number);
        let mut key = Some(0);
        for (at, codes) in self.codes.iter_mut().enumerate() {
            let code = codes.code(row.see(at + 1)?);
            key = key.zip(code).map(|(key, code)| key | (code as u64) << (BITS * at));
        }
        match self.sums(key) {
            Some(sums) => sums.add(number),
            None => self.others += 1,
        }
        Ok(true)
    }

    fn merge(&mut self, behind: &By) {
        self.all.merge(&behind.all);
        self.others += behind.others;
        for (key, sums) in &behind.groups {
            let mut own = Some(0);
            for (at, (value, codes)) in behind.values(*key).zip(&mut self.codes).enumerate() {
                let code = codes.code(Seen::of(value));
                own = own.zip(code).map(|(key, code)| key | (code as u64) << (BITS * at));
            }
            match self.sums(own) {
                Some(group) => group.merge(sums),
                None => self.others += sums.count,
            }
        }
    }

    fn bytes(&self) -> usize {
        let codes: usize = self.codes.iter().map(|codes| codes.bytes + 32 * codes.values.len()).sum();
        codes + self.groups.len() * (size_of::<Sums>() + 48)
    }

    fn end(self) -> (Groups, usize) {
        let groups = self.groups.iter().map(|(key, sums)| sums.group(self.values(*key).cloned().collect()));
        let mut groups: Vec<Group> = groups.collect();
        let name = |group: &Group| group.values.iter().map(Value::to_string).collect::<Vec<_>>();
        groups.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| name(one).cmp(&name(other))));
        let left = groups.get(MAX_SHOWN..).unwrap_or_default();
        let others = self.others + left.iter().map(|group| group.count).sum::<u64>();
        groups.truncate(MAX_SHOWN);
        let values = groups.iter().flat_map(|group| &group.values).map(Value::bytes).sum::<usize>();
        let bytes = values + groups.len() * size_of::<Group>();
        (Groups { groups, all: self.all.group(Vec::new()), others }, bytes)
    }
}
