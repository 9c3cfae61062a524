//! Which collectors the options name, and everything about them that can be wrong before a connection.

mod parse;

use std::fmt;
use std::path::PathBuf;

use crate::config::{HttpFormat, Settings, UseSsl};
use crate::diag::error::{Error, Result, Status};
use crate::net::host::{bracketed, is_loopback};
use crate::net::tls::Tls;
#[cfg(feature = "http")]
use crate::net::url::HttpUrl;
use parse::{Place, parse, shown};

/// Longest user name: with it, host name, salt and digests the PING stays below the 1023 bytes that
/// Fluent Bit reads at once.
pub(super) const MOST_USERNAME_BYTES: usize = 400;

/// Where records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Tcp {
        host: String,
        port: u16,
    },
    Tls {
        host: String,
        port: u16,
        tls: Tls,
    },
    Unix(PathBuf),
    #[cfg(feature = "http")]
    Http {
        /// `None`: Mona's own export API, whose host holds the user id.
        url: Option<HttpUrl>,
        /// For the URL and for those that give out tokens; `None` where all of them are in the clear.
        tls: Option<Tls>,
    },
    File(PathBuf),
    Stdout,
    Memory,
    Null,
}

impl Endpoint {
    /// The endpoints that `settings` ask for, at least one, in the order of preference.
    ///
    /// # Errors
    /// Whatever can be known to be wrong without a connection, named after the option to change: URLs,
    /// certificate files, a key that would travel in the clear, features that this build leaves out.
    pub(crate) fn list_from_settings(settings: &Settings) -> Result<Vec<Endpoint>> {
        if settings.spool_dir.is_some() {
            return Err(wrong(
                "spool_dir",
                "it is set, which this version does not support yet",
                "an unset option",
            ));
        }
        let mut loaded = None;
        // Read once for all of them, and only where one needs it.
        let mut tls = || match &loaded {
            Some(tls) => Ok(Tls::clone(tls)),
            None => Tls::load(settings).inspect(|tls| loaded = Some(tls.clone())),
        };
        let places = places(settings)?.into_iter();
        let endpoints: Result<Vec<_>> = places.map(|place| place.into_endpoint(settings, &mut tls)).collect();
        let endpoints = endpoints?;
        check_list(&endpoints, settings)?;
        endpoints.iter().try_for_each(|endpoint| endpoint.check_secrets(settings))?;
        Ok(endpoints)
    }

    /// Whether a file can be written, found out before anything is accepted for it.
    pub(crate) fn probe(&self) -> Result<()> {
        match self {
            Endpoint::File(path) => super::file::probe(path),
            _ => Ok(()),
        }
    }

    /// Whether records go over HTTP.
    pub(crate) fn is_http(&self) -> bool {
        #[cfg(feature = "http")]
        if matches!(self, Endpoint::Http { .. }) {
            return true;
        }
        false
    }

    /// Whether there is a collector at the other end, for which another one can stand in.
    fn is_collector(&self) -> bool {
        self.is_http() || matches!(self, Endpoint::Tcp { .. } | Endpoint::Tls { .. } | Endpoint::Unix(_))
    }

    /// Refuses secrets that would cross a network in the clear, and those that the handshake cannot carry.
    fn check_secrets(&self, settings: &Settings) -> Result<()> {
        let length = settings.username.reveal().len();
        if length > MOST_USERNAME_BYTES {
            let expected = format!("at most {MOST_USERNAME_BYTES} bytes");
            return Err(wrong("username", &format!("a text of {length} bytes"), &expected));
        }
        #[cfg(feature = "http")]
        if let Endpoint::Http { url, .. } = self {
            return super::http::check_options(url.as_ref(), settings);
        }
        let Endpoint::Tcp { host, .. } = self else { return Ok(()) };
        let secrets = [
            ("shared_key", &settings.shared_key),
            ("password", &settings.password),
            ("username", &settings.username),
        ];
        match secrets.iter().find(|(_, secret)| !secret.is_empty()) {
            Some((name, _)) if !is_loopback(host) => Err(wrong(
                name,
                &format!("it is set for {self}, which is in the clear to another machine"),
                "tls:// (or use_ssl with host and port)",
            )),
            _ => Ok(()),
        }
    }
}

/// What the options name, before any file is read for it.
fn places(settings: &Settings) -> Result<Vec<Place>> {
    match &settings.endpoint {
        Some(list) => list.split(',').map(|url| parse(url.trim())).collect(),
        None if settings.http_format == HttpFormat::Mona => Ok(vec![Place::MonaApi]),
        None => {
            let (host, port) = (settings.host.trim_matches(['[', ']']).to_owned(), settings.port);
            let is_tls = match settings.use_ssl {
                UseSsl::On => true,
                UseSsl::Auto => !is_loopback(&host),
                UseSsl::Off => false,
            };
            Ok(vec![if is_tls { Place::Tls { host, port } } else { Place::Tcp { host, port } }])
        }
    }
}

impl Place {
    fn into_endpoint(self, settings: &Settings, tls: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
        Ok(match self {
            Place::Tcp { host, port } => Endpoint::Tcp { host, port },
            Place::Tls { host, port } => {
                let tls = tls()?;
                tls.check_host(&host)?;
                Endpoint::Tls { host, port, tls }
            }
            Place::Unix(path) => Endpoint::Unix(path),
            Place::Http { url } => http(Some(&url), settings, tls)?,
            Place::MonaApi => http(None, settings, tls)?,
            Place::File(path) => Endpoint::File(path),
            Place::Stdout => Endpoint::Stdout,
            Place::Memory => Endpoint::Memory,
            Place::Null => Endpoint::Null,
        })
    }
}

#[cfg(feature = "http")]
fn http(url: Option<&str>, settings: &Settings, tls: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
    let url = match url {
        Some(text) => Some(HttpUrl::parse(text).ok_or_else(|| {
            let expected = "http://HOST[:PORT][/PATH] or https:// with a port from 1 to 65535";
            wrong("endpoint", &format!("\"{}\"", shown(text)), expected)
        })?),
        None => None,
    };
    let needs_tls = url.as_ref().is_none_or(|url| url.is_tls) || super::http::tokens_need_tls(settings);
    let tls = if needs_tls { Some(tls()?) } else { None };
    if let (Some(tls), Some(url)) = (&tls, &url)
        && url.is_tls
    {
        tls.check_host(&url.host)?;
    }
    Ok(Endpoint::Http { url, tls })
}

#[cfg(not(feature = "http"))]
fn http(url: Option<&str>, _: &Settings, _: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
    let (option, found) = match url {
        Some(text) => ("endpoint", format!("\"{}\"", shown(text))),
        None => ("http_format", "\"mona\"".to_owned()),
    };
    let found = format!("{found} needs HTTP, which this build of libmona leaves out");
    Err(wrong(option, &found, "a build with the feature http, or tcp:// or tls://"))
}

/// Several endpoints stand in for each other, so each must be able to.
fn check_list(endpoints: &[Endpoint], settings: &Settings) -> Result<()> {
    if endpoints.len() < 2 {
        return Ok(());
    }
    if let Some(odd) = endpoints.iter().find(|endpoint| !endpoint.is_collector()) {
        return Err(wrong(
            "endpoint",
            &format!("{odd} in a list of several"),
            "a list of tcp://, tls://, unix://, http:// and https:// alone",
        ));
    }
    let is_mona = settings.http_format == HttpFormat::Mona;
    if let Some(odd) = endpoints.iter().find(|endpoint| !endpoint.is_http()).filter(|_| is_mona) {
        return Err(wrong(
            "endpoint",
            &format!("{odd} in a list with http_format \"mona\""),
            "a list of http:// and https:// alone",
        ));
    }
    Ok(())
}

fn wrong(option: &str, found: &str, expected: &str) -> Error {
    Error::new(Status::Argument, format!("option \"{option}\": {found}, {expected} is expected"))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Tcp { host, port } => write_address(f, "tcp", host, *port),
            Endpoint::Tls { host, port, .. } => write_address(f, "tls", host, *port),
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            #[cfg(feature = "http")]
            Endpoint::Http { url: Some(url), .. } => url.fmt(f),
            #[cfg(feature = "http")]
            Endpoint::Http { url: None, .. } => f.write_str("the Mona REST export API"),
            Endpoint::File(path) => write!(f, "file://{}", path.display()),
            Endpoint::Stdout => f.write_str("stdout:"),
            Endpoint::Memory => f.write_str("memory:"),
            Endpoint::Null => f.write_str("null:"),
        }
    }
}

fn write_address(f: &mut fmt::Formatter<'_>, scheme: &str, host: &str, port: u16) -> fmt::Result {
    write!(f, "{scheme}://{}:{port}", bracketed(host))
}

#[cfg(test)]
mod tests;
