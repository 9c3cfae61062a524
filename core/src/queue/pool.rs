//! Buffers that were used and wait to be used again, so that a busy thread allocates nothing.
//!
//! Small ones are kept here, blocks where they come from.

use std::sync::Arc;

use crate::encode::{Buffer, MOST_SMALL};
use crate::sys::blocks::Blocks;
use crate::sys::spin_lock::SpinLock;

/// First size of a thread's buffer: a few events, so that threads that come and go stay cheap.
const FIRST_BYTES: usize = 2000;

/// Full buffers kept while events come: those in flight, and those that fast threads fill between two looks of
/// the sender, a millisecond apart.
const KEPT_CHUNKS: usize = 16;

/// Most memory kept however large a chunk may be, the size of the default queue.
const KEPT_BYTES: usize = 8 << 20;

/// Memory of blocks that is kept while nothing happens.
const IDLE_BYTES: usize = 384 * 1024;

/// Most small buffers kept: hundreds of threads that came and went need not leave theirs behind.
const KEPT_SMALL: usize = 32;

/// And while nothing happens.
const IDLE_SMALL: usize = 8;

#[derive(Debug)]
pub(crate) struct Pool {
    blocks: Arc<Blocks>,
    most_kept: usize,
    small: SpinLock<Vec<Buffer>>,
}

impl Pool {
    /// For buffers that are full with `chunk_bytes`, and hold one event more of at most `event_bytes`.
    pub(crate) fn new(chunk_bytes: usize, event_bytes: usize) -> Pool {
        let most_kept = chunk_bytes.saturating_mul(KEPT_CHUNKS).clamp(FIRST_BYTES, KEPT_BYTES);
        let blocks = Blocks::new(chunk_bytes.saturating_add(event_bytes), most_kept);
        Pool { blocks: Arc::new(blocks), most_kept, small: SpinLock::default() }
    }

    /// Whether a thread is here just now.
    pub(crate) fn is_taken(&self) -> bool {
        self.small.is_taken() || self.blocks.is_taken()
    }

    /// A small buffer that waits to be used again, else one without memory yet.
    pub(crate) fn take_kept(&self) -> Buffer {
        let kept = self.small.lock().pop();
        kept.unwrap_or_else(|| Buffer::of(&self.blocks))
    }

    /// An empty buffer with room for at least `expected` bytes.
    pub(crate) fn take(&self, expected: usize) -> Buffer {
        let mut buffer = if expected > MOST_SMALL { Buffer::of(&self.blocks) } else { self.take_kept() };
        buffer.reserve(expected.max(FIRST_BYTES));
        buffer
    }

    /// Takes back a buffer, or frees it when enough are kept.
    pub(crate) fn give_back(&self, mut buffer: Buffer) {
        if buffer.is_block() || buffer.room() < FIRST_BYTES || buffer.room() > MOST_SMALL {
            return;
        }
        buffer.truncate(0);
        let mut small = self.small.lock();
        if small.len() < KEPT_SMALL {
            small.push(buffer);
            return;
        }
        // Memory is not freed under the lock.
        drop(small);
        drop(buffer);
    }

    /// A copy of a segment that needs less than the memory it has, if that is a matter of much: with `may_map` wherever
    /// there is memory, else where some is kept.
    pub(crate) fn copy_in_less(&self, segment: &[u8], memory: usize, may_map: bool) -> Option<Buffer> {
        Buffer::copy_in_less(segment, memory, &self.blocks, may_map)
    }

    /// Frees half of what may be kept: many threads have much that is not counted.
    pub(crate) fn keep_less(&self) {
        self.blocks.keep_at_most(self.most_kept / 2);
    }

    /// Frees most of what is kept.
    pub(crate) fn rest(&self) {
        self.blocks.keep_at_most(IDLE_BYTES);
        loop {
            let mut small = self.small.lock();
            let freed = if small.len() > IDLE_SMALL { small.pop() } else { None };
            drop(small);
            if freed.is_none() {
                break;
            }
        }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::msgpack::AppendSlice as _;

    fn written(pool: &Pool, bytes: usize) -> Buffer {
        let mut buffer = pool.take(bytes);
        buffer.append_slice(&vec![7; bytes]);
        buffer
    }

    fn place(buffer: &Buffer) -> *const u8 {
        buffer.as_ptr()
    }

    #[test]
    fn buffers_come_back_and_the_pool_is_bounded() {
        let pool = Pool::new(100_000, 30_000);
        let buffer = written(&pool, 100_000);
        let place = buffer.as_ptr();
        pool.give_back(buffer);
        let small = pool.take(0);
        assert_ne!(small.as_ptr(), place, "a small need takes no chunk's buffer");
        let large = pool.take(90_000);
        assert_eq!((large.as_ptr(), large.len()), (place, 0));
        drop(large);
        (0..100)
            .map(|_| written(&pool, 100_000))
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|buffer| pool.give_back(buffer));
        assert!((1_500_000..=1_600_000).contains(&pool.blocks.memory()));
        (0..100)
            .map(|_| pool.take(0))
            .collect::<Vec<_>>()
            .into_iter()
            .for_each(|buffer| pool.give_back(buffer));
        assert_eq!(pool.small.lock().len(), KEPT_SMALL);
        pool.rest();
        assert!((250_000..=IDLE_BYTES).contains(&pool.blocks.memory()));
        assert_eq!(pool.small.lock().len(), IDLE_SMALL);
    }

    #[test]
    fn a_segment_is_copied_where_it_wastes_memory() {
        let pool = Pool::new(100_000, 30_000);
        let (large, fitting) = (written(&pool, 100_000), written(&pool, 30_000));
        let place = fitting.as_ptr();
        pool.give_back(large);
        for (len, memory, most) in
            [(1, 2032, 112), (200, 2032, 256), (5000, 8176, 6144), (16_000, 100_000, 16_384)]
        {
            let copy = pool.copy_in_less(&vec![7; len], memory, false).unwrap();
            assert_eq!(*copy, vec![7; len]);
            assert!(copy.memory() <= most, "{len} bytes in {}", copy.memory());
        }
        assert!(pool.copy_in_less(&[7; 2000], 2032, true).is_none(), "hardly smaller");
        assert!(pool.copy_in_less(&[7; 60_000], 110_000, true).is_none(), "more than half of it is used");
        assert!(pool.copy_in_less(&[7; 20_000], 110_000, false).is_none(), "there is none that fits");
        let mapped = pool.copy_in_less(&[7; 20_000], 110_000, true).unwrap();
        assert!(mapped.is_block() && *mapped == vec![7; 20_000]);
        pool.give_back(fitting);
        let copy = pool.copy_in_less(&[7; 20_000], 110_000, false).unwrap();
        assert_eq!((copy.as_ptr(), copy.len()), (place, 20_000));
        let mut alone = written(&pool, 100_000);
        alone.truncate(20_000);
        alone.release_rest();
        assert!(alone.memory() < 30_000 && *alone == vec![7; 20_000]);
    }

    #[test]
    fn memory_that_fits_is_taken_first() {
        let pool = Pool::new(100_000, 30_000);
        let [large, fitting, short] = [100_000, 60_000, 20_000].map(|bytes| written(&pool, bytes));
        let places = [place(&fitting), place(&large), place(&short)];
        [large, fitting, short].into_iter().for_each(|buffer| pool.give_back(buffer));
        let taken = [50_000, 50_000, 50_000].map(|bytes| pool.take(bytes));
        assert_eq!(taken.each_ref().map(place), places);
    }
}
