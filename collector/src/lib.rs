//! A local collector that speaks Fluent Forward over TCP, TLS and Unix sockets, HTTP and HTTPS.
//!
//! The program `mona-collector` uses it to show what a development machine exports. Tests use
//! [`FaultCollector`]: a collector inside the test's own process that speaks what its [`Service`] says,
//! misbehaves as its [`Script`] says and keeps a [`Ledger`] of everything it took. It promises to
//! acknowledge only what it took, never to panic on what it reads, and to leave no thread behind.

mod certificates;
mod channel;
mod chunk;
mod connection;
mod fault;
mod forward;
mod gzip;
mod http;
mod ledger;
mod record;
mod script;
mod server;
mod service;
mod socket;
mod stop;
mod tls;

pub use certificates::{Authority, Certificate};
pub use chunk::{Chunk, Entry, Mode};
pub use fault::FaultCollector;
pub use forward::handshake::{Handshake, Helo};
pub use forward::msgpack::Malformed;
pub use forward::value::{Floats, json};
pub use http::tokens::Tokens;
pub use ledger::{ChunkEntry, EventEntry, Ledger, RequestEntry, Totals};
pub use record::{Record, Time, write_line};
pub use script::{Faults, Reply, RetryAfter, Script, Step, To, When};
pub use server::{Server, Sink};
pub use service::{Named, Service};
pub use socket::{Listen, Listener};
pub use stop::{Stop, Wake};
pub use tls::{Tls, TlsSettings, TlsVersions};
