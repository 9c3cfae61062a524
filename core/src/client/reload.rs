//! The part of a client that follows its config file, and the four ways to switch it off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::config::{ConfigFile, Resolved, presses_button};
use crate::diag::error::Error;
use crate::diag::log::Log;
use crate::encode::filter::{FieldRules, Sampling};
use crate::sys::{environment, swap};

const BY_OPTION: u32 = 1;
const BY_FILE: u32 = 2;
const BY_CALL: u32 = 4;
const BY_ENVIRONMENT: u32 = 8;

/// Who presses the Big Red Button, in words.
const WHO: [(u32, &str); 4] = [
    (BY_OPTION, "the option disable_all"),
    (BY_ENVIRONMENT, "the environment variable MONA_DISABLE_ALL"),
    (BY_FILE, "the config file"),
    (BY_CALL, "a call"),
];

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

/// What being switched off means.
const DISABLED: &str = "the client is disabled, nothing is recorded or sent,";
const ENABLED: &str = "the client is enabled again";

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
        let who = [
            (live.disable_option, BY_OPTION),
            (live.disable_environment, BY_ENVIRONMENT),
            (live.disable_file, BY_FILE),
        ];
        who.into_iter().filter(|(is_pressed, _)| *is_pressed).fold(0, |all, (_, one)| all | one)
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

    /// What there is to say at the start about a client that is switched off.
    pub(crate) fn disabled_line(&self) -> Option<String> {
        let who = self.disabled.load(Ordering::Relaxed);
        (who != 0).then(|| format!("{} by {}", DISABLED, names(who)))
    }

    pub(crate) fn set_disabled_by_call(&self, disabled: bool, log: &Log) {
        let change = self.press(BY_CALL, disabled);
        // A program may do so in its inner loop.
        if let Some(line) = change {
            log.warn("disabled by call", || line);
        }
    }

    /// Looks whether the environment has changed its mind.
    #[inline]
    pub(crate) fn follow_environment(&self, log: &Log) {
        let is_pressed = environment::see_disable_all(|text| text.is_some_and(presses_button));
        if is_pressed != (self.disabled.load(Ordering::Relaxed) & BY_ENVIRONMENT != 0) {
            self.press_by_environment(is_pressed, log);
        }
    }

    #[cold]
    fn press_by_environment(&self, is_pressed: bool, log: &Log) {
        if let Some(line) = self.press(BY_ENVIRONMENT, is_pressed) {
            log.warn_each(|| line);
        }
    }

    /// Presses or releases the button for one of those who may; the sentence where that switched the client off or on.
    fn press(&self, who: u32, is_pressed: bool) -> Option<String> {
        let before = match is_pressed {
            true => self.disabled.fetch_or(who, Ordering::Relaxed),
            false => self.disabled.fetch_and(!who, Ordering::Relaxed),
        };
        let after = if is_pressed { before | who } else { before & !who };
        match (before, after) {
            (0, 0) => None,
            (0, who) => Some(format!("{DISABLED} by {} from now on", names(who))),
            (who, 0) => Some(format!("{ENABLED}, no longer disabled by {}", names(who))),
            _ => None,
        }
    }

    /// The options in force as JSON.
    pub(crate) fn describe(&self) -> String {
        let by_environment = self.disabled.load(Ordering::Relaxed) & BY_ENVIRONMENT != 0;
        self.current().resolved.describe(by_environment)
    }

    #[inline]
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub(crate) fn current(&self) -> Arc<Current> {
        swap::prepare();
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
        let by_file = next.disabled() & BY_FILE != 0;
        let keeps_all = next.sampling.keeps_all();
        self.current.store(Arc::new(next));
        self.keeps_all.store(keeps_all, Ordering::Release);
        self.version.fetch_add(1, Ordering::Release);
        match self.press(BY_FILE, by_file) {
            Some(line) => log.warn_each(|| line),
            None => log.info(|| "config file: changed".to_owned()),
        }
    }
}

fn names(who: u32) -> String {
    let names: Vec<&str> = WHO.iter().filter(|(bit, _)| who & bit != 0).map(|(_, name)| *name).collect();
    names.join(" and ")
}
