//! The log of one client: what its level lets through, and how often a kind of warning speaks.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::level::{DEBUG, ERROR, INFO, WARNING};
use super::print::Print;
use super::sink;
use crate::diag::error::{Error, Result, Status};
use crate::sys::fork::ForkLocal;
use crate::sys::sync::lock;

/// Long enough that a fault in a tight loop cannot flood a log, short enough to follow an outage.
const REPEAT_AFTER: Duration = Duration::from_secs(60);

/// The largest level that counts, which is above all there are.
const NOTHING: i32 = 50;

/// What [`set_level`] said last.
static LEVEL_OF_PROCESS: AtomicU64 = AtomicU64::new(0);

/// A level, and how many times [`set_level`] was called before it was decided: the later decision counts.
#[derive(Clone, Copy)]
struct Level {
    decision: u32,
    level: i32,
}

impl Level {
    fn of_process() -> Level {
        Level::from_packed(LEVEL_OF_PROCESS.load(Ordering::Relaxed))
    }

    fn packed(self) -> u64 {
        u64::from(self.decision) << 32 | u64::from(self.level.cast_unsigned())
    }

    fn from_packed(packed: u64) -> Level {
        Level { decision: (packed >> 32) as u32, level: (packed as u32).cast_signed() }
    }
}

/// Sets the least level that is logged, for all clients of the process, those made later too.
///
/// It goes before the option `log_level` of each client, until its config file changes that option; a client whose
/// options were given a `log_level` by the program afterwards has that one. From 0, everything, to 50, nothing, as the
/// option; answers [`Status::Argument`] elsewhere.
pub fn set_level(level: i32) -> Result<()> {
    if !(0..=NOTHING).contains(&level) {
        let text = format!(
            "log level: {level}, a number from 0 to {NOTHING} is expected: {DEBUG} debug, {INFO} info, {WARNING} warning, {ERROR} error"
        );
        return Err(Error::new(Status::Argument, text));
    }
    let next = |packed| {
        Some(Level { decision: Level::from_packed(packed).decision.saturating_add(1), level }.packed())
    };
    // Never an error, as there is always a next one.
    let _ = LEVEL_OF_PROCESS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    Ok(())
}

/// The log of one client.
pub(crate) struct Log {
    level: AtomicU64,
    print: AtomicU8,
    spoken: ForkLocal<Mutex<Vec<Spoken>>>,
}

/// When a kind of warning last spoke, and how often it was held back since.
struct Spoken {
    kind: &'static str,
    at: Instant,
    held_back: u64,
}

impl Log {
    /// With the level of its options. `is_chosen`: the program chose that one for this client.
    pub(crate) fn new(level: i32, is_chosen: bool, print: Print) -> Log {
        let level = Level { decision: if is_chosen { Level::of_process().decision } else { 0 }, level };
        let level = AtomicU64::new(level.packed());
        Log { level, print: AtomicU8::new(print as u8), spoken: ForkLocal::new() }
    }

    /// Changes what is said from now on. A level that is the same as before changes nothing.
    pub(crate) fn configure(&self, level: i32, print: Print) {
        if Level::from_packed(self.level.load(Ordering::Relaxed)).level != level {
            let next = Level { level, ..Level::of_process() };
            self.level.store(next.packed(), Ordering::Relaxed);
        }
        self.print.store(print as u8, Ordering::Relaxed);
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
        let own = Level::from_packed(self.level.load(Ordering::Relaxed));
        let of_process = Level::of_process();
        level >= if of_process.decision > own.decision { of_process.level } else { own.level }
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
        sink::emit(level, line, Print::from_number(self.print.load(Ordering::Relaxed)));
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
        let log = Log::new(WARNING, false, Print::Off);
        let start = Instant::now();
        assert_eq!(log.may_speak("a", start), Some(0));
        assert_eq!(log.may_speak("a", start + Duration::from_secs(1)), None);
        assert_eq!(log.may_speak("b", start + Duration::from_secs(1)), Some(0));
        assert_eq!(log.may_speak("a", start + Duration::from_secs(59)), None);
        assert_eq!(log.may_speak("a", start + Duration::from_secs(60)), Some(2));
        assert_eq!(log.may_speak("a", start + Duration::from_secs(121)), Some(0));
    }
}
