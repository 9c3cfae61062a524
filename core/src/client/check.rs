//! A look at the way to the collector, for people.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Inner;
use crate::error::{Error, Result, Status};
use crate::thread;
use crate::transport::{self, Abort, Step};

/// A step that ends at its deadline still has to say so.
const GRACE: Duration = Duration::from_millis(150);

/// What a check found.
#[derive(Debug)]
pub struct CheckReport {
    /// A JSON array of `{"step", "ok", "milliseconds", "error"}` in the order they were taken.
    pub json: String,
    /// Whether every step succeeded; else [`Status::Io`] or [`Status::Timeout`].
    pub result: Result<()>,
}

impl Inner {
    /// Tries each step on a thread of its own: a name resolver may take longer than anybody wants to wait.
    pub(super) fn check(&self, timeout: Duration) -> CheckReport {
        let deadline = Instant::now() + timeout;
        let abort = Arc::new(Abort::default());
        let delivered = Arc::clone(&self.runtime().delivered);
        let mut transport = transport::open(&self.endpoint, &self.settings, Arc::clone(&abort), delivered);
        let (report, reported) = mpsc::channel();
        let started = thread::spawn("mona-check", move || {
            // Nobody listens any more when the time was over.
            let _ = report.send(transport.check(deadline));
        });
        let steps = match started {
            Ok(_) => reported.recv_timeout(timeout + GRACE).unwrap_or_else(|_| {
                abort.fire();
                let fault =
                    "the time was over before the collector was reached, a longer time-out is expected";
                vec![Step { name: "connect", milliseconds: millis(timeout), fault: Some(fault.to_owned()) }]
            }),
            Err(error) => {
                let fault = format!("the system has no thread left: {error}");
                vec![Step { name: "thread", milliseconds: 0.0, fault: Some(fault) }]
            }
        };
        self.report(&steps)
    }

    fn report(&self, steps: &[Step]) -> CheckReport {
        let rows: Vec<_> = steps
            .iter()
            .map(|step| {
                json!({
                    "step": step.name,
                    "ok": step.fault.is_none(),
                    "milliseconds": (step.milliseconds * 1000.0).round() / 1000.0,
                    "error": step.fault,
                })
            })
            .collect();
        let failed = steps.iter().find_map(|step| Some((step.name, step.fault.as_deref()?)));
        let result = match failed {
            Some((name, fault)) => {
                Err(Error::new(Status::Io, format!("check of {}: {name}: {fault}", self.endpoint)))
            }
            None => Ok(()),
        };
        CheckReport { json: serde_json::Value::from(rows).to_string(), result }
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
