//! The error of an option that cannot work, in the words that all of them share.

use crate::diag::error::{Error, Status};

/// Says which option it is, what was found and what is expected.
pub(super) fn wrong_option(option: &str, found: &str, expected: &str) -> Error {
    Error::new(Status::Argument, format!("option \"{option}\": {found}, {expected} is expected"))
}
