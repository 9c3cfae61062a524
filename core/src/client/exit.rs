//! The last chance of queued events at a normal process exit.
//!
//! The flush runs as late as a library can: with the destructors of shared objects, after the `atexit`
//! handlers and static destructors of the program, whose exports are flushed too. It waits on a condition
//! with a deadline and joins no thread.

use super::default;

extern "C" fn flush_at_exit() {
    let flushed = std::panic::catch_unwind(|| {
        let Some(client) = default::existing() else { return };
        let timeout = client.inner.settings.exit_flush;
        if !timeout.is_zero() {
            // Whoever exits has nobody left to tell.
            let _ = client.inner.flush(timeout);
        }
    });
    // A panic here must not turn a normal exit into an abort.
    drop(flushed);
}

/// Makes sure that [`flush_at_exit`] runs.
#[cfg(target_os = "linux")]
pub(super) fn install() {
    #[used]
    // SAFETY: the section holds pointers to functions without arguments, which this is.
    #[unsafe(link_section = ".fini_array")]
    static AT_EXIT: extern "C" fn() = flush_at_exit;
    // Refers to the entry, so that no linker leaves it out.
    std::hint::black_box(&AT_EXIT);
}

/// Makes sure that [`flush_at_exit`] runs.
#[cfg(not(target_os = "linux"))]
pub(super) fn install() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if !INSTALLED.swap(true, Ordering::Relaxed) {
        // SAFETY: the function stays loaded; a failure to register it means no flush at exit.
        unsafe { libc::atexit(flush_at_exit) };
    }
}
