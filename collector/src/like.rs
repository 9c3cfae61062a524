//! Servers of the world as they were measured: what each refuses that a correct collector takes.
//!
//! A [`crate::Service`] is given one of them and its connections ask it, as [`crate::server::likeness`] says.
//! [`named`] reads the text behind `--like`. Facts stand where they are followed, with the version in which they
//! were seen; nothing is copied from these servers.

pub(crate) mod fluent_bit;
pub(crate) mod fluentd;
pub(crate) mod named;
pub(crate) mod opentelemetry;
mod settings;
pub(crate) mod victorialogs;
