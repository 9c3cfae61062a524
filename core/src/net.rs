//! Connections: names, addresses, sockets, TLS, proxies, and the one parser of hosts and URLs.
//!
//! The transports above speak over a [`socket::Stream`] and never see a descriptor. Every wait has a deadline, and
//! an [`abort::Abort`] ends it from another thread.

pub(crate) mod abort;
mod deadline;
mod finding;
pub(crate) mod greeting;
mod happy_eyeballs;
pub(crate) mod host;
mod progress;
#[cfg(feature = "http")]
pub(crate) mod proxies;
pub(crate) mod resolver;
pub(crate) mod route;
pub(crate) mod socket;
pub(crate) mod srv;
pub(crate) mod tls;
pub(crate) mod transport_error;
#[cfg(feature = "http")]
pub(crate) mod url;
mod wire;

pub(crate) use abort::Abort;
pub(crate) use deadline::Deadline;
pub(crate) use finding::Finding;
pub(crate) use progress::Progress;
pub(crate) use transport_error::{Cause, NO_ROOM, TransportError};
