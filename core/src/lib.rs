//! libmona: the native client for Mona, a service that monitors algorithms in production.
//!
//! A [`Client`] is a way to a collector. A [`Context`], or the calling thread's own in [`thread_context`], is one
//! run of an algorithm; events exported in it become one ARC. An export encodes on the calling thread into
//! that thread's buffer and returns; a background thread delivers. What was accepted is delivered or
//! counted in [`Stats`].
//!
//! The folders are floors: each imports only what stands below it in the list of modules here.

mod api;
mod client;
mod config;
mod delivery;
mod diag;
mod encode;
mod net;
mod queue;
mod sys;
mod transport;

#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;

pub use api::check::CheckReport;
pub use api::context::Context;
pub use api::thread_context;
pub use api::thread_context::BatchReport;
pub use client::Client;
pub use config::Options;
pub use diag::stats::Stats;
pub use diag::{error, log};
pub use encode::{AsField, Field, FieldText, FieldValue, Key, KeyMatch, QuickValue, Timestamp};
