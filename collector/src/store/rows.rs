//! Writes a slice of records: a row for each context, a row of raw events for each context.

use std::collections::HashSet;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};

use super::blocks::of_context;
use super::cell::Cell;
use super::classes::{Class, ClassAt, Classes, Moved};
use super::contexts::{Contexts, Known};
use super::error::StoreError;
use super::event::LiveEvent;
use super::live;
use super::row::{Fields, Row};
use super::schema::{NO_CLASS, OWN, PER_ARC, RECORDS_PER_ARC};
use super::slice::{Pending, Slice};

/// Where a context of the slice is in the store.
#[derive(Debug, Clone, Copy)]
struct Place {
    sum: u64,
    id: i64,
    /// The class of its row, unless it is new.
    before: Option<ClassAt>,
    class: ClassAt,
    /// There is no room for it in its ARC.
    homeless: bool,
}

/// What came of a slice.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Values and contexts for which there was no room.
    pub(crate) left_out: u64,
    /// The youngest events.
    pub(crate) tail: Vec<LiveEvent>,
    /// Where rows changed.
    pub(crate) blocks: HashSet<i64>,
}

/// Writes all of it.
pub(crate) fn write(
    db: &Connection,
    classes: &mut Classes,
    contexts: &mut Contexts,
    slice: Slice<'_>,
) -> Result<Written, StoreError> {
    let mut written = Written::default();
    let mut places: Vec<Place> = Vec::with_capacity(slice.contexts.len());
    for (at, pending) in slice.contexts.iter().enumerate() {
        let place = place(db, classes, contexts, &places, at, pending)?;
        written.left_out += u64::from(place.homeless);
        written.blocks.insert(of_context(place.id));
        places.push(place);
    }
    raw(db, contexts, &slice, &places)?;
    written.tail = tail(classes, &slice, &places);
    // Rows of one class together, so that a statement is used for all of them.
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_unstable_by_key(|at| places.get(*at).map(|place| (place.class, place.id)));
    let mut pendings: Vec<Option<Pending<'_>>> = slice.contexts.into_iter().map(Some).collect();
    let mut rows = Vec::new();
    for part in order.chunk_by(|one, other| class_of(&places, *one) == class_of(&places, *other)) {
        let Some(class) = class_of(&places, part.first().copied().unwrap_or_default()) else { continue };
        for at in part {
            let Some(place) = places.get(*at).copied().filter(|place| !place.homeless) else { continue };
            let Some(pending) = pendings.get_mut(*at).and_then(Option::take) else { continue };
            let parent = pending.parent.and_then(|parent| places.get(parent)).map(|parent| parent.id);
            if let Some(row) = merge(db, classes, contexts, pending, place, parent)? {
                written.left_out += row.left_out;
                rows.push((place, parent, row));
            }
        }
        put(db, classes.get(class)?, contexts, rows.drain(..))?;
    }
    contexts.settle(db)?;
    Ok(written)
}

/// The youngest events, for those who watch.
fn tail(classes: &Classes, slice: &Slice<'_>, places: &[Place]) -> Vec<LiveEvent> {
    let events = slice.tail.iter().filter_map(|(at, range)| {
        let (pending, place) = (slice.contexts.get(*at)?, places.get(*at)?);
        let raw = std::str::from_utf8(slice.raw.get(range.clone())?).ok()?;
        let class = classes.list.get(place.class).map(|class| class.name.as_str());
        Some(live::event(&pending.context, class.filter(|class| *class != NO_CLASS), place.id, raw))
    });
    events.collect()
}

/// Finds a context, or gives it a number.
fn place(
    db: &Connection,
    classes: &mut Classes,
    contexts: &mut Contexts,
    places: &[Place],
    at: usize,
    pending: &Pending<'_>,
) -> Result<Place, StoreError> {
    let sum = pending.sum;
    let main = (pending.main != at).then(|| places.get(pending.main)).flatten();
    let found = match main {
        None => contexts.main(db, classes, sum)?,
        Some(main) if main.before.is_none() => None,
        Some(_) => contexts.recent(sum).copied(),
    };
    let before = found.map(|known| known.class as ClassAt);
    let class = match (pending.class.as_deref(), before) {
        (None, Some(before)) => before,
        (name, _) => classes.named(db, name)?,
    };
    let narrow = u32::try_from(class).unwrap_or(0);
    if let Some(known) = found {
        if let Some(recent) = contexts.recent(sum) {
            recent.class = narrow;
        }
        return Ok(Place { sum, id: known.id, before, class, homeless: false });
    }
    let id = match main {
        None => {
            let id = contexts.next * PER_ARC;
            contexts.next += 1;
            id
        }
        Some(main) => {
            let Some(arc) = contexts.recent(main.sum) else {
                return Ok(Place { sum, id: 0, before, class, homeless: true });
            };
            if i64::from(arc.contexts) >= PER_ARC {
                return Ok(Place { sum, id: 0, before, class, homeless: true });
            }
            arc.contexts += 1;
            arc.id + i64::from(arc.contexts) - 1
        }
    };
    contexts.add(sum, Known { id, class: narrow, contexts: 1, records: 0 });
    Ok(Place { sum, id, before: None, class, homeless: false })
}

/// Writes the raw events.
fn raw(
    db: &Connection,
    contexts: &mut Contexts,
    slice: &Slice<'_>,
    places: &[Place],
) -> Result<(), StoreError> {
    let mut put = db.prepare_cached("INSERT INTO mona_records (id, context, events) VALUES (?1, ?2, ?3)")?;
    let mut list = Vec::new();
    for (pending, place) in slice.contexts.iter().zip(places) {
        if pending.raw.is_empty() {
            continue;
        }
        let Some(main) = places.get(pending.main) else { continue };
        let Some(arc) = contexts.recent(main.sum) else { continue };
        if place.homeless || i64::from(arc.records) >= RECORDS_PER_ARC {
            continue;
        }
        let id = main.id / PER_ARC * RECORDS_PER_ARC + i64::from(arc.records);
        arc.records += 1;
        contexts.run.note(main.id, id);
        list.clear();
        list.push(b'[');
        for range in &pending.raw {
            list.extend_from_slice(slice.raw.get(range.clone()).unwrap_or_default());
        }
        // In the place of the last comma.
        list.pop();
        list.push(b']');
        // JSON of ours: it is UTF-8.
        put.execute(params![id, place.id, ToSqlOutput::Borrowed(ValueRef::Text(&list))])?;
    }
    Ok(())
}

fn class_of(places: &[Place], at: usize) -> Option<ClassAt> {
    places.get(at).map(|place| place.class)
}

/// Merges what came with what is there; nothing where the row needs no more than a touch.
fn merge<'a>(
    db: &Connection,
    classes: &mut Classes,
    contexts: &mut Contexts,
    pending: Pending<'a>,
    place: Place,
    parent: Option<i64>,
) -> Result<Option<Row<'a>>, StoreError> {
    let is_main = parent.is_none();
    let moves = place.before.is_some_and(|before| before != place.class);
    if place.before.is_some() && !moves && pending.events == 0 && pending.globals.is_empty() {
        let counters = is_main.then(|| contexts.recent(place.sum)).flatten();
        touch(db, classes, &pending, place, counters)?;
        return Ok(None);
    }
    let mut row = match place.before {
        None => Row {
            context: pending.context,
            user: None,
            first: pending.first,
            last: pending.last,
            ..Row::default()
        },
        Some(before) => take(db, classes, before, place, moves)?,
    };
    let class = classes.get(place.class)?;
    match place.before {
        None => class.add_contexts(i64::from(is_main), 1),
        Some(before) if moves => {
            class.add_contexts(i64::from(is_main), 1);
            class.count(row.events, row.first, row.last);
            let old = classes.get(before)?;
            old.add_contexts(-i64::from(is_main), -1);
            old.count(-row.events, row.first, row.last);
        }
        Some(_) => {}
    }
    classes.get(place.class)?.count(i64::from(pending.events), pending.first, pending.last);
    let mut fields = Fields { db, classes, class: place.class, time: pending.last };
    row.add_globals(&mut fields, pending.globals)?;
    row.add_fields(&mut fields, pending.fields)?;
    row.first = row.first.min(pending.first);
    row.last = row.last.max(pending.last);
    row.events += i64::from(pending.events);
    if pending.user.is_some() {
        row.user = pending.user;
    }
    Ok(Some(row))
}

/// Writes rows of one class.
fn put<'a>(
    db: &Connection,
    class: &mut Class,
    contexts: &mut Contexts,
    rows: impl Iterator<Item = (Place, Option<i64>, Row<'a>)>,
) -> Result<(), StoreError> {
    let columns = class.columns;
    let mut put = db.prepare_cached(class.put())?;
    for (place, parent, row) in rows {
        let counters = parent.is_none().then(|| contexts.recent(place.sum)).flatten();
        let main = place.id / PER_ARC * PER_ARC;
        put.raw_bind_parameter(1, place.id)?;
        put.raw_bind_parameter(2, row.context.as_ref())?;
        put.raw_bind_parameter(3, main)?;
        put.raw_bind_parameter(4, parent)?;
        put.raw_bind_parameter(5, place.id - main)?;
        put.raw_bind_parameter(6, row.user.as_deref())?;
        put.raw_bind_parameter(7, row.first)?;
        put.raw_bind_parameter(8, row.last)?;
        put.raw_bind_parameter(9, row.events)?;
        put.raw_bind_parameter(10, counters.as_ref().map(|known| known.contexts))?;
        put.raw_bind_parameter(11, counters.as_ref().map(|known| known.records))?;
        let globals = (!row.globals.is_empty()).then(|| serde_json::to_string(&row.globals)).transpose();
        put.raw_bind_parameter(12, globals.ok().flatten())?;
        let more = (!row.more.is_empty()).then(|| serde_json::to_string(&row.more)).transpose();
        put.raw_bind_parameter(13, more.ok().flatten())?;
        for at in 0..columns {
            put.raw_bind_parameter(OWN + 1 + at, row.cells.get(at).unwrap_or(&Cell::Null))?;
        }
        put.raw_execute()?;
    }
    Ok(())
}

/// Something happened in sub-contexts only.
fn touch(
    db: &Connection,
    classes: &mut Classes,
    pending: &Pending<'_>,
    place: Place,
    counters: Option<&mut Known>,
) -> Result<(), StoreError> {
    let Some(&mut Known { contexts, records, .. }) = counters else { return Ok(()) };
    let class = classes.get(place.class)?;
    db.prepare_cached(&format!(
        "UPDATE {} SET _first = min(_first, ?2), _last = max(_last, ?3), _contexts = ?4, _records = ?5,
            _user = ifnull(?6, _user) WHERE _id = ?1",
        class.table
    ))?
    .execute(params![
        place.id,
        pending.first,
        pending.last,
        contexts,
        records,
        pending.user.as_deref()
    ])?;
    Ok(())
}

/// The row that is there; taken out of its table and fitted to another if it moves.
fn take<'a>(
    db: &Connection,
    classes: &mut Classes,
    before: ClassAt,
    place: Place,
    moves: bool,
) -> Result<Row<'a>, StoreError> {
    let old = classes.get(before)?;
    let columns = old.columns;
    let table = old.table.clone();
    let fields: Vec<Moved> = match moves {
        true => old.moved(),
        false => Vec::new(),
    };
    let mut get = db.prepare_cached(&format!("SELECT * FROM {table} WHERE _id = ?1"))?;
    let mut rows = get.query([place.id])?;
    let row = match rows.next()? {
        Some(row) => Row::read(row, columns)?,
        None => Row::default(),
    };
    drop(rows);
    if !moves {
        return Ok(row);
    }
    db.prepare_cached(&format!("DELETE FROM {table} WHERE _id = ?1"))?.execute([place.id])?;
    let time = row.last;
    row.moved(&fields, &mut Fields { db, classes, class: place.class, time })
}
