//! Text that is never shown.

use std::fmt;

/// What stands in for a secret wherever it would be shown.
pub(crate) const HIDDEN: &str = "(hidden)";

/// Shorter texts stand in any sentence by chance.
const LEAST_SECRET_BYTES: usize = 4;

/// `text` of somebody else without any of the `secrets` that it may repeat.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn without_secrets<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    let secrets = secrets.filter(|secret| secret.len() >= LEAST_SECRET_BYTES);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
}

/// Text that debug output never shows.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: String) -> Secret {
        Secret(text)
    }

    /// The text itself.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// True when it was not set.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "\"\"" } else { HIDDEN })
    }
}
