//! Which process this is: a number that a forked child finds changed, whoever forked it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::list;

/// No system has larger pages.
const MOST_PAGE: usize = 64 * 1024;

/// What the kernel wipes in a child, with so much room on both sides that whatever the page, nothing else is on it.
#[repr(C)]
struct Wiped {
    _before: [u8; MOST_PAGE],
    /// 0 in a child that was not noticed yet, and before the first use.
    generation: AtomicU64,
    is_settling: AtomicBool,
    _behind: [u8; MOST_PAGE],
}

static WIPED: Wiped = Wiped {
    _before: [0; MOST_PAGE],
    generation: AtomicU64::new(0),
    is_settling: AtomicBool::new(false),
    _behind: [0; MOST_PAGE],
};

/// The generation given last; a child inherits it.
static LAST: AtomicU64 = AtomicU64::new(0);

static IS_INSTALLED: AtomicBool = AtomicBool::new(false);

/// The kernel does wipe the page.
static IS_WIPED: AtomicBool = AtomicBool::new(false);

/// Which process this is, counted in forks since the library was loaded; 0 where nobody asked [`settled`] yet.
#[inline(always)]
pub(crate) fn generation() -> u64 {
    WIPED.generation.load(Ordering::Relaxed)
}

/// The same, never 0: to be asked before anything is made that is this process's own.
#[inline]
pub(crate) fn settled() -> u64 {
    match generation() {
        0 => settle(),
        known => known,
    }
}

/// Makes forks of this process known.
pub(crate) fn install() {
    settled();
}

/// Notices that this is another process than before, or the first one. Threads that come at once wait for the one that
/// closes what was inherited: what they make themselves must not be closed.
#[cold]
fn settle() -> u64 {
    while WIPED.is_settling.swap(true, Ordering::Acquire) {
        std::thread::yield_now();
    }
    if generation() == 0 {
        if !IS_INSTALLED.swap(true, Ordering::Relaxed) {
            // SAFETY: the handler is async-signal-safe and stays loaded (the library is never unloaded).
            unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
            wipe_in_children();
        }
        begin();
    }
    let generation = generation();
    WIPED.is_settling.store(false, Ordering::Release);
    generation
}

/// Begins a generation.
fn begin() {
    list::close_all();
    WIPED.generation.store(LAST.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
}

extern "C" fn in_child() {
    if IS_WIPED.load(Ordering::Relaxed) && generation() != 0 {
        // A handler of somebody else's came first, and called us.
        return;
    }
    // Another thread of the parent may have been at it.
    WIPED.is_settling.store(false, Ordering::Relaxed);
    begin();
}

/// Where the kernel knows no such thing (before Linux 4.14), only children that run the handler are noticed.
#[cfg(target_os = "linux")]
fn wipe_in_children() {
    // SAFETY: asks for a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let Some(page) = usize::try_from(page).ok().filter(|page| (1..=MOST_PAGE).contains(page)) else { return };
    let at = (&raw const WIPED.generation).cast::<u8>();
    let start = at.wrapping_sub(at.addr() % page).cast_mut();
    // SAFETY: the page is one of `WIPED` alone, and its bytes are atomics or never read.
    let advised = unsafe { libc::madvise(start.cast(), page, libc::MADV_WIPEONFORK) };
    IS_WIPED.store(advised == 0, Ordering::Relaxed);
}

#[cfg(not(target_os = "linux"))]
fn wipe_in_children() {}
