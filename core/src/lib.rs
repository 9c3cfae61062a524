//! libmona: the native client for Mona, a service that monitors algorithms in production.
//!
//! A [`Client`] is a way to a collector. A [`Context`], or the calling thread's own in [`thread_context`], is one
//! run of an algorithm; events exported in it become one ARC. An export encodes on the calling thread into
//! that thread's buffer and returns; a background thread delivers. What was accepted is delivered or
//! counted in [`Stats`].
//!
//! ```
//! use mona::{Client, Options, Timestamp};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), mona::error::Error> {
//! let mut options = Options::new();
//! options.set("endpoint", "memory:")?; // or tls://collector:24224, https://…, file:///…
//! let client = Client::new(Some(&options))?;
//!
//! let run = client.context(Some("digit-classifier"), None, Timestamp::Now)?;
//! run.export_json(br#"{"label": "seven", "confidence": 0.97}"#, Timestamp::Now)?;
//!
//! client.close(Duration::from_secs(5))?;
//! assert_eq!(client.stats().delivered, 2); // the event, and before it the class of its context
//! # Ok(())
//! # }
//! ```
//!
//! Code deep inside a program, that nobody hands a context to, uses the thread's own and the default client:
//!
//! ```
//! use mona::{Client, Options, Timestamp, thread_context};
//!
//! # fn main() -> Result<(), mona::error::Error> {
//! let mut options = Options::new();
//! options.set("endpoint", "null:")?;
//! Client::new(Some(&options))?.set_default()?; // without this the environment says where records go
//!
//! let run = thread_context::enter(Some("digit-classifier"), Some("run-1"), Timestamp::Now);
//! run.result?;
//! let step = thread_context::enter_sub(Some("preprocess"), Some("preprocess"));
//! assert_eq!(thread_context::id()?, "run-1.preprocess");
//! thread_context::export_json(br#"{"mean_ink": 5.2}"#, Timestamp::Now)?;
//! thread_context::leave(step.scope)?;
//! thread_context::leave(run.scope)?;
//! assert_eq!(thread_context::id()?, "");
//! # Ok(())
//! # }
//! ```
//!
//! The folders are floors, each of which imports only those below it: api, client, delivery, spool, queue, transport, encode,
//! net, config, diag, sys.

// The code of the page for readers of the repository is run, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod api;
mod client;
mod config;
mod delivery;
mod diag;
mod encode;
mod net;
mod queue;
#[allow(dead_code, unused_imports, reason = "the sender does not use it yet")]
mod spool;
mod sys;
mod transport;

#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;

// For the guards of the C interface.
#[doc(hidden)]
pub use sys::call;
#[doc(hidden)]
pub use sys::environment::variable as environment_variable;
pub use sys::files::path as path_of_bytes;
pub use sys::registration;

pub use api::check::CheckReport;
pub use api::context::Context;
pub use api::spool_dir;
pub use api::stack::{Given, Moved, Stack};
pub use api::thread_context;
pub use api::thread_context::BatchReport;
pub use client::Client;
pub use config::Options;
pub use diag::stats::Stats;
pub use diag::{error, log};
pub use encode::{AsField, Field, FieldText, FieldValue, Key, KeyMatch, QuickValue, Timestamp};
