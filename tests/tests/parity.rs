//! Every language offers the same: the table of `bindings/README.md` has each function of the C interface, what stands in
//! it is there in the sources of that language, and each package has the same parts and examples.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::workspace;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A language by the name of its column, where its package is, and what its sources end in.
struct Language {
    column: &'static str,
    folder: &'static str,
    endings: &'static [&'static str],
}

const fn language(column: &'static str, folder: &'static str, endings: &'static [&'static str]) -> Language {
    Language { column, folder, endings }
}

const LANGUAGES: [Language; 9] = [
    language("C++", "bindings/cpp/mona", &["hpp"]),
    language("Python", "bindings/python/src", &["py", "pyi"]),
    language("Go", "bindings/go", &["go"]),
    language("Node", "bindings/node", &["ts", "js", "mjs", "cjs"]),
    language("Java", "bindings/java", &["java"]),
    language("LuaJIT", "bindings/luajit", &["lua"]),
    language("PHP", "bindings/php", &["php"]),
    language("Ruby", "bindings/ruby", &["rb"]),
    language("C#", "bindings/csharp", &["cs"]),
];

/// What is beside a package and no part of it.
const BESIDE: [&str; 8] = ["tests", "test", "examples", "bench", "node_modules", "target", "vendor", "build"];

/// The examples that the packages with a suite of their own have in common.
const EXAMPLES: [&str; 3] = ["quickstart", "batch", "workers"];

/// Those packages: all behind C++ and Python.
fn packages() -> &'static [Language] {
    &LANGUAGES[2..]
}

fn text_of(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Calls `each` with every file below a folder, but for folders that `skips`.
fn walk(folder: &Path, skips: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(&Path)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // A link may lead anywhere.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !name.starts_with('.') && !skips(&name) {
                walk(&path, skips, each);
            }
        } else {
            each(&path);
        }
    }
}

/// The words of the sources of a package.
fn words(language: &Language) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    walk(&workspace().join(language.folder), &|name| BESIDE.contains(&name), &mut |path| {
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        // A test of Go stands beside what it tests.
        let is_test = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("_test"));
        if language.endings.contains(&ending.as_ref()) && !is_test {
            found.extend(identifiers(&fs::read_to_string(path).unwrap_or_default()).map(str::to_owned));
        }
    });
    found
}

fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
    parts.filter(|part| part.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_'))
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The columns and the rows of the one table whose first column is called C.
fn table(page: &str) -> (Vec<&str>, Vec<Vec<&str>>) {
    fn cells(line: &str) -> Vec<&str> {
        line.trim_matches('|').split('|').map(str::trim).collect()
    }
    let lines: Vec<&str> = page.lines().collect();
    let is_head = |pair: &[&str]| pair[0].starts_with("| C |") && pair[1].starts_with("|---");
    let head = lines.windows(2).position(is_head).expect("a table that begins with the column C");
    let columns = cells(lines[head]);
    let rows =
        lines[head + 2..].iter().take_while(|line| line.starts_with('|')).map(|line| cells(line)).collect();
    (columns, rows)
}

/// The letters that have a reason: lines of the form "- **a**: why".
fn reasons(page: &str) -> BTreeMap<&str, &str> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("- **")?.split_once("**: "));
    lines.filter(|(_, why)| why.len() > 20).collect()
}

/// Everything that is wrong with the table, a line each.
fn faults(page: &str, functions: &BTreeSet<String>, known: &[(&str, BTreeSet<String>)]) -> Vec<String> {
    let (columns, rows) = table(page);
    let reasons = reasons(page);
    let mut faults = Vec::new();
    let expected: Vec<&str> = std::iter::once("C").chain(known.iter().map(|(column, _)| *column)).collect();
    if columns != expected {
        faults.push(format!("the columns are {columns:?}, {expected:?} are expected"));
        return faults;
    }
    let mut listed = BTreeSet::new();
    for row in &rows {
        let of = row[0];
        for name in quoted(of) {
            if !listed.insert(name.to_owned()) {
                faults.push(format!("{name}: in two rows"));
            }
        }
        if row.len() != columns.len() {
            faults.push(format!("{of}: {} cells", row.len()));
            continue;
        }
        for (cell, (column, words)) in row[1..].iter().zip(known) {
            let names = quoted(cell);
            let is_left_out = cell.strip_prefix("– ").is_some_and(|letter| reasons.contains_key(letter));
            if names.is_empty() && !is_left_out {
                faults.push(format!("{of}, {column}: {cell:?}, a name or – with a reason is expected"));
            }
            let missing =
                names.iter().flat_map(|name| identifiers(name)).filter(|word| !words.contains(*word));
            faults.extend(missing.map(|word| format!("{of}, {column}: no {word} in its sources")));
        }
    }
    faults.extend(functions.difference(&listed).map(|name| format!("{name}: in no row")));
    faults.extend(listed.difference(functions).map(|name| format!("{name}: not exported")));
    faults
}

fn exported() -> BTreeSet<String> {
    text_of("tests/abi/symbols.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_is_true() {
    let known: Vec<_> = LANGUAGES.iter().map(|language| (language.column, words(language))).collect();
    let faults = faults(&text_of("bindings/README.md"), &exported(), &known);
    assert!(faults.is_empty(), "bindings/README.md:\n{}", faults.join("\n"));
}

#[test]
fn a_wrong_table_would_be_found() {
    let functions = BTreeSet::from(["mona_a".to_owned(), "mona_b".to_owned()]);
    let known = [("X", BTreeSet::from(["Thing".to_owned(), "a".to_owned()]))];
    let page = |rows: &str| {
        format!("| C | X |\n|---|---|\n{rows}\n\n- **n**: a reason that is long enough\n- **s**: short\n")
    };
    assert_eq!(faults(&page("| `mona_a` | `Thing.a` |\n| `mona_b` | – n |"), &functions, &known), [""; 0]);
    for (rows, said) in [
        ("| `mona_a`, `mona_b` | `Thing.c` |", "no c"),
        ("| `mona_a`, `mona_b` | – |", "a name or"),
        ("| `mona_a`, `mona_b` | – s |", "a name or"),
        ("| `mona_a` | `a` |", "mona_b: in no row"),
        ("| `mona_a`, `mona_b`, `mona_c` | `a` |", "mona_c: not exported"),
        ("| `mona_a`, `mona_b`, `mona_a` | `a` |", "in two rows"),
        ("| `mona_a`, `mona_b` | `a` | `a` |", "3 cells"),
    ] {
        let found = faults(&page(rows), &functions, &known);
        assert!(found.iter().any(|fault| fault.contains(said)), "{rows}: {found:?}");
    }
}

#[test]
fn every_package_has_the_same_parts() {
    for package in packages() {
        let folder = workspace().join(package.folder);
        for part in ["README.md", "test.sh", "generate.py", "tests/cannot.json", "bench/run.sh"] {
            assert!(folder.join(part).is_file(), "{}: no {part}", package.folder);
        }
        let mut examples = BTreeSet::new();
        walk(&folder.join("examples"), &|_| false, &mut |path| {
            // A folder of its own, or a file, in the way the language writes names; one that has a class for
            // each file and a `Batch` of the package says BatchExample.
            let below = path.strip_prefix(&folder).unwrap_or(path).to_string_lossy().to_lowercase();
            examples.extend(
                below
                    .split(['/', '.'])
                    .map(|part| part.replace(['_', '-'], "").trim_end_matches("example").to_owned()),
            );
        });
        for example in EXAMPLES {
            assert!(examples.contains(example), "{}: no example {example}", package.folder);
        }
    }
}

/// What a language cannot say has a reason, and is little.
#[test]
fn few_scenarios_cannot_be_said() {
    // Values that Python alone has are the most that is missing elsewhere.
    const MOST: usize = 12;
    let scenarios: serde_json::Value =
        serde_json::from_str(&text_of("tests/conformance/scenarios.json")).unwrap();
    let ids: BTreeSet<&str> =
        scenarios["scenarios"].as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect();
    for package in packages() {
        let name = format!("{}/tests/cannot.json", package.folder);
        let cannot: BTreeMap<String, String> = serde_json::from_str(&text_of(&name)).unwrap();
        assert!(cannot.len() <= MOST, "{name}: {} scenarios", cannot.len());
        for (id, why) in &cannot {
            assert!(ids.contains(id.as_str()), "{name}: {id}, no such scenario");
            assert!(why.len() > 10, "{name}: {id}: {why:?}, a reason is expected");
        }
    }
}
