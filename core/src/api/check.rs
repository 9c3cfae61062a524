//! A look at the way to each collector, for people.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use serde_json::json;

use crate::client::Inner;
use crate::diag::error::{Error, Result, Status};
use crate::net::tls::Observed;
use crate::net::{Abort, Deadline};
use crate::sys::thread;
use crate::transport::{self, Endpoint, Step, Steps};

/// A step that ends at its deadline still has to say so.
const GRACE: Duration = Duration::from_millis(150);

/// What a step says that did not end in time.
const OVERDUE: &str = "the time was over, a reachable collector or a longer time-out is expected";

/// What a check found.
#[derive(Debug)]
pub struct CheckReport {
    /// A JSON array of `{"step", "ok", "milliseconds", "error"}` in the order they were taken, with
    /// `"endpoint"` first in each where there are several, and behind them what else the step found (`docs/doctor.md`).
    /// The steps are those of `resolve`, `connect`, `tls`, `authenticate`, `send`, `ack` that the endpoint has; the first
    /// one that fails is the last one.
    pub json: String,
    /// Whether every step succeeded; else [`Status::Io`] or [`Status::Timeout`].
    pub result: Result<()>,
}

/// The check of one endpoint on a thread of its own: a name resolver may take longer than anybody wants to
/// wait.
struct Check<'a> {
    endpoint: &'a Endpoint,
    /// What is seen of its TLS, where it has any.
    tls: Option<Arc<Observed>>,
    abort: Arc<Abort>,
    /// What was found until now.
    steps: Steps,
    /// What was found when the thread was through; disconnected by a thread that panicked or never began.
    result: Receiver<Vec<Step>>,
}

impl Check<'_> {
    /// What was found by `deadline`.
    fn finish(self, deadline: Instant) -> Vec<Step> {
        let mut steps = self.result.recv_deadline(deadline + GRACE).unwrap_or_else(|_| {
            self.abort.fire();
            self.steps.so_far(OVERDUE)
        });
        if let (Some(tls), Some(step)) = (self.tls, steps.iter_mut().find(|step| step.name == "tls")) {
            step.more.extend(tls.members());
        }
        steps
    }
}

impl Inner {
    pub(super) fn check(&self, timeout: Duration) -> CheckReport {
        let deadline = Instant::now() + timeout;
        let checks: Vec<_> =
            self.endpoints.iter().map(|endpoint| self.start_check(endpoint, deadline)).collect();
        let mut found = Vec::new();
        for check in checks {
            let endpoint = check.endpoint;
            found.extend(check.finish(deadline).into_iter().map(|step| (endpoint, step)));
        }
        self.report(&found)
    }

    /// All endpoints are looked at side by side, so that each has all of the time.
    fn start_check<'a>(&self, endpoint: &'a Endpoint, deadline: Instant) -> Check<'a> {
        let abort = Arc::new(Abort::default());
        let delivered = Arc::clone(&self.runtime().delivered);
        let (watched, tls) = endpoint.observed();
        let mut transport = transport::open(
            &watched,
            &self.settings,
            Arc::clone(&abort),
            delivered,
            &self.log,
            self.runtime().instance(),
        );
        let steps = Steps::default();
        let shared = steps.clone();
        let (through, result) = bounded(1);
        let started = thread::spawn("mona-check", move || {
            transport.check(Deadline::at(deadline), &shared);
            // There is room for it, and whoever asked may be gone.
            let _ = through.try_send(shared.so_far(OVERDUE));
        });
        if let Err(error) = started {
            steps.fail("thread", format!("the system has no thread left: {error}"));
        }
        Check { endpoint, tls, abort, steps, result }
    }

    fn report(&self, found: &[(&Endpoint, Step)]) -> CheckReport {
        let are_several = self.endpoints.len() > 1;
        let row = |(endpoint, step): &(&Endpoint, Step)| {
            let mut row = serde_json::Map::new();
            if are_several {
                row.insert("endpoint".to_owned(), json!(endpoint.to_string()));
            }
            row.insert("step".to_owned(), json!(step.name));
            row.insert("ok".to_owned(), json!(step.error.is_none()));
            row.insert("milliseconds".to_owned(), json!((step.milliseconds * 1000.0).round() / 1000.0));
            row.insert("error".to_owned(), json!(step.error));
            if let Some(finding) = step.finding {
                row.insert("finding".to_owned(), json!(finding.word()));
            }
            if let Some(address) = &step.address {
                row.insert("address".to_owned(), json!(address));
            }
            row.extend(step.more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            serde_json::Value::from(row)
        };
        let json = serde_json::Value::from_iter(found.iter().map(row)).to_string();
        let failed =
            found.iter().find_map(|(endpoint, step)| Some((endpoint, step.name, step.error.as_deref()?)));
        let result = match failed {
            Some((endpoint, name, error)) => {
                let status = if error == OVERDUE { Status::Timeout } else { Status::Io };
                Err(Error::new(status, format!("check of {endpoint}: {name}: {error}")))
            }
            None => Ok(()),
        };
        CheckReport { json, result }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::config::Options;
    use serde_json::Value;
    use std::net::TcpListener;

    fn listener() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("tcp://{}", listener.local_addr().unwrap());
        (listener, url)
    }

    fn check(endpoint: &str, timeout: Duration) -> (CheckReport, Vec<Value>) {
        let mut options = Options::new();
        options.set("endpoint", endpoint).unwrap();
        options.set("log_level", "50").unwrap();
        let report = Client::new(Some(&options)).unwrap().check(timeout);
        let steps = serde_json::from_str(&report.json).unwrap();
        (report, steps)
    }

    fn outline(step: &Value) -> (&str, bool) {
        (step["step"].as_str().unwrap(), step["ok"].as_bool().unwrap())
    }

    #[test]
    fn what_was_found_is_kept_when_the_time_is_over() {
        let (_silent, url) = listener();
        let (report, steps) = check(&url, Duration::from_millis(200));
        let outlines: Vec<_> = steps.iter().map(outline).collect();
        assert_eq!(outlines, [("resolve", true), ("connect", true), ("send", true), ("ack", false)]);
        assert!(steps.iter().all(|step| step.get("endpoint").is_none()));
        let error = report.result.unwrap_err();
        assert!(error.detail().starts_with(&format!("check of {url}: ack: ")), "{error}");
    }

    #[test]
    fn each_of_several_endpoints_is_named() {
        let (_silent, first) = listener();
        let (gone, second) = listener();
        drop(gone);
        let (report, steps) = check(&format!("{first},{second}"), Duration::from_millis(300));
        let of = |url: &str| -> Vec<_> {
            steps.iter().filter(|step| step["endpoint"] == *url).map(outline).collect()
        };
        assert_eq!(of(&first).len() + of(&second).len(), steps.len());
        assert_eq!(of(&first).last(), Some(&("ack", false)));
        assert_eq!(of(&second), [("resolve", true), ("connect", false)]);
        assert!(report.result.unwrap_err().detail().starts_with(&format!("check of {first}: ack: ")));
        assert!(steps.iter().all(|step| step["ok"].as_bool().unwrap() == step["error"].is_null()));
    }
}
