//! The checked value of an option: made from a text or from JSON, shown as text or as JSON.
//!
//! `Options::set`, the environment and the config file all come through here, so a value is right or
//! wrong in the same way wherever it was written. Sentences about wrong values never show a secret.

use std::borrow::Cow;

use serde_json::Value as Json;
use zeroize::Zeroizing;

use crate::config::kind::Kind;
use crate::config::schemes::{self, is_endpoint};

/// A file of the wrong kind may hold thousands of keys, and an environment hundreds of variables that are no options.
const NAMES_IN_A_LINE: usize = 10;

// A wrong value is quoted in a log line: enough to recognise it, too little to flood the log.
const SHOWN_CHARACTERS: usize = 80;

// A header with one of these names would contradict the body that the HTTP transport writes.
const FRAMING_HEADERS: [&str; 5] =
    ["connection", "content-encoding", "content-length", "host", "transfer-encoding"];

/// A value that has passed its row's check.
#[derive(Clone, PartialEq)]
pub(super) enum OptionValue {
    /// Text, a path, a word of a choice, or the JSON text of rates. It may be a secret and leaves nothing in memory.
    Text(Zeroizing<String>),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(u64),
    /// A number from 0 to 1.
    Rate(f64),
}

impl OptionValue {
    /// A text as it is.
    pub(super) fn text(text: impl Into<String>) -> OptionValue {
        OptionValue::Text(Zeroizing::new(text.into()))
    }

    /// The value that `text` stands for, or nothing where it is wrong for this kind.
    pub(super) fn parse(kind: Kind, text: &str) -> Option<OptionValue> {
        match kind {
            Kind::Text => Some(OptionValue::text(text.to_owned())),
            Kind::Host => is_host(text).then(|| OptionValue::text(text.to_owned())),
            Kind::Url => (text.is_empty() || is_http_url(text)).then(|| OptionValue::text(text.to_owned())),
            Kind::Endpoint => (text.is_empty() || text.split(',').all(|url| is_endpoint(url.trim())))
                .then(|| OptionValue::text(text.to_owned())),
            Kind::Path => (!text.contains('\0')).then(|| OptionValue::text(text.to_owned())),
            Kind::Headers => headers(text).map(|_| OptionValue::text(text.to_owned())),
            Kind::Fields => text.split(',').all(is_field_pattern).then(|| OptionValue::text(text.to_owned())),
            Kind::Bool => parse_bool(text).map(OptionValue::Bool),
            Kind::Switch if text.eq_ignore_ascii_case("auto") => Some(OptionValue::text("auto".to_owned())),
            Kind::Print if text.eq_ignore_ascii_case("stderr") => {
                Some(OptionValue::text("stderr".to_owned()))
            }
            Kind::Switch | Kind::Print => parse_bool(text).map(|on| OptionValue::text(on.to_string())),
            Kind::Integer { min, max } => parse_integer(text, min, max).map(OptionValue::Integer),
            Kind::Rate => parse_rate(text).map(OptionValue::Rate),
            Kind::Rates => serde_json::from_str::<Json>(text).ok().and_then(|json| rates(&json)),
            Kind::Choice(words) => words
                .iter()
                .find(|word| word.eq_ignore_ascii_case(text))
                .map(|word| OptionValue::text((*word).to_owned())),
        }
    }

    /// The value that this JSON of the config file stands for, or nothing where it is wrong.
    pub(super) fn from_json(kind: Kind, json: &Json) -> Option<OptionValue> {
        match (kind, json) {
            (_, Json::String(text)) => OptionValue::parse(kind, text),
            (Kind::Bool, Json::Number(number)) => {
                number.as_f64().map(|number| OptionValue::Bool(number != 0.0))
            }
            (Kind::Print, Json::Number(number)) => {
                let is_on = number.as_f64()? != 0.0;
                OptionValue::parse(kind, if is_on { "true" } else { "false" })
            }
            (Kind::Rates, Json::Object(_)) => rates(json),
            (Kind::Bool | Kind::Switch | Kind::Print, Json::Bool(_)) => {
                OptionValue::parse(kind, &json.to_string())
            }
            (Kind::Switch | Kind::Integer { .. } | Kind::Rate | Kind::Text, Json::Number(_)) => {
                OptionValue::parse(kind, &Zeroizing::new(json.to_string()))
            }
            _ => None,
        }
    }

    /// The value as JSON of its own type, as it may be shown.
    pub(super) fn to_json(&self, kind: Kind) -> Json {
        match self {
            OptionValue::Text(text) if kind == Kind::Rates => {
                serde_json::from_str::<Json>(text).unwrap_or(Json::Null)
            }
            OptionValue::Text(text) if matches!(kind, Kind::Switch | Kind::Print) => match parse_bool(text) {
                Some(on) => Json::Bool(on),
                None => Json::from(text.as_str()),
            },
            OptionValue::Text(text) => Json::from(kind.shown(text).as_ref()),
            OptionValue::Bool(on) => Json::Bool(*on),
            OptionValue::Integer(number) => Json::from(*number),
            OptionValue::Rate(rate) => Json::from(*rate),
        }
    }

    /// True for an empty text.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, OptionValue::Text(text) if text.is_empty())
    }
}

/// Text in double quotes for a log line: cut when long, control characters escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = text.chars();
    let start: String = shown.by_ref().take(SHOWN_CHARACTERS).collect();
    let rest = if shown.next().is_some() { "..." } else { "" };
    format!("{start:?}{rest}")
}

/// Names for a log line: the first of them, and how many there are more.
pub(super) fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMES_IN_A_LINE);
    let shown: Vec<String> = names.take(NAMES_IN_A_LINE).collect();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", shown.join(", "))
}

/// What a JSON value of the config file looks like in a sentence about it.
pub(super) fn found_in_json(json: &Json) -> Cow<'_, str> {
    match json {
        Json::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// The headers in a text of `Name: value` lines, or nothing when a line is wrong. Empty lines are skipped.
pub(super) fn headers(text: &str) -> Option<Vec<(&str, &str)>> {
    text.lines().filter(|line| !line.trim().is_empty()).map(header).collect()
}

fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim();
    let value = value.trim();
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    let is_value = value.chars().all(|character| character == '\t' || !character.is_control());
    let frames = FRAMING_HEADERS.iter().any(|framing| framing.eq_ignore_ascii_case(name));
    (is_name && is_value && !frames).then_some((name, value))
}

/// Whether this text of the environment presses the Big Red Button.
pub(crate) fn presses_button(text: &[u8]) -> bool {
    let off = [&b""[..], b"0", b"false", b"no", b"off"];
    !off.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// `true`, `false`, `1` or `0` in any case.
pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

fn parse_integer(text: &str, min: u64, max: u64) -> Option<u64> {
    let digits_only = text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = if digits_only { text.parse().ok()? } else { return None };
    (min..=max).contains(&number).then_some(number)
}

fn parse_rate(text: &str) -> Option<f64> {
    // Rust would also take "inf", "nan" and "infinity"; the range check refuses all three.
    text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).map(|rate: f64| rate.abs())
}

fn rates(json: &Json) -> Option<OptionValue> {
    let rates = json.as_object()?;
    let good = rates.values().all(|rate| rate.as_f64().is_some_and(|rate| (0.0..=1.0).contains(&rate)));
    good.then(|| OptionValue::text(json.to_string()))
}

fn is_host(text: &str) -> bool {
    let plain = |character: char| !character.is_whitespace() && !character.is_control();
    let looks_like_port = text.matches(':').count() == 1;
    !text.is_empty()
        && !looks_like_port
        && text
            .chars()
            .all(|character| plain(character) && !matches!(character, '/' | '@' | ',' | '?' | '#' | '"'))
}

fn is_http_url(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| schemes::is_before(scheme, text))
}

fn is_field_pattern(pattern: &str) -> bool {
    let pattern = pattern.trim();
    !pattern.strip_suffix('*').unwrap_or(pattern).contains('*')
}
