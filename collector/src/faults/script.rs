//! What a collector does wrong, connection by connection.
//!
//! A [`Script`] is written by a test (or `--fault`), [`Faults`] hands each new connection its
//! [`Step`] and counts chunks, messages and requests for the every-nth steps across all connections.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::reply::Reply;
use super::step::Step;
use crate::server::conduct::RequestKind;

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

impl From<Reply> for Script {
    fn from(reply: Reply) -> Script {
        Step::Status(reply).into()
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
    counts: Arc<Counts>,
}

impl Faults {
    /// Starts a script.
    pub fn new(script: Script) -> Faults {
        Faults { script: Mutex::new((script, 0)), counts: Arc::default() }
    }

    /// Starts another script: its first step is for the next connection.
    pub fn set(&self, script: Script) {
        *self.script.lock().unwrap_or_else(PoisonError::into_inner) = (script, 0);
        self.counts.chunks.store(0, Ordering::Relaxed);
        self.counts.requests.store(0, Ordering::Relaxed);
    }

    /// The step of the next connection.
    pub(super) fn next_step(&self) -> Step {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        let step = script.0.step(script.1);
        script.1 += 1;
        step
    }

    /// What all its connections count together.
    pub(super) fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }
}

/// What the connections of a script count together.
#[derive(Debug, Default)]
pub(super) struct Counts {
    chunks: AtomicU64,
    requests: AtomicU64,
}

impl Counts {
    /// Whether this request is answered so; counts it if the reply is for its kind.
    pub(super) fn answers(&self, reply: Reply, kind: RequestKind) -> bool {
        reply.counts(kind) && reply.is_for(self.requests.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Counts a chunk with an id, or a message; true for every nth, never when n is 0.
    pub(super) fn is_nth(&self, n: u64) -> bool {
        let count = self.chunks.fetch_add(1, Ordering::Relaxed) + 1;
        n != 0 && count.is_multiple_of(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::reply::To;
    use std::time::Duration;

    #[test]
    fn the_last_step_repeats() {
        let faults = Faults::new("reset, delay-ack=1.5s,wrong-ack-every=3".parse().unwrap());
        let steps: Vec<Step> = (0..4).map(|_| faults.next_step()).collect();
        let last = Step::WrongAckEvery(3);
        assert_eq!(steps, [Step::Reset, Step::DelayAck(Duration::from_millis(1500)), last, last]);
        faults.set(Script::normal());
        assert_eq!(faults.next_step(), Step::Normal);
        assert_eq!(Faults::new(Script::default()).next_step(), Step::Normal);
    }

    #[test]
    fn every_nth_counts_across_connections() {
        let counts = Counts::default();
        let hits: Vec<bool> = (0..6).map(|_| counts.is_nth(3)).collect();
        assert_eq!(hits, [false, false, true, false, false, true]);
        assert!(!counts.is_nth(0));
    }

    #[test]
    fn a_reply_counts_the_requests_it_is_for() {
        let faults = Faults::default();
        let reply = Reply::new(401).first(2).to(To::Login);
        let counts = faults.counts();
        let kinds = [
            RequestKind::Events,
            RequestKind::Login,
            RequestKind::Refresh,
            RequestKind::Login,
            RequestKind::Login,
        ];
        assert_eq!(kinds.map(|kind| counts.answers(reply, kind)), [false, true, false, true, false]);
        faults.set(Script::normal());
        assert!(counts.answers(Reply::new(503).first(1), RequestKind::Events));
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
