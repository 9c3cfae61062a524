//! Whose line stands unfinished on standard output.
//!
//! A long line may need several writes. Whoever begins one has the turn until it is whole, and everybody else in the
//! process waits or keeps away. A line that nobody will finish is left as cut: the next one begins with a line feed.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::sys::descriptor::{RawFd, STDERR, STDOUT};
use crate::sys::fork::settled;

/// Nobody's.
const FREE: u64 = 0;

/// The number of a turn, above it the generation: a child owes nothing to a thread of its parent.
static OWNER: AtomicU64 = AtomicU64::new(FREE);
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Standard output and standard error end with a line that nobody will finish.
static CUT: [AtomicBool; 2] = [const { AtomicBool::new(false) }; 2];

/// Records go to standard output in this process.
static HAS_RECORDS: AtomicBool = AtomicBool::new(false);

/// From now on nothing but records goes to standard output.
pub(crate) fn keep_for_records() {
    HAS_RECORDS.store(true, Ordering::Relaxed);
}

/// Whether nothing but records goes to standard output.
pub(crate) fn is_kept_for_records() -> bool {
    HAS_RECORDS.load(Ordering::Relaxed)
}

/// Says that standard output or error ends in the middle of a line, for good.
pub(crate) fn leave_cut(descriptor: RawFd) {
    if let Some(cut) = cut(descriptor) {
        cut.store(true, Ordering::Relaxed);
    }
}

/// Whether it does; the caller begins with a line feed then.
pub(crate) fn take_cut(descriptor: RawFd) -> bool {
    cut(descriptor).is_some_and(|cut| cut.swap(false, Ordering::Relaxed))
}

fn cut(descriptor: RawFd) -> Option<&'static AtomicBool> {
    match (descriptor, &CUT) {
        (STDOUT, [output, _]) => Some(output),
        (STDERR, [_, error]) => Some(error),
        _ => None,
    }
}

/// The right to write to standard output, held from the start of a line to its end.
#[derive(Debug)]
pub(crate) struct Turn {
    number: u64,
}

impl Turn {
    pub(crate) fn new() -> Turn {
        Turn { number: NEXT.fetch_add(1, Ordering::Relaxed) & u64::from(u32::MAX) }
    }

    fn mine(&self) -> u64 {
        (settled() << 32) | self.number
    }

    /// Whether it is this one's turn, from now on.
    pub(crate) fn take(&self) -> bool {
        let mine = self.mine();
        let seen = OWNER.load(Ordering::Acquire);
        let is_taken = seen != FREE && seen >> 32 == mine >> 32;
        seen == mine
            || !is_taken && OWNER.compare_exchange(seen, mine, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// The line is whole.
    pub(crate) fn give(&self) {
        // It may be somebody else's already, or nobody's.
        let _ = OWNER.compare_exchange(self.mine(), FREE, Ordering::Release, Ordering::Relaxed);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.give();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_turn_until_it_gives_it_or_goes() {
        let (one, two) = (Turn::new(), Turn::new());
        assert!(one.take() && one.take());
        assert!(!two.take());
        two.give();
        assert!(!two.take());
        one.give();
        assert!(two.take() && !one.take());
        drop(two);
        assert!(one.take());
    }

    #[test]
    fn a_cut_line_is_told_once() {
        assert!(!take_cut(libc::STDERR_FILENO));
        leave_cut(libc::STDERR_FILENO);
        leave_cut(libc::STDIN_FILENO);
        assert!(take_cut(libc::STDERR_FILENO) && !take_cut(libc::STDERR_FILENO));
        assert!(!take_cut(libc::STDIN_FILENO));
    }
}
