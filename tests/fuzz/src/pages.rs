//! Memory between two pages that cannot be touched.

use crate::case::Place;
use crate::pieces::HOSTILE;
use std::io;

/// Room for one text at a time, with a guard page at either end.
pub(crate) struct Pages {
    map: *mut u8,
    page: usize,
    room: usize,
}

// Larger than every text that is generated, and the bytes that follow it.
const ROOM: usize = 512 * 1024;

impl Pages {
    /// Maps the memory.
    pub(crate) fn new() -> io::Result<Pages> {
        // SAFETY: a question without pointers.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = usize::try_from(page).map_err(io::Error::other)?;
        let room = ROOM.next_multiple_of(page);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
        // SAFETY: a new mapping at a place of the system's choice; nothing else is there.
        let map = unsafe { libc::mmap(std::ptr::null_mut(), room + 2 * page, libc::PROT_NONE, flags, -1, 0) };
        if map == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let map = map.cast::<u8>();
        let inside = map.wrapping_add(page);
        // SAFETY: these pages are the middle of the mapping above.
        if unsafe { libc::mprotect(inside.cast(), room, libc::PROT_READ | libc::PROT_WRITE) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Pages { map, page, room })
    }

    /// Puts a text into its place. The text that was there is gone.
    pub(crate) fn put(&mut self, text: &[u8], place: Place) -> &[u8] {
        let inside = self.map.wrapping_add(self.page);
        // SAFETY: the room is readable, writable and only reachable through `self`.
        let room = unsafe { std::slice::from_raw_parts_mut(inside, self.room) };
        let start = match place {
            Place::BehindGuard => 0,
            Place::BeforeGuard => room.len() - text.len(),
            Place::Followed(count) => {
                let count = count.min(HOSTILE.len());
                let start = room.len() - count - text.len();
                room[start + text.len()..].copy_from_slice(&HOSTILE[..count]);
                start
            }
        };
        let place = &mut room[start..start + text.len()];
        place.copy_from_slice(text);
        place
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and no text of it is borrowed any more.
        unsafe { libc::munmap(self.map.cast(), self.room + 2 * self.page) };
    }
}
