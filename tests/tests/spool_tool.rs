//! mona-spool: lists, verifies, prints and sends what programs left in a spool, and leaves alone what running ones own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs::{self, OpenOptions};
use std::net::TcpListener;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::ledger::{self, arrived, export};
use mona_tests::native::Client;
use mona_tests::{Program, run};
use serde_json::Value;
use tempfile::TempDir;

/// Only there to end a hang.
const LIMIT: Duration = Duration::from_secs(240);

struct Tool(Program);

impl Tool {
    fn new() -> Tool {
        Tool::build("mona-spool")
    }

    fn build(name: &str) -> Tool {
        Tool(Program::tool(name).unwrap())
    }

    /// What it prints with status `status`, standard output first.
    #[track_caller]
    fn says(&self, status: i32, words: &[&str]) -> String {
        let finished = run(self.0.command().args(words), LIMIT).unwrap();
        let said = format!("{}{}", finished.stdout, finished.stderr);
        assert_eq!(finished.status.code(), Some(status), "{words:?}: {said}");
        said
    }
}

/// A folder whose spool is not made yet.
fn folder() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("spool").to_str().unwrap().to_owned();
    (folder, dir)
}

/// Nobody listens there.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("tcp://{}", listener.local_addr().unwrap())
}

fn client(dir: &str, more: &[(&str, &str)]) -> Client {
    let mut options = vec![("spool_dir", dir), ("chunk_bytes", "4096")];
    options.extend(more);
    ledger::client(&nowhere(), &options)
}

/// Leaves events 0 to `count` of `who` in the spool.
fn leave(dir: &str, who: &str, count: u64) {
    let client = client(dir, &[]);
    export(&ledger::context(&client), who, 0..count, 50);
    assert_eq!(client.close(100), Ok(()), "everything is spooled");
    let stats = client.stats();
    assert_eq!((stats.spooled_events, stats.dropped()), (count, 0), "{stats:?}");
}

/// Leaves two instances, the second one compressed; both begin before one of them ends, so that neither adopts the other.
fn leave_two(dir: &str, first: u64, second: u64) {
    // Each makes its directory with what goes there first.
    let hasty = [("spool_sync", "chunk")];
    let one = client(dir, &hasty);
    export(&ledger::context(&one), "first", 0..first, 50);
    wait_for_spooled(&one, first);
    let two = client(dir, &[("compress", "gzip"), hasty[0]]);
    export(&ledger::context(&two), "second", 0..second, 50);
    wait_for_spooled(&two, second);
    assert_eq!(one.close(100), Ok(()));
    assert_eq!(two.close(100), Ok(()));
}

fn wait_for_spooled(client: &Client, count: u64) {
    let start = Instant::now();
    while client.stats().spooled_events < count {
        assert!(start.elapsed() < LIMIT, "{:?}", client.stats());
        sleep(Duration::from_millis(5));
    }
}

/// The files of all instances that end in `ending`.
fn files(dir: &str, ending: &str) -> Vec<PathBuf> {
    let names = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    };
    let all = names(&Path::new(dir).join("v1")).into_iter().flat_map(|instance| names(&instance));
    all.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

/// Who and number of each line.
fn numbers(lines: &str) -> Vec<(String, u64)> {
    let read = |line: &str| -> (String, u64) {
        let line: Value = serde_json::from_str(line).unwrap();
        let message = &line["record"]["message"];
        (message["who"].as_str().unwrap().to_owned(), message["n"].as_u64().unwrap())
    };
    lines.lines().map(read).collect()
}

fn all_of(who: &str, count: u64) -> Vec<(String, u64)> {
    (0..count).map(|n| (who.to_owned(), n)).collect()
}

#[test]
fn it_lists_verifies_and_prints_what_is_left() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    leave_two(&dir, 300, 200);

    let listed = tool.says(0, &["ls", &dir]);
    let lines: Vec<_> = listed.lines().collect();
    assert!(lines[0].starts_with("instance ") && lines[0].ends_with("owner"), "{listed}");
    let rows: Vec<Vec<_>> = lines[1..3].iter().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((rows[0][2], rows[1][2]), ("300", "200"), "the oldest comes first: {listed}");
    assert!(rows.iter().all(|row| row[0].len() == 36 && row[1] == "1" && row[6] == "ended"), "{listed}");
    assert!(lines.iter().all(|line| line.len() <= 80), "{listed}");
    assert!(lines[4].starts_with("2 instances, 2 segments, 500 events, "), "{listed}");

    let report: Value = serde_json::from_str(&tool.says(0, &["ls", &dir, "--json"])).unwrap();
    assert_eq!((&report[0]["owned"], report[1]["events"].as_u64()), (&Value::Bool(false), Some(200)));
    assert!(report[0]["age_seconds"].as_u64().unwrap() < 60, "{report}");

    let verified = tool.says(0, &["verify", &dir]);
    assert!(verified.starts_with("2 instances, 2 segments, 500 events, "), "{verified}");
    assert!(verified.ends_with(": clean\n"), "{verified}");

    // In the order of each thread, each once.
    let printed = tool.says(0, &["cat", &dir]);
    assert_eq!(numbers(&printed), [all_of("first", 300), all_of("second", 200)].concat());
    let line: Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
    let keys: Vec<_> = line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["tag", "time", "record"]);
}

/// The bar is gone before anything else is written.
#[test]
#[cfg(target_os = "linux")]
fn reading_all_of_it_shows_a_bar_on_a_terminal() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    leave(&dir, "one", 300);
    let terminal = Program::c("tests/c/spool/on_terminal.c").build().unwrap();
    let mut command = terminal.command();
    let finished = run(command.arg(tool.0.path()).args(["verify", &dir]), LIMIT).unwrap();
    assert!(finished.status.success(), "{}", finished.stderr);
    let (bar, rest) = finished.stdout.split_once("1 instance, ").unwrap();
    assert!(bar.contains("\r[") && bar.contains(" of 300 events, "), "{bar:?}");
    assert!(bar.ends_with(" \r") && rest.contains(": clean"), "{bar:?} {rest}");
    // Elsewhere there is none.
    assert!(tool.says(0, &["verify", &dir]).starts_with("1 instance, "));
}

#[test]
fn what_it_prints_is_what_a_file_gets() {
    let tool = Tool::new();
    let (folder, dir) = folder();
    leave(&dir, "one", 100);
    let printed = tool.says(0, &["cat", &dir]);
    let file = folder.path().join("records");
    let said = tool.says(0, &["send", &dir, &format!("file://{}", file.display())]);
    assert!(said.starts_with("100 events delivered in "), "{said}");
    assert_eq!(fs::read_to_string(file).unwrap(), printed);
    assert_eq!(tool.says(0, &["ls", &dir]), "0 instances, 0 segments, 0 events, 0 B\n");
    assert_eq!(tool.says(0, &["cat", &dir]), "");
    assert_eq!(tool.says(0, &["send", &dir, &nowhere()]), format!("Nothing waits in {dir}.\n"));
}

#[test]
fn it_sends_all_to_a_collector() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    leave_two(&dir, 3000, 2000);
    let collector = FaultCollector::serve(Listen::Tcp, Service::forward(), Script::normal()).unwrap();
    let said = tool.says(0, &["send", &dir, &collector.endpoint()]);
    assert!(said.starts_with("5000 events delivered in "), "{said}");
    let arrived = arrived(&collector.records());
    assert_eq!(arrived["first"], (0..3000).collect::<Vec<_>>());
    assert_eq!(arrived["second"], (0..2000).collect::<Vec<_>>());
    assert_eq!(collector.records().len(), 5000, "each once");
    assert_eq!(fs::read_dir(Path::new(&dir).join("v1")).into_iter().flatten().count(), 0, "nothing is left");
}

#[test]
fn what_cannot_be_sent_stays_and_is_told() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    leave(&dir, "one", 100);
    let before = tool.says(0, &["cat", &dir]);
    let said = tool.says(1, &["send", &dir, &nowhere(), "--timeout", "1", "-o", "retry_max_ms=100"]);
    assert!(said.contains(&format!("0 events were delivered, 100 still wait in {dir}: ")), "{said}");
    assert!(said.contains("nothing was delivered for 1 s") && said.contains("connect"), "{said}");
    assert_eq!(tool.says(0, &["cat", &dir]), before);
    assert!(tool.says(0, &["ls", &dir]).contains(" ended\n"));
}

#[test]
fn what_a_running_program_owns_is_left_alone() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    let client = client(&dir, &[("spool_sync", "chunk")]);
    export(&ledger::context(&client), "alive", 0..100, 50);
    wait_for_spooled(&client, 100);
    let before = tool.says(0, &["cat", &dir]);
    assert_eq!(numbers(&before), all_of("alive", 100));
    assert!(tool.says(0, &["ls", &dir]).contains(" running\n"));
    let said = tool.says(0, &["send", &dir, &nowhere()]);
    assert!(
        said.starts_with(&format!("Nothing waits in {dir}.\n1 instance in {dir} belongs to running")),
        "{said}"
    );
    assert_eq!(tool.says(0, &["cat", &dir]), before);
    assert_eq!(client.stats().spooled_events, 100);
    assert_eq!(client.close(100), Ok(()));
}

#[test]
fn an_endpoint_that_forgets_is_refused() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    leave(&dir, "one", 100);
    let before = tool.says(0, &["cat", &dir]);
    for endpoint in ["null:", "NULL:", " null://", "memory:"] {
        let said = tool.says(2, &["send", &dir, endpoint]);
        assert!(said.contains("keep nothing of what they get"), "{endpoint}: {said}");
    }
    assert_eq!(tool.says(0, &["cat", &dir]), before);
}

#[test]
fn damage_is_told_and_costs_no_other_record() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    leave(&dir, "one", 300);
    let segments = files(&dir, ".seg");
    let segment = OpenOptions::new().write(true).read(true).open(&segments[0]).unwrap();
    // In the payload of the second record.
    let bytes = fs::read(&segments[0]).unwrap();
    let first = 32 + 48 + u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as u64;
    segment.write_all_at(&[0xAA; 8], first + 48 + 100).unwrap();
    segment.set_len(bytes.len() as u64 - 3).unwrap();

    let said = tool.says(1, &["verify", &dir]);
    let name = segments[0].file_stem().unwrap().to_str().unwrap();
    let told: Vec<_> = said.lines().filter(|line| line.contains(&format!("{name}.seg: "))).collect();
    assert_eq!(told.len(), 2, "{said}");
    assert!(told[0].contains(&format!(" at {first}")) && told[1].contains("not written whole"), "{said}");
    assert!(said.ends_with(": 2 damaged places\n"), "{said}");
    let report: Value = serde_json::from_str(&tool.says(1, &["verify", &dir, "--json"])).unwrap();
    assert_eq!(report["damaged"], 2);

    let left = numbers(&tool.says(0, &["cat", &dir]));
    assert!(left.len() < 300 && left.len() > 200, "{}", left.len());
    assert!(left.is_sorted() && left.iter().any(|(_, n)| *n > 100));
    let said = tool.says(0, &["send", &dir, "file:///dev/null"]);
    assert!(said.starts_with(&format!("{} events delivered", left.len())), "{} {said}", left.len());
    assert!(said.contains("1 records and "), "{said}");
}

/// What the description of a client says of its spool, once `is_it` is true of that.
fn described(client: &Client, is_it: impl Fn(&Value) -> bool) -> Value {
    let start = Instant::now();
    loop {
        let description: Value = serde_json::from_str(&client.describe().unwrap()).unwrap();
        let spool = &description["spool"];
        assert_eq!((&spool["source"], &description["spool_dir"]["source"]), (&"state".into(), &"set".into()));
        if is_it(&spool["value"]) {
            return spool["value"].clone();
        }
        assert!(start.elapsed() < LIMIT, "{spool}");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_client_describes_its_spool() {
    let (_folder, dir) = folder();
    let good = client(&dir, &[("spool_sync", "chunk")]);
    export(&ledger::context(&good), "good", 0..50, 50);
    let state = described(&good, |spool| spool["events"] == 50 && spool["segments"] == 1);
    assert_eq!((&state["is_on"], &state["error"]), (&Value::Bool(true), &Value::Null), "{state}");
    assert_eq!(state["bytes"], good.stats().spooled_bytes, "{state}");
    assert_eq!(good.close(100), Ok(()));

    let open = tempfile::tempdir().unwrap();
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let open = open.path().to_str().unwrap();
    let bad = client(open, &[("spool_sync", "chunk")]);
    export(&ledger::context(&bad), "bad", 0..1, 50);
    let state = described(&bad, |spool| spool["is_on"] == false);
    let error = state["error"].as_str().unwrap();
    assert!(error.contains(open) && error.contains("mode 0700"), "{error}");

    let none = ledger::client("null:", &[]);
    assert!(!none.describe().unwrap().contains("\"spool\":"));
}

#[test]
fn the_doctor_shows_the_spool_and_sends_nothing_of_it() {
    let tool = Tool::new();
    let doctor = Tool::build("mona-doctor");
    let (folder, dir) = folder();
    leave(&dir, "one", 100);
    let before = tool.says(0, &["ls", &dir]);
    let file = folder.path().join("records");
    let endpoint = format!("endpoint=file://{}", file.display());
    let spool = format!("spool_dir={dir}");
    let said = doctor.says(0, &["-o", &endpoint, "-o", &spool]);
    assert!(said.contains("  spool_dir           set           "), "{said}");
    assert!(
        said.contains(&format!("\nSpool                 {dir}\n")) && !said.contains("of running"),
        "{said}"
    );
    assert!(said.contains("  of ended programs   1 instance, 1 segment, 100 events, "), "{said}");
    assert!(said.contains("s old\n"), "{said}");
    assert!(said.contains(" free on its disk; spool_bytes allows 64.0 MiB\n"), "{said}");
    assert!(said.contains("Every step succeeded."), "{said}");
    let json = doctor.says(0, &["-o", &endpoint, "-o", &spool, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["options"]["spool_dir"]["value"], dir.as_str(), "{json}");
    assert_eq!(json["options"]["disable_all"]["value"], false, "{json}");
    assert_eq!(
        (&json["spool"]["ended"]["events"], &json["spool"]["exists"]),
        (&100.into(), &true.into()),
        "{json}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "");
    assert_eq!(tool.says(0, &["ls", &dir]), before);

    let missing = format!("spool_dir={dir}/missing");
    let said = doctor.says(0, &["-o", &endpoint, "-o", &missing]);
    assert!(said.contains("\n  not there yet; "), "{said}");
    let no_folder = format!("spool_dir={}", file.display());
    let said = doctor.says(0, &["-o", &endpoint, "-o", &no_folder]);
    assert!(said.contains("cannot be opened"), "{said}");
    assert!(!doctor.says(0, &["-o", &endpoint]).contains("\nSpool"));
}

#[test]
fn a_wrong_command_line_says_what_is_expected_and_shows_no_secret() {
    let tool = Tool::new();
    let (_folder, dir) = folder();
    for (words, expected) in [
        (&[][..], "usage: mona-spool ls DIR"),
        (&["ls"], "ls: the folder of the spool (spool_dir) is expected"),
        (&["ls", "a", "b"], "ls: one word too many"),
        (&["cat", "a", "--json"], "cat: it has no --json"),
        (&["ls", "a", "--timeout", "3"], "ls: it has no -o and no --timeout"),
        (&["send", "a"], "send DIR: an endpoint is expected"),
        (&["send", "a", "null:", "--timeout", "soon"], "--timeout: \"soon\", seconds from 0.001 to 3600"),
        (&["send", "a", "null:", "--key=hush-7a2c"], "--key: no option"),
        (&["send", "a", "null:", "-o", "hush-7a2c"], "NAME=VALUE is expected"),
        (&["https://hush-7a2c@collector.example"], "the first word: ls, verify, cat or send is expected"),
        (&["fly", "a"], "fly: ls, verify, cat or send is expected"),
        (&["ls", &dir], "spool"),
        (&["verify", &dir], "spool"),
        (&["cat", &dir], "spool"),
        (&["send", &dir, "null:"], "null: and memory: keep nothing"),
        (&["send", &dir, "tcp://127.0.0.1"], "spool"),
    ] {
        let said = tool.says(2, words);
        assert!(said.contains(expected), "{words:?}: {said}");
        assert!(!said.contains("hush-7a2c"), "{words:?}: {said}");
    }
    assert!(tool.says(0, &["--help"]).lines().all(|line| line.len() <= 80));
    leave(&dir, "one", 1);
    let key = "shared_key=hush-7a2c";
    let said = tool.says(1, &["send", &dir, &nowhere(), "-o", key, "--timeout", "0.5"]);
    assert!(!said.contains("hush-7a2c"), "{said}");
    let said = tool.says(2, &["send", &dir, "gopher://hush-7a2c@collector.example"]);
    assert!(!said.contains("hush-7a2c"), "{said}");
}
