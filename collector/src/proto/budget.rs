//! Memory for what is arriving, shared by all connections.
//!
//! A connection takes a [`Share`] for what it reads and another while it reads a message: before the
//! memory is allocated, in the size that is allocated. Dropping a share gives it back. So many
//! half-finished messages, and small ones that unfold, together stay within one bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::malformed::Malformed;

/// Twice the largest message, which needs room as it was sent and decompressed.
const DEFAULT: usize = 128 << 20;
/// No list is smaller once it holds something: growing byte by byte would take for ever.
const SMALLEST: usize = 4 << 10;
/// Lists double up to here, and then grow by a quarter: what is not used is small beside the budget.
const DOUBLING: usize = 1 << 20;

/// How much may be held at once by messages that are arriving. Clones share the same room.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Room>);

#[derive(Debug)]
struct Room {
    limit: usize,
    used: AtomicUsize,
}

impl Budget {
    /// Room for this many bytes.
    pub fn new(bytes: usize) -> Budget {
        Budget(Arc::new(Room { limit: bytes, used: AtomicUsize::new(0) }))
    }

    /// Bytes that are held now.
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Nothing of it yet.
    pub(crate) fn share(&self) -> Share {
        Share { budget: self.clone(), held: 0, beside: 0 }
    }
}

impl Default for Budget {
    /// 128 MiB.
    fn default() -> Budget {
        Budget::new(DEFAULT)
    }
}

/// What one message, or the buffer of one connection, holds of a budget.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Budget,
    held: usize,
    /// What the same message holds elsewhere.
    beside: usize,
}

impl Share {
    /// Another one for the same message.
    pub(crate) fn beside(&self) -> Share {
        Share { budget: self.budget.clone(), held: 0, beside: self.held }
    }

    /// Takes this many bytes more. The error is *busy* where others hold what is missing.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Malformed> {
        let Room { limit, used } = &*self.budget.0;
        if self.held.saturating_add(self.beside).saturating_add(bytes) > *limit {
            return Err(Malformed::too_large(format!(
                "message: found one that takes more than {limit} bytes of memory, expected less"
            )));
        }
        let fits = |used: usize| used.checked_add(bytes).filter(|sum| sum <= limit);
        match used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
            Ok(_) => {
                self.held += bytes;
                Ok(())
            }
            Err(_) => Err(Malformed::busy("memory: found all of it in use by other messages, expected some")),
        }
    }

    /// Takes or gives back, so that it holds this many bytes.
    pub(crate) fn set(&mut self, bytes: usize) -> Result<(), Malformed> {
        match bytes.checked_sub(self.held) {
            Some(more) => self.add(more),
            None => {
                self.budget.0.used.fetch_sub(self.held - bytes, Ordering::Relaxed);
                self.held = bytes;
                Ok(())
            }
        }
    }

    /// Makes room in a list for `more` items, taking the memory first.
    pub(crate) fn reserve<T>(&mut self, list: &mut Vec<T>, more: usize) -> Result<(), Malformed> {
        let grown = grown(list.len(), list.capacity(), more, size_of::<T>());
        if grown > list.capacity() {
            self.add((grown - list.capacity()).saturating_mul(size_of::<T>()))?;
            list.reserve_exact(grown - list.len());
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.held, Ordering::Relaxed);
    }
}

/// The capacity of a list of so many items, this large each, when it has to take `more`.
pub(crate) fn grown(length: usize, capacity: usize, more: usize, size: usize) -> usize {
    let needed = length.saturating_add(more);
    if needed <= capacity {
        return capacity;
    }
    let size = size.max(1);
    let step = (capacity / 4).max(capacity.min(DOUBLING / size)).max(SMALLEST / size);
    needed.max(capacity.saturating_add(step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_are_given_back() {
        let budget = Budget::new(100);
        let (mut first, mut second) = (budget.share(), budget.share());
        first.add(60).unwrap();
        assert!(second.add(41).unwrap_err().is_busy());
        second.add(40).unwrap();
        assert_eq!(budget.used(), 100);
        first.set(10).unwrap();
        second.set(90).unwrap();
        drop(first);
        assert_eq!(budget.used(), 90);
        // Nobody else can make room for this one.
        let sentence = second.add(11).unwrap_err();
        assert!(sentence.is_too_large() && sentence.to_string().contains("more than 100 bytes"));
        assert!(second.beside().add(11).unwrap_err().is_too_large() && second.beside().add(10).is_ok());
        drop(second);
        assert_eq!(budget.used(), 0);
    }

    #[test]
    fn a_list_is_paid_for_before_it_grows() {
        let budget = Budget::new(1 << 20);
        let mut share = budget.share();
        let mut list: Vec<u64> = Vec::new();
        for n in 0..50_000 {
            share.reserve(&mut list, 1).unwrap();
            list.push(n);
        }
        assert_eq!(share.held, list.capacity() * 8);
        assert!(share.reserve(&mut list, 1 << 20).is_err() && list.capacity() < 1 << 20);
    }
}
