//! What values an option takes, and the words that say so.

use std::borrow::Cow;

use crate::config::schemes::{ALONE, WITH_REST};
use crate::config::secret::shown_urls;

/// What values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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
    /// `true`, `false`, or `auto`: decided by the library, from the other options or from what it meets.
    Switch,
    /// `true`, `false`, or `stderr`.
    Print,
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
    pub(super) fn expected(self) -> String {
        match self {
            Kind::Text => "text in UTF-8".to_owned(),
            Kind::Host => "a host name or an IP address without scheme, port or path".to_owned(),
            Kind::Url => "a URL that begins with https:// or http://".to_owned(),
            Kind::Endpoint => {
                let schemes: Vec<_> = WITH_REST.into_iter().chain(ALONE).collect();
                format!("a list of URLs of {}, separated by commas,", one_of(&schemes))
            }
            Kind::Path => "a path without NUL characters".to_owned(),
            Kind::Headers => "a text of \"Name: value\" lines, none of which frames the request,".to_owned(),
            Kind::Fields => {
                "a list of field names separated by commas, with \"*\" only at the end of a name,".to_owned()
            }
            Kind::Bool => "true, false, 1 or 0".to_owned(),
            Kind::Switch => "auto, true or false".to_owned(),
            Kind::Print => "true, false, 1, 0 or stderr".to_owned(),
            Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Rate => "a number from 0 to 1".to_owned(),
            Kind::Rates => "a JSON object of numbers from 0 to 1".to_owned(),
            Kind::Choice(words) => one_of(words),
        }
    }

    /// A text of this kind as it may be shown, where it is no secret as a whole.
    pub(super) fn shown(self, text: &str) -> Cow<'_, str> {
        match self {
            Kind::Endpoint | Kind::Url => Cow::Owned(shown_urls(text)),
            Kind::Host if text.contains(['/', '@', '?']) => Cow::Owned(shown_urls(text)),
            _ => Cow::Borrowed(text),
        }
    }
}

/// Words to choose one of, as a sentence lists them.
fn one_of(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
