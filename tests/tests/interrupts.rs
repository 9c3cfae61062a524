//! Signal handlers that come in the middle of a call: one that ends the process is not kept from it, and one that calls
//! the library is refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has to fail loudly")]

use mona_collector::{FaultCollector, Listen, Script, Step};
use mona_tests::{Program, run};
use std::time::Duration;

/// Generous for one program on a loaded machine; the bounds under test are inside the programs.
const LIMIT: Duration = Duration::from_secs(400);

/// Every kind of call that `exit_in_handler` makes.
const CALLS: [&str; 10] =
    ["typed", "json", "large", "context", "current", "batch", "stats", "flush", "describe", "client"];

/// Exits in the middle of each kind of call, at an endpoint.
fn exits(endpoint: &str, tries: usize) {
    let program = Program::c("tests/c/interrupts/exit_in_handler.c").build().unwrap();
    for call in CALLS {
        let mut command = program.command();
        command.args([call, &tries.to_string(), "16"]).env("MONA_ENDPOINT", endpoint);
        let finished = run(&mut command, LIMIT).unwrap();
        println!("{call} at {endpoint}: {}", finished.stdout.trim());
        assert!(finished.status.success(), "{call}: {}{}", finished.stdout, finished.stderr);
        assert_eq!(finished.stderr, "");
    }
}

/// The same with a collector. What other threads exported arrives, but for those few exits that come in the middle of
/// what all threads share.
fn exits_with_a_collector(tries: usize) {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    exits(&collector.endpoint(), tries);
    let records = collector.records();
    let others = records
        .iter()
        .filter(|record| record.record.pointer("/message/who").is_some_and(|who| who == "other"))
        .count();
    let all = tries * CALLS.len();
    println!("{others} of {all} events of other threads arrived");
    assert!(others * 4 >= all * 3, "{others} of {all}");
}

#[test]
fn exit_in_the_middle_of_a_call() {
    exits("null:", 24);
    exits_with_a_collector(8);
}

#[test]
fn exit_in_the_middle_of_a_call_where_nothing_is_served() {
    let collector = FaultCollector::start(Listen::Tcp, Step::AcceptNoRead).unwrap();
    exits(&collector.endpoint(), 16);
}

#[test]
#[ignore = "slow: make test-slow"]
fn exit_in_the_middle_of_a_call_3000_times() {
    exits("null:", 150);
    exits_with_a_collector(100);
    let silent = FaultCollector::start(Listen::Tcp, Step::AcceptNoRead).unwrap();
    exits(&silent.endpoint(), 50);
}

fn busy(endpoint: &str, kind: &str, env: &[(&str, &str)]) {
    let program = Program::c("tests/c/interrupts/busy.c").build().unwrap();
    let mut command = program.command();
    command.arg(kind).env("MONA_ENDPOINT", endpoint).envs(env.iter().copied());
    let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
}

#[test]
fn a_handler_that_interrupts_a_wait_is_answered_at_once() {
    let collector = FaultCollector::start(Listen::Tcp, Step::AcceptNoRead).unwrap();
    busy(&collector.endpoint(), "waiting", &[("MONA_BLOCK_TIMEOUT_MS", "400")]);
}

#[test]
fn a_handler_that_interrupts_any_call_is_answered_and_nothing_is_lost() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    busy(&collector.endpoint(), "exporting", &[]);
    busy("null:", "exporting", &[]);
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn a_handler_in_the_middle_of_the_allocator_is_answered_without_it() {
    let program = Program::c("tests/c/interrupts/allocation.c").build().unwrap();
    for argument in ["calls", "exit"] {
        let mut command = program.command();
        command.arg(argument).env("MONA_ENDPOINT", "null:");
        let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
        assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""), "{argument}");
    }
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn no_signal_comes_while_a_thread_registers_what_it_keeps() {
    let program = Program::c("tests/c/interrupts/registration.c").build().unwrap();
    let finished = run(program.command().env("MONA_ENDPOINT", "null:"), LIMIT).unwrap();
    println!("{}", finished.stdout);
    assert!(finished.status.success(), "{}{}", finished.stdout, finished.stderr);
}
