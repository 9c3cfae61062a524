//! Which collector the options name.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use crate::error::{Error, Result, Status};
use crate::options::{Settings, UseSsl};

/// The port of the Forward protocol, when an endpoint names none.
const FORWARD_PORT: u16 = 24224;

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
    File(PathBuf),
    Stdout,
    Memory,
    Null,
}

impl Endpoint {
    /// The endpoint that `settings` ask for. Every way that this build cannot go is an error that names
    /// the option.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Endpoint> {
        let missing = [
            ("shared_key", settings.shared_key.is_empty()),
            ("username", settings.username.is_empty()),
            ("password", settings.password.is_empty()),
            ("spool_dir", settings.spool_dir.is_none()),
        ];
        if let Some((name, _)) = missing.iter().find(|(_, is_unset)| !is_unset) {
            return Err(unsupported(name, "it is set", "an unset option"));
        }
        match &settings.endpoint {
            Some(url) => Endpoint::parse(url),
            None => Endpoint::from_host(settings),
        }
    }

    /// Whether a file can be written, found out before anything is accepted for it.
    pub(crate) fn probe(&self) -> Result<()> {
        match self {
            Endpoint::File(path) => super::file::probe(path),
            _ => Ok(()),
        }
    }

    fn from_host(settings: &Settings) -> Result<Endpoint> {
        let host = settings.host.trim_matches(['[', ']']).to_owned();
        match settings.use_ssl {
            UseSsl::On => Err(unsupported("use_ssl", "\"true\"", "false")),
            UseSsl::Auto if !is_loopback(&host) => Err(unsupported(
                "use_ssl",
                &format!("\"auto\", which means TLS for host \"{host}\""),
                "false, or a host on the loopback interface,",
            )),
            _ => Ok(Endpoint::Tcp { host, port: settings.port }),
        }
    }

    fn parse(url: &str) -> Result<Endpoint> {
        let wrong = |expected: &str| {
            Error::new(Status::Argument, format!("option \"endpoint\": \"{url}\", {expected} is expected"))
        };
        if url.contains(',') {
            return Err(unsupported("endpoint", "several URLs", "one URL"));
        }
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(wrong("a URL such as tcp://127.0.0.1:24224"));
        };
        let path = rest.strip_prefix("//").unwrap_or(rest);
        match scheme {
            "tcp" => {
                let (host, port) = host_and_port(path.trim_end_matches('/'))
                    .ok_or_else(|| wrong("tcp://HOST:PORT with a port from 1 to 65535"))?;
                Ok(Endpoint::Tcp { host, port })
            }
            "unix" if path.starts_with('/') => Ok(Endpoint::Unix(path.into())),
            "unix" => Err(wrong("unix:///path/to/socket")),
            "file" if path.is_empty() || path.ends_with('/') => Err(wrong("file:///path/to/file")),
            "file" => Ok(Endpoint::File(path.into())),
            "stdout" if path.is_empty() => Ok(Endpoint::Stdout),
            "memory" if path.is_empty() => Ok(Endpoint::Memory),
            "null" if path.is_empty() => Ok(Endpoint::Null),
            "tls" | "http" | "https" => Err(unsupported(
                "endpoint",
                &format!("scheme \"{scheme}\""),
                "tcp, unix, file, stdout, memory or null",
            )),
            _ => Err(wrong("one of tcp://, unix://, file:, stdout:, memory: and null:")),
        }
    }
}

fn unsupported(name: &str, found: &str, expected: &str) -> Error {
    Error::new(
        Status::Argument,
        format!(
            "option \"{name}\": {found}, which this version does not support yet, {expected} is expected"
        ),
    )
}

/// Splits `host`, `host:port` or `[v6]:port`.
fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => text.rsplit_once(':').unwrap_or((text, "")),
    };
    let has_forbidden = host.chars().any(|c| c.is_whitespace() || c.is_control() || "/@?#:".contains(c));
    if host.is_empty() || (has_forbidden && host.parse::<IpAddr>().is_err()) {
        return None;
    }
    let port = if port.is_empty() && !text.ends_with(':') { FORWARD_PORT } else { port.parse().ok()? };
    (port != 0).then(|| (host.to_owned(), port))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Endpoint::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            Endpoint::File(path) => write!(f, "file://{}", path.display()),
            Endpoint::Stdout => f.write_str("stdout:"),
            Endpoint::Memory => f.write_str("memory:"),
            Endpoint::Null => f.write_str("null:"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Endpoint {
        Endpoint::Tcp { host: host.to_owned(), port }
    }

    #[test]
    fn urls_name_endpoints_and_print_back() {
        for (url, endpoint) in [
            ("tcp://127.0.0.1:24224", tcp("127.0.0.1", 24224)),
            ("tcp://[::1]:9", tcp("::1", 9)),
            ("unix:///run/mona.sock", Endpoint::Unix("/run/mona.sock".into())),
            ("file:///tmp/a b.ndjson", Endpoint::File("/tmp/a b.ndjson".into())),
            ("stdout:", Endpoint::Stdout),
            ("memory:", Endpoint::Memory),
            ("null:", Endpoint::Null),
        ] {
            let parsed = Endpoint::parse(url).unwrap();
            assert_eq!(parsed, endpoint);
            assert_eq!(parsed.to_string(), url);
        }
        assert_eq!(Endpoint::parse("tcp://collector.example").unwrap(), tcp("collector.example", 24224));
        assert_eq!(Endpoint::parse("tcp://[::1]").unwrap(), tcp("::1", 24224));
        assert_eq!(Endpoint::parse("tcp://a:5/").unwrap(), tcp("a", 5));
        assert_eq!(
            Endpoint::parse("file:relative.ndjson").unwrap(),
            Endpoint::File("relative.ndjson".into())
        );
    }

    #[test]
    fn wrong_urls_are_refused_with_a_sentence_that_names_the_option() {
        for url in [
            "",
            "tcp",
            "tcp://",
            "tcp://h:0",
            "tcp://h:70000",
            "tcp://h:x",
            "tcp://h:",
            "tcp://:5",
            "tcp://u@h:5",
            "tcp://a:b:5",
            "tcp://[::1",
            "tcp://[x]:5",
            "tcp://h:5/path",
            "unix://relative",
            "file:",
            "file:///",
            "memory:x",
            "ftp://h",
            "http://h",
            "https://h",
            "tls://h",
            "tcp://a,tcp://b",
        ] {
            let error = Endpoint::parse(url).unwrap_err();
            assert_eq!(error.status(), Status::Argument, "{url}");
            assert!(error.detail().starts_with("option \"endpoint\": "), "{error}");
        }
    }

    #[test]
    fn loopback_is_told_from_the_rest() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.8.8.8", true),
            ("::1", true),
            ("10.0.0.1", false),
            ("h", false),
        ] {
            assert_eq!(is_loopback(host), expected, "{host}");
        }
    }
}
