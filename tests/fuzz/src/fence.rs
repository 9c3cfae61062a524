//! An allocator that puts a fence behind every allocation, so that a write past the end is found.
//!
//! The encoder may write into the free capacity of the output. The fence is looked at when memory is given
//! back, and by the checks after each input.

use std::alloc::{GlobalAlloc, Layout, System};

/// As long as the widest block of a vector unit.
const LEN: usize = 64;
const POST: u8 = 0xa7;

/// The allocator.
pub(crate) struct Fenced;

#[global_allocator]
static ALLOCATOR: Fenced = Fenced;

fn fenced(layout: Layout) -> Option<Layout> {
    Layout::from_size_align(layout.size().checked_add(LEN)?, layout.align()).ok()
}

// SAFETY: all calls go to the system's allocator with a larger layout, the same for each allocation.
unsafe impl GlobalAlloc for Fenced {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(larger) = fenced(layout) else { return std::ptr::null_mut() };
        // SAFETY: the layout is not empty, it has a fence.
        let memory = unsafe { System.alloc(larger) };
        if !memory.is_null() {
            let end = memory.wrapping_add(layout.size());
            // SAFETY: the fence is part of the allocation.
            unsafe { end.write_bytes(POST, LEN) };
        }
        memory
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if !intact(memory, layout.size()) {
            eprintln!("fuzz: a write past the end of an allocation of {} bytes", layout.size());
            std::process::abort();
        }
        let Some(larger) = fenced(layout) else { return };
        // SAFETY: it was allocated above, with this layout.
        unsafe { System.dealloc(memory, larger) };
    }
}

/// True when nothing was written behind the `len` bytes of an allocation.
pub(crate) fn intact(memory: *const u8, len: usize) -> bool {
    let end = memory.wrapping_add(len);
    // SAFETY: every allocation of this program has a fence behind its bytes.
    let fence = unsafe { std::slice::from_raw_parts(end, LEN) };
    fence.iter().all(|byte| *byte == POST)
}
