//! mona.hpp: it compiles without a warning wherever it is promised to, refuses what it has to refuse, and does what it
//! says; with its examples. `tests/cpp` has the programs; scenarios are played by the suite `cpp_scenarios`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::program::expect_success;
use mona_tests::{Language, Program, Recipe, run, workspace};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

/// Generous for one program on a loaded machine, under sanitizers too.
const LIMIT: Duration = Duration::from_secs(120);

/// What users turn on.
const STRICT: [&str; 9] = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wold-style-cast",
    "-Wshadow",
    "-Wno-unknown-warning-option",
    "-Werror",
];

/// The standards, and what is switched off; the newest has its draft's name with older compilers.
const WAYS: [&[&str]; 9] = [
    &["-std=c++17"],
    &["-std=c++17", "-fno-exceptions"],
    &["-std=c++17", "-fno-rtti"],
    &["-std=c++17", "-fno-exceptions", "-fno-rtti"],
    &["-std=gnu++17"],
    &["-std=c++20"],
    &["-std=c++20", "-fno-exceptions", "-fno-rtti"],
    &["-std=c++2b"],
    &["-std=c++2b", "-fno-exceptions", "-fno-rtti"],
];

/// The compilers that are here: the one of all tests, and clang++ beside it.
fn compilers() -> Vec<fn() -> Command> {
    let usual: fn() -> Command = || Language::Cpp.compiler();
    let clang: fn() -> Command = || Command::new("clang++");
    match clang().arg("--version").output() {
        Ok(output) if output.status.success() => vec![usual, clang],
        _ => {
            eprintln!("cpp: skipped with clang++, it is not installed");
            vec![usual]
        }
    }
}

/// A compiler that checks a source and makes nothing.
fn check_only(mut compiler: Command) -> Command {
    compiler.arg("-fsyntax-only").args(STRICT).arg("-DMONA_WARN_UNUSED");
    for folder in ["include", "bindings/cpp", "tests/cpp"] {
        compiler.arg("-I").arg(workspace().join(folder));
    }
    compiler
}

#[test]
fn no_compiler_warns_of_anything() {
    for compiler in compilers() {
        for way in WAYS {
            let mut command = check_only(compiler());
            command
                .args(way)
                .args(["-Wuseless-cast", "-Wdouble-promotion"])
                .arg(workspace().join("tests/cpp/everything.cpp"));
            expect_success(&mut command).unwrap();
        }
    }
}

#[test]
fn each_header_stands_by_itself() {
    let folder = workspace().join("bindings/cpp/mona");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("nlohmann.hpp") && !has_nlohmann() {
            continue;
        }
        let mut command = check_only(Language::Cpp.compiler());
        command.args(["-std=c++17", "-include"]).arg(&path).args(["-x", "c++", "/dev/null"]);
        expect_success(&mut command).unwrap();
        seen += 1;
    }
    assert!(seen >= 9, "only {seen} headers were found");
}

/// Statements that must not compile, with what stands in the compiler's complaint. What is no more than a type that a
/// field does not take is in tests/cpp/types.hpp.
const REFUSED: [(&str, &str); 15] = [
    ("run.send({{\"a\", 'c'}}).ignore();", "deleted"),
    ("run.send({{\"a\", 1.0L}}).ignore();", "deleted"),
    ("run.send({{\"a\", &run}}).ignore();", "deleted"),
    ("run.send({{\"a\", mona::stack()}}).ignore();", "deleted"),
    ("run.send({{\"a\", NULL}}).ignore();", "NULL"),
    ("run.send({\"a\", 1}).ignore();", "no matching"),
    ("run.send(\"{}\").ignore();", "no matching"),
    ("run.send({{\"a\", 1}});", "nodiscard"),
    ("client.flush(1s);", "nodiscard"),
    ("mona::scope(\"class\");", "nodiscard"),
    ("client.flush(1000).ignore();", "cannot convert"),
    ("run.send({{\"a\", 1}}, std::chrono::steady_clock::now()).ignore();", "no matching"),
    ("auto lost = mona::context::make(*mona::client::make()); lost->id();", "deleted"),
    ("mona::context other = run; other.id();", "deleted"),
    ("bool ok = client.flush(1s); (void)ok;", "cannot convert"),
];

fn around(statement: &str) -> String {
    format!(
        "#include <mona.hpp>\nusing namespace std::chrono_literals;\n\
         void use(const mona::client &client, const mona::context &run);\n\
         void use(const mona::client &client, const mona::context &run) {{ {statement}\n \
         static_cast<void>(client); static_cast<void>(run); }}\n"
    )
}

#[test]
fn what_must_not_compile_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("refused.cpp");
    let check = |statement: &str| {
        fs::write(&source, around(statement)).unwrap();
        // These words are those of one compiler.
        let mut command = check_only(Command::new("g++"));
        expect_success(command.arg("-std=c++17").arg("-Wno-old-style-cast").arg(&source))
    };
    if Command::new("g++").arg("--version").output().is_err() {
        eprintln!("cpp: skipped, what must not compile is read with g++, which is not installed");
        return;
    }
    check("run.send({{\"a\", 1}}).ignore();").unwrap();
    for (statement, complaint) in REFUSED {
        let error = check(statement).expect_err(statement).to_string();
        assert!(error.contains(complaint), "{statement}: {complaint} is expected in\n{error}");
    }
}

/// A program of tests/cpp as a user would build it.
fn program(name: &str) -> Recipe {
    let recipe = Program::cpp(format!("tests/cpp/{name}.cpp"));
    STRICT.iter().fold(recipe, |recipe, flag| recipe.flag(*flag))
}

fn expect_quiet(program: &Program) {
    let mut command = program.command();
    let finished = run(command.env("MONA_ENDPOINT", "memory:"), LIMIT).unwrap().expect_quiet().unwrap();
    assert_eq!(finished.stdout, "");
}

#[test]
fn program_every_value_arrives_as_it_was() {
    expect_quiet(&program("fields").build().unwrap());
    expect_quiet(&program("fields").flag("-std=c++20").flag("-O2").build().unwrap());
}

#[test]
fn program_handles_answer_also_when_moved_from() {
    expect_quiet(&program("client").flag("-fno-exceptions").flag("-fno-rtti").build().unwrap());
}

#[test]
fn program_scopes_close_what_they_opened() {
    expect_quiet(&program("scopes").flag("-fno-exceptions").build().unwrap());
}

#[test]
fn program_stacks_go_their_own_ways() {
    expect_quiet(&program("stacks").flag("-fno-rtti").build().unwrap());
}

#[test]
fn program_coroutines_keep_their_stacks() {
    expect_quiet(&program("coroutines").flag("-std=c++20").build().unwrap());
}

#[test]
fn program_exceptions_are_thrown_and_leave_scopes() {
    expect_quiet(&program("exceptions").build().unwrap());
}

fn has_nlohmann() -> bool {
    let mut command = Language::Cpp.compiler();
    command.args(["-fsyntax-only", "-include", "nlohmann/json.hpp", "-x", "c++", "/dev/null"]);
    command.output().is_ok_and(|output| output.status.success())
}

#[test]
fn program_values_of_nlohmann_json_are_sent() {
    if has_nlohmann() {
        expect_quiet(&program("nlohmann").build().unwrap());
    } else {
        eprintln!("cpp: skipped, nlohmann/json.hpp is not there (nlohmann-json3-dev)");
    }
}

#[test]
fn two_files_of_a_program_share_everything() {
    let folder = tempfile::tempdir().unwrap();
    let second = folder.path().join("second.cpp");
    let first = workspace().join("tests/cpp/everything.cpp");
    fs::write(&second, format!("#define SECOND\n#include {:?}\n", first.display().to_string())).unwrap();
    let recipe = program("everything").source(&second).flag("-I").flag(workspace().join("tests/cpp"));
    expect_quiet(&recipe.build().unwrap());
}

/// The examples with the number of their records and what is in one of them.
const EXAMPLES: [(&str, usize, &str); 5] = [
    ("hello", 2, r#""label":"cat","confidence":0.97"#),
    ("quick_start", 5, r#""label":"cat","confidence":0.97,"boxes":[[1,2]]"#),
    ("batch", 200, r#""position":99"#),
    ("threads", 24, r#""context":"request-3","message":{"best":0.04}"#),
    ("tasks", 16, r#""context":"request-2.item-4","message":{"score":40}"#),
];

#[test]
fn the_examples_do_what_they_say() {
    let there: BTreeSet<_> = fs::read_dir(workspace().join("bindings/cpp/examples"))
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str().and_then(|name| name.strip_suffix(".cpp")).map(str::to_owned)
        })
        .collect();
    assert_eq!(there, EXAMPLES.iter().map(|(name, ..)| (*name).to_owned()).collect(), "examples and tests");
    for (name, records, part) in EXAMPLES {
        let recipe = Program::cpp(format!("bindings/cpp/examples/{name}.cpp"));
        let program = STRICT.iter().fold(recipe, |recipe, flag| recipe.flag(*flag)).build().unwrap();
        let mut command = program.command();
        let finished = run(command.env("MONA_ENDPOINT", "stdout:"), LIMIT).unwrap().expect_ok().unwrap();
        assert_eq!(finished.stdout.lines().count(), records, "{name}: {}", finished.stdout);
        assert!(finished.stdout.contains(part), "{name}: {part} is expected in {}", finished.stdout);
    }
}

#[test]
fn every_function_of_the_library_is_used() {
    let listed = fs::read_to_string(workspace().join("tests/abi/symbols.txt")).unwrap();
    let functions: BTreeSet<_> = listed.lines().filter(|line| line.starts_with("mona_")).collect();
    let mut code = String::new();
    for entry in fs::read_dir(workspace().join("bindings/cpp/mona")).unwrap() {
        code += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    // What a comment names is not used by that.
    let code: String = code.split("*/").filter_map(|part| part.split("/*").next()).collect();
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let used: BTreeSet<_> =
        code.split(|sign| !is_name(sign)).filter(|word| functions.contains(word)).collect();
    assert!(functions.len() >= 40, "only {} functions were read", functions.len());
    let missing: Vec<_> = functions.difference(&used).collect();
    assert!(missing.is_empty(), "mona.hpp has nothing for {missing:?}");
}
