//! A connection that only reads, and the time a question may take.

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
const CACHE_KIB: i32 = 16 << 10;

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
}

impl Reader {
    /// Reads this store.
    pub fn open(store: &Arc<Store>) -> Result<Reader, StoreError> {
        Ok(Reader { store: Some(Arc::clone(store)), ..Reader::open_file(store.path())? })
    }

    /// Reads a file, whether somebody writes to it or not.
    pub fn open_file(path: &Path) -> Result<Reader, StoreError> {
        let named = |error: rusqlite::Error| StoreError::broken(format!("{}: {error}", path.display()));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(path, flags).map_err(named)?;
        let number = |pragma: &str| db.pragma_query_value(None, pragma, |row| row.get(0));
        let (application, version) =
            (number("application_id").map_err(named)?, number("user_version").map_err(named)?);
        schema::check(application, version, &path.display().to_string())?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        db.pragma_update(None, "temp_store", "MEMORY")?;
        let begun = Instant::now();
        let until = Arc::new(AtomicU64::new(u64::MAX));
        let deadline = Arc::clone(&until);
        let late = move || since(begun) > deadline.load(Ordering::Relaxed);
        db.progress_handler(STEPS, Some(late))?;
        Ok(Reader { db, store: None, path: path.to_owned(), patience: PATIENCE, begun, until })
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
}

fn since(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX)
}
