//! A value of a known field: a few stores, and the check of a text while it is copied.

use crate::encode::msgpack::{self, Append, Header};

/// Longest text that is written with the stores here: four blocks.
pub(super) const LONGEST_TEXT: usize = 4 * BLOCK;

/// One vector of every processor.
const BLOCK: usize = 16;

/// Most that is stored for a value: a header of two bytes and the longest text.
pub(super) const VALUE: usize = 2 + LONGEST_TEXT;

/// One in every byte that is not ASCII.
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Writes one value behind its key; there is room for [`VALUE`] bytes.
pub(super) struct ValueWriter<'p> {
    at: *mut u8,
    /// The place of the cursor, which moves behind the value when that is written.
    end: &'p mut *mut u8,
}

impl<'p> ValueWriter<'p> {
    /// Behind a key, with room for [`VALUE`] bytes from `at` on.
    ///
    /// # Safety
    ///
    /// There is that room.
    #[inline(always)]
    pub(super) unsafe fn new(at: *mut u8, end: &'p mut *mut u8) -> ValueWriter<'p> {
        ValueWriter { at, end }
    }

    /// A number or a boolean, which `write` appends whole.
    #[inline(always)]
    pub(super) fn scalar(mut self, write: impl FnOnce(&mut Self)) -> bool {
        write(&mut self);
        true
    }

    /// A text, if it is ASCII and not long; whether it was. If not, nothing was written.
    #[inline(always)]
    pub(super) fn ascii(mut self, text: &[u8]) -> bool {
        if text.len() <= BLOCK { self.short(text) } else { self.medium(text) }
    }

    /// A text of at most one block: its first and its last bytes, which may be the same.
    #[inline(always)]
    fn short(&mut self, text: &[u8]) -> bool {
        let len = text.len();
        self.store(0, [msgpack::short_text_tag(len)]);
        let bits = if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            self.store(1, *first);
            self.store(len - 7, *last);
            u64::from_le_bytes(*first) | u64::from_le_bytes(*last)
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            self.store(1, *first);
            self.store(len - 3, *last);
            u64::from(u32::from_le_bytes(*first) | u32::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            self.store(1, *first);
            self.store(len - 1, *last);
            u64::from(u16::from_le_bytes(*first) | u16::from_le_bytes(*last))
        } else if let &[one] = text {
            self.store(1, [one]);
            one.into()
        } else {
            0
        };
        self.end_if(bits & HIGH_BITS == 0, 1 + len)
    }

    /// A text of more than one block and at most four.
    #[inline(always)]
    fn medium(&mut self, text: &[u8]) -> bool {
        let len = text.len();
        let (Some(last), 0..=LONGEST_TEXT) = (text.last_chunk(), len) else { return false };
        let header = Header::text(len);
        let [first, second, ..] = header.bytes;
        self.store(0, [first, second]);
        let body = header.len.min(2);
        let mut bits = bits_of(last);
        for (number, block) in text.as_chunks().0.iter().enumerate() {
            self.store(body + number * BLOCK, *block);
            bits |= bits_of(block);
        }
        self.store(body + len - BLOCK, *last);
        self.end_if(bits & HIGH_BITS == 0, body + len)
    }

    /// Stores bytes from `from` on.
    #[inline(always)]
    fn store<const N: usize>(&self, from: usize, bytes: [u8; N]) {
        debug_assert!(from + N <= VALUE);
        // SAFETY: all of this module stay within `VALUE`, for which there is room.
        let place = unsafe { self.at.add(from) };
        // SAFETY: as above.
        unsafe { place.cast::<[u8; N]>().write_unaligned(bytes) };
    }

    /// Counts `len` stored bytes as written if the value `is_good`.
    #[inline(always)]
    fn end_if(&mut self, is_good: bool, len: usize) -> bool {
        if is_good {
            // SAFETY: these are stored bytes.
            *self.end = unsafe { self.at.add(len) };
        }
        is_good
    }
}

/// A value is one append: a second one would take its place, so that nothing goes beyond the room.
impl Append for ValueWriter<'_> {
    #[inline(always)]
    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        const { assert!(N <= VALUE) };
        self.store(0, bytes);
        self.end_if(true, N);
    }

    #[inline(always)]
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        const { assert!(N < VALUE) };
        self.store(0, [tag]);
        self.store(1, bytes);
        self.end_if(true, 1 + N);
    }
}

#[inline(always)]
fn bits_of(block: &[u8; BLOCK]) -> u64 {
    let number = u128::from_le_bytes(*block);
    number as u64 | (number >> 64) as u64
}
