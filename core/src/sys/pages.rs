//! Memory in whole pages, from the system itself and not from the C library's allocator.
//!
//! A page takes memory from its first write on, so that room which is never written costs nothing, and what is given
//! back is the system's again at once, whichever thread does it.

use std::ptr::NonNull;

/// The size of a page where the system does not say another.
const USUAL_PAGE: usize = 4096;

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
        let len = len.max(1).checked_next_multiple_of(page())?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: new pages anywhere are in nobody's way.
        let place = unsafe { libc::mmap(std::ptr::null_mut(), len, protection, flags, -1, 0) };
        if place == libc::MAP_FAILED {
            return None;
        }
        let pages = Pages { start: NonNull::new(place.cast())?, len };
        pages.stay_small();
        Some(pages)
    }

    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// So many bytes of memory as are written when `len` bytes are.
    pub(crate) fn rounded(len: usize) -> usize {
        len.next_multiple_of(page())
    }

    /// Gives the system the pages behind the first `len` bytes back. They can be written again.
    pub(crate) fn release_behind(&mut self, len: usize) {
        let kept = Pages::rounded(len);
        if kept < self.len {
            // SAFETY: a place inside these pages.
            let from = unsafe { self.start.add(kept) };
            // SAFETY: up to their end; what they hold is not needed.
            unsafe { libc::madvise(from.as_ptr().cast(), self.len - kept, libc::MADV_DONTNEED) };
        }
    }

    /// One write would take two megabytes where the system joins pages by itself.
    fn stay_small(&self) {
        #[cfg(target_os = "linux")]
        // SAFETY: advice about these pages. Whether it is taken changes nothing else.
        unsafe {
            libc::madvise(self.start.as_ptr().cast(), self.len, libc::MADV_NOHUGEPAGE)
        };
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: they were mapped in one piece, and nobody else has them.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.len) };
    }
}

fn page() -> usize {
    // SAFETY: asks for a number.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).ok().filter(|size| size.is_power_of_two()).unwrap_or(USUAL_PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(pages: &Pages, at: usize) -> *mut u8 {
        // SAFETY: only called for places inside the pages.
        unsafe { pages.start().as_ptr().add(at) }
    }

    #[test]
    fn pages_begin_empty_and_what_is_released_is_empty_again() {
        let mut pages = Pages::new(3 * USUAL_PAGE + 1).unwrap();
        assert_eq!(pages.len() % page(), 0);
        assert!(pages.len() > 3 * USUAL_PAGE);
        let last = pages.len() - 1;
        let (start, end) = (place(&pages, 0), place(&pages, last));
        // SAFETY: inside the pages.
        assert_eq!(unsafe { start.read() }, 0);
        // SAFETY: as above.
        assert_eq!(unsafe { end.read() }, 0);
        // SAFETY: as above.
        unsafe { start.write(1) };
        // SAFETY: as above.
        unsafe { end.write(2) };
        pages.release_behind(1);
        // SAFETY: as above.
        assert_eq!(unsafe { start.read() }, 1);
        // SAFETY: as above.
        let last = unsafe { end.read() };
        assert_eq!(last, if cfg!(target_os = "linux") { 0 } else { 2 });
        assert!(Pages::new(usize::MAX).is_none());
        assert!(Pages::new(usize::MAX / 2).is_none());
    }
}
