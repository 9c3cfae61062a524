//! Context ids for messages that have none: one for each, in the file, the ARCs and the store alike.

use std::cell::OnceCell;

use mona_collector::{Chunk, fresh_id};

pub(crate) struct FreshIds(Vec<OnceCell<String>>);

impl FreshIds {
    /// For the messages of a chunk; records of libmona have ids.
    pub(crate) fn of(chunk: &Chunk<'_>) -> FreshIds {
        let messages = if chunk.mode.is_rest() { chunk.entries.len() } else { 0 };
        FreshIds(vec![OnceCell::new(); messages])
    }

    /// That of the n-th message, the same each time.
    pub(crate) fn of_message(&self, at: usize) -> String {
        self.0.get(at).map_or_else(fresh_id, |id| id.get_or_init(fresh_id).clone())
    }
}
