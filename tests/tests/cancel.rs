//! Threads that are cancelled in the middle of a call, or go into it with a cancellation pending: they come back from the
//! call and then end, and the library works on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has to fail loudly")]

use mona_collector::{FaultCollector, Listen, Script};
use mona_tests::{Program, run, workspace};
use std::collections::BTreeSet;
use std::time::Duration;

/// Generous for one program on a loaded machine; what is under test does not wait.
const LIMIT: Duration = Duration::from_secs(120);

/// Of each call, of either kind.
const ROUNDS: &str = "200";

fn program() -> Program {
    Program::c("tests/c/cancel/cancel.c").build().unwrap()
}

/// What the program knows to call.
fn calls(program: &Program) -> Vec<String> {
    let listed = run(program.command().arg("list"), LIMIT).unwrap().expect_ok().unwrap();
    listed.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn every_exported_function_is_called() {
    let exported = std::fs::read_to_string(workspace().join("tests/abi/symbols.txt")).unwrap();
    let exported: BTreeSet<&str> = exported.lines().filter(|line| line.starts_with("mona_")).collect();
    let calls = calls(&program());
    let called: BTreeSet<&str> =
        calls.iter().map(String::as_str).filter(|name| !name.contains(':')).collect();
    assert_eq!(called, exported);
}

#[test]
fn a_thread_is_cancelled_after_its_call_and_the_library_works_on() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let program = program();
    for call in calls(&program) {
        let mut command = program.command();
        command.args([&call, ROUNDS]).env("MONA_ENDPOINT", collector.endpoint());
        let finished = run(&mut command, LIMIT).unwrap();
        println!("{call}: {:?}", finished.took);
        assert!(finished.status.success(), "{call}: {}\n{}", finished.status, finished.stderr);
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""), "{call}");
    }
}
