//! A local collector that speaks Fluent Forward over TCP, TLS and Unix sockets, HTTP and HTTPS.
//!
//! The program `mona-collector` uses it to show what a development machine exports. Tests use
//! [`FaultCollector`]: a collector inside the test's own process that speaks what its [`Service`] says,
//! misbehaves as its [`Script`] says and keeps a [`Ledger`] of everything it took. It promises to
//! acknowledge only what it took, never to panic on what it reads, and to leave no thread behind.

#[cfg(feature = "faults")]
mod faults;
pub mod ids;
#[cfg(feature = "faults")]
mod like;
#[cfg(feature = "page")]
mod page;
mod proto;
mod server;
#[cfg(feature = "page")]
mod stats;
#[cfg(feature = "store")]
pub mod store;

#[cfg(feature = "faults")]
pub use faults::{
    collector::FaultCollector,
    flood::{Flood, Noise},
    ledger::{ChunkEntry, EventEntry, Ledger, Totals},
    reply::{Reply, RetryAfter, To, When},
    script::{Faults, Script},
    step::Step,
};
#[cfg(feature = "faults")]
pub use like::{
    fluent_bit::FluentBit, fluentd::Fluentd, named::likeness, opentelemetry::OpenTelemetry,
    victorialogs::VictoriaLogs,
};
#[cfg(feature = "page")]
pub use page::{Clients, DeliveryCounters, Page, PageSettings};
pub use proto::budget::Budget;
pub use proto::chunk::{Chunk, Entry, Mode, OptionForm};
pub use proto::forward::handshake::{Greeting, Handshake, Helo, Ping};
pub use proto::forward::json::{Floats, json};
pub use proto::hidden::is_hidden;
pub use proto::http::request::RequestEntry;
pub use proto::malformed::Malformed;
pub use proto::quote::quote;
pub use proto::record::{Record, Time};
pub use proto::scalar::Scalar;
pub use proto::view::{Fields, View};
pub use server::accept::Server;
pub use server::certificates::Authority;
pub use server::conduct::{
    Babble, Conduct, Conducts, Correct, Delivery, Instead, Pong, Protocol, RequestKind, Start,
};
pub use server::http::answer::Named;
pub use server::http::tokens::Tokens;
pub use server::likeness::{Likeness, Plain, Socket, Verdict};
pub use server::limits::Limits;
pub use server::service::Service;
pub use server::sink::{Peer, Sink};
pub use server::socket::{Listen, Listener};
pub use server::stop::{Stop, Waited};
pub use server::tls::{Certificate, Tls, TlsSettings, TlsVersions, fresh_id};
