//! What goes wrong with a store, as a sentence that a user can act on.

use std::fmt;

/// Why a store cannot be opened, written or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    /// What kind of failure it is.
    pub kind: Failure,
    sentence: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The question took longer than it may and was interrupted.
    Late,
    /// There is no such class or field.
    Unknown,
    /// The file was written by a later version.
    Newer,
    /// Another process writes to the file.
    Taken,
    /// The file or the system failed.
    Broken,
}

impl StoreError {
    pub(crate) fn new(kind: Failure, sentence: impl Into<String>) -> StoreError {
        StoreError { kind, sentence: sentence.into() }
    }

    pub(crate) fn broken(sentence: impl Into<String>) -> StoreError {
        StoreError::new(Failure::Broken, sentence)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::OperationInterrupted) => StoreError::new(
                Failure::Late,
                "the question took too long and was given up, expected a narrower one",
            ),
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                StoreError::broken(format!(
                    "found no store, or a damaged one ({error}), expected one that mona-collector wrote, or a name \
                 that is free"
                ))
            }
            _ => StoreError::broken(format!("store: {error}")),
        }
    }
}

impl From<StoreError> for std::io::Error {
    fn from(error: StoreError) -> std::io::Error {
        std::io::Error::other(error.sentence)
    }
}
