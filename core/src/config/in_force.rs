//! The value of an option that counts, and where it came from.

use crate::config::row::Row;
use crate::config::value::OptionValue;

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The program called `set()`.
    Set,
    /// An environment variable.
    Environment,
    /// The config file.
    ConfigFile,
    /// Nobody gave one.
    Default,
}

impl Source {
    /// The word for it in `describe`.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Source::Set => "set",
            Source::Environment => "environment",
            Source::ConfigFile => "config file",
            Source::Default => "default",
        }
    }
}

/// An option with the value that counts.
#[derive(Clone)]
pub(super) struct InForce {
    pub(super) row: &'static Row,
    pub(super) value: OptionValue,
    pub(super) source: Source,
}

impl InForce {
    /// Whether somebody gave it a value, and another one than it has anyway.
    pub(super) fn is_chosen(&self) -> bool {
        self.source != Source::Default && self.value != self.row.default_value()
    }
}
