//! The steps of a check of the way to a collector, as far as it has come.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::net::{Finding, TransportError};
use crate::sys::sync::lock;

/// One step of a check of the way to the collector.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) milliseconds: f64,
    /// What went wrong and what to do about it.
    pub(crate) error: Option<String>,
    /// The same in a word, where there is one for it.
    pub(crate) finding: Option<Finding>,
    /// Where it led.
    pub(crate) address: Option<String>,
    /// What else was found, by the names it has in the report.
    pub(crate) more: Vec<(&'static str, Value)>,
}

impl Step {
    fn new(name: &'static str, milliseconds: f64, error: Option<String>) -> Step {
        Step { name, milliseconds, error, finding: None, address: None, more: Vec::new() }
    }
}

#[derive(Debug, Default)]
struct Progress {
    done: Vec<Step>,
    /// The step under way and when it began.
    current: Option<(&'static str, Instant)>,
}

/// The steps of a check so far. Clones share them, so that what was found is known although a later step
/// hangs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Steps {
    taken: Arc<Mutex<Progress>>,
}

impl Steps {
    /// Times `action` as the step `name` and adds it. `None` when it failed.
    pub(crate) fn take<T>(
        &self,
        name: &'static str,
        action: impl FnOnce() -> Result<T, TransportError>,
    ) -> Option<T> {
        self.begin(name);
        match action() {
            Ok(value) => {
                self.end(None);
                Some(value)
            }
            Err(error) => {
                if error.is_late_verdict() {
                    self.go_back();
                }
                self.end(Some(error));
                None
            }
        }
    }

    /// Notes where the last step led.
    pub(crate) fn found(&self, address: String) {
        if let Some(step) = lock(&self.taken).done.last_mut() {
            step.address = Some(address);
        }
    }

    /// Notes what else the last step found, whether it succeeded or not.
    pub(crate) fn note(&self, name: &'static str, value: Value) {
        if let Some(step) = lock(&self.taken).done.last_mut() {
            step.more.push((name, value));
        }
    }

    #[inline(never)]
    fn begin(&self, name: &'static str) {
        lock(&self.taken).current = Some((name, Instant::now()));
    }

    /// Goes back to the step `tls`, where there was one: with TLS 1.3 a server says what it thinks of a client's
    /// certificate only after the client has taken the handshake for done.
    #[cold]
    fn go_back(&self) {
        let mut taken = lock(&self.taken);
        let Some(tls) = taken.done.iter().position(|step| step.name == "tls") else { return };
        let since: f64 = taken.done.drain(tls..).map(|step| step.milliseconds).sum();
        let now = Instant::now();
        let start = taken.current.map_or(now, |(_, start)| start);
        taken.current =
            Some(("tls", start.checked_sub(Duration::from_secs_f64(since / 1000.0)).unwrap_or(start)));
    }

    #[inline(never)]
    fn end(&self, error: Option<TransportError>) {
        let mut taken = lock(&self.taken);
        if let Some((name, start)) = taken.current.take() {
            let (finding, text) = error.map(|error| (error.finding, error.text)).unzip();
            let step = Step::new(name, milliseconds_since(start), text);
            taken.done.push(Step { finding: finding.flatten(), ..step });
        }
    }

    /// Adds a step that failed before it began.
    pub(crate) fn fail(&self, name: &'static str, error: String) {
        lock(&self.taken).done.push(Step::new(name, 0.0, Some(error)));
    }

    /// What was taken so far; a step that is still under way failed because of `overdue`.
    pub(crate) fn so_far(&self, overdue: &str) -> Vec<Step> {
        let taken = lock(&self.taken);
        let current = taken.current.map(|(name, start)| Step {
            finding: Some(Finding::Silent),
            ..Step::new(name, milliseconds_since(start), Some(overdue.to_owned()))
        });
        taken.done.iter().cloned().chain(current).collect()
    }
}

fn milliseconds_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Cause;

    /// The steps of a check whose third one meets this error, as far as they are told.
    fn taken(first: &'static str, error: TransportError) -> Vec<(&'static str, bool)> {
        let steps = Steps::default();
        for name in [first, "send"] {
            assert!(steps.take(name, || Ok(())).is_some());
        }
        assert!(steps.take("ack", || Err::<(), _>(error)).is_none());
        let found = steps.so_far("late");
        assert!(found.iter().all(|step| step.milliseconds >= 0.0));
        found.iter().map(|step| (step.name, step.error.is_none())).collect()
    }

    #[test]
    fn a_late_verdict_is_one_of_the_step_it_is_about() {
        let verdict = || TransportError::new("tls", "no certificate").because(Cause::Configuration);
        assert_eq!(taken("tls", verdict()), [("tls", false)]);
        assert_eq!(taken("connect", verdict()), [("connect", true), ("send", true), ("ack", false)]);
        let broken = TransportError::new("tls", "broken");
        assert_eq!(taken("tls", broken), [("tls", true), ("send", true), ("ack", false)]);
    }
}
