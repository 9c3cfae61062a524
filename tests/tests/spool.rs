//! The spool, from the export to the collector: every event arrives once, in order, or is counted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::ledger::{self, Arrived, context, event};
use mona_tests::native::{Client, Context, Stats};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;

#[path = "spool/ends.rs"]
mod ends;
#[path = "spool/outage.rs"]
mod outage;
#[path = "spool/trouble.rs"]
mod trouble;

/// Only there to end a hang.
const LONG: Duration = Duration::from_secs(240);
const LONG_MS: u32 = 240_000;

/// A folder for the spool, and a collector.
struct Place {
    folder: TempDir,
    collector: FaultCollector,
}

impl Place {
    fn new(script: impl Into<Script>) -> Place {
        Place::serve(Service::forward(), script)
    }

    fn serve(service: Service, script: impl Into<Script>) -> Place {
        Place {
            folder: tempfile::tempdir().unwrap(),
            collector: FaultCollector::serve(Listen::Tcp, service, script).unwrap(),
        }
    }

    /// One whose collector is away.
    fn away() -> Place {
        let place = Place::new(Script::normal());
        place.collector.pause().unwrap();
        place
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// A client of this place, with a small queue whose threads wait for the disk: what they outrun it by would be dropped.
    fn client(&self, more: &[(&str, &str)]) -> Client {
        let spool = self.spool();
        let mut options = vec![
            ("spool_dir", spool.to_str().unwrap()),
            ("queue_bytes", "262144"),
            ("chunk_bytes", "16384"),
            ("queue_circular", "false"),
            ("block_timeout_ms", "60000"),
            ("connect_timeout_ms", "1000"),
        ];
        options.extend(more);
        ledger::client(&self.collector.endpoint(), &options)
    }

    /// The directories of instances that are left.
    fn instances(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.spool().join("v1")) else { return Vec::new() };
        let names = entries.map(|entry| entry.unwrap().path());
        names.filter(|path| !path.ends_with("bad")).collect()
    }

    /// The events on disk, as tools see them.
    fn events_on_disk(&self) -> u64 {
        let list = mona_tests::native::spool_list(self.spool().to_str().unwrap()).unwrap();
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        list.as_array().unwrap().iter().map(|instance| instance["events"].as_u64().unwrap()).sum()
    }

    /// What arrived, all of it whole, no chunk with two faces.
    fn arrived(&self) -> Arrived {
        let seen = self.collector.ledger();
        assert!(seen.conflicts().is_empty(), "{:?}", seen.conflicts());
        ledger::arrived(&self.collector.records())
    }

    /// Fails unless exactly the first `count` events of each of these arrived, each in its order, and none twice.
    fn expect(&self, who: &[&str], count: u64) {
        let arrived = self.arrived();
        assert_eq!(arrived.keys().collect::<Vec<_>>(), who);
        for (who, numbers) in &arrived {
            let misplaced = numbers.iter().zip(0..).find(|(number, place)| *number != place);
            assert_eq!((misplaced, numbers.len() as u64), (None, count), "{who}");
        }
        assert_eq!(self.collector.ledger().duplicates(), 0);
    }
}

/// Exports events and sees to it that the ledger holds on the way.
fn export(client: &Client, context: &Context, who: &str, range: std::ops::Range<u64>, filling: usize) {
    for n in range {
        context.export(&event(who, n, filling), 0.0).unwrap();
        if n % 256 == 0 {
            balanced(client);
        }
    }
}

fn balanced(client: &Client) -> Stats {
    let stats = client.stats();
    assert!(stats.balanced(), "the counters do not add up: {stats:?}");
    stats
}

/// Waits until the counters are as wished; the ledger holds all the while.
fn wait_for(client: &Client, is_so: impl Fn(&Stats) -> bool) -> Stats {
    let end = Instant::now() + LONG;
    loop {
        let stats = balanced(client);
        if is_so(&stats) {
            return stats;
        }
        assert!(Instant::now() < end, "{stats:?}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until nothing is held any more.
fn wait_until_empty(client: &Client) -> Stats {
    wait_for(client, |stats| stats.queued_events + stats.spooled_events == 0)
}
