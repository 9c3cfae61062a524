//! What a collector does wrong, connection by connection.
//!
//! A [`Script`] is written by a test (or `--fault`), [`Faults`] hands each new connection its
//! [`Step`] and counts the chunks for the every-nth steps across all connections.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How one connection behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Takes and acknowledges everything. `normal`
    Normal,
    /// Accepts and never reads, until the collector stops. `accept-no-read`
    AcceptNoRead,
    /// Reads this many bytes, then resets (RST). Chunks that were complete by then are taken and
    /// acknowledged. `read-then-reset=BYTES`
    ReadThenReset(usize),
    /// Acknowledges each chunk this long after taking it, several at a time. `delay-ack=200ms`
    DelayAck(Duration),
    /// Takes every chunk and acknowledges another id of the same length. `wrong-ack`
    WrongAck,
    /// The same for every nth chunk with an id, right for the others. `wrong-ack-every=N`
    WrongAckEvery(u64),
    /// Takes every chunk and never answers. `drop-ack`
    DropAck,
    /// Takes every chunk and does not answer every nth with an id. `drop-ack-every=N`
    DropAckEvery(u64),
    /// Resets right after accepting. `reset`
    Reset,
    /// Takes and acknowledges, and closes when nothing arrived for this long. `close-when-idle=200ms`
    CloseWhenIdle(Duration),
    /// Takes every chunk and answers 1024 bytes that are no msgpack. `garbage`
    Garbage,
    /// Answers the first bytes with `HTTP/1.1 400 Bad Request` and closes; takes nothing. `http`
    HttpAnswer,
    /// Takes a chunk, sends the first half of its acknowledgement and closes. `half-ack`
    HalfAck,
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Step, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Ok(match (name, value) {
            ("normal", None) => Step::Normal,
            ("accept-no-read", None) => Step::AcceptNoRead,
            ("read-then-reset", Some(bytes)) => Step::ReadThenReset(number(text, bytes, "bytes")?),
            ("delay-ack", Some(time)) => Step::DelayAck(duration(text, time)?),
            ("wrong-ack", None) => Step::WrongAck,
            ("wrong-ack-every", Some(count)) => Step::WrongAckEvery(number(text, count, "chunks")?),
            ("drop-ack", None) => Step::DropAck,
            ("drop-ack-every", Some(count)) => Step::DropAckEvery(number(text, count, "chunks")?),
            ("reset", None) => Step::Reset,
            ("close-when-idle", Some(time)) => Step::CloseWhenIdle(duration(text, time)?),
            ("garbage", None) => Step::Garbage,
            ("http", None) => Step::HttpAnswer,
            ("half-ack", None) => Step::HalfAck,
            _ => {
                return Err(format!(
                    "{text}: found no known fault, expected one of normal, accept-no-read, read-then-reset=BYTES, \
                     delay-ack=TIME, wrong-ack, wrong-ack-every=N, drop-ack, drop-ack-every=N, reset, \
                     close-when-idle=TIME, garbage, http, half-ack"
                ));
            }
        })
    }
}

fn number<T: FromStr>(text: &str, value: &str, what: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{text}: found \"{value}\", expected a number of {what}"))
}

fn duration(text: &str, value: &str) -> Result<Duration, String> {
    let (number, unit) = match value.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (value.strip_suffix('s').unwrap_or(value), 1.0),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * unit);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("{text}: found \"{value}\", expected a time such as 200ms or 2s"))
}

/// One step per connection in the order they are accepted; the last one holds for all later ones.
/// An empty script is [`Step::Normal`] throughout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script(Vec<Step>);

impl Script {
    /// A script of these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Script {
        Script(steps.into_iter().collect())
    }

    /// No faults.
    pub fn normal() -> Script {
        Script::default()
    }

    fn step(&self, connection: usize) -> Step {
        self.0.get(connection).or_else(|| self.0.last()).copied().unwrap_or(Step::Normal)
    }
}

impl From<Step> for Script {
    fn from(step: Step) -> Script {
        Script(vec![step])
    }
}

impl<const N: usize> From<[Step; N]> for Script {
    fn from(steps: [Step; N]) -> Script {
        Script(steps.into())
    }
}

impl From<Vec<Step>> for Script {
    fn from(steps: Vec<Step>) -> Script {
        Script(steps)
    }
}

impl FromStr for Script {
    type Err = String;

    /// Steps separated by commas: `reset,delay-ack=200ms,normal`.
    fn from_str(text: &str) -> Result<Script, String> {
        text.split(',').map(|step| step.trim().parse()).collect::<Result<_, _>>().map(Script)
    }
}

/// A script in use.
#[derive(Debug, Default)]
pub struct Faults {
    script: Mutex<(Script, usize)>,
    chunks: AtomicU64,
}

impl Faults {
    /// Starts a script.
    pub fn new(script: Script) -> Faults {
        Faults { script: Mutex::new((script, 0)), chunks: AtomicU64::new(0) }
    }

    /// Starts another script: its first step is for the next connection.
    pub fn set(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = (script, 0);
        self.chunks.store(0, Ordering::Relaxed);
    }

    pub(crate) fn next_connection(&self) -> Step {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let step = script.0.step(script.1);
        script.1 += 1;
        step
    }

    /// Counts a chunk with an id; true for every nth, never when n is 0.
    pub(crate) fn is_nth(&self, n: u64) -> bool {
        let count = self.chunks.fetch_add(1, Ordering::Relaxed) + 1;
        n != 0 && count.is_multiple_of(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_repeats() {
        let faults = Faults::new("reset, delay-ack=1.5s,wrong-ack-every=3".parse().unwrap());
        let steps: Vec<Step> = (0..4).map(|_| faults.next_connection()).collect();
        let last = Step::WrongAckEvery(3);
        assert_eq!(steps, [Step::Reset, Step::DelayAck(Duration::from_millis(1500)), last, last]);
        faults.set(Script::normal());
        assert_eq!(faults.next_connection(), Step::Normal);
        assert_eq!(Faults::new(Script::default()).next_connection(), Step::Normal);
    }

    #[test]
    fn every_nth_counts_across_connections() {
        let faults = Faults::default();
        let hits: Vec<bool> = (0..6).map(|_| faults.is_nth(3)).collect();
        assert_eq!(hits, [false, false, true, false, false, true]);
        assert!(!faults.is_nth(0));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(
            "normal,delay-ack=x".parse::<Script>().unwrap_err(),
            "delay-ack=x: found \"x\", expected a time such as 200ms or 2s"
        );
        for bad in ["", "reset=1", "delay-ack", "read-then-reset=-1", "delay-ack=-1s", "delay-ack=NaNs"] {
            assert!(bad.parse::<Script>().unwrap_err().contains(": found "), "{bad}");
        }
    }
}
