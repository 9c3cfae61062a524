//! The end of a buffer, where an entry is being written.
//!
//! Encoders write through an [`Output`] instead of the `Vec` itself: its place and its room are local values
//! that the compiler keeps in registers, and a write is one comparison and a few stores of fixed width. The
//! `Vec` takes over what was written with [`Output::finish`]; until then, whoever lent it cuts it back.

use super::msgpack::Append;

/// Bytes of text that are stored at once, whatever the length of a short text.
pub(crate) const SHORT: usize = 16;

/// Writes behind the bytes of a `Vec`.
///
/// Always true: `start` and `room` are the place and the capacity of `vec`, `len` is at most `room`, and the
/// first `len` bytes at `start` are initialised.
pub(crate) struct Output<'v> {
    vec: &'v mut Vec<u8>,
    start: *mut u8,
    len: usize,
    room: usize,
}

impl<'v> Output<'v> {
    #[inline(always)]
    pub(crate) fn new(vec: &'v mut Vec<u8>) -> Output<'v> {
        let (start, len, room) = (vec.as_mut_ptr(), vec.len(), vec.capacity());
        Output { vec, start, len, room }
    }

    /// Lets `write` append to a `Vec`, whatever it answers.
    pub(crate) fn to<R>(vec: &'v mut Vec<u8>, write: impl FnOnce(&mut Output<'_>) -> R) -> R {
        let mut out = Output::new(vec);
        let result = write(&mut out);
        out.finish();
        result
    }

    /// Bytes in the buffer, those before this output included.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Gives what was written to the `Vec`.
    #[inline(always)]
    pub(crate) fn finish(self) {
        // SAFETY: the first `len` bytes are initialised and inside the capacity.
        unsafe { self.vec.set_len(self.len) };
    }

    /// Lends the output to code that is not inlined, so that place and room here need no memory.
    #[inline(always)]
    pub(crate) fn lend<R>(&mut self, write: impl FnOnce(&mut Output<'_>) -> R) -> R {
        let mut lent = Output { vec: self.vec, start: self.start, len: self.len, room: self.room };
        let result = write(&mut lent);
        (self.start, self.len, self.room) = (lent.start, lent.len, lent.room);
        result
    }

    /// Lets `write` change the `Vec` itself, with everything written so far in it.
    pub(crate) fn with_vec<R>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> R) -> R {
        // SAFETY: as in `finish`.
        unsafe { self.vec.set_len(self.len) };
        let result = write(self.vec);
        (self.start, self.len, self.room) = (self.vec.as_mut_ptr(), self.vec.len(), self.vec.capacity());
        result
    }

    #[inline(always)]
    fn make_room(&mut self, more: usize) {
        if self.room - self.len < more {
            (self.start, self.room) = grown(self.vec, self.len, more);
        }
    }

    /// Where the next byte goes. At least one was asked room for.
    #[inline(always)]
    fn place(&mut self) -> *mut u8 {
        // SAFETY: `len` is at most the capacity, so this stays inside the allocation or at its end.
        unsafe { self.start.add(self.len) }
    }

    /// Stores `bytes` and counts the first `count` of them as written.
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N], count: usize) {
        self.make_room(N);
        // SAFETY: there is room for `N` bytes at the place.
        unsafe { self.place().cast::<[u8; N]>().write_unaligned(bytes) };
        self.len += count.min(N);
    }

    /// Appends the first `count` bytes of a block as text with its header.
    #[inline(always)]
    pub(crate) fn short_block(&mut self, block: &[u8; SHORT], count: usize) {
        let bytes = u128::from_le_bytes(*block);
        self.short_text(bytes as u64, (bytes >> 64) as u64, count);
    }

    /// Appends text of at most [`SHORT`] bytes with its header. `low` and `high` hold it in little-endian order;
    /// what is in them beyond `count` bytes is of no account.
    #[inline(always)]
    pub(crate) fn short_text(&mut self, low: u64, high: u64, count: usize) {
        self.make_room(1 + SHORT);
        let count = count.min(SHORT);
        // SAFETY: there is room for a header.
        unsafe { self.place().write(0xa0 | count as u8) };
        // SAFETY: and for 16 bytes behind it.
        let text = unsafe { self.place().add(1) };
        // SAFETY: as above.
        unsafe { text.cast::<[u8; 8]>().write_unaligned(low.to_le_bytes()) };
        // SAFETY: the upper half of the 16 bytes.
        let upper = unsafe { text.add(8) };
        // SAFETY: as above.
        unsafe { upper.cast::<[u8; 8]>().write_unaligned(high.to_le_bytes()) };
        self.len += 1 + count;
    }

    /// What was written from `start` on.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &[u8] {
        // SAFETY: the first `len` bytes are initialised and belong to the `Vec`, which is borrowed.
        let written = unsafe { std::slice::from_raw_parts(self.start, self.len) };
        written.get(start..).unwrap_or_default()
    }

    /// Replaces one written byte.
    #[inline(always)]
    pub(crate) fn patch(&mut self, at: usize, byte: u8) {
        if at < self.len {
            // SAFETY: `at` is inside the written bytes.
            let place = unsafe { self.start.add(at) };
            // SAFETY: as above.
            unsafe { place.write(byte) };
        }
    }

    /// Takes back what was written from `len` on.
    #[inline(always)]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }
}

impl Append for Output<'_> {
    #[inline(always)]
    fn append<const N: usize>(&mut self, bytes: [u8; N]) {
        self.put(bytes, N);
    }

    #[inline(always)]
    fn append_slice(&mut self, bytes: &[u8]) {
        if let (Some(&first), Some(&last)) = (bytes.first_chunk::<SHORT>(), bytes.last_chunk::<SHORT>())
            && bytes.len() <= 2 * SHORT
        {
            let start = self.len;
            self.put(first, bytes.len() - SHORT);
            self.put(last, SHORT);
            debug_assert_eq!(self.len, start + bytes.len());
            return;
        }
        self.make_room(bytes.len());
        // SAFETY: there is room for all of `bytes`, which cannot overlap the `Vec` that is borrowed.
        unsafe { self.place().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        self.len += bytes.len();
    }
}

/// Makes room in a `Vec` whose first `len` bytes are written.
#[cold]
#[inline(never)]
fn grown(vec: &mut Vec<u8>, len: usize, more: usize) -> (*mut u8, usize) {
    // SAFETY: as `Output` promises.
    unsafe { vec.set_len(len) };
    vec.reserve(more);
    (vec.as_mut_ptr(), vec.capacity())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_lands_where_a_vec_would_put_it() {
        let source: Vec<u8> = (0..200).collect();
        for room in [0, 1, 7, 64, 1000] {
            let mut vec = Vec::with_capacity(room);
            vec.push(9);
            let mut expected = vec![9];
            let mut out = Output::new(&mut vec);
            for len in (0..70).chain([199]) {
                out.append_slice(&source[..len]);
                expected.extend_from_slice(&source[..len]);
                out.append([1, 2, 3]);
                expected.extend([1, 2, 3]);
                out.short_text(0x3837_3635_3433_3231, 0x4847_4645_4443_4241, len % 17);
                expected.push(0xa0 | (len % 17) as u8);
                expected.extend_from_slice(&b"12345678ABCDEFGH"[..len % 17]);
                out.lend(|out| out.with_vec(|vec| vec.push(7)));
                expected.push(7);
                out.append([0; 40]);
                out.truncate(out.len() - 40);
                out.patch(expected.len() - 1, 8);
                *expected.last_mut().unwrap() = 8;
                out.patch(expected.len(), 1);
                assert_eq!(out.since(0), expected);
                assert_eq!(out.since(expected.len() + 1), [0; 0]);
            }
            out.finish();
            assert_eq!(vec, expected);
        }
    }

    #[test]
    fn without_an_end_the_vec_can_be_cut_back() {
        let mut vec = b"kept".to_vec();
        let mut out = Output::new(&mut vec);
        out.append_slice(&[0; 5000]);
        vec.truncate(4);
        assert_eq!(vec, b"kept");
    }
}
