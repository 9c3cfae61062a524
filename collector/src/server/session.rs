//! What a connection knows of the world around it.
//!
//! Made by the accepting thread, used up by the thread that serves the connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::conduct::Conduct;
use super::service::Service;
use super::stop::{Stop, Waited};

/// One connection, all but its socket.
pub(super) struct Session {
    pub(super) peer: String,
    /// Its place among all connections of the server, from 0.
    pub(super) number: u64,
    pub(super) conduct: Box<dyn Conduct>,
    pub(super) service: Arc<Service>,
    pub(super) stop: Arc<Stop>,
}

impl Session {
    /// Lets time pass; false if the collector stops. A moment too far away to be a date never comes.
    pub(super) fn rest(&self, time: Duration) -> Result<bool, String> {
        if time.is_zero() {
            return Ok(true);
        }
        let waited = self.stop.wait(None, Instant::now().checked_add(time));
        waited.map(|waited| waited != Waited::Stopped).map_err(|error| error.to_string())
    }
}
