//! Which process this is: a number that a forked child finds changed, whoever forked it.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use super::list;

/// No system has larger pages.
const MOST_PAGE: usize = 64 * 1024;

/// What a page that was wiped says.
const NOBODY: i32 = 0;

/// What the kernel wipes in a child, with so much room on both sides that whatever the page, nothing else is on it.
#[repr(C)]
struct Wiped {
    _before: [u8; MOST_PAGE],
    /// 0 in a child that was not noticed yet, and before the first use.
    generation: AtomicU64,
    /// The process that is just noticing it, or `NOBODY`.
    settling: AtomicI32,
    _behind: [u8; MOST_PAGE],
}

static WIPED: Wiped = Wiped {
    _before: [0; MOST_PAGE],
    generation: AtomicU64::new(0),
    settling: AtomicI32::new(NOBODY),
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
    while !may_settle() {
        std::thread::yield_now();
    }
    if generation() == 0 {
        if !IS_INSTALLED.load(Ordering::Relaxed) {
            // SAFETY: the handler is async-signal-safe and stays loaded (the library is never unloaded).
            unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
            wipe_in_children();
            IS_INSTALLED.store(true, Ordering::Relaxed);
        }
        begin();
    }
    let generation = generation();
    WIPED.settling.store(NOBODY, Ordering::Release);
    generation
}

/// Whether it is this thread that notices. One of another process that was at it is the parent's, forked in the middle
/// of the first time of all, when nothing is wiped yet: it will never be done here.
fn may_settle() -> bool {
    // SAFETY: asks for a number.
    let here = unsafe { libc::getpid() };
    let others = |by| if by == here { None } else { Some(here) };
    WIPED.settling.fetch_update(Ordering::Acquire, Ordering::Relaxed, others).is_ok()
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
    WIPED.settling.store(NOBODY, Ordering::Relaxed);
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
