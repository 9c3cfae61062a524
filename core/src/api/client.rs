//! The client handle: what a program does with a client as a whole.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::check::CheckReport;
use super::context::Context;
use super::state::BatchReport;
use super::thread_context;
use crate::client::{self, Client};
use crate::config::Options;
use crate::diag::error::{Error, Result, Status};
use crate::diag::stats::Stats;
use crate::encode::{Limits, Scratch, Timestamp, json_object, to_json};
use crate::sys::{float_mode, swap};
use crate::transport::Endpoint;

impl Client {
    /// Makes a client from `options`, the environment, the config file and the defaults, in that order of
    /// precedence.
    ///
    /// # Errors
    /// [`Status::Argument`] names the option that cannot be used; [`Status::Io`] a file that cannot be
    /// written. A collector that cannot be reached is no error.
    pub fn new(options: Option<&Options>) -> Result<Client> {
        let (made, news) = Client::make(options);
        news.tell();
        made.inspect(|client| client.inner.start())
    }

    /// Sets the fields that are sent after each new main context, a JSON object; none or `{}` ends that.
    ///
    /// # Errors
    /// [`Status::Json`], [`Status::Utf8`], or [`Status::Limit`] for more than half of `max_event_bytes`; the
    /// old globals then stay.
    pub fn set_globals(&self, json: Option<&[u8]>) -> Result<()> {
        if self.is_disabled() {
            return Ok(());
        }
        let mut map = Vec::new();
        // Half of an event, so that the rest of the record fits beside them.
        let limits = &self.inner.event_limits;
        let limits = Limits { max_event_bytes: limits.max_event_bytes / 2, ..*limits };
        let is_set = match json {
            Some(json) => {
                json_object(&mut map, json, &limits, &mut Scratch::default()).inspect_err(|error| {
                    self.inner.log().error("globals", || format!("globals refused: {error}"))
                })?
            }
            None => false,
        };
        swap::prepare();
        self.inner.globals.store(is_set.then(|| Arc::new(map)));
        self.inner.had_globals.fetch_or(is_set, Ordering::Release);
        Ok(())
    }

    /// Switches the client off, or on again unless an option or the config file keeps it off.
    pub fn set_disabled(&self, disabled: bool) -> Result<()> {
        self.inner.live.set_disabled_by_call(disabled, &self.inner.log);
        Ok(())
    }

    /// Whether calls do nothing at the moment.
    #[inline]
    pub fn is_disabled(&self) -> bool {
        self.inner.live.is_disabled()
    }

    /// Whether a main context that is opened now is inert: the environment may have changed its mind since.
    #[inline]
    pub(crate) fn opens_inert(&self) -> bool {
        self.inner.live.follow_environment(&self.inner.log);
        self.is_disabled()
    }

    /// Exports a JSON array of events, each in a context of its own, whatever is open on this thread.
    pub fn export_batch(&self, json: &[u8]) -> BatchReport {
        thread_context::export_batch_apart(self, json)
    }

    /// Tells the log of a context that was found wrong with `error` before it came here, and gives the error back.
    #[cold]
    pub fn refuse_context(&self, error: Error) -> Error {
        self.inner.told_of_context(&error);
        error
    }

    /// Answers as a batch does that was found wrong with `error` before it came here: nothing is checked while the
    /// client is disabled.
    #[cold]
    pub fn refuse_batch(&self, error: Error) -> BatchReport {
        thread_context::refuse_batch_apart(self, error)
    }

    /// Waits until everything accepted before this call is delivered, dropped or spooled.
    ///
    /// # Errors
    /// [`Status::Timeout`] when the time is over first; [`Status::Closed`] when a close gave something up;
    /// [`Status::Busy`] inside the log callback.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.inner.refuse_inside_callback()?;
        self.inner.flush(timeout)
    }

    /// Delivers what is queued, then ends the sender; at the latest `timeout` later, and then whatever is
    /// left counts as `dropped_closed`. Exports answer [`Status::Closed`] from now on. A second call does
    /// nothing.
    ///
    /// # Errors
    /// [`Status::Timeout`] when something was given up; [`Status::Busy`] inside the log callback.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        self.inner.refuse_inside_callback()?;
        self.inner.close(timeout)
    }

    /// The counters at one moment.
    pub fn stats(&self) -> Stats {
        loop {
            if let Ok(stats) = self.stats_within(Duration::from_secs(60)) {
                return stats;
            }
        }
    }

    /// The same for a caller who cannot wait for ever for a thread that a signal handler keeps in the middle of an
    /// export.
    ///
    /// # Errors
    /// [`Status::Busy`] when the time is over.
    pub fn stats_within(&self, time: Duration) -> Result<Stats> {
        self.inner.stats_until(Instant::now() + time).ok_or_else(|| {
            let found = "another thread stands still in the middle of a call";
            Error::new(Status::Busy, format!("stats: {found}, one that goes on is expected"))
        })
    }

    /// A JSON object of every option: its value, where it came from, whether it is live. Secrets are hidden. With a
    /// `spool_dir` there is `"spool"` too, what the spool of this process is at the moment, from the source `"state"`.
    pub fn describe(&self) -> String {
        self.inner.describe()
    }

    /// Tries the way to the collector step by step, without sending an event.
    pub fn check(&self, timeout: Duration) -> CheckReport {
        self.inner.check(timeout)
    }

    /// Shows the oldest record that a `memory:` endpoint delivered to `see`, as JSON; it says whether the
    /// record was consumed.
    ///
    /// # Errors
    /// [`Status::NotFound`] when there is none, or another endpoint.
    pub fn take_with<R>(&self, see: impl FnOnce(&str) -> (bool, R)) -> Result<R> {
        let shown = self.inner.runtime().delivered.take_with(|entry| {
            let mut json = Vec::new();
            float_mode::in_default(|| to_json::record_json(&mut json, entry));
            see(&String::from_utf8_lossy(&json))
        });
        shown.ok_or_else(|| {
            let found = match self.inner.endpoints.as_slice() {
                [other] if *other != Endpoint::Memory => format!("the endpoint is {other}, memory:"),
                _ => "no delivered record waits, an export and a flush before".to_owned(),
            };
            Error::new(Status::NotFound, format!("record: {found} is expected"))
        })
    }

    /// Makes this the client of [`crate::api::thread_context`].
    ///
    /// # Errors
    /// [`Status::Exists`] when there is one; nothing changes then.
    pub fn set_default(&self) -> Result<()> {
        client::set_default(self)
    }

    /// The default client, made from the environment on first use.
    ///
    /// # Errors
    /// Those of [`Client::new`]; a failed attempt is repeated after a second at the earliest.
    pub fn default_client() -> Result<&'static Client> {
        client::default_or_error()
    }

    /// Opens a context as a handle: `arc_class` `None` or empty sends no class, `context_id` `None` or empty
    /// makes a random id.
    ///
    /// # Errors
    /// Those of an export, when the class or its record cannot be sent; no context is made then.
    pub fn context(
        &self,
        arc_class: Option<&str>,
        context_id: Option<&str>,
        timestamp: Timestamp,
    ) -> Result<Context> {
        Context::open(self, arc_class, context_id, &timestamp)
    }
}
