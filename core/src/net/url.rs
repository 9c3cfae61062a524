//! The parts of an `http://` or `https://` URL, as endpoints and token servers are given.

use std::fmt;

use super::host::{self, bracketed, host_and_port};
use crate::config::HIDDEN_PATH;

/// Shorter parts of a path are words that any answer may use.
const LEAST_KEY_BYTES: usize = 8;

/// A URL without a user part and without a fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct HttpUrl {
    pub(crate) is_tls: bool,
    /// A name or an address, without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// With the query; empty when the URL has none or just "/".
    path: String,
}

impl HttpUrl {
    /// Reads a URL. `None` when it is none of http or https, or has a part that is not wanted here.
    pub(crate) fn parse(url: &str) -> Option<HttpUrl> {
        HttpUrl::parse_with_port(url, None)
    }

    /// The same, with this port where it names none.
    pub(crate) fn parse_with_port(url: &str, default: Option<u16>) -> Option<HttpUrl> {
        let (scheme, rest) = url.split_once("://")?;
        let is_tls = scheme.eq_ignore_ascii_case("https");
        if !is_tls && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let (authority, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        let (host, port) = host_and_port(authority)?;
        let is_bare_v6 = host.contains(':') && !authority.starts_with('[');
        let port = port.or(default).unwrap_or(default_port(is_tls));
        let is_path = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"#<>\"\\^`{|}".contains(&byte));
        let path = match path {
            "/" => String::new(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_owned(),
        };
        (is_path && !is_bare_v6).then(|| HttpUrl { is_tls, host: host.to_owned(), port, path })
    }

    /// The URL of a host whose path is to be added.
    pub(crate) fn of_host(host: &str) -> Option<HttpUrl> {
        HttpUrl::parse(&format!("https://{host}")).filter(|url| url.host == host)
    }

    /// The same URL with this path where it has none.
    pub(crate) fn or_path(mut self, path: &str) -> HttpUrl {
        if self.path.is_empty() {
            path.clone_into(&mut self.path);
        }
        self
    }

    /// Whether what is sent there stays on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        host::is_loopback(&self.host)
    }

    /// Scheme, host and port, the port only where it is not the scheme's own.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        let port =
            if self.port == default_port(self.is_tls) { String::new() } else { format!(":{}", self.port) };
        format!("{scheme}://{}{port}", bracketed(&self.host))
    }

    /// Host and port, as CONNECT wants them.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", bracketed(&self.host), self.port)
    }

    /// What comes behind the question mark.
    pub(crate) fn query(&self) -> Option<&str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// What a server may repeat of the path, which is not shown: all of it, and each part that is long enough for a
    /// key.
    pub(crate) fn hidden_parts(&self) -> impl Iterator<Item = &str> {
        let path = self.path.split('?').next().unwrap_or_default();
        let parts = path.split('/').filter(|part| part.len() >= LEAST_KEY_BYTES);
        std::iter::once(path).filter(|path| path.len() > 1).chain(parts)
    }

    /// The whole URL with its query, which may be a secret.
    pub(crate) fn whole(&self) -> String {
        format!("{}{}", self.origin(), if self.path.is_empty() { "/" } else { &self.path })
    }
}

/// Without path and query: services take their keys there.
impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())?;
        if self.path.is_empty() { Ok(()) } else { f.write_str(HIDDEN_PATH) }
    }
}

fn default_port(is_tls: bool) -> u16 {
    if is_tls { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(url: &str) -> Option<String> {
        HttpUrl::parse(url).map(|url| url.or_path("/tag").whole())
    }

    #[test]
    fn parts_of_a_url() {
        for (url, expected) in [
            ("http://h", "http://h/tag"),
            ("HTTP://h/", "http://h/tag"),
            ("https://h:443/a/b?c=d", "https://h/a/b?c=d"),
            ("https://h:80", "https://h:80/tag"),
            ("http://h:80?q", "http://h/?q"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://[::1]", "http://[::1]/tag"),
            ("http://a_b-c.d./", "http://a_b-c.d./tag"),
        ] {
            assert_eq!(whole(url).as_deref(), Some(expected), "{url}");
        }
        for url in [
            "ftp://h",
            "h",
            "http:",
            "http://",
            "http://:80",
            "http://h:0",
            "http://h:65536",
            "http://h:x",
            "http://u@h",
            "http://u:p@h/",
            "http://h/a b",
            "http://h/#f",
            "http://[::1",
            "http://[h]",
            "http://::1",
            "http://h\u{e9}/",
            "http://h/\u{e9}",
            "http://h/\r\nX: y",
        ] {
            assert_eq!(whole(url), None, "{url}");
        }
    }

    #[test]
    fn what_is_shown_has_neither_path_nor_query() {
        assert_eq!(HttpUrl::parse("https://h/").unwrap().to_string(), "https://h");
        assert_eq!(HttpUrl::parse("https://h/?hush").unwrap().to_string(), "https://h/...");
        let url = HttpUrl::parse("https://[::1]:8443/hush?key=hush").unwrap();
        assert_eq!(url.to_string(), "https://[::1]:8443/...");
        assert_eq!((url.authority().as_str(), url.host.as_str(), url.port), ("[::1]:8443", "::1", 8443));
        assert!(url.is_loopback());
        assert!(!HttpUrl::parse("http://localhost.example").unwrap().is_loopback());
    }
}
