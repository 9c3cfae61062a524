//! One ARC: all its contexts and its raw events.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::value::RawValue;

use super::open::{Reader, is_open};
use crate::store::contexts::{range, read_key};
use crate::store::error::StoreError;
use crate::store::event::Event;
use crate::store::names::{quoted, shortened};
use crate::store::schema::{self, PER_ARC, RECORDS_PER_ARC};
use crate::store::slice::MAX_CONTEXT;
use crate::store::value::Value;

/// One ARC as a tree, its contexts in the order of their first event.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// The main context first; at most 1,000.
    pub contexts: Vec<Context>,
    /// How many there are.
    pub all: u64,
    /// Whether some of them have fields that were not read: all together would be too much.
    pub cut: bool,
}

/// One context of an ARC.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    /// Its number in the store.
    pub id: i64,
    /// Its full id.
    pub context: String,
    /// Its class, if it has one.
    pub class: Option<String>,
    /// The number of the context that it is a sub-context of.
    pub parent: Option<i64>,
    /// Its place in the ARC, in the order of first events; 0 is the main context.
    pub position: i64,
    /// The user id of its events.
    pub user: Option<String>,
    /// When its first event was, in Unix seconds.
    pub first: f64,
    /// When its last event was; of the main context that of the whole ARC.
    pub last: f64,
    /// How many events it had.
    pub events: u64,
    /// Whether something arrived lately.
    pub open: bool,
    /// Its merged fields.
    pub fields: Vec<(String, Value)>,
}

/// Contexts of one answer: what a page can show.
const MAX_CONTEXTS: usize = 1_000;
/// Bytes of the fields of all contexts in an answer; one context may have 3 MB.
const MAX_BYTES: usize = 64 << 20;
/// Fields of one context in an answer.
const MAX_FIELDS: usize = 1_000;
/// Events of one answer.
const MAX_EVENTS: u64 = 1_000;
/// Bytes of a message in an answer.
const MAX_MESSAGE: usize = 64 << 10;
/// Bytes of all messages of an answer.
const MAX_MESSAGES: usize = 8 << 20;
/// Rows of raw events that are looked through for one answer; a row holds what arrived at once.
const MAX_RECORDS: u64 = 100_000;

impl Reader {
    /// The number of the context with this full id.
    pub fn find(&self, context: &str) -> Result<Option<i64>, StoreError> {
        self.ask(|db| {
            let context = shortened(context, MAX_CONTEXT);
            let main = context.split('.').next().unwrap_or_default();
            let key = read_key(db)?;
            let mut query =
                db.prepare_cached("SELECT id FROM mona_index WHERE hash = ?1 ORDER BY id DESC")?;
            let known = query.query_map([key.hash(main.as_bytes()).cast_signed()], |row| row.get(0))?;
            let known: Vec<i64> = known.collect::<Result<_, _>>()?;
            let indexed: Option<i64> = db
                .query_row("SELECT value FROM mona_meta WHERE key = 'indexed'", [], |row| row.get(0))
                .optional()?;
            let young = (indexed.unwrap_or(0) + 1) * PER_ARC;
            let mut found = None;
            for (_, table) in tables(db)? {
                let mut in_range = db.prepare_cached(&format!(
                    "SELECT max(_id) FROM {table} WHERE _context = ?1 AND _id BETWEEN ?2 AND ?3"
                ))?;
                let ranges = known.iter().map(|id| range(*id)).chain([(young, i64::MAX)]);
                for (from, until) in ranges {
                    let id: Option<i64> =
                        in_range.query_row(params![context, from, until], |row| row.get(0))?;
                    found = found.max(id);
                }
            }
            Ok(found)
        })
    }

    /// The ARC that this context belongs to.
    pub fn arc(&self, context: i64) -> Result<Option<Tree>, StoreError> {
        self.ask(|db| {
            let (from, until) = arc_of(context);
            let tables = tables(db)?;
            // The first ones of all classes together: the main context is among them.
            let mut ids: Vec<i64> = Vec::new();
            for (_, table) in &tables {
                let mut query =
                    db.prepare_cached(&format!("SELECT _id FROM {table} WHERE _id BETWEEN ?1 AND ?2"))?;
                for id in query.query_map([from, until], |row| row.get(0))? {
                    ids.push(id?);
                }
            }
            let all = ids.len() as u64;
            ids.sort_unstable();
            ids.truncate(MAX_CONTEXTS);
            let Some(last) = ids.last() else { return Ok(None) };
            let (contexts, cut) = contexts(db, &tables, from, *last)?;
            Ok(Some(Tree { contexts, all, cut }))
        })
    }

    /// One context with its fields.
    pub fn context(&self, id: i64) -> Result<Option<Context>, StoreError> {
        self.ask(|db| Ok(contexts(db, &tables(db)?, id, id)?.0.pop()))
    }

    /// The raw events of an ARC in the order they arrived, `skip` left out, at most `limit` (1,000 at most).
    pub fn events(&self, main: i64, skip: u64, limit: u64) -> Result<Vec<Event>, StoreError> {
        self.read_events(main, skip, limit, MAX_MESSAGE)
    }

    /// One raw event of an ARC as a whole, by its place in the order they arrived.
    pub fn event(&self, main: i64, place: u64) -> Result<Option<Event>, StoreError> {
        Ok(self.read_events(main, place, 1, usize::MAX)?.pop())
    }

    fn read_events(&self, main: i64, skip: u64, limit: u64, most: usize) -> Result<Vec<Event>, StoreError> {
        self.ask(|db| {
            // Behind the last number that an ARC can have there is nothing.
            let first = (main / PER_ARC).clamp(0, i64::MAX / RECORDS_PER_ARC - 1) * RECORDS_PER_ARC;
            let mut query = db.prepare_cached(
                "SELECT context, events FROM mona_records WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3",
            )?;
            let mut rows = query.query(params![first, first + RECORDS_PER_ARC - 1, MAX_RECORDS])?;
            let (mut left, mut bytes) = (skip, 0);
            let mut events = Vec::new();
            while let Some(row) = rows.next()? {
                let context = row.get(0)?;
                let list = row.get_ref(1)?.as_str().unwrap_or_default();
                let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(list) else { continue };
                if (list.len() as u64) <= left {
                    left -= list.len() as u64;
                    continue;
                }
                for event in list.into_iter().skip(usize::try_from(std::mem::take(&mut left)).unwrap_or(0)) {
                    let event = Event::read(context, event.get(), most);
                    bytes += event.message.len();
                    events.push(event);
                    if events.len() as u64 >= limit.min(MAX_EVENTS) || bytes >= MAX_MESSAGES {
                        return Ok(events);
                    }
                }
            }
            Ok(events)
        })
    }
}

/// The numbers of all contexts of an ARC. A number comes from an address: one that is none has none.
fn arc_of(context: i64) -> (i64, i64) {
    range((context / PER_ARC).clamp(0, i64::MAX / PER_ARC - 1) * PER_ARC)
}

/// The contexts from one number to another, in their order, and whether some have fields that were not read.
fn contexts(
    db: &Connection,
    tables: &[(String, String)],
    from: i64,
    until: i64,
) -> Result<(Vec<Context>, bool), StoreError> {
    let mut contexts = Vec::new();
    let (mut bytes, mut cut) = (0, false);
    for (class, table) in tables {
        let mut query = db.prepare_cached(&format!("SELECT * FROM {table} WHERE _id BETWEEN ?1 AND ?2"))?;
        let mut rows = query.query([from, until])?;
        let mut fields = None;
        while let Some(row) = rows.next()? {
            let fields = match &mut fields {
                Some(fields) => fields,
                none => none.insert(names(db, class)?),
            };
            let is_full = bytes > MAX_BYTES;
            let context = one(row, class, if is_full { &[] } else { fields }, is_full)?;
            bytes += context.fields.iter().map(|(name, value)| name.len() + value.bytes()).sum::<usize>();
            cut |= is_full;
            contexts.push(context);
        }
    }
    contexts.sort_by_key(|context: &Context| context.id);
    Ok((contexts, cut))
}

/// Names of classes with their tables.
pub(super) fn tables(db: &Connection) -> Result<Vec<(String, String)>, StoreError> {
    let mut query = db.prepare_cached("SELECT name, tab FROM mona_classes WHERE contexts > 0")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, quoted(&row.get::<_, String>(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Fields with a column, in the order of the columns: the name, and whether it is one of booleans.
fn names(db: &Connection, class: &str) -> Result<Vec<(String, bool)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT mona_fields.name, type = 'BOOLEAN' FROM mona_fields JOIN mona_classes ON class = id
         WHERE mona_classes.name = ?1 AND col IS NOT NULL ORDER BY position",
    )?;
    let names = query.query_map([class], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// `bare`: without what lies in `_more`.
fn one(
    row: &rusqlite::Row<'_>,
    class: &str,
    names: &[(String, bool)],
    bare: bool,
) -> Result<Context, StoreError> {
    let mut fields = Vec::new();
    for (at, (name, boolean)) in names.iter().enumerate().take(MAX_FIELDS) {
        match Value::of_cell(row.get_ref(at + schema::OWN)?, *boolean) {
            Value::Null => {}
            value => fields.push((name.clone(), value)),
        }
    }
    if let Some(more) = row.get_ref(12)?.as_str_or_null().unwrap_or_default().filter(|_| !bare) {
        let more: serde_json::Map<String, serde_json::Value> = serde_json::from_str(more).unwrap_or_default();
        let room = MAX_FIELDS.saturating_sub(fields.len());
        fields.extend(more.into_iter().take(room).map(|(name, value)| (name, Value::of_json(value))));
    }
    let id: i64 = row.get(0)?;
    let last = row.get(7)?;
    Ok(Context {
        id,
        context: row.get(1)?,
        class: (class != schema::NO_CLASS).then(|| class.to_owned()),
        parent: row.get(3)?,
        position: row.get(4)?,
        user: row.get(5)?,
        first: row.get(6)?,
        last,
        events: row.get(8)?,
        open: is_open(last),
        fields,
    })
}
