//! The tables of a store and the version of their form.
//!
//! One table for each ARC class comes beside these while events arrive; `docs/collectors/store.md` has all
//! names for people who write SQL. A number of contexts is `arc * PER_ARC + position`: an ARC with all its
//! contexts and records is one range of every table, so that it is found and removed without an index.

use rusqlite::Connection;

use super::error::{Failure, StoreError};

/// The form of the tables, in `user_version` of the file.
pub(crate) const VERSION: i32 = 1;
/// "Mona" in ASCII: tells a store from other files of SQLite.
const APPLICATION: i32 = 0x4d6f_6e61;
/// Contexts that one ARC may have; a decimal so that numbers stay readable.
pub(crate) const PER_ARC: i64 = 1_000_000;
/// Rows of raw events that one ARC may have: a row holds what arrives at once.
pub(crate) const RECORDS_PER_ARC: i64 = 1_000_000_000;
/// What stands for contexts without a class.
pub(crate) const NO_CLASS: &str = "(no class)";

/// Columns of every class table before those of its fields.
pub(crate) const OWN_COLUMNS: &str = "\"_id\" INTEGER PRIMARY KEY, \"_context\" TEXT, \"_main\" INTEGER, \
    \"_parent\" INTEGER, \"_position\" INTEGER, \"_user\" TEXT, \"_first\" REAL, \"_last\" REAL, \
    \"_events\" INTEGER, \"_contexts\" INTEGER, \"_records\" INTEGER, \"_globals\" TEXT, \"_more\" TEXT";
/// How many these are.
pub(crate) const OWN: usize = 13;

const TABLES: &str = "
CREATE TABLE mona_meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE mona_classes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, tab TEXT NOT NULL UNIQUE,
    arcs INTEGER NOT NULL DEFAULT 0, contexts INTEGER NOT NULL DEFAULT 0, events INTEGER NOT NULL DEFAULT 0,
    first REAL, last REAL);
CREATE TABLE mona_fields (class INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, col TEXT,
    type TEXT NOT NULL, nulls INTEGER NOT NULL DEFAULT 0, booleans INTEGER NOT NULL DEFAULT 0,
    integers INTEGER NOT NULL DEFAULT 0, reals INTEGER NOT NULL DEFAULT 0, texts INTEGER NOT NULL DEFAULT 0,
    lists INTEGER NOT NULL DEFAULT 0, first REAL, last REAL, PRIMARY KEY (class, name)) WITHOUT ROWID;
CREATE TABLE mona_index (hash INTEGER NOT NULL, id INTEGER NOT NULL, class INTEGER NOT NULL,
    PRIMARY KEY (hash, id)) WITHOUT ROWID;
CREATE TABLE mona_records (id INTEGER PRIMARY KEY, context INTEGER NOT NULL, events TEXT NOT NULL);
CREATE TABLE mona_arrivals (arc INTEGER PRIMARY KEY, time REAL NOT NULL);
CREATE TABLE mona_health (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE mona_tags (tag TEXT PRIMARY KEY, records INTEGER NOT NULL, last REAL) WITHOUT ROWID;
CREATE VIEW mona_events AS
    SELECT record.id / 1000000000 * 1000000 AS main, record.context AS context, event.value ->> 0 AS time,
        event.value ->> 1 AS tag, event.value -> 2 AS message
    FROM mona_records AS record, json_each(record.events) AS event;
";

/// What connections that write have in common; before the first table is made.
fn prepare(db: &Connection) -> Result<(), StoreError> {
    // Retention gives pages back a few at a time; only a new file can be asked for that.
    db.execute_batch("PRAGMA page_size=8192; PRAGMA auto_vacuum=INCREMENTAL;")?;
    db.query_row("PRAGMA journal_mode=WAL", [], |_| Ok(()))?;
    // A commit survives the end of the process; what a power failure takes is the youngest commits.
    db.execute_batch("PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;")?;
    Ok(())
}

/// Makes the tables of a new file, and refuses files that are something else.
pub(crate) fn ensure(db: &mut Connection, name: &str) -> Result<(), StoreError> {
    let unreadable = |error: StoreError| StoreError::new(error.kind, format!("{name}: {error}"));
    let number =
        |db: &Connection, pragma: &str| db.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let tables =
        |db: &Connection| db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    let read = || {
        Ok::<_, rusqlite::Error>((number(db, "application_id")?, number(db, "user_version")?, tables(db)?))
    };
    let (application, version, tables) = read().map_err(StoreError::from).map_err(unreadable)?;
    if tables == 0 && version == 0 {
        return prepare(db).and_then(|()| make(db)).map_err(unreadable);
    }
    check(application, version, name)?;
    prepare(db).map_err(unreadable)
}

/// Makes the tables, all or none.
fn make(db: &mut Connection) -> Result<(), StoreError> {
    let change = db.transaction()?;
    change.execute_batch(TABLES)?;
    change.pragma_update(None, "application_id", APPLICATION)?;
    change.pragma_update(None, "user_version", VERSION)?;
    Ok(change.commit()?)
}

/// Refuses a file that is no store, or one of a later version.
pub(crate) fn check(application: i32, version: i32, name: &str) -> Result<(), StoreError> {
    if application != APPLICATION {
        let sentence =
            format!("{name}: found a data base of another program, expected a store of mona-collector");
        return Err(StoreError::new(Failure::Broken, sentence));
    }
    if version > VERSION {
        let sentence = format!(
            "{name}: found a store of version {version}, expected {VERSION} or an earlier one: a later \
             mona-collector wrote it"
        );
        return Err(StoreError::new(Failure::Newer, sentence));
    }
    Ok(())
}
