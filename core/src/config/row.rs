//! What one option is: its name, kind, default, environment variable and documentation.
//!
//! `table.rs` lists the rows; `value.rs` checks texts against a row's kind. The constructors are `const`
//! so that the whole table is one static without any start-up work.

use crate::config::value::Value;

/// What values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text, also an empty one.
    Text,
    /// A host name or an IP address.
    Host,
    /// One URL of the schemes `http` and `https`; empty: not set.
    Url,
    /// One or several collector URLs separated by commas; empty: not set.
    Endpoint,
    /// A path of the file system; empty: not set.
    Path,
    /// Lines of the form `Name: value`; empty: none.
    Headers,
    /// Comma-separated field names, each with at most one `*`, at its end; empty: none.
    Fields,
    /// `true` or `false`.
    Bool,
    /// `true`, `false`, or `auto`: decided from the other options.
    Switch,
    /// A whole number within these bounds, both included.
    Integer {
        /// The smallest number taken.
        min: u64,
        /// The largest number taken.
        max: u64,
    },
    /// A number from 0 to 1.
    Rate,
    /// A JSON object whose values are numbers from 0 to 1.
    Rates,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// What a good value is, to be followed by "is expected".
    pub fn expected(self) -> String {
        match self {
            Kind::Text => "text in UTF-8".to_owned(),
            Kind::Host => "a host name or an IP address without scheme, port or path".to_owned(),
            Kind::Url => "a URL that begins with https:// or http://".to_owned(),
            Kind::Endpoint => "a list of URLs of tcp://, tls://, unix:///, http://, https://, file:///, \
                               stdout:, memory: or null:, separated by commas,"
                .to_owned(),
            Kind::Path => "a path without NUL characters".to_owned(),
            Kind::Headers => "a text of \"Name: value\" lines, none of which frames the request,".to_owned(),
            Kind::Fields => {
                "a list of field names separated by commas, with \"*\" only at the end of a name,".to_owned()
            }
            Kind::Bool => "true, false, 1 or 0".to_owned(),
            Kind::Switch => "auto, true or false".to_owned(),
            Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Rate => "a number from 0 to 1".to_owned(),
            Kind::Rates => "a JSON object of numbers from 0 to 1".to_owned(),
            Kind::Choice(words) => match words.split_last() {
                Some((last, [])) => (*last).to_owned(),
                Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
                None => String::new(),
            },
        }
    }
}

/// One option: everything the setters, the environment, the config file, `describe` and the reference
/// page know about it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name used by `set()` and in the config file.
    pub name: &'static str,
    /// The environment variable read when a client is made.
    pub env: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The value when no source gives one, as text of its kind.
    pub default: &'static str,
    /// The unit of a number: `ms`, `bytes`, `events`; empty where there is none.
    // Only the reference page prints it, as with `doc`.
    #[cfg(test)]
    pub unit: &'static str,
    /// Never shown in a log line, an error or `describe`.
    pub secret: bool,
    /// A change in the config file takes effect without a restart.
    pub live: bool,
    /// One paragraph of documentation.
    // Only the reference page prints it, and only tests write that page: 12 kB that nobody else reads.
    #[cfg(test)]
    pub doc: &'static str,
}

impl Row {
    /// The default as a checked value.
    pub fn default_value(&self) -> Value {
        Value::parse(self.kind, self.default).unwrap_or_else(|| Value::Text(self.default.to_owned()))
    }

    /// The same row, never to be shown.
    pub(super) const fn secret(mut self) -> Row {
        self.secret = true;
        self
    }

    /// The same row, changeable while the client runs.
    pub(super) const fn live(mut self) -> Row {
        self.live = true;
        self
    }

    /// The same row with its numbers counted in `unit`.
    #[cfg(test)]
    pub(super) const fn unit(mut self, unit: &'static str) -> Row {
        self.unit = unit;
        self
    }

    #[cfg(not(test))]
    pub(super) const fn unit(self, _: &'static str) -> Row {
        self
    }
}

/// A row that is neither secret nor live and has no unit.
pub(super) const fn row(
    name: &'static str,
    env: &'static str,
    kind: Kind,
    default: &'static str,
    #[cfg_attr(not(test), allow(unused_variables))] doc: &'static str,
) -> Row {
    Row {
        name,
        env,
        kind,
        default,
        #[cfg(test)]
        unit: "",
        secret: false,
        live: false,
        #[cfg(test)]
        doc,
    }
}

/// A row for a whole number from `min` to `max`.
pub(super) const fn integer(
    name: &'static str,
    env: &'static str,
    min: u64,
    max: u64,
    default: &'static str,
    doc: &'static str,
) -> Row {
    row(name, env, Kind::Integer { min, max }, default, doc)
}
