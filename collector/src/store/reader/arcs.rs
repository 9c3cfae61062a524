//! The ARCs of a class: a table of rows.

use rusqlite::{Connection, params, params_from_iter};

use super::condition::{Where, conditions};
use super::filter::Filter;
use super::fold::{Fold, Question};
use super::open::{Reader, is_open};
use super::resolve::{self, Table};
use super::scan::Scan;
use super::walk::Walked;
use crate::store::error::{Failure, StoreError};
use crate::store::value::Value;

/// In which order rows come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sort {
    /// A field, or a column of ours; by age where there is none.
    pub by: Option<String>,
    /// The largest first; by age: the oldest first.
    pub ascending: bool,
}

/// Rows of one class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// The fields, in the order of their first appearance.
    pub fields: Vec<String>,
    /// The rows that were asked for.
    pub rows: Vec<Row>,
    /// How many the filter leaves in all; `None` where counting them took too long.
    pub matched: Option<u64>,
    /// Whether there are fewer rows than were asked for, as their values are large.
    pub cut: bool,
}

impl Rows {
    /// What its values take in memory.
    pub fn bytes(&self) -> usize {
        self.rows.iter().flat_map(|row| &row.values).map(Value::bytes).sum()
    }
}

/// One context of a class.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its number in the store.
    pub id: i64,
    /// Its full id.
    pub context: String,
    /// The number of its main context: its own for an ARC.
    pub main: i64,
    /// The user id of its events.
    pub user: Option<String>,
    /// When its first event was, in Unix seconds.
    pub first: f64,
    /// When its last event was; of an ARC that of all its contexts.
    pub last: f64,
    /// How many events it had.
    pub events: u64,
    /// Whether something arrived lately.
    pub open: bool,
    /// Its values, one for each of the fields.
    pub values: Vec<Value>,
}

/// Rows of one answer.
const MAX_ROWS: u64 = 1_000;
/// Rows that may be left out at the start: nobody turns that many pages.
const MAX_SKIP: u64 = 1_000_000;
/// Fields of one answer; a class may have 500 columns and more.
const MAX_FIELDS: usize = 100;
/// Bytes of the values of one answer: a thousand rows of long texts are more than anybody looks at.
const MAX_BYTES: usize = 64 << 20;

impl Reader {
    /// Rows of a class, `skip` left out at the start, at most `limit` of them (1,000 at most), with the
    /// first 100 fields.
    pub fn arcs(
        &self,
        class: &str,
        filter: &Filter,
        sort: &Sort,
        skip: u64,
        limit: u64,
    ) -> Result<Rows, StoreError> {
        self.arcs_of(class, None, filter, sort, skip, limit)
    }

    /// The same with these fields only.
    pub fn arcs_of(
        &self,
        class: &str,
        fields: Option<&[&str]>,
        filter: &Filter,
        sort: &Sort,
        skip: u64,
        limit: u64,
    ) -> Result<Rows, StoreError> {
        if skip > MAX_SKIP {
            let sentence =
                format!("found a row behind the first {MAX_SKIP}, expected a filter that leaves fewer");
            return Err(StoreError::new(Failure::Unknown, sentence));
        }
        let limit = limit.min(MAX_ROWS);
        let mut rows = self.ask(|db| {
            let table = resolve::class(db, class)?;
            let fields = match fields {
                Some(fields) => fields.iter().take(MAX_FIELDS).map(|field| (*field).to_owned()).collect(),
                None => names(db, &table)?,
            };
            let ids = ids(db, &table, filter, sort, skip, limit)?;
            rows(db, &table, fields, &ids)
        })?;
        rows.matched = match filter == &Filter::default() {
            true => self.ask(|db| count_all(db, class)).ok(),
            // A page is worth more than how many there are in all.
            false => self.count(class, filter).ok(),
        };
        Ok(rows)
    }
}

impl Reader {
    /// How many rows a filter leaves.
    fn count(&self, class: &str, filter: &Filter) -> Result<u64, StoreError> {
        self.fold(|db| {
            let scan = Scan::new(db, resolve::class(db, class)?, &[], filter)?;
            Ok(Question {
                scan,
                name: "count".to_owned(),
                sampled: false,
                drawn: None,
                first: 0,
                begin: |_, _| Count(0),
            })
        })
    }
}

fn names(db: &Connection, table: &Table) -> Result<Vec<String>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT name FROM mona_fields WHERE class = ?1 AND col IS NOT NULL ORDER BY position LIMIT ?2",
    )?;
    let names = query.query_map(params![table.id, MAX_FIELDS], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// The numbers of the rows, in order: what is sorted is small.
fn ids(
    db: &Connection,
    table: &Table,
    filter: &Filter,
    sort: &Sort,
    skip: u64,
    limit: u64,
) -> Result<Vec<i64>, StoreError> {
    let Where { sql, mut values } = conditions(db, table, filter)?;
    let direction = if sort.ascending { "ASC" } else { "DESC" };
    let order = match &sort.by {
        None => format!("a._id {direction}"),
        Some(field) => {
            let by = resolve::source(db, table, field)?.expression(&mut values);
            // Rows without a value come last, whatever the direction.
            format!("{by} IS NULL, {by} {direction}, a._id {direction}")
        }
    };
    let mut query = db.prepare(&format!(
        "SELECT a._id FROM {} a WHERE {sql} ORDER BY {order} LIMIT {limit} OFFSET {skip}",
        table.table
    ))?;
    let ids = query.query_map(params_from_iter(values.iter().map(Value::to_cell)), |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn rows(db: &Connection, table: &Table, fields: Vec<String>, ids: &[i64]) -> Result<Rows, StoreError> {
    let mut values = vec![Value::Null];
    let sources =
        fields.iter().map(|field| resolve::source(db, table, field)).collect::<Result<Vec<_>, _>>()?;
    let columns: String =
        sources.iter().map(|source| format!(", {}", source.expression(&mut values))).collect();
    let mut query = db.prepare(&format!(
        "SELECT _id, _context, _main, _user, _first, _last, _events{columns} FROM {} a WHERE _id = ?1",
        table.table
    ))?;
    let mut found = Vec::with_capacity(ids.len());
    let (mut bytes, mut cut) = (0, false);
    for id in ids {
        if let Some(first) = values.first_mut() {
            *first = Value::Int(*id);
        }
        let mut rows = query.query(params_from_iter(values.iter().map(Value::to_cell)))?;
        let Some(row) = rows.next()? else { continue };
        let cells = sources
            .iter()
            .enumerate()
            .map(|(at, source)| Ok(Value::of_cell(row.get_ref(at + 7)?, source.is_boolean())));
        let values = cells.collect::<Result<Vec<_>, StoreError>>()?;
        bytes += values.iter().map(Value::bytes).sum::<usize>();
        if bytes > MAX_BYTES {
            cut = true;
            break;
        }
        let last = row.get(5)?;
        found.push(Row {
            id: row.get(0)?,
            context: row.get(1)?,
            main: row.get(2)?,
            user: row.get(3)?,
            first: row.get(4)?,
            last,
            events: row.get(6)?,
            open: is_open(last),
            values,
        });
    }
    Ok(Rows { fields, rows: found, matched: None, cut })
}

fn count_all(db: &Connection, class: &str) -> Result<u64, StoreError> {
    let mut query = db.prepare_cached("SELECT contexts FROM mona_classes WHERE name = ?1")?;
    Ok(query.query_row([class], |row| row.get(0))?)
}

/// How many rows there are.
struct Count(u64);

impl Fold for Count {
    type Answer = u64;

    fn row(&mut self, _: &mut Walked<'_, '_>) -> Result<bool, StoreError> {
        self.0 += 1;
        Ok(true)
    }

    fn merge(&mut self, behind: &Count) {
        self.0 += behind.0;
    }

    fn bytes(&self) -> usize {
        size_of::<Count>()
    }

    fn end(self) -> (u64, usize) {
        (self.0, size_of::<Count>())
    }
}
