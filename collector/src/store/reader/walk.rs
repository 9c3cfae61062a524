//! A walk over the rows of a class.
//!
//! Tables lie in the order of ARCs. So values of other contexts are not looked up for each row: a cursor on
//! each table goes along.

use std::ops::Range;

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows, params, params_from_iter};

use super::resolve::Source;
use super::scan::Scan;
use crate::store::error::StoreError;
use crate::store::schema::PER_ARC;
use crate::store::value::{Seen, Value};

/// A row of the walk.
pub(super) struct Walked<'r, 's> {
    pub(super) id: i64,
    own: &'r Row<'r>,
    sources: &'r [Source],
    others: &'r mut [Cursor<'s>],
    /// Which cursor and which of its columns each field may come from.
    places: &'r [Vec<(usize, usize)>],
}

/// A cursor on some columns of another table.
struct Cursor<'s> {
    rows: Rows<'s>,
    begun: bool,
    /// The ARC whose values are there.
    arc: i64,
    slots: Vec<Slot>,
}

/// The first value of a column in an ARC.
struct Slot {
    found: bool,
    boolean: bool,
    value: Value,
}

/// Walks over rows with these numbers; ends early where `each` says false.
pub(super) fn walk(
    db: &Connection,
    scan: &Scan,
    ids: &Range<i64>,
    mut each: impl FnMut(&mut Walked<'_, '_>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut statements =
        scan.others.iter().map(|other| db.prepare_cached(&other.sql)).collect::<Result<Vec<_>, _>>()?;
    // Of the first ARC those before the first row count too.
    let first = ids.start / PER_ARC * PER_ARC;
    let behind = (ids.end - 1) / PER_ARC * PER_ARC + PER_ARC;
    let mut others = Vec::with_capacity(scan.others.len());
    for (statement, other) in statements.iter_mut().zip(&scan.others) {
        let rows = statement.query(params![first, behind])?;
        let slots = other.columns.iter().map(|(_, boolean)| Slot {
            found: false,
            boolean: *boolean,
            value: Value::Null,
        });
        others.push(Cursor { rows, begun: false, arc: -1, slots: slots.collect() });
    }
    let mut main = db.prepare_cached(&scan.sql)?;
    let ends = [Value::Int(ids.start), Value::Int(ids.end)];
    let mut rows = main.query(params_from_iter(scan.values.iter().chain(&ends).map(Value::to_cell)))?;
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let sources = &scan.sources;
        let mut walked = Walked { id, own: row, sources, others: &mut others, places: &scan.places };
        if let Some(member) = scan.member
            && walked.see(member)? == Seen::Null
        {
            continue;
        }
        if !each(&mut walked)? {
            break;
        }
    }
    Ok(())
}

impl Cursor<'_> {
    /// Goes on to this ARC, and takes the first value of each column there.
    fn go_to(&mut self, arc: i64) -> Result<(), StoreError> {
        if self.arc >= arc {
            return Ok(());
        }
        self.arc = arc;
        for slot in &mut self.slots {
            slot.found = false;
        }
        if !self.begun {
            self.begun = true;
            self.rows.advance()?;
        }
        let mut missing = self.slots.len();
        while let Some(row) = self.rows.get() {
            let at = row.get::<_, i64>(0)? / PER_ARC;
            if at > arc || (at == arc && missing == 0) {
                break;
            }
            if at == arc {
                for (place, slot) in self.slots.iter_mut().enumerate().filter(|(_, slot)| !slot.found) {
                    let cell = row.get_ref(place + 1)?;
                    if cell != ValueRef::Null {
                        slot.found = true;
                        slot.value.set(cell, slot.boolean);
                        missing -= 1;
                    }
                }
            }
            self.rows.advance()?;
        }
        Ok(())
    }
}

impl Walked<'_, '_> {
    /// When it began.
    pub(super) fn time(&self) -> Result<f64, StoreError> {
        Ok(self.own.get(1)?)
    }

    /// The value of the n-th field, where it lies.
    pub(super) fn see(&mut self, at: usize) -> Result<Seen<'_>, StoreError> {
        match self.sources.get(at) {
            None => Ok(Seen::Null),
            Some(Source::Others(_)) => {
                let arc = self.id / PER_ARC;
                for (cursor, slot) in self.places.get(at).map(Vec::as_slice).unwrap_or_default() {
                    let Some(cursor) = self.others.get_mut(*cursor) else { continue };
                    cursor.go_to(arc)?;
                    if cursor.slots.get(*slot).is_some_and(|slot| slot.found) {
                        break;
                    }
                }
                let found = self.places.get(at).into_iter().flatten().find_map(|(cursor, slot)| {
                    let slot = self.others.get(*cursor)?.slots.get(*slot)?;
                    slot.found.then(|| Seen::of(&slot.value))
                });
                Ok(found.unwrap_or(Seen::Null))
            }
            Some(source) => Ok(Seen::of_cell(self.own.get_ref(at + 2)?, source.is_boolean())),
        }
    }

    /// The same on its own.
    pub(super) fn value(&mut self, at: usize) -> Result<Value, StoreError> {
        Ok(self.see(at)?.value())
    }

    /// The same as a number, if it is one.
    pub(super) fn number(&mut self, at: usize) -> Result<Option<f64>, StoreError> {
        Ok(self.see(at)?.number())
    }
}
