//! A local collector that speaks Fluent Forward over TCP and Unix sockets.
//!
//! The program `mona-collector` uses it to show what a development machine exports. Tests use
//! [`FaultCollector`]: a collector inside the test's own process that misbehaves as its [`Script`]
//! says and keeps a [`Ledger`] of everything it took. It promises to acknowledge only what it took,
//! never to panic on what it reads, and to leave no thread behind.

mod connection;
mod fault;
mod forward;
mod ledger;
mod record;
mod script;
mod server;
mod socket;
mod stop;

pub use fault::FaultCollector;
pub use forward::chunk::{Chunk, Entry, Mode};
pub use forward::msgpack::Malformed;
pub use forward::value::{Floats, json};
pub use ledger::{ChunkEntry, EventEntry, Ledger, Totals};
pub use record::{Record, Time, write_line};
pub use script::{Faults, Script, Step};
pub use server::{Server, Sink};
pub use socket::{Listen, Listener};
pub use stop::{Stop, Wake};
