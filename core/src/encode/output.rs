//! The end of a buffer, where an entry is being written.
//!
//! Encoders write through an [`Output`] instead of the [`Buffer`] itself: its place and its room are local values
//! that the compiler keeps in registers, and a write is one comparison and a few stores of fixed width. The
//! buffer takes over what was written with [`Output::finish`]; until then, whoever lent it cuts it back.

#[cfg(test)]
mod tests;

use std::io;

use crate::encode::buffer::Buffer;
use crate::encode::msgpack::{self, Append, AppendSlice, Header};
use crate::encode::name::{Ends, SHORT};

/// Bytes of the longest header of a text.
const HEADER: usize = 5;

/// Writes behind the bytes of a buffer.
///
/// Always true: `start` and `room` are the place and the room of `buffer`, `len` is at most `room`, and the
/// first `len` bytes at `start` are initialised.
pub(crate) struct Output<'v> {
    buffer: &'v mut Buffer,
    start: *mut u8,
    len: usize,
    room: usize,
}

impl<'v> Output<'v> {
    #[inline(always)]
    pub(crate) fn new(buffer: &'v mut Buffer) -> Output<'v> {
        let (start, len, room) = buffer.parts();
        Output { buffer, start, len, room }
    }

    /// Behind the first `len` bytes of a buffer, or behind all of it.
    #[inline(always)]
    pub(crate) fn behind(buffer: &'v mut Buffer, len: usize) -> Output<'v> {
        let mut out = Output::new(buffer);
        out.truncate(len);
        out
    }

    /// Lets `write` append to a `Vec`, whatever it answers.
    pub(crate) fn to<R>(vec: &mut Vec<u8>, write: impl FnOnce(&mut Output<'_>) -> R) -> R {
        let mut buffer = Buffer::from(std::mem::take(vec));
        let mut out = Output::new(&mut buffer);
        let result = write(&mut out);
        out.finish();
        *vec = buffer.into();
        result
    }

    /// Bytes in the buffer, those before this output included.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Gives what was written to the buffer.
    #[inline(always)]
    pub(crate) fn finish(self) {
        // SAFETY: the first `len` bytes are initialised and inside the room.
        unsafe { self.buffer.set_len(self.len) };
    }

    /// Lends the output to code that is not inlined, so that place and room here need no memory. A closure that is not
    /// inlined either holds what it refers to in memory: hot callers give it copies.
    #[inline(always)]
    pub(crate) fn lend<R>(&mut self, write: impl FnOnce(&mut Output<'_>) -> R) -> R {
        let mut lent = Output { buffer: self.buffer, start: self.start, len: self.len, room: self.room };
        let result = write(&mut lent);
        (self.start, self.len, self.room) = (lent.start, lent.len, lent.room);
        result
    }

    /// The same for an output whose place is read anew at the end, so that it need not be kept until then.
    #[inline(always)]
    pub(super) fn lend_behind<R>(this: &mut &mut Self, write: impl FnOnce(&mut Output<'_>) -> R) -> R {
        let mut lent = Output { buffer: this.buffer, start: this.start, len: this.len, room: this.room };
        let result = write(&mut lent);
        let (start, len, room) = (lent.start, lent.len, lent.room);
        (this.start, this.len, this.room) = (start, len, room);
        result
    }

    #[inline(always)]
    fn make_room(&mut self, more: usize) {
        // Neither can be beyond what memory may hold, so the sum does not overflow.
        if self.len + more > self.room {
            (self.start, self.room) = grown(self.buffer, self.len, more);
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
    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N], count: usize) {
        self.make_room(N);
        // SAFETY: there is room for `N` bytes at the place.
        unsafe { self.place().cast::<[u8; N]>().write_unaligned(bytes) };
        self.len += count.min(N);
    }

    /// The same with bytes that are read when there is room, so that they need not outlive a call that makes it.
    #[inline(always)]
    pub(crate) fn put_from<const N: usize>(&mut self, bytes: &[u8; N], count: usize) {
        self.make_room(N);
        // SAFETY: there is room for `N` bytes at the place.
        unsafe { self.place().cast::<[u8; N]>().write_unaligned(*bytes) };
        self.len += count.min(N);
    }

    /// Appends the first `count` bytes of a block, between a few others.
    #[inline(always)]
    pub(super) fn put_between<const N: usize, const M: usize>(
        &mut self,
        before: [u8; N],
        block: &[u8; SHORT],
        count: usize,
        behind: [u8; M],
    ) {
        self.make_room(N + SHORT + M);
        let count = count.min(SHORT);
        // SAFETY: there is room for all three, whatever is counted of the block.
        unsafe { self.place().cast::<[u8; N]>().write_unaligned(before) };
        // SAFETY: as above.
        let place = unsafe { self.place().add(N) };
        // SAFETY: as above.
        unsafe { place.cast::<[u8; SHORT]>().write_unaligned(*block) };
        // SAFETY: as above, for `count` is at most the length of the block.
        let end = unsafe { place.add(count) };
        // SAFETY: as above.
        unsafe { end.cast::<[u8; M]>().write_unaligned(behind) };
        self.len += N + count + M;
    }

    /// Appends four bytes, the first `count` of a block, the first `between_count` of four more, and the first `last_count`
    /// of some.
    #[cfg(feature = "http")]
    #[inline(always)]
    pub(super) fn put_parts<const N: usize>(
        &mut self,
        before: [u8; 4],
        (block, count): (&[u8; SHORT], usize),
        (between, between_count): ([u8; 4], usize),
        (last, last_count): ([u8; N], usize),
    ) {
        self.make_room(4 + SHORT + 4 + N);
        let (count, between_count) = (count.min(SHORT), between_count.min(4));
        // SAFETY: there is room for all of them, whatever is counted.
        unsafe { self.place().cast::<[u8; 4]>().write_unaligned(before) };
        // SAFETY: as above.
        let place = unsafe { self.place().add(4) };
        // SAFETY: as above.
        unsafe { place.cast::<[u8; SHORT]>().write_unaligned(*block) };
        // SAFETY: as above, for `count` is at most the length of the block.
        let place = unsafe { place.add(count) };
        // SAFETY: as above.
        unsafe { place.cast::<[u8; 4]>().write_unaligned(between) };
        // SAFETY: as above.
        let place = unsafe { place.add(between_count) };
        // SAFETY: as above.
        unsafe { place.cast::<[u8; N]>().write_unaligned(last) };
        self.len += 4 + count + between_count + last_count.min(N);
    }

    /// Appends the first `count` bytes of a block as text with its header.
    #[inline(always)]
    pub(crate) fn short_block(&mut self, block: &[u8; SHORT], count: usize) {
        self.make_room(1 + SHORT);
        let text = self.short_header(count);
        // SAFETY: there is room for 16 bytes behind the header.
        unsafe { text.cast::<[u8; SHORT]>().write_unaligned(*block) };
        self.len += 1 + count.min(SHORT);
    }

    /// Appends the first `count` bytes of a few blocks and of a `last` one as text with its header.
    #[inline(always)]
    pub(crate) fn text_of_blocks(&mut self, blocks: &[[u8; SHORT]], last: &[u8; SHORT], count: usize) {
        let all = size_of_val(blocks) + SHORT;
        let count = count.min(all);
        self.make_room(HEADER + all);
        msgpack::text_header(self, count);
        let mut place = self.place();
        for block in blocks {
            // SAFETY: there is room for all blocks behind the longest header.
            unsafe { place.cast::<[u8; SHORT]>().write_unaligned(*block) };
            // SAFETY: as above.
            place = unsafe { place.add(SHORT) };
        }
        // SAFETY: as above.
        unsafe { place.cast::<[u8; SHORT]>().write_unaligned(*last) };
        self.len += count;
    }

    /// Puts a header in the place of the `reserved` bytes at `start`; what follows moves if the sizes differ.
    #[inline(always)]
    pub(crate) fn put_header(&mut self, header: Header, start: usize, reserved: usize) {
        if let (1, 1, [only, ..]) = (header.len, reserved, header.bytes) {
            self.patch(start, [only]);
        } else {
            self.lend(|out| out.put_wide_header(header, start, reserved));
        }
    }

    #[inline(never)]
    fn put_wide_header(&mut self, header: Header, start: usize, reserved: usize) {
        if header.len == reserved {
            let places = (start..).zip(header.bytes).take(header.len);
            places.for_each(|(at, byte)| self.patch(at, [byte]));
        } else {
            self.replace(start, reserved, header.bytes.get(..header.len).unwrap_or_default());
        }
    }

    /// Puts `bytes` in the place of the `reserved` ones at `start`, and moves what follows them; nothing when they are
    /// not all there.
    fn replace(&mut self, start: usize, reserved: usize, bytes: &[u8]) {
        self.make_room(bytes.len());
        let Some(behind) = self.len.checked_sub(start + reserved) else { return };
        // SAFETY: inside the written bytes.
        let place = unsafe { self.start.add(start) };
        // SAFETY: as above, or at their end.
        let rest = unsafe { place.add(reserved) };
        // SAFETY: there is room for all of `bytes` behind what is written.
        let moved = unsafe { place.add(bytes.len()) };
        // SAFETY: `behind` bytes are written at `rest`, and `moved` has room for them.
        unsafe { moved.copy_from(rest, behind) };
        // SAFETY: what stood there was moved, and `bytes` cannot overlap the buffer that is borrowed.
        unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        self.len = start + bytes.len() + behind;
    }

    /// Where the next byte goes, and the end of the room.
    #[inline(always)]
    pub(super) fn rest(&mut self) -> (*mut u8, *const u8) {
        // SAFETY: the end of the allocation.
        (self.place(), unsafe { self.start.add(self.room) })
    }

    /// Counts as written what stands before `end`.
    ///
    /// # Safety
    ///
    /// `end` is a place in the room of this output, and everything before it is initialised.
    #[inline(always)]
    pub(super) unsafe fn set_end(&mut self, end: *const u8) {
        self.len = end.addr() - self.start.addr();
    }

    /// Appends text of at most [`SHORT`] bytes with its header, given by its ends.
    #[inline(always)]
    pub(crate) fn short_text(&mut self, ends: Ends, count: usize) {
        self.make_room(1 + SHORT);
        let count = count.min(SHORT);
        let text = self.short_header(count);
        // SAFETY: there is room for 16 bytes behind the header.
        unsafe { text.cast::<[u8; 8]>().write_unaligned(ends.first.to_le_bytes()) };
        if count > 8 {
            // SAFETY: `count` is at most 16, so this begins and ends inside that room.
            let last = unsafe { text.add(count - 8) };
            // SAFETY: as above.
            unsafe { last.cast::<[u8; 8]>().write_unaligned(ends.last.to_le_bytes()) };
        }
        self.len += 1 + count;
    }

    /// Stores a tag and a few bytes, for which there is room.
    #[inline(always)]
    fn store_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        // SAFETY: the caller has made room for the tag.
        unsafe { self.place().write(tag) };
        // SAFETY: as above.
        let behind = unsafe { self.place().add(1) };
        // SAFETY: the caller has made room for `N` bytes more.
        unsafe { behind.cast::<[u8; N]>().write_unaligned(bytes) };
        self.len += 1 + N;
    }

    /// Writes the header of a short text, for which there is room, and gives the place behind it.
    #[inline(always)]
    fn short_header(&mut self, count: usize) -> *mut u8 {
        let header = self.place();
        // SAFETY: the caller has made room.
        unsafe { header.write(msgpack::short_text_tag(count)) };
        // SAFETY: as above, for more than the header.
        unsafe { header.add(1) }
    }

    /// What was written from `start` on.
    #[inline]
    pub(crate) fn since(&self, start: usize) -> &[u8] {
        // SAFETY: the first `len` bytes are initialised and belong to the buffer, which is borrowed.
        let written = unsafe { std::slice::from_raw_parts(self.start, self.len) };
        written.get(start..).unwrap_or_default()
    }

    /// Replaces written bytes; nothing when they are not all there.
    #[inline(always)]
    pub(crate) fn patch<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        if at <= self.len && self.len - at >= N {
            // SAFETY: `at` is inside the written bytes.
            let place = unsafe { self.start.add(at) };
            // SAFETY: and so are the `N` bytes behind it.
            unsafe { place.cast::<[u8; N]>().write_unaligned(bytes) };
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
    fn append_tagged<const N: usize>(&mut self, tag: u8, bytes: [u8; N]) {
        self.make_room(1 + N);
        self.store_tagged(tag, bytes);
    }
}

impl AppendSlice for Output<'_> {
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
        // SAFETY: there is room for all of `bytes`, which cannot overlap the buffer that is borrowed.
        unsafe { self.place().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        self.len += bytes.len();
    }
}

/// Numbers that the standard library writes.
impl io::Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes room in a buffer whose first `len` bytes are written.
#[cold]
#[inline(never)]
fn grown(buffer: &mut Buffer, len: usize, more: usize) -> (*mut u8, usize) {
    // SAFETY: as `Output` promises.
    unsafe { buffer.set_len(len) };
    buffer.grow(more);
    let (start, _, room) = buffer.parts();
    (start, room)
}
