//! libmona: the native client for Mona, a service that monitors algorithms in production.
//!
//! A [`Client`] is a way to a collector. A [`Context`], or the calling thread's own in [`current`], is one
//! run of an algorithm; events exported in it become one ARC. An export encodes on the calling thread into
//! that thread's buffer and returns; a background thread delivers. What was accepted is delivered or
//! counted in [`Stats`].

mod buffer;
mod client;
mod clock;
mod context;
pub mod current;
pub mod error;
mod event;
mod filter;
mod fork;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod id;
mod json;
mod latch;
pub mod log;
mod name;
mod options;
mod sender;
mod stats;
mod stdout;
mod sync;
mod thread;
mod transport;
mod wake;
mod watch;

pub use client::{CheckReport, Client};
pub use context::Context;
pub use current::BatchReport;
pub use event::{AsField, Field, Key, Look, Match, Timestamp, Value};
pub use name::Text;
pub use options::Options;
pub use stats::Stats;
