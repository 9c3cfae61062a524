//! Full ids of contexts: segments joined by a separator, the main context first.

/// Separates the segments of a full id.
pub(crate) const SEPARATOR: char = '.';

/// The first segment of a full id: the same for a main context and all its sub-contexts.
pub(crate) fn main_segment(full_id: &str) -> &str {
    full_id.split(SEPARATOR).next().unwrap_or(full_id)
}
