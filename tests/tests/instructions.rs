//! The instructions of a typed and of a JSON call and of a context, through handles and through stacks, against the counts in tests/bench/instructions.txt,
//! and of the same by mona.hpp against those by mona.h.
//!
//! Callgrind counts the same on every run, so that a change that makes a call dearer is seen at once. After
//! a change that is meant, `MONA_WRITE_INSTRUCTIONS=1 cargo test -p mona-tests --test instructions` writes
//! the counts anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test has to fail loudly")]

use mona_tests::bench::callgrind::{Counter, On, lacks};
use mona_tests::workspace;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Another compiler or C library moves the counts by a few in a hundred; what a change loses is more.
const MARGIN: f64 = 1.10;

const CALLS: [&str; 7] = ["typed", "json", "context", "stack_typed", "stack_json", "stack_main", "stack_sub"];

/// Those that mona.hpp makes in its own way.
const IN_CPP: [&str; 2] = ["typed", "context"];

/// How much more the same may take by mona.hpp; where chunks end moves the counts by one in a hundred.
const MORE_IN_CPP: f64 = 1.05;

/// The typical event as JSON, with each of its fields as the last one.
const LAST: [&str; 7] = ["last0", "last1", "last2", "last3", "last4", "last5", "last6"];

/// How much more the dearest of these may take than the cheapest.
const UNEVEN: f64 = 1.10;

fn path() -> PathBuf {
    workspace().join("tests/bench/instructions.txt")
}

/// The count that is written down for a call.
fn written(counts: &str, call: &str) -> f64 {
    let line = counts.lines().find_map(|line| line.strip_prefix(call)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("{call}: not in {}", path().display()));
    line.trim().parse().unwrap()
}

/// The instructions of the calls, counted once for all tests.
fn counted() -> [f64; CALLS.len()] {
    static COUNTED: OnceLock<[f64; CALLS.len()]> = OnceLock::new();
    *COUNTED.get_or_init(|| {
        let counter = Counter::build().unwrap();
        CALLS.map(|call| counter.count(call, On::Ours).unwrap())
    })
}

#[test]
fn a_call_takes_no_more_instructions_than_are_written_down() {
    if let Some(why) = lacks() {
        eprintln!("instructions: skipped, {why}");
        return;
    }
    let found = counted();
    if std::env::var_os("MONA_WRITE_INSTRUCTIONS").is_some() {
        let mut counts = String::from(
            "# Instructions of a call, as callgrind counts them; see tests/tests/instructions.rs\n",
        );
        for (call, found) in CALLS.iter().zip(found) {
            writeln!(counts, "{call} {found:.0}").unwrap();
        }
        fs::write(path(), counts).unwrap();
    }
    let counts = fs::read_to_string(path()).unwrap();
    for (call, found) in CALLS.iter().zip(found) {
        let most = written(&counts, call) * MARGIN;
        assert!(found <= most, "{call}: {found:.0} instructions, at most {most:.0} are expected");
        eprintln!("{call}: {found:.0} instructions, at most {most:.0} are expected");
    }
}

#[test]
fn mona_hpp_takes_no_more_instructions_than_the_macros() {
    if let Some(why) = lacks() {
        eprintln!("instructions: skipped, {why}");
        return;
    }
    let counter = Counter::build().unwrap();
    for (call, in_c) in CALLS.iter().zip(counted()).filter(|(call, _)| IN_CPP.contains(call)) {
        let in_cpp = counter.count(&format!("cpp_{call}"), On::Ours).unwrap();
        eprintln!("{call}: {in_cpp:.0} instructions by mona.hpp, {in_c:.0} by mona.h");
        assert!(in_cpp <= MORE_IN_CPP * in_c, "{call}: at most {MORE_IN_CPP} times as many are expected");
    }
}

#[test]
fn it_does_not_matter_which_field_of_a_json_text_is_the_last() {
    if let Some(why) = lacks() {
        eprintln!("instructions: skipped, {why}");
        return;
    }
    let counter = Counter::build().unwrap();
    let found = LAST.map(|call| counter.count(call, On::Ours).unwrap());
    let (least, most) =
        found.iter().fold((f64::MAX, 0.0_f64), |(least, most), n| (least.min(*n), most.max(*n)));
    eprintln!("{found:.0?}");
    assert!(most <= UNEVEN * least, "{found:.0?}: at most {UNEVEN} times the smallest is expected");
}
