//! Memory in whole pages, from the system itself. A page takes memory from its first write on.

use std::ptr::{NonNull, null};

use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, MEM_RESET, PAGE_READWRITE, VirtualAlloc, VirtualFree,
};

/// The size of a page on every processor that Windows runs on today.
const PAGE: usize = 4096;

/// A run of pages that nobody else has.
#[derive(Debug)]
pub(crate) struct Pages {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: it owns its pages as a box does.
unsafe impl Send for Pages {}
// SAFETY: a shared one gives its place and length, nothing else.
unsafe impl Sync for Pages {}

impl Pages {
    /// Pages for `len` bytes, none of them written; `None` when the system gives none.
    pub(crate) fn new(len: usize) -> Option<Pages> {
        let len = len.max(1).checked_next_multiple_of(PAGE)?;
        // SAFETY: new pages anywhere are in nobody's way.
        let place = unsafe { VirtualAlloc(null(), len, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) };
        Some(Pages { start: NonNull::new(place.cast())?, len })
    }

    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// So many bytes of memory as are written when `len` bytes are.
    pub(crate) fn rounded(len: usize) -> usize {
        len.next_multiple_of(PAGE)
    }

    /// Lets the system take the pages behind the first `len` bytes when it needs memory. They can be written again.
    pub(crate) fn release_behind(&mut self, len: usize) {
        let kept = Pages::rounded(len);
        if kept < self.len {
            // SAFETY: a place inside these pages.
            let from = unsafe { self.start.add(kept) };
            // SAFETY: up to their end; what they hold is not needed.
            unsafe { VirtualAlloc(from.as_ptr().cast(), self.len - kept, MEM_RESET, PAGE_READWRITE) };
        }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: they were taken in one piece, and nobody else has them.
        unsafe { VirtualFree(self.start.as_ptr().cast(), 0, MEM_RELEASE) };
    }
}
