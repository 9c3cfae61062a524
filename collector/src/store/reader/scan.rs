//! One walk over the rows of a class, with values of other rows of the same ARC beside them.
//!
//! Tables lie in the order of ARCs. So values of other contexts are not looked up for each row: a cursor on
//! each table goes along.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Rows, Statement, params_from_iter};

use super::condition::conditions;
use super::filter::Filter;
use super::resolve::{Column, Source, Table, below, source};
use crate::store::error::StoreError;
use crate::store::schema::PER_ARC;
use crate::store::value::Value;

/// Fields of one walk.
const MAX_FIELDS: usize = 64;

/// What is walked over.
pub(super) struct Scan<'c> {
    db: &'c Connection,
    table: Table,
    sources: Vec<Source>,
    sql: String,
    values: Vec<Value>,
    /// The field without which a row is passed by.
    member: Option<usize>,
}

/// A row of the walk.
pub(super) struct Walked<'r> {
    pub(super) id: i64,
    /// When it began.
    pub(super) time: f64,
    own: &'r rusqlite::Row<'r>,
    sources: &'r [Source],
    others: &'r [Vec<Cursor<'r>>],
}

/// A cursor on one column of another table.
struct Cursor<'r> {
    rows: Rows<'r>,
    /// The ARC it stands at, and the first value there.
    at: Option<(i64, Value)>,
    arc: i64,
    next: Option<(i64, Value)>,
    boolean: bool,
}

impl<'c> Scan<'c> {
    /// The rows of a class that a filter leaves, with these fields.
    pub(super) fn new(
        db: &'c Connection,
        class: Table,
        fields: &[&str],
        filter: &Filter,
    ) -> Result<Scan<'c>, StoreError> {
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
        let sql = format!(
            "SELECT {} FROM {} a WHERE {} ORDER BY a._id",
            columns.join(", "),
            class.table,
            restricted.sql
        );
        Ok(Scan { db, table: class, sources, sql, values: restricted.values, member: None })
    }

    /// The same for a KAPI and its dimensions. A KAPI of sub-contexts, `detect.ms`, walks over all of
    /// these in ARCs of the class.
    pub(super) fn of_kapi(
        db: &'c Connection,
        class: Table,
        kapi: &str,
        dimensions: &[&str],
        filter: &Filter,
    ) -> Result<Scan<'c>, StoreError> {
        let inner = match source(db, &class, kapi)? {
            Source::Others(_) => below(db, &class.name, kapi)?,
            _ => None,
        };
        let Some((sub, field)) = inner else {
            let fields: Vec<&str> = std::iter::once(kapi).chain(dimensions.iter().copied()).collect();
            return Scan::new(db, class, &fields, filter);
        };
        let fields: Vec<&str> = std::iter::once(field.as_str()).chain(dimensions.iter().copied()).collect();
        let mut scan = Scan::new(db, sub, &fields, filter)?;
        // Main contexts alone have `_contexts`.
        let member = Column { table: class.table, column: "\"_contexts\"".to_owned(), boolean: false };
        scan.member = Some(scan.sources.len());
        scan.sources.push(Source::Others(vec![member]));
        Ok(scan)
    }

    /// Walks; ends early where `each` says false.
    pub(super) fn walk(
        &self,
        mut each: impl FnMut(&Walked<'_>) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let mut statements: Vec<Vec<(Statement<'_>, bool)>> = Vec::new();
        for source in &self.sources {
            let mut of_source = Vec::new();
            if let Source::Others(columns) = source {
                for Column { table, column, boolean } in
                    columns.iter().filter(|other| other.table != self.table.table)
                {
                    let sql =
                        format!("SELECT _id, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY _id");
                    of_source.push((self.db.prepare(&sql)?, *boolean));
                }
            }
            statements.push(of_source);
        }
        let mut others: Vec<Vec<Cursor<'_>>> = Vec::new();
        for of_source in &mut statements {
            let mut cursors = Vec::new();
            for (statement, boolean) in of_source {
                let rows = statement.query([])?;
                cursors.push(Cursor { rows, at: None, arc: -1, next: None, boolean: *boolean });
            }
            others.push(cursors);
        }
        let mut main = self.db.prepare(&self.sql)?;
        let mut rows = main.query(params_from_iter(self.values.iter().map(Value::to_cell)))?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            for cursor in others.iter_mut().flatten() {
                cursor.go_to(id / PER_ARC)?;
            }
            let time = row.get(1)?;
            let walked = Walked { id, time, own: row, sources: &self.sources, others: &others };
            if let Some(member) = self.member
                && walked.value(member)? == Value::Null
            {
                continue;
            }
            if !each(&walked)? {
                break;
            }
        }
        Ok(())
    }
}

impl Cursor<'_> {
    /// Goes on until it stands at this ARC or behind it.
    fn go_to(&mut self, arc: i64) -> Result<(), StoreError> {
        if self.arc >= arc {
            return Ok(());
        }
        self.arc = arc;
        self.at = self.next.take().filter(|(at, _)| *at >= arc);
        while self.at.is_none() {
            let Some(row) = self.rows.next()? else { return Ok(()) };
            let at = row.get::<_, i64>(0)? / PER_ARC;
            if at >= arc {
                self.at = Some((at, Value::of_cell(row.get_ref(1)?, self.boolean)));
            }
        }
        if self.at.as_ref().is_some_and(|(at, _)| *at > arc) {
            self.next = self.at.take();
        }
        Ok(())
    }
}

impl Walked<'_> {
    /// The value of the n-th field.
    pub(super) fn value(&self, at: usize) -> Result<Value, StoreError> {
        match self.sources.get(at) {
            None => Ok(Value::Null),
            Some(Source::Others(_)) => {
                let of_source = self.others.get(at).map(Vec::as_slice).unwrap_or_default();
                let found = of_source.iter().find_map(|cursor| cursor.at.as_ref());
                Ok(found.map_or(Value::Null, |(_, value)| value.clone()))
            }
            Some(source) => Ok(Value::of_cell(self.own.get_ref(at + 2)?, source.is_boolean())),
        }
    }

    /// Whether the n-th field has this value; cheaper than to ask for it.
    pub(super) fn has(&self, at: usize, known: &Value) -> Result<bool, StoreError> {
        let Some(Source::Own { boolean, .. }) = self.sources.get(at) else {
            return Ok(self.value(at)? == *known);
        };
        Ok(match (self.own.get_ref(at + 2)?, known) {
            (ValueRef::Null, Value::Null) => true,
            (ValueRef::Text(cell), Value::Text(text)) => cell == text.as_bytes(),
            (ValueRef::Integer(_) | ValueRef::Real(_), Value::Null | Value::Text(_)) => false,
            (ValueRef::Null | ValueRef::Text(_), _) => false,
            (cell, known) => Value::of_cell(cell, *boolean) == *known,
        })
    }

    /// The same as a number, if it is one.
    pub(super) fn number(&self, at: usize) -> Result<Option<f64>, StoreError> {
        match self.sources.get(at) {
            Some(Source::Own { .. }) => Ok(match self.own.get_ref(at + 2)? {
                ValueRef::Integer(number) => Some(number as f64),
                ValueRef::Real(number) => Some(number),
                _ => None,
            }),
            _ => Ok(self.value(at)?.number()),
        }
    }
}
