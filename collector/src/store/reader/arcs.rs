//! The ARCs of a class: a table of rows.

use super::filter::Filter;
use super::open::Reader;
use crate::store::error::StoreError;
use crate::store::value::Value;

/// In which order rows come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sort {
    /// A field, or a column of ours; by age where there is none.
    pub by: Option<String>,
    /// The largest first; by age: the oldest first.
    pub ascending: bool,
}

/// Rows of one class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// The fields, in the order of their first appearance.
    pub fields: Vec<String>,
    /// The rows that were asked for.
    pub rows: Vec<Row>,
    /// How many the filter leaves in all; `None` where counting them took too long.
    pub matched: Option<u64>,
}

/// One context of a class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its number in the store.
    pub id: i64,
    /// Its full id.
    pub context: String,
    /// The number of its main context: its own for an ARC.
    pub main: i64,
    /// The user id of its events.
    pub user: Option<String>,
    /// When its first event was, in Unix seconds.
    pub first: f64,
    /// When its last event was; of an ARC that of all its contexts.
    pub last: f64,
    /// How many events it had.
    pub events: u64,
    /// Whether something arrived lately.
    pub open: bool,
    /// Its values, one for each of the fields.
    pub values: Vec<Value>,
}

impl Reader {
    /// Rows of a class, `skip` left out at the start, at most `limit` of them (1,000 at most).
    pub fn arcs(
        &self,
        _class: &str,
        _filter: &Filter,
        _sort: &Sort,
        _skip: u64,
        _limit: u64,
    ) -> Result<Rows, StoreError> {
        Ok(Rows::default())
    }
}
