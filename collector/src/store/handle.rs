//! A store that is open for writing.
//!
//! Whoever takes a chunk writes its rows itself, under a lock: there is no queue, so a slow disk slows
//! acknowledgements and nothing grows. While others wait for the lock the transaction stays open for them;
//! the last one commits for all. A thread looks after what is old once a second.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::blocks::Blocks;
use super::contexts::Run;
use super::error::StoreError;
use super::event::Live;
use super::incoming::Incoming;
use super::live::Ring;
use super::location::{self, Lock};
use super::retention::Retention;
use super::schema;
use super::writer::{Outcome, Taken, Writer};
use crate::proto::malformed::Malformed;
use crate::proto::record::Time;
use crate::proto::view::View;

/// Records in one transaction, beyond which nobody else is waited for.
const TOGETHER: usize = 20_000;
/// A wait for somebody else's commit ends after this, and one commits oneself.
const PATIENCE: Duration = Duration::from_millis(200);
/// How often what is old is looked for.
const TICK: Duration = Duration::from_secs(1);
/// Statements kept ready: a few for each class that is written.
const STATEMENTS: usize = 256;
/// Pages kept by the writer, in KiB.
const CACHE_KIB: i32 = 64 << 10;
/// Bytes of the write-ahead file that are kept when it is empty.
const JOURNAL: i64 = 32 << 20;

/// A store that is open for writing. Tests make one with [`Store::temporary`].
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    writer: Mutex<Writer>,
    /// Threads that want to write.
    waiting: AtomicUsize,
    ring: Mutex<Ring>,
    blocks: Arc<Blocks>,
    _lock: Lock,
    /// Goes last, with the files in it.
    _temporary: Option<tempfile::TempDir>,
}

impl Store {
    /// Opens a store, or makes one. There is one writer at a time.
    pub fn open(path: &Path, retention: Retention) -> Result<Arc<Store>, StoreError> {
        Store::start(path.to_owned(), retention, None)
    }

    /// One that is gone when the last user lets go of it.
    pub fn temporary() -> Result<Arc<Store>, StoreError> {
        Store::temporary_with(Retention::default())
    }

    /// The same with other bounds.
    pub fn temporary_with(retention: Retention) -> Result<Arc<Store>, StoreError> {
        let folder = location::temporary()?;
        Store::start(folder.path().join(location::FILE), retention, Some(folder))
    }

    fn start(
        path: PathBuf,
        retention: Retention,
        temporary: Option<tempfile::TempDir>,
    ) -> Result<Arc<Store>, StoreError> {
        let lock = Lock::take(&path)?;
        let named = |error: StoreError| StoreError::new(error.kind, format!("{}: {error}", path.display()));
        let mut db = Connection::open(&path).map_err(StoreError::from).map_err(named)?;
        // Plans do not depend on what is bound: else some statements are planned anew each time.
        let configured = db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
        configured.map_err(StoreError::from).map_err(named)?;
        schema::ensure(&mut db, &path.display().to_string())?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        let bounded = db.pragma_update(None, "cache_size", -CACHE_KIB);
        let bounded = bounded.and_then(|()| db.pragma_update(None, "journal_size_limit", JOURNAL));
        bounded.map_err(StoreError::from).map_err(named)?;
        let blocks = Arc::new(Blocks::default());
        let writer = Writer::new(db, retention, Arc::clone(&blocks)).map_err(named)?;
        let store = Arc::new(Store {
            path,
            writer: Mutex::new(writer),
            waiting: AtomicUsize::new(0),
            ring: Mutex::new(Ring::default()),
            blocks,
            _lock: lock,
            _temporary: temporary,
        });
        let weak = Arc::downgrade(&store);
        let ticking = std::thread::Builder::new().name("mona-store".to_owned()).spawn(move || tick(&weak));
        ticking.map_err(|error| StoreError::broken(format!("a thread for the store: {error}")))?;
        Ok(store)
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
            self.commit(&mut writer)?;
            return Ok(taken);
        }
        let Some(outcome) = writer.open.clone() else { return Ok(taken) };
        drop(writer);
        self.wait(&outcome)?;
        Ok(taken)
    }

    /// Counts something about delivery under a name, for example `duplicates`.
    pub fn count(&self, counter: &'static str, more: u64) {
        self.lock().tally.count(counter, more);
    }

    /// Something was refused, or a connection closed for a fault: the sentence says why.
    pub fn refuse(&self, sentence: &str) {
        let mut writer = self.lock();
        writer.tally.count("refused", 1);
        writer.tally.refuse(sentence);
    }

    /// Writes what was counted since the last transaction: for the end, when none may follow.
    pub fn settle(&self) -> Result<(), StoreError> {
        self.lock().tick()
    }

    /// The last refusals of this run with their time, the youngest last.
    pub(crate) fn refusals(&self) -> Vec<(f64, String)> {
        self.lock().tally.refusals.iter().cloned().collect()
    }

    /// What came since it was opened, and the number that the next ARC gets.
    pub(crate) fn run(&self) -> (Run, i64) {
        self.lock().run()
    }

    /// What readers worked out.
    pub(crate) fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    pub(crate) fn since(&self, cursor: u64) -> Live {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).since(cursor)
    }

    fn commit(&self, writer: &mut Writer) -> Result<(), StoreError> {
        let committed = writer.commit()?;
        let skipped = committed.records.saturating_sub(committed.tail.len() as u64);
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).add(skipped, committed.tail);
        Ok(())
    }

    /// Waits until somebody commits, and does it where nobody does.
    fn wait(&self, outcome: &Arc<Outcome>) -> Result<(), StoreError> {
        loop {
            if let Some(result) = outcome.wait(PATIENCE) {
                return result;
            }
            let mut writer = self.lock();
            if writer.open.as_ref().is_some_and(|open| Arc::ptr_eq(open, outcome)) {
                self.commit(&mut writer)?;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after a store until nobody has it.
fn tick(store: &Weak<Store>) {
    loop {
        std::thread::park_timeout(TICK);
        let Some(store) = store.upgrade() else { return };
        // What fails here fails again where somebody waits for the answer.
        let _ = store.lock().tick();
    }
}
