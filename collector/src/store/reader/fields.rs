//! What fields a class has, and the values of one.

use rusqlite::params;

use super::codes::Codes;
use super::filter::Filter;
use super::fold::{Fold, Question};
use super::open::Reader;
use super::resolve;
use super::scan::Scan;
use super::walk::Walked;
use crate::store::error::StoreError;
use crate::store::value::{Seen, Value};

/// One field of a class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Field {
    /// Its name, objects with dots: `size.width`.
    pub name: String,
    /// The name of its column; none for what lies in `_more`.
    pub column: Option<String>,
    /// `INTEGER`, `REAL`, `TEXT` or `BOOLEAN`, by its first value; `NULL` before there is one.
    pub kind: String,
    /// How many values of each kind arrived.
    pub counts: Counts,
    /// Whether values came that do not fit the kind.
    pub conflicts: bool,
    /// When it was first exported, in Unix seconds.
    pub first: Option<f64>,
    /// When it was last exported.
    pub last: Option<f64>,
}

/// How many values of each kind arrived, before merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// `null`.
    pub nulls: u64,
    /// True or false.
    pub booleans: u64,
    /// Whole numbers.
    pub integers: u64,
    /// Other numbers.
    pub reals: u64,
    /// Texts.
    pub texts: u64,
    /// Lists, and objects too deep to be flattened.
    pub lists: u64,
}

/// The most frequent values of a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Top {
    /// The values with how often each is there, the most frequent first.
    pub values: Vec<(Value, u64)>,
    /// How many different ones were found (100,000 are told apart).
    pub distinct: u64,
    /// How many rows have one.
    pub present: u64,
    /// How many rows have none.
    pub missing: u64,
}

/// Fields of one answer.
const MAX_FIELDS: i64 = 2_000;
/// Different values that are told apart; each takes memory.
const MAX_DISTINCT: usize = 100_000;
/// Bytes of these values.
const MAX_BYTES: usize = 32 << 20;

impl Reader {
    /// The fields of a class in the order of their first appearance; at most 2,000, those with a column first.
    pub fn fields(&self, class: &str) -> Result<Vec<Field>, StoreError> {
        self.ask(|db| {
            let class = resolve::class(db, class)?;
            let mut query = db.prepare_cached(
                "SELECT name, col, type, nulls, booleans, integers, reals, texts, lists, first, last
                 FROM mona_fields WHERE class = ?1 ORDER BY position, first, name LIMIT ?2",
            )?;
            let fields = query.query_map(params![class.id, MAX_FIELDS], |row| {
                let counts = Counts {
                    nulls: row.get(3)?,
                    booleans: row.get(4)?,
                    integers: row.get(5)?,
                    reals: row.get(6)?,
                    texts: row.get(7)?,
                    lists: row.get(8)?,
                };
                Ok(Field {
                    name: row.get(0)?,
                    column: row.get(1)?,
                    kind: row.get(2)?,
                    counts,
                    conflicts: counts.conflict(),
                    first: row.get(9)?,
                    last: row.get(10)?,
                })
            })?;
            Ok(fields.collect::<Result<_, _>>()?)
        })
    }

    /// The `limit` most frequent values of a field.
    pub fn top(&self, class: &str, field: &str, filter: &Filter, limit: usize) -> Result<Top, StoreError> {
        self.counted(class, field, filter, limit.min(MAX_DISTINCT), MAX_DISTINCT)
    }

    /// How many rows have a field; nothing is known of its values.
    pub fn presence(&self, class: &str, field: &str, filter: &Filter) -> Result<Top, StoreError> {
        self.counted(class, field, filter, 0, 0)
    }

    fn counted(
        &self,
        class: &str,
        field: &str,
        filter: &Filter,
        limit: usize,
        distinct: usize,
    ) -> Result<Top, StoreError> {
        self.fold(|db| {
            let scan = Scan::of_kapi(db, resolve::class(db, class)?, field, &[], filter)?;
            let begin = move |_, _| Counted {
                codes: Codes::new(distinct, MAX_BYTES),
                counts: Vec::new(),
                present: 0,
                missing: 0,
                limit,
                distinct,
            };
            Ok(Question {
                scan,
                name: format!("top {limit} of {distinct}"),
                sampled: false,
                drawn: None,
                first: 0,
                begin,
            })
        })
    }
}

/// How often each value is there.
struct Counted {
    codes: Codes,
    counts: Vec<u64>,
    present: u64,
    missing: u64,
    limit: usize,
    /// How many values are told apart.
    distinct: usize,
}

impl Counted {
    fn add(&mut self, seen: Seen<'_>, many: u64) {
        let Some(code) = self.codes.code(seen) else { return };
        if code >= self.counts.len() {
            self.counts.resize(code + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(code) {
            *count += many;
        }
    }
}

impl Fold for Counted {
    type Answer = Top;

    fn row(&mut self, row: &mut Walked<'_, '_>) -> Result<bool, StoreError> {
        match row.see(0)? {
            Seen::Null => self.missing += 1,
            seen => {
                self.present += 1;
                if self.distinct > 0 {
                    self.add(seen, 1);
                }
            }
        }
        Ok(true)
    }

    fn merge(&mut self, behind: &Counted) {
        self.present += behind.present;
        self.missing += behind.missing;
        for (value, count) in behind.codes.values.iter().zip(&behind.counts) {
            self.add(Seen::of(value), *count);
        }
    }

    fn bytes(&self) -> usize {
        self.codes.bytes + 40 * self.counts.len()
    }

    fn end(self) -> (Top, usize) {
        let distinct = self.counts.len() as u64;
        let mut values: Vec<(Value, u64)> = self.codes.values.into_iter().zip(self.counts).collect();
        values.sort_by(|(one, many), (other, more)| {
            more.cmp(many).then_with(|| one.to_string().cmp(&other.to_string()))
        });
        values.truncate(self.limit);
        values.shrink_to_fit();
        let bytes = values.iter().map(|(value, _)| value.bytes() + 8).sum();
        (Top { values, distinct, present: self.present, missing: self.missing }, bytes)
    }
}

impl Counts {
    /// Whether values of kinds came that do not fit together; numbers fit each other, null fits all.
    fn conflict(self) -> bool {
        let kinds = [self.booleans > 0, self.integers + self.reals > 0, self.texts > 0, self.lists > 0];
        kinds.into_iter().filter(|came| *came).count() > 1
    }
}
