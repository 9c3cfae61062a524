//! Questions that go over all rows of a class: worked out block by block, on several processors, and for
//! blocks in which nothing changed remembered.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::Connection;

use super::evenly::Chance;
use super::open::Reader;
use super::scan::Scan;
use super::walk::{Walked, walk};
use crate::store::blocks::{ARCS, Blocks, of_context};
use crate::store::error::StoreError;
use crate::store::schema::PER_ARC;

/// Connections that work on one question: there are others who need a processor.
const MAX_WORKERS: usize = 4;

/// To look one row up takes as long as to read so many.
const LOOKED_UP: u64 = 16;

/// Stands for the number of a block where all of them are put together.
pub(super) const WHOLE: i64 = -1;

/// What is made of rows; parts are put together in the order of rows.
pub(super) trait Fold: Send + Sync + Sized + 'static {
    /// What comes of all.
    type Answer: Clone + Send + Sync + 'static;

    /// Takes a row; false if it needs no more of them.
    fn row(&mut self, row: &mut Walked<'_, '_>) -> Result<bool, StoreError>;

    /// Takes what was made of the rows behind.
    fn merge(&mut self, behind: &Self);

    /// What it took was drawn already: one of so many, out of so many.
    fn drawn(&mut self, _: u64, _: u64) {}

    /// What it takes in memory.
    fn bytes(&self) -> usize;

    /// What comes of all, and what that takes in memory.
    fn end(self) -> (Self::Answer, usize);
}

/// How much there is to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// Rows of the class, before any filter.
    pub(super) rows: u64,
    /// Blocks, rounded up to a power of two, so that it seldom changes.
    pub(super) blocks: usize,
    /// Of so many ARCs one is looked up, where that is less work than to read all.
    step: u64,
}

impl Extent {
    /// How many of all rows that are kept fall to a block: twice its share, for they are not alike.
    pub(super) fn share(&self, limit: usize, least: usize) -> usize {
        let fits = usize::try_from(self.rows).is_ok_and(|rows| rows <= limit);
        if fits { limit } else { (2 * limit / self.blocks).max(least).min(limit) }
    }
}

/// A question.
pub(super) struct Question<B> {
    pub(super) scan: Scan,
    /// What it is called, with everything that its answer depends on beside the rows.
    pub(super) name: String,
    /// Whether what is kept depends on how much there is.
    pub(super) sampled: bool,
    /// All rows are asked for, and of more than so many a sample will do.
    pub(super) drawn: Option<usize>,
    /// Blocks before that of this context are left out.
    pub(super) first: i64,
    /// Begins with nothing; hears the number of the block, so that chance is the same each time.
    pub(super) begin: B,
}

/// A question that is being worked out.
struct Work<'w, B> {
    question: &'w Question<B>,
    extent: Extent,
    name: &'w str,
    stamp: u64,
    blocks: Option<&'w Blocks>,
}

/// What is put together so far.
struct Together<F> {
    total: F,
    /// The place of the part that is next.
    next: usize,
    /// Parts that came before their turn.
    waiting: BTreeMap<usize, Arc<F>>,
}

impl Reader {
    /// Works out a question.
    pub(super) fn fold<F: Fold, B: Fn(Extent, i64) -> F + Sync>(
        &self,
        question: impl FnOnce(&Connection) -> Result<Question<B>, StoreError>,
    ) -> Result<F::Answer, StoreError> {
        let blocks = self.store.as_ref().map(|store| store.blocks());
        // Before anything is read: what changes from now on is noticed.
        let stamp = blocks.map_or(0, Blocks::stamp);
        self.ask(|db| {
            let question = question(db)?;
            let Some((first, last, extent)) = extent(db, &question)? else {
                return Ok((question.begin)(Extent { rows: 0, blocks: 1, step: 1 }, WHOLE).end().0);
            };
            let sampled = if question.sampled { extent.blocks } else { 0 };
            let name = format!("{} {sampled} {} {}", question.name, extent.step, question.scan.name());
            let whole = format!("{name} {first}");
            let known = blocks.and_then(|blocks| blocks.answer(&whole));
            if let Some(answer) = known.as_ref().and_then(|known| known.downcast_ref::<F::Answer>()) {
                return Ok(answer.clone());
            }
            let work = Work { question: &question, extent, name: &name, stamp, blocks };
            let (answer, bytes) = self.work_out(db, &work, first..=last)?.end();
            if let Some(blocks) = blocks {
                blocks.keep_answer(&whole, stamp, Arc::new(answer.clone()), bytes);
            }
            Ok(answer)
        })
    }

    /// Puts all blocks together.
    fn work_out<F: Fold, B: Fn(Extent, i64) -> F + Sync>(
        &self,
        db: &Connection,
        work: &Work<'_, B>,
        blocks: RangeInclusive<i64>,
    ) -> Result<F, StoreError> {
        let mut total = (work.question.begin)(work.extent, WHOLE);
        if work.extent.step > 1 {
            total.drawn(work.extent.step, work.extent.rows);
        }
        let mut together = Together { total, next: 0, waiting: BTreeMap::new() };
        let mut missing = Vec::new();
        for (place, block) in blocks.enumerate() {
            match work.known(block) {
                Some(part) => together.add(place, part),
                None => missing.push((place, block)),
            }
        }
        let workers = thread::available_parallelism().map_or(1, usize::from).min(MAX_WORKERS);
        let mut helpers = self.helpers(workers.min(missing.len()).saturating_sub(1))?;
        let together = Mutex::new(together);
        let next = AtomicUsize::new(0);
        let run = |db: &Connection| {
            while let Some((place, block)) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                let part =
                    work.read(db, *block).inspect_err(|_| next.store(missing.len(), Ordering::Relaxed))?;
                together.lock().unwrap_or_else(PoisonError::into_inner).add(*place, part);
            }
            Ok(())
        };
        let helped = thread::scope(|scope| {
            let run = &run;
            let started = helpers.iter_mut().map(|helper| scope.spawn(move || run(helper)));
            let started: Vec<_> = started.collect();
            let own = run(db);
            let broken = || Err(StoreError::broken("a thread that read the store broke off"));
            started.into_iter().map(|one| one.join().unwrap_or_else(|_| broken())).fold(own, Result::and)
        });
        self.give_back(helpers);
        helped?;
        Ok(together.into_inner().unwrap_or_else(PoisonError::into_inner).total)
    }
}

impl<F: Fold> Together<F> {
    fn add(&mut self, place: usize, part: Arc<F>) {
        self.waiting.insert(place, part);
        while let Some(part) = self.waiting.remove(&self.next) {
            self.total.merge(&part);
            self.next += 1;
        }
    }
}

impl<B> Work<'_, B> {
    /// What is remembered of a block.
    fn known<F: Fold>(&self, block: i64) -> Option<Arc<F>> {
        self.blocks?.part(self.name, block)?.downcast().ok()
    }

    /// Reads a block.
    fn read<F: Fold>(&self, db: &Connection, block: i64) -> Result<Arc<F>, StoreError>
    where
        B: Fn(Extent, i64) -> F,
    {
        // One block is seen in one state; what changed since the question began is read again the next time.
        let state = match db.is_autocommit() {
            true => Some(db.unchecked_transaction()?),
            false => None,
        };
        let mut part = (self.question.begin)(self.extent, block);
        let (scan, arcs) = (&self.question.scan, block * ARCS..(block + 1) * ARCS);
        match self.extent.step {
            1 => walk(db, scan, &(arcs.start * PER_ARC..arcs.end * PER_ARC), |row| part.row(row))?,
            step => {
                let mut chance = Chance::new(block);
                for arc in arcs.filter(|_| chance.is_one_of(step)) {
                    walk(db, scan, &(arc * PER_ARC..arc * PER_ARC + 1), |row| part.row(row))?;
                }
                part.drawn(step, 0);
            }
        }
        drop(state);
        let bytes = part.bytes();
        let part = Arc::new(part);
        if let Some(blocks) = self.blocks {
            blocks.keep_part(self.name, block, self.stamp, Arc::clone(&part) as _, bytes);
        }
        Ok(part)
    }
}

/// The first and last block with rows, and how much there is.
fn extent<B>(db: &Connection, question: &Question<B>) -> Result<Option<(i64, i64, Extent)>, StoreError> {
    let class = &question.scan.class;
    let end = |which: &str| -> Result<Option<i64>, StoreError> {
        Ok(db.query_row(&format!("SELECT {which}(_id) FROM {}", class.table), [], |row| row.get(0))?)
    };
    let Some((first, last)) = end("min")?.zip(end("max")?) else { return Ok(None) };
    let (first, last) = (of_context(first.max(question.first)), of_context(last));
    if last < first {
        return Ok(None);
    }
    let mut counts = db.prepare_cached("SELECT contexts, arcs FROM mona_classes WHERE id = ?1")?;
    let (rows, arcs): (u64, u64) = counts.query_row([class.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let blocks = usize::try_from(last - first + 1).unwrap_or(1);
    let mut step = 1;
    if let Some(limit) = question.drawn.filter(|_| rows == arcs) {
        while rows / step > limit as u64 {
            step *= 2;
        }
        let numbers = blocks as u64 * ARCS.unsigned_abs();
        if numbers / step > rows / LOOKED_UP {
            step = 1;
        }
    }
    Ok(Some((first, last, Extent { rows, blocks: blocks.next_power_of_two(), step })))
}
