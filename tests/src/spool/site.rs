//! A folder with a spool, and a collector on a Unix socket in it that comes and goes.
//!
//! A path is nobody else's while the collector is away, as a port might be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mona_collector::{Faults, Listen, Listener, Script, Server, Service};
use tempfile::TempDir;

use super::host::SMALL;
use super::tally::Tally;
use crate::native::{Client, Stats};

/// Only there to end a hang.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often a drain is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// The bound of a close that has nothing left to do.
const CLOSE_MS: u32 = 120_000;
/// What the events of a drain are called, which wake the library up.
pub const SURVIVOR: &str = "survivor";

/// A spool and its collector.
pub struct Site {
    folder: TempDir,
    /// What the collector took.
    pub tally: Arc<Tally>,
    server: Option<Server>,
    drains: u64,
}

impl Site {
    /// An empty one below this folder, or below that for temporary files. The collector is away.
    pub fn new(below: Option<&Path>) -> Site {
        let mut builder = tempfile::Builder::new();
        builder.prefix("mona-spool-");
        let folder = below.map_or_else(|| builder.tempdir(), |below| builder.tempdir_in(below)).unwrap();
        fs::create_dir(folder.path().join("disk")).unwrap();
        Site { folder, tally: Arc::default(), server: None, drains: 0 }
    }

    /// The folder that the spool is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that the spool is in and nothing else.
    pub fn disk(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// The option `spool_dir`. It is not there before the library makes it.
    pub fn spool(&self) -> PathBuf {
        self.disk().join("spool")
    }

    /// The same as text.
    pub fn spool_text(&self) -> String {
        self.spool().to_str().unwrap().to_owned()
    }

    /// The option `endpoint`.
    pub fn endpoint(&self) -> String {
        format!("unix://{}/collector", self.folder.path().display())
    }

    /// The collector comes, and follows this script.
    pub fn open(&mut self, script: impl Into<Script>) {
        let path = self.folder.path().join("collector");
        let listener = Listener::bind(&Listen::Unix(path)).unwrap();
        let faults = Arc::new(Faults::new(script.into()));
        self.server =
            Some(Server::start(listener, Service::forward(), faults, Arc::clone(&self.tally) as _).unwrap());
    }

    /// The collector goes.
    pub fn shut(&mut self) {
        self.server = None;
    }

    /// Whether the collector is there.
    pub fn is_open(&self) -> bool {
        self.server.is_some()
    }

    /// The directories of instances that there are.
    pub fn instances(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.spool().join("v1")) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// A client of this process on the spool, with these options beside those of the hosts.
    ///
    /// # Panics
    /// When an option is refused.
    pub fn client(&self, more: &[(&str, &str)]) -> Client {
        crate::native::load_release();
        let (spool, endpoint) = (self.spool_text(), self.endpoint());
        let mut options: Vec<_> = SMALL.iter().map(|option| option.split_once('=').unwrap()).collect();
        options.extend([("spool_dir", &*spool), ("endpoint", &*endpoint)]);
        options.extend(more);
        Client::new(&options)
            .unwrap_or_else(|status| panic!("{options:?}: status {status}, {}", crate::native::last_error()))
    }

    /// Delivers everything that dead processes left: the survivor. The collector has to be there. Nothing is left
    /// behind, not its own directory either, and nothing was dropped.
    ///
    /// # Panics
    /// When that is not so within minutes.
    pub fn drain(&mut self) -> Stats {
        let stats = self.drain_what_is_whole();
        assert!(stats.dropped() == 0, "{stats:?}");
        stats
    }

    /// The same where the spool may have lost something: that may be dropped and nothing else.
    ///
    /// # Panics
    /// As [`Site::drain`].
    pub fn drain_what_is_whole(&mut self) -> Stats {
        let client = self.client(&[]);
        let context = client.context(None, None).unwrap();
        crate::ledger::export(&context, SURVIVOR, self.drains..self.drains + 1, 0);
        self.drains += 1;
        let end = Instant::now() + PATIENCE;
        loop {
            let stats = client.stats();
            assert!(stats.balanced(), "{stats:?}");
            if stats.spooled_events + stats.queued_events == 0 && self.instances().is_empty() {
                break;
            }
            assert!(Instant::now() < end, "{stats:?}, still there: {:?}", self.instances());
            sleep(LOOK);
        }
        assert_eq!(client.close(CLOSE_MS), Ok(()));
        let stats = client.stats();
        assert!(stats.balanced() && stats.dropped() == stats.dropped_spool, "{stats:?}");
        drop(client);
        assert_eq!(self.instances(), Vec::<PathBuf>::new(), "it left a directory behind");
        self.tally.check();
        stats
    }
}

/// Fails unless exactly the first events arrived, at least `settled` of them, without a hole.
///
/// # Panics
/// When one is missing.
pub fn expect_first(numbers: &[u64], settled: u64, about: &dyn std::fmt::Debug) {
    let first_missing = numbers.iter().zip(0..).find(|(n, place)| *n != place).map(|(_, place)| place);
    assert_eq!(first_missing, None, "{about:?}: {} arrived, and one before them did not", numbers.len());
    assert!(numbers.len() as u64 >= settled, "{about:?}: {settled} in safety, {} arrived", numbers.len());
}

/// Fails unless every event in safety arrived, where those that were on their way may be missing.
///
/// # Panics
/// When fewer did.
pub fn expect_as_many(numbers: &[u64], settled: u64, about: &dyn std::fmt::Debug) {
    assert!(numbers.len() as u64 >= settled, "{about:?}: {settled} in safety, {} arrived", numbers.len());
}
