//! The options of a client: one table, the values a program set by hand, and what all sources together
//! give; and the watch over the config file.
//!
//! A client is made from an [`Options`] value and the process environment by [`resolve`], once; the answer is
//! immutable, and a change of the config file makes the next one ([`Resolved::reload`]). A wrong value in
//! `set` is an error at once; anywhere else it is one warning and the next source counts.

mod describe;
mod file;
mod in_force;
mod kind;
mod options;
#[cfg(feature = "http")]
mod proxy_variables;
#[cfg(test)]
mod reference;
mod row;
mod secret;
mod settings;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod value;
pub(crate) mod watch;

pub(crate) use file::ConfigFile;
pub use options::Options;
#[cfg(feature = "http")]
pub(crate) use proxy_variables::{ProxyVariables, Variable};
pub(crate) use secret::Secret;
#[cfg(feature = "http")]
pub(crate) use secret::without_secrets;
#[cfg(feature = "http")]
pub(crate) use settings::AuthMode;
pub(crate) use settings::{Compress, HttpFormat, NonFinite, Settings, UseSsl};
pub(crate) use source::{Resolved, resolve};
#[cfg(feature = "http")]
pub(crate) use table::NO_USER;
pub(crate) use value::quoted;
