//! A collector that misbehaves on purpose, for tests: scripts, and a ledger of everything it took.
//!
//! A [`script`] gives each connection a [`step`]; [`misconduct`] follows it by saying to the server what is
//! to be done wrong. [`collector`] runs a server inside the process of a test and keeps what it takes in a
//! [`ledger`]. The program uses the scripts for `--fault`.

pub(crate) mod collector;
pub(crate) mod flood;
mod kept;
pub(crate) mod ledger;
mod misconduct;
mod port;
pub(crate) mod reply;
pub(crate) mod script;
pub(crate) mod step;
