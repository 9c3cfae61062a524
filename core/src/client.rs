//! A client: options, the way events take, and their delivery.
//!
//! [`Client`] is a cheap handle; contexts hold one too, so a closed client stays in memory until the last
//! of them is gone. Everything here is safe on any thread and in a forked child, which goes on with its
//! own queue, sender and counters.

mod default;
mod emit;
mod exit;
mod life_cycle;
mod record;
mod reload;
mod runtime;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;

pub(crate) use default::{default_or_error, existing as existing_default, set as set_default};
pub(crate) use emit::{Emitted, Origin, Place, no_context};
use reload::Live;
use runtime::Runtime;

use crate::config::watch::Watch;
use crate::config::{self, HttpFormat, Options, Resolved, Settings};
use crate::diag::error::Result;
use crate::diag::log::Log;
use crate::diag::stats::count;
use crate::encode::full_id::main_segment;
use crate::encode::{ArcClass, Limits, RecordPrefix};
#[cfg(feature = "http")]
use crate::net::proxies::Proxies;
use crate::sys::fork::{self, ForkLocal};
use crate::sys::thread;
use crate::transport::Endpoint;

/// A way to one collector.
///
/// Clones are handles of the same client. A client that is not closed is closed with a time-out of one
/// second when its last handle and its last context are gone.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

/// What there is to say about a client that was made, or was not.
pub(crate) struct News {
    log: Arc<Log>,
    warnings: Vec<String>,
    infos: Vec<String>,
    failure: Option<String>,
}

impl News {
    pub(crate) fn tell(self) {
        self.warnings.into_iter().for_each(|line| self.log.warn_each(|| line));
        self.infos.into_iter().for_each(|line| self.log.info(|| line));
        if let Some(failure) = self.failure {
            self.log.error("client", || failure);
        }
    }
}

pub(crate) struct Inner {
    pub(crate) me: Weak<Inner>,
    pub(crate) settings: Arc<Settings>,
    /// At least one, in the order of the option.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) event_limits: Limits,
    pub(crate) live: Live,
    pub(crate) log: Arc<Log>,
    /// The encoded map of the globals.
    pub(crate) globals: ArcSwapOption<Vec<u8>>,
    /// Set once there were any: before that, nobody looks.
    pub(crate) had_globals: AtomicBool,
    pub(crate) is_closed: AtomicBool,
    /// Of the settings, where every event looks.
    pub(crate) event_id: bool,
    pub(crate) blocking: bool,
    /// The format on the wire has no class and globals records: messages carry both.
    pub(crate) messages_carry_class: bool,
    /// None of these three: one look for all of them.
    pub(crate) is_plain: bool,
    pub(crate) has_told_of_class: AtomicBool,
    pub(crate) runtime: ForkLocal<Runtime>,
}

impl Client {
    /// Makes a client without a word; the caller tells the news when it holds no lock.
    pub(crate) fn make(options: Option<&Options>) -> (Result<Client>, News) {
        fork::install();
        let unset = Options::new();
        let resolved = config::resolve(options.unwrap_or(&unset), |name| std::env::var_os(name));
        let live = &resolved.settings.live;
        let log = Arc::new(Log::new(live.log_level, live.print_logs));
        #[cfg_attr(not(feature = "http"), allow(unused_mut))]
        let (mut warnings, infos) = (resolved.warnings.clone(), resolved.infos.clone());
        #[cfg(feature = "http")]
        warnings.extend(Proxies::new(&resolved.settings.proxy_variables).1);
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
            runtime: ForkLocal::new(),
        });
        inner.runtime();
        Ok(Client { inner })
    }
}

impl Inner {
    /// The runtime of this process.
    #[inline]
    pub(crate) fn runtime(&self) -> &Runtime {
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
            RecordPrefix::with_class(user_id, full_id, with_event_id, class)
        } else {
            RecordPrefix::new(user_id, full_id, with_event_id)
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
