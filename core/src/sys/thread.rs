//! The library's threads: named, deaf to the host's signals, and scheduled as the process is.
//!
//! A host's signal handlers must never run on a thread it does not know, and a broken pipe must reach
//! the sender as an error. Every signal but the synchronous faults is blocked before the thread starts.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use crate::sys::{float_mode, leak_checker, signals};

/// Room for name resolution, which is the deepest thing a library thread calls.
const STACK_BYTES: usize = 1 << 20;

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
    let spawn = || {
        Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(|| {
            float_mode::set_default();
            body();
        })
    };
    signals::with_only_faults(|| leak_checker::ignoring(spawn))
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
