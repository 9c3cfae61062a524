//! The log: by callback, by taking lines, by level, printed only when asked; and silence otherwise.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::{Finished, Program, run};
use std::time::Duration;

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(60);

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
