//! What a connection knows of the world around it.
//!
//! Made by the accepting thread, used up by the thread that serves the connection.

use std::sync::Arc;

use super::conduct::Conduct;
use super::service::Service;
use super::stop::Stop;

/// One connection, all but its socket.
pub(super) struct Session {
    pub(super) peer: String,
    /// Its place among all connections of the server, from 0.
    pub(super) number: u64,
    pub(super) conduct: Box<dyn Conduct>,
    pub(super) service: Arc<Service>,
    pub(super) stop: Arc<Stop>,
}
