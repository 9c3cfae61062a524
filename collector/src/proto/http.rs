//! What requests carry: records posted to any path, and messages of the Mona REST API.

pub(crate) mod body;
pub(crate) mod extent;
pub(crate) mod pieces;
pub(crate) mod request;
