//! A connection that was accepted, and what it knows of the world around it.
//!
//! Made by the accepting thread, used up by the thread that serves it.

use std::sync::Arc;

use super::conduct::Conduct;
use super::service::Service;
use super::socket::Stream;
use super::stop::Stop;

/// What a connection knows of the world around it.
pub(super) struct Session {
    pub(super) peer: String,
    /// Its place among all connections of the server, from 0.
    pub(super) number: u64,
    pub(super) conduct: Box<dyn Conduct>,
    pub(super) service: Arc<Service>,
    pub(super) stop: Arc<Stop>,
}

/// A connection that nobody serves yet.
pub(super) struct Accepted {
    pub(super) stream: Stream,
    pub(super) session: Session,
}
