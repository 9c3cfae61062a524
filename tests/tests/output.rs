//! Standard output and files, whatever stands behind them: pipes that are full, FIFOs whose readers come and go,
//! terminals, files that end. Lines are whole, nobody waits for ever, and no signal reaches the host.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_tests::reach::{lateness, once_within};
use mona_tests::{Finished, Program, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(120);

fn c(name: &str) -> Program {
    Program::c(format!("tests/c/output/{name}.c")).build().unwrap()
}

/// The program with quick options.
fn command(program: &Program, arguments: &[&str], endpoint: &str) -> Command {
    let mut command = program.command();
    command.args(arguments).env("MONA_ENDPOINT", endpoint).env("MONA_FLUSH_INTERVAL_MS", "5");
    command
}

/// Reads to the end, in parts of this size with a pause after each.
fn read_slowly(mut from: impl Read, part: usize, pause: Duration) -> String {
    let (mut text, mut buffer) = (Vec::new(), vec![0; part]);
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        text.extend_from_slice(&buffer[..count]);
        std::thread::sleep(pause);
    }
    String::from_utf8(text).unwrap()
}

/// How many different events of each sender there are; every line is whole.
fn events(text: &str) -> BTreeMap<String, usize> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is cut");
    let mut found = BTreeMap::<String, std::collections::BTreeSet<u64>>::new();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{error}: {} bytes, {:.200}", line.len(), line));
        let message = &record["record"]["message"];
        let who = message["who"].as_str().unwrap_or_default().to_owned();
        found.entry(who).or_default().insert(message["n"].as_u64().unwrap());
    }
    found.into_iter().map(|(who, numbers)| (who, numbers.len())).collect()
}

fn counts(expected: &[(&str, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(who, count)| ((*who).to_owned(), *count)).collect()
}

/// Waits for a program that is to end well.
fn end_well(child: Child) {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Runs it into a pipe that is read so; gives what came.
fn through_a_pipe(command: &mut Command, part: usize, pause: u64) -> String {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let text = read_slowly(child.stdout.take().unwrap(), part, Duration::from_millis(pause));
    end_well(child);
    text
}

#[test]
fn all_events_pass_a_pipe_that_is_full_now_and_then() {
    let program = c("lines");
    for mode in ["nonblocking", "blocking"] {
        let mut command = command(&program, &["main", "4000", "900", mode], "stdout:");
        let text = through_a_pipe(command.env("MONA_CONNECT_TIMEOUT_MS", "1000"), 1 << 16, 10);
        assert_eq!(events(&text), counts(&[("main", 4000)]), "{mode}");
    }
}

#[test]
fn long_lines_are_whole_however_they_are_read() {
    let program = c("lines");
    let mut command = command(&program, &["main", "60", "30000", "nonblocking"], "stdout:");
    assert_eq!(events(&through_a_pipe(&mut command, 3000, 0)), counts(&[("main", 60)]));
}

#[test]
fn a_pipe_that_nobody_reads_holds_nobody_up() {
    let program = c("lines");
    for mode in ["stalled", "stalled, nonblocking", "stalled, gone"] {
        once_within(|| {
            let mut command = command(&program, &["main", "1000", "900", mode], "stdout:");
            command.env("MONA_IO_TIMEOUT_MS", "300").stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let unread = child.stdout.take().filter(|_| mode != "stalled, gone");
            let output = child.wait_with_output().unwrap();
            drop(unread);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{mode}: {said}");
            let late = said.trim_end().strip_prefix("late_us=").and_then(|us| us.parse::<i64>().ok());
            lateness(late.unwrap_or_else(|| panic!("{mode}: {said}")))
        });
    }
}

fn fifo(folder: &Path) -> PathBuf {
    let path = folder.join("fifo");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

fn endpoint(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[test]
fn a_fifo_is_opened_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let program = c("lines");
    // Its end is the first close of a writer; the pause is the time that it has to see one before the events.
    let reader = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let finished = run(&mut command(&program, &["main", "10", "9", "pausing"], &endpoint(&path)), LIMIT);
    finished.unwrap().expect_ok().unwrap();
    let text = String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(events(&text), counts(&[("main", 10)]));
}

#[test]
fn a_fifo_waits_for_a_reader_who_may_go_and_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let program = c("lines");
    let mut command = command(&program, &["main", "40", "100000"], &endpoint(&path));
    let child = command.env("MONA_QUEUE_BYTES", "20000000").stderr(Stdio::piped()).spawn().unwrap();
    // Nobody reads at first.
    std::thread::sleep(Duration::from_millis(700));
    let mut text = String::new();
    for part in [250_000, 30_000, 170_001] {
        let mut reader = File::open(&path).unwrap();
        let mut some = vec![0; part];
        reader.read_exact(&mut some).unwrap();
        // While it goes the program waits for room in the middle of a line.
        std::thread::sleep(Duration::from_millis(300));
        drop(reader);
        std::thread::sleep(Duration::from_millis(700));
        let some = String::from_utf8(some).unwrap();
        // What this one had of its last line is gone with it, and with what the FIFO held.
        text.push_str(&some[..some.rfind('\n').map_or(0, |end| end + 1)]);
    }
    text.push_str(&read_slowly(File::open(&path).unwrap(), 1 << 16, Duration::ZERO));
    end_well(child);
    let lines = events(&text)["main"];
    // Each of the three readers may have left one whole line in the FIFO.
    assert!((37..=40).contains(&lines), "{lines}");
}

#[test]
fn whole_lines_in_a_fifo_wait_for_the_next_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = fifo(folder.path());
    let program = c("lines");
    let mut command = command(&program, &["main", "400", "900"], &endpoint(&path));
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = File::open(&path).unwrap();
    let mut first = Vec::new();
    while first.last() != Some(&b'\n') {
        let mut byte = [0];
        reader.read_exact(&mut byte).unwrap();
        first.push(byte[0]);
    }
    std::thread::sleep(Duration::from_millis(300));
    drop(reader);
    std::thread::sleep(Duration::from_millis(700));
    let rest = read_slowly(File::open(&path).unwrap(), 1 << 16, Duration::ZERO);
    end_well(child);
    assert_eq!(events(&(String::from_utf8(first).unwrap() + &rest)), counts(&[("main", 400)]));
}

#[test]
fn standard_output_by_other_names() {
    let program = c("lines");
    for name in ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"] {
        let mut command = command(&program, &["main", "500", "900"], &format!("file://{name}"));
        command.env("MONA_PRINT_LOGS", "true").env("MONA_LOGGING_LEVEL", "10");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let text = read_slowly(child.stdout.take().unwrap(), 1 << 16, Duration::ZERO);
        assert!(child.wait_with_output().unwrap().status.success());
        assert_eq!(events(&text), counts(&[("main", 500)]), "{name}");
    }
}

#[test]
fn standard_output_that_is_closed_is_waited_for() {
    let program = c("lines");
    let finished = run(&mut command(&program, &["main", "20", "9", "closed"], "stdout:"), LIMIT).unwrap();
    assert_eq!(finished.expect_ok().unwrap().stderr, "");
    let text = std::fs::read_to_string(program.folder().join("late")).unwrap();
    assert_eq!(events(&text), counts(&[("main", 20)]));
}

#[test]
fn two_programs_append_to_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let program = c("lines");
    let path = folder.path().join("records");
    let start = |who: &str| {
        let mut command = command(&program, &[who, "3000", "900"], &endpoint(&path));
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    [start("one"), start("two")].into_iter().for_each(end_well);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(events(&text), counts(&[("one", 3000), ("two", 3000)]));
}

#[test]
fn terminals_take_whole_lines_and_stop_nobody() {
    let finished: Finished = run(&mut c("terminal").command(), LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
}

#[test]
fn a_file_that_may_not_grow_kills_nobody() {
    let finished = run(&mut c("file_limit").command(), LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!(finished.stdout.len(), 1000);
    assert_eq!(finished.stderr, "");
}

#[test]
fn log_lines_stay_out_of_records() {
    let program = c("mixed");
    for (events_each, bytes) in [("300", "100"), ("60", "20000")] {
        let mut command = command(&program, &[events_each, bytes], "stdout:");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || read_slowly(errors, 1 << 16, Duration::ZERO));
        let text = read_slowly(child.stdout.take().unwrap(), 1 << 14, Duration::from_millis(1));
        assert!(child.wait().unwrap().success());
        let expected: usize = events_each.parse().unwrap();
        assert_eq!(events(&text), counts(&[("", expected)]));
        assert_eq!(text.lines().count(), 2 * expected);
        let errors = errors.join().unwrap();
        assert!(
            errors.lines().count() > 1 && errors.lines().all(|line| line.starts_with("mona ")),
            "{errors}"
        );
    }
}

#[test]
fn a_line_that_nobody_will_finish_is_ended_for_who_waits_behind_it() {
    end_well(command(&c("left_cut"), &[], "stdout:").stderr(Stdio::piped()).spawn().unwrap());
}

#[test]
fn log_lines_and_records_in_one_pipe_are_whole() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let program = c("mixed");
    let mut command = command(&program, &["60", "20000"], "stdout:");
    let mut child = command.stdout(writer.try_clone().unwrap()).stderr(writer).spawn().unwrap();
    drop(command);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{text:.500}");
    let (said, records): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("mona "));
    assert_eq!(records.len(), 120);
    assert_eq!(events(&(records.join("\n") + "\n")), counts(&[("", 60)]));
    println!("{} log lines beside the records", said.len());
    std::io::stdout().flush().unwrap();
}
