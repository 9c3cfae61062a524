//! Nothing unwinds into C: every exported function runs inside a guard, and a panic in the library as
//! it is shipped becomes a status.

use std::fs;
use std::io;
use std::time::Duration;

use mona_tests::interface::functions_of_header;
use mona_tests::{Link, Program, run, workspace};

const GUARDS: [&str; 6] =
    ["guard(", "guard_brief(", "guard_prepared(", "guard_or(", "guard_reading(", "guard_reading_last_error("];

/// Ample for a program that does a handful of calls.
const LIMIT: Duration = Duration::from_secs(240);

fn sources() -> io::Result<Vec<(String, String)>> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(workspace().join("ffi/src"))? {
        let path = entry?.path();
        sources.push((path.display().to_string(), fs::read_to_string(&path)?));
    }
    Ok(sources)
}

/// What is wrong with the exported functions of a source, and how many it has.
fn unguarded(source: &str) -> (Vec<String>, usize) {
    let mut wrong = Vec::new();
    let mut functions = 0;
    for item in source.split("extern \"C\" fn ").skip(1) {
        let Some((name, rest)) = item.split_once('(') else { continue };
        // A function pointer type has no name.
        if !name.starts_with("mona_") {
            continue;
        }
        functions += 1;
        let body = rest.split_once(" {\n").map_or("", |(_, body)| body);
        let first = body.trim_start();
        let guard = GUARDS.iter().find_map(|guard| first.strip_prefix(guard));
        let quoted = format!("\"{name}\"");
        if !guard.is_some_and(|arguments| arguments.trim_start().starts_with(&quoted)) {
            wrong.push(format!("{name} does not start with a guard of its own name"));
        }
        // The guard's call must be the whole body: its closing bracket ends the function.
        let end = body.split_once("\n}\n").map_or("", |(text, _)| text);
        if end.contains(";\n    ") && end.lines().any(|line| line.starts_with("    ") && is_statement(line)) {
            wrong.push(format!("{name} has code outside its guard"));
        }
    }
    (wrong, functions)
}

/// Whether a line at the first level of a body is a statement of its own.
fn is_statement(line: &str) -> bool {
    let at_first_level = line.chars().take_while(|c| *c == ' ').count() == 4;
    let ends_guard = line.trim().starts_with("})") || line.trim() == ")";
    at_first_level && !line.trim().starts_with("guard") && !ends_guard
}

#[test]
fn every_exported_function_runs_inside_a_guard() {
    let mut functions = 0;
    for (path, source) in sources().unwrap() {
        let (wrong, found) = unguarded(&source);
        assert_eq!(wrong, Vec::<String>::new(), "in {path}");
        assert_eq!(source.matches("#[unsafe(no_mangle)]").count(), found, "exports of {path}");
        functions += found;
    }
    let header = fs::read_to_string(workspace().join("include/mona.h")).unwrap();
    assert_eq!(functions, functions_of_header(&header).len());
}

#[test]
fn an_unguarded_function_would_be_found() {
    let plain = "pub extern \"C\" fn mona_x() -> i32 {\n    0\n}\n";
    let other = "pub extern \"C\" fn mona_x() -> i32 {\n    guard(\"mona_y\", || Ok(()))\n}\n";
    let before = "pub extern \"C\" fn mona_x() {\n    f();\n    guard(\"mona_x\", || Ok(()))\n}\n";
    let after = "pub extern \"C\" fn mona_x() {\n    guard(\"mona_x\", || {\n        g();\n        Ok(())\n    });\n    f()\n}\n";
    let behind = "pub extern \"C\" fn mona_x() {\n    guard_or(\n        \"mona_x\",\n        0,\n        || g(),\n    );\n    f()\n}\n";
    for source in [plain, other, before, after, behind] {
        assert_eq!(unguarded(source).1, 1);
        assert!(!unguarded(source).0.is_empty(), "{source}");
    }
    let good = "pub extern \"C\" fn mona_x() {\n    guard(\"mona_x\", || {\n        g();\n        Ok(())\n    })\n}\n";
    assert_eq!(unguarded(good), (Vec::new(), 1));
}

#[test]
fn a_panic_in_the_shipped_library_is_a_status() {
    for link in [Link::Shared, Link::Static] {
        let program = Program::c("tests/c/interface/panic.c").link(link).build().unwrap();
        let mut command = program.command();
        command.env("MONA_TEST_PANIC", "mona_client_describe").env("MONA_ENDPOINT", "memory:");
        let finished = run(&mut command, LIMIT).unwrap().expect_ok().unwrap();
        assert_eq!(finished.stderr, "", "a contained panic prints nothing");
        assert_eq!(finished.stdout, "contained\n");
    }
}

#[test]
fn nothing_panics_unless_asked() {
    let program = Program::c("tests/c/interface/panic.c").build().unwrap();
    for asked in ["", "mona_client_stats", "1"] {
        let mut command = program.command();
        command.env("MONA_TEST_PANIC", asked).env("MONA_ENDPOINT", "memory:");
        let finished = run(&mut command, LIMIT).unwrap();
        assert_eq!(finished.stdout, "no panic\n");
        assert_eq!(finished.status.code(), Some(3));
    }
}
