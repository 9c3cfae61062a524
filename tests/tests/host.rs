//! Any host: one that closes descriptors that are not its own, forks by hand, refuses system calls, or has none left.
//!
//! Each program checks what it can see from inside; the tests here give it a collector and check what arrived.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::reach::Trust;
use mona_tests::{Finished, Link, Program, run};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// Generous for one program on a loaded machine; it ends a hang.
const LIMIT: Duration = Duration::from_secs(120);

fn c(name: &str) -> Program {
    Program::c(format!("tests/c/host/{name}.c")).build().unwrap()
}

/// Runs a program against this endpoint, with `event_id`; it has to succeed in silence.
fn start(program: &Program, endpoint: &str, arguments: &[&str], env: &[(&str, &str)]) -> Finished {
    program.start(endpoint, arguments, env, LIMIT).unwrap()
}

/// The numbers after `name=` in what the program printed.
fn printed(finished: &Finished, name: &str) -> Vec<i64> {
    let values =
        finished.stdout.split_whitespace().filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    values.map(|value| value.parse().unwrap()).collect()
}

/// The messages' numbers that arrived of `who`, each once however often it came.
fn arrived(collector: &FaultCollector, who: &str) -> BTreeSet<i64> {
    let records = collector.records().into_iter();
    let of_who = records.filter(|record| record.record["message"]["who"] == who);
    of_who.map(|record| record.record["message"]["n"].as_i64().unwrap()).collect()
}

/// A collector for each way in, with what the program needs to reach it.
fn each_way(trust: &Trust, folder: &Path, mut see: impl FnMut(&str, &FaultCollector, &[(&str, &str)])) {
    let env = [("MONA_CA_FILE", trust.ca_file())];
    let tcp = || Listen::Tcp;
    let ways = [
        ("tcp", tcp(), Service::forward()),
        ("unix", Listen::Unix(folder.join("collector.sock")), Service::forward()),
        ("tls", tcp(), trust.forward()),
        ("http", tcp(), Service::http()),
        ("https", tcp(), Service::http().tls(trust.tls())),
    ];
    for (way, listen, service) in ways {
        let collector = FaultCollector::serve(listen, service, Script::normal()).unwrap();
        see(way, &collector, if way.ends_with('s') { &env } else { &[] });
    }
}

#[test]
fn standard_descriptors_that_are_closed_stay_closed() {
    let (trust, program) = (Trust::new(), c("standard_closed"));
    let report = program.folder().join("report");
    each_way(&trust, program.folder(), |way, collector, env| {
        let config = program.folder().join("mona.json");
        std::fs::write(&config, "{}").unwrap();
        let mut env = env.to_vec();
        env.extend([("MONA_CLIENT_CONFIG_FILE", config.to_str().unwrap()), ("MONA_FLUSH_INTERVAL_MS", "10")]);
        let mut command = program.command();
        command.arg(&report).env("MONA_ENDPOINT", collector.endpoint()).envs(env.iter().copied());
        let finished = run(&mut command, LIMIT).unwrap();
        let told = std::fs::read_to_string(&report).unwrap_or_default();
        assert!(finished.status.success() && told.is_empty(), "{way}: {told}{}", finished.status);
        assert_eq!(arrived(collector, "host").len(), 200, "{way}");
        assert_eq!(collector.ledger().totals.connections, 1, "{way}");
        assert!(collector.complaints().is_empty(), "{way}: {:?}", collector.complaints());
    });
}

/// The same for a file, whose lines are all that is in it.
#[test]
fn a_file_has_no_words_of_the_host() {
    let program = c("standard_closed");
    let (report, file) = (program.folder().join("report"), program.folder().join("lines"));
    let mut command = program.command();
    command.arg(&report).env("MONA_ENDPOINT", format!("file://{}", file.display()));
    let finished = run(&mut command, LIMIT).unwrap();
    assert!(finished.status.success(), "{}", std::fs::read_to_string(&report).unwrap_or_default());
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines.matches("\"who\":\"host\"").count(), 200);
    assert!(!lines.contains("text of the host"));
}

#[test]
fn a_host_that_closes_our_descriptors_keeps_its_own() {
    let (trust, program) = (Trust::new(), c("closes_ours"));
    let config = program.folder().join("mona.json");
    std::fs::write(&config, "{}").unwrap();
    let config = config.to_str().unwrap();
    let quick = [
        ("MONA_CLIENT_CONFIG_FILE", config),
        ("MONA_FLUSH_INTERVAL_MS", "10"),
        ("MONA_RETRY_INITIAL_MS", "10"),
        ("MONA_RETRY_MAX_MS", "50"),
    ];
    let mut first = 0;
    each_way(&trust, program.folder(), |way, collector, env| {
        let env: Vec<_> = env.iter().chain(&quick).copied().collect();
        first += 1;
        let finished = start(&program, &collector.endpoint(), &[&first.to_string(), config], &env);
        println!("{way}: {}", finished.stdout.trim().replace('\n', ", "));
        assert_eq!(arrived(collector, "host"), (0..80).collect(), "{way}");
        assert_eq!(arrived(collector, "child"), (20..80).collect(), "{way}");
        // The first, one for each turn and one for each child; who spins makes thousands.
        let connections = collector.ledger().totals.connections;
        assert!((7..40).contains(&connections), "{way}: {connections}");
        let busy: i64 = printed(&finished, "busy_us").iter().sum();
        let wall: i64 = printed(&finished, "wall_ms").iter().sum();
        // A thread that spins is busy all the time.
        assert!(busy / 1000 < wall / 4, "{way}: {busy} us of {wall} ms");
    });
}

#[test]
fn a_host_that_closes_our_file_keeps_its_own() {
    let program = c("closes_ours");
    let file = program.folder().join("lines");
    start(&program, &format!("file://{}", file.display()), &["0"], &[("MONA_FLUSH_INTERVAL_MS", "10")]);
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines.matches("\"who\":\"host\"").count(), 80);
    assert_eq!(lines.matches("\"who\":\"child\"").count(), 60);
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[test]
fn children_without_a_fork_handler_are_clients_of_their_own() {
    let program = c("bare_children");
    for way in ["clone", "_Fork", "namespace"] {
        let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
        let finished = start(&program, &collector.endpoint(), &[way], &[]);
        if !finished.stdout.is_empty() {
            println!("{way}: {}", finished.stdout.trim());
            continue;
        }
        let ledger = collector.ledger();
        assert!(ledger.conflicts().is_empty() && ledger.duplicates() == 0, "{way}: {:?}", ledger.conflicts());
        assert_eq!(arrived(&collector, "parent"), (0..100).collect(), "{way}");
        assert_eq!(arrived(&collector, "child"), (0..150).collect(), "{way}");
        assert_eq!(arrived(&collector, "grandchild"), (0..150).collect(), "{way}");
        let instances: BTreeSet<&str> = ledger.events.iter().map(|event| event.instance.as_str()).collect();
        assert_eq!(instances.len(), 7, "{way}");
        let records = collector.records();
        let contexts: BTreeSet<&str> =
            records.iter().filter_map(|record| record.record["context"].as_str()).collect();
        assert_eq!(contexts.len(), 8, "{way}: two of the parent and one of each child");
    }
}

/// A program under AddressSanitizer with its leak checker; nothing where the compiler has none.
fn with_leak_checker(name: &str) -> Option<Program> {
    let built = Program::c(format!("tests/c/host/{name}.c")).flag("-fsanitize=address").build();
    match built {
        Err(error) if error.to_string().contains("asan") => {
            println!("skipped: this compiler has no AddressSanitizer");
            None
        }
        built => Some(built.unwrap()),
    }
}

#[test]
fn what_a_child_leaves_behind_is_no_leak() {
    let Some(program) = with_leak_checker("leaks") else { return };
    let config = program.folder().join("mona.json");
    std::fs::write(&config, "{}").unwrap();
    let env = [("ASAN_OPTIONS", "detect_leaks=1"), ("MONA_CLIENT_CONFIG_FILE", config.to_str().unwrap())];
    let trust = Trust::new();
    each_way(&trust, program.folder(), |way, collector, more| {
        let env: Vec<_> = more.iter().chain(&env).copied().collect();
        for what in ["default", "waiting", "idle", "own"] {
            let mut command = program.command();
            command.arg(what).env("MONA_ENDPOINT", collector.endpoint()).envs(env.iter().copied());
            let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
            // The checker of a child misses the threads that are not there.
            let said = finished.stderr.lines().find(|line| !line.contains("was not suspended"));
            assert_eq!(said, None, "{way}, {what}");
        }
    });
}

const GROUPS: [&str; 15] = [
    "socket", "connect", "poll", "send", "receive", "sleep", "open", "stat", "inotify", "random", "thread",
    "options", "pair", "memory", "clock",
];

#[test]
fn system_calls_that_are_refused_make_nobody_spin() {
    let program = c("refused_calls");
    let config = program.folder().join("mona.json");
    std::fs::write(&config, "{}").unwrap();
    let env = [("MONA_CLIENT_CONFIG_FILE", config.to_str().unwrap())];
    for (error, when) in [("EPERM", "before"), ("EPERM", "after"), ("ENOSYS", "before"), ("ENOSYS", "after")]
    {
        let run_one = |group: &'static str| {
            let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
            let finished = start(&program, &collector.endpoint(), &[group, error, when], &env);
            if finished.stdout.contains("no seccomp") {
                println!("skipped: no seccomp here");
                return;
            }
            let (busy, wall) = (printed(&finished, "busy_us")[0], printed(&finished, "wall_ms")[0]);
            let share = busy as f64 / wall as f64 / 10.0;
            let connections = collector.ledger().totals.connections;
            println!(
                "{group} {error} {when}: {share:.2} % of a core, {connections} connections, {}",
                finished.stdout.trim()
            );
            // The aim is one percent; a thread that spins takes all, and so does one that spins half the time.
            assert!(share < 10.0, "{group} {error} {when}: {share} %");
        };
        std::thread::scope(|scope| {
            let run_one = &run_one;
            let runs = GROUPS.map(|group| scope.spawn(move || run_one(group)));
            runs.into_iter().for_each(|run| run.join().unwrap());
        });
    }
}

#[test]
fn what_the_system_has_no_more_of_costs_time_and_no_events() {
    let program = c("exhausted");
    let shim =
        Program::c("tests/c/host/shim.c").link(Link::Nothing).flag("-shared").flag("-fPIC").build().unwrap();
    let config = program.folder().join("mona.json");
    std::fs::write(&config, "{}").unwrap();
    for kind in ["thread", "socket", "open", "poll"] {
        let run_one = |first: u32| {
            let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
            // One failure, then one that lasts until the limit is lifted.
            for most in [1, 1_000_000] {
                let mut command = program.command();
                command.env("MONA_ENDPOINT", collector.endpoint()).env("MONA_EVENT_ID", "true");
                command.env("MONA_CLIENT_CONFIG_FILE", &config).env("MONA_FLUSH_INTERVAL_MS", "10");
                command.env("LD_PRELOAD", shim.path()).env("MONA_SHIM", format!("{kind}:{first}:{most}"));
                let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
                println!("{kind}, from the {first}., {most} times: {}", finished.stdout.trim());
            }
            assert!(collector.ledger().conflicts().is_empty());
            assert_eq!(collector.ledger().unique_events(), 104, "{kind}, from the {first}.");
        };
        std::thread::scope(|scope| {
            let run_one = &run_one;
            let runs: Vec<_> = (1..=10).map(|first| scope.spawn(move || run_one(first))).collect();
            runs.into_iter().for_each(|run| run.join().unwrap());
        });
    }
}

#[test]
fn the_sender_of_a_pinned_real_time_thread_is_neither() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let finished = start(&c("pinned"), &collector.endpoint(), &[], &[]);
    println!("{}", finished.stdout.trim());
    assert_eq!(arrived(&collector, "pinned").len(), 1);
}
