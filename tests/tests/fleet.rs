//! The fleet simulator of `tests/scale` at a small size: its counters are those of the ledger, whatever it does to its
//! clients, and the same seed sends the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Ledger, Listen, Script};
use mona_tests::{Finished, Language, Program, Recipe, run, workspace};
use serde_json::Value;
use std::fs;
use std::sync::OnceLock;
use std::time::Duration;

/// Generous for some seconds of a run on a loaded machine.
const LIMIT: Duration = Duration::from_secs(120);

fn simulator() -> &'static Program {
    static BUILT: OnceLock<Program> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = fs::read_dir(workspace().join("tests/scale/fleet")).unwrap();
        let mut sources: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        sources.retain(|path| path.extension().is_some_and(|suffix| suffix == "c"));
        assert!(sources.len() >= 6, "only {sources:?}");
        let recipe = sources.into_iter().fold(Recipe::new(Language::C), Recipe::source);
        // Its mathematics is among the sources' needs, and the library's path stands behind them.
        recipe.flag("-Wl,--no-as-needed").flag("-lm").build().unwrap()
    })
}

fn start(endpoint: &str, arguments: &str, env: &[(&str, &str)]) -> Finished {
    let mut command = simulator().command();
    command.args(arguments.split_whitespace());
    command.env("MONA_ENDPOINT", endpoint).env("MONA_EVENT_ID", "true").env("MONA_FLUSH_INTERVAL_MS", "20");
    run(command.envs(env.iter().copied()), LIMIT).unwrap()
}

/// Runs a fleet against a collector of its own; gives what it printed and the collector's ledger.
fn fleet(arguments: &str, env: &[(&str, &str)]) -> (Value, Ledger) {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let finished = start(&collector.endpoint(), arguments, env).expect_quiet().unwrap();
    let said: Value = serde_json::from_str(&finished.stdout).unwrap();
    let ledger = collector.ledger();
    assert_eq!(said["balanced"], true, "{said}");
    assert!(ledger.conflicts().is_empty(), "{:?}", ledger.conflicts());
    (said, ledger)
}

fn number(said: &Value, name: &str) -> u64 {
    said[name].as_u64().unwrap_or_else(|| panic!("no number {name} in {said}"))
}

/// All that was accepted arrived once, and the delay of each was seen.
fn expect_all(said: &Value, ledger: &Ledger) {
    let accepted = number(said, "accepted");
    assert_eq!(number(said, "acked"), accepted, "{said}");
    assert_eq!((ledger.unique_events(), ledger.duplicates()), (accepted, 0), "{said}");
    let delays = &said["delay_ms"];
    assert_eq!((number(delays, "count"), number(delays, "not_measured")), (accepted, 0), "{said}");
    let percentiles: Vec<f64> =
        ["p50", "p90", "p99", "p99.9", "max"].map(|name| delays[name].as_f64().unwrap()).to_vec();
    assert!(percentiles[0] > 0.0 && percentiles.is_sorted(), "{said}");
}

#[test]
fn every_pattern_sends_what_it_was_asked_for() {
    for pattern in ["steady", "poisson", "burst", "diurnal"] {
        let (said, ledger) =
            fleet(&format!("--pattern {pattern} --clients 6 --processes 2 --rate 200 --events 50"), &[]);
        expect_all(&said, &ledger);
        // One class record each besides.
        assert_eq!(number(&said, "accepted"), 6 * 51, "{pattern}: {said}");
    }
    let (said, ledger) = fleet("--pattern arcs --clients 6 --rate 200 --events 40", &[]);
    expect_all(&said, &ledger);
    // Eight events of an ARC, and the classes of its context and of two steps.
    assert_eq!(number(&said, "accepted"), 6 * 40 + 6 * 40 / 8 * 3, "{said}");
}

#[test]
fn a_storm_loses_nothing() {
    let storm =
        "--clients 30 --processes 3 --pattern burst --burst 10 --rate 100 --seconds 1.5 --storm-every 0.5";
    let (said, ledger) = fleet(storm, &[]);
    expect_all(&said, &ledger);
    assert_eq!((number(&said, "instances"), number(&said, "connections")), (90, 90), "{said}");
}

#[test]
fn processes_that_are_restarted_lose_nothing() {
    let (said, ledger) = fleet("--clients 12 --processes 4 --rate 100 --seconds 2 --roll 0.4", &[]);
    expect_all(&said, &ledger);
    // Four, unless the machine is so busy that the end comes before.
    let restarts = number(&said, "restarts");
    assert!((1..=4).contains(&restarts), "{said}");
    assert_eq!(number(&said, "instances"), 12 + 3 * restarts, "{said}");
}

#[test]
fn what_killed_processes_had_not_seen_acknowledged_is_told() {
    let (said, ledger) = fleet("--clients 12 --processes 4 --rate 200 --seconds 2 --roll-kill 0.4", &[]);
    assert!((1..=4).contains(&number(&said, "kills")), "{said}");
    let (accepted, acked) = (number(&said, "accepted"), number(&said, "acked"));
    assert_eq!(acked + number(&said, "killed_unacked"), accepted, "{said}");
    assert!((acked..=accepted).contains(&ledger.unique_events()), "{} of {said}", ledger.unique_events());
}

#[test]
fn a_spool_is_taken_over_by_the_next_process() {
    let folder = tempfile::tempdir().unwrap();
    let spool = [("MONA_SPOOL_DIR", folder.path().to_str().unwrap()), ("MONA_SPOOL_SYNC", "chunk")];
    let nowhere = {
        let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
        collector.endpoint()
    };
    let arguments = "--clients 4 --processes 2 --rate 100 --events 50 --close-ms 200 --seed";
    let first = start(&nowhere, &format!("{arguments} 1"), &spool).expect_ok().unwrap();
    let first: Value = serde_json::from_str(&first.stdout).unwrap();
    assert_eq!(number(&first, "spooled"), 4 * 51, "{first}");
    let (second, ledger) = fleet(&format!("{arguments} 2"), &spool);
    assert_eq!((number(&second, "accepted"), number(&second, "adopted")), (4 * 51, 4 * 51), "{second}");
    assert_eq!((number(&second, "acked"), ledger.unique_events()), (8 * 51, 8 * 51), "{second}");
    // Another one's events have no export here whose time is known.
    assert!(number(&second["delay_ms"], "not_measured") > 0, "{second}");
}

#[test]
fn the_same_seed_sends_the_same() {
    let accepted = |seed: u32| {
        let (said, _) =
            fleet(&format!("--pattern diurnal --rate 300 --seconds 1 --clients 3 --seed {seed}"), &[]);
        number(&said, "accepted")
    };
    let first = accepted(1);
    assert_eq!(accepted(1), first);
    assert_ne!((accepted(2), accepted(3)), (first, first));
}

#[test]
fn delays_of_a_consumer_are_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("delays");
    let lines: String =
        (1_i64..=1000).map(|n| format!("{} {}\n", 5_000_000, 5_000_000 + n * 1_000_000)).collect();
    fs::write(&path, lines).unwrap();
    let delays = |path: &str| run(simulator().command().args(["--delays", path]), LIMIT).unwrap();
    let said: Value =
        serde_json::from_str(&delays(path.to_str().unwrap()).expect_quiet().unwrap().stdout).unwrap();
    let near = |name: &str, expected: f64| {
        let found = said["delay_ms"][name].as_f64().unwrap();
        // A bucket is 1/64 of its value wide.
        assert!((expected..expected * 1.02).contains(&found), "{name} {found} of {said}");
    };
    near("p50", 500.0);
    near("p99", 990.0);
    near("max", 1000.0);
    assert_eq!(said["delay_ms"]["count"], 1000);
    fs::write(&path, "1 2\nx\n").unwrap();
    let refused = delays(path.to_str().unwrap());
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stderr.contains("line 2"), "{}", refused.stderr);
}

#[test]
fn what_it_does_not_understand_is_refused() {
    for arguments in
        ["--rate x", "--clients 0", "--pattern tides", "--per-arc 2 --subs 2", "--endpoints  ", "more"]
    {
        let finished = start("null:", arguments, &[]);
        assert_ne!(finished.status.code(), Some(0), "{arguments}");
        assert!(!finished.stderr.is_empty(), "{arguments}");
    }
}
