//! A client: options, the way events take, and their delivery.
//!
//! [`Client`] is a cheap handle; contexts hold one too, so a closed client stays in memory until the last
//! of them is gone. Everything here is safe on any thread and in a forked child, which goes on with its
//! own queue, sender and counters.

mod check;
mod default;
mod emit;
mod exit;
mod live;
mod record;
mod runtime;
mod settle;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;

pub use check::CheckReport;
pub(crate) use default::default_or_error;
pub(crate) use emit::{Emitted, Origin, Place, no_context};
use live::Live;
use runtime::Runtime;

use crate::context::{Context, main_segment};
use crate::current::{self, BatchReport};
use crate::error::{Error, Result, Status};
use crate::event::{ArcClass, Limits, RecordHead, Scratch, Timestamp, json_object, to_json};
use crate::fork::{self, Renewed};
use crate::log::Log;
use crate::options::{self, HttpFormat, Options, Resolved, Settings};
use crate::stats::{Stats, count};
use crate::thread;
use crate::transport::Endpoint;
use crate::watch::Watch;

/// A way to one collector.
///
/// Clones are handles of the same client. A client that is not closed is closed with a time-out of one
/// second when its last handle and its last context are gone.
///
/// ```
/// # use mona::{Client, Options, Timestamp};
/// # use std::time::Duration;
/// # fn main() -> Result<(), mona::error::Error> {
/// let mut options = Options::new();
/// options.set("endpoint", "memory:")?;
/// options.set("drop_fields", "password, secret_*")?;
/// let wrong = options.set("queue_size", "many").unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     r#"option "queue_size": "many", a whole number from 1 to 10000000 is expected"#
/// );
///
/// let client = Client::new(Some(&options))?;
/// let run = client.context(None, Some("run-1"), Timestamp::Now)?;
/// run.export_json(br#"{"confidence": 0.97, "password": "1234"}"#, Timestamp::At(1_700_000_000))?;
/// client.flush(Duration::from_secs(5))?;
/// let record = client.take_with(|record| (true, record.to_owned()))?;
/// assert_eq!(
///     record,
///     concat!(
///         r#"{"user_id":"EMPTY","context":"run-1","message":{"confidence":0.97},"#,
///         r#""export_timestamp":1700000000}"#
///     )
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

/// What there is to say about a client that was made, or was not.
struct News {
    log: Arc<Log>,
    warnings: Vec<String>,
    infos: Vec<String>,
    failure: Option<String>,
}

impl News {
    fn tell(self) {
        self.warnings.into_iter().for_each(|line| self.log.warn_each(|| line));
        self.infos.into_iter().for_each(|line| self.log.info(|| line));
        if let Some(failure) = self.failure {
            self.log.error("client", || failure);
        }
    }
}

pub(crate) struct Inner {
    me: Weak<Inner>,
    settings: Arc<Settings>,
    /// At least one, in the order of the option.
    endpoints: Vec<Endpoint>,
    event_limits: Limits,
    live: Live,
    log: Arc<Log>,
    /// The encoded map of the globals.
    globals: ArcSwapOption<Vec<u8>>,
    /// Set once there were any: before that, nobody looks.
    had_globals: AtomicBool,
    is_closed: AtomicBool,
    /// Of the settings, where every event looks.
    event_id: bool,
    blocking: bool,
    /// The format on the wire has no class and globals records: messages carry both.
    messages_carry_class: bool,
    /// None of these three: one look for all of them.
    is_plain: bool,
    has_told_of_class: AtomicBool,
    runtime: Renewed<Runtime>,
}

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
        made
    }

    /// Makes a client without a word; the caller tells the news when it holds no lock.
    fn make(options: Option<&Options>) -> (Result<Client>, News) {
        fork::install();
        let unset = Options::new();
        let resolved = options::resolve(options.unwrap_or(&unset), |name| std::env::var_os(name));
        let live = &resolved.settings.live;
        let log = Arc::new(Log::new(live.log_level, live.print_logs));
        let (warnings, infos) = (resolved.warnings.clone(), resolved.infos.clone());
        let made = Client::from_resolved(resolved, Arc::clone(&log));
        let failure = made.as_ref().err().map(|error| format!("no client was made: {error}"));
        (made, News { log, warnings, infos, failure })
    }

    fn from_resolved(resolved: Resolved, log: Arc<Log>) -> Result<Client> {
        let settings = Arc::clone(&resolved.settings);
        let endpoints = Endpoint::list_from_settings(&settings)?;
        endpoints.iter().try_for_each(Endpoint::probe)?;
        let live = Live::new(resolved)?;
        let messages_carry_class =
            settings.http_format == HttpFormat::Mona && endpoints.iter().all(Endpoint::is_http);
        let limits = Limits { max_event_bytes: settings.max_event_bytes, max_depth: settings.max_depth };
        let inner = Arc::new_cyclic(|me| Inner {
            me: Weak::clone(me),
            endpoints,
            event_limits: limits,
            live,
            log,
            globals: ArcSwapOption::empty(),
            had_globals: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            event_id: settings.event_id,
            blocking: settings.blocking,
            messages_carry_class,
            is_plain: !(settings.event_id || settings.blocking || messages_carry_class),
            settings,
            has_told_of_class: AtomicBool::new(false),
            runtime: Renewed::new(),
        });
        inner.runtime();
        Ok(Client { inner })
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
                    self.inner.log.error("globals", || format!("globals refused: {error}"))
                })?
            }
            None => false,
        };
        self.inner.globals.store(is_set.then(|| Arc::new(map)));
        self.inner.had_globals.fetch_or(is_set, Ordering::Release);
        Ok(())
    }

    /// Switches the client off, or on again unless an option or the config file keeps it off.
    pub fn set_disabled(&self, disabled: bool) -> Result<()> {
        self.inner.live.set_disabled_by_call(disabled);
        Ok(())
    }

    /// Whether calls do nothing at the moment.
    #[inline]
    pub fn is_disabled(&self) -> bool {
        self.inner.live.is_disabled()
    }

    /// Counts an event as skipped because the client is disabled, where that takes a moment only: false, and nothing
    /// is counted, otherwise.
    #[inline(always)]
    pub fn skip_at_once(&self) -> bool {
        self.inner.skip_at_once()
    }

    /// Counts an event as skipped because the client is disabled.
    pub fn skip(&self) {
        self.inner.skip_disabled();
    }

    /// Exports a JSON array of events, each in a context of its own, whatever is open on this thread.
    pub fn export_batch(&self, json: &[u8]) -> BatchReport {
        current::export_batch_apart(self, json)
    }

    /// Waits until everything accepted before this call is delivered, dropped or spooled.
    ///
    /// # Errors
    /// [`Status::Timeout`] when the time is over first; [`Status::Busy`] inside the log callback.
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
        self.inner.stats()
    }

    /// A JSON object of every option: its value, where it came from, whether it is live. Secrets are hidden.
    pub fn describe(&self) -> String {
        self.inner.live.current().resolved.describe()
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
            to_json::record_json(&mut json, entry);
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

    /// Makes this the client of [`crate::current`].
    ///
    /// # Errors
    /// [`Status::Exists`] when there is one; nothing changes then.
    pub fn set_default(&self) -> Result<()> {
        default::set(self)
    }

    /// The default client, made from the environment on first use.
    ///
    /// # Errors
    /// Those of [`Client::new`]; a failed attempt is repeated after a second at the earliest.
    pub fn default_client() -> Result<&'static Client> {
        default_or_error()
    }

    /// The default client, if there is one and it is disabled.
    #[inline(always)]
    pub fn disabled_default() -> Option<&'static Client> {
        default::existing().filter(|client| client.is_disabled())
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

impl Inner {
    /// The runtime of this process.
    #[inline]
    fn runtime(&self) -> &Runtime {
        self.runtime.existing().unwrap_or_else(|| self.start_runtime())
    }

    #[cold]
    fn start_runtime(&self) -> &Runtime {
        let runtime = self.runtime.get(|| Runtime::new(&self.settings, self.endpoints.len()));
        if self.is_closed.load(Ordering::Relaxed) {
            runtime.intake.close();
        } else if runtime.may_watch() {
            self.start_watch(runtime);
        }
        runtime
    }

    /// Starts the thread that follows the config file.
    fn start_watch(&self, runtime: &Runtime) {
        let first = self.live.current();
        let config = first.resolved.config.clone();
        let (Some(path), Some(seen)) = (self.settings.config_file.clone(), config) else { return };
        let me = Weak::clone(&self.me);
        let stop = Arc::clone(&runtime.watch_stop);
        let started = thread::spawn("mona-config", move || {
            Watch::new(path, seen).run(stop, |change| {
                let Some(inner) = me.upgrade() else { return };
                match change {
                    Ok(file) => {
                        inner.live.apply(&file, &inner.log);
                        count(&inner.runtime().counters.config_reloads);
                    }
                    Err(sentence) => {
                        inner.log.warn("config file", || format!("{sentence}; what was in force stays"))
                    }
                }
            });
        });
        if let Err(error) = started {
            runtime.is_not_watched();
            self.log.error("thread", || {
                format!("the config file is not watched yet, its thread cannot be started: {error}")
            });
        }
    }

    /// Starts the threads that could not be started before. Calls that wait come here, and so does the
    /// sender of a client whose config file is not watched.
    fn start_missing_threads(&self, runtime: &Runtime) {
        if !self.is_closed.load(Ordering::Relaxed) && runtime.may_watch() {
            self.start_watch(runtime);
        }
        if runtime.intake.look().2.events > 0 {
            runtime.ensure_sender(&self.settings, &self.endpoints, &self.log);
        }
    }

    /// Encodes what every record of a context begins with.
    pub(crate) fn origin(&self, full_id: &str, is_kept: bool, class: Option<&ArcClass<'_>>) -> Origin {
        let (user_id, with_event_id) = (&self.settings.user_id, self.settings.event_id);
        let head = if self.messages_carry_class {
            RecordHead::with_class(user_id, full_id, with_event_id, class)
        } else {
            RecordHead::new(user_id, full_id, with_event_id)
        };
        Origin { head, is_kept }
    }

    /// Whether messages carry the class and the globals of their context.
    pub(crate) fn messages_carry_class(&self) -> bool {
        self.messages_carry_class
    }

    /// Whether sampling keeps the main context of this full id.
    pub(crate) fn keeps(&self, arc_class: Option<&str>, full_id: &str) -> bool {
        self.live.keeps_all() || self.live.current().sampling.keeps(arc_class, main_segment(full_id))
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }
}
