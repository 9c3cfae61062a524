//! Counters of delivery, written with the next transaction.

use std::collections::{BTreeMap, HashMap, VecDeque};

use rusqlite::{Connection, params};

use super::clock::now;
use super::error::StoreError;
use super::names::shortened;

/// Refusals that are remembered: what a person reads.
const REFUSALS: usize = 50;
/// Bytes of one.
const MAX_SENTENCE: usize = 500;
/// Tags and clients that are told apart; the others are counted together.
const MAX_NAMES: usize = 200;
/// What these are called.
const OTHERS: &str = "(others)";

#[derive(Debug, Default)]
pub(crate) struct Tally {
    counters: BTreeMap<&'static str, u64>,
    /// What the transaction that is open counts of its own.
    open: BTreeMap<&'static str, u64>,
    /// What came under each tag in it.
    tags: HashMap<String, (u64, f64)>,
    /// Tags that the file has.
    known: HashMap<String, ()>,
    pub(crate) refusals: VecDeque<(f64, String)>,
}

impl Tally {
    /// The tags of a file.
    pub(crate) fn load(db: &Connection) -> Result<Tally, StoreError> {
        let mut tags = db.prepare("SELECT tag FROM mona_tags")?;
        let known = tags.query_map([], |row| Ok((row.get(0)?, ())))?.collect::<Result<_, _>>()?;
        Ok(Tally { known, ..Tally::default() })
    }

    pub(crate) fn count(&mut self, counter: &'static str, more: u64) {
        if more > 0 {
            *self.counters.entry(counter).or_default() += more;
        }
    }

    /// Counts what is only true if the transaction that is open ends well.
    pub(crate) fn count_open(&mut self, counter: &'static str, more: u64) {
        if more > 0 {
            *self.open.entry(counter).or_default() += more;
        }
    }

    pub(crate) fn tag(&mut self, tag: &str, records: u64) {
        if records == 0 {
            return;
        }
        if let Some((count, last)) = self.tags.get_mut(tag) {
            *count += records;
            *last = now();
            return;
        }
        let tag = shortened(tag, MAX_SENTENCE);
        let room = self.known.contains_key(tag.as_ref()) || self.known.len() < MAX_NAMES;
        let tag = if room { tag.into_owned() } else { OTHERS.to_owned() };
        self.known.insert(tag.clone(), ());
        let (count, last) = self.tags.entry(tag).or_default();
        *count += records;
        *last = now();
    }

    /// Something was refused, or a connection closed for a fault.
    pub(crate) fn refuse(&mut self, sentence: &str) {
        if self.refusals.len() >= REFUSALS {
            self.refusals.pop_front();
        }
        self.refusals.push_back((now(), shortened(sentence, MAX_SENTENCE).into_owned()));
    }

    /// Writes what is new; it is forgotten when the transaction is over.
    pub(crate) fn write(&self, db: &Connection) -> Result<(), StoreError> {
        let mut put = db.prepare_cached(
            "INSERT INTO mona_health (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + ?2",
        )?;
        for (name, more) in self.counters.iter().chain(&self.open) {
            put.execute(params![name, more])?;
        }
        let mut put = db.prepare_cached(
            "INSERT INTO mona_tags (tag, records, last) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET records = records + ?2, last = ?3",
        )?;
        for (tag, (records, last)) in &self.tags {
            put.execute(params![tag, records, last])?;
        }
        Ok(())
    }

    /// What was written is in the file.
    pub(crate) fn written(&mut self) {
        self.counters.clear();
        self.give_up();
    }

    /// The transaction was taken back.
    pub(crate) fn give_up(&mut self) {
        self.open.clear();
        self.tags.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.counters.is_empty() && self.open.is_empty() && self.tags.is_empty()
    }
}
