//! Threads here get no signals.

pub(super) fn with_only_faults<R>(start: impl FnOnce() -> R) -> R {
    start()
}

pub(super) fn without_any_signal(body: impl FnOnce()) {
    body();
}

pub(crate) fn without_signals<R>(body: impl FnOnce() -> R) -> R {
    body()
}
