//! The one connection that writes.
//!
//! Whoever takes a chunk writes its rows itself, under a lock: there is no queue, so a slow disk slows
//! acknowledgements and nothing grows. While others wait for the lock the transaction stays open for them;
//! the last one commits for all.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use super::classes::Classes;
use super::contexts::Contexts;
use super::error::StoreError;
use super::incoming::Incoming;
use super::rows;
use super::schema;
use super::slice::Slice;
use crate::proto::malformed::Malformed;
use crate::proto::record::Time;
use crate::proto::view::View;

/// Records merged in memory before their rows are written.
const SLICE_RECORDS: usize = 2_000;
/// Their bytes as JSON.
const SLICE_BYTES: usize = 1 << 20;
/// Records in one transaction, beyond which nobody else is waited for.
const TOGETHER: usize = 20_000;
/// A wait for somebody else's commit ends after this, and one commits oneself.
const PATIENCE: Duration = Duration::from_millis(200);
/// Statements kept ready: a few for each class that is written.
const STATEMENTS: usize = 256;
/// Pages kept by the writer, in KiB.
const CACHE_KIB: i32 = 64 << 10;

/// A store that is written.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    writer: Mutex<Writer>,
    /// Threads that want to write.
    waiting: AtomicUsize,
    _temporary: Option<tempfile::TempDir>,
}

#[derive(Debug)]
struct Writer {
    db: Connection,
    classes: Classes,
    contexts: Contexts,
    /// The transaction that is open.
    open: Option<Arc<Outcome>>,
    /// Records in it.
    records: usize,
}

/// What becomes of a transaction, for all who wrote in it.
#[derive(Debug, Default)]
struct Outcome {
    result: Mutex<Option<Result<(), StoreError>>>,
    known: Condvar,
}

/// What was made of some records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records that are in the store.
    pub records: u64,
    /// Records without a context or a message with fields.
    pub strangers: u64,
    /// Records that could not be read.
    pub unreadable: u64,
    /// Records with a time that is none.
    pub untimely: u64,
    /// Values for which there was no room in a row; they are in the raw events.
    pub left_out: u64,
}

impl Store {
    /// Opens a store, or makes one.
    pub fn open(path: &Path) -> Result<Arc<Store>, StoreError> {
        Store::start(path.to_owned(), None)
    }

    /// One that is gone when the last user lets go of it.
    pub fn temporary() -> Result<Arc<Store>, StoreError> {
        let named = |error: std::io::Error| StoreError::broken(format!("a directory for the store: {error}"));
        let folder = tempfile::Builder::new().prefix("mona-store-").tempdir().map_err(named)?;
        Store::start(folder.path().join("store"), Some(folder))
    }

    fn start(path: PathBuf, temporary: Option<tempfile::TempDir>) -> Result<Arc<Store>, StoreError> {
        let mut db = Connection::open(&path)?;
        schema::prepare(&db)?;
        schema::ensure(&mut db, &path.display().to_string())?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        let classes = Classes::load(&db)?;
        let contexts = Contexts::load(&db, &classes)?;
        let writer = Writer { db, classes, contexts, open: None, records: 0 };
        Ok(Arc::new(Store {
            path,
            writer: Mutex::new(writer),
            waiting: AtomicUsize::new(0),
            _temporary: temporary,
        }))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes one record as JSON text, as libmona makes it: for tests.
    pub fn add_json(&self, record: &str) -> Result<Taken, StoreError> {
        let time = Time { seconds: 0, nanoseconds: 0 };
        self.take([Incoming::of_record("mona.client.message", time, View::Json(record.as_bytes()))])
    }

    /// Takes records. When this returns they survive the end of the process; on an error none of them
    /// counts as taken.
    pub fn take<'a>(
        &self,
        records: impl IntoIterator<Item = Result<Incoming<'a>, Malformed>>,
    ) -> Result<Taken, StoreError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut writer = self.lock();
        let others = self.waiting.fetch_sub(1, Ordering::SeqCst) - 1;
        let taken = match writer.take(records) {
            Ok(taken) => taken,
            Err(error) => {
                writer.give_up(&error)?;
                return Err(error);
            }
        };
        if others == 0 || writer.records >= TOGETHER {
            writer.commit()?;
            return Ok(taken);
        }
        let Some(outcome) = writer.open.clone() else { return Ok(taken) };
        drop(writer);
        self.wait(&outcome)?;
        Ok(taken)
    }

    /// Waits until somebody commits, and does it where nobody does.
    fn wait(&self, outcome: &Arc<Outcome>) -> Result<(), StoreError> {
        let mut result = outcome.result.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = &*result {
                return result.clone();
            }
            let (again, late) =
                outcome.known.wait_timeout(result, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            result = again;
            if late.timed_out() && result.is_none() {
                drop(result);
                let mut writer = self.lock();
                if writer.open.as_ref().is_some_and(|open| Arc::ptr_eq(open, outcome)) {
                    writer.commit()?;
                }
                drop(writer);
                result = outcome.result.lock().unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    fn take<'a>(
        &mut self,
        records: impl IntoIterator<Item = Result<Incoming<'a>, Malformed>>,
    ) -> Result<Taken, StoreError> {
        if self.open.is_none() {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            self.open = Some(Arc::new(Outcome::default()));
            self.records = 0;
        }
        let mut taken = Taken::default();
        let mut slice = Slice::default();
        for record in records {
            let untimely = record.as_ref().is_ok_and(|record| record.untimely);
            match record.and_then(|record| slice.add(record)) {
                Ok(true) => taken.records += 1,
                Ok(false) => taken.strangers += 1,
                Err(_) => taken.unreadable += 1,
            }
            taken.untimely += u64::from(untimely);
            if slice.records >= SLICE_RECORDS || slice.bytes >= SLICE_BYTES {
                taken.left_out += self.write(std::mem::take(&mut slice))?;
            }
        }
        taken.left_out += self.write(slice)?;
        Ok(taken)
    }

    fn write(&mut self, slice: Slice<'_>) -> Result<u64, StoreError> {
        self.records += slice.records;
        let left_out = rows::write(&self.db, &mut self.classes, &mut self.contexts, slice)?;
        Ok(left_out.values + left_out.contexts)
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let Some(outcome) = self.open.clone() else { return Ok(()) };
        let result = self.classes.write(&self.db).and_then(|()| Ok(self.db.execute_batch("COMMIT")?));
        if let Err(error) = &result {
            self.give_up(error)?;
            return result;
        }
        self.open = None;
        outcome.tell(Ok(()));
        result
    }

    /// Takes back what is not committed, and what memory knows of it.
    fn give_up(&mut self, error: &StoreError) -> Result<(), StoreError> {
        // SQLite has taken it back already after some errors.
        if !self.db.is_autocommit() {
            let _ = self.db.execute_batch("ROLLBACK");
        }
        if let Some(outcome) = self.open.take() {
            outcome.tell(Err(error.clone()));
        }
        self.classes = Classes::load(&self.db)?;
        self.contexts = Contexts::load(&self.db, &self.classes)?;
        Ok(())
    }
}

impl Outcome {
    fn tell(&self, result: Result<(), StoreError>) {
        *self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.known.notify_all();
    }
}
