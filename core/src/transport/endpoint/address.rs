//! What an endpoint is: a collector over a network, a file, or what stands in for one.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{HttpFormat, OtlpEncoding, Settings};
use crate::diag::error::Result;
use crate::net::host::bracketed;
use crate::net::tls::{Observed, Tls};
#[cfg(feature = "http")]
use crate::net::url::HttpUrl;
use crate::sys::clock::Precision;
use crate::transport::file;

/// Deepest nesting of events and globals in protobuf. Readers of protobuf stop at 100 messages in each other (those of C++,
/// Java, Python and Rust; the OpenTelemetry Collector 0.165 at 103): five stand around an event, three are a level of maps,
/// and globals have a level around them.
const MOST_PROTOBUF_DEPTH: usize = 31;

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
    /// Servers that DNS names for a service.
    Service {
        name: String,
        /// None in the clear.
        tls: Option<Tls>,
    },
    Unix(PathBuf),
    #[cfg(feature = "http")]
    Http {
        /// `None`: Mona's own export API, whose host holds the user id.
        url: Option<HttpUrl>,
        /// For the URL and for those that give out tokens; `None` where all of them are in the clear.
        tls: Option<Tls>,
    },
    /// OTLP over HTTP.
    #[cfg(feature = "http")]
    Otlp {
        url: HttpUrl,
        tls: Option<Tls>,
    },
    File(PathBuf),
    Stdout,
    Memory,
    Null,
}

impl Endpoint {
    /// Whether a file can be written, found out before anything is accepted for it.
    pub(crate) fn probe(&self) -> Result<()> {
        match self {
            Endpoint::File(path) => file::probe(path),
            _ => Ok(()),
        }
    }

    /// The same for a check, and what that will see of its TLS, where there is any.
    pub(crate) fn observed(&self) -> (Endpoint, Option<Arc<Observed>>) {
        let mut watched = self.clone();
        let of_it = match &mut watched {
            Endpoint::Tls { tls, .. } | Endpoint::Service { tls: Some(tls), .. } => Some(tls),
            #[cfg(feature = "http")]
            Endpoint::Http { tls: Some(tls), .. } | Endpoint::Otlp { tls: Some(tls), .. } => Some(tls),
            _ => None,
        };
        let observed = of_it.map(|tls| {
            let (watching, observed) = tls.observed();
            *tls = watching;
            observed
        });
        (watched, observed)
    }

    /// Whether records go to standard output, by whatever name.
    pub(crate) fn is_standard_output(&self) -> bool {
        match self {
            Endpoint::Stdout => true,
            Endpoint::File(path) => file::is_standard_output(path),
            _ => false,
        }
    }

    /// Whether records go over HTTP in a format of their own.
    pub(crate) fn is_http(&self) -> bool {
        #[cfg(feature = "http")]
        if matches!(self, Endpoint::Http { .. }) {
            return true;
        }
        false
    }

    /// Whether log records of OTLP go there.
    pub(crate) fn is_otlp(&self) -> bool {
        #[cfg(feature = "http")]
        if matches!(self, Endpoint::Otlp { .. }) {
            return true;
        }
        false
    }

    /// Whether what goes there is kept by somebody who outlives the process: a spool is for nobody else.
    pub(crate) fn is_lasting(&self) -> bool {
        !matches!(self, Endpoint::Memory | Endpoint::Null)
    }

    /// How precise the time of records is that go to one of these: as the option says, else as it is of use to them.
    pub(crate) fn effective_time_precision(endpoints: &[Endpoint], settings: &Settings) -> Precision {
        let has_no_place =
            settings.http_format == HttpFormat::Mona && endpoints.iter().all(Endpoint::is_http);
        match settings.time_precision {
            Some(_) if has_no_place => Precision::Seconds,
            Some(chosen) => chosen,
            None if endpoints.iter().all(Endpoint::is_otlp) => Precision::Nanoseconds,
            // What receivers of the older client expect.
            None => Precision::Seconds,
        }
    }

    /// How deep events may be nested that go to one of these: as the option says, else no deeper than receivers read. One
    /// that is deeper would be refused with all that is in its request, and not before it was accepted.
    pub(crate) fn effective_max_depth(endpoints: &[Endpoint], settings: &Settings, is_chosen: bool) -> usize {
        let is_protobuf = settings.otlp_encoding == OtlpEncoding::Protobuf;
        if !is_chosen && is_protobuf && endpoints.iter().any(Endpoint::is_otlp) {
            settings.max_depth.min(MOST_PROTOBUF_DEPTH)
        } else {
            settings.max_depth
        }
    }

    /// Whether there is a collector at the other end, for which another one can stand in.
    pub(super) fn is_collector(&self) -> bool {
        self.is_http()
            || self.is_otlp()
            || matches!(
                self,
                Endpoint::Tcp { .. } | Endpoint::Tls { .. } | Endpoint::Service { .. } | Endpoint::Unix(_)
            )
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Tcp { host, port } => write_address(f, "tcp", host, *port),
            Endpoint::Tls { host, port, .. } => write_address(f, "tls", host, *port),
            Endpoint::Service { name, tls: None } => write!(f, "srv+tcp://{name}"),
            Endpoint::Service { name, tls: Some(_) } => write!(f, "srv+tls://{name}"),
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            #[cfg(feature = "http")]
            Endpoint::Http { url: Some(url), .. } => url.fmt(f),
            #[cfg(feature = "http")]
            Endpoint::Http { url: None, .. } => f.write_str("the Mona REST export API"),
            #[cfg(feature = "http")]
            Endpoint::Otlp { url, .. } => write!(f, "otlp+{url}"),
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
