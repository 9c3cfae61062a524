//! Environment variables that look like options and are none: named once, with the option they may stand for.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::service_links::is_named_after_a_service;
use crate::config::table::TABLE;
use crate::config::value::{listed, quoted};

/// What others have behind `MONA_`: the Python SDK, tests and tools of this library, what the Python packages read.
const NOT_OURS: [&str; 6] = [
    "MONA_SDK_",
    "MONA_TEST_",
    "MONA_DOCTOR_",
    "MONA_LIBRARY",
    "MONA_PYTHON",
    "MONA_SHOULD_RAISE_EXCEPTIONS",
];

/// Names less alike than this have nothing to do with each other: one letter in five or more differs.
const LEAST_LIKENESS: f64 = 0.75;

/// Longer names than this are none that somebody misspelt, and would take long to compare.
const MOST_COMPARED: usize = 64;

/// Of more than these a list of all options says as much.
const MOST_MEANT: usize = 4;

static SAID: AtomicBool = AtomicBool::new(false);

/// As [`find`], once in a process.
pub(crate) fn find_once(names: impl FnOnce() -> Vec<String>) -> Option<String> {
    if SAID.swap(true, Ordering::Relaxed) { None } else { find(names()) }
}

/// The warning about those of these variables that are no options.
fn find(all: Vec<String>) -> Option<String> {
    let known: Vec<&str> = TABLE.iter().flat_map(|row| [Some(row.env), row.also]).flatten().collect();
    let is_of_others = |name: &str| {
        NOT_OURS.iter().any(|start| name.starts_with(start)) || is_named_after_a_service(name, &all)
    };
    let is_odd = |name: &&String| !known.contains(&name.as_str()) && !is_of_others(name);
    let mut names: Vec<&String> = all.iter().filter(is_odd).collect();
    names.sort_unstable();
    (!names.is_empty()).then(|| {
        format!(
            "environment: {}: no option has such a name, those listed in OPTIONS.md are expected",
            listed(names.iter().map(|name| about(name, &known)))
        )
    })
}

fn about(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("{name} (did you mean {nearest}?)"),
        None => name.to_owned(),
    }
}

/// The option that an unknown name may stand for, as ` (did you mean "queue_size"?)`; empty where none is near.
pub(super) fn nearest_option(name: &str) -> String {
    // Whoever has the variable's name in mind.
    let lower = name.to_ascii_lowercase();
    let bare = lower.strip_prefix("mona_").unwrap_or(&lower).replace('-', "_");
    let near = match nearest(&bare, TABLE.iter().map(|row| row.name)) {
        Some(nearest) => vec![nearest],
        None => begun_with(&bare),
    };
    let near: Vec<String> = near.into_iter().map(quoted).collect();
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(" or ")) }
}

/// The options whose first words a name has, where they are few.
fn begun_with(name: &str) -> Vec<&'static str> {
    let begins = |option: &&str| option.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'));
    let found: Vec<&'static str> = TABLE.iter().map(|row| row.name).filter(begins).collect();
    if found.len() > MOST_MEANT { Vec::new() } else { found }
}

/// The name that is most alike, if one is alike at all.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > MOST_COMPARED {
        return None;
    }
    let likeness = |other: &str| strsim::normalized_damerau_levenshtein(name, other);
    let nearest = known.map(|other| (likeness(other), other)).max_by(|one, other| one.0.total_cmp(&other.0));
    nearest.filter(|(likeness, _)| *likeness >= LEAST_LIKENESS).map(|(_, nearest)| nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Option<String> {
        find(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_misspelt_variable_is_named_with_the_nearest_option() {
        for (name, nearest) in [
            ("MONA_ENDPONT", "MONA_ENDPOINT"),
            ("MONA_END_POINT", "MONA_ENDPOINT"),
            ("MONA_LOGLEVEL", "MONA_LOG_LEVEL"),
            ("MONA_CONFIGFILE", "MONA_CONFIG_FILE"),
            ("MONA_SHAREDKEY", "MONA_SHARED_KEY"),
            ("MONA_DISABLEALL", "MONA_DISABLE_ALL"),
            ("MONA_USERID", "MONA_USER_ID"),
        ] {
            let text = found(&["MONA_ENDPOINT", name]).unwrap();
            assert!(text.contains(&format!(": {name} (did you mean {nearest}?): ")), "{text}");
        }
        assert!(found(&["MONA_LISA"]).unwrap().starts_with("environment: MONA_LISA: no option"));
    }

    #[test]
    fn an_unknown_option_is_named_with_the_nearest_one() {
        for (name, expected) in [
            ("qeue_size", " (did you mean \"queue_size\"?)"),
            ("MONA_QUEUE_SIZE", " (did you mean \"queue_size\"?)"),
            ("endpoint-", " (did you mean \"endpoint\"?)"),
            ("queue", " (did you mean \"queue_size\" or \"queue_bytes\" or \"queue_circular\"?)"),
            ("MONA_TLS_SERVER", " (did you mean \"tls_server_name\"?)"),
            ("lisa", ""),
            ("m", ""),
            (&"queue_size".repeat(500), ""),
        ] {
            assert_eq!(nearest_option(name), expected);
        }
    }

    #[test]
    fn options_and_the_variables_of_others_are_not_named() {
        let all: Vec<&str> = TABLE.iter().flat_map(|row| [Some(row.env), row.also]).flatten().collect();
        assert_eq!(found(&all), None);
        assert_eq!(
            found(&["MONA_SDK_AUTH_MODE", "MONA_PORT_24224_TCP", "MONA_SERVICE_HOST", "MONA_TEST_PANIC"]),
            None
        );
        assert_eq!(found(&["MONA_LIBRARY", "MONA_PYTHON", "MONA_SHOULD_RAISE_EXCEPTIONS"]), None);
        let of_service = ["HOST", "PORT", "PORT_FORWARD"].map(|end| format!("MONA_COLLECTOR_SERVICE_{end}"));
        let of_port = ["", "_24224_TCP", "_24224_TCP_ADDR"].map(|end| format!("MONA_COLLECTOR_PORT{end}"));
        assert_eq!(find([of_service, of_port].concat()), None);
        assert!(found(&["MONA_PORT", "MONA_COLLECTOR_PORT"]).unwrap().contains("MONA_COLLECTOR_PORT"));
        let many: Vec<String> = (0..50).map(|number| format!("MONA_{number}")).collect();
        let text = find(many).unwrap();
        assert!(text.contains(" and 40 more: ") && text.len() < 800, "{text}");
    }
}
