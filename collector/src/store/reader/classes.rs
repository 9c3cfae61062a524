//! What classes there are.

use super::open::Reader;
use crate::store::error::StoreError;

/// One ARC class.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name, `(no class)` for contexts without one.
    pub name: String,
    /// The name of its table.
    pub table: String,
    /// How many main contexts have it. A class of sub-contexts only has none.
    pub arcs: u64,
    /// How many contexts have it, sub-contexts too.
    pub contexts: u64,
    /// How many events these had.
    pub events: u64,
    /// When its first and last event was, in Unix seconds.
    pub first: Option<f64>,
    /// When its last event was.
    pub last: Option<f64>,
    /// How many fields it has.
    pub fields: u64,
}

impl Reader {
    /// All classes, in the order of their first event.
    pub fn classes(&self) -> Result<Vec<Class>, StoreError> {
        self.ask(|db| {
            let mut query = db.prepare_cached(
                "SELECT name, tab, arcs, contexts, events, first, last,
                    (SELECT count(*) FROM mona_fields WHERE class = mona_classes.id)
                 FROM mona_classes ORDER BY id",
            )?;
            let rows = query.query_map([], |row| {
                Ok(Class {
                    name: row.get(0)?,
                    table: row.get(1)?,
                    arcs: row.get(2)?,
                    contexts: row.get(3)?,
                    events: row.get(4)?,
                    first: row.get(5)?,
                    last: row.get(6)?,
                    fields: row.get(7)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
