//! The library's threads: named, deaf to the host's signals, and scheduled as the process is.
//!
//! A host's signal handlers must never run on a thread it does not know, and a broken pipe must reach
//! the sender as an error. Every signal but the synchronous faults is blocked before the thread starts.

use std::io;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::sys::leak_checker;

/// Room for name resolution, which is the deepest thing a library thread calls.
const STACK_BYTES: usize = 1 << 20;

/// Faults that a thread raises itself; blocking them would turn a crash report into a silent kill.
const FAULTS: [i32; 7] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGABRT, libc::SIGSYS];

/// Starts a thread that handles no signals. The caller's own mask is unchanged afterwards.
pub(crate) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    start(
        name,
        Box::new(|| {
            #[cfg(target_os = "linux")]
            crate::sys::scheduling::as_the_process();
            leak_checker::ignore_this_thread();
            body();
        }),
    )
}

/// Boxed, as every type of body would make another copy of all that starts a thread.
fn start(name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    let before = set_mask(libc::SIG_SETMASK, &all_but_faults());
    let spawn = || Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(body);
    let thread = leak_checker::ignoring(spawn);
    set_mask(libc::SIG_SETMASK, &before);
    thread
}

/// Times that a thread goes on after a panic: a bug that comes again each time is not helped by more.
const MOST_PANICS: u32 = 3;

/// Runs `body` until it returns, once more after each panic, of which `tell` hears. False when it was given up.
pub(crate) fn contained<S>(
    state: &mut S,
    mut body: impl FnMut(&mut S),
    mut tell: impl FnMut(&mut S),
) -> bool {
    let mut panics = 0;
    while catch_unwind(AssertUnwindSafe(|| body(state))).is_err() {
        panics += 1;
        tell(state);
        if panics > MOST_PANICS {
            return false;
        }
    }
    true
}

/// Runs `body` so that a broken pipe inside it cannot raise a signal on this thread.
pub(crate) fn without_broken_pipe_signal<R>(body: impl FnOnce() -> R) -> R {
    let pipe = set_of(&[libc::SIGPIPE]);
    let was_pending = pending_broken_pipe();
    let before = set_mask(libc::SIG_BLOCK, &pipe);
    let result = body();
    if !was_pending && pending_broken_pipe() {
        let mut signal = 0;
        // SAFETY: a SIGPIPE is pending and blocked here, so the wait takes it and returns at once.
        unsafe { libc::sigwait(&raw const pipe, &raw mut signal) };
    }
    set_mask(libc::SIG_SETMASK, &before);
    result
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

fn pending_broken_pipe() -> bool {
    let mut pending = set_of(&[]);
    // SAFETY: the set is live; the call overwrites it.
    unsafe { libc::sigpending(&raw mut pending) };
    // SAFETY: the set is initialised.
    unsafe { libc::sigismember(&raw const pending, libc::SIGPIPE) == 1 }
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
        let thread = spawn("mona-test", || {
            assert!(blocked(libc::SIGUSR1));
            assert!(blocked(libc::SIGPIPE));
            assert!(!blocked(libc::SIGSEGV));
        });
        thread.unwrap().join().unwrap();
        assert_eq!(blocked(libc::SIGUSR1), before);
    }

    #[test]
    fn a_body_goes_on_after_three_panics_and_not_after_four() {
        for (panics, is_done) in [(0, true), (3, true), (4, false)] {
            let mut runs_and_told = (0, 0);
            let done = contained(
                &mut runs_and_told,
                |(runs, _)| {
                    *runs += 1;
                    assert!(*runs > panics, "planted");
                },
                |(_, told)| *told += 1,
            );
            assert_eq!((done, runs_and_told.1), (is_done, panics), "{panics}");
        }
    }

    #[test]
    fn a_broken_pipe_leaves_no_signal_behind() {
        without_broken_pipe_signal(|| {
            // SAFETY: raises a signal on this thread, which blocks it.
            unsafe { libc::raise(libc::SIGPIPE) };
        });
        assert!(!pending_broken_pipe());
    }
}
