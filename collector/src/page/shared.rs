//! What all requests share: who may ask, what is asked, and how much at once.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, TryAcquireError};

use super::clients::Clients;
use super::guard::Guard;
use super::pulse::Pulse;
use super::settings::{DeliveryCounters, PageSettings};
use super::trouble::Trouble;
use crate::store::{Reader, Store};

/// Views that are made at the same time; each has a thread and a connection to the store.
pub(crate) const MAX_VIEWS: usize = 4;
/// Live views at the same time: each keeps a connection.
const MAX_LIVE: usize = 32;
/// Longer than anybody waits for a page; what takes this long is asked too widely.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Shared {
    pub(crate) guard: Guard,
    pub(crate) views: Arc<Semaphore>,
    /// Where programs can send to, for what is shown while nothing has arrived.
    pub(crate) endpoints: Vec<String>,
    pub(crate) delivery: DeliveryCounters,
    pub(crate) clients: Arc<Clients>,
    pub(crate) pulse: Pulse,
    /// A live view was opened.
    pub(crate) opened: Notify,
    live: Arc<Semaphore>,
    store: Arc<Store>,
    /// Connections that nobody uses at the moment.
    readers: Mutex<Vec<Reader>>,
}

impl Shared {
    pub(crate) fn new(address: SocketAddr, store: Arc<Store>, settings: PageSettings) -> Shared {
        let guard = Guard { hosts: settings.allow_hosts, token: settings.token, port: address.port() };
        Shared {
            guard,
            views: Arc::new(Semaphore::new(MAX_VIEWS)),
            endpoints: settings.endpoints,
            delivery: settings.delivery,
            clients: settings.clients,
            pulse: Pulse::default(),
            opened: Notify::new(),
            live: Arc::new(Semaphore::new(MAX_LIVE)),
            store,
            readers: Mutex::new(Vec::new()),
        }
    }

    /// A place among the live views, for as long as it is kept.
    pub(crate) fn live_place(&self) -> Result<OwnedSemaphorePermit, TryAcquireError> {
        let place = Arc::clone(&self.live).try_acquire_owned()?;
        self.opened.notify_one();
        Ok(place)
    }

    /// Whether a live view is open.
    pub(crate) fn is_watched(&self) -> bool {
        self.live.available_permits() < MAX_LIVE
    }

    /// Asks the store.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Reader) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let kept = self.kept().pop();
        let reader = match kept {
            Some(reader) => reader,
            None => Reader::open(&self.store)?.patience(PATIENCE),
        };
        let answer = question(&reader);
        let mut readers = self.kept();
        if readers.len() < MAX_VIEWS {
            readers.push(reader);
        }
        answer
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
