//! The part of a client that follows its config file, and the three ways to switch it off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::config::{ConfigFile, Resolved};
use crate::diag::error::Error;
use crate::diag::log::Log;
use crate::encode::filter::{FieldRules, Sampling};

const BY_OPTION: u32 = 1;
const BY_FILE: u32 = 2;
const BY_CALL: u32 = 4;

/// What is in force now. Readers never wait for a writer, so a forked child can read it too.
pub(crate) struct Live {
    disabled: AtomicU32,
    /// Changes whenever the rules do; starts at 1, a workspace at 0.
    version: AtomicU64,
    /// Sampling leaves nothing out.
    keeps_all: AtomicBool,
    current: ArcSwap<Current>,
}

/// One state of the options and what was made of them.
pub(crate) struct Current {
    pub(crate) resolved: Resolved,
    pub(crate) rules: Arc<FieldRules>,
    pub(crate) sampling: Sampling,
}

impl Current {
    fn new(resolved: Resolved) -> Result<Current, Error> {
        let settings = &resolved.settings;
        let live = &settings.live;
        let salt = settings.hash_salt.reveal();
        let rules = FieldRules::new(&live.drop_fields, &live.hash_fields, salt, live.drop_null_fields)?;
        let sampling = Sampling::new(live.sample_rate, &live.sample_rates)?;
        Ok(Current { rules: Arc::new(rules), sampling, resolved })
    }

    fn disabled(&self) -> u32 {
        let live = &self.resolved.settings.live;
        let by_option = if live.disable_option_or_env { BY_OPTION } else { 0 };
        by_option | if live.disable_file { BY_FILE } else { 0 }
    }
}

impl Live {
    pub(crate) fn new(resolved: Resolved) -> Result<Live, Error> {
        let current = Current::new(resolved)?;
        Ok(Live {
            disabled: AtomicU32::new(current.disabled()),
            version: AtomicU64::new(1),
            keeps_all: AtomicBool::new(current.sampling.keeps_all()),
            current: ArcSwap::from_pointee(current),
        })
    }

    /// Whether anything says that the client is to do nothing.
    #[inline]
    pub(crate) fn is_disabled(&self) -> bool {
        self.disabled.load(Ordering::Relaxed) != 0
    }

    /// Whether no context is left out by sampling.
    pub(crate) fn keeps_all(&self) -> bool {
        self.keeps_all.load(Ordering::Acquire)
    }

    pub(crate) fn set_disabled_by_call(&self, disabled: bool) {
        if disabled {
            self.disabled.fetch_or(BY_CALL, Ordering::Relaxed);
        } else {
            self.disabled.fetch_and(!BY_CALL, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub(crate) fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// Puts a new config file into force; what cannot be used stays as it was.
    pub(crate) fn apply(&self, file: &ConfigFile, log: &Log) {
        let (resolved, warnings) = self.current.load().resolved.reload(file);
        warnings.iter().for_each(|warning| log.warn_each(|| warning.clone()));
        let next = match Current::new(resolved) {
            Ok(next) => next,
            Err(error) => return log.warn_each(|| error.to_string()),
        };
        let live = &next.resolved.settings.live;
        log.configure(live.log_level, live.print_logs);
        let (was, by_file) = (self.is_disabled(), next.disabled() & BY_FILE);
        let keeps_all = next.sampling.keeps_all();
        self.current.store(Arc::new(next));
        self.keeps_all.store(keeps_all, Ordering::Release);
        self.version.fetch_add(1, Ordering::Release);
        if by_file != 0 {
            self.disabled.fetch_or(BY_FILE, Ordering::Relaxed);
        } else {
            self.disabled.fetch_and(!BY_FILE, Ordering::Relaxed);
        }
        let is = self.is_disabled();
        log.info(|| match (was, is) {
            (false, true) => "config file: changed, the client is disabled now".to_owned(),
            (true, false) => "config file: changed, the client is enabled now".to_owned(),
            _ => "config file: changed".to_owned(),
        });
    }
}
