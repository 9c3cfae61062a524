//! The whole interface called from C and C++: at any time, with NULLs, with every length wrong in turn,
//! while disabled, and through the macros of the header.

use std::io;
use std::time::Duration;

use mona_tests::{Link, Program, Recipe, run};

/// Ample for programs that make some hundred calls against an endpoint in memory.
const LIMIT: Duration = Duration::from_secs(240);

/// Builds a program and runs it: it checks by itself, says "ok" when all was well, and nothing else.
fn pass(recipe: &Recipe) -> io::Result<()> {
    let program = recipe.build()?;
    let mut command = program.command();
    command.env("MONA_ENDPOINT", "memory:").env("MONA_FLUSH_INTERVAL_MS", "1");
    let finished = run(&mut command, LIMIT)?.expect_ok()?;
    if finished.stdout == "ok\n" && finished.stderr.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(format!("unexpected output:\n{}{}", finished.stdout, finished.stderr)))
}

fn pass_with_both_libraries(source: &str) -> io::Result<()> {
    pass(&Program::c(source).link(Link::Shared))?;
    pass(&Program::c(source).link(Link::Static))
}

#[test]
fn null_in_every_place() {
    pass_with_both_libraries("tests/c/interface/nulls.c").unwrap();
}

#[test]
fn every_length_wrong_in_turn() {
    pass_with_both_libraries("tests/c/interface/lengths.c").unwrap();
}

#[test]
fn text_that_goes_out() {
    pass_with_both_libraries("tests/c/interface/text_out.c").unwrap();
}

#[test]
fn before_start_and_after_close() {
    pass_with_both_libraries("tests/c/interface/any_time.c").unwrap();
}

#[test]
fn while_disabled() {
    pass_with_both_libraries("tests/c/interface/disabled.c").unwrap();
}

#[test]
fn everything_wrong_with_stacks() {
    pass_with_both_libraries("tests/c/interface/stacks.c").unwrap();
}

#[test]
fn fields_whose_names_are_known() {
    pass_with_both_libraries("tests/c/interface/known_fields.c").unwrap();
}

#[test]
fn refused_exports_leave_a_trace() {
    pass_with_both_libraries("tests/c/interface/refused.c").unwrap();
}

#[test]
fn macros_in_c() {
    for standard in ["-std=c99", "-std=c11", "-std=c17", "-std=c2x"] {
        for level in ["-O0", "-O2"] {
            let recipe = Program::c("tests/c/interface/macros.c").flag(standard).flag(level);
            pass(&recipe.flag("-pedantic-errors")).unwrap();
        }
    }
    pass(&Program::c("tests/c/interface/macros.c").link(Link::Static)).unwrap();
}

#[test]
fn macros_in_cpp() {
    for standard in ["-std=c++98", "-std=c++11", "-std=c++14", "-std=c++17", "-std=c++20", "-std=c++2b"] {
        for level in ["-O0", "-O2"] {
            let recipe = Program::cpp("tests/c/interface/macros.cpp").flag(standard).flag(level);
            pass(&recipe.flag("-pedantic-errors")).unwrap();
        }
    }
    pass(&Program::cpp("tests/c/interface/macros.cpp").link(Link::Static)).unwrap();
}
