//! The values that a program set by hand, checked when they are set.

use std::fmt;

use crate::config::describe;
use crate::config::misspelt::nearest_option;
use crate::config::table::{self, TABLE};
use crate::config::value::{OptionValue, quoted};
use crate::diag::error::{Error, Result, Status};
use crate::sys::float_mode;

/// The values that a program set by hand; they go before every other source.
#[derive(Clone, Default)]
pub struct Options {
    /// Each name once; few enough to look at all of them.
    values: Vec<(&'static str, OptionValue)>,
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
        let place = format!("option {}", quoted(name));
        let row = table::find(name).ok_or_else(|| {
            Error::new(
                Status::Argument,
                format!(
                    "{place}: an unknown option{}, a name listed in OPTIONS.md is expected",
                    nearest_option(name)
                ),
            )
        })?;
        let checked = float_mode::in_default(|| OptionValue::parse(row.kind, value))
            .ok_or_else(|| Error::new(Status::Argument, row.wrong(&place, value)))?;
        match self.values.iter_mut().find(|(known, _)| *known == row.name) {
            Some((_, value)) => *value = checked,
            None => self.values.push((row.name, checked)),
        }
        Ok(())
    }

    /// The value set for this name.
    pub(super) fn get(&self, name: &str) -> Option<&OptionValue> {
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
