//! What `set()` and the environment say about each option.
//!
//! Both are read once, when a client is made, and hold for its life; `set()` counts before the environment, and an empty
//! variable counts as unset. Paths become absolute, because the program may change its directory later.

use std::ffi::OsString;
use std::path::{self, Path};

use zeroize::Zeroizing;

use crate::config::in_force::Source;
use crate::config::kind::Kind;
use crate::config::options::Options;
use crate::config::row::Row;
use crate::config::service_links;
use crate::config::strict::Said;
use crate::config::table::TABLE;
use crate::config::value::{OptionValue, presses_button};

/// A value from `set()` or the environment: it stays for the life of the client.
pub(super) type Fixed = Option<(OptionValue, Source)>;

/// What `set()` or the environment says about an option. Both are checked, the first good one counts.
pub(super) fn fixed_value(
    row: &'static Row,
    set: &Options,
    env: &impl Fn(&str) -> Option<OsString>,
    said: &mut Said,
) -> Fixed {
    let set = set.get(row.name).map(|value| (in_full(row, value.clone()), Source::Set));
    let env = variable(row, env, &mut said.warnings).and_then(|(name, text)| {
        if service_links::is_set_for_a_service(name, &text, env) {
            said.warnings.push(service_links::sentence(name, &text));
            return None;
        }
        match from_environment(row, name, &text) {
            Ok(value) => Some((in_full(row, value), Source::Environment)),
            Err(sentence) if set.is_some() => {
                said.warnings.push(sentence);
                None
            }
            Err(sentence) => {
                said.wrong(row, sentence);
                None
            }
        }
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

/// The variable of a row that counts, by its name and its text. An empty one counts as unset.
fn variable(
    row: &Row,
    env: &impl Fn(&str) -> Option<OsString>,
    warnings: &mut Vec<String>,
) -> Option<(&'static str, Zeroizing<Vec<u8>>)> {
    let read = |name: &'static str| {
        let text = Zeroizing::new(env(name)?.into_encoded_bytes());
        (!text.is_empty()).then_some((name, text))
    };
    let (first, second) = (read(row.env), row.also.and_then(read));
    if let (Some((name, text)), Some((other, other_text))) = (&first, &second)
        && text != other_text
    {
        warnings.push(format!(
            "environment variables {name} and {other}: both are set and differ, {name} counts; one of them is expected"
        ));
    }
    first.or(second)
}

fn from_environment(row: &Row, name: &str, text: &[u8]) -> Result<OptionValue, String> {
    if row.name == "disable_all" {
        return Ok(OptionValue::Bool(presses_button(text)));
    }
    let value = std::str::from_utf8(text).ok().and_then(|text| OptionValue::parse(row.kind, text));
    value.ok_or_else(|| {
        let shown = Zeroizing::new(String::from_utf8_lossy(text).into_owned());
        row.wrong(&format!("environment variable {name}"), &shown)
    })
}

/// A path made absolute, because the program may change its directory later.
pub(super) fn in_full(row: &Row, value: OptionValue) -> OptionValue {
    match value {
        OptionValue::Text(text) if row.kind == Kind::Path && !text.is_empty() => {
            let absolute = path::absolute(Path::new(text.as_str())).ok();
            match absolute.as_deref().and_then(Path::to_str) {
                Some(absolute) => OptionValue::text(absolute),
                None => OptionValue::Text(text),
            }
        }
        other => other,
    }
}

/// The config file that `set()` or the environment names, if any.
pub(super) fn config_path(fixed: &[Fixed]) -> Option<path::PathBuf> {
    match value_in(fixed, "config_file") {
        Some(OptionValue::Text(path)) if !path.is_empty() => Some(path.as_str().into()),
        _ => None,
    }
}

fn value_in<'a>(fixed: &'a [Fixed], name: &str) -> Option<&'a OptionValue> {
    let (_, given) = TABLE.iter().zip(fixed).find(|(row, _)| row.name == name)?;
    given.as_ref().map(|(value, _)| value)
}
