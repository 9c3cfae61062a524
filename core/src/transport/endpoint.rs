//! Which collectors the options name, and everything about them that can be wrong before a connection.
//!
//! A client reads its endpoints once, when it is made; after that nothing about them changes but the connection.

mod address;
mod contradictions;
pub(super) mod list;
mod parse;
#[cfg(test)]
mod tests;

pub(crate) use address::Endpoint;
