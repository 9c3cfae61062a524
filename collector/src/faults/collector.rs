//! The fault collector: a collector inside a test's process that follows a script.
//!
//! Keeps every record it takes as the bytes that arrived, and a ledger; both are read at any time.
//! Without a bound, as a test knows how much it sends. Dropping it closes everything.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::kept::Taken;
use super::ledger::Ledger;
use super::port::Reserved;
use super::script::{Faults, Script};
use crate::proto::record::Record;
use crate::server::accept::Server;
use crate::server::service::Service;
use crate::server::socket::{Listen, Listener};

/// A collector for tests, with scripted faults.
///
/// ```
/// use mona_collector::{FaultCollector, Listen, Step};
/// use std::time::Duration;
///
/// # fn main() -> std::io::Result<()> {
/// // The first connection is reset after a hundred bytes, all others are served.
/// let collector = FaultCollector::start(Listen::Tcp, [Step::ReadThenReset(100), Step::Normal])?;
/// println!("MONA_ENDPOINT={}", collector.endpoint());
/// // ... run what is to be tested ...
/// # let timeout = Duration::ZERO;
/// # let expected = 1;
/// if collector.wait_for_records(expected, timeout) {
///     assert!(collector.ledger().same_id_same_bytes());
/// }
///
/// // An HTTP collector that is busy three times, then refuses a kind of record for good.
/// use mona_collector::{Reply, RetryAfter, Service};
/// let service = Service::http().poison(|record| record["message"]["n"] == 13);
/// let busy = Reply::new(503).first(3).retry_after(RetryAfter::Seconds(1));
/// let collector = FaultCollector::serve(Listen::Tcp, service, busy)?;
/// assert!(collector.endpoint().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct FaultCollector {
    listen: Listen,
    service: Mutex<Service>,
    faults: Arc<Faults>,
    taken: Arc<Taken>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Listening { _server: Server },
    Paused { _port: Option<Reserved> },
    Stopped,
}

impl FaultCollector {
    /// Starts listening, for Forward in clear text. It is ready when this returns.
    pub fn start(listen: Listen, script: impl Into<Script>) -> io::Result<FaultCollector> {
        FaultCollector::serve(listen, Service::forward(), script)
    }

    /// Starts listening, for what the service speaks. It is ready when this returns.
    pub fn serve(listen: Listen, service: Service, script: impl Into<Script>) -> io::Result<FaultCollector> {
        let listener = Listener::bind(&listen)?;
        let listen = listener.bound()?;
        let faults = Arc::new(Faults::new(script.into()));
        let taken = Arc::new(Taken::default());
        let server = Server::start(listener, service.clone(), faults.clone(), taken.clone())?;
        let state = Mutex::new(State::Listening { _server: server });
        Ok(FaultCollector { listen, service: Mutex::new(service), faults, taken, state })
    }

    /// Closes all connections and goes on at the same place with another service, as a collector does
    /// that is started anew with a mended configuration. The script goes on where it was.
    pub fn set_service(&self, service: Service) -> io::Result<()> {
        *self.service() = service;
        if matches!(*self.state(), State::Listening { .. }) {
            self.pause()?;
            self.resume()?;
        }
        Ok(())
    }

    /// The endpoint for the option of that name: `tcp://127.0.0.1:PORT`, or with `tls`, `http` or
    /// `https` for such a service, or `unix:///path`.
    pub fn endpoint(&self) -> String {
        match &self.listen {
            Listen::Unix(path) => format!("unix://{}", path.display()),
            Listen::Address(address) => format!("{}://{address}", self.service().scheme()),
            Listen::Tcp => String::new(),
        }
    }

    /// The TCP address it listens on; none for a Unix socket.
    pub fn addr(&self) -> Option<SocketAddr> {
        match &self.listen {
            Listen::Address(address) => Some(*address),
            Listen::Tcp | Listen::Unix(_) => None,
        }
    }

    /// Follows another script from the next connection on; open ones keep their step.
    pub fn set_script(&self, script: impl Into<Script>) {
        self.faults.set(script.into());
    }

    /// Stops listening and closes all connections: new ones are refused, as if the collector were
    /// down. What it took stays. Its port stays reserved. Does nothing when not listening.
    pub fn pause(&self) -> io::Result<()> {
        let mut state = self.state();
        if !matches!(*state, State::Listening { .. }) {
            return Ok(());
        }
        *state = State::Paused { _port: None };
        if let Listen::Address(address) = &self.listen {
            *state = State::Paused { _port: Some(patiently(|| Reserved::new(*address))?) };
        }
        Ok(())
    }

    /// Listens again, at the same place. Does nothing when not paused.
    pub fn resume(&self) -> io::Result<()> {
        let mut state = self.state();
        if !matches!(*state, State::Paused { .. }) {
            return Ok(());
        }
        *state = State::Paused { _port: None };
        let listener = patiently(|| Listener::bind(&self.listen))?;
        let service = self.service().clone();
        let server = Server::start(listener, service, self.faults.clone(), self.taken.clone())?;
        *state = State::Listening { _server: server };
        Ok(())
    }

    /// Stops for good and joins all threads; what was taken can still be read.
    pub fn stop(&self) {
        *self.state() = State::Stopped;
    }

    /// All records taken so far, in order of arrival, duplicates included. A million of them take
    /// gigabytes: [`FaultCollector::for_each_record`] shows one at a time.
    pub fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        self.for_each_record(|record| records.push(record));
        records
    }

    /// Shows all records taken so far, in order of arrival, duplicates included.
    pub fn for_each_record(&self, mut show: impl FnMut(Record)) {
        let chunks = self.taken.lock().chunks.clone();
        chunks.iter().for_each(|chunk| chunk.for_each_record(&mut show));
    }

    /// What was taken so far, chunk by chunk and event by event.
    pub fn ledger(&self) -> Ledger {
        self.taken.lock().ledger.clone()
    }

    /// Why connections were closed and requests refused, where it was neither their ordinary end, nor
    /// a bound of the service, nor the script.
    pub fn complaints(&self) -> Vec<String> {
        self.taken.lock().complaints.clone()
    }

    /// Connections that are open now.
    pub fn open_connections(&self) -> u64 {
        self.taken.lock().open
    }

    /// Waits until at least `count` records are taken, duplicates included; false at the time-out.
    pub fn wait_for_records(&self, count: u64, timeout: Duration) -> bool {
        self.wait_for(timeout, |ledger| ledger.totals.records >= count)
    }

    /// Waits until at least `count` connections were accepted; false at the time-out.
    pub fn wait_for_connections(&self, count: u64, timeout: Duration) -> bool {
        self.wait_for(timeout, |ledger| ledger.totals.connections >= count)
    }

    /// Waits until the ledger meets a condition; false at the time-out.
    pub fn wait_for(&self, timeout: Duration, met: impl Fn(&Ledger) -> bool) -> bool {
        self.taken.wait_for(timeout, met)
    }

    fn service(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program that the test starts at this very moment holds copies of our sockets until it is executed,
/// so a port that was just closed can be taken a little longer.
fn patiently<T>(bind: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        match bind() {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5));
            }
            outcome => return outcome,
        }
    }
}
