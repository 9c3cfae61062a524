//! What one option is: its name, kind, default, environment variable and documentation.
//!
//! `table.rs` lists the rows; `value.rs` checks texts against a row's kind. The constructors are `const`
//! so that the whole table is one static without any start-up work.

use crate::config::kind::Kind;
use crate::config::meant::meant;
use crate::config::secret::HIDDEN;
use crate::config::value::{OptionValue, quoted};

/// One option: everything the setters, the environment, the config file, `describe` and the reference
/// page know about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The name used by `set()` and in the config file.
    pub name: &'static str,
    /// The environment variable read when a client is made.
    pub env: &'static str,
    /// Another name of that variable, which counts where the first one is not set.
    pub also: Option<&'static str>,
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
    /// It says where records go, whom to trust or who we are: a wrong value is an error when a client is made, and
    /// never gives way to another source.
    pub strict: bool,
    /// One paragraph of documentation.
    // Only the reference page prints it, and only tests write that page: 12 kB that nobody else reads.
    #[cfg(test)]
    pub doc: &'static str,
}

impl Row {
    /// The default as a checked value.
    pub(super) fn default_value(&self) -> OptionValue {
        OptionValue::parse(self.kind, self.default).unwrap_or_else(|| OptionValue::text(self.default))
    }

    /// The sentence about a wrong value: `<place>: <found>, <what is expected> is expected`.
    pub(super) fn wrong(&self, place: &str, found: &str) -> String {
        let meant = if self.kind == Kind::Endpoint { meant(found) } else { String::new() };
        let found = if self.secret { HIDDEN.to_owned() } else { quoted(&self.kind.shown(found)) };
        format!("{place}: {found}{meant}, {} is expected", self.kind.expected())
    }

    /// The same row, never to be shown, and strict: no other key takes the place of a wrong one.
    pub(super) const fn secret(mut self) -> Row {
        self.secret = true;
        self.strict = true;
        self
    }

    /// The same row, which never gives way to another source.
    pub(super) const fn strict(mut self) -> Row {
        self.strict = true;
        self
    }

    /// The same row with another name for its environment variable.
    pub(super) const fn also(mut self, env: &'static str) -> Row {
        self.also = Some(env);
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
        also: None,
        kind,
        default,
        #[cfg(test)]
        unit: "",
        secret: false,
        live: false,
        strict: false,
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
