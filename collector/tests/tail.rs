//! What the program shows while records come.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::Write;

use common::program::{Program, address};
use common::*;
use serde_json::Value;

/// Two records of a stage, one with text that a terminal would obey, and one that is no ARC.
fn shown(arguments: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let port = folder.path().join("port");
    let mut all = vec!["--forward", "127.0.0.1:0", "--port-file", port.to_str().unwrap()];
    all.extend(["--exit-when-idle", "0.2"]);
    all.extend(arguments);
    let program = Program::start(&all);
    let records = [
        record("0123456789.stage-of-it", &field_text("MONA_ARC_CLASS", "digits/ink"), None),
        record("0123456789.stage-of-it", &field_text("la\u{202e}bel", "x\u{1b}[31m\n"), None),
        b"\x81\xa3log\xa1x".to_vec(),
    ];
    let mut stream = connect(address(&port));
    stream.write_all(&packed("one", &records)).unwrap();
    expect(&mut stream, &ack("one"));
    drop(stream);
    let (output, stdout, stderr) = program.end();
    assert!(output.status.success(), "{stderr}");
    (stdout, stderr)
}

#[test]
fn people_see_a_line_for_each_record_and_then_the_table() {
    let (stdout, _) = shown(&["--tail"]);
    let lines: Vec<&str> = stdout.lines().collect();
    assert_eq!(lines[0], "10:00:00  digits/ink            01234567.stage-of  begins");
    assert_eq!(
        lines[1],
        r#"10:00:00  digits/ink            01234567.stage-of  la\u{202e}bel="x\u001b[31m\n""#
    );
    assert_eq!((lines[2], lines[3]), (r#"10:00:00  {"log":"x"}"#, "Received"));
}

#[test]
fn programs_see_lines_of_json_alone() {
    let (stdout, stderr) = shown(&["--tail", "json"]);
    let lines: Vec<Value> = stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["tag"], &lines[2]["record"]["log"]), (3, &TAG.into(), &"x".into()));
    assert_eq!(lines[1]["record"]["message"]["la\u{202e}bel"], "x\u{1b}[31m\n");
    assert!(!stdout.contains('\u{202e}') && stderr.contains("\nReceived\n"), "{stderr}");
}

#[test]
fn two_cannot_share_standard_output() {
    let (output, stdout, stderr) =
        Program::start(&["--forward", "127.0.0.1:0", "--tail", "--out", "-"]).end();
    assert!(!output.status.success() && stdout.is_empty());
    assert!(stderr.contains("--tail: found --out - on the same standard output"), "{stderr}");
}
