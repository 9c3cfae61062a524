//! What readers worked out of blocks of ARCs, kept until something changes there.
//!
//! A block is a range of numbers of ARCs, in all tables. The writer says after each commit in which blocks
//! it changed something; a reader notes how far that was before it looks. So an answer is worked out anew
//! for the blocks that changed, mostly the youngest, and for the others it is remembered.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::schema::PER_ARC;

/// ARCs of a block: few enough to be read anew with each page, and so many that a million make few parts.
pub(crate) const ARCS: i64 = 1 << 15;
/// Bytes that all parts may take.
const MAX_BYTES: usize = 48 << 20;
/// Bytes of one part; a larger one would push many others out.
const MAX_PART: usize = 2 << 20;
/// What a part takes beside what it holds.
const AROUND: usize = 100;

/// The block that a context is in.
pub(crate) fn of_context(id: i64) -> i64 {
    id / PER_ARC / ARCS
}

/// Something worked out.
type Part = Arc<dyn Any + Send + Sync>;

/// What was worked out, and what changed.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Counts on with each commit.
    now: u64,
    /// When each block changed last.
    changed: HashMap<i64, u64>,
    /// When all of them changed.
    all: u64,
    questions: HashMap<String, Question>,
    bytes: usize,
    /// Counts on with each question.
    asked: u64,
}

/// Everything that is known of one question.
#[derive(Debug, Default)]
struct Question {
    parts: HashMap<i64, Kept>,
    /// The whole answer.
    answer: Option<Kept>,
    bytes: usize,
    asked: u64,
}

#[derive(Debug, Clone)]
struct Kept {
    part: Part,
    /// How far changes were before it was read.
    stamp: u64,
    bytes: usize,
}

impl Blocks {
    /// How far changes are; asked before a reader looks.
    pub(crate) fn stamp(&self) -> u64 {
        self.lock().now
    }

    /// These changed, and readers see it from now on.
    pub(crate) fn change(&self, blocks: &HashSet<i64>) {
        let mut inner = self.lock();
        inner.now += 1;
        let now = inner.now;
        inner.changed.extend(blocks.iter().map(|block| (*block, now)));
    }

    /// Somebody else wrote to the file.
    pub(crate) fn change_all(&self) {
        let mut inner = self.lock();
        inner.now += 1;
        inner.all = inner.now;
        inner.changed.clear();
        inner.questions.clear();
        inner.bytes = 0;
    }

    /// The answer to a question, if nothing has changed since.
    pub(crate) fn answer(&self, question: &str) -> Option<Part> {
        let mut inner = self.lock();
        let now = inner.now;
        let kept = inner.ask(question)?.answer.clone()?;
        (kept.stamp == now).then_some(kept.part)
    }

    /// What is known of a block.
    pub(crate) fn part(&self, question: &str, block: i64) -> Option<Part> {
        let mut inner = self.lock();
        let since = inner.changed.get(&block).copied().unwrap_or(0).max(inner.all);
        let kept = inner.ask(question)?.parts.get(&block)?;
        (kept.stamp >= since).then(|| Arc::clone(&kept.part))
    }

    /// Keeps the answer to a question.
    pub(crate) fn keep_answer(&self, question: &str, stamp: u64, part: Part, bytes: usize) {
        self.keep(question, None, Kept { part, stamp, bytes: bytes + AROUND });
    }

    /// Keeps what was worked out of a block.
    pub(crate) fn keep_part(&self, question: &str, block: i64, stamp: u64, part: Part, bytes: usize) {
        if bytes <= MAX_PART {
            self.keep(question, Some(block), Kept { part, stamp, bytes: bytes + AROUND });
        }
    }

    fn keep(&self, name: &str, block: Option<i64>, kept: Kept) {
        let mut inner = self.lock();
        if kept.bytes + name.len() > MAX_BYTES / 2 || kept.stamp < inner.all {
            return;
        }
        inner.asked += 1;
        let asked = inner.asked;
        let more = kept.bytes;
        let is_new = !inner.questions.contains_key(name);
        let question = inner.questions.entry(name.to_owned()).or_default();
        question.asked = asked;
        let before = match block {
            Some(block) => question.parts.insert(block, kept),
            None => question.answer.replace(kept),
        };
        let around = if is_new { name.len() } else { 0 };
        let less = before.map_or(0, |before| before.bytes);
        question.bytes = question.bytes + more + around - less;
        inner.bytes = inner.bytes + more + around - less;
        inner.fit();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn ask(&mut self, name: &str) -> Option<&Question> {
        self.asked += 1;
        let asked = self.asked;
        let question = self.questions.get_mut(name)?;
        question.asked = asked;
        Some(question)
    }

    /// What was not asked for longest goes.
    fn fit(&mut self) {
        while self.bytes > MAX_BYTES {
            let oldest = self.questions.iter().min_by_key(|(_, question)| question.asked);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else { return };
            let gone = self.questions.remove(&name).map_or(0, |question| question.bytes);
            self.bytes = self.bytes.saturating_sub(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(part: Option<Part>) -> Option<u64> {
        part.and_then(|part| part.downcast_ref::<u64>().copied())
    }

    #[test]
    fn what_changed_is_forgotten() {
        let blocks = Blocks::default();
        let early = blocks.stamp();
        blocks.change(&HashSet::from([1]));
        // Read before the change, and kept after it.
        blocks.keep_part("q", 1, early, Arc::new(1_u64), 8);
        blocks.keep_part("q", 2, early, Arc::new(2_u64), 8);
        assert_eq!((number(blocks.part("q", 1)), number(blocks.part("q", 2))), (None, Some(2)));
        let stamp = blocks.stamp();
        blocks.keep_part("q", 1, stamp, Arc::new(3_u64), 8);
        blocks.keep_answer("q", stamp, Arc::new(4_u64), 8);
        assert_eq!((number(blocks.part("q", 1)), number(blocks.answer("q"))), (Some(3), Some(4)));
        blocks.change(&HashSet::from([7]));
        assert_eq!((number(blocks.part("q", 1)), number(blocks.answer("q"))), (Some(3), None));
        blocks.change_all();
        blocks.keep_part("q", 3, stamp, Arc::new(5_u64), 8);
        assert_eq!((number(blocks.part("q", 2)), number(blocks.part("q", 3))), (None, None));
    }

    #[test]
    fn what_was_not_asked_for_longest_goes() {
        let blocks = Blocks::default();
        let many = i64::try_from(MAX_BYTES / MAX_PART).unwrap() + 3;
        for n in 0..many {
            blocks.keep_part(&n.to_string(), 0, 0, Arc::new(n.unsigned_abs()), MAX_PART);
            assert_eq!(number(blocks.part("0", 0)), Some(0));
        }
        assert_eq!(number(blocks.part("1", 0)), None);
        assert!(blocks.lock().bytes <= MAX_BYTES);
        blocks.keep_part("large", 0, 0, Arc::new(0_u64), MAX_PART + 1);
        assert_eq!(number(blocks.part("large", 0)), None);
        let inner = blocks.lock();
        assert_eq!(inner.bytes, inner.questions.values().map(|question| question.bytes).sum::<usize>());
    }
}
