//! Buffers that were used and wait to be used again, so that a busy thread allocates nothing.

use crate::sys::spin_lock::SpinLock;

/// First size of a thread's buffer: a few events, so that threads that come and go stay cheap.
const FIRST_BYTES: usize = 2048;

/// Full buffers kept while events come: those in flight, and those that fast threads fill between two looks of
/// the sender, a millisecond apart.
const KEPT_CHUNKS: usize = 16;

/// Most bytes kept however large a chunk may be, the size of the default queue.
const KEPT_BYTES: usize = 8 << 20;

/// Largest buffer that a thread with little to write is given: more would lie idle there.
const MOST_SMALL: usize = 8 * FIRST_BYTES;

/// Bytes kept while nothing happens.
const IDLE_BYTES: usize = 512 * 1024;

/// Most small buffers kept: hundreds of threads that came and went need not leave theirs behind.
const KEPT_SMALL: usize = 32;

#[derive(Debug)]
pub(crate) struct Pool {
    chunk_bytes: usize,
    most_bytes: usize,
    kept: SpinLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
    small: usize,
}

impl Kept {
    fn take(&mut self, expected: usize) -> Option<Vec<u8>> {
        let fits = self.buffers.iter().rposition(|buffer| {
            // A far larger buffer is left to a thread that needs it.
            buffer.capacity() >= expected && buffer.capacity() <= expected.saturating_mul(8).max(MOST_SMALL)
        })?;
        let buffer = self.buffers.swap_remove(fits);
        self.bytes -= buffer.capacity();
        self.small -= usize::from(is_small(&buffer));
        Some(buffer)
    }
}

impl Pool {
    pub(crate) fn new(chunk_bytes: usize) -> Pool {
        let most_bytes = chunk_bytes.saturating_mul(KEPT_CHUNKS).clamp(FIRST_BYTES, KEPT_BYTES);
        Pool { chunk_bytes, most_bytes, kept: SpinLock::default() }
    }

    /// Whether a thread is here just now.
    pub(crate) fn is_taken(&self) -> bool {
        self.kept.is_taken()
    }

    /// A small buffer that waits to be used again, else one without memory yet.
    pub(crate) fn take_kept(&self) -> Vec<u8> {
        self.kept.lock().take(0).unwrap_or_default()
    }

    /// An empty buffer with room for at least `expected` bytes.
    pub(crate) fn take(&self, expected: usize) -> Vec<u8> {
        let kept = self.kept.lock().take(expected);
        kept.unwrap_or_else(|| Vec::with_capacity(expected.max(FIRST_BYTES)))
    }

    /// Takes back a buffer, or frees it when enough are kept, or when it is neither small nor has room for a
    /// chunk: of that kind there is one of every size, and kept they would leave no room for those that busy
    /// threads need.
    pub(crate) fn give_back(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let is_small = is_small(&buffer);
        let has_use = buffer.capacity() > 0 && (is_small || buffer.capacity() >= self.chunk_bytes);
        let mut kept = self.kept.lock();
        let is_wanted = has_use && (!is_small || kept.small < KEPT_SMALL);
        if is_wanted && kept.bytes + buffer.capacity() <= self.most_bytes {
            kept.bytes += buffer.capacity();
            kept.small += usize::from(is_small);
            kept.buffers.push(buffer);
            return;
        }
        // Memory is not freed under the lock.
        drop(kept);
        drop(buffer);
    }

    /// A small segment in a large buffer would hold memory that the budget does not see.
    pub(crate) fn without_slack(&self, sealed: Vec<u8>) -> Vec<u8> {
        if sealed.len() >= sealed.capacity() / 2 {
            return sealed;
        }
        let exact = sealed.as_slice().to_vec();
        self.give_back(sealed);
        exact
    }

    /// Frees most of what is kept.
    pub(crate) fn rest(&self) {
        let mut kept = self.kept.lock();
        let mut freed = Vec::new();
        while kept.bytes > IDLE_BYTES
            && let Some(buffer) = kept.buffers.pop()
        {
            kept.bytes -= buffer.capacity();
            kept.small -= usize::from(is_small(&buffer));
            freed.push(buffer);
        }
        drop(kept);
    }
}

fn is_small(buffer: &Vec<u8>) -> bool {
    buffer.capacity() <= MOST_SMALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_and_the_pool_is_bounded() {
        let pool = Pool::new(100_000);
        let buffer = pool.take(100_000);
        let place = buffer.as_ptr();
        pool.give_back(buffer);
        let small = pool.take(0);
        assert_ne!(small.as_ptr(), place, "a small need takes no chunk's buffer");
        let large = pool.take(90_000);
        assert_eq!(large.as_ptr(), place);
        for _ in 0..100 {
            pool.give_back(Vec::with_capacity(100_000));
        }
        assert!((1_500_000..=1_600_000).contains(&pool.kept.lock().bytes));
        pool.rest();
        assert!((400_000..=IDLE_BYTES).contains(&pool.kept.lock().bytes));
        pool.give_back(Vec::new());
        assert!(pool.kept.lock().buffers.iter().all(|buffer| buffer.capacity() > 0));
    }

    #[test]
    fn odd_sizes_take_no_room_from_those_of_chunks() {
        let pool = Pool::new(100_000);
        (0..100).for_each(|_| pool.give_back(Vec::with_capacity(40_000)));
        let full = pool.take(106_000);
        let place = full.as_ptr();
        pool.give_back(full);
        let again = pool.take(106_000);
        assert_eq!(again.as_ptr(), place);
    }
}
