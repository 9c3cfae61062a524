//! Where the value of each option comes from: `set()` before the environment before the config file
//! before the default.
//!
//! `resolve` is called once for a client. What it gives is immutable; `Resolved::reload` makes the next one
//! from a changed config file, with what was set by hand or in the environment as it was at the start.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use crate::config::contradictions;
use crate::config::describe;
use crate::config::file::{ConfigFile, Snapshot};
use crate::config::fixed::{Fixed, config_path, fixed_value, in_full};
use crate::config::in_force::{InForce, Source};
use crate::config::kind::Kind;
use crate::config::misspelt::nearest_option;
use crate::config::options::Options;
#[cfg(feature = "http")]
use crate::config::otel_variables::OtelVariables;
#[cfg(feature = "http")]
use crate::config::proxy_variables::ProxyVariables;
use crate::config::row::Row;
use crate::config::settings::{Button, Settings, Values};
use crate::config::strict::{Said, refusal};
use crate::config::table::{self, TABLE};
use crate::config::value::{self, OptionValue, presses_button, quoted};
use crate::diag::error::Error;
use crate::sys::environment::DISABLE_ALL;

// An event or chunk larger than the whole queue, or a first backoff above the largest one, cannot be.
const NOT_ABOVE: [(&str, &str); 3] = [
    ("chunk_bytes", "queue_bytes"),
    ("max_event_bytes", "queue_bytes"),
    ("retry_initial_ms", "retry_max_ms"),
];

/// All options of a client, and what there is to say about them.
#[derive(Clone)]
pub(crate) struct Resolved {
    /// The values in force.
    pub settings: Arc<Settings>,
    /// Why no client can be made of these.
    pub refusal: Option<Error>,
    /// Log lines of level warning: values that were wrong and do not count, or that contradict each other.
    pub warnings: Vec<String>,
    /// Log lines of level info: the config file's full path.
    pub infos: Vec<String>,
    /// The config file as it was when the client was made, for the watch to start from.
    pub config: Option<Snapshot>,
    in_force: Vec<InForce>,
    fixed: Vec<Fixed>,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Finds the value of every option; `env` gives an environment variable's text.
///
/// What is wrong becomes a warning and the next source counts, but for strict options: those are the refusal.
pub(crate) fn resolve(set: &Options, env: impl Fn(&str) -> Option<OsString>) -> Resolved {
    let mut said = Said::default();
    let fixed: Vec<Fixed> = TABLE.iter().map(|row| fixed_value(row, set, &env, &mut said)).collect();
    let mut infos = Vec::new();
    let config = config_path(&fixed).map(|path| {
        infos.push(format!("config file: {path:?}"));
        Snapshot::take(&path)
    });
    let empty = ConfigFile::default();
    let file = match config.as_ref().map(|snapshot| &snapshot.content) {
        Some(Ok(file)) => file,
        Some(Err(sentence)) => {
            said.warnings.push(sentence.clone());
            &empty
        }
        None => &empty,
    };
    let button = Button {
        by_option: set.get("disable_all") == Some(&OptionValue::Bool(true)),
        by_environment: env(DISABLE_ALL).is_some_and(|text| presses_button(&text.into_encoded_bytes())),
        by_file: disabled_by_file(file).unwrap_or(false),
    };
    let mut in_force = layered(&fixed, file, false, None, &mut said);
    let refusal = refusal(&in_force, &mut said);
    contradictions::find(&in_force, &mut said.warnings);
    reconcile(&mut in_force, &mut said.warnings);
    #[cfg_attr(not(feature = "http"), allow(unused_mut))]
    let mut settings = settings(&in_force, button);
    #[cfg(feature = "http")]
    {
        settings.proxy_variables = ProxyVariables::read(&env);
        let mut wrong = Vec::new();
        settings.otel_variables = OtelVariables::read(&env, &mut wrong);
        // To other endpoints they say nothing.
        let names_otlp = |list: &str| list.to_ascii_lowercase().contains("otlp+");
        if settings.endpoint.as_deref().is_some_and(names_otlp) {
            said.warnings.append(&mut wrong);
        }
    }
    Resolved {
        settings: Arc::new(settings),
        refusal,
        warnings: said.warnings,
        infos,
        config,
        in_force,
        fixed,
    }
}

impl Resolved {
    /// The options after the config file has become `file`, and the warnings about it.
    ///
    /// Live options change; what else differs is named in one warning and stays. A wrong value leaves what was in
    /// force, the Big Red Button too.
    pub(crate) fn reload(&self, file: &ConfigFile) -> (Resolved, Vec<String>) {
        let mut said = Said::default();
        let disable_file = disabled_by_file(file).unwrap_or(self.settings.live.disable_file);
        let mut next = layered(&self.fixed, file, disable_file, Some(&self.in_force), &mut said);
        let mut warnings = said.warnings;
        // Said at the start already, and only about options that are not live.
        reconcile(&mut next, &mut Vec::new());
        let waiting: Vec<&str> = next
            .iter()
            .zip(&self.in_force)
            .filter(|(new, old)| !new.row.live && new.value != old.value)
            .map(|(new, _)| new.row.name)
            .collect();
        if !waiting.is_empty() {
            warnings.push(format!(
                "config file {:?}: new values of {}, which are not live, each takes effect at the next start",
                file.path(),
                names(&waiting)
            ));
        }
        let in_force: Vec<InForce> = next
            .into_iter()
            .zip(&self.in_force)
            .map(|(new, old)| if new.row.live { new } else { old.clone() })
            .collect();
        #[cfg_attr(not(feature = "http"), allow(unused_mut))]
        let mut settings = settings(&in_force, Button { by_file: disable_file, ..self.button() });
        #[cfg(feature = "http")]
        {
            self.settings.proxy_variables.clone_into(&mut settings.proxy_variables);
            self.settings.otel_variables.clone_into(&mut settings.otel_variables);
        }
        let resolved = Resolved {
            settings: Arc::new(settings),
            refusal: None,
            warnings: self.warnings.clone(),
            infos: self.infos.clone(),
            config: self.config.clone(),
            in_force,
            fixed: self.fixed.clone(),
        };
        (resolved, warnings)
    }

    fn button(&self) -> Button {
        let live = &self.settings.live;
        Button {
            by_option: live.disable_option,
            by_environment: live.disable_environment,
            by_file: live.disable_file,
        }
    }

    /// Whether somebody gave this option a value of its own.
    pub(crate) fn is_chosen(&self, name: &str) -> bool {
        let of_name = self.in_force.iter().find(|option| option.row.name == name);
        of_name.is_some_and(InForce::is_chosen)
    }

    /// Whether the program itself gave this option.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.in_force.iter().any(|option| option.row.name == name && option.source == Source::Set)
    }

    /// A JSON object of every option in the order of the table:
    /// `{"<name>": {"value": ..., "source": "set" | "environment" | "config file" | "default", "live": ...}}`.
    /// Secrets are `"(hidden)"` when set and `""` when not. `by_environment`: the environment presses the Big Red
    /// Button now.
    pub(crate) fn describe(&self, by_environment: bool) -> String {
        let mut in_force = self.in_force.clone();
        if let Some(button) = in_force.iter_mut().find(|option| option.row.name == "disable_all") {
            let is_pressed = button.value == OptionValue::Bool(true);
            let now = match (is_pressed, by_environment) {
                (false, true) => Some((true, Source::Environment)),
                (true, false) if button.source == Source::Environment => match self.button().by_file {
                    true => Some((true, Source::ConfigFile)),
                    false => Some((false, Source::Default)),
                },
                _ => None,
            };
            if let Some((is_on, source)) = now {
                (button.value, button.source) = (OptionValue::Bool(is_on), source);
            }
        }
        describe::json(&in_force)
    }
}

fn settings(in_force: &[InForce], button: Button) -> Settings {
    let values = Values(in_force);
    values.settings(values.live(button))
}

/// What the file says about the Big Red Button; nothing when what it says is wrong.
fn disabled_by_file(file: &ConfigFile) -> Option<bool> {
    match file.get("disable_all").map(|json| OptionValue::from_json(Kind::Bool, json)) {
        Some(Some(value)) => Some(value == OptionValue::Bool(true)),
        Some(None) => None,
        None => Some(false),
    }
}

/// Every option with the value of its first good source; says what is wrong in the file. What was in force `before`
/// stays where the file has become wrong.
fn layered(
    fixed: &[Fixed],
    file: &ConfigFile,
    disable_file: bool,
    before: Option<&[InForce]>,
    said: &mut Said,
) -> Vec<InForce> {
    check_names(file, &mut said.warnings);
    TABLE
        .iter()
        .zip(fixed)
        .enumerate()
        .map(|(number, (row, fixed))| {
            let of_file = match (from_file(row, file), before.and_then(|before| before.get(number))) {
                (Ok(value), _) => value,
                (Err(sentence), Some(before)) => {
                    said.warnings.push(format!("{sentence}; what was in force stays"));
                    if row.name != "disable_all" {
                        return before.clone();
                    }
                    None
                }
                (Err(sentence), None) if fixed.is_some() => {
                    said.warnings.push(sentence);
                    None
                }
                (Err(sentence), None) => {
                    said.wrong(row, sentence);
                    None
                }
            };
            let of_file = match of_file {
                None if row.name == "disable_all" && disable_file => Some(OptionValue::Bool(true)),
                other => other,
            };
            let (value, source) = match (fixed, of_file) {
                (Some((OptionValue::Bool(false), _)), Some(OptionValue::Bool(true)))
                    if row.name == "disable_all" =>
                {
                    (OptionValue::Bool(true), Source::ConfigFile)
                }
                (Some((value, source)), _) => (value.clone(), *source),
                (None, Some(value)) => (in_full(row, value), Source::ConfigFile),
                (None, None) => (row.default_value(), Source::Default),
            };
            InForce { row, value, source }
        })
        .collect()
}

/// What the file says about an option, if anything, or a sentence about a wrong value.
fn from_file(row: &Row, file: &ConfigFile) -> Result<Option<OptionValue>, String> {
    let Some(json) = file.get(row.name).filter(|_| row.name != "config_file") else { return Ok(None) };
    OptionValue::from_json(row.kind, json).map(Some).ok_or_else(|| {
        let place = format!("option {} in config file {:?}", quoted(row.name), file.path());
        row.wrong(&place, &value::found_in_json(json))
    })
}

fn check_names(file: &ConfigFile, warnings: &mut Vec<String>) {
    let unknown: Vec<&str> = file.names().filter(|name| table::find(name).is_none()).collect();
    if !unknown.is_empty() {
        warnings.push(format!(
            "config file {:?}: unknown options {}, names listed in OPTIONS.md are expected",
            file.path(),
            value::listed(unknown.iter().map(|name| quoted(name) + &nearest_option(name)))
        ));
    }
    if file.get("config_file").is_some() {
        warnings.push(format!(
            "config file {:?}: option \"config_file\", which counts only from set() or the environment, is \
             ignored",
            file.path()
        ));
    }
}

fn names(all: &[&str]) -> String {
    value::listed(all.iter().map(|name| quoted(name)))
}

/// Lowers what cannot be larger than another option; said aloud only about a value that somebody chose.
fn reconcile(in_force: &mut [InForce], warnings: &mut Vec<String>) {
    for (name, limit_name) in NOT_ABOVE {
        let Some(OptionValue::Integer(limit)) =
            in_force.iter().find(|option| option.row.name == limit_name).map(|option| option.value.clone())
        else {
            continue;
        };
        let Some(option) = in_force.iter_mut().find(|option| option.row.name == name) else { continue };
        if let OptionValue::Integer(number) = option.value
            && number > limit
        {
            option.value = OptionValue::Integer(limit);
            if option.source != Source::Default {
                warnings.push(format!(
                    "option \"{name}\": {number}, at most the {limit} of \"{limit_name}\" is expected and used"
                ));
            }
        }
    }
}
