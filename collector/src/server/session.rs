//! What a connection knows of the world around it.
//!
//! Made by the accepting thread, used up by the thread that serves the connection.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::conduct::Conduct;
use super::place::Place;
use super::service::Service;
use super::stop::{Stop, Waited};
use crate::proto::malformed::Malformed;

/// How often memory is looked for.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// One connection, all but its socket.
pub(super) struct Session {
    pub(super) peer: String,
    /// Its place among all connections of the server, from 0.
    pub(super) number: u64,
    pub(super) conduct: Box<dyn Conduct>,
    pub(super) service: Arc<Service>,
    pub(super) stop: Arc<Stop>,
    pub(super) place: Arc<Place>,
    /// The address of the listening socket.
    pub(super) listen: Option<IpAddr>,
}

impl Session {
    /// Tries again while others hold the memory that is needed, for a while: a client that is only closed
    /// on might take it for a refusal.
    pub(super) fn wait_for_room<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, Malformed>,
    ) -> Result<T, String> {
        let until = Instant::now().checked_add(self.service.limits.room);
        loop {
            match attempt() {
                Err(busy) if busy.is_busy() && until.is_some_and(|until| Instant::now() < until) => {
                    let again = Instant::now().checked_add(BETWEEN_ATTEMPTS);
                    if self.stop.wait(None, again).map_err(|error| error.to_string())? == Waited::Stopped {
                        return Err(busy.to_string());
                    }
                }
                outcome => return outcome.map_err(|malformed| malformed.to_string()),
            }
        }
    }

    /// Lets time pass; false if the collector stops. A moment too far away to be a date never comes.
    pub(super) fn rest(&self, time: Duration) -> Result<bool, String> {
        if time.is_zero() {
            return Ok(true);
        }
        let waited = self.stop.wait(None, Instant::now().checked_add(time));
        waited.map(|waited| waited != Waited::Stopped).map_err(|error| error.to_string())
    }
}
