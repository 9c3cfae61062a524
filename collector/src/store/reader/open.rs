//! A connection that only reads, and the time a question may take.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use crate::store::clock;
use crate::store::error::StoreError;
use crate::store::handle::Store;
use crate::store::schema;

/// How long a question may take unless told otherwise: nobody waits longer for a page.
const PATIENCE: Duration = Duration::from_secs(5);
/// Steps of SQLite's machine between two looks at the clock: some tens of microseconds.
const STEPS: i32 = 10_000;
/// Pages kept by a reader, in KiB: what is read again while one page is made.
const CACHE_KIB: i32 = 8 << 10;
/// Pages kept by each of its helpers: they read each page once.
const HELPER_KIB: i32 = 2 << 10;

/// An ARC of which nothing was heard for so long, in seconds, is taken to be over.
const QUIET: f64 = 60.0;

/// Whether something happened lately.
pub(super) fn is_open(last: f64) -> bool {
    clock::now() - last < QUIET
}

/// A connection that only reads.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
    /// That of this process, for what is in memory only.
    pub(super) store: Option<Arc<Store>>,
    path: PathBuf,
    patience: Duration,
    begun: Instant,
    /// When a question is given up, in microseconds behind the beginning.
    until: Arc<AtomicU64>,
    /// More connections, for questions that several threads work on.
    helpers: RefCell<Vec<Connection>>,
}

impl Reader {
    /// Reads this store.
    pub fn open(store: &Arc<Store>) -> Result<Reader, StoreError> {
        Ok(Reader { store: Some(Arc::clone(store)), ..Reader::open_file(store.path())? })
    }

    /// Reads a file, whether somebody writes to it or not.
    pub fn open_file(path: &Path) -> Result<Reader, StoreError> {
        let begun = Instant::now();
        let until = Arc::new(AtomicU64::new(u64::MAX));
        let db = connect(path, CACHE_KIB, begun, &until)?;
        let named = |error: rusqlite::Error| StoreError::broken(format!("{}: {error}", path.display()));
        let number = |pragma: &str| db.pragma_query_value(None, pragma, |row| row.get(0));
        let (application, version) =
            (number("application_id").map_err(named)?, number("user_version").map_err(named)?);
        schema::check(application, version, &path.display().to_string())?;
        let (path, helpers) = (path.to_owned(), RefCell::default());
        Ok(Reader { db, store: None, path, patience: PATIENCE, begun, until, helpers })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Questions may take this long.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Reader {
        Reader { patience, ..self }
    }

    /// Asks within the time.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let patience = u64::try_from(self.patience.as_micros()).unwrap_or(u64::MAX);
        self.until.store(since(self.begun).saturating_add(patience), Ordering::Relaxed);
        // One question sees one state of the store.
        let state = self.db.unchecked_transaction()?;
        let answer = question(&state);
        self.until.store(u64::MAX, Ordering::Relaxed);
        answer
    }

    /// So many more connections; they end when the question does.
    pub(super) fn helpers(&self, many: usize) -> Result<Vec<Connection>, StoreError> {
        let mut helpers = std::mem::take(&mut *self.helpers.borrow_mut());
        while helpers.len() < many {
            helpers.push(connect(&self.path, HELPER_KIB, self.begun, &self.until)?);
        }
        let kept = helpers.split_off(many);
        *self.helpers.borrow_mut() = kept;
        Ok(helpers)
    }

    /// They are there for the next question.
    pub(super) fn give_back(&self, helpers: Vec<Connection>) {
        self.helpers.borrow_mut().extend(helpers);
    }
}

/// A connection that only reads, until the time that is set.
fn connect(
    path: &Path,
    cache_kib: i32,
    begun: Instant,
    until: &Arc<AtomicU64>,
) -> Result<Connection, StoreError> {
    let named = |error: rusqlite::Error| StoreError::broken(format!("{}: {error}", path.display()));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(named)?;
    db.pragma_update(None, "cache_size", -cache_kib).map_err(named)?;
    db.pragma_update(None, "temp_store", "MEMORY").map_err(named)?;
    let deadline = Arc::clone(until);
    let late = move || since(begun) > deadline.load(Ordering::Relaxed);
    db.progress_handler(STEPS, Some(late))?;
    Ok(db)
}

fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}
