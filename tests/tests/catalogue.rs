//! The committed catalogue of the interface, which the packages of other languages are generated from, is what the header
//! and the core's tables say, and complete.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::{catalogue, interface, workspace};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

fn committed() -> String {
    fs::read_to_string(workspace().join(catalogue::FILE)).unwrap_or_default()
}

#[test]
fn the_committed_catalogue_is_the_interface() {
    let made = catalogue::made().unwrap();
    if std::env::var_os("MONA_WRITE_INTERFACE").is_some() {
        fs::write(workspace().join(catalogue::FILE), &made).unwrap();
    }
    assert!(
        made == committed(),
        "{}: differs from the header or the core's tables, a run of \"make interface\" is expected",
        catalogue::FILE
    );
}

fn names<'a>(file: &'a Value, section: &str) -> Vec<&'a str> {
    file[section].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// By counts and names that were found in other ways.
#[test]
fn nothing_is_left_out() {
    let file: Value = serde_json::from_str(&catalogue::made().unwrap()).unwrap();
    let header = fs::read_to_string(workspace().join("include/mona.h")).unwrap();
    let functions: BTreeSet<String> = names(&file, "functions").into_iter().map(str::to_owned).collect();
    assert_eq!(functions, interface::functions_of_header(&header));
    let page = fs::read_to_string(workspace().join("OPTIONS.md")).unwrap();
    let options: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(names(&file, "options"), options);
    let counts =
        ["statuses", "kinds", "constants", "statistics", "structs"].map(|name| names(&file, name).len());
    assert_eq!(counts, [17, 8, 11, 23, 8]);
    for (section, words) in
        [("statuses", "text"), ("kinds", "doc"), ("statistics", "doc"), ("functions", "doc")]
    {
        let empty = file[section].as_array().unwrap().iter().find(|item| item[words].as_str() == Some(""));
        assert_eq!(empty, None, "{section}: without {words}");
    }
}
