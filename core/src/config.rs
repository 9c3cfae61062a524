//! The options of a client: one table, the values a program set by hand, and what all sources together
//! give.
//!
//! A client is made from an `Options` value and the process environment by `resolve`, once; the answer is
//! immutable, and a change of the config file makes the next one (`Resolved::reload`). A wrong value in
//! `set` is an error at once; anywhere else it is one warning and the next source counts.

mod describe;
mod file;
#[cfg(feature = "http")]
mod proxy_variables;
#[cfg(test)]
mod reference;
mod row;
mod settings;
mod source;
mod table;
mod value;
pub(crate) mod watch;

pub(crate) use file::ConfigFile;
#[cfg(feature = "http")]
pub(crate) use proxy_variables::{ProxyVariables, Variable};
#[cfg(feature = "http")]
pub(crate) use settings::AuthMode;
pub(crate) use settings::{Compress, HttpFormat, Secret, Settings, UseSsl};
pub(crate) use source::{Resolved, resolve};
#[cfg(feature = "http")]
pub(crate) use table::NO_USER;
use table::TABLE;
#[cfg(feature = "http")]
pub(crate) use value::{HIDDEN, quoted};

#[cfg(test)]
use {row::Kind, row::Row, settings::SpoolSync};

use std::fmt;

use crate::diag::error::{Error, Result, Status};
use value::Value;

/// The values that a program set by hand; they go before every other source.
#[derive(Clone, Default)]
pub struct Options {
    /// Each name once; few enough to look at all of them.
    values: Vec<(&'static str, Value)>,
}

impl Options {
    /// Options with nothing set.
    pub fn new() -> Options {
        Options::default()
    }

    /// Sets one option; the last call for a name counts.
    ///
    /// `OPTIONS.md` lists names, kinds and ranges. An unknown name or a wrong value is
    /// `Status::Argument` and leaves everything as it was.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let place = format!("option {}", value::quoted(name));
        let row = table::find(name).ok_or_else(|| {
            Error::new(
                Status::Argument,
                format!("{place}: an unknown option, a name listed in OPTIONS.md is expected"),
            )
        })?;
        let checked = Value::parse(row.kind, value)
            .ok_or_else(|| Error::new(Status::Argument, value::wrong(&place, row, value)))?;
        match self.values.iter_mut().find(|(known, _)| *known == row.name) {
            Some((_, value)) => *value = checked,
            None => self.values.push((row.name, checked)),
        }
        Ok(())
    }

    /// The value set for this name.
    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            TABLE.iter().filter_map(|row| Some((row.name, describe::shown(row, self.get(row.name)?))));
        f.debug_map().entries(shown).finish()
    }
}

#[cfg(test)]
mod tests;
