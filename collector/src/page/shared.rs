//! What all requests share: who may ask, what is asked, and how much at once.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::guard::Guard;
use super::serve::PageSettings;

/// Views that are made at the same time; each has a thread and a connection to the store.
pub(crate) const MAX_VIEWS: usize = 4;
/// Live views at the same time: each keeps a connection.
const MAX_LIVE: usize = 32;

pub(crate) struct Shared {
    pub(crate) guard: Guard,
    pub(crate) views: Semaphore,
    live: Arc<Semaphore>,
    /// Where programs can send to, for what is shown while nothing has arrived.
    pub(crate) endpoints: Vec<String>,
}

impl Shared {
    pub(crate) fn new(address: SocketAddr, settings: PageSettings) -> Shared {
        let guard = Guard { hosts: settings.allow_hosts, token: settings.token, port: address.port() };
        Shared {
            guard,
            views: Semaphore::new(MAX_VIEWS),
            live: Arc::new(Semaphore::new(MAX_LIVE)),
            endpoints: settings.endpoints,
        }
    }

    /// A place among the live views, for as long as it is kept.
    pub(crate) fn live_place(&self) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        Arc::clone(&self.live).try_acquire_owned()
    }

    /// A number that is another as soon as there is something new to see.
    pub(crate) fn version(&self) -> u64 {
        0
    }
}
