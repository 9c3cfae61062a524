//! Collectors behind TLS, and the checks where several collectors, or one that was mended, took the events.
//!
//! Called by the tests of the second way in: TLS, handshake, HTTP, failover. It promises the four checks of
//! [`crate::ledger`] over any number of collectors, and certificates that exist for the time of a test.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use mona_collector::{Authority, FaultCollector, Record, Service, Tls, TlsSettings, TlsVersions};
use tempfile::TempDir;

use crate::ledger::{Arrived, arrived};
use crate::native::{Client, Stats};

/// Long enough for a loaded machine: a flush returns as soon as it can.
pub const FLUSH_MS: u32 = 120_000;

/// The names a collector of the tests goes by.
pub const HOSTS: [&str; 2] = ["localhost", "127.0.0.1"];

/// A certificate authority, and a folder for files that tests name in options.
pub struct Trust {
    authority: Authority,
    folder: TempDir,
    ca_file: String,
}

impl Trust {
    /// A new authority, whose certificate is in a file.
    pub fn new() -> Trust {
        let authority = Authority::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut trust = Trust { authority, folder, ca_file: String::new() };
        trust.ca_file = trust.file("ca.pem", trust.authority.pem());
        trust
    }

    /// The file with its certificate, for the option of that name.
    pub fn ca_file(&self) -> &str {
        &self.ca_file
    }

    /// The authority itself.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Writes a file and gives its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What a good collector presents.
    pub fn tls(&self) -> Tls {
        Tls::try_from(self.authority.server(&HOSTS).unwrap()).unwrap()
    }

    /// The same, in these versions alone.
    pub fn tls_of(&self, versions: TlsVersions) -> Tls {
        let certificate = self.authority.server(&HOSTS).unwrap();
        Tls::new(&TlsSettings { versions, ..TlsSettings::new(certificate) }).unwrap()
    }

    /// Forward behind TLS.
    pub fn forward(&self) -> Service {
        Service::forward().tls(self.tls())
    }

    /// HTTP behind TLS.
    pub fn http(&self) -> Service {
        Service::http().tls(self.tls())
    }
}

impl Default for Trust {
    fn default() -> Trust {
        Trust::new()
    }
}

/// Waits until something holds; false when it does not within `limit`.
pub fn eventually(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The four checks over all collectors that a client has sent to. What a collector complained of is left
/// aside: a connection that was refused on purpose is one.
///
/// # Panics
/// When one of them does not hold.
pub fn check(client: &Client, collectors: &[&FaultCollector]) -> (Stats, Arrived) {
    let stats = client.stats();
    assert!(stats.balanced(), "the counters do not add up: {stats:?}");
    let records: Vec<Record> = collectors.iter().flat_map(|collector| collector.records()).collect();
    let arrived = arrived(&records);
    let unique = arrived.values().map(Vec::len).sum::<usize>() as u64;
    let mut chunks = BTreeMap::new();
    for collector in collectors {
        let ledger = collector.ledger();
        assert!(ledger.conflicts().is_empty(), "{:?}", ledger.conflicts());
        assert_eq!(ledger.totals.records_without_id, 0);
        for chunk in ledger.chunks {
            if chunk.mode.is_forward() {
                assert_eq!(chunk.size, Some(chunk.count as u64), "the option size of chunk {:?}", chunk.id);
            }
            let Some(id) = chunk.id else { continue };
            let known = *chunks.entry(id.clone()).or_insert(chunk.sha256);
            assert_eq!(known, chunk.sha256, "chunk {id} has other bytes at another collector");
        }
    }
    assert!(unique >= stats.delivered, "{} delivered by the counters, {unique} arrived", stats.delivered);
    assert!(unique <= stats.accepted, "{} accepted, {unique} arrived", stats.accepted);
    (stats, arrived)
}

/// The same, where nothing may be lost.
///
/// # Panics
/// When one of the checks does not hold or an event is missing.
pub fn check_all_delivered(client: &Client, collectors: &[&FaultCollector], sent: u64) -> Stats {
    let (stats, arrived) = check(client, collectors);
    assert_eq!((stats.accepted, stats.delivered), (sent, sent), "{stats:?}");
    assert_eq!(arrived.values().map(Vec::len).sum::<usize>() as u64, sent, "arrived: {stats:?}");
    stats
}

/// Asserts that nothing was delivered and nothing given up: all `sent` events wait.
///
/// # Panics
/// When it is not so.
pub fn check_all_kept(client: &Client, collector: &FaultCollector, sent: u64) {
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!((stats.accepted, stats.queued_events, stats.delivered), (sent, sent, 0), "{stats:?}");
    let totals = collector.ledger().totals;
    assert_eq!((totals.chunks, totals.records), (0, 0), "the collector took something: {totals:?}");
}

/// Measures up to so many times.
const MEASUREMENTS: u32 = 6;

/// Measures some times, until the time is within its bound. What the library does takes the same time whenever it is
/// asked; what other tests on the machine add to that differs, so the next time is a while later.
///
/// # Panics
/// When it was within the bound not once.
pub fn once_within(mut measure: impl FnMut() -> (Duration, Duration)) {
    let mut all = Vec::new();
    for attempt in 0..MEASUREMENTS {
        let (took, bound) = measure();
        if took < bound {
            return;
        }
        println!("took {took:?}, the bound is {bound:?}");
        std::thread::sleep(Duration::from_millis(500) * attempt);
        all.push((took, bound));
    }
    panic!("(took, bound): {all:?}");
}

/// By how much a close came later than it was asked for, as a program printed it, and by how much it may: for
/// [`once_within`].
pub fn lateness(late_us: i64) -> (Duration, Duration) {
    // What the interface promises beyond the time-out, and what two busy cores may add.
    (Duration::from_micros(late_us.unsigned_abs()), Duration::from_millis(250 + 750))
}
