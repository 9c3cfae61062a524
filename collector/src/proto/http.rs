//! What requests carry: records posted to any path, and messages of the Mona REST API.

pub(crate) mod body;
mod pieces;
pub(crate) mod request;
mod shape;
