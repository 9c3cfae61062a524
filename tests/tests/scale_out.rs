//! `docs/scale-out.md`: its configuration files are those that `make scale` runs, its tables are what `capacity.py` says, and
//! the counters it alerts on exist.
//!
//! `make scale-out` writes the page anew after a change of one of these.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::{run, workspace};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

const PAGE: &str = "docs/scale-out.md";
/// Every file of these is shown, with how many there are at least.
const SHOWN: [(&str, usize); 3] =
    [("tests/scale/config/", 7), ("scale/clickhouse/", 2), ("scale/clickhouse/queries/", 5)];
const CAPACITY: &str = "tests/scale/capacity.py";

fn text_of(name: &str) -> String {
    fs::read_to_string(workspace().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn capacity(arguments: &[&str]) -> String {
    let mut command = Command::new("python3");
    command.arg(workspace().join(CAPACITY)).args(arguments);
    run(&mut command, Duration::from_secs(60)).unwrap().expect_quiet().unwrap().stdout
}

/// The page with what stands behind its marks written anew: a comment with the name of a file before a fence, and the
/// tables between two comments.
fn filled(page: &str, source: impl Fn(&str) -> String) -> String {
    let mut lines = page.lines();
    let mut text = String::new();
    while let Some(line) = lines.next() {
        text.extend([line, "\n"]);
        let name = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        let Some(name) = name.filter(|name| name.contains('/')) else {
            continue;
        };
        let (first, last) = match name == CAPACITY {
            true => ("", "<!-- end -->"),
            false => (lines.next().expect("a fence"), "```"),
        };
        assert!(
            first.is_empty() || first.starts_with("```"),
            "{line}: a fence is expected, {first} was found"
        );
        lines.find(|line| *line == last).unwrap_or_else(|| panic!("{line}: no {last} behind it"));
        text.extend([first, "\n", source(name).trim_end(), "\n"]);
        text.extend([if first.is_empty() { "\n" } else { "" }, last, "\n"]);
    }
    text
}

fn source(name: &str) -> String {
    if name == CAPACITY { capacity(&[]) } else { text_of(name) }
}

#[test]
fn the_page_has_the_files_and_figures() {
    let old = text_of(PAGE);
    let new = filled(&old, source);
    if std::env::var_os("MONA_WRITE_SCALE_OUT").is_some() {
        fs::write(workspace().join(PAGE), &new).unwrap();
        return;
    }
    let differs = old.lines().zip(new.lines()).zip(1..).find(|((old, new), _)| old != new);
    assert!(old == new, "{PAGE} differs from its sources, `make scale-out` writes it anew\n{differs:?}");
    let other = filled(&old, |name| source(name) + "# another line\n");
    assert_ne!(other, old, "a change of a file would be found");
}

#[test]
fn every_file_is_shown() {
    let page = text_of(PAGE);
    for (folder, least) in SHOWN {
        let mut files = 0;
        for entry in fs::read_dir(workspace().join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let name = entry.file_name().into_string().unwrap();
                assert!(page.contains(&format!("<!-- {folder}{name} -->")), "{folder}{name} is not shown");
                files += 1;
            }
        }
        assert!(files >= least, "only {files} files were found in {folder}");
    }
}

#[test]
fn another_fleet_can_be_computed() {
    let table = capacity(&["3000", "200"]);
    assert!(table.contains("| events a second | 600 000 |"), "{table}");
    let mut command = Command::new("python3");
    command.arg(workspace().join(CAPACITY)).arg("many");
    assert_eq!(run(&mut command, Duration::from_secs(60)).unwrap().status.code(), Some(2));
}

/// What stands between backticks in the first cells of the section on alerts.
fn alerts(page: &str) -> Vec<&str> {
    let (_, section) = page.split_once("## What to alert on").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | "));
    rows.flat_map(|(cell, _)| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn what_is_alerted_on_is_counted() {
    let page = text_of(PAGE);
    let alerts = alerts(&page);
    assert!(alerts.len() >= 30, "only {alerts:?} were recognised");
    let header = text_of("include/mona.h");
    let (_, stats) = header.split_once("typedef struct mona_stats {").unwrap();
    let counters: BTreeSet<&str> =
        stats.lines().filter_map(|line| line.trim().strip_prefix("uint64_t ")?.strip_suffix(';')).collect();
    let assembler = "scale/assembler/src/main/java/dev/libmona/assembler/Counters.java";
    let assembler = fs::read_to_string(workspace().join(assembler)).ok();
    for name in alerts {
        if let Some(counter) = name.strip_prefix("mona_assembler_") {
            let counter = counter.strip_suffix("_total").unwrap_or(counter);
            if let Some(java) = &assembler {
                assert!(
                    java.contains(&format!("LongAdder {counter} =")),
                    "{name}: the assembler has no {counter}"
                );
            }
        } else if name.starts_with("otelcol_") {
            // `make scale` asks the collectors.
        } else if name.starts_with(char::is_lowercase) && name != "mona-assembler" && !name.contains('=') {
            assert!(counters.contains(name), "{name} is no counter of libmona");
        }
    }
}
