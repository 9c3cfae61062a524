//! An hour's outage, simulated: a thousand events a second for twenty minutes, three restarts amid that, then all is
//! delivered and the ledger printed. Time runs sixty times as fast, with `SPOOL_RUNS=long` twenty times.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::Script;
use mona_tests::spool::host::{self, Task};
use mona_tests::spool::{Host, Site, runs};

/// Twenty minutes of a thousand events a second.
const EVENTS: u64 = 20 * 60 * 1000;
/// The process is started anew three times.
const LIVES: u64 = 4;
/// Four chunks are on their way at most, of a quarter of a mebibyte and less than a thousand events each.
const ON_THE_WAY: u64 = 4 * 1000;

/// The queue and chunks of the default options; what is needed to count, and room for all of it.
const OPTIONS: &[&str] =
    &["queue_bytes=8388608", "chunk_bytes=262144", "flush_interval_ms=200", "spool_bytes=1073741824"];

#[test]
fn an_outage_with_three_restarts() {
    let times_as_fast = runs(60, 20);
    let program = host::program();
    let mut site = Site::new(None);
    let burst = u64::from(times_as_fast);
    // One event a millisecond of simulated time.
    let task = Task { count: EVENTS / LIVES, burst, pause_us: 900, end: "close", options: OPTIONS };
    let mut left = 0;
    for life in 1..=LIVES {
        let who = format!("life-{life}");
        let start = |task| Host::start(&program, &site.spool_text(), &site.endpoint(), &who, task, |_| {});
        if life < LIVES {
            let said = start(task).end();
            println!("{who}: {said:?}");
            assert_eq!((said.settled, said.dropped, said.delivered), (EVENTS / LIVES, 0, 0));
            continue;
        }
        let mut host = start(Task { end: "drain", ..task });
        host.wait_for(|said| said.settled + said.queued == EVENTS / LIVES);
        println!("{who}, before the collector is back: {:?}", host.said());
        site.open(Script::normal());
        let said = host.end();
        println!("{who}: {said:?}");
        assert_eq!((said.dropped, said.queued), (0, 0));
        left = said.spooled;
        break;
    }
    // What the last life could not send within its close is there for the next process.
    site.drain();
    assert_eq!(site.tally.unique(), EVENTS + 1, "all of them, and the one of the drain");
    // What was on its way when a slow machine had the close give up comes once more, and nothing else does.
    let most = if left == 0 { 0 } else { ON_THE_WAY };
    assert!(site.tally.duplicates() <= most, "{} twice, {left} left", site.tally.duplicates());
    for life in 1..=LIVES {
        assert_eq!(site.tally.numbers(&format!("life-{life}")).len() as u64, EVENTS / LIVES);
    }
}
