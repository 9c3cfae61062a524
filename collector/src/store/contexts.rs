//! Which contexts there are: from the id in an event to a number.
//!
//! A context id is known by a 64-bit sum with a key of the store. Those of late are in memory, younger and
//! older ones; when there are many, the main contexts among them go into `mona_index` sorted, all at once,
//! so that its pages are written a few times and not for each context. A store that is opened reads back
//! those that were not in it yet.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use rusqlite::{Connection, OptionalExtension, params};
use siphasher::sip::SipHasher13;

use super::classes::{ClassAt, Classes};
use super::error::StoreError;
use super::schema::PER_ARC;

/// Contexts in memory, once for the younger and once for the older ones: 5 MiB each.
const GENERATION: usize = 100_000;
/// Sub-contexts of an ARC that are known again when it was not heard of for so long; an older one that comes
/// back is a new context.
const KNOWN_AGAIN: i64 = 10_000;

/// What is known of one context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) id: i64,
    pub(crate) class: u32,
    /// Of a main context: how many contexts the ARC has.
    pub(crate) contexts: u32,
    /// Of a main context: how many rows of raw events there were.
    pub(crate) records: u32,
}

/// For keys that are sums with a secret key already.
pub(crate) type Sums = BuildHasherDefault<Sum>;

/// The last 64 bits that were written.
#[derive(Debug, Default)]
pub(crate) struct Sum(u64);

impl Hasher for Sum {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |sum, byte| (sum << 8) | u64::from(*byte));
    }

    fn write_u64(&mut self, sum: u64) {
        self.0 = sum;
    }
}

#[derive(Debug)]
pub(crate) struct Contexts {
    pub(crate) key: SipHasher13,
    young: HashMap<u64, Known, Sums>,
    old: HashMap<u64, Known, Sums>,
    /// Main contexts that are not in the index: sum, number and class.
    waiting: Vec<(u64, i64, u32)>,
    /// The number that the next ARC gets, without [`PER_ARC`].
    pub(crate) next: i64,
    /// Contexts with a lower number are gone.
    gone: i64,
    pub(crate) run: Run,
}

/// What came since the store was opened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// The number of the first context of the first new ARC.
    pub(crate) first: i64,
    /// Main contexts of older ARCs that something came for, with the number of the first row of raw events.
    pub(crate) again: BTreeMap<i64, i64>,
}

/// Older ARCs that are remembered as such: more come back to a store in hardly any run.
const MAX_AGAIN: usize = 100_000;

impl Run {
    /// Something came for an ARC.
    pub(crate) fn note(&mut self, main: i64, record: i64) {
        if main < self.first && self.again.len() < MAX_AGAIN {
            self.again.entry(main).or_insert(record);
        }
    }
}

/// Whether a number is that of a main context.
pub(crate) fn is_main(id: i64) -> bool {
    id % PER_ARC == 0
}

/// The numbers of all contexts of an ARC.
pub(crate) fn range(main: i64) -> (i64, i64) {
    (main, main + PER_ARC - 1)
}

impl Contexts {
    /// Those of a file.
    pub(crate) fn load(db: &Connection, classes: &Classes) -> Result<Contexts, StoreError> {
        let key = key(db)?;
        let meta = |name: &str| -> Result<i64, StoreError> {
            let mut query = db.prepare("SELECT value FROM mona_meta WHERE key = ?1")?;
            Ok(query.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0))
        };
        let indexed = meta("indexed")?;
        let mut contexts = Contexts {
            key,
            young: HashMap::default(),
            old: HashMap::default(),
            waiting: Vec::new(),
            next: meta("next")?.max(1),
            gone: 0,
            run: Run::default(),
        };
        for (at, class) in classes.list.iter().enumerate() {
            let highest: Option<i64> =
                db.query_row(&format!("SELECT max(_id) FROM {}", class.table), [], |row| row.get(0))?;
            contexts.next = contexts.next.max(highest.unwrap_or(0) / PER_ARC + 1);
            let mut query = db.prepare(&format!(
                "SELECT _id, _context, _contexts, _records FROM {} WHERE _id >= ?1",
                class.table
            ))?;
            let mut rows = query.query([(indexed + 1) * PER_ARC])?;
            while let Some(row) = rows.next()? {
                contexts.remember(row, at)?;
            }
        }
        contexts.waiting.sort_unstable_by_key(|(_, id, _)| *id);
        contexts.run.first = contexts.next * PER_ARC;
        Ok(contexts)
    }

    /// One row of a class: number, id, contexts and records.
    fn remember(&mut self, row: &rusqlite::Row<'_>, at: ClassAt) -> Result<(), StoreError> {
        let id: i64 = row.get(0)?;
        let text = row.get_ref(1)?.as_bytes_or_null().unwrap_or_default().unwrap_or_default();
        let known = Known {
            id,
            class: u32::try_from(at).unwrap_or(0),
            contexts: row.get::<_, Option<u32>>(2)?.unwrap_or(0),
            records: row.get::<_, Option<u32>>(3)?.unwrap_or(0),
        };
        let sum = self.key.hash(text);
        if is_main(id) {
            self.waiting.push((sum, id, known.class));
        }
        self.young.insert(sum, known);
        Ok(())
    }

    /// A context that was heard of lately.
    pub(crate) fn recent(&mut self, sum: u64) -> Option<&mut Known> {
        if !self.young.contains_key(&sum)
            && let Some(known) = self.old.remove(&sum)
        {
            self.young.insert(sum, known);
        }
        self.young.get_mut(&sum).filter(|known| known.id >= self.gone)
    }

    /// A main context, however old; those of its sub-contexts are recent from here on.
    pub(crate) fn main(
        &mut self,
        db: &Connection,
        classes: &Classes,
        sum: u64,
    ) -> Result<Option<Known>, StoreError> {
        if let Some(known) = self.recent(sum) {
            return Ok(Some(*known));
        }
        let found = db
            .prepare_cached("SELECT id, class FROM mona_index WHERE hash = ?1 ORDER BY id DESC LIMIT 1")?
            .query_row([sum.cast_signed()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        // What retention removed may still be in the index.
        let Some((id, _)) = found.filter(|(id, _)| *id >= self.gone) else { return Ok(None) };
        let (from, until) = range(id);
        let mut main = None;
        for (at, class) in classes.list.iter().enumerate() {
            let mut query = db.prepare_cached(&format!(
                "SELECT _id, _context, _contexts, _records FROM {} WHERE _id BETWEEN ?1 AND ?2
                 ORDER BY _id DESC LIMIT ?3",
                class.table
            ))?;
            let mut rows = query.query([from, until, KNOWN_AGAIN])?;
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(0)? != id {
                    self.remember(row, at)?;
                }
            }
            let mut query = db.prepare_cached(&format!(
                "SELECT _id, _context, _contexts, _records FROM {} WHERE _id = ?1",
                class.table
            ))?;
            let mut rows = query.query([id])?;
            if let Some(row) = rows.next()? {
                let waiting = self.waiting.len();
                self.remember(row, at)?;
                // It is in the index already.
                self.waiting.truncate(waiting);
                main = self.young.get(&sum).copied();
            }
        }
        Ok(main)
    }

    /// A context that is new.
    pub(crate) fn add(&mut self, sum: u64, known: Known) {
        if is_main(known.id) {
            self.waiting.push((sum, known.id, known.class));
        }
        self.young.insert(sum, known);
    }

    /// Makes room where there is much in memory: writes the index and lets go of the older ones.
    pub(crate) fn settle(&mut self, db: &Connection) -> Result<(), StoreError> {
        if self.young.len() < GENERATION {
            return Ok(());
        }
        let last = self.waiting.iter().map(|(_, id, _)| id / PER_ARC).max();
        self.waiting.sort_unstable_by_key(|(sum, ..)| sum.cast_signed());
        let mut put =
            db.prepare_cached("INSERT OR IGNORE INTO mona_index (hash, id, class) VALUES (?1, ?2, ?3)")?;
        for (sum, id, class) in self.waiting.drain(..) {
            put.execute(params![sum.cast_signed(), id, class])?;
        }
        if let Some(last) = last {
            db.prepare_cached("REPLACE INTO mona_meta (key, value) VALUES ('indexed', ?1)")?
                .execute([last])?;
        }
        self.old = std::mem::take(&mut self.young);
        Ok(())
    }

    /// Contexts of ARCs before this number are gone.
    pub(crate) fn forget(&mut self, before: i64) {
        self.gone = before;
    }
}

/// The key of the sums: a sender that knew it could make two ids meet.
fn key(db: &Connection) -> Result<SipHasher13, StoreError> {
    db.execute("INSERT OR IGNORE INTO mona_meta (key, value) VALUES ('key', randomblob(16))", [])?;
    read_key(db)
}

/// The same for those that only read.
pub(crate) fn read_key(db: &Connection) -> Result<SipHasher13, StoreError> {
    let key: [u8; 16] =
        db.query_row("SELECT value FROM mona_meta WHERE key = 'key'", [], |row| row.get(0))?;
    Ok(SipHasher13::new_with_key(&key))
}
