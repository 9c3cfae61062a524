//! Whether a handshake moves, for a thread that waits for the end: an exit or a close.
//!
//! TLS and a shared key cost round trips and the collector's time, half a second each at some. A program that ends at
//! once would lose what it has to say, so the flush at its end goes on while the other side answers. One that takes
//! connections and says nothing gets no such time.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sys::sync::{lock, try_lock};

/// How long the first answer may take: no longer than the usual flush at exit, so that a collector that says nothing
/// costs no more than that.
const FIRST_ANSWER: Duration = Duration::from_secs(1);

/// How long each further answer may take, the ack of the first chunk included: three times what slow collectors take.
const NEXT_ANSWER: Duration = Duration::from_secs(2);

/// How long one that failed buys no more time: longer than an end lasts, so that attempts that all fail do not draw it
/// out one by one.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// Until the next look at one that is just being changed.
const A_MOMENT: Duration = Duration::from_millis(1);

/// How far the handshake of one endpoint has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    moves_until: Option<Instant>,
    failed_at: Option<Instant>,
}

impl Progress {
    /// A handshake begins on a connection that was just made, or behind another one.
    pub(crate) fn begin(&self) {
        self.allow(FIRST_ANSWER);
    }

    /// The other side answered.
    pub(crate) fn step(&self) {
        self.allow(NEXT_ANSWER);
    }

    /// It failed.
    pub(crate) fn fail(&self) {
        *lock(&self.state) = State { moves_until: None, failed_at: Some(Instant::now()) };
    }

    fn allow(&self, time: Duration) {
        let mut state = lock(&self.state);
        let now = Instant::now();
        if state.failed_at.is_none_or(|at| now >= at + FAILED_FOR) {
            state.moves_until = state.moves_until.max(Some(now + time));
        }
    }

    /// Until when it counts as moving, if it does at `now`; for a moment longer where that is just being changed. Not
    /// waited for: the thread that exits may have been interrupted right here.
    pub(crate) fn moves_until(&self, now: Instant) -> Option<Instant> {
        match try_lock(&self.state) {
            Some(state) => state.moves_until.filter(|until| *until > now),
            None => Some(now + A_MOMENT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_buys_time_and_a_failure_ends_it() {
        let progress = Progress::default();
        let start = Instant::now();
        assert_eq!(progress.moves_until(start), None);
        progress.begin();
        assert!(progress.moves_until(start).is_some());
        let second = start + FIRST_ANSWER + Duration::from_millis(500);
        assert_eq!(progress.moves_until(second), None, "nobody answered");
        progress.step();
        assert!(progress.moves_until(second).is_some());
        progress.fail();
        assert_eq!(progress.moves_until(start), None);
        progress.begin();
        progress.step();
        assert_eq!(progress.moves_until(start), None, "the next one may fail as well");
    }
}
