//! The whole interface called from C and C++: at any time, with NULLs, with every length wrong in turn,
//! while disabled, and through the macros of the header.

use std::time::Duration;

use mona_tests::{Link, Program, Recipe, run};

/// Ample for programs that make some hundred calls against an endpoint in memory.
const LIMIT: Duration = Duration::from_secs(60);

/// Builds a program and runs it: it checks by itself, says "ok" when all was well, and nothing else.
fn passes(recipe: &Recipe) {
    let program = recipe.build().unwrap();
    let mut command = program.command();
    command.env("MONA_ENDPOINT", "memory:").env("MONA_FLUSH_INTERVAL_MS", "1");
    let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("ok\n", ""));
}

fn passes_with_both_libraries(source: &str) {
    for link in [Link::Shared, Link::Static] {
        passes(&Program::c(source).link(link));
    }
}

#[test]
fn null_in_every_place() {
    passes_with_both_libraries("tests/c/interface/nulls.c");
}

#[test]
fn every_length_wrong_in_turn() {
    passes_with_both_libraries("tests/c/interface/lengths.c");
}

#[test]
fn text_that_goes_out() {
    passes_with_both_libraries("tests/c/interface/text_out.c");
}

#[test]
fn before_start_and_after_close() {
    passes_with_both_libraries("tests/c/interface/any_time.c");
}

#[test]
fn while_disabled() {
    passes_with_both_libraries("tests/c/interface/disabled.c");
}

#[test]
fn macros_in_c() {
    for standard in ["-std=c99", "-std=c11", "-std=c17", "-std=c2x"] {
        for level in ["-O0", "-O2"] {
            passes(
                &Program::c("tests/c/interface/macros.c").flag(standard).flag("-pedantic-errors").flag(level),
            );
        }
    }
    passes(&Program::c("tests/c/interface/macros.c").link(Link::Static));
}

#[test]
fn macros_in_cpp() {
    for standard in ["-std=c++98", "-std=c++11", "-std=c++14", "-std=c++17", "-std=c++20", "-std=c++2b"] {
        for level in ["-O0", "-O2"] {
            passes(&Program::cpp("tests/c/interface/macros.cpp").flag(standard).flag(level));
        }
    }
    passes(&Program::cpp("tests/c/interface/macros.cpp").link(Link::Static));
}
