//! Which transport serves an endpoint.

use std::sync::Arc;

#[cfg(feature = "http")]
use super::http;
use super::interface::Transport;
use super::memory::{Delivered, Memory};
use super::{endpoint::Endpoint, file::File, forward::Forward, null::Null, stdout::Stdout};
use crate::config::Settings;
use crate::diag::log::Log;
use crate::net::Abort;

/// The transport for an endpoint. `abort` ends its waits from another thread; `delivered` receives the
/// records of a `memory:` endpoint; `instance` is who sends.
#[cfg_attr(not(feature = "http"), allow(unused_variables))]
pub(crate) fn open(
    endpoint: &Endpoint,
    settings: &Arc<Settings>,
    abort: Arc<Abort>,
    delivered: Arc<Delivered>,
    log: &Arc<Log>,
    instance: &str,
) -> Box<dyn Transport> {
    match endpoint {
        Endpoint::Tcp { .. } | Endpoint::Tls { .. } | Endpoint::Service { .. } | Endpoint::Unix(_) => {
            Box::new(Forward::new(endpoint.clone(), settings, abort))
        }
        #[cfg(feature = "http")]
        Endpoint::Http { url, tls } => {
            Box::new(http::Http::new(url.clone(), tls.clone(), settings, abort, Arc::clone(log)))
        }
        #[cfg(feature = "http")]
        Endpoint::Otlp { url, tls } => {
            Box::new(http::Http::otlp(url.clone(), tls.clone(), settings, abort, Arc::clone(log), instance))
        }
        Endpoint::File(path) => Box::new(File::new(path.clone(), abort)),
        Endpoint::Stdout => Box::new(Stdout::new(abort)),
        Endpoint::Memory => Box::new(Memory::new(delivered)),
        Endpoint::Null => Box::new(Null),
    }
}
