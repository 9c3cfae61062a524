//! What is done when the program ends by `exit` or by returning from `main`.

/// Runs `handler` at a normal exit, before what was registered earlier. It runs wherever `exit` was called, in a signal
/// handler too: it may take no lock.
pub(crate) fn at_exit(handler: extern "C" fn()) {
    // SAFETY: the function stays loaded; where the system has no room it is not called.
    unsafe { libc::atexit(handler) };
}
