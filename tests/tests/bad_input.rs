//! Input that is wrong: a status, a sentence that helps, and nothing that was accepted before is lost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{FaultCollector, Listen, Script, Step};
use mona_tests::native::status;
use mona_tests::{Finished, Program, ledger, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(60);

fn c(name: &str) -> Program {
    Program::c(format!("tests/c/bad_input/{name}.c")).build().unwrap()
}

/// The program succeeds, and neither it nor the library writes to standard error.
fn start(command: &mut Command) -> Finished {
    let finished = run(command, LIMIT).unwrap().expect_ok().unwrap();
    assert_eq!(finished.stderr, "");
    finished
}

fn silent(command: &mut Command) {
    assert_eq!(start(command).stdout, "");
}

#[test]
fn json_that_is_none() {
    silent(c("json").command().env("MONA_ENDPOINT", "memory:"));
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    silent(c("json").command().env("MONA_ENDPOINT", collector.endpoint()));
    for record in collector.records() {
        let message = record.record["message"].as_object().unwrap();
        assert!(message.contains_key("a"), "{}", record.record);
    }
}

#[test]
fn text_that_is_not_utf8() {
    silent(c("utf8").command().env("MONA_ENDPOINT", "memory:"));
}

#[test]
fn options_that_are_wrong() {
    silent(c("options").command().env("MONA_ENDPOINT", "memory:"));
}

#[test]
fn an_environment_that_is_wrong() {
    let program = c("environment");
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    let port = collector.addr().unwrap().port();
    for (name, value) in
        [("QUEUE_SIZE", "many"), ("PORT", "70000"), ("PORT", "0"), ("ACK", "perhaps"), ("COMPRESS", "zip")]
    {
        let variable = format!("MONA_{name}");
        let mut command = program.command();
        command.arg(&variable).env(&variable, value).env("MONA_ENDPOINT", collector.endpoint());
        silent(&mut command);
    }
    // The default is taken for a wrong host: the loopback, where the collector is.
    silent(program.command().args(["MONA_HOST"]).env("MONA_HOST", "a b").env("MONA_PORT", port.to_string()));
}

#[test]
fn a_config_file_that_is_wrong() {
    let program = c("environment");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let giant = 1 << 30;
    let cases: [(&str, &[&str]); 6] = [
        ("{\"queue_size\": \"many\"}", &["queue_size"]),
        ("{\"no_such_option\": 1}", &["no_such_option"]),
        ("{\"queue_size\": 0, \"ack\": \"perhaps\"}", &["queue_size", "ack"]),
        ("{\"queue_size\": 7", &["config.json"]),
        ("[]", &["config.json"]),
        ("", &["config.json"]),
    ];
    for (text, named) in cases {
        fs::write(&config, text).unwrap();
        let mut command = program.command();
        silent(command.args(named).env("MONA_CLIENT_CONFIG_FILE", &config).env("MONA_ENDPOINT", "memory:"));
    }
    fs::File::create(&config).unwrap().set_len(giant).unwrap();
    let mut command = program.command();
    let begin = Instant::now();
    silent(
        command.arg("config.json").env("MONA_CLIENT_CONFIG_FILE", &config).env("MONA_ENDPOINT", "memory:"),
    );
    // Reading a gigabyte would take longer.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    fs::remove_file(&config).unwrap();
    fs::create_dir(&config).unwrap();
    let mut command = program.command();
    silent(
        command.arg("config.json").env("MONA_CLIENT_CONFIG_FILE", &config).env("MONA_ENDPOINT", "memory:"),
    );
}

/// Starts the program, mends what is wrong once it has said so, and expects it to deliver everything.
fn mended_while_running(endpoint: &str, named: &[&str], mend: impl FnOnce() + Send) {
    let program = c("undeliverable");
    let mut command = program.command();
    command.args(named).env("MONA_ENDPOINT", endpoint).env("MONA_RETRY_MAX_MS", "200");
    std::thread::scope(|scope| {
        let running = scope.spawn(move || start(&mut command));
        // The program needs the fault for its first half second only.
        std::thread::sleep(Duration::from_millis(2500));
        mend();
        let line = running.join().unwrap().stdout;
        println!("said: {line}");
        assert!(line.lines().count() == 1);
    });
}

#[test]
fn a_collector_that_speaks_http() {
    let collector = FaultCollector::start(Listen::Tcp, Step::HttpAnswer).unwrap();
    mended_while_running(&collector.endpoint(), &["HTTP"], || collector.set_script(Script::normal()));
    assert_eq!(collector.records().len(), 500);
}

#[test]
fn a_collector_that_is_away() {
    let collector = FaultCollector::start(Listen::Tcp, Script::normal()).unwrap();
    collector.pause().unwrap();
    let port = collector.addr().unwrap().port().to_string();
    mended_while_running(&collector.endpoint(), &[&port, "refused"], || collector.resume().unwrap());
    assert_eq!(collector.records().len(), 500);
}

#[test]
fn a_file_that_cannot_be_written() {
    let program = c("unwritable");
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").join("events.ndjson");
    for path in [missing.as_path(), folder.path()] {
        let name = path.file_name().unwrap();
        silent(program.command().arg(name).env("MONA_ENDPOINT", format!("file://{}", path.display())));
    }
}

#[test]
fn a_file_that_cannot_be_written_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let (there, away) = (folder.path().join("there"), folder.path().join("away"));
    fs::create_dir(&there).unwrap();
    let path = there.join("events.ndjson");
    let client = ledger::client(&format!("file://{}", path.display()), &[]);
    let context = ledger::context(&client);
    ledger::export(&context, "main", 0..100, 0);
    assert_eq!(client.flush(10_000), Ok(()));
    fs::rename(&there, &away).unwrap();
    ledger::export(&context, "main", 100..200, 0);
    assert_eq!(client.flush(300), Err(status::TIMEOUT));
    assert_eq!(client.stats().queued_events, 100);
    fs::create_dir(&there).unwrap();
    assert_eq!(client.flush(10_000), Ok(()));
    for path in [&path, &away.join("events.ndjson")] {
        assert_eq!(fs::read_to_string(path).unwrap().lines().count(), 100);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(client.stats().balanced());
}
