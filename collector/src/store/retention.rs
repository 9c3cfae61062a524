//! What goes when there is too much or it is too old: whole ARCs, the oldest first, a few at a time.
//!
//! An ARC is one range of numbers in every table. Pages that become free are used again, so a file stays
//! at its bound; those that stay free are given back.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::blocks::of_context;
use super::classes::Classes;
use super::clock::now;
use super::contexts::Contexts;
use super::error::StoreError;
use super::schema::{PER_ARC, RECORDS_PER_ARC};

/// ARCs that go at a time, at least: tens of milliseconds.
const STEP: i64 = 500;
/// Rows of raw events that go at a time where one ARC has more than there is room for.
const RECORDS: i64 = 2_000;
/// Pages given back at a time.
const PAGES: u32 = 500;
/// Room that is kept free below the bound: what is written between two steps needs it.
const ROOM: u64 = 6 << 20;
/// Seconds between two marks of when which ARC began.
const MARK: f64 = 10.0;
/// ARCs that are gone and still in the index, before the index is gone through.
const STALE: i64 = 100_000;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Bytes of the file.
    pub bytes: u64,
    /// How long after its first event an ARC goes; never without.
    pub age: Option<Duration>,
}

impl Default for Retention {
    /// 2 GiB: some millions of ARCs, and no disk of a development machine is full.
    fn default() -> Retention {
        Retention { bytes: 2 << 30, age: None }
    }
}

impl Retention {
    /// What may be used before something goes.
    fn high(self) -> u64 {
        self.bytes - ROOM.max(self.bytes / 10).min(self.bytes / 3)
    }
}

/// What retention remembers between its steps.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    pub(crate) retention: Retention,
    /// The first ARC that is still there, without [`PER_ARC`].
    oldest: i64,
    /// The first one when the index was gone through.
    purged: i64,
    marked: f64,
    /// The number the next ARC had at the last step.
    next: i64,
}

/// What went.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    pub(crate) arcs: u64,
    /// Where.
    pub(crate) blocks: Vec<i64>,
}

impl Keeper {
    pub(crate) fn load(
        db: &Connection,
        classes: &Classes,
        retention: Retention,
    ) -> Result<Keeper, StoreError> {
        let mut oldest = i64::MAX;
        for class in &classes.list {
            let first: Option<i64> =
                db.query_row(&format!("SELECT min(_id) FROM {}", class.table), [], |row| row.get(0))?;
            oldest = oldest.min(first.map_or(i64::MAX, |first| first / PER_ARC));
        }
        let oldest = if oldest == i64::MAX { 1 } else { oldest };
        Ok(Keeper { retention, oldest, purged: oldest, marked: 0.0, next: 0 })
    }

    /// Marks the time, and lets go of what is too much; inside a transaction.
    pub(crate) fn step(
        &mut self,
        db: &Connection,
        classes: &mut Classes,
        contexts: &mut Contexts,
    ) -> Result<Gone, StoreError> {
        let next = contexts.next;
        let time = now();
        if time - self.marked >= MARK && next != self.next {
            self.marked = time;
            db.prepare_cached("INSERT OR IGNORE INTO mona_arrivals (arc, time) VALUES (?1, ?2)")?
                .execute(params![next, time])?;
        }
        // More goes than came.
        let came = next - self.next.max(1);
        let step = if self.next == 0 { STEP } else { STEP.max(came.saturating_mul(2)) };
        self.next = next;
        let mut until = self.oldest;
        if used(db)? > self.retention.high() {
            until = (self.oldest + step).min(next - 1);
            if until <= self.oldest {
                self.shorten(db)?;
                return Ok(Gone::default());
            }
        }
        if let Some(age) = self.retention.age {
            let young = time - age.as_secs_f64();
            let mut query =
                db.prepare_cached("SELECT arc FROM mona_arrivals WHERE time < ?1 ORDER BY arc DESC LIMIT 1")?;
            let arc: Option<i64> = query.query_row([young], |row| row.get(0)).optional()?;
            until = until.max(arc.unwrap_or(0).min(self.oldest + step));
        }
        if until <= self.oldest {
            return Ok(Gone::default());
        }
        let blocks = of_context(self.oldest * PER_ARC)..=of_context(until * PER_ARC - 1);
        let arcs = self.remove(db, classes, until)?;
        contexts.forget(until * PER_ARC);
        if until - self.purged > STALE.max((next - until) / 2) {
            db.execute("DELETE FROM mona_index WHERE id < ?1", [until * PER_ARC])?;
            self.purged = until;
        }
        Ok(Gone { arcs, blocks: blocks.collect() })
    }

    /// Removes the ARCs before this one.
    fn remove(&mut self, db: &Connection, classes: &mut Classes, until: i64) -> Result<u64, StoreError> {
        let (from, to) = (self.oldest * PER_ARC, until * PER_ARC);
        let mut gone = 0;
        for class in &mut classes.list {
            let (contexts, arcs, events): (i64, i64, i64) = db
                .prepare_cached(&format!(
                    "SELECT count(*), count(_contexts), ifnull(sum(_events), 0) FROM {}
                     WHERE _id >= ?1 AND _id < ?2",
                    class.table
                ))?
                .query_row([from, to], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            if contexts == 0 {
                continue;
            }
            db.prepare_cached(&format!("DELETE FROM {} WHERE _id >= ?1 AND _id < ?2", class.table))?
                .execute([from, to])?;
            class.remove(arcs, contexts, events);
            gone += arcs.unsigned_abs();
        }
        db.prepare_cached("DELETE FROM mona_records WHERE id >= ?1 AND id < ?2")?
            .execute([self.oldest * RECORDS_PER_ARC, until * RECORDS_PER_ARC])?;
        db.prepare_cached("DELETE FROM mona_arrivals WHERE arc < ?1")?.execute([until])?;
        // Numbers are not given twice, though the table is empty.
        db.prepare_cached("REPLACE INTO mona_meta (key, value) VALUES ('next', ?1)")?.execute([self.next])?;
        self.oldest = until;
        Ok(gone)
    }

    /// One ARC alone is too much: its oldest raw events go.
    fn shorten(&self, db: &Connection) -> Result<(), StoreError> {
        let first = self.oldest * RECORDS_PER_ARC;
        let (least, most): (Option<i64>, Option<i64>) = db
            .prepare_cached("SELECT min(id), max(id) FROM mona_records WHERE id BETWEEN ?1 AND ?2")?
            .query_row([first, first + RECORDS_PER_ARC - 1], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let (Some(least), Some(most)) = (least, most) {
            let rows = ((most - least) / 8).clamp(1, RECORDS);
            db.prepare_cached("DELETE FROM mona_records WHERE id BETWEEN ?1 AND ?2")?
                .execute([least, (least + rows - 1).min(most - 1)])?;
        }
        Ok(())
    }

    /// Gives pages back that stay free; outside of a transaction.
    pub(crate) fn shrink(&self, db: &Connection) -> Result<(), StoreError> {
        let free: u64 = db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        let pages: u64 = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
        if free > u64::from(PAGES) && free > pages / 8 {
            let mut give = db.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
            let mut rows = give.query([])?;
            while rows.next()?.is_some() {}
        }
        Ok(())
    }

    /// Whether there is something to let go of although nothing arrives.
    pub(crate) fn is_due(&self, db: &Connection) -> Result<bool, StoreError> {
        if used(db)? > self.retention.high() {
            return Ok(true);
        }
        let Some(age) = self.retention.age else { return Ok(false) };
        let mut query = db.prepare_cached("SELECT max(arc) FROM mona_arrivals WHERE time < ?1")?;
        let arc: Option<i64> = query.query_row([now() - age.as_secs_f64()], |row| row.get(0))?;
        Ok(arc.is_some_and(|arc| arc > self.oldest))
    }
}

/// Bytes of pages that hold something.
fn used(db: &Connection) -> Result<u64, StoreError> {
    let number =
        |name: &str| -> Result<u64, StoreError> { Ok(db.pragma_query_value(None, name, |row| row.get(0))?) };
    Ok((number("page_count")? - number("freelist_count")?) * number("page_size")?)
}
