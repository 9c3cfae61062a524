//! The host's function for log lines: who calls it now, and when it is called no more.
//!
//! It may go away with what it belongs to, a plugin or an interpreter. So taking it away waits until no call of it runs,
//! and once the program ends none begins.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::sys::at_exit::at_exit;
use crate::sys::call::{in_callback, inside_callback};
use crate::sys::fork::ForkLocal;
use crate::sys::sync::lock;

/// What the host wants called with the level and the text of each line.
pub type Callback = Arc<dyn Fn(i32, &str) + Send + Sync>;

/// Longest wait for calls that run: whoever waits may hold what such a call waits for.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Between looks whether a call has ended.
const NAP: Duration = Duration::from_millis(1);

/// Registrations for the end of the program: the system keeps each of them, and a host may set functions for ever.
const MOST_REGISTRATIONS: usize = 64;

/// A function that was set, with the number of its calls that run.
struct Listening {
    callback: Callback,
    running: AtomicUsize,
    /// What its first call made, static variables of its own, is destroyed after our handler.
    was_called: AtomicBool,
}

#[derive(Default)]
struct Listeners {
    now: Mutex<Option<Arc<Listening>>>,
    /// Calls that run, of functions taken away too.
    running: AtomicUsize,
}

static LISTENERS: ForkLocal<Listeners> = ForkLocal::new();
static IS_ENDING: AtomicBool = AtomicBool::new(false);
static REGISTRATIONS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static CALL: Cell<Option<Call>> = const { Cell::new(None) };
}

/// A call that runs, until this is dropped.
struct Call {
    listeners: &'static Listeners,
    of: Arc<Listening>,
}

impl Call {
    /// Counted before anybody can take the function away.
    fn begin() -> Option<Call> {
        let listeners = LISTENERS.existing()?;
        let now = lock(&listeners.now);
        let of = Arc::clone(now.as_ref()?);
        of.running.fetch_add(1, Ordering::SeqCst);
        listeners.running.fetch_add(1, Ordering::SeqCst);
        Some(Call { listeners, of })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.of.running.fetch_sub(1, Ordering::SeqCst);
        self.listeners.running.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Makes `callback` the function for all lines that come, and waits for calls of the one before.
pub(super) fn replace(callback: Option<Callback>) {
    let listeners = LISTENERS.get(Listeners::default);
    let is_set = callback.is_some();
    let next = callback.map(|callback| {
        Arc::new(Listening { callback, running: AtomicUsize::new(0), was_called: AtomicBool::new(false) })
    });
    let before = std::mem::replace(&mut *lock(&listeners.now), next);
    if is_set {
        register();
    }
    if let Some(before) = before {
        wait_for(&before.running, 0);
    }
}

/// Tells the host's function, if there is one, unless this thread is inside it already or the program ends.
pub(super) fn tell(level: i32, line: &str) {
    if IS_ENDING.load(Ordering::SeqCst) || LISTENERS.existing().is_none() {
        return;
    }
    if inside_callback() {
        return;
    }
    if let Some(call) = Call::begin() {
        // The end may have begun meanwhile: it waits for calls that are counted, and none other begins.
        if !IS_ENDING.load(Ordering::SeqCst) {
            run(call, level, line);
        }
    }
}

fn run(call: Call, level: i32, line: &str) {
    let of = Arc::clone(&call.of);
    let _ = CALL.try_with(|now| now.set(Some(call)));
    // A panic in the host's code must not take down the thread that had something to say.
    let _ = in_callback(|| catch_unwind(AssertUnwindSafe(|| (of.callback)(level, line))));
    if !of.was_called.swap(true, Ordering::Relaxed) {
        register();
    }
    abandon_call();
}

/// The call of the host's function that runs on this thread will not return: nobody is to wait for it.
#[doc(hidden)]
pub fn abandon_call() {
    let _ = CALL.try_with(|now| drop(now.take()));
}

/// Handlers run in the order opposite to that of their registration.
fn register() {
    if REGISTRATIONS.fetch_add(1, Ordering::Relaxed) < MOST_REGISTRATIONS {
        at_exit(end);
    }
}

/// From now on nobody is told, and who was is done.
extern "C" fn end() {
    IS_ENDING.store(true, Ordering::SeqCst);
    if let Some(listeners) = LISTENERS.existing() {
        // The program may end from inside the function, or from a signal handler there.
        wait_for(&listeners.running, usize::from(inside_callback()));
    }
}

fn wait_for(running: &AtomicUsize, most: usize) {
    let end = Instant::now() + LONGEST_WAIT;
    while running.load(Ordering::SeqCst) > most && Instant::now() < end {
        std::thread::sleep(NAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::log::ERROR;

    #[test]
    fn a_panicking_callback_is_contained_and_its_call_ends() {
        let listeners: &'static Listeners = Box::leak(Box::default());
        let of = Arc::new(Listening {
            callback: Arc::new(|_, _| panic!("host bug")),
            running: AtomicUsize::new(1),
            was_called: AtomicBool::new(true),
        });
        listeners.running.store(1, Ordering::SeqCst);
        run(Call { listeners, of: Arc::clone(&of) }, ERROR, "x");
        assert!(!inside_callback());
        let running = [&of.running, &listeners.running].map(|running| running.load(Ordering::SeqCst));
        assert_eq!(running, [0, 0]);
    }
}
