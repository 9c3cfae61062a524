//! A path and the scopes that protect parts of it: what a thread has, and what a stack is the value of.
//!
//! Pure state: nothing here sends or logs. Sessions move it and emit what a move calls for.

use std::sync::atomic::{AtomicU64, Ordering};

use super::few::Few;
use super::path::Path;
use crate::encode::ArcClass;

/// Inert scopes remembered at once; one left behind by mistake in a loop must not grow memory for ever.
/// A scope that is not remembered is left by its number all the same.
const MOST_INERT: usize = 1024;

/// Numbers threads, so that a scope says whose it is.
static NEXT_THREAD: AtomicU64 = AtomicU64::new(1);

/// Numbers the scopes of all values. From here on no thread gets its own before a million threads have entered, and a
/// language whose numbers are float 64 can say as many exactly.
static NEXT_OF_VALUES: AtomicU64 = AtomicU64::new(1 << 52);

/// A scope of no value that opened nothing.
pub(in crate::api) fn inert_of_values() -> u64 {
    NEXT_OF_VALUES.fetch_add(1, Ordering::Relaxed)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Opened nothing.
    Inert,
    /// Added the segments from `base` to `top`; the one with base 0 opened the main context.
    Own { base: usize, top: usize },
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    scope: u64,
    kind: Kind,
}

/// What a scope number turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::api) enum Left {
    Done,
    /// Nothing is open that could be left.
    NothingOpen,
    /// It was given to another thread.
    OtherThread,
    /// It was never given out.
    Unknown,
}

/// Why a sub-context was not closed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::api) enum Unclosed {
    NotFound,
    Protected,
}

/// Where the numbers of scopes come from.
#[derive(Debug, Clone, Copy)]
enum Numbers {
    /// A number for the thread, and how many scopes it has got.
    OfThread { thread: u64, scopes: u64 },
    /// Those of values are unique over all of them: which value a scope is good for shows in its frames alone.
    OfValues,
}

#[derive(Debug)]
pub(in crate::api) struct State {
    path: Path,
    frames: Few<Frame>,
    numbers: Numbers,
}

impl State {
    /// An empty one, of a thread.
    pub(in crate::api) fn of_thread() -> State {
        let thread = NEXT_THREAD.fetch_add(1, Ordering::Relaxed);
        State::with(Numbers::OfThread { thread, scopes: 0 })
    }

    /// An empty one, of a value.
    pub(in crate::api) fn of_value() -> State {
        State::with(Numbers::OfValues)
    }

    fn with(numbers: Numbers) -> State {
        State { path: Path::default(), frames: Few::default(), numbers }
    }

    /// The same once more, to be moved.
    pub(in crate::api) fn copied(&self) -> State {
        State { path: self.path.copied(), frames: self.frames.clone(), numbers: self.numbers }
    }

    pub(in crate::api) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::api) fn path_mut(&mut self) -> &mut Path {
        &mut self.path
    }

    /// Whether nothing is open and nothing protects what was.
    pub(in crate::api) fn is_empty(&self) -> bool {
        self.path.is_empty() && !self.is_protected()
    }

    /// Whether the scope opened something that was not left yet.
    pub(in crate::api) fn has(&self, scope: u64) -> bool {
        self.frames.iter().any(|frame| frame.scope == scope)
    }

    /// Whether any scope protects the context, even when the context itself was reset.
    pub(in crate::api) fn is_protected(&self) -> bool {
        self.frames.iter().any(|frame| frame.kind != Kind::Inert)
    }

    /// Replaces the path by the segments of `id`; gives the path before, unless there was none. `owes_globals` is for messages that carry class
    /// and globals.
    pub(in crate::api) fn open(
        &mut self,
        id: &str,
        is_kept: bool,
        class: Option<ArcClass<'static>>,
        owes_globals: bool,
    ) -> Option<Path> {
        let before = (!self.path.is_empty()).then(|| std::mem::take(&mut self.path));
        self.path.open(id, is_kept, class, owes_globals);
        before
    }

    /// Takes an [`State::open`] back.
    pub(in crate::api) fn restore(&mut self, before: Option<Path>) {
        match before {
            Some(before) => self.path = before,
            None => self.path.truncate(0),
        }
    }

    /// Adds the segments of `id`; gives the number of segments before.
    pub(in crate::api) fn push(&mut self, id: &str, class: Option<ArcClass<'static>>) -> usize {
        let base = self.path.len();
        self.path.push(id, class);
        base
    }

    /// Takes a [`State::push`] back.
    pub(in crate::api) fn pop_to(&mut self, base: usize) {
        self.path.truncate(base);
    }

    /// Protects the segments from `base` on, for the scope that added them; 0 for the whole path.
    pub(in crate::api) fn protect(&mut self, base: usize) -> u64 {
        self.add(Kind::Own { base, top: self.path.len() })
    }

    /// A scope that opened nothing.
    pub(in crate::api) fn inert(&mut self) -> u64 {
        self.add(Kind::Inert)
    }

    fn add(&mut self, kind: Kind) -> u64 {
        let (scope, is_remembered) = match &mut self.numbers {
            Numbers::OfThread { thread, scopes } => {
                *scopes += 1;
                let scope = (*thread << 32) | (*scopes & u64::from(u32::MAX));
                (scope, kind != Kind::Inert || self.frames.len() < MOST_INERT)
            }
            Numbers::OfValues => (inert_of_values(), kind != Kind::Inert),
        };
        if is_remembered {
            self.frames.push(Frame { scope, kind });
        }
        scope
    }

    /// Whether nothing at all is left where that scope is.
    pub(in crate::api) fn is_all_of(&self, scope: u64) -> bool {
        self.frames
            .first()
            .is_some_and(|frame| frame.scope == scope && matches!(frame.kind, Kind::Own { base: 0, .. }))
    }

    /// Leaves `scope`, or the last one entered when it is 0.
    pub(in crate::api) fn leave(&mut self, scope: u64) -> Left {
        let found = match scope {
            0 => self.frames.len().checked_sub(1),
            _ => self.index_of(scope),
        };
        let Some(index) = found else { return self.describe_absent(scope) };
        match self.frames.get(index).map(|frame| frame.kind) {
            Some(Kind::Own { base, .. }) => {
                self.frames.truncate(index);
                self.path.truncate(base);
            }
            Some(Kind::Inert) | None => {
                self.frames.remove(index);
            }
        }
        Left::Done
    }

    fn index_of(&self, scope: u64) -> Option<usize> {
        let above = self.frames.iter().rev().position(|frame| frame.scope == scope)?;
        Some(self.frames.len() - 1 - above)
    }

    /// A scope that is gone was left before, or with one that enclosed it.
    fn describe_absent(&self, scope: u64) -> Left {
        let Numbers::OfThread { thread, scopes } = self.numbers else { return Left::Done };
        if scope == 0 {
            Left::NothingOpen
        } else if scope >> 32 != thread {
            Left::OtherThread
        } else if scope & u64::from(u32::MAX) > scopes {
            Left::Unknown
        } else {
            Left::Done
        }
    }

    /// Closes the sub-context `id` and everything above it, or the last segment without an id.
    pub(in crate::api) fn close_sub(&mut self, id: Option<&str>) -> Result<(), Unclosed> {
        let target = match id {
            Some(id) => self.path.find(id),
            None => self.path.len().checked_sub(1).map(|last| (last, last + 1)),
        };
        let (start, end) = target.filter(|(start, _)| *start > 0).ok_or(Unclosed::NotFound)?;
        if self.protects(start, end) {
            return Err(Unclosed::Protected);
        }
        self.path.truncate(start);
        // Scopes whose segments went along have nothing left to protect or to leave.
        let is_gone = |frame: &Frame| matches!(frame.kind, Kind::Own { base, .. } if base >= start);
        for index in (0..self.frames.len()).rev() {
            if self.frames.get(index).is_some_and(is_gone) {
                self.frames.remove(index);
            }
        }
        Ok(())
    }

    fn protects(&self, start: usize, end: usize) -> bool {
        let covers =
            |frame: &Frame| matches!(frame.kind, Kind::Own { base, top } if start < top && base < end);
        self.frames.iter().any(covers)
    }

    /// Empties the path; what protects it stays until its scope is left.
    pub(in crate::api) fn reset(&mut self) {
        self.path = Path::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entered(id: &str) -> (State, u64) {
        let mut stack = State::of_thread();
        stack.open(id, true, None, false);
        let scope = stack.protect(0);
        (stack, scope)
    }

    fn enter_sub(stack: &mut State, id: &str) -> u64 {
        let base = stack.push(id, None);
        stack.protect(base)
    }

    #[test]
    fn segments_may_be_empty() {
        for id in ["a..b", ".", "t.", "x"] {
            let (mut stack, scope) = entered(id);
            assert_eq!(stack.path().full_id(), id);
            enter_sub(&mut stack, ".u");
            assert_eq!(stack.path().full_id(), format!("{id}..u"));
            assert_eq!(stack.leave(0), Left::Done);
            assert_eq!(stack.path().full_id(), id);
            assert_eq!(stack.leave(scope), Left::Done);
            assert!(stack.path().is_empty());
        }
    }

    #[test]
    fn scopes_may_be_left_in_any_order() {
        let (mut stack, main) = entered("m");
        let first = enter_sub(&mut stack, "s");
        let second = enter_sub(&mut stack, "s");
        assert_eq!(stack.leave(first), Left::Done);
        assert_eq!(stack.path().full_id(), "m");
        stack.push("later", None);
        assert_eq!(stack.leave(second), Left::Done);
        assert_eq!(stack.path().full_id(), "m.later");
        let joined = stack.inert();
        assert_eq!(stack.leave(main), Left::Done);
        assert!(stack.path().is_empty() && !stack.is_protected());
        assert_eq!(stack.leave(joined), Left::Done);
        assert_eq!(stack.leave(main), Left::Done);
        assert_eq!(stack.leave(0), Left::NothingOpen);
    }

    #[test]
    fn numbers_of_other_threads_and_of_nobody_are_told_apart() {
        let (mut stack, scope) = entered("m");
        let (mut other, _) = entered("n");
        assert_eq!(other.leave(scope), Left::OtherThread);
        assert_eq!(stack.leave(scope + 1), Left::Unknown);
        assert_eq!(other.path().full_id(), "n");
    }

    #[test]
    fn close_takes_the_first_run_and_spares_what_is_protected() {
        let (mut stack, _) = entered("m");
        assert_eq!(stack.close_sub(None), Err(Unclosed::NotFound));
        assert_eq!(stack.close_sub(Some("m")), Err(Unclosed::NotFound));
        for id in ["s", "t", "s", "p.q"] {
            stack.push(id, None);
        }
        assert_eq!(stack.close_sub(Some("p")), Ok(()));
        assert_eq!(stack.path().full_id(), "m.s.t.s");
        assert_eq!(stack.close_sub(Some("t.x")), Err(Unclosed::NotFound));
        assert_eq!(stack.close_sub(Some("s")), Ok(()));
        assert_eq!(stack.path().full_id(), "m");
        enter_sub(&mut stack, "s");
        assert_eq!(stack.close_sub(Some("s")), Err(Unclosed::Protected));
        assert_eq!(stack.close_sub(None), Err(Unclosed::Protected));
    }

    #[test]
    fn a_cut_takes_the_scopes_above_it_along() {
        let mut stack = State::of_thread();
        stack.open("m", true, None, false);
        stack.push("x", None);
        let scope = enter_sub(&mut stack, "s");
        assert_eq!(stack.close_sub(Some("x")), Ok(()));
        assert!(!stack.is_protected());
        stack.push("y.z", None);
        assert_eq!(stack.leave(scope), Left::Done);
        assert_eq!(stack.path().full_id(), "m.y.z");
    }

    #[test]
    fn a_reset_keeps_the_protection_until_the_scope_is_left() {
        let (mut stack, main) = entered("m");
        let sub = enter_sub(&mut stack, "s");
        stack.reset();
        assert!(stack.path().is_empty() && stack.is_protected());
        assert_eq!(stack.leave(sub), Left::Done);
        assert!(stack.is_protected());
        assert_eq!(stack.leave(main), Left::Done);
        assert!(!stack.is_protected());
    }

    #[test]
    fn inert_scopes_are_bounded_and_still_leave() {
        let mut stack = State::of_thread();
        let scopes: Vec<u64> = (0..2 * MOST_INERT).map(|_| stack.inert()).collect();
        assert_eq!(stack.frames.len(), MOST_INERT);
        assert!(scopes.into_iter().all(|scope| stack.leave(scope) == Left::Done));
        assert_eq!(stack.frames.len(), 0);
    }

    #[test]
    fn only_threads_use_up_the_numbers_of_threads() {
        const BATCHES: u64 = 20_000;
        let mut options = crate::Options::new();
        options.set("endpoint", "null:").unwrap();
        let client = crate::Client::new(Some(&options)).unwrap();
        let number = || State::of_thread().inert() >> 32;
        let before = number();
        for _ in 0..BATCHES {
            client.export_batch(b"[]").result.unwrap();
        }
        // Other tests make some meanwhile.
        assert!(number() - before < BATCHES / 2);
    }
}
