//! The one connection that writes, and what it knows of its file.
//!
//! Records are merged in slices; a transaction holds those of one or several chunks. What it changes in
//! memory is read back from the file where it is taken back.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::blocks::Blocks;
use super::classes::Classes;
use super::clock::now;
use super::contexts::{Contexts, Run};
use super::error::StoreError;
use super::event::LiveEvent;
use super::incoming::Incoming;
use super::retention::{Keeper, Retention};
use super::rows;
use super::slice::Slice;
use super::tally::Tally;
use crate::proto::malformed::Malformed;

/// Records merged in memory before their rows are written.
const SLICE_RECORDS: usize = 2_000;
/// How much a sender's clock may be ahead of ours, in seconds.
pub(crate) const AHEAD: f64 = 300.0;
/// Their bytes as JSON.
const SLICE_BYTES: usize = 1 << 20;

#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) db: Connection,
    classes: Classes,
    contexts: Contexts,
    keeper: Keeper,
    pub(crate) tally: Tally,
    /// The transaction that is open.
    pub(crate) open: Option<Arc<Outcome>>,
    /// Records in it.
    pub(crate) records: usize,
    /// Its youngest events.
    tail: Vec<LiveEvent>,
    /// Events had times that were still to come.
    ahead: bool,
    blocks: Arc<Blocks>,
    /// Blocks in which this transaction changes something.
    changed: HashSet<i64>,
    /// A number that is another one when somebody else wrote to the file.
    foreign: i64,
}

/// What a commit brought into the file.
#[derive(Debug, Default)]
pub(crate) struct Committed {
    pub(crate) records: u64,
    pub(crate) tail: Vec<LiveEvent>,
}

/// What becomes of a transaction, for all who wrote in it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    result: Mutex<Option<Result<(), StoreError>>>,
    known: Condvar,
}

/// What was made of some records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records that are in the store.
    pub records: u64,
    /// Records without a context or a message with fields.
    pub strangers: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// Records with a time that is none.
    pub untimely: u64,
    /// Values for which there was no room in a row; they are in the raw events.
    pub left_out: u64,
}

impl Writer {
    pub(crate) fn new(
        db: Connection,
        retention: Retention,
        blocks: Arc<Blocks>,
    ) -> Result<Writer, StoreError> {
        let classes = Classes::load(&db)?;
        let contexts = Contexts::load(&db, &classes)?;
        let keeper = Keeper::load(&db, &classes, retention)?;
        let tally = Tally::load(&db)?;
        let foreign = data_version(&db)?;
        Ok(Writer {
            db,
            classes,
            contexts,
            keeper,
            tally,
            open: None,
            records: 0,
            tail: Vec::new(),
            ahead: false,
            blocks,
            changed: HashSet::new(),
            foreign,
        })
    }

    /// Writes records in the transaction that is open, or in one that it opens.
    pub(crate) fn take<'a>(
        &mut self,
        records: impl IntoIterator<Item = Result<Incoming<'a>, Malformed>>,
    ) -> Result<Taken, StoreError> {
        self.begin()?;
        let mut taken = Taken::default();
        let mut slice = Slice::new(self.contexts.key);
        let mut tag = ("", 0);
        let mut latest: f64 = 0.0;
        for record in records {
            if let Ok(record) = &record {
                taken.untimely += u64::from(record.untimely);
                latest = latest.max(record.time);
                if record.tag != tag.0 {
                    self.tally.tag(tag.0, tag.1);
                    tag = (record.tag, 0);
                }
                tag.1 += 1;
            }
            match record.and_then(|record| slice.add(record)) {
                Ok(true) => taken.records += 1,
                Ok(false) => taken.strangers += 1,
                Err(_) => taken.unreadable += 1,
            }
            if slice.records >= SLICE_RECORDS || slice.raw.len() >= SLICE_BYTES {
                taken.left_out += self.write(std::mem::replace(&mut slice, Slice::new(self.contexts.key)))?;
            }
        }
        taken.left_out += self.write(slice)?;
        self.tally.tag(tag.0, tag.1);
        if !self.ahead && latest > now() + AHEAD {
            self.ahead = true;
            self.db.execute("REPLACE INTO mona_meta (key, value) VALUES ('ahead', 1)", [])?;
        }
        for (counter, more) in [
            ("records", taken.records),
            ("strangers", taken.strangers),
            ("unreadable", taken.unreadable),
            ("invalid_timestamps", taken.untimely),
            ("left_out", taken.left_out),
        ] {
            self.tally.count_open(counter, more);
        }
        Ok(taken)
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        if self.open.is_none() {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            self.open = Some(Arc::new(Outcome::default()));
            self.records = 0;
            self.tail.clear();
        }
        Ok(())
    }

    fn write(&mut self, slice: Slice<'_>) -> Result<u64, StoreError> {
        if slice.records == 0 {
            return Ok(0);
        }
        self.records += slice.records;
        let written = rows::write(&self.db, &mut self.classes, &mut self.contexts, slice)?;
        self.tail = written.tail;
        self.changed.extend(written.blocks);
        self.let_go()?;
        Ok(written.left_out)
    }

    /// What is too much or too old goes.
    fn let_go(&mut self) -> Result<(), StoreError> {
        let gone = self.keeper.step(&self.db, &mut self.classes, &mut self.contexts)?;
        self.changed.extend(gone.blocks);
        self.tally.count_open("arcs_removed", gone.arcs);
        Ok(())
    }

    /// Ends the transaction; all who wrote in it are told.
    pub(crate) fn commit(&mut self) -> Result<Committed, StoreError> {
        let Some(outcome) = self.open.clone() else { return Ok(Committed::default()) };
        let result = self.finish();
        if let Err(error) = &result {
            self.give_up(error)?;
            return Err(error.clone());
        }
        self.open = None;
        self.tally.written();
        // Before anybody hears of it: who asks then gets no answer from before.
        self.blocks.change(&self.changed);
        self.changed.clear();
        outcome.tell(Ok(()));
        Ok(Committed { records: self.records as u64, tail: std::mem::take(&mut self.tail) })
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        self.classes.write(&self.db)?;
        self.tally.write(&self.db)?;
        Ok(self.db.execute_batch("COMMIT")?)
    }

    /// What is to be done now and then, also when nothing arrives.
    pub(crate) fn tick(&mut self) -> Result<(), StoreError> {
        if self.open.is_none() {
            let foreign = data_version(&self.db)?;
            if foreign != self.foreign {
                self.foreign = foreign;
                self.blocks.change_all();
            }
            if !self.tally.is_empty() || self.keeper.is_due(&self.db)? {
                self.begin()?;
                self.let_go()?;
                self.commit()?;
            }
            self.keeper.shrink(&self.db)?;
        }
        Ok(())
    }

    /// What came since the store was opened, and the number that the next ARC gets.
    pub(crate) fn run(&self) -> (Run, i64) {
        (self.contexts.run.clone(), self.contexts.next)
    }

    /// Takes back what is not committed, and what memory knows of it.
    pub(crate) fn give_up(&mut self, error: &StoreError) -> Result<(), StoreError> {
        // SQLite has taken it back already after some errors.
        if !self.db.is_autocommit() {
            let _ = self.db.execute_batch("ROLLBACK");
        }
        if let Some(outcome) = self.open.take() {
            outcome.tell(Err(error.clone()));
        }
        self.tail.clear();
        self.tally.give_up();
        self.changed.clear();
        self.ahead = false;
        self.classes = Classes::load(&self.db)?;
        let run = std::mem::take(&mut self.contexts.run);
        self.contexts = Contexts::load(&self.db, &self.classes)?;
        self.contexts.run = run;
        self.keeper = Keeper::load(&self.db, &self.classes, self.keeper.retention)?;
        Ok(())
    }
}

/// Another number after each commit of another connection.
fn data_version(db: &Connection) -> Result<i64, StoreError> {
    Ok(db.pragma_query_value(None, "data_version", |row| row.get(0))?)
}

impl Outcome {
    fn tell(&self, result: Result<(), StoreError>) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.known.notify_all();
    }

    /// What became of it, if that is known within the time.
    pub(crate) fn wait(&self, time: Duration) -> Option<Result<(), StoreError>> {
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.known.wait_timeout_while(result, time, |result| result.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.clone()
    }
}
