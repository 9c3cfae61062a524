//! Text that is never shown, and URLs without what may be a secret in them.

use std::fmt;

use serde_json::Value as Json;
use zeroize::{Zeroize as _, Zeroizing};

/// What stands in for a secret wherever it would be shown.
pub(crate) const HIDDEN: &str = "(hidden)";

/// What stands in for the path and the query of a URL.
pub(crate) const HIDDEN_PATH: &str = "/...";

/// Shorter texts stand in any sentence by chance.
const LEAST_SECRET_BYTES: usize = 4;

/// `text` of somebody else without any of the `secrets` that it may repeat.
#[cfg_attr(not(feature = "http"), allow(dead_code))]
pub(crate) fn without_secrets<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> String {
    let secrets = secrets.filter(|secret| secret.len() >= LEAST_SECRET_BYTES);
    secrets.fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
}

/// URLs of an option as they may be shown: user part, path and query are hidden, because services take their keys
/// there. Files and sockets of this machine keep their paths.
pub(crate) fn shown_urls(text: &str) -> String {
    let urls: Vec<String> = text.split(',').enumerate().map(|(at, url)| shown_url(url, at == 0)).collect();
    urls.join(",")
}

/// What comes behind a comma and is no URL belongs to the URL before it.
fn shown_url(text: &str, is_first: bool) -> String {
    let url = text.trim();
    let is_of =
        |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if ["file:", "unix:", "stdout:", "memory:", "null:"].into_iter().any(is_of) {
        return text.to_owned();
    }
    // Behind other marks it is a URL within a path or a query.
    let is_scheme =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    let (scheme, rest) = match url.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None if is_first => (String::new(), url),
        None => return "...".to_owned(),
    };
    let (authority, path) =
        rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""));
    let place = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{HIDDEN}@{host}"),
        None => authority.to_owned(),
    };
    let path = match path {
        "" | "/" => path,
        _ => HIDDEN_PATH,
    };
    let lead = if text.starts_with(' ') { " " } else { "" };
    format!("{lead}{scheme}{place}{path}")
}

/// Overwrites every text in it.
pub(crate) fn wipe(json: &mut Json) {
    match json {
        Json::String(text) => text.zeroize(),
        Json::Array(values) => values.iter_mut().for_each(wipe),
        Json::Object(entries) => entries.values_mut().for_each(wipe),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Text that debug output never shows, and that leaves nothing in memory when it goes.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_and_place_of_a_url_are_shown() {
        for (url, shown) in [
            ("https://hooks.example/services/hush", "https://hooks.example/..."),
            ("http://h:80?key=hush", "http://h:80/..."),
            ("http://h:80#hush", "http://h:80/..."),
            ("http://h/", "http://h/"),
            ("https://u:hush@h/a@b", "https://(hidden)@h/..."),
            ("tcp://a:1, https://b/hush,hush", "tcp://a:1, https://b/...,..."),
            ("htps://h/hush", "htps://h/..."),
            ("hooks.example/hush", "hooks.example/..."),
            ("hooks.example/hush?to=http://x", "hooks.example/..."),
            ("https://b/c,hush?to=http://x", "https://b/...,..."),
            ("u:hush@h/hush", "(hidden)@h/..."),
            ("file:///tmp/a b", "file:///tmp/a b"),
            ("unix:///run/x.sock,tcp://a", "unix:///run/x.sock,tcp://a"),
            ("", ""),
        ] {
            assert_eq!(shown_urls(url), shown);
        }
    }
}
