//! Where the value of each option comes from: `set()` before the environment before the config file
//! before the default.
//!
//! `resolve` is called once for a client and is the only place that reads the environment. What it gives
//! is immutable; `Resolved::reload` makes the next one from a changed config file, with what was set by
//! hand or in the environment as it was at the start.

use std::ffi::OsString;
use std::fmt;
use std::path::{self, Path};
use std::sync::Arc;

use crate::config::describe;
use crate::config::file::{ConfigFile, Snapshot};
use crate::config::in_force::{InForce, Source};
use crate::config::kind::Kind;
use crate::config::options::Options;
#[cfg(feature = "http")]
use crate::config::proxy_variables::ProxyVariables;
use crate::config::row::Row;
use crate::config::settings::{Settings, Values};
use crate::config::table::{self, TABLE};
use crate::config::value::{self, OptionValue, quoted};

// A file of the wrong kind may hold thousands of keys; a log line names the first of them.
const NAMES_IN_A_LINE: usize = 10;

// An event or chunk larger than the whole queue, or a first backoff above the largest one, cannot be.
const NOT_ABOVE: [(&str, &str); 3] = [
    ("chunk_bytes", "queue_bytes"),
    ("max_event_bytes", "queue_bytes"),
    ("retry_initial_ms", "retry_max_ms"),
];

/// A value from `set()` or the environment: it stays for the life of the client.
type Fixed = Option<(OptionValue, Source)>;

/// All options of a client, and what there is to say about them.
#[derive(Clone)]
pub(crate) struct Resolved {
    /// The values in force.
    pub settings: Arc<Settings>,
    /// Log lines of level warning: values that were wrong and do not count.
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
/// Never fails: what is wrong becomes a warning and the next source counts.
pub(crate) fn resolve(set: &Options, env: impl Fn(&str) -> Option<OsString>) -> Resolved {
    let mut warnings = Vec::new();
    let fixed: Vec<Fixed> = TABLE.iter().map(|row| fixed_value(row, set, &env, &mut warnings)).collect();
    let mut infos = Vec::new();
    let config = config_path(&fixed).map(|path| {
        infos.push(format!("config file: {path:?}"));
        Snapshot::take(&path)
    });
    let empty = ConfigFile::default();
    let file = match config.as_ref().map(|snapshot| &snapshot.content) {
        Some(Ok(file)) => file,
        Some(Err(sentence)) => {
            warnings.push(sentence.clone());
            &empty
        }
        None => &empty,
    };
    let mut in_force = layered(&fixed, file, false, &mut warnings);
    reconcile(&mut in_force, &mut warnings);
    #[cfg_attr(not(feature = "http"), allow(unused_mut))]
    let mut settings = settings(&in_force, &fixed, disabled_by_file(file).unwrap_or(false));
    #[cfg(feature = "http")]
    {
        settings.proxy_variables = ProxyVariables::read(&env);
    }
    Resolved { settings: Arc::new(settings), warnings, infos, config, in_force, fixed }
}

impl Resolved {
    /// The options after the config file has become `file`, and the warnings about it.
    ///
    /// Live options change; what else differs is named in one warning and stays. A wrong value of
    /// `disable_all` leaves the Big Red Button as it was.
    pub(crate) fn reload(&self, file: &ConfigFile) -> (Resolved, Vec<String>) {
        let mut warnings = Vec::new();
        let disable_file = disabled_by_file(file).unwrap_or(self.settings.live.disable_file);
        let mut next = layered(&self.fixed, file, disable_file, &mut warnings);
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
        let mut settings = settings(&in_force, &self.fixed, disable_file);
        #[cfg(feature = "http")]
        self.settings.proxy_variables.clone_into(&mut settings.proxy_variables);
        let resolved = Resolved {
            settings: Arc::new(settings),
            warnings: self.warnings.clone(),
            infos: self.infos.clone(),
            config: self.config.clone(),
            in_force,
            fixed: self.fixed.clone(),
        };
        (resolved, warnings)
    }

    /// Whether the program itself gave this option.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.in_force.iter().any(|option| option.row.name == name && option.source == Source::Set)
    }

    /// A JSON object of every option in the order of the table:
    /// `{"<name>": {"value": ..., "source": "set" | "environment" | "config file" | "default", "live": ...}}`.
    /// Secrets are `"(hidden)"` when set and `""` when not.
    pub(crate) fn describe(&self) -> String {
        describe::json(&self.in_force)
    }
}

fn settings(in_force: &[InForce], fixed: &[Fixed], disable_file: bool) -> Settings {
    let values = Values(in_force);
    values.settings(values.live(disabled_by(fixed), disable_file))
}

/// What `set()` or the environment says about an option. Both are checked, the first good one counts.
fn fixed_value(
    row: &'static Row,
    set: &Options,
    env: &impl Fn(&str) -> Option<OsString>,
    warnings: &mut Vec<String>,
) -> Fixed {
    let set = set.get(row.name).map(|value| (in_full(row, value.clone()), Source::Set));
    let env = env(row.env).filter(|text| !text.is_empty()).and_then(|text| {
        let value = from_environment(row, &text, warnings)?;
        Some((in_full(row, value), Source::Environment))
    });
    match (&set, &env) {
        // The Big Red Button is pressed by whoever says so.
        (Some((OptionValue::Bool(false), _)), Some((OptionValue::Bool(true), _)))
            if row.name == "disable_all" =>
        {
            env
        }
        _ => set.or(env),
    }
}

fn from_environment(row: &Row, text: &OsString, warnings: &mut Vec<String>) -> Option<OptionValue> {
    let shown = text.to_string_lossy();
    if row.name == "disable_all" {
        let off = ["0", "false", "no", "off"].iter().any(|word| word.eq_ignore_ascii_case(&shown));
        return Some(OptionValue::Bool(!off));
    }
    let value = text.to_str().and_then(|text| OptionValue::parse(row.kind, text));
    if value.is_none() {
        warnings.push(row.wrong(&format!("environment variable {}", row.env), &shown));
    }
    value
}

/// A path made absolute, because the program may change its directory later.
fn in_full(row: &Row, value: OptionValue) -> OptionValue {
    match value {
        OptionValue::Text(text) if row.kind == Kind::Path && !text.is_empty() => {
            let absolute = path::absolute(Path::new(&text)).ok();
            OptionValue::Text(absolute.and_then(|path| path.to_str().map(str::to_owned)).unwrap_or(text))
        }
        other => other,
    }
}

fn config_path(fixed: &[Fixed]) -> Option<path::PathBuf> {
    match value_in(fixed, "config_file") {
        Some(OptionValue::Text(path)) if !path.is_empty() => Some(path.into()),
        _ => None,
    }
}

fn disabled_by(fixed: &[Fixed]) -> bool {
    value_in(fixed, "disable_all") == Some(&OptionValue::Bool(true))
}

fn value_in<'a>(fixed: &'a [Fixed], name: &str) -> Option<&'a OptionValue> {
    let (_, given) = TABLE.iter().zip(fixed).find(|(row, _)| row.name == name)?;
    given.as_ref().map(|(value, _)| value)
}

/// What the file says about the Big Red Button; nothing when what it says is wrong.
fn disabled_by_file(file: &ConfigFile) -> Option<bool> {
    match file.get("disable_all").map(|json| OptionValue::from_json(Kind::Bool, json)) {
        Some(Some(value)) => Some(value == OptionValue::Bool(true)),
        Some(None) => None,
        None => Some(false),
    }
}

/// Every option with the value of its first good source; says what is wrong in the file.
fn layered(
    fixed: &[Fixed],
    file: &ConfigFile,
    disable_file: bool,
    warnings: &mut Vec<String>,
) -> Vec<InForce> {
    check_names(file, warnings);
    TABLE
        .iter()
        .zip(fixed)
        .map(|(row, fixed)| {
            let of_file = from_file(row, file, warnings);
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

fn from_file(row: &Row, file: &ConfigFile, warnings: &mut Vec<String>) -> Option<OptionValue> {
    let json = file.get(row.name).filter(|_| row.name != "config_file")?;
    let value = OptionValue::from_json(row.kind, json);
    if value.is_none() {
        let place = format!("option {} in config file {:?}", quoted(row.name), file.path());
        warnings.push(row.wrong(&place, &value::found_in_json(json)));
    }
    value
}

fn check_names(file: &ConfigFile, warnings: &mut Vec<String>) {
    let unknown: Vec<&str> = file.names().filter(|name| table::find(name).is_none()).collect();
    if !unknown.is_empty() {
        warnings.push(format!(
            "config file {:?}: unknown options {}, names listed in OPTIONS.md are expected",
            file.path(),
            names(&unknown)
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
    let shown: Vec<String> = all.iter().take(NAMES_IN_A_LINE).map(|name| quoted(name)).collect();
    match all.len().saturating_sub(NAMES_IN_A_LINE) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
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
