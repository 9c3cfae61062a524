//! Looking again and again: lines where nobody looks at a terminal, one screen in place on one.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mona_collector::Service;
use mona_tests::run;
use serde_json::Value;

use super::peers::serve;
use super::tool::command;

/// Starts it without a terminal; its output line by line.
fn start(words: &[&str]) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = command(&[], words).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    (child, lines)
}

fn interrupt(child: &mut Child) -> Option<i32> {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap().code()
}

#[test]
fn without_a_terminal_each_look_is_a_line_with_its_time() {
    let collector = serve(Service::forward());
    let endpoint = format!("endpoint={}", collector.endpoint());
    let (mut child, mut lines) = start(&["-o", &endpoint, "--watch", "0.05"]);
    for _ in 0..3 {
        let line = lines.next().unwrap();
        let (time, rest) = line.split_once("  ").unwrap();
        assert!(time.len() == 20 && time.ends_with('Z') && time.starts_with("20"), "{line}");
        assert!(rest.starts_with("well    4 steps, ") && rest.ends_with(" ms"), "{line}");
    }
    drop(collector);
    let failed = lines.find(|line| line.contains("FAILED")).unwrap();
    assert!(
        failed.contains("  FAILED  tcp://127.0.0.1:") && failed.contains("  connect: no connection: "),
        "{failed}"
    );
    assert_eq!(interrupt(&mut child), Some(1));
    // What was under way when it was ended leaves nothing behind.
    assert!(lines.all(|line| line.contains("FAILED")));
}

#[test]
fn the_status_is_that_of_the_last_look() {
    let (mut child, mut lines) = start(&["-o", "endpoint=null:", "--watch=0.05"]);
    lines.next().unwrap();
    assert_eq!(interrupt(&mut child), Some(0));
    let (mut child, mut lines) = start(&["-o", "endpoint=file:///nowhere/at/all", "--watch", "30"]);
    assert!(lines.next().unwrap().contains("  FAILED  no client: "));
    assert_eq!(interrupt(&mut child), Some(2));
}

#[test]
fn for_programs_each_look_is_a_line_of_json_and_settings_are_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    fs::write(&config, r#"{"endpoint": "null:", "user_id": "before"}"#).unwrap();
    let option = format!("config_file={}", config.display());
    let (mut child, mut lines) = start(&["-o", &option, "--json", "--watch", "0.05"]);
    let user = |line: &str| {
        let report: Value = serde_json::from_str(line).unwrap();
        assert_eq!(report["well"], true, "{report}");
        report["options"]["user_id"]["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(user(&lines.next().unwrap()), "before");
    let next = folder.path().join("next.json");
    fs::write(&next, r#"{"endpoint": "null:", "user_id": "after"}"#).unwrap();
    fs::rename(next, config).unwrap();
    assert!(lines.any(|line| user(&line) == "after"));
    assert_eq!(interrupt(&mut child), Some(0));
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let (mut child, mut lines) = start(&["-o", "endpoint=null:", "--watch", "0.01"]);
    lines.next().unwrap();
    drop(lines);
    child.wait().unwrap();
}

/// Runs a line of shell on a terminal of `script`, so many columns wide; what it showed, where there is such a tool.
fn on_terminal(columns: u32, tool: &str, line: &str) -> Option<String> {
    let line = format!("stty cols {columns} rows 24; {}", line.replace("DOCTOR", tool));
    let mut shell = Command::new("script");
    shell.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    match run(&mut shell, Duration::from_secs(60)) {
        Ok(finished) => Some(finished.stdout),
        Err(error) => {
            eprintln!("skipped: no terminal: {error}");
            None
        }
    }
}

#[test]
fn a_terminal_gets_colours_and_no_line_that_is_too_long_for_it() {
    let tool = command(&[], &[]).get_program().to_str().unwrap().to_owned();
    let line = "DOCTOR -o endpoint=unix:///nowhere/sock";
    let Some(shown) = on_terminal(60, &tool, line) else { return };
    assert!(shown.contains("\u{1b}[1;31mFAILED"), "{shown}");
    let plain = on_terminal(60, &tool, &format!("NO_COLOR=1 {line}")).unwrap();
    assert!(!plain.contains('\u{1b}') && plain.contains("FAILED"), "{plain:?}");
    for row in plain.lines() {
        assert!(row.trim_end().chars().count() <= 60, "{row}");
    }
    // What the terminal cannot show is a question mark there, and untouched in a file.
    let umlaut = "DOCTOR -o endpoint=stdout: -o user_id=K\u{f6}ln";
    let ascii = on_terminal(80, &tool, &format!("LC_ALL=C {umlaut}")).unwrap();
    assert!(ascii.contains("K?ln"), "{ascii}");
    let utf8 = on_terminal(80, &tool, &format!("LC_ALL=C.UTF-8 {umlaut}")).unwrap();
    assert!(utf8.contains("K\u{f6}ln"), "{utf8}");
    let piped = on_terminal(80, &tool, &format!("LC_ALL=C {umlaut} | cat")).unwrap();
    assert!(piped.contains("K\u{f6}ln"), "{piped}");
}

#[test]
fn on_a_terminal_a_look_takes_the_place_of_the_one_before() {
    let tool = command(&[], &[]).get_program().to_str().unwrap().to_owned();
    let line =
        "DOCTOR -o endpoint=stdout: --watch 0.1 & pid=$!; sleep 1; kill -INT $pid; wait $pid; echo status $?";
    let Some(shown) = on_terminal(80, &tool, line) else { return };
    assert!(shown.contains("every 0.1 s, Ctrl-C ends; well since "), "{shown:?}");
    assert!(shown.matches("\u{1b}[H").count() > 1, "{shown:?}");
    assert!(shown.contains("Every step succeeded.") && shown.trim_end().ends_with("status 0"), "{shown:?}");
}
