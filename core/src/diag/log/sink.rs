//! Where the log lines of all clients end: the host's callback, the waiting lines, what is printed.

use super::callback::{self, Callback};
use super::print::{Print, print};
use super::waiting::Waiting;
use crate::diag::error::{Error, Result, Status};
use crate::sys::call::{hold, inside_callback};
use crate::sys::fork::ForkLocal;

static WAITING: ForkLocal<Waiting> = ForkLocal::new();

fn waiting() -> &'static Waiting {
    WAITING.get(Waiting::default)
}

/// Sets or clears the callback that every log line of every client goes to.
///
/// Returns when no call of the callback before is running any more, after a second at the latest. A forked child starts
/// without one, and once the program ends by `exit` none is called. The callback runs on whichever thread had something
/// to say; exports, flush and close inside it answer [`Status::Busy`].
pub fn set_callback(callback: Option<Callback>) -> Result<()> {
    if inside_callback() {
        return Err(Error::new(Status::Busy, "log callback: set from inside the callback, set it elsewhere"));
    }
    callback::replace(callback);
    Ok(())
}

/// Shows the oldest waiting line to `see`, which says whether it was consumed.
///
/// Answers [`Status::NotFound`] when no line waits.
pub fn take_with<R>(see: impl FnOnce(i32, &str) -> (bool, R)) -> Result<R> {
    waiting()
        .take_with(see)
        .ok_or_else(|| Error::new(Status::NotFound, "log: no line is waiting, ask again later"))
}

pub(super) fn emit(level: i32, line: &str, to: Print) {
    let _inside = hold();
    waiting().push(level, line);
    print(level, line, to);
    callback::tell(level, line);
}
