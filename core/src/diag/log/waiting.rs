//! The lines that wait for a host that takes them, in a bounded channel.
//!
//! Whoever has something to say never waits for whoever takes: where there is no room the oldest line goes.

use std::sync::Mutex;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::sys::sync::lock;

/// Enough to tell the story of an outage to a host that looks now and then.
const MOST_LINES: usize = 256;

type Line = (i32, String);

pub(super) struct Waiting {
    sender: Sender<Line>,
    receiver: Receiver<Line>,
    /// The oldest one, once it was looked at and not consumed.
    shown: Mutex<Option<Line>>,
}

impl Default for Waiting {
    fn default() -> Waiting {
        let (sender, receiver) = bounded(MOST_LINES);
        Waiting { sender, receiver, shown: Mutex::default() }
    }
}

impl Waiting {
    pub(super) fn push(&self, level: i32, line: &str) {
        let mut next = (level, line.to_owned());
        while let Err(TrySendError::Full(line)) = self.sender.try_send(next) {
            drop(self.receiver.try_recv());
            next = line;
        }
    }

    /// Shows the oldest line to `see`, which says whether it was consumed; nothing when none waits.
    pub(super) fn take_with<R>(&self, see: impl FnOnce(i32, &str) -> (bool, R)) -> Option<R> {
        let mut shown = lock(&self.shown);
        let (level, line) = shown.take().or_else(|| self.receiver.try_recv().ok())?;
        let (is_consumed, result) = see(level, &line);
        if !is_consumed {
            *shown = Some((level, line));
        }
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(waiting: &Waiting, is_consumed: bool) -> Option<String> {
        waiting.take_with(|_, line| (is_consumed, line.to_owned()))
    }

    #[test]
    fn the_last_lines_wait_in_their_order() {
        let waiting = Waiting::default();
        assert_eq!(take(&waiting, true), None);
        let line = |number: usize| number.to_string();
        (0..MOST_LINES + 10).for_each(|number| waiting.push(20, &line(number)));
        for number in 10..MOST_LINES + 10 {
            assert_eq!(take(&waiting, true), Some(line(number)));
        }
        assert_eq!(take(&waiting, true), None);
    }

    #[test]
    fn a_line_that_was_looked_at_still_waits() {
        let waiting = Waiting::default();
        waiting.push(30, "first");
        assert_eq!(take(&waiting, false).as_deref(), Some("first"));
        (0..2 * MOST_LINES).for_each(|_| waiting.push(30, "later"));
        assert_eq!(take(&waiting, false).as_deref(), Some("first"));
        assert_eq!(take(&waiting, true).as_deref(), Some("first"));
        assert_eq!(take(&waiting, true).as_deref(), Some("later"));
    }
}
