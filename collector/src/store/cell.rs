//! A value on its way into a column.

use std::borrow::Cow;

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::names::shortened;
use crate::proto::forward::json::Floats;
use crate::proto::scalar::Scalar;
use crate::proto::view::View;

/// Bytes of a text in a table; a longer one is cut there and whole in the raw event. More would make every
/// question slow that only passes by.
const MAX_TEXT: usize = 4096;

/// What is bound.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Cell<'a> {
    #[default]
    Null,
    Int(i64),
    Real(f64),
    Text(Cow<'a, str>),
}

/// What kind a value is, for the type of a column and the counts of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Integer,
    Real,
    Text,
    List,
}

impl Kind {
    /// The declared type of a column whose first value is of this kind.
    pub(crate) fn declared(self) -> &'static str {
        match self {
            Kind::Null => "NULL",
            Kind::Boolean => "BOOLEAN",
            Kind::Integer => "INTEGER",
            Kind::Real => "REAL",
            Kind::Text | Kind::List => "TEXT",
        }
    }
}

impl<'a> Cell<'a> {
    /// That of a value where it lies; objects and lists become JSON text.
    pub(crate) fn of(view: View<'a>) -> (Kind, Cell<'a>) {
        match view.scalar() {
            Scalar::Null => (Kind::Null, Cell::Null),
            Scalar::Bool(yes) => (Kind::Boolean, Cell::Int(i64::from(yes))),
            Scalar::Int(number) => (Kind::Integer, Cell::Int(number)),
            Scalar::Real(number) => (Kind::Real, Cell::Real(number)),
            Scalar::Text(text) => (Kind::Text, Cell::Text(cut(text))),
            Scalar::Digits(digits) => (Kind::Text, Cell::Text(cut(digits))),
            Scalar::List | Scalar::Object => {
                let mut json = Vec::new();
                match view.write_json(Floats::Null, &mut json) {
                    Ok(()) => {
                        let json = String::from_utf8(json).unwrap_or_default();
                        (Kind::List, Cell::Text(cut(Cow::Owned(json))))
                    }
                    Err(_) => (Kind::Null, Cell::Null),
                }
            }
        }
    }

    /// One that borrows nothing.
    pub(crate) fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Null => Cell::Null,
            Cell::Int(number) => Cell::Int(number),
            Cell::Real(number) => Cell::Real(number),
            Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// What a row has already.
    pub(crate) fn read(cell: ValueRef<'_>) -> Cell<'static> {
        match cell {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Real(number) => Cell::Real(number),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                Cell::Text(Cow::Owned(String::from_utf8_lossy(text).into_owned()))
            }
        }
    }
}

fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.len() <= MAX_TEXT {
        true => text,
        false => Cow::Owned(shortened(&text, MAX_TEXT).into_owned()),
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Int(number) => ValueRef::Integer(*number),
            Cell::Real(number) => ValueRef::Real(*number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
