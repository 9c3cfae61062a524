//! Signals that the calling thread does not want while it does something, and what such a thing leaves behind.

use std::mem::MaybeUninit;

/// Faults that a thread raises itself; blocking them would turn a crash report into a silent kill.
const FAULTS: [i32; 7] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT, libc::SIGSYS];

/// Runs `start`, which makes a thread, with no signal let through but faults: a thread inherits what is let through.
pub(super) fn with_only_faults<R>(start: impl FnOnce() -> R) -> R {
    let before = set_mask(libc::SIG_SETMASK, &all_but_faults());
    let result = start();
    set_mask(libc::SIG_SETMASK, &before);
    result
}

/// Runs `body` on a thread of the host's with all signals held back that it does not raise itself.
pub(super) fn without_any_signal(body: impl FnOnce()) {
    let before = set_mask(libc::SIG_BLOCK, &all_but_faults());
    body();
    set_mask(libc::SIG_SETMASK, &before);
}

/// The signals of a write: nobody reads, the file is as large as it may be, the terminal belongs to another job. With
/// the last one blocked the terminal takes what is written.
const SIGNALS_OF_WRITES: [i32; 3] = [libc::SIGPIPE, libc::SIGXFSZ, libc::SIGTTOU];

/// Runs `body`, which writes on a thread of the host's, so that no write in it raises a signal there.
pub(crate) fn without_signals<R>(body: impl FnOnce() -> R) -> R {
    let raised_here = [libc::SIGPIPE, libc::SIGXFSZ];
    let were_pending = raised_here.map(is_pending);
    let before = set_mask(libc::SIG_BLOCK, &set_of(&SIGNALS_OF_WRITES));
    let result = body();
    for (signal, was_pending) in raised_here.into_iter().zip(were_pending) {
        if !was_pending && is_pending(signal) {
            take_pending(signal);
        }
    }
    set_mask(libc::SIG_SETMASK, &before);
    result
}

/// Takes a signal away that is blocked and pending here. It may be the process's, and gone by now: nothing waits.
#[cfg(target_os = "linux")]
fn take_pending(signal: i32) {
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let set = set_of(&[signal]);
    // SAFETY: both pointers are to live values, and what was taken is not asked for.
    unsafe { libc::sigtimedwait(&raw const set, std::ptr::null_mut(), &raw const now) };
}

/// Takes a signal away that is blocked and pending here.
#[cfg(not(target_os = "linux"))]
fn take_pending(signal: i32) {
    let set = set_of(&[signal]);
    let mut taken = 0;
    // SAFETY: the signal is pending and blocked here, so the wait takes it and returns at once.
    unsafe { libc::sigwait(&raw const set, &raw mut taken) };
}

fn set_of(signals: &[i32]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set it is given.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: initialised by the line above.
    let mut set = unsafe { set.assume_init() };
    for signal in signals {
        // SAFETY: the set is initialised and the number is a signal.
        unsafe { libc::sigaddset(&raw mut set, *signal) };
    }
    set
}

fn all_but_faults() -> libc::sigset_t {
    let mut set = set_of(&[]);
    // SAFETY: the set is live; sigfillset overwrites it.
    unsafe { libc::sigfillset(&raw mut set) };
    for signal in FAULTS {
        // SAFETY: the set is initialised and the number is a signal.
        unsafe { libc::sigdelset(&raw mut set, signal) };
    }
    set
}

/// Changes this thread's mask and gives the one before.
fn set_mask(how: i32, set: &libc::sigset_t) -> libc::sigset_t {
    let mut before = set_of(&[]);
    // SAFETY: both sets are initialised and live.
    unsafe { libc::pthread_sigmask(how, set, &raw mut before) };
    before
}

fn is_pending(signal: i32) -> bool {
    let mut pending = set_of(&[]);
    // SAFETY: the set is live; the call overwrites it.
    unsafe { libc::sigpending(&raw mut pending) };
    // SAFETY: the set is initialised.
    unsafe { libc::sigismember(&raw const pending, signal) == 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(signal: i32) -> bool {
        let now = set_mask(libc::SIG_BLOCK, &set_of(&[]));
        // SAFETY: the set is initialised.
        unsafe { libc::sigismember(&raw const now, signal) == 1 }
    }

    #[test]
    fn library_threads_block_signals_and_the_caller_does_not() {
        let before = blocked(libc::SIGUSR1);
        let thread = crate::sys::thread::spawn("mona-test", || {
            assert!(blocked(libc::SIGUSR1));
            assert!(blocked(libc::SIGPIPE));
            assert!(!blocked(libc::SIGSEGV));
        });
        thread.unwrap().join().unwrap();
        assert_eq!(blocked(libc::SIGUSR1), before);
    }

    #[test]
    fn a_write_leaves_no_signal_behind_and_takes_none_that_was_there() {
        let before = set_mask(libc::SIG_BLOCK, &set_of(&[]));
        for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
            // SAFETY: raises a signal on this thread, which blocks it.
            without_signals(|| unsafe { libc::raise(signal) });
            assert!(!is_pending(signal));
            set_mask(libc::SIG_BLOCK, &set_of(&[signal]));
            // SAFETY: as above.
            unsafe { libc::raise(signal) };
            // SAFETY: as above.
            without_signals(|| unsafe { libc::raise(signal) });
            assert!(is_pending(signal));
            take_pending(signal);
        }
        set_mask(libc::SIG_SETMASK, &before);
        assert!(!blocked(libc::SIGTTOU));
        without_signals(|| assert!(blocked(libc::SIGTTOU)));
    }
}
