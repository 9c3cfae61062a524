//! The options of a client: one table, the values a program set by hand, and what all sources together
//! give; and the watch over the config file.
//!
//! A client is made from an [`Options`] value and the process environment by [`resolve`], once; the answer is
//! immutable, and a change of the config file makes the next one ([`Resolved::reload`]). A wrong value in
//! `set` is an error at once; anywhere else it is one warning and the next source counts, but for options that say
//! where records go or by what keys: those make no client.

mod contradictions;
mod describe;
mod file;
mod fixed;
mod in_force;
mod kind;
mod meant;
mod misspelt;
mod options;
#[cfg(feature = "http")]
mod otel_variables;
#[cfg(feature = "http")]
mod proxy_variables;
#[cfg(test)]
mod reference;
mod row;
mod schemes;
mod secret;
mod service_links;
mod settings;
mod source;
mod strict;
mod table;
#[cfg(test)]
mod tests;
mod value;
pub(crate) mod watch;

pub(crate) use file::ConfigFile;
pub(crate) use misspelt::find_once as misspelt_variables;
pub use options::Options;
#[cfg(feature = "http")]
pub(crate) use otel_variables::SERVICE_NAME;
#[cfg(feature = "http")]
pub(crate) use proxy_variables::{ProxyVariables, Variable};
#[cfg(feature = "http")]
pub(crate) use secret::{HIDDEN_PATH, wipe, without_secrets};
pub(crate) use secret::{Secret, shown_urls};
#[cfg(feature = "http")]
pub(crate) use settings::AuthMode;
pub(crate) use settings::{
    Ack, Balance, Compress, HttpFormat, NonFinite, OtlpEncoding, Settings, SpoolSync, UseSsl,
};
pub(crate) use source::{Resolved, resolve};
#[cfg(feature = "http")]
pub(crate) use table::NO_USER;
pub(crate) use value::{presses_button, quoted};
