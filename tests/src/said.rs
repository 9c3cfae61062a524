//! What the library said about one collector, while other tests of the process talk to theirs.
//!
//! The log belongs to the process and keeps its last lines only. Whoever asks here empties it into a list
//! that all tests share, and gets the lines that name a place, usually an address with its port.

#![allow(clippy::panic, reason = "a test has to fail loudly")]

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::native::log;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Longest wait for a line. Long enough for a loaded machine, as the lines come with the first attempt.
const LIMIT: Duration = Duration::from_secs(120);

/// Every line so far that names `place`, oldest first.
pub fn about(place: &str) -> Vec<String> {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    lines.extend(log::take_all().into_iter().map(|(_, line)| line));
    lines.iter().filter(|line| line.contains(place)).cloned().collect()
}

/// Every line so far of every client of this process, oldest first.
pub fn everything() -> Vec<String> {
    about("")
}

/// Waits for a line that names `place` and has each of `words` in it.
///
/// # Panics
/// When none comes.
pub fn wait_for(place: &str, words: &[&str]) -> String {
    let end = Instant::now() + LIMIT;
    loop {
        let lines = about(place);
        let found = lines.iter().find(|line| words.iter().all(|word| line.contains(word)));
        if let Some(line) = found {
            return line.clone();
        }
        if Instant::now() > end {
            panic!("nothing with {words:?} was said about {place}, only {lines:#?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
