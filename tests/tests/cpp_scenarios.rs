//! Every scenario of level `c` through mona.hpp, by scopes of threads and by stacks, and those of level `binding` that
//! can be said in C++ by stacks, whose classes and timestamps may be of any kind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::scenario::{self, AS_RECORDED, Observed, Scenario, judge, lines, read_json, report};
use mona_tests::{Program, run};
use serde_json::json;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How many scenarios there are of level `c`, and of both levels those that C++ can say.
const BY_SCOPES: usize = 109;
const BY_STACKS: usize = 132;
/// Two processes at a time: as many as the smallest machine has cores.
const AT_ONCE: usize = 2;
/// The longest scenarios wait four times for a config file, 4 s each at most.
const LIMIT: Duration = Duration::from_secs(240);
/// What is about a rule of a language of its own, by the names of the scenarios: an integer beyond 64 bits as a timestamp,
/// which Python has; a setting for exceptions.
const NOT_OF_CPP: [&str; 2] = ["ts-invalid-bigint", "batch-missing-quiet"];

#[test]
fn scenarios_by_scopes_of_threads() {
    let all: Vec<_> = scenario::all().into_iter().filter(|scenario| scenario.level == "c").collect();
    assert_eq!(play_all(&all, "current"), BY_SCOPES);
}

#[test]
fn scenarios_by_stacks() {
    let is_ours = |scenario: &Scenario| {
        let is_of_all = scenario.level == "c" || scenario.level == "binding";
        is_of_all && lines(scenario).is_some() && !NOT_OF_CPP.contains(&scenario.id.as_str())
    };
    let all: Vec<_> = scenario::all().into_iter().filter(is_ours).collect();
    assert_eq!(play_all(&all, "stack"), BY_STACKS);
}

/// Plays them and gives their number.
fn play_all(all: &[Scenario], how: &str) -> usize {
    let program = Program::cpp("tests/cpp/scenario.cpp").build().unwrap();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differences = match observe(&program, scenario, how) {
                        Ok(observed) => judge(scenario, &observed),
                        Err(error) => vec![error],
                    };
                    if !differences.is_empty() {
                        let said =
                            format!("{} ({})\n  {}", scenario.id, scenario.title, differences.join("\n  "));
                        failures.lock().unwrap().push(said);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), all.len(), failures.join("\n"));
    all.len()
}

fn observe(program: &Program, scenario: &Scenario, how: &str) -> Result<Observed, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (config, operations) = (folder.path().join("config.json"), folder.path().join("operations"));
    if let Some(text) = &scenario.config {
        fs::write(&config, text).map_err(|error| error.to_string())?;
    }
    fs::write(&operations, lines(scenario).unwrap_or_default()).map_err(|error| error.to_string())?;
    let started = now();
    let mut command = program.command();
    command
        .arg(how)
        .arg(&operations)
        .env("MONA_ENDPOINT", "memory:")
        .env("MONA_CLIENT_CONFIG_FILE", &config)
        .env("MONA_FLUSH_INTERVAL_MS", "1")
        .envs(AS_RECORDED)
        .envs(scenario.env.iter().map(|(name, value)| (name, value)));
    let finished = run(&mut command, LIMIT).and_then(|finished| finished.expect_quiet());
    let answer = finished.map_err(|error| error.to_string())?.stdout;
    let mut report = report(&answer, scenario.ops.len())?;
    report["started"] = json!(started);
    report["ended"] = json!(now());
    let taken = report["records"].as_array().cloned().unwrap_or_default();
    let records = taken.iter().map(|record| read_json(record.as_str().unwrap_or_default()));
    let records = records.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Ok(Observed { report, records, as_json: true })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
