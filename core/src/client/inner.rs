//! What a client is made of.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use arc_swap::ArcSwapOption;
use crossbeam_utils::CachePadded;

use super::class_name::ClassName;
use super::context_ref::Origin;
use super::reload::Live;
use super::runtime::Runtime;
use crate::config::watch::Watch;
use crate::config::{ConfigFile, HttpFormat, NonFinite, Resolved, Settings};
use crate::diag::error::Result;
use crate::diag::log::Log;
use crate::diag::stats::count;
use crate::encode::full_id::main_segment;
use crate::encode::{ArcClass, Limits, RecordPrefix, Shape};
use crate::sys::call;
use crate::sys::clock::Precision;
use crate::sys::fork::ForkLocal;
use crate::sys::{leak_checker, thread, turn};
use crate::transport::Endpoint;

/// A client, behind its handles.
pub(crate) struct Inner {
    pub(crate) me: Weak<Inner>,
    pub(crate) settings: Arc<Settings>,
    /// At least one, in the order of the option.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) event_limits: Limits,
    /// Padded, as it is with the whole: opening and closing contexts counts handles, just before all this.
    pub(crate) live: CachePadded<Live>,
    pub(crate) log: Arc<Log>,
    /// The encoded map of the globals.
    pub(crate) globals: ArcSwapOption<Vec<u8>>,
    /// Set once there were any: before that, nobody looks.
    pub(crate) had_globals: AtomicBool,
    pub(crate) is_closed: AtomicBool,
    /// It is the default client, whose end waits for a handshake.
    pub(crate) is_default: AtomicBool,
    /// Of the settings, where every event looks.
    pub(crate) event_id: bool,
    pub(crate) blocking: bool,
    /// Of the time of records.
    pub(crate) precision: Precision,
    pub(crate) shape: Shape,
    /// The format on the wire has no class and globals records: messages carry both.
    pub(crate) messages_carry_class: bool,
    /// Nothing of these: one look for all of them.
    pub(crate) is_plain: bool,
    /// The same, but for the nanoseconds.
    pub(crate) is_precise: bool,
    pub(crate) has_told_of_class: AtomicBool,
    pub(crate) runtime: ForkLocal<Runtime>,
}

impl Inner {
    /// Makes one from options that are resolved.
    pub(super) fn make(resolved: Resolved, log: Arc<Log>) -> Result<Arc<Inner>> {
        if let Some(refusal) = &resolved.refusal {
            return Err(refusal.clone());
        }
        let settings = Arc::clone(&resolved.settings);
        let endpoints = Endpoint::list_from_settings(&settings)?;
        endpoints.iter().try_for_each(Endpoint::probe)?;
        if endpoints.iter().any(Endpoint::is_standard_output) {
            turn::keep_for_records();
        }
        let is_depth_chosen = resolved.is_chosen("max_depth");
        let live = Live::new(resolved)?;
        let messages_carry_class =
            settings.http_format == HttpFormat::Mona && endpoints.iter().all(Endpoint::is_http);
        let precision = Endpoint::effective_time_precision(&endpoints, &settings);
        let is_precise = precision != Precision::Seconds;
        let is_plain = !(settings.event_id || settings.blocking || messages_carry_class);
        let limits = Limits {
            max_event_bytes: settings.max_event_bytes,
            max_depth: Endpoint::effective_max_depth(&endpoints, &settings, is_depth_chosen),
            keeps_nonfinite: settings.nonfinite == NonFinite::Ieee,
        };
        let inner = Arc::new_cyclic(|me| Inner {
            me: Weak::clone(me),
            endpoints,
            event_limits: limits,
            live: live.into(),
            log,
            globals: ArcSwapOption::empty(),
            had_globals: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
            is_default: AtomicBool::new(false),
            event_id: settings.event_id,
            blocking: settings.blocking,
            messages_carry_class,
            precision,
            shape: Shape { has_event_id: settings.event_id, has_arc_id: settings.arc_id, is_precise },
            is_plain: is_plain && !is_precise,
            is_precise: is_plain && is_precise,
            settings,
            has_told_of_class: AtomicBool::new(false),
            runtime: ForkLocal::new(),
        });
        Ok(inner)
    }

    /// What there is to say about options that contradict each other.
    pub(super) fn contradictions(&self) -> Vec<String> {
        let current = self.live.current();
        Endpoint::contradictions(&self.endpoints, &self.settings, |name| current.resolved.is_chosen(name))
    }

    /// Starts what a client does by itself. What goes wrong is logged, so the caller holds no lock.
    pub(crate) fn start(&self) {
        self.runtime();
    }

    /// The runtime of this process.
    #[inline]
    pub(crate) fn runtime(&self) -> &Runtime {
        self.runtime.existing().unwrap_or_else(|| self.start_runtime())
    }

    #[cold]
    fn start_runtime(&self) -> &Runtime {
        let _inside = call::hold();
        let runtime = self.runtime.get(|| Runtime::new(&self.settings, &self.endpoints));
        if self.is_closed.load(Ordering::Relaxed) {
            runtime.intake.close();
        }
        self.watch(runtime);
        // What is on disk waits for a sender, also where nothing is exported. One that is switched off does nothing by itself.
        let is_idle = self.is_closed.load(Ordering::Relaxed) || self.live.is_disabled();
        if runtime.depot.is_some() && !is_idle {
            runtime.ensure_sender(&self.settings, &self.endpoints, &self.log);
        }
        runtime
    }

    /// Sees to it that the config file of an open client is followed.
    fn watch(&self, runtime: &Runtime) {
        if !self.is_closed.load(Ordering::Relaxed) && runtime.may_watch() {
            leak_checker::ignoring(|| self.start_watch(runtime));
        }
    }

    /// Starts the thread that follows the config file.
    fn start_watch(&self, runtime: &Runtime) {
        let first = self.live.current();
        let config = first.resolved.config.clone();
        let (Some(path), Some(seen)) = (self.settings.config_file.clone(), config) else { return };
        let me = Weak::clone(&self.me);
        let inbox = Arc::clone(&runtime.watch_inbox);
        let started = thread::spawn("mona-config", move || {
            thread::contained(
                &mut Watch::new(path, seen),
                |watch| watch.run(&inbox, |change| apply(&me, change)),
                |_| {
                    let Some(inner) = me.upgrade() else { return };
                    count(&inner.runtime().counters.worker_panics);
                    inner.log.error("panic", || {
                        "a bug in libmona was contained on the thread of the config file".to_owned()
                    });
                },
            );
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
    pub(super) fn start_missing_threads(&self, runtime: &Runtime, deadline: Instant) {
        let _inside = call::hold();
        self.watch(runtime);
        // With a sender that never ran, there is nothing for the spool to do.
        if runtime.intake.has_started() {
            runtime.ensure_keeper(&self.log);
        }
        if !runtime.intake.has_started() && runtime.intake.may_hold_events(deadline) {
            runtime.ensure_sender(&self.settings, &self.endpoints, &self.log);
        }
    }

    /// Encodes what every record of a context begins with.
    pub(crate) fn origin(&self, full_id: &str, is_kept: bool, class: Option<&ArcClass<'_>>) -> Origin {
        let (user_id, shape) = (&self.settings.user_id, self.shape);
        let prefix = if self.messages_carry_class {
            RecordPrefix::with_class(user_id, full_id, shape, class)
        } else {
            RecordPrefix::new(user_id, full_id, shape)
        };
        Origin {
            prefix,
            class: ClassName::new(class),
            is_kept,
            is_plain: is_kept && self.is_plain,
            is_precise: is_kept && self.is_precise,
        }
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

/// Puts a changed config file into force.
fn apply(client: &Weak<Inner>, change: std::result::Result<ConfigFile, String>) {
    let Some(inner) = client.upgrade() else { return };
    match change {
        Ok(file) => {
            inner.live.apply(&file, &inner.log);
            count(&inner.runtime().counters.config_reloads);
        }
        Err(sentence) => inner.log.warn("config file", || format!("{sentence}; what was in force stays")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_handles_is_on_another_line() {
        assert!(align_of::<Inner>() >= align_of::<CachePadded<u8>>());
    }
}
