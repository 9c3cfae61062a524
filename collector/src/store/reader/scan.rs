//! What a walk over the rows of a class reads, with values of other rows of the same ARC beside them.

use rusqlite::Connection;

use super::condition::conditions;
use super::filter::Filter;
use super::resolve::{Column, Source, Table, below, source};
use crate::store::error::StoreError;
use crate::store::value::Value;

/// Fields of one walk.
const MAX_FIELDS: usize = 64;

/// What is walked over; the same for all connections.
#[derive(Debug)]
pub(super) struct Scan {
    /// The class whose rows these are.
    pub(super) class: Table,
    pub(super) sources: Vec<Source>,
    /// Selects the rows, with a place for the first number and the one behind the last.
    pub(super) sql: String,
    /// What is bound before these two.
    pub(super) values: Vec<Value>,
    /// The field without which a row is passed by.
    pub(super) member: Option<usize>,
    /// Other tables that are gone through beside it.
    pub(super) others: Vec<Other>,
    /// Of each field: which of these tables, and which of its columns, the values may come from.
    pub(super) places: Vec<Vec<(usize, usize)>>,
}

/// Another table of which some columns are read.
#[derive(Debug)]
pub(super) struct Other {
    table: String,
    /// In quotes, and whether it is one of booleans.
    pub(super) columns: Vec<(String, bool)>,
    /// Selects `_id` and these columns, with a place for the first number and the one behind the last.
    pub(super) sql: String,
}

impl Scan {
    /// The rows of a class that a filter leaves, with these fields.
    pub(super) fn new(
        db: &Connection,
        class: Table,
        fields: &[&str],
        filter: &Filter,
    ) -> Result<Scan, StoreError> {
        let mut restricted = conditions(db, &class, filter)?;
        let sources = fields
            .iter()
            .take(MAX_FIELDS)
            .map(|field| source(db, &class, field))
            .collect::<Result<Vec<Source>, _>>()?;
        let mut columns = vec!["a._id".to_owned(), "a._first".to_owned()];
        for source in &sources {
            columns.push(match source {
                Source::Others(_) => "NULL".to_owned(),
                own => own.expression(&mut restricted.values),
            });
        }
        let bound = restricted.values.len();
        let sql = format!(
            "SELECT {} FROM {} a WHERE {} AND a._id >= ?{} AND a._id < ?{} ORDER BY a._id",
            columns.join(", "),
            class.table,
            restricted.sql,
            bound + 1,
            bound + 2
        );
        let (others, places) = (Vec::new(), Vec::new());
        let mut scan = Scan { class, sources, sql, values: restricted.values, member: None, others, places };
        scan.find_others();
        Ok(scan)
    }

    /// Sorts what is read of other rows by table.
    fn find_others(&mut self) {
        (self.others, self.places) = (Vec::new(), Vec::with_capacity(self.sources.len()));
        for source in &self.sources {
            let columns = if let Source::Others(columns) = source { columns.as_slice() } else { &[] };
            let columns = columns.iter().filter(|column| column.table != self.class.table);
            self.places.push(columns.map(|column| place(&mut self.others, column)).collect());
        }
        for other in &mut self.others {
            let names: Vec<&str> = other.columns.iter().map(|(name, _)| name.as_str()).collect();
            let (names, table) = (names.join(", "), &other.table);
            other.sql = format!("SELECT _id, {names} FROM {table} WHERE _id >= ?1 AND _id < ?2 ORDER BY _id");
        }
    }

    /// The same for a KAPI and its dimensions. A KAPI of sub-contexts, `detect.ms`, walks over all of
    /// these in ARCs of the class.
    pub(super) fn of_kapi(
        db: &Connection,
        class: Table,
        kapi: &str,
        dimensions: &[&str],
        filter: &Filter,
    ) -> Result<Scan, StoreError> {
        let inner = match source(db, &class, kapi)? {
            Source::Others(_) => below(db, &class.name, kapi)?,
            _ => None,
        };
        let Some((sub, field)) = inner else {
            let fields: Vec<&str> = std::iter::once(kapi).chain(dimensions.iter().copied()).collect();
            return Scan::new(db, class, &fields, filter);
        };
        let mut fields = vec![field];
        for dimension in dimensions {
            fields.push(from_above(db, &class, dimension)?);
        }
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let mut scan = Scan::new(db, sub, &fields, filter)?;
        let mains: i64 = db
            .prepare_cached("SELECT count(*) FROM mona_classes WHERE arcs > 0")?
            .query_row([], |row| row.get(0))?;
        if mains == 1 {
            // All ARCs are of this class.
            return Ok(scan);
        }
        // Main contexts alone have `_contexts`.
        let member = Column { table: class.table, column: "\"_contexts\"".to_owned(), boolean: false };
        scan.member = Some(scan.sources.len());
        scan.sources.push(Source::Others(vec![member]));
        scan.find_others();
        Ok(scan)
    }

    /// What tells it from others.
    pub(super) fn name(&self) -> String {
        format!("{} {:?} {:?} {:?}", self.sql, self.values, self.sources, self.member)
    }
}

/// The place of a column among those of all tables; new ones are added.
fn place(others: &mut Vec<Other>, column: &Column) -> (usize, usize) {
    let table = others.iter().position(|other| other.table == column.table).unwrap_or_else(|| {
        others.push(Other { table: column.table.clone(), columns: Vec::new(), sql: String::new() });
        others.len() - 1
    });
    let Some(other) = others.get_mut(table) else { return (table, 0) };
    let at = other.columns.iter().position(|(known, _)| *known == column.column).unwrap_or_else(|| {
        other.columns.push((column.column.clone(), column.boolean));
        other.columns.len() - 1
    });
    (table, at)
}

/// A field as it is called in the class, for those who stand in another class of the ARC.
fn from_above(db: &Connection, class: &Table, field: &str) -> Result<String, StoreError> {
    let other = match source(db, class, field) {
        Ok(Source::Others(_)) => below(db, &class.name, field)?,
        _ => None,
    };
    Ok(other.map_or_else(|| field.to_owned(), |(other, field)| format!("{}.{field}", other.name)))
}
