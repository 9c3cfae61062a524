//! The bytes that events are encoded into: small ones in memory of the allocator, as a `Vec`, larger ones in blocks of
//! pages, so that buffers of all sizes that threads fill and others free leave no gaps behind.

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::encode::msgpack::{Append, AppendSlice};
use crate::sys::blocks::{Block, Blocks};
use crate::sys::call;

/// Largest buffer that is no block.
pub(crate) const MOST_SMALL: usize = 16 * 1024 - BESIDE;

/// A buffer grows to this at least: a few events, so that a new one does not grow again and again.
const LEAST_GROWTH: usize = 2048;

/// From this size on a `Vec` grows by a quarter: what is so large hardly needs twice as much.
const LARGE: usize = 64 * 1024;

/// The smallest buffer there is.
const LEAST_ROOM: usize = 112;

/// What allocators put beside a piece of memory: with it, a size is a power of two, and pieces fit in each other's place.
const BESIDE: usize = 16;

/// Sizes of small buffers for each power of two: what is lost to rounding stays below a quarter.
const SIZES: usize = 4;

/// Bytes in a row that can grow. What is dropped goes back to the blocks that it came from.
///
/// Always true: `start` and `room` are the place and the capacity of `memory`, `len` is at most `room`, and the first
/// `len` bytes at `start` are initialised.
#[derive(Debug)]
pub(crate) struct Buffer {
    start: NonNull<u8>,
    len: usize,
    room: usize,
    memory: Memory,
    /// Where blocks come from; a buffer without stays a `Vec` however large.
    blocks: Option<Arc<Blocks>>,
}

#[derive(Debug)]
enum Memory {
    /// Its own length says nothing.
    Small(Vec<u8>),
    Block(Block),
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::Small(Vec::new())
    }
}

// SAFETY: what `start` leads to belongs to `memory`.
unsafe impl Send for Buffer {}
// SAFETY: as above, and a shared buffer is only read.
unsafe impl Sync for Buffer {}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer::from(Vec::new())
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(vec: Vec<u8>) -> Buffer {
        let mut buffer = Buffer {
            start: NonNull::dangling(),
            len: vec.len(),
            room: 0,
            memory: Memory::default(),
            blocks: None,
        };
        buffer.settle(Memory::Small(vec));
        buffer
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        // SAFETY: as the type promises.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let left = self.leave();
        self.give_back(left);
    }
}

impl Buffer {
    /// An empty one without memory, which grows into `blocks`.
    pub(crate) fn of(blocks: &Arc<Blocks>) -> Buffer {
        let mut buffer = Buffer::default();
        buffer.blocks = Some(Arc::clone(blocks));
        buffer
    }

    /// A copy of `bytes` in less than `memory`, which they have now, if that is a matter of much. With `may_map` not only in
    /// a block that is kept.
    pub(crate) fn copy_in_less(
        bytes: &[u8],
        memory: usize,
        blocks: &Arc<Blocks>,
        may_map: bool,
    ) -> Option<Buffer> {
        let mut copy = Buffer::of(blocks);
        if bytes.len() > MOST_SMALL {
            if !wastes(memory, bytes.len()) {
                return None;
            }
            let fits = |block: usize| block >= bytes.len() / 2 && !wastes(block, bytes.len());
            let kept = blocks.take_kept(bytes.len(), fits);
            let block = kept.or_else(|| if may_map { blocks.new_block() } else { None })?;
            copy.settle(Memory::Block(block));
        } else {
            let room = small_room(bytes.len());
            let exact = (room < memory).then(|| Vec::with_capacity(room))?;
            copy.settle(Memory::Small(exact));
        }
        copy.append_slice(bytes);
        Some(copy)
    }

    /// Its place, how much is written of it, and its room.
    #[inline(always)]
    pub(super) fn parts(&self) -> (*mut u8, usize, usize) {
        (self.start.as_ptr(), self.len, self.room)
    }

    /// Makes the first `len` bytes its content.
    ///
    /// # Safety
    ///
    /// They are inside of its room and initialised.
    #[inline(always)]
    pub(super) unsafe fn set_len(&mut self, len: usize) {
        self.len = len;
    }

    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        match &self.memory {
            Memory::Small(vec) => vec.capacity(),
            Memory::Block(block) => block.memory(),
        }
    }

    pub(crate) fn is_block(&self) -> bool {
        matches!(self.memory, Memory::Block(_))
    }

    /// Notes that the first `len` bytes of the room were written, whatever became of them.
    pub(crate) fn note_written(&mut self, len: usize) {
        if let Memory::Block(block) = &mut self.memory {
            block.note_written(len);
        }
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.note_written(self.len);
        self.len = self.len.min(len);
    }

    /// Gives up the memory behind what is written, where that is a matter of pages and most of all.
    pub(crate) fn release_rest(&mut self) {
        self.note_written(self.len);
        if let Memory::Block(block) = &mut self.memory
            && wastes(block.memory(), self.len)
        {
            block.keep_only(self.len);
        }
    }

    /// Removes the first `count` bytes.
    pub(crate) fn remove_front(&mut self, count: usize) {
        let left = self.len.saturating_sub(count);
        self.note_written(self.len);
        // SAFETY: the last `left` bytes of the content begin there.
        let rest = unsafe { self.start.as_ptr().add(self.len - left) };
        // SAFETY: both are inside of the content.
        unsafe { self.start.as_ptr().copy_from(rest, left) };
        self.len = left;
    }

    /// Makes it `len` bytes long, to be written over: what is new of them is anything.
    pub(crate) fn resize(&mut self, len: usize) -> &mut [u8] {
        let more = len.saturating_sub(self.len);
        self.reserve(more);
        // Pages are zeros or what was written there last.
        if !self.is_block() {
            // SAFETY: inside of the room that was just made.
            let end = unsafe { self.start.as_ptr().add(self.len) };
            // SAFETY: there is room for as many bytes behind the content.
            unsafe { end.write_bytes(0, more) };
        }
        self.truncate(len);
        self.len = len;
        // SAFETY: as the type promises, and nobody else has it meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), len) }
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        if more > self.room - self.len {
            self.grow(more);
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn grow(&mut self, more: usize) {
        // The lock of the blocks is waited for asleep, if at all.
        let _inside = call::hold();
        let need = self.len.saturating_add(more);
        let blocks = self.blocks.as_ref();
        if need > MOST_SMALL
            && let Some(block) = blocks.and_then(|blocks| blocks.take(need))
        {
            // SAFETY: the block has more room than `len`, and is nobody else's.
            unsafe { block.start().as_ptr().copy_from_nonoverlapping(self.start.as_ptr(), self.len) };
            let left = self.leave();
            self.settle(Memory::Block(block));
            self.give_back(left);
            return;
        }
        let room = match blocks {
            Some(_) if need <= MOST_SMALL => small_room(need.max(2 * self.room)),
            _ if need <= LARGE => need.max(2 * self.room).max(LEAST_GROWTH),
            _ => need.max(self.len.saturating_add(self.len / 4)),
        };
        let len = self.len;
        let mut vec = self.take_vec();
        vec.reserve_exact(room - len);
        self.settle(Memory::Small(vec));
    }

    /// Takes the bytes out as a `Vec`; what is left here has no memory.
    fn take_vec(&mut self) -> Vec<u8> {
        let vec = match self.leave() {
            Memory::Small(mut vec) => {
                // SAFETY: as the type promises.
                unsafe { vec.set_len(self.len) };
                vec
            }
            block => {
                let vec = self.to_vec();
                self.give_back(block);
                vec
            }
        };
        self.settle(Memory::default());
        vec
    }

    /// Takes `memory`, whose first `len` bytes are the content.
    fn settle(&mut self, mut memory: Memory) {
        (self.start, self.room) = match &mut memory {
            Memory::Small(vec) => {
                (NonNull::new(vec.as_mut_ptr()).unwrap_or(NonNull::dangling()), vec.capacity())
            }
            Memory::Block(block) => (block.start(), block.room()),
        };
        self.memory = memory;
    }

    fn leave(&mut self) -> Memory {
        self.note_written(self.len);
        std::mem::take(&mut self.memory)
    }

    fn give_back(&self, memory: Memory) {
        if let (Memory::Block(block), Some(blocks)) = (memory, &self.blocks) {
            blocks.give_back(block);
        }
    }
}

impl From<Buffer> for Vec<u8> {
    fn from(mut buffer: Buffer) -> Vec<u8> {
        buffer.take_vec()
    }
}

impl Append for Buffer {
    #[inline]
    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        self.append_slice(&bytes);
    }

    #[inline]
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.append_slice(&[tag]);
        self.append_slice(&bytes);
    }
}

impl AppendSlice for Buffer {
    fn append_slice(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        // SAFETY: inside of the room that was just made.
        let end = unsafe { self.start.as_ptr().add(self.len) };
        // SAFETY: there is room for all of `bytes`, which cannot overlap what is borrowed mutably.
        unsafe { end.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        self.len += bytes.len();
    }
}

/// Whether `len` bytes are less than half of what is in such memory.
fn wastes(memory: usize, len: usize) -> bool {
    memory / 2 > len
}

/// The room of a small buffer for `len` bytes.
fn small_room(len: usize) -> usize {
    let whole = len.clamp(LEAST_ROOM, MOST_SMALL) + BESIDE;
    let step = (whole.next_power_of_two() / (2 * SIZES)).max(BESIDE);
    whole.next_multiple_of(step) - BESIDE
}

#[cfg(test)]
mod tests;
