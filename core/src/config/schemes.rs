//! How endpoints begin: what is taken, and what is named where something else was given.

/// How endpoints begin that have something behind it.
pub(super) const WITH_REST: [&str; 10] = [
    "tcp://",
    "tls://",
    "srv+tcp://",
    "srv+tls://",
    "unix:///",
    "http://",
    "https://",
    "otlp+http://",
    "otlp+https://",
    "file:///",
];

/// Those that have nothing.
pub(super) const ALONE: [&str; 3] = ["stdout:", "memory:", "null:"];

/// Whether a text begins as an endpoint does.
pub(super) fn is_endpoint(url: &str) -> bool {
    WITH_REST.iter().any(|scheme| is_before(scheme, url))
        || ALONE.iter().any(|scheme| starts_with_ignoring_case(url, scheme))
}

/// Whether a URL has something behind this beginning.
pub(super) fn is_before(scheme: &str, url: &str) -> bool {
    starts_with_ignoring_case(url, scheme)
        && url.len() > scheme.len()
        && !url.chars().any(|character| character.is_control())
}

fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}
