//! What the macros of the header take and what they refuse, by every compiler and standard that is here: wrong types are
//! errors where C11 or C++11 can say so, everything harmless compiles with every warning being an error.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has to fail loudly")]

#[path = "types/lists.rs"]
mod lists;

use lists::{
    BEFORE, REFUSED, REFUSED_128, REFUSED_BY_CPP11, TAKEN, TAKEN_BY_C11, TAKEN_BY_CPP11, TAKEN_WHERE_CHECKED,
};
use mona_tests::program::expect_success;
use mona_tests::{Language, workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

/// What users turn on.
const STRICT: [&str; 10] = [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wpedantic",
    "-pedantic-errors",
    "-Wconversion",
    "-Wsign-conversion",
    "-Wshadow",
    "-Wdouble-promotion",
    "-Wno-unknown-warning-option",
];
/// The newest ones by the names that compilers of some age know too.
const C_STANDARDS: [&str; 4] = ["c99", "c11", "gnu17", "c2x"];
const CPP_STANDARDS: [&str; 6] = ["c++98", "c++11", "c++14", "gnu++17", "c++20", "c++2b"];
/// For other systems, which differ in their types and not in what a standard says.
const C_ELSEWHERE: [&str; 2] = ["c99", "c11"];
const CPP_ELSEWHERE: [&str; 2] = ["c++98", "c++11"];
/// Those without what a refusal needs.
const UNCHECKED: [&str; 2] = ["c99", "c++98"];

/// A compiler of one language, with what makes it one for another system.
struct Compiler {
    language: Language,
    words: Vec<String>,
    has_128: bool,
    says: String,
}

impl Compiler {
    fn command(&self, standard: &str) -> Command {
        let (program, arguments) = self.words.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).arg(format!("-std={standard}")).arg("-I").arg(workspace().join("include"));
        // Words that are looked for, in one language and at the line of the program.
        command.env("LC_ALL", "C").arg(if self.says.contains("clang") {
            "-ferror-limit=0"
        } else {
            "-ftrack-macro-expansion=0"
        });
        command
    }

    fn is_c(&self) -> bool {
        self.language == Language::C
    }

    fn name(&self, standard: &str) -> String {
        format!("{} -std={standard}", self.words.join(" "))
    }
}

/// Where zig is, if it was installed for the portable library: a Clang of another age.
fn zig() -> String {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), Into::into);
    std::env::var("ZIG")
        .unwrap_or_else(|_| format!("{} -m ziglang", target.join("venv/zig/bin/python").display()))
}

/// The compilers that are here, each once.
fn compilers() -> Vec<Compiler> {
    let (zig, mut found) = (zig(), Vec::new());
    for language in [Language::C, Language::Cpp] {
        let mut seen = BTreeSet::new();
        let usual = format!("{:?}", language.compiler()).replace('"', "");
        let (gcc, clang, zig_has) = match language {
            Language::C => ("gcc", "clang", format!("{zig} cc")),
            Language::Cpp => ("g++", "clang++", format!("{zig} c++")),
        };
        let ways = [
            (usual.clone(), true),
            (gcc.to_owned(), true),
            (clang.to_owned(), true),
            (zig_has, true),
            // As MSVC reads it, for a system where long has 32 bits; and where char is unsigned, and where pointers have 32.
            // Clang leaves narrowing alone there unless it is asked, MSVC does not.
            (format!("{clang} -fms-compatibility -fms-extensions -Wnarrowing"), true),
            (format!("{clang} --target=x86_64-pc-windows-msvc -ffreestanding -Wnarrowing"), true),
            (format!("{clang} --target=aarch64-linux-gnu -ffreestanding"), true),
            (format!("{clang} --target=i686-linux-gnu -ffreestanding"), false),
        ];
        for (way, has_128) in ways {
            let words: Vec<_> = way.split_whitespace().map(str::to_owned).collect();
            let (program, arguments) = words.split_first().unwrap();
            let said = Command::new(program).args(arguments).arg("--version").output();
            let Some(said) = said.ok().filter(|output| output.status.success()) else {
                eprintln!("types: skipped with {way}, it is not installed");
                continue;
            };
            let says = String::from_utf8_lossy(&said.stdout).into_owned();
            // The first word is the name that it was called by.
            let version = says.split_once(' ').map(|(_, version)| version.to_owned());
            if seen.insert((arguments.to_vec(), version)) {
                found.push(Compiler { language, words, has_128, says });
            }
        }
    }
    found
}

/// A source with one expression on each line, and which line each is on.
fn source<'e>(expressions: impl Iterator<Item = &'e str>) -> (String, BTreeMap<usize, &'e str>) {
    let mut text = BEFORE.to_owned();
    let mut lines = BTreeMap::new();
    for (number, expression) in expressions.enumerate() {
        let line = text.lines().count() + 1;
        text += &format!(
            "mona_field field_{number}(void); mona_field field_{number}(void) {{ return {expression}; }}\n"
        );
        lines.insert(line, expression);
    }
    (text, lines)
}

fn written(folder: &Path, compiler: &Compiler, text: &str) -> std::path::PathBuf {
    let path = folder.join("typed").with_extension(if compiler.is_c() { "c" } else { "cpp" });
    fs::write(&path, text).unwrap();
    path
}

fn standards(compiler: &Compiler) -> &'static [&'static str] {
    match (compiler.is_c(), compiler.words.iter().any(|word| word.starts_with("--target"))) {
        (true, false) => &C_STANDARDS,
        (true, true) => &C_ELSEWHERE,
        (false, false) => &CPP_STANDARDS,
        (false, true) => &CPP_ELSEWHERE,
    }
}

/// Compiles and keeps nothing; zig makes an object whatever it is asked for.
fn compiled(compiler: &Compiler, standard: &str, source: &Path) -> Command {
    let mut command = compiler.command(standard);
    command.arg("-c").arg(source).arg("-o").arg(source.with_extension("o"));
    command
}

#[test]
fn harmless_values_are_taken_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    for compiler in compilers() {
        for standard in standards(&compiler) {
            let is_checked = !UNCHECKED.contains(standard);
            let mut taken = TAKEN.to_vec();
            if is_checked {
                taken.extend(TAKEN_WHERE_CHECKED);
                taken.extend(if compiler.is_c() { TAKEN_BY_C11 } else { TAKEN_BY_CPP11 });
            }
            let path = written(folder.path(), &compiler, &source(taken.into_iter()).0);
            let mut command = compiled(&compiler, standard, &path);
            command.args(STRICT);
            if !is_checked {
                // Integers of 64 bits are no part of it, yet those of the header are; and what Clang's own headers use.
                command.args(["-Wno-long-long", "-Wno-c99-extensions"]);
            }
            expect_success(&mut command)
                .unwrap_or_else(|error| panic!("{}: {error}", compiler.name(standard)));
        }
    }
}

/// The lines of the source that have an error, with what was said of each.
fn errors<'s>(said: &'s str, path: &Path) -> BTreeMap<usize, Vec<&'s str>> {
    let start = format!("{}:", path.display());
    let mut found: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for line in said.lines() {
        let place =
            line.strip_prefix(&start).filter(|rest| rest.contains("error: ") || rest.contains("note: "));
        if let Some(number) = place.and_then(|rest| rest.split(':').next()?.parse().ok()) {
            found.entry(number).or_default().push(line);
        }
    }
    found.retain(|_, lines| lines.iter().any(|line| line.contains("error: ")));
    found
}

#[test]
fn wrong_types_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (mut ways, mut refusals, mut languages) = (0, 0, BTreeSet::new());
    for compiler in compilers() {
        for standard in standards(&compiler).iter().filter(|standard| !UNCHECKED.contains(standard)) {
            let more = if compiler.has_128 { REFUSED_128 } else { &[] };
            let alone = if compiler.is_c() { &[] } else { REFUSED_BY_CPP11 };
            let wrong = REFUSED
                .iter()
                .chain(more)
                .chain(alone)
                .filter(|(_, _, words)| compiler.is_c() || !words.is_empty());
            let wrong: BTreeMap<_, _> = wrong.map(|(expression, c, cpp)| (*expression, (*c, *cpp))).collect();
            let (text, lines) = source(wrong.keys().copied());
            let path = written(folder.path(), &compiler, &text);
            // Where a warning says it, as GCC does of some, that is one which is on without being asked for.
            let output = compiled(&compiler, standard, &path).arg("-Werror").output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let errors = errors(&said, &path);
            let name = compiler.name(standard);
            for (line, expression) in &lines {
                let (c, cpp) = wrong.get(expression).unwrap();
                let found = errors.get(line).unwrap_or_else(|| panic!("{name} takes {expression}\n{said}"));
                let is_named =
                    |words: &[&str]| found.iter().any(|said| words.iter().any(|word| said.contains(word)));
                let expected: &[&str] = if compiler.is_c() { &[c] } else { cpp };
                assert!(
                    is_named(expected),
                    "{name}: {expected:?} are expected for {expression} in\n{found:#?}"
                );
                refusals += 1;
            }
            let other: Vec<_> = errors.keys().filter(|line| !lines.contains_key(line)).collect();
            assert!(other.is_empty(), "{name}: {other:?} are other lines\n{said}");
            ways += 1;
            languages.insert(compiler.is_c());
        }
    }
    println!("types: {refusals} refusals in {ways} ways");
    assert!(ways >= 9, "only {ways} ways");
    assert_eq!(languages.len(), 2);
}

#[test]
fn the_looks_at_types_can_be_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let numbers = [
        r#"MONA_I64("a", d)"#,
        r#"MONA_U64("a", i)"#,
        r#"MONA_F64("a", i64)"#,
        r#"MONA_F32("a", d)"#,
        r#"MONA_BOOL("a", ip)"#,
    ];
    for compiler in compilers() {
        for standard in standards(&compiler) {
            let path = written(folder.path(), &compiler, &source(numbers.into_iter()).0);
            let without = |flag: Option<&str>| {
                let mut command = compiled(&compiler, standard, &path);
                expect_success(command.args(flag))
            };
            without(Some("-DMONA_NO_TYPE_CHECKS")).unwrap();
            assert_eq!(without(None).is_ok(), UNCHECKED.contains(standard), "{}", compiler.name(standard));
        }
    }
}
