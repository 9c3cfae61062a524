//! One row of a class table while it is merged.
//!
//! Later values win; globals lie beneath the fields of the main context. Objects are flattened with dots.
//! What has no column lies in `_more`, an object of JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::value::RawValue;

use super::cell::{Cell, Kind};
use super::classes::{ClassAt, Classes, Moved};
use super::error::StoreError;
use super::names::bounded;
use super::schema::OWN;
use crate::proto::scalar::Scalar;
use crate::proto::view::View;

/// Objects in objects that become columns; what is deeper is JSON text.
const MAX_LEVELS: usize = 8;
/// Bytes of `_more`; what is beyond is in the raw events only.
const MAX_MORE: usize = 1 << 20;

/// Fields by name, as JSON.
type More = BTreeMap<String, Box<RawValue>>;

#[derive(Debug, Default)]
pub(crate) struct Row<'a> {
    pub(crate) context: Cow<'a, str>,
    pub(crate) user: Option<Cow<'a, str>>,
    pub(crate) first: f64,
    pub(crate) last: f64,
    pub(crate) events: i64,
    pub(crate) cells: Vec<Cell<'a>>,
    /// The names of fields whose values are those of globals.
    pub(crate) globals: Vec<String>,
    pub(crate) more: More,
    pub(super) more_bytes: usize,
    /// Values for which there was no room.
    pub(crate) left_out: u64,
}

/// Where fields of a row go.
pub(crate) struct Fields<'c> {
    pub(crate) db: &'c Connection,
    pub(crate) classes: &'c mut Classes,
    pub(crate) class: ClassAt,
    pub(crate) time: f64,
}

impl<'a> Row<'a> {
    /// One that is in the file: all columns of its table.
    pub(crate) fn read(row: &rusqlite::Row<'_>, columns: usize) -> Result<Row<'static>, StoreError> {
        let text = |at: usize| -> Result<Option<String>, StoreError> { Ok(row.get(at)?) };
        let globals = text(11)?.and_then(|names| serde_json::from_str(&names).ok()).unwrap_or_default();
        let more = text(12)?;
        let more_bytes = more.as_ref().map_or(0, String::len);
        let cells: Result<Vec<Cell<'static>>, StoreError> =
            (OWN..OWN + columns).map(|at| Ok(Cell::read(row.get_ref(at)?))).collect();
        Ok(Row {
            context: Cow::Owned(text(1)?.unwrap_or_default()),
            user: text(5)?.map(Cow::Owned),
            first: row.get(6)?,
            last: row.get(7)?,
            events: row.get(8)?,
            cells: cells?,
            globals,
            more: more.and_then(|more| serde_json::from_str(&more).ok()).unwrap_or_default(),
            more_bytes,
            left_out: 0,
        })
    }

    /// Merges globals in, beneath what the context has of its own.
    pub(crate) fn add_globals(
        &mut self,
        to: &mut Fields<'_>,
        fields: Vec<(Cow<'a, str>, View<'a>)>,
    ) -> Result<(), StoreError> {
        for (name, value) in fields {
            if self.replace(to, &name, value, true)? {
                self.add(to, name, value, MAX_LEVELS, true)?;
            }
        }
        Ok(())
    }

    /// Merges fields in.
    pub(crate) fn add_fields(
        &mut self,
        to: &mut Fields<'_>,
        fields: Vec<(Cow<'a, str>, View<'a>)>,
    ) -> Result<(), StoreError> {
        for (name, value) in fields {
            self.replace(to, &name, value, false)?;
            self.add(to, name, value, MAX_LEVELS, false)?;
        }
        Ok(())
    }

    /// What an earlier value of this name had inside goes: the later one counts, whole. Gives whether it does:
    /// a global has no more than the place of an earlier global.
    fn replace(
        &mut self,
        to: &mut Fields<'_>,
        name: &str,
        value: View<'a>,
        global: bool,
    ) -> Result<bool, StoreError> {
        let class = to.classes.get(to.class)?;
        let by_object = matches!(value.scalar(), Scalar::Object);
        // The first object of a class has the place of a value too.
        if !(by_object || class.has_objects()) || (self.cells.is_empty() && self.more.is_empty()) {
            return Ok(true);
        }
        let fields = || class.replaced(name, by_object || global);
        let mut cells = fields().filter_map(|field| Some((field, self.cells.get(field.column?)?)));
        if global && cells.any(|(field, cell)| *cell != Cell::Null && !self.globals.contains(&field.name)) {
            return Ok(false);
        }
        for field in fields() {
            if let Some(cell) = field.column.and_then(|column| self.cells.get_mut(column)) {
                *cell = Cell::Null;
            }
            if let Some(known) = self.globals.iter().position(|known| *known == field.name) {
                self.globals.swap_remove(known);
            }
        }
        if !global && !self.more.is_empty() {
            let inside = |known: &str| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
            let bytes = &mut self.more_bytes;
            self.more.retain(|known, json| {
                let goes = inside(known) || (by_object && known == name);
                if goes {
                    *bytes = bytes.saturating_sub(known.len() + json.get().len() + 4);
                }
                !goes
            });
        }
        Ok(true)
    }

    fn add(
        &mut self,
        to: &mut Fields<'_>,
        name: Cow<'a, str>,
        value: View<'a>,
        levels: usize,
        global: bool,
    ) -> Result<(), StoreError> {
        if levels > 0
            && matches!(value.scalar(), Scalar::Object)
            && let Ok(Some(inner)) = value.fields()
            && !inner.is_empty()
        {
            for (below, value) in inner {
                // The names of many levels would grow with each of them.
                let name = bounded(&format!("{name}.{below}")).into_owned();
                self.add(to, Cow::Owned(name), value, levels - 1, global)?;
            }
            return Ok(());
        }
        let (kind, cell) = Cell::of(value);
        self.set(to, &name, kind, cell, global)?;
        if levels < MAX_LEVELS {
            to.classes.get(to.class)?.flattened(&name);
        }
        Ok(())
    }

    fn set(
        &mut self,
        to: &mut Fields<'_>,
        name: &str,
        kind: Kind,
        cell: Cell<'a>,
        global: bool,
    ) -> Result<(), StoreError> {
        let field = to.classes.field(to.db, to.class, name, kind, to.time)?;
        let class = to.classes.get(to.class)?;
        let column = field.and_then(|field| class.fields.get(field)).and_then(|field| field.column);
        let Some(column) = column else {
            self.set_more(name, kind, &cell, global);
            return Ok(());
        };
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::Null);
        }
        let Some(place) = self.cells.get_mut(column) else { return Ok(()) };
        let known = self.globals.iter().position(|known| known == name);
        match (global, known) {
            (true, None) if *place != Cell::Null => return Ok(()),
            (true, None) => self.globals.push(name.to_owned()),
            (false, Some(known)) => {
                self.globals.swap_remove(known);
            }
            _ => {}
        }
        *place = cell;
        Ok(())
    }

    fn set_more(&mut self, name: &str, kind: Kind, cell: &Cell<'_>, global: bool) {
        let name = bounded(name);
        if global && self.more.contains_key(name.as_ref()) {
            return;
        }
        // What is null is as good as not there, and may get a column yet: it would stand there twice.
        let before = self.more.get(name.as_ref()).map_or(0, |json| in_more(&name, json));
        if *cell == Cell::Null {
            self.more.remove(name.as_ref());
            self.more_bytes = self.more_bytes.saturating_sub(before);
            return;
        }
        let json = match (kind, cell) {
            (Kind::Boolean, Cell::Int(yes)) => (*yes == 1).to_string(),
            (_, Cell::Null) => return,
            (_, Cell::Int(number)) => number.to_string(),
            (_, Cell::Real(number)) => serde_json::Value::from(*number).to_string(),
            (Kind::List, Cell::Text(json)) => json.clone().into_owned(),
            (_, Cell::Text(text)) => serde_json::Value::from(text.as_ref()).to_string(),
        };
        let json = match RawValue::from_string(json) {
            Ok(json) => json,
            // A list that was cut.
            Err(_) => return self.left_out += 1,
        };
        let bytes = self.more_bytes.saturating_sub(before).saturating_add(in_more(&name, &json));
        if bytes > MAX_MORE {
            self.left_out += 1;
            return;
        }
        self.more_bytes = bytes;
        self.more.insert(name.into_owned(), json);
    }

    /// What the row says of another class's columns: cells by the names of their fields.
    pub(crate) fn moved(self, from: &[Moved], to: &mut Fields<'_>) -> Result<Row<'a>, StoreError> {
        let Row { cells, globals, more, .. } = self;
        let mut row = Row { cells: Vec::new(), globals: Vec::new(), ..Row::default() };
        row.context = self.context;
        row.user = self.user;
        (row.first, row.last, row.events) = (self.first, self.last, self.events);
        let mut cells: Vec<Option<Cell<'a>>> = cells.into_iter().map(Some).collect();
        for Moved { name, column, boolean, inner } in from {
            let cell = column.and_then(|column| cells.get_mut(column)).and_then(Option::take);
            let kind = match &cell {
                None | Some(Cell::Null) => continue,
                Some(Cell::Int(0 | 1)) if *boolean => Kind::Boolean,
                Some(Cell::Int(_)) => Kind::Integer,
                Some(Cell::Real(_)) => Kind::Real,
                Some(Cell::Text(text)) if text.starts_with('[') && is_json(text) => Kind::List,
                Some(Cell::Text(_)) => Kind::Text,
            };
            let global = globals.contains(name);
            row.set(to, name, kind, cell.unwrap_or_default(), global)?;
            if *inner {
                to.classes.get(to.class)?.flattened(name);
            }
        }
        // The other class may have columns for these.
        for (name, json) in more {
            let (kind, cell) = Cell::of(View::Json(json.get().as_bytes()));
            let cell = cell.into_owned();
            row.set(to, &name, kind, cell, false)?;
        }
        Ok(row)
    }
}

/// Bytes of a field in `_more`, with its quotes, its colon and its comma.
fn in_more(name: &str, json: &RawValue) -> usize {
    name.len() + json.get().len() + 4
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}
