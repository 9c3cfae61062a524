//! How delivery goes, and what arrived last.

use super::open::Reader;
use crate::store::error::StoreError;
use crate::store::event::Live;

/// Counters of the whole store, and of this run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// The counters by name, for example `chunks`, `duplicates`, `refused`, `invalid_timestamps`.
    pub counters: Vec<(String, u64)>,
    /// Records by tag, the most frequent first; at most 100.
    pub tags: Vec<(String, u64)>,
    /// Bytes of the file.
    pub bytes: u64,
    /// The last refusals of this run with their time, the youngest last.
    pub refusals: Vec<(f64, String)>,
}

/// Tags of one answer.
const MAX_TAGS: i64 = 100;

impl Reader {
    /// Counters, tags, refusals.
    pub fn health(&self) -> Result<Health, StoreError> {
        let mut health = self.ask(|db| {
            let mut query = db.prepare_cached("SELECT name, value FROM mona_health ORDER BY name")?;
            let counters = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let counters = counters.collect::<Result<_, _>>()?;
            let mut query =
                db.prepare_cached("SELECT tag, records FROM mona_tags ORDER BY records DESC, tag LIMIT ?1")?;
            let tags = query.query_map([MAX_TAGS], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let tags = tags.collect::<Result<_, _>>()?;
            let bytes = db.query_row(
                "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
                [],
                |row| row.get(0),
            )?;
            Ok(Health { counters, tags, bytes, refusals: Vec::new() })
        })?;
        if let Some(store) = &self.store {
            health.refusals = store.refusals();
        }
        Ok(health)
    }

    /// The events that arrived in this run behind a place; 0 is the start.
    pub fn since(&self, cursor: u64) -> Result<Live, StoreError> {
        Ok(self.store.as_ref().map(|store| store.since(cursor)).unwrap_or_default())
    }
}
