//! What fields a class has, and the values of one.

use super::filter::Filter;
use super::open::Reader;
use crate::store::error::StoreError;
use crate::store::value::Value;

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

impl Reader {
    /// The fields of a class in the order of their first appearance; at most 2,000, those with a column first.
    pub fn fields(&self, _class: &str) -> Result<Vec<Field>, StoreError> {
        Ok(Vec::new())
    }

    /// The `limit` most frequent values of a field.
    pub fn top(
        &self,
        _class: &str,
        _field: &str,
        _filter: &Filter,
        _limit: usize,
    ) -> Result<Top, StoreError> {
        Ok(Top::default())
    }
}
