//! What stands in the way at a path: the system's own words, which on Windows are sentences.

use std::io;
use std::path::Path;

/// Why a socket at `path` could not be connected to.
pub(super) fn of_socket(path: &Path, error: &io::Error) -> String {
    format!("socket \"{}\": {error}", path.display())
}

/// Why a file at `path` could not be opened or written.
pub(super) fn of_file(_: &Path, error: &io::Error) -> String {
    error.to_string()
}
