//! Reading one URL of the option `endpoint`.

use std::path::PathBuf;

use crate::config::shown_urls;
use crate::diag::error::{Error, Result};
use crate::net::host::{host_and_port, is_name};
use crate::sys::files;
use crate::transport::wrong_option::wrong_option;

/// The port of the Forward protocol, when an endpoint names none.
const FORWARD_PORT: u16 = 24224;

/// What stands before the scheme of an OTLP endpoint.
const OTLP: &str = "otlp+";

// What DNS has room for.
const MOST_NAME_BYTES: usize = 253;
const MOST_LABEL_BYTES: usize = 63;

/// What one URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Tcp {
        host: String,
        port: u16,
    },
    Tls {
        host: String,
        port: u16,
    },
    Service {
        name: String,
        is_tls: bool,
    },
    Unix(PathBuf),
    /// Over HTTP; the rest of the URL is read by the transport.
    Http {
        url: String,
    },
    /// OTLP over HTTP; the URL without what says that it is OTLP.
    Otlp {
        url: String,
    },
    /// Mona's own export API, which no URL names.
    MonaApi,
    File(PathBuf),
    Stdout,
    Memory,
    Null,
}

/// What `url` names.
pub(super) fn parse(url: &str) -> Result<Target> {
    let wrong = |expected: &str| wrong_option("endpoint", &format!("\"{}\"", shown_urls(url)), expected);
    let Some((scheme, rest)) = url.split_once(':') else {
        return Err(wrong("a URL such as tcp://127.0.0.1:24224"));
    };
    let path = rest.strip_prefix("//").unwrap_or(rest);
    match scheme.to_ascii_lowercase().as_str() {
        "tcp" => {
            address(path).map(|(host, port)| Target::Tcp { host, port }).ok_or_else(|| no_address("tcp", url))
        }
        "tls" => {
            address(path).map(|(host, port)| Target::Tls { host, port }).ok_or_else(|| no_address("tls", url))
        }
        "srv+tcp" | "srv+tls" | "unix" if cfg!(windows) => {
            Err(wrong("what works on Windows (tcp://, tls://, http:// and others)"))
        }
        scheme @ ("srv+tcp" | "srv+tls") => {
            let name = path.strip_suffix('/').unwrap_or(path);
            let is_service = is_service(name);
            let expected =
                format!("{scheme}://_mona._tcp.DOMAIN without a port, which the SRV records have,");
            is_service
                .then(|| Target::Service { name: name.to_owned(), is_tls: scheme == "srv+tls" })
                .ok_or_else(|| wrong(&expected))
        }
        "http" | "https" | "otlp+http" | "otlp+https"
            if path.split(['/', '?']).next().unwrap_or_default().contains('@') =>
        {
            Err(wrong("a URL without user and password (see http_header and api_key)"))
        }
        "http" | "https" => Ok(Target::Http { url: url.to_owned() }),
        "otlp+http" | "otlp+https" => {
            Ok(Target::Otlp { url: url.get(OTLP.len()..).unwrap_or_default().to_owned() })
        }
        "unix" if path.starts_with('/') => Ok(Target::Unix(path.into())),
        "unix" => Err(wrong("unix:///path/to/socket")),
        "file" if path.is_empty() || path.ends_with('/') => Err(wrong("file:///path/to/file")),
        "file" => Ok(Target::File(files::of_url(path).into())),
        "stdout" if path.is_empty() => Ok(Target::Stdout),
        "memory" if path.is_empty() => Ok(Target::Memory),
        "null" if path.is_empty() => Ok(Target::Null),
        _ => Err(wrong(
            "one of tcp://, tls://, srv+tcp://, srv+tls://, unix://, http://, https://, otlp+http://, otlp+https://, \
             file:, stdout:, memory: and null:",
        )),
    }
}

fn no_address(scheme: &str, url: &str) -> Error {
    let found = format!("\"{}\"", shown_urls(url));
    if url.contains('@') {
        let expected = format!("{scheme}://HOST:PORT without a user (see username and password)");
        return wrong_option("endpoint", &found, &expected);
    }
    wrong_option("endpoint", &found, &format!("{scheme}://HOST:PORT with a port from 1 to 65535"))
}

/// Whether it is `_service._proto.domain`: with any other name DNS has no service.
fn is_service(name: &str) -> bool {
    let mut labels = name.strip_suffix('.').unwrap_or(name).split('.');
    let is_label = |label: &str| !label.is_empty() && label.len() <= MOST_LABEL_BYTES;
    let is_mark = |label: &&str| label.starts_with('_') && label.len() > 1 && is_label(label);
    let are_marked = labels.by_ref().take(2).filter(is_mark).count() == 2;
    let mut rest = labels.peekable();
    are_marked
        && rest.peek().is_some()
        && rest.all(is_label)
        && is_name(name)
        && name.len() <= MOST_NAME_BYTES
}

/// Reads a host with or without a port, with a slash after it or without.
fn address(text: &str) -> Option<(String, u16)> {
    let (host, port) = host_and_port(text.strip_suffix('/').unwrap_or(text))?;
    Some((host.to_owned(), port.unwrap_or(FORWARD_PORT)))
}
