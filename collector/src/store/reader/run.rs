//! What came since the store was opened, event by event.

use rusqlite::{Connection, OptionalExtension};
use serde_json::value::RawValue;

use super::open::Reader;
use crate::store::error::{Failure, StoreError};
use crate::store::names::quoted;
use crate::store::schema::{NO_CLASS, PER_ARC, RECORDS_PER_ARC};

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The number of its ARC.
    pub arc: i64,
    /// The full id of its context.
    pub context: &'a str,
    /// The class of its context, if it has one.
    pub class: Option<&'a str>,
    /// Its message as JSON.
    pub message: &'a str,
}

/// What came since the store was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Run {
    /// ARCs whose events were told.
    pub arcs: u64,
    /// ARCs that have gone since.
    pub gone: u64,
    /// The time was over before all were told.
    pub unfinished: bool,
}

/// Places in an ARC for which it is remembered which class the last context there had.
const PLACES: usize = 16;

impl Reader {
    /// Tells all events that came since the store was opened, ARC by ARC, until the reader's time is over.
    /// That needs a reader of a store that this process writes.
    pub fn run(&self, mut each: impl FnMut(Told<'_>)) -> Result<Run, StoreError> {
        let Some(store) = &self.store else { return Ok(Run::default()) };
        let (since, next) = store.run();
        let mut run = Run::default();
        let told = self.ask(|db| {
            let mut classes = Classes::new(db)?;
            let older =
                since.again.iter().map(|(main, record)| (*record, (main / PER_ARC + 1) * RECORDS_PER_ARC));
            let behind = [(since.first / PER_ARC * RECORDS_PER_ARC, next * RECORDS_PER_ARC)];
            let mut rows = db.prepare(
                "SELECT id, context, events FROM mona_records WHERE id >= ?1 AND id < ?2 ORDER BY id",
            )?;
            for range in older.chain(behind) {
                let mut rows = rows.query(range)?;
                let mut last = -1;
                while let Some(row) = rows.next()? {
                    let arc = row.get::<_, i64>(0)? / RECORDS_PER_ARC;
                    run.arcs += u64::from(arc != last);
                    last = arc;
                    let Some((context, class)) = classes.context(db, row.get(1)?)? else { continue };
                    let events = row.get_ref(2)?.as_str().unwrap_or_default();
                    let events: Vec<(f64, &RawValue, &RawValue)> =
                        serde_json::from_str(events).unwrap_or_default();
                    for (_, _, message) in events {
                        each(Told { arc, context: &context, class, message: message.get() });
                    }
                }
            }
            Ok(())
        });
        match told {
            Err(error) if error.kind == Failure::Late => run.unfinished = true,
            told => told?,
        }
        if !run.unfinished {
            let new = u64::try_from(next - since.first / PER_ARC).unwrap_or(0);
            run.gone = (new + since.again.len() as u64).saturating_sub(run.arcs);
        }
        Ok(run)
    }
}

/// The classes with how a context is found in each.
struct Classes {
    all: Vec<(String, String)>,
    /// Which one the last context at each place of an ARC had.
    last: [usize; PLACES],
}

impl Classes {
    fn new(db: &Connection) -> Result<Classes, StoreError> {
        let mut query = db.prepare("SELECT name, tab FROM mona_classes ORDER BY id")?;
        let all = query.query_map([], |row| {
            let table = quoted(&row.get::<_, String>(1)?);
            Ok((row.get(0)?, format!("SELECT _context FROM {table} WHERE _id = ?1")))
        })?;
        Ok(Classes { all: all.collect::<Result<_, _>>()?, last: [0; PLACES] })
    }

    /// The id of a context and its class.
    fn context(&mut self, db: &Connection, id: i64) -> Result<Option<(String, Option<&str>)>, StoreError> {
        let place = usize::try_from(id % PER_ARC).unwrap_or(0) % PLACES;
        let last = self.last.get(place).copied().unwrap_or(0);
        for at in std::iter::once(last).chain((0..self.all.len()).filter(|at| *at != last)) {
            let Some((name, sql)) = self.all.get(at) else { continue };
            let found = db.prepare_cached(sql)?.query_row([id], |row| row.get::<_, String>(0)).optional()?;
            let Some(context) = found else { continue };
            if let Some(last) = self.last.get_mut(place) {
                *last = at;
            }
            return Ok(Some((context, Some(name.as_str()).filter(|name| *name != NO_CLASS))));
        }
        Ok(None)
    }
}
