//! The endpoints that the options name, and everything about them that can be wrong before a connection.

use super::address::Endpoint;
use super::parse::{Target, parse};
use crate::config::{HttpFormat, Settings, UseSsl, shown_urls};
use crate::diag::error::Result;
use crate::net::host::is_loopback;
use crate::net::srv;
use crate::net::tls::Tls;
#[cfg(feature = "http")]
use crate::net::url::HttpUrl;
#[cfg(feature = "http")]
use crate::transport::http::{check_options, tokens_need_tls};
use crate::transport::wrong_option::wrong_option;

/// Longest user name: with it, host name, salt and digests the PING stays below the 1023 bytes that
/// Fluent Bit reads at once.
pub(in crate::transport) const MOST_USERNAME_BYTES: usize = 400;

/// The port of OTLP over HTTP, with TLS and without, when an endpoint names none: the scheme is OTLP's, not the web's.
#[cfg(feature = "http")]
const OTLP_PORT: u16 = 4318;

impl Endpoint {
    /// The endpoints that `settings` ask for, at least one, in the order of preference.
    ///
    /// # Errors
    /// Whatever can be known to be wrong without a connection, named after the option to change: URLs,
    /// certificate files, a key that would travel in the clear, features that this build leaves out.
    pub(crate) fn list_from_settings(settings: &Settings) -> Result<Vec<Endpoint>> {
        let pair = [
            ("client_cert_file", &settings.client_cert_file),
            ("client_key_file", &settings.client_key_file),
        ];
        if let [(given, Some(_)), (missing, None)] | [(missing, None), (given, Some(_))] = pair {
            let found = format!("it is unset although {given} is set");
            return Err(wrong_option(missing, &found, &format!("the file that belongs to {given}")));
        }
        let mut loaded = None;
        // Read once for all of them, and only where one needs it.
        let mut tls = || match &loaded {
            Some(tls) => Ok(Tls::clone(tls)),
            None => Tls::load(settings).inspect(|tls| loaded = Some(tls.clone())),
        };
        let targets = targets(settings)?.into_iter();
        let endpoints: Result<Vec<_>> =
            targets.map(|target| target.into_endpoint(settings, &mut tls)).collect();
        let endpoints = endpoints?;
        check_list(&endpoints, settings)?;
        endpoints.iter().try_for_each(|endpoint| endpoint.check_secrets(settings))?;
        Ok(endpoints)
    }

    /// Refuses secrets that would cross a network in the clear, and those that the handshake cannot carry.
    fn check_secrets(&self, settings: &Settings) -> Result<()> {
        let length = settings.username.reveal().len();
        if length > MOST_USERNAME_BYTES {
            let expected = format!("at most {MOST_USERNAME_BYTES} bytes");
            return Err(wrong_option("username", &format!("a text of {length} bytes"), &expected));
        }
        #[cfg(feature = "http")]
        if let Endpoint::Http { url, .. } = self {
            return check_options(url.as_ref(), settings);
        }
        let is_open = match self {
            Endpoint::Tcp { host, .. } => !is_loopback(host),
            Endpoint::Service { tls: None, .. } => true,
            _ => false,
        };
        let secrets = [
            ("shared_key", &settings.shared_key),
            ("password", &settings.password),
            ("username", &settings.username),
        ];
        match secrets.iter().find(|(_, secret)| !secret.is_empty()) {
            Some((name, _)) if is_open => Err(wrong_option(
                name,
                &format!("it is set for {self}, which is in the clear to another machine"),
                "tls:// (or use_ssl with host and port)",
            )),
            _ => Ok(()),
        }
    }
}

/// What the options name, before any file is read for it.
fn targets(settings: &Settings) -> Result<Vec<Target>> {
    match &settings.endpoint {
        Some(list) => list.split(',').map(|url| parse(url.trim())).collect(),
        None if settings.http_format == HttpFormat::Mona => Ok(vec![Target::MonaApi]),
        None => {
            let (host, port) = (settings.host.trim_matches(['[', ']']).to_owned(), settings.port);
            let is_tls = match settings.use_ssl {
                UseSsl::On => true,
                UseSsl::Auto => !is_loopback(&host),
                UseSsl::Off => false,
            };
            Ok(vec![if is_tls { Target::Tls { host, port } } else { Target::Tcp { host, port } }])
        }
    }
}

impl Target {
    fn into_endpoint(self, settings: &Settings, tls: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
        Ok(match self {
            Target::Tcp { host, port } => Endpoint::Tcp { host, port },
            Target::Tls { host, port } => {
                let tls = tls()?;
                tls.check_host(&host)?;
                Endpoint::Tls { host, port, tls }
            }
            Target::Service { name, is_tls } => {
                let tls = if is_tls { Some(tls()?) } else { None };
                if let Some(tls) = &tls {
                    tls.check_host(srv::domain(&name))?;
                }
                Endpoint::Service { name, tls }
            }
            Target::Unix(path) => Endpoint::Unix(path),
            Target::Http { url } => http(Some(&url), settings, tls)?,
            Target::Otlp { url } => otlp(&url, tls)?,
            Target::MonaApi => http(None, settings, tls)?,
            Target::File(path) => Endpoint::File(path),
            Target::Stdout => Endpoint::Stdout,
            Target::Memory => Endpoint::Memory,
            Target::Null => Endpoint::Null,
        })
    }
}

#[cfg(feature = "http")]
fn http(url: Option<&str>, settings: &Settings, tls: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
    let url = match url {
        Some(text) => Some(HttpUrl::parse(text).ok_or_else(|| {
            let expected = "http://HOST[:PORT][/PATH] or https:// with a port from 1 to 65535";
            wrong_option("endpoint", &format!("\"{}\"", shown_urls(text)), expected)
        })?),
        None => None,
    };
    let needs_tls = url.as_ref().is_none_or(|url| url.is_tls) || tokens_need_tls(settings);
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
        Some(text) => ("endpoint", format!("\"{}\"", shown_urls(text))),
        None => ("http_format", "\"mona\"".to_owned()),
    };
    let found = format!("{found} needs HTTP, which this build of libmona leaves out");
    Err(wrong_option(option, &found, "a build with the feature http, or tcp:// or tls://"))
}

#[cfg(feature = "http")]
fn otlp(text: &str, tls: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
    let url = HttpUrl::parse_with_port(text, Some(OTLP_PORT)).ok_or_else(|| {
        let expected = "otlp+http://HOST[:PORT][/PATH] or otlp+https:// with a port from 1 to 65535";
        wrong_option("endpoint", &format!("\"otlp+{}\"", shown_urls(text)), expected)
    })?;
    let tls = if url.is_tls { Some(tls()?) } else { None };
    if let Some(tls) = &tls {
        tls.check_host(&url.host)?;
    }
    Ok(Endpoint::Otlp { url, tls })
}

#[cfg(not(feature = "http"))]
fn otlp(text: &str, _: &mut dyn FnMut() -> Result<Tls>) -> Result<Endpoint> {
    let text = format!("otlp+{text}");
    let found = format!("\"{}\" needs HTTP, which this build of libmona leaves out", shown_urls(&text));
    Err(wrong_option("endpoint", &found, "a build with the feature http, or tcp:// or tls://"))
}

/// Several endpoints stand in for each other, so each must be able to.
fn check_list(endpoints: &[Endpoint], settings: &Settings) -> Result<()> {
    if endpoints.len() < 2 {
        return Ok(());
    }
    if let Some(odd) = endpoints.iter().find(|endpoint| !endpoint.is_collector()) {
        return Err(wrong_option(
            "endpoint",
            &format!("{odd} in a list of several"),
            "a list of tcp://, tls://, srv+tcp://, srv+tls://, unix://, http://, https://, otlp+http:// and otlp+https:// \
             alone",
        ));
    }
    let is_mona = settings.http_format == HttpFormat::Mona;
    if let Some(odd) = endpoints.iter().find(|endpoint| !endpoint.is_http()).filter(|_| is_mona) {
        return Err(wrong_option(
            "endpoint",
            &format!("{odd} in a list with http_format \"mona\""),
            "a list of http:// and https:// alone",
        ));
    }
    Ok(())
}
