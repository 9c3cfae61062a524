//! The log: by callback, by taking lines, by level, printed only when asked; and silence otherwise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::{Finished, Link, Program, run, workspace};
use std::process::Command;
use std::time::Duration;

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(240);

fn c(name: &str) -> Program {
    Program::c(format!("tests/c/log/{name}.c")).build().unwrap()
}

fn start(program: &Program, arguments: &[&str], env: &[(&str, &str)]) -> Finished {
    let mut command = program.command();
    command.args(arguments).envs(env.iter().copied());
    let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!(finished.stderr, "");
    finished
}

#[test]
fn callback_and_reentrancy() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    collector.pause().unwrap();
    let finished = start(&c("callback"), &[], &[("MONA_ENDPOINT", &collector.endpoint())]);
    assert_eq!(finished.stdout, "");
}

#[test]
fn levels() {
    let program = c("levels");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    std::fs::write(&config, "{}").unwrap();
    let lines = |level: &str| -> (u32, u32) {
        let env = [
            ("MONA_ENDPOINT", "memory:"),
            ("MONA_LOGGING_LEVEL", level),
            ("MONA_CLIENT_CONFIG_FILE", config.to_str().unwrap()),
        ];
        let printed = start(&program, &[level], &env).stdout;
        let number = |name: &str| {
            let word = printed.split_whitespace().find_map(|word| word.strip_prefix(name));
            word.unwrap().parse().unwrap()
        };
        (number("lines="), number("warnings="))
    };
    let (debug, info, warning, error) = (lines("10"), lines("20"), lines("30"), lines("40"));
    assert!(debug.0 >= info.0 && info.0 >= warning.0 && warning.0 >= error.0);
    assert!(info.0 > warning.0, "the config file is named at level info");
    assert!(warning.1 >= 1);
    assert_eq!(lines("50"), (0, 0));
}

#[test]
fn the_config_file_is_named_at_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), "{\"print_logs\": true, \"log_level\": 20}").unwrap();
    let path = folder.path().join("config.json");
    let env = [("MONA_ENDPOINT", "memory:"), ("MONA_CLIENT_CONFIG_FILE", path.to_str().unwrap())];
    let printed = start(&c("printed"), &[], &env).stdout;
    assert!(printed.contains(path.to_str().unwrap()), "{printed}");
}

#[test]
fn printed_only_when_asked() {
    let program = c("printed");
    assert_eq!(start(&program, &[], &[("MONA_ENDPOINT", "memory:")]).stdout, "");
    let env = [("MONA_ENDPOINT", "memory:"), ("MONA_PRINT_LOGS", "true"), ("MONA_LOGGING_LEVEL", "10")];
    let printed = start(&program, &[], &env).stdout;
    assert!(printed.contains("a-sub-context"), "{printed}");
    assert!(printed.ends_with('\n'));
    let env = [("MONA_ENDPOINT", "memory:"), ("MONA_PRINT_LOGS", "true"), ("MONA_LOGGING_LEVEL", "50")];
    assert_eq!(start(&program, &[], &env).stdout, "");
}

#[test]
fn secrets_are_not_in_the_log() {
    let secret = "correct-horse-battery";
    let env = [
        ("MONA_ENDPOINT", "memory:"),
        ("MONA_PRINT_LOGS", "true"),
        ("MONA_LOGGING_LEVEL", "10"),
        ("MONA_API_KEY", secret),
        ("MONA_API_SECRET", secret),
        ("MONA_HASH_SALT", secret),
    ];
    let printed = start(&c("printed"), &[], &env).stdout;
    assert!(!printed.contains(secret), "{printed}");
}

#[test]
fn the_level_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let env = [("MONA_ENDPOINT", "memory:")];
    assert_eq!(start(&c("set_level"), &[config.to_str().unwrap()], &env).stdout, "");
}

#[test]
fn a_callback_is_taken_away_when_no_call_of_it_runs() {
    start(&c("taken_away"), &[], &[]);
}

#[test]
fn a_callback_that_ends_its_thread_or_the_program_harms_nobody() {
    let program = c("thread_ends");
    for _ in 0..10 {
        start(&program, &["thread"], &[]);
        start(&program, &["exit"], &[]);
    }
}

/// Sources that end while there is something to say, this often.
const ROUNDS: usize = 50;

#[test]
fn a_plugin_takes_its_callback_away_and_goes() {
    let plugin = Program::c("tests/c/log/plugin.c").flag("-shared").flag("-fPIC").build().unwrap();
    let program = c("plugin_host");
    start(&program, &[plugin.path().to_str().unwrap(), &ROUNDS.to_string()], &[]);
}

#[test]
fn no_callback_is_called_once_the_program_ends() {
    let source = Program::cpp("tests/c/log/ends_with_it.cpp");
    for program in [source.clone().build().unwrap(), source.link(Link::Static).build().unwrap()] {
        for _ in 0..ROUNDS / 2 {
            start(&program, &[], &[]);
        }
    }
}

#[test]
fn no_callback_is_called_once_an_interpreter_has_ended() {
    let script = workspace().join("tests/c/log/interpreter.py");
    // Itself, as what is called so may be a script that takes longer than all the rest.
    let asked = Command::new("python3").args(["-c", "import ctypes, sys; print(sys.executable)"]).output();
    let Some(python) = asked.ok().filter(|found| found.status.success()).map(|found| found.stdout) else {
        println!("skipped: there is no python3 with ctypes");
        return;
    };
    let python = String::from_utf8(python).unwrap();
    let library = mona_tests::library().unwrap();
    for mode in ["late", "atexit"] {
        for _ in 0..ROUNDS {
            let mut command = Command::new(python.trim());
            command.args(["-S", "-E"]).arg(&script).arg(&library.shared).arg(mode);
            // Nothing is sent, and so nothing said, before the flush at exit.
            command.env("MONA_FLUSH_INTERVAL_MS", "60000").env("MONA_EXIT_FLUSH_MS", "100");
            command.env("MONA_ENDPOINT", "tcp://127.0.0.1:1");
            let finished = run(&mut command, LIMIT).unwrap();
            assert!(finished.status.success(), "{mode}: {finished:?}");
            assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""), "{mode}");
        }
    }
}
