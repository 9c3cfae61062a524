//! Every scenario of level `c`, over `memory:` and over TCP, each in a process of its own; and through stacks, which
//! take what language bindings give, those of level `binding` too.
//!
//! A failing scenario is reported with every difference; the number of scenarios that ran is checked,
//! so that none can go missing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::scenario::{self, AS_RECORDED, Observed, Scenario, Through, judge, read_json};
use mona_tests::{library, run};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many scenarios the calls on the thread's context must pass.
const OF_THREADS: usize = 109;
/// How many those on stacks must pass, with what language bindings give.
const OF_STACKS: usize = 137;
/// The one of them that a status cannot say: a batch whose error is kept quiet because the environment asks the binding
/// for that.
const BINDING_ALONE: &str = "batch-missing-quiet";
/// Two processes at a time: as many as the smallest machine has cores.
const AT_ONCE: usize = 2;
/// The longest scenarios wait four times for a config file, 4 s each at most.
const LIMIT: Duration = Duration::from_secs(240);

#[derive(Clone, Copy)]
enum Over {
    Memory,
    Tcp,
    Otlp,
}

#[test]
fn scenarios_over_memory() {
    run_all(Over::Memory, Through::Threads, &["c"], OF_THREADS);
}

#[test]
fn scenarios_over_tcp() {
    run_all(Over::Tcp, Through::Threads, &["c"], OF_THREADS);
}

#[test]
fn scenarios_over_otlp() {
    run_all(Over::Otlp, Through::Threads, &["c"], OF_THREADS);
}

#[test]
fn scenarios_through_stacks() {
    run_all(Over::Memory, Through::Stacks, &["c", "binding"], OF_STACKS);
}

fn run_all(over: Over, through: Through, levels: &[&str], scenarios: usize) {
    let all = scenario::all().into_iter();
    let is_asked =
        |scenario: &Scenario| levels.contains(&scenario.level.as_str()) && scenario.id != BINDING_ALONE;
    let all: Vec<Scenario> = all.filter(is_asked).collect();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    let ran = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differences = match observe(scenario, over, through) {
                        Ok(observed) => judge(scenario, &observed),
                        Err(error) => vec![error],
                    };
                    ran.fetch_add(1, Ordering::Relaxed);
                    if !differences.is_empty() {
                        let report =
                            format!("{} ({})\n  {}", scenario.id, scenario.title, differences.join("\n  "));
                        failures.lock().unwrap().push(report);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), all.len(), failures.join("\n"));
    assert_eq!(ran.into_inner(), scenarios);
}

fn observe(scenario: &Scenario, over: Over, through: Through) -> Result<Observed, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let config = folder.path().join("config.json");
    if let Some(text) = &scenario.config {
        std::fs::write(&config, text).map_err(|error| error.to_string())?;
    }
    match over {
        Over::Memory => {
            let report = run_one(scenario, through, "memory:", &config)?;
            let taken = report["records"].as_array().cloned().unwrap_or_default();
            let records = taken.iter().map(|record| read_json(record.as_str().unwrap_or_default()));
            let records = records.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
            Ok(Observed { report, records, as_json: true })
        }
        Over::Tcp | Over::Otlp => {
            let is_otlp = matches!(over, Over::Otlp);
            let service = if is_otlp { Service::otlp() } else { Service::forward() };
            let collector = FaultCollector::serve(Listen::Tcp, service, Script::normal())
                .map_err(|error| error.to_string())?;
            let report = run_one(scenario, through, &collector.endpoint(), &config)?;
            let records = collector.records();
            let records = records.iter().map(|record| {
                let time = match record.time.nanoseconds {
                    // Over OTLP times of recording have a fraction, which the scenarios do not.
                    _ if is_otlp => Value::from(record.time.seconds),
                    0 => Value::from(record.time.seconds),
                    _ => Value::from(record.time.to_string()),
                };
                let (mut tag, mut fields) = (record.tag.as_str(), record.record.clone());
                if is_otlp {
                    // What OTLP has beside a record.
                    tag = "mona.client.message";
                    fields.as_object_mut().and_then(|fields| fields.shift_remove("arc_id"));
                    as_sent(&mut fields);
                }
                json!({"tag": tag, "time": time, "record": fields})
            });
            Ok(Observed { report, records: records.collect(), as_json: false })
        }
    }
}

/// Makes numbers of the texts that OTLP has in place of integers above 2^63-1.
fn as_sent(value: &mut Value) {
    match value {
        Value::String(text) => {
            let number = text.parse::<u64>().ok().filter(|number| i64::try_from(*number).is_err());
            if let Some(number) = number {
                *value = number.into();
            }
        }
        Value::Array(values) => values.iter_mut().for_each(as_sent),
        Value::Object(fields) => fields.values_mut().for_each(as_sent),
        _ => {}
    }
}

fn run_one(scenario: &Scenario, through: Through, endpoint: &str, config: &Path) -> Result<Value, String> {
    let library = library().map_err(|error| error.to_string())?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_scenario"));
    command
        .arg(&library.shared)
        .arg(&scenario.id)
        .arg(match through {
            Through::Threads => "threads",
            Through::Stacks => "stacks",
        })
        .env_clear()
        .env("MONA_ENDPOINT", endpoint)
        .env("MONA_CLIENT_CONFIG_FILE", config)
        .env("MONA_FLUSH_INTERVAL_MS", "1")
        .envs(AS_RECORDED)
        .envs(scenario.env.iter().map(|(name, value)| (name, value)));
    let finished = run(&mut command, LIMIT)
        .and_then(|finished| finished.expect_ok())
        .map_err(|error| error.to_string())?;
    if !finished.stderr.is_empty() {
        return Err(format!("standard error is not empty: {}", finished.stderr));
    }
    serde_json::from_str(&finished.stdout).map_err(|error| format!("{error}: {}", finished.stdout))
}
