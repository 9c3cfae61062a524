//! From the name of a field to where its values lie.
//!
//! A field of the class itself is a column of its table. `detect.label` is one of sub-contexts of the
//! class `detect`; any other name is looked for in all contexts of the ARC. Names come from people and
//! events: in statements they are quoted, and values are bound.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::error::{Failure, StoreError};
use crate::store::names::{bounded, quoted};
use crate::store::value::Value;

/// Tables that are looked through for a field that the class does not have.
const MAX_TABLES: i64 = 16;
/// Columns of ours that may be asked for.
const OWN: [&str; 9] =
    ["_id", "_context", "_main", "_parent", "_position", "_user", "_first", "_last", "_events"];

/// A class and its table, which is `a` in statements.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) id: i64,
    pub(super) name: String,
    /// In quotes.
    pub(super) table: String,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// In quotes.
    pub(super) table: String,
    /// In quotes.
    pub(super) column: String,
    pub(super) boolean: bool,
}

/// Where the values of a field lie.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// In the row itself, by this expression.
    Own { expression: String, boolean: bool },
    /// In `_more`, under this name.
    More(String),
    /// In other rows of the ARC: the first of these that has one.
    Others(Vec<Column>),
}

pub(super) fn class(db: &Connection, name: &str) -> Result<Table, StoreError> {
    let mut query = db.prepare_cached("SELECT id, name, tab FROM mona_classes WHERE name = ?1")?;
    let found = query.query_row([bounded(name)], |row| {
        Ok(Table { id: row.get(0)?, name: row.get(1)?, table: quoted(&row.get::<_, String>(2)?) })
    });
    found
        .optional()?
        .ok_or_else(|| StoreError::new(Failure::Unknown, format!("found no class {name:?} in the store")))
}

/// The column of a field, and whether there is a field at all.
fn column(db: &Connection, class: i64, name: &str) -> Result<Option<(Option<String>, bool)>, StoreError> {
    let mut query = db.prepare_cached("SELECT col, type FROM mona_fields WHERE class = ?1 AND name = ?2")?;
    let found = query.query_row(params![class, bounded(name)], |row| {
        Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)? == "BOOLEAN"))
    });
    Ok(found.optional()?)
}

/// Where a field of a class lies.
pub(super) fn source(db: &Connection, of: &Table, name: &str) -> Result<Source, StoreError> {
    match column(db, of.id, name)? {
        Some((Some(column), boolean)) => {
            return Ok(Source::Own { expression: format!("a.{}", quoted(&column)), boolean });
        }
        Some((None, _)) => return Ok(Source::More(bounded(name).into_owned())),
        None => {}
    }
    if OWN.contains(&name) {
        return Ok(Source::Own { expression: format!("a.{}", quoted(name)), boolean: false });
    }
    if let Some((class, field)) = below(db, &of.name, name)?
        && let Some((Some(column), boolean)) = column(db, class.id, &field)?
    {
        if class.id == of.id {
            return Ok(Source::Own { expression: format!("a.{}", quoted(&column)), boolean });
        }
        return Ok(Source::Others(vec![Column { table: class.table, column: quoted(&column), boolean }]));
    }
    let mut query = db.prepare_cached(
        "SELECT tab, col, type FROM mona_fields JOIN mona_classes ON class = id
         WHERE mona_fields.name = ?1 AND col IS NOT NULL ORDER BY arcs = 0, id LIMIT ?2",
    )?;
    let found = query.query_map(params![bounded(name), MAX_TABLES], |row| {
        Ok(Column {
            table: quoted(&row.get::<_, String>(0)?),
            column: quoted(&row.get::<_, String>(1)?),
            boolean: row.get::<_, String>(2)? == "BOOLEAN",
        })
    })?;
    let found: Vec<Column> = found.collect::<Result<_, _>>()?;
    match found.is_empty() {
        false => Ok(Source::Others(found)),
        true => {
            let sentence = format!("found no field {name:?} in {:?}, expected one of its fields", of.name);
            Err(StoreError::new(Failure::Unknown, sentence))
        }
    }
}

/// `detect.label` as the class `detect` and its field `label`: the longest class that there is. In an ARC of
/// class `run` that is `run/detect` before it is any other.
pub(super) fn below(db: &Connection, of: &str, name: &str) -> Result<Option<(Table, String)>, StoreError> {
    for (dot, _) in name.rmatch_indices('.') {
        let Some((prefix, field)) = name.split_at_checked(dot) else { continue };
        let field = field.strip_prefix('.').unwrap_or(field);
        for wanted in [format!("{of}/{prefix}"), prefix.to_owned()] {
            match class(db, &wanted) {
                Ok(table) if column(db, table.id, field)?.is_some() => {
                    return Ok(Some((table, field.to_owned())));
                }
                Err(error) if error.kind != Failure::Unknown => return Err(error),
                _ => {}
            }
        }
    }
    Ok(None)
}

impl Source {
    /// As an expression of one row; values that it needs are appended.
    pub(super) fn expression(&self, values: &mut Vec<Value>) -> String {
        match self {
            Source::Own { expression, .. } => expression.clone(),
            Source::More(name) => {
                values.push(Value::Text(name.clone()));
                // Of an object with few fields; `->>` would take a name that begins with `$` for a path.
                format!("(SELECT atom FROM json_each(a._more) WHERE key = ?{})", values.len())
            }
            Source::Others(columns) => {
                let parts = columns.iter().map(|Column { table, column, .. }| {
                    format!(
                        "(SELECT s.{column} FROM {table} s WHERE s._id BETWEEN a._main AND a._main + 999999
                          AND s.{column} IS NOT NULL ORDER BY s._id LIMIT 1)"
                    )
                });
                format!("coalesce({}, NULL)", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Whether its numbers 0 and 1 stand for false and true.
    pub(super) fn is_boolean(&self) -> bool {
        match self {
            Source::Own { boolean, .. } => *boolean,
            Source::More(_) => false,
            Source::Others(columns) => columns.first().is_some_and(|column| column.boolean),
        }
    }
}
