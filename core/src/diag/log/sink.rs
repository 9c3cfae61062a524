//! Where the log lines of all clients end: the host's callback, the waiting lines, standard output.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use super::level;
use super::waiting::Waiting;
use crate::diag::error::{Error, Result, Status};
use crate::sys::call::{in_callback, inside_callback};
use crate::sys::fork::ForkLocal;
use crate::sys::stdout;
use crate::sys::sync::lock;
use crate::sys::thread::without_broken_pipe_signal;

/// What the host wants called with the level and the text of each line.
pub type Callback = Arc<dyn Fn(i32, &str) + Send + Sync>;

#[derive(Default)]
struct Sink {
    callback: Mutex<Option<Callback>>,
    waiting: Waiting,
}

static SINK: ForkLocal<Sink> = ForkLocal::new();

fn sink() -> &'static Sink {
    SINK.get(Sink::default)
}

/// Sets or clears the callback that every log line of every client goes to.
///
/// A forked child starts without one. The callback runs on whichever thread had something to say;
/// exports, flush and close inside it answer [`Status::Busy`].
pub fn set_callback(callback: Option<Callback>) -> Result<()> {
    if inside_callback() {
        return Err(Error::new(Status::Busy, "log callback: set from inside the callback, set it elsewhere"));
    }
    let before = std::mem::replace(&mut *lock(&sink().callback), callback);
    drop(before);
    Ok(())
}

/// Shows the oldest waiting line to `see`, which says whether it was consumed.
///
/// Answers [`Status::NotFound`] when no line waits.
pub fn take_with<R>(see: impl FnOnce(i32, &str) -> (bool, R)) -> Result<R> {
    sink()
        .waiting
        .take_with(see)
        .ok_or_else(|| Error::new(Status::NotFound, "log: no line is waiting, ask again later"))
}

pub(super) fn emit(level: i32, line: &str, print: bool) {
    let sink = sink();
    sink.waiting.push(level, line);
    if print {
        print_line(level, line);
    }
    let callback = lock(&sink.callback).clone();
    if let Some(callback) = callback {
        call(&callback, level, line);
    }
}

fn call(callback: &Callback, level: i32, line: &str) {
    // A panic in the host's code must not take down the thread that had something to say.
    let _ = in_callback(|| catch_unwind(AssertUnwindSafe(|| callback(level, line))));
}

fn print_line(level: i32, line: &str) {
    let name = level::name(level);
    let text = format!("mona {name}: {line}\n");
    // A line that nobody reads is lost rather than waited for: this may be the host's inner loop.
    without_broken_pipe_signal(|| {
        let mut rest = text.as_bytes();
        while !rest.is_empty() && stdout::is_ready() {
            let Ok(count) = stdout::write(rest) else { return };
            rest = rest.get(count..).unwrap_or_default();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panicking_callback_is_contained() {
        let sink_callback: Callback = Arc::new(|_, _| panic!("host bug"));
        call(&sink_callback, level::ERROR, "x");
        assert!(!inside_callback());
    }
}
