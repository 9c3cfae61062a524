//! Blocks of memory that are used again: all with the same room, so that each can take the place of any other, each
//! with as much memory as was ever written of it.

use std::collections::VecDeque;
use std::ptr::NonNull;

use crate::sys::pages::Pages;
use crate::sys::spin_lock::SpinLock;

/// Most blocks kept: more than threads take in the time between two looks of a sender.
const MOST_KEPT: usize = 64;

/// Room of a block at least, and what the room of all is a multiple of.
const LEAST_ROOM: usize = 64 * 1024;

/// So many times the memory that is asked for may be given: what is released and written again costs more than it is
/// worth.
const USEFUL: usize = 4;

/// A block, and how far it was written.
#[derive(Debug)]
pub(crate) struct Block {
    pages: Pages,
    written: usize,
}

impl Block {
    fn new(room: usize) -> Option<Block> {
        Some(Block { pages: Pages::new(room.checked_next_multiple_of(LEAST_ROOM)?)?, written: 0 })
    }

    pub(crate) fn start(&self) -> NonNull<u8> {
        self.pages.start()
    }

    pub(crate) fn room(&self) -> usize {
        self.pages.len()
    }

    /// Notes that the first `len` bytes were written.
    pub(crate) fn note_written(&mut self, len: usize) {
        self.written = self.written.max(Pages::rounded(len)).min(self.room());
    }

    /// Bytes of memory that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.written
    }

    /// Keeps the memory of the first `len` bytes alone.
    pub(crate) fn keep_only(&mut self, len: usize) {
        self.pages.release_behind(len);
        self.written = self.written.min(Pages::rounded(len));
    }
}

#[derive(Debug, Default)]
struct Kept {
    /// What was given back last is last.
    blocks: VecDeque<Block>,
    memory: usize,
}

impl Kept {
    fn add(&mut self, block: Block) {
        self.memory += block.memory();
        self.blocks.push_back(block);
    }

    fn take_oldest_beyond(&mut self, most: usize) -> Option<Block> {
        let is_too_much = self.memory > most || self.blocks.len() > MOST_KEPT;
        let oldest = if is_too_much { self.blocks.pop_front() } else { None }?;
        self.memory -= oldest.memory();
        Some(oldest)
    }

    /// The one with just enough memory for `len` bytes, else the one with the most; of those whose memory `suits`.
    fn take(&mut self, len: usize, suits: impl Fn(usize) -> bool) -> Option<Block> {
        let order = |block: &Block| match block.memory() {
            enough if enough >= len => (0, enough),
            short => (1, usize::MAX - short),
        };
        let suiting = self.blocks.iter().enumerate().filter(|(_, block)| suits(block.memory()));
        let (index, _) = suiting.min_by_key(|(_, block)| order(block))?;
        let block = self.blocks.remove(index)?;
        self.memory -= block.memory();
        Some(block)
    }
}

/// Where blocks come from and go to.
#[derive(Debug)]
pub(crate) struct Blocks {
    room: usize,
    most_memory: usize,
    kept: SpinLock<Kept>,
}

impl Blocks {
    /// Of blocks with room for `room` bytes, that keeps at most `most_memory` bytes.
    pub(crate) fn new(room: usize, most_memory: usize) -> Blocks {
        let room = room.checked_next_multiple_of(LEAST_ROOM).unwrap_or(room);
        Blocks { room, most_memory, kept: SpinLock::default() }
    }

    /// Whether a thread is here just now.
    pub(crate) fn is_taken(&self) -> bool {
        self.kept.is_taken()
    }

    /// A block with room for `len` bytes at least, if possible one with the memory for them and without much more;
    /// `None` when the system has none.
    pub(crate) fn take(&self, len: usize) -> Option<Block> {
        if len > self.room {
            // A quarter more, so that what goes on growing is not moved each time.
            return Block::new(len.saturating_add(len / 4));
        }
        let Some(mut block) = self.take_kept(len, |_| true) else { return self.new_block() };
        let useful = len.saturating_mul(USEFUL).max(USEFUL * LEAST_ROOM);
        if block.memory() > useful {
            block.keep_only(useful);
        }
        Some(block)
    }

    /// A block without memory yet.
    pub(crate) fn new_block(&self) -> Option<Block> {
        Block::new(self.room)
    }

    /// A block that is kept here and `suits`, with memory for `len` bytes if possible.
    pub(crate) fn take_kept(&self, len: usize, suits: impl Fn(usize) -> bool) -> Option<Block> {
        self.kept.lock().take(len, suits)
    }

    /// Takes back a block. Those that waited longest go back to the system when enough are kept.
    pub(crate) fn give_back(&self, block: Block) {
        if block.room() == self.room && block.memory() > 0 {
            self.kept.lock().add(block);
            self.keep_at_most(self.most_memory);
        }
    }

    /// Bytes of memory that are kept.
    #[cfg(test)]
    pub(crate) fn memory(&self) -> usize {
        self.kept.lock().memory
    }

    /// Frees what is kept beyond `most` bytes.
    pub(crate) fn keep_at_most(&self, most: usize) {
        loop {
            let oldest = self.kept.lock().take_oldest_beyond(most);
            // Memory is not freed under the lock.
            if oldest.is_none() {
                break;
            }
        }
    }
}
