//! The log of one client: what its level lets through, and how often a kind of warning speaks.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

use super::level::{DEBUG, ERROR, INFO, WARNING};
use super::sink;
use crate::sys::fork::ForkLocal;
use crate::sys::sync::lock;

/// Long enough that a fault in a tight loop cannot flood a log, short enough to follow an outage.
const REPEAT_AFTER: Duration = Duration::from_secs(60);

/// The log of one client.
pub(crate) struct Log {
    level: AtomicI32,
    print: AtomicBool,
    spoken: ForkLocal<Mutex<Vec<Spoken>>>,
}

/// When a kind of warning last spoke, and how often it was held back since.
struct Spoken {
    kind: &'static str,
    at: Instant,
    held_back: u64,
}

impl Log {
    pub(crate) fn new(level: i32, print: bool) -> Log {
        Log { level: AtomicI32::new(level), print: AtomicBool::new(print), spoken: ForkLocal::new() }
    }

    /// Changes what is said from now on.
    pub(crate) fn configure(&self, level: i32, print: bool) {
        self.level.store(level, Ordering::Relaxed);
        self.print.store(print, Ordering::Relaxed);
    }

    pub(crate) fn debug(&self, line: impl FnOnce() -> String) {
        self.say(DEBUG, line);
    }

    pub(crate) fn info(&self, line: impl FnOnce() -> String) {
        self.say(INFO, line);
    }

    /// News of a kind that may repeat.
    pub(crate) fn info_of_kind(&self, kind: &'static str, line: impl FnOnce() -> String) {
        self.say_of_kind(INFO, kind, line);
    }

    /// A warning of a kind that may repeat.
    pub(crate) fn warn(&self, kind: &'static str, line: impl FnOnce() -> String) {
        self.say_of_kind(WARNING, kind, line);
    }

    /// A warning that is not held back: each says something else and all of them come once.
    pub(crate) fn warn_each(&self, line: impl FnOnce() -> String) {
        self.say(WARNING, line);
    }

    /// An error of a kind that may repeat.
    pub(crate) fn error(&self, kind: &'static str, line: impl FnOnce() -> String) {
        self.say_of_kind(ERROR, kind, line);
    }

    // What takes a closure is made anew for each line there is, so that it holds no more than the call.

    fn say(&self, level: i32, line: impl FnOnce() -> String) {
        if self.hears(level) {
            self.emit(level, &line());
        }
    }

    fn say_of_kind(&self, level: i32, kind: &'static str, line: impl FnOnce() -> String) {
        if let Some(held_back) = self.turn(level, kind) {
            self.emit_after(level, line(), held_back);
        }
    }

    fn hears(&self, level: i32) -> bool {
        level >= self.level.load(Ordering::Relaxed)
    }

    /// How many lines of this kind were held back, when it is its turn to speak.
    #[inline(never)]
    fn turn(&self, level: i32, kind: &'static str) -> Option<u64> {
        if self.hears(level) { self.may_speak(kind, Instant::now()) } else { None }
    }

    #[inline(never)]
    fn emit_after(&self, level: i32, line: String, held_back: u64) {
        match held_back {
            0 => self.emit(level, &line),
            count => {
                self.emit(level, &format!("{line} ({count} more of this kind since the last such line)"));
            }
        }
    }

    fn emit(&self, level: i32, line: &str) {
        sink::emit(level, line, self.print.load(Ordering::Relaxed));
    }

    fn may_speak(&self, kind: &'static str, now: Instant) -> Option<u64> {
        let mut spoken = lock(self.spoken.get(Mutex::default));
        let Some(known) = spoken.iter_mut().find(|known| known.kind == kind) else {
            spoken.push(Spoken { kind, at: now, held_back: 0 });
            return Some(0);
        };
        if now.saturating_duration_since(known.at) < REPEAT_AFTER {
            known.held_back += 1;
            return None;
        }
        known.at = now;
        Some(std::mem::take(&mut known.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_speaks_once_a_minute_with_a_count() {
        let log = Log::new(WARNING, false);
        let start = Instant::now();
        assert_eq!(log.may_speak("a", start), Some(0));
        assert_eq!(log.may_speak("a", start + Duration::from_secs(1)), None);
        assert_eq!(log.may_speak("b", start + Duration::from_secs(1)), Some(0));
        assert_eq!(log.may_speak("a", start + Duration::from_secs(59)), None);
        assert_eq!(log.may_speak("a", start + Duration::from_secs(60)), Some(2));
        assert_eq!(log.may_speak("a", start + Duration::from_secs(121)), Some(0));
    }
}
