//! The classes of a store with their tables, fields and sums.
//!
//! Held by the writer, read back from the file when it is opened or a change was taken back. What changed
//! is written with the transaction that changed it.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, params};

use super::cell::Kind;
use super::error::StoreError;
use super::names::{ROW_NUMBERS, Taken, bounded, quoted};
use super::schema::{NO_CLASS, OWN, OWN_COLUMNS};

/// Tables of classes: SQLite reads the form of all of them with each connection.
const MAX_CLASSES: usize = 1_000;
/// Columns of one class; SQLite takes 2,000 in all, and the more there are, the longer a row takes.
pub(crate) const MAX_COLUMNS: usize = 500;
/// Columns of all classes together, for the same reason as that of tables.
const MAX_ALL_COLUMNS: usize = 20_000;
/// Fields of one class that are counted; more than a person reads.
const MAX_FIELDS: usize = 2_000;
/// Where classes go for which there is no table.
const OTHERS: &str = "(other classes)";

/// The place of a class in the list.
pub(crate) type ClassAt = usize;

/// One class.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// In quotes.
    pub(crate) table: String,
    pub(crate) fields: Vec<Field>,
    by_name: HashMap<String, usize>,
    /// Fields that were inside an object since the store was opened, by what is before the first dot. Names may have
    /// dots of their own (`http.status` beside `http`), and these fields take nobody's place.
    inner: HashMap<String, BTreeSet<usize>>,
    taken: Taken,
    /// How many fields have a column.
    pub(crate) columns: usize,
    pub(crate) sums: Sums,
    /// The field that was asked for last.
    last: usize,
    /// The statement that puts a row.
    put: String,
    dirty: bool,
}

/// What changed since it was written.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sums {
    pub(crate) arcs: i64,
    pub(crate) contexts: i64,
    pub(crate) events: i64,
    pub(crate) first: Option<f64>,
    pub(crate) last: Option<f64>,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// The place of its column among those of fields.
    pub(crate) column: Option<usize>,
    declared: &'static str,
    /// The field that came after it the last time: events of one kind have their fields in one order.
    next: usize,
    counts: [u32; 6],
    first: f64,
    last: f64,
    dirty: bool,
}

/// A field of the class that a row leaves.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) name: String,
    pub(crate) column: Option<usize>,
    /// Its column has true and false as 1 and 0.
    pub(crate) boolean: bool,
    /// It was inside an object.
    pub(crate) inner: bool,
}

/// All classes.
#[derive(Debug, Default)]
pub(crate) struct Classes {
    pub(crate) list: Vec<Class>,
    by_name: HashMap<String, ClassAt>,
    by_id: HashMap<i64, ClassAt>,
    taken: Taken,
    columns: usize,
}

impl Classes {
    /// Those of a file.
    pub(crate) fn load(db: &Connection) -> Result<Classes, StoreError> {
        let mut classes = Classes::default();
        let mut query = db.prepare("SELECT id, name, tab FROM mona_classes ORDER BY id")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name, table): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            classes.taken.add(&table);
            classes.push(Class::new(id, name, quoted(&table)));
        }
        let mut query = db.prepare(
            "SELECT class, name, col, type, first, last, position FROM mona_fields ORDER BY class, position",
        )?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let Some(class) = classes.by_id.get(&row.get(0)?).and_then(|at| classes.list.get_mut(*at)) else {
                continue;
            };
            let column: Option<String> = row.get(2)?;
            let column = column.map(|column| {
                class.taken.add(&column);
                class.columns += 1;
                classes.columns += 1;
                class.columns - 1
            });
            let declared = declared(&row.get::<_, String>(3)?);
            let (first, last) = (row.get(4)?, row.get(5)?);
            class.push(Field {
                name: row.get(1)?,
                column,
                declared,
                next: 0,
                counts: [0; 6],
                first,
                last,
                dirty: false,
            });
        }
        Ok(classes)
    }

    fn push(&mut self, class: Class) -> ClassAt {
        let at = self.list.len();
        self.by_name.insert(class.name.clone(), at);
        self.by_id.insert(class.id, at);
        self.list.push(class);
        at
    }

    pub(crate) fn get(&mut self, at: ClassAt) -> Result<&mut Class, StoreError> {
        self.list.get_mut(at).ok_or_else(|| StoreError::broken("a class is missing in memory"))
    }

    /// The class of this name; its table is made if it is new.
    pub(crate) fn named(&mut self, db: &Connection, name: Option<&str>) -> Result<ClassAt, StoreError> {
        let name = bounded(name.unwrap_or(NO_CLASS));
        if let Some(at) = self.by_name.get(name.as_ref()) {
            return Ok(*at);
        }
        let name = match self.list.len() < MAX_CLASSES {
            true => name,
            false => OTHERS.into(),
        };
        if let Some(at) = self.by_name.get(name.as_ref()) {
            return Ok(*at);
        }
        let table = self.taken.free(&name);
        let id = self.list.last().map_or(0, |class| class.id) + 1;
        db.execute_batch(&format!("CREATE TABLE {} ({OWN_COLUMNS})", quoted(&table)))?;
        db.prepare_cached("INSERT INTO mona_classes (id, name, tab) VALUES (?1, ?2, ?3)")?
            .execute(params![id, name, table])?;
        Ok(self.push(Class::new(id, name.into_owned(), quoted(&table))))
    }

    /// The field of this name in a class, with a column if there is room and the value is not null; `None`
    /// where even its name finds no room.
    pub(crate) fn field(
        &mut self,
        db: &Connection,
        at: ClassAt,
        name: &str,
        kind: Kind,
        time: f64,
    ) -> Result<Option<usize>, StoreError> {
        let all = self.columns;
        let class = self.get(at)?;
        let name = bounded(name);
        let found = match class.find(&name) {
            Some(found) => found,
            None if class.fields.len() >= MAX_FIELDS => return Ok(None),
            None => {
                let name = name.into_owned();
                let field = Field {
                    name,
                    column: None,
                    declared: Kind::Null.declared(),
                    next: 0,
                    counts: [0; 6],
                    first: time,
                    last: time,
                    dirty: true,
                };
                class.push(field)
            }
        };
        let Some(field) = class.fields.get_mut(found) else { return Ok(None) };
        field.last = field.last.max(time);
        field.first = field.first.min(time);
        field.dirty = true;
        if let Some(count) = field.counts.get_mut(kind as usize) {
            *count += 1;
        }
        if kind != Kind::Null && field.declared == "NULL" {
            field.declared = kind.declared();
            if class.columns < MAX_COLUMNS && all < MAX_ALL_COLUMNS {
                field.column = Some(class.columns);
                let column = class.taken.free(&field.name);
                let alter =
                    format!("ALTER TABLE {} ADD COLUMN {} {}", class.table, quoted(&column), field.declared);
                db.execute_batch(&alter)?;
                db.prepare_cached(
                    "INSERT INTO mona_fields (class, position, name, col, type) VALUES (?1, ?2, ?3, ?4, ?5)
                     ON CONFLICT DO UPDATE SET position = excluded.position, col = excluded.col, type = excluded.type",
                )?
                .execute(params![class.id, class.columns, field.name, column, field.declared])?;
                class.columns += 1;
                class.put.clear();
                self.columns += 1;
            }
        }
        Ok(Some(found))
    }

    /// Writes the sums that changed.
    pub(crate) fn write(&mut self, db: &Connection) -> Result<(), StoreError> {
        for class in self.list.iter_mut().filter(|class| class.dirty) {
            class.write(db)?;
        }
        Ok(())
    }
}

fn declared(text: &str) -> &'static str {
    let kinds = [Kind::Boolean, Kind::Integer, Kind::Real, Kind::Text];
    let known = kinds.into_iter().map(Kind::declared).find(|declared| *declared == text);
    known.unwrap_or(Kind::Null.declared())
}

impl Class {
    fn new(id: i64, name: String, table: String) -> Class {
        let own = OWN_COLUMNS.split(", ").filter_map(|column| column.split('"').nth(1));
        Class {
            id,
            name,
            table,
            fields: Vec::new(),
            by_name: HashMap::new(),
            inner: HashMap::new(),
            taken: Taken::with(own.chain(ROW_NUMBERS).map(str::to_owned)),
            columns: 0,
            sums: Sums::default(),
            last: 0,
            put: String::new(),
            dirty: false,
        }
    }

    /// The statement that puts a row, with a place for each column.
    pub(crate) fn put(&mut self) -> &str {
        if self.put.is_empty() {
            let places: Vec<String> = (1..=OWN + self.columns).map(|place| format!("?{place}")).collect();
            self.put = format!("REPLACE INTO {} VALUES ({})", self.table, places.join(","));
        }
        &self.put
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let before = self.fields.get(self.last)?;
        if self.fields.get(before.next).is_some_and(|field| field.name == name) {
            self.last = before.next;
            return Some(self.last);
        }
        let found = *self.by_name.get(name)?;
        if let Some(before) = self.fields.get_mut(self.last) {
            before.next = found;
        }
        self.last = found;
        Some(found)
    }

    /// The fields that a value of this name takes the place of: what an earlier object of that name had
    /// inside, and for an object the value itself.
    pub(crate) fn replaced(&self, name: &str, by_object: bool) -> impl Iterator<Item = &Field> {
        let root = name.split_once('.').map_or(name, |(root, _)| root);
        let inner = self.inner.get(root).into_iter().flatten().filter_map(|at| self.fields.get(*at));
        let inner = inner
            .filter(move |field| field.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        let own = self.by_name.get(name).filter(|_| by_object).and_then(|at| self.fields.get(*at));
        inner.chain(own)
    }

    /// This field was inside an object.
    pub(crate) fn flattened(&mut self, name: &str) {
        let Some((at, (root, _))) = self.by_name.get(name).zip(name.split_once('.')) else { return };
        match self.inner.get_mut(root) {
            Some(inner) => {
                inner.insert(*at);
            }
            None => {
                self.inner.insert(root.to_owned(), BTreeSet::from([*at]));
            }
        }
    }

    /// What a row that leaves the class has to know of its fields.
    pub(crate) fn moved(&self) -> Vec<Moved> {
        let inner: BTreeSet<usize> = self.inner.values().flatten().copied().collect();
        let fields = self.fields.iter().enumerate().map(|(at, field)| Moved {
            name: field.name.clone(),
            column: field.column,
            boolean: field.declared == Kind::Boolean.declared(),
            inner: inner.contains(&at),
        });
        fields.collect()
    }

    /// Whether a value of any name may take the place of others.
    pub(crate) fn has_objects(&self) -> bool {
        !self.inner.is_empty()
    }

    fn push(&mut self, field: Field) -> usize {
        self.by_name.insert(field.name.clone(), self.fields.len());
        self.fields.push(field);
        self.fields.len() - 1
    }

    /// Events of one context were added, between these times.
    pub(crate) fn count(&mut self, events: i64, first: f64, last: f64) {
        self.sums.events += events;
        self.sums.first = Some(self.sums.first.map_or(first, |known| known.min(first)));
        self.sums.last = Some(self.sums.last.map_or(last, |known| known.max(last)));
        self.dirty = true;
    }

    /// Contexts came or went.
    pub(crate) fn add_contexts(&mut self, arcs: i64, contexts: i64) {
        self.sums.arcs += arcs;
        self.sums.contexts += contexts;
        self.dirty = true;
    }

    /// Contexts with their events are gone.
    pub(crate) fn remove(&mut self, arcs: i64, contexts: i64, events: i64) {
        self.sums.events -= events;
        self.add_contexts(-arcs, -contexts);
    }

    fn write(&mut self, db: &Connection) -> Result<(), StoreError> {
        let Sums { arcs, contexts, events, first, last } = std::mem::take(&mut self.sums);
        db.prepare_cached(
            "UPDATE mona_classes SET arcs = arcs + ?2, contexts = contexts + ?3, events = events + ?4,
                first = min(ifnull(first, ?5), ifnull(?5, first)), last = max(ifnull(last, ?6), ifnull(?6, last))
             WHERE id = ?1",
        )?
        .execute(params![self.id, arcs, contexts, events, first, last])?;
        let mut put = db.prepare_cached(
            "INSERT INTO mona_fields (class, position, name, type, nulls, booleans, integers, reals, texts, lists, first, last)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT DO UPDATE SET nulls = nulls + ?5, booleans = booleans + ?6, integers = integers + ?7,
                reals = reals + ?8, texts = texts + ?9, lists = lists + ?10,
                first = min(ifnull(first, ?11), ?11), last = max(ifnull(last, ?12), ?12)",
        )?;
        for field in self.fields.iter_mut().filter(|field| field.dirty) {
            field.dirty = false;
            // Behind all columns, until it gets one.
            let position = field.column.unwrap_or(MAX_ALL_COLUMNS);
            let [nulls, booleans, integers, reals, texts, lists] = std::mem::take(&mut field.counts);
            put.execute(params![
                self.id,
                position,
                field.name,
                field.declared,
                nulls,
                booleans,
                integers,
                reals,
                texts,
                lists,
                field.first,
                field.last
            ])?;
        }
        self.dirty = false;
        Ok(())
    }
}
