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
use mona_tests::reach::{Trust, once_within};
use mona_tests::{Finished, Link, Program, ledger, run};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Generous for one program on a loaded machine.
const LIMIT: Duration = Duration::from_secs(240);

fn c(name: &str) -> Program {
    Program::c(format!("tests/c/bad_input/{name}.c")).build().unwrap()
}

/// The program succeeds, and neither it nor the library writes to standard error.
fn start(command: &mut Command) -> Finished {
    run(command, LIMIT).unwrap().expect_quiet().unwrap()
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
    assert_eq!(collector.records().len(), 5);
    // Nothing else takes the place of a wrong destination or key: not the loopback, where the collector is.
    let refused = c("refused");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    for (name, wrong) in [
        ("HOST", "a b"),
        ("PORT", "70000"),
        ("PORT", "tcp://10.0.0.1:24224"),
        ("USE_SSL", "yes"),
        ("ENDPOINT", "htps://collector.example"),
        ("HTTP_FORMAT", "moan"),
        ("AUTH_URL", "ftp://127.0.0.1"),
    ] {
        let (variable, option) = (format!("MONA_{name}"), name.to_lowercase());
        let with = |command: &mut Command| {
            command.env("MONA_HOST", "127.0.0.1").env("MONA_PORT", port.to_string());
            command.env("MONA_CLIENT_CONFIG_FILE", &config);
        };
        let mut command = refused.command();
        fs::write(&config, "{}").unwrap();
        with(&mut command);
        silent(command.arg(&variable).env(&variable, wrong));
        if !["HOST", "PORT"].contains(&name) {
            let mut command = refused.command();
            fs::write(&config, format!("{{\"{option}\": \"{wrong}\"}}")).unwrap();
            with(&mut command);
            silent(command.arg(&option));
        }
    }
    for (option, wrong) in [("host", "a b"), ("port", "0")] {
        fs::write(&config, format!("{{\"{option}\": \"{wrong}\"}}")).unwrap();
        silent(refused.command().arg(option).env("MONA_CLIENT_CONFIG_FILE", &config));
    }
    assert_eq!(collector.records().len(), 5);
}

/// What a set-user-ID program makes of its caller's environment, and the same program without that bit.
#[test]
#[cfg(target_os = "linux")]
fn a_set_user_id_program_reads_the_button_alone() {
    // Linked with the archive: the loader of such a program takes no libraries from just anywhere.
    let program = Program::c("tests/c/bad_input/set_user_id.c").link(Link::Static).build().unwrap();
    let trust = Trust::new();
    let collector = FaultCollector::serve(Listen::Tcp, trust.forward(), Script::normal()).unwrap();
    let tls = format!("endpoint={}", collector.endpoint());
    let folder = tempfile::tempdir().unwrap();
    let (events, config) = (folder.path().join("events.ndjson"), folder.path().join("config.json"));
    let url = format!("file://{}", events.display());
    fs::write(&config, format!("{{\"endpoint\": \"{url}\"}}")).unwrap();
    for (path, mode) in [
        (program.folder(), 0o755),
        (folder.path(), 0o777),
        (&config, 0o644),
        (trust.ca_file().as_ref(), 0o644),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let told = |variables: &[(&str, &str)], options: &[&str]| {
        let mut command = program.command();
        command.envs(variables.iter().copied()).args(options);
        start(&mut command).stdout
    };
    let (config, ca_file) = (config.to_str().unwrap(), trust.ca_file());
    let everything =
        [("MONA_ENDPOINT", url.as_str()), ("MONA_TEST_PANIC", "mona_client_describe"), ("MONA_ENDPONT", "x")];
    // The program does read its environment where that is its own.
    let plain = told(&[("MONA_ENDPOINT", &url), ("MONA_ENDPONT", "x")], &[]);
    assert!(
        plain.starts_with("plain\nfrom the environment: endpoint\ndelivered\n30 environment: "),
        "{plain}"
    );
    assert!(plain.contains("MONA_ENDPONT (did you mean MONA_ENDPOINT?)"), "{plain}");
    assert_eq!(fs::read_to_string(&events).unwrap().lines().count(), 2);
    fs::remove_file(&events).unwrap();
    assert!(told(&[("MONA_CONFIG_FILE", config)], &[]).contains("\ndelivered\n"));
    fs::remove_file(&events).unwrap();
    assert!(told(&[("SSL_CERT_FILE", ca_file)], &[&tls]).contains("\ndelivered\n"));
    assert_eq!(collector.records().len(), 2);

    let is_theirs = std::os::unix::fs::chown(program.path(), Some(NOBODY), None).is_ok();
    fs::set_permissions(program.path(), fs::Permissions::from_mode(0o4755)).unwrap();
    if !is_theirs || !told(&[], &["endpoint=memory:"]).starts_with("secure\n") {
        eprintln!("set-user-ID program: skipped, only root on a file system without nosuid can make one");
        return;
    }
    let info = "20 environment: this is a set-user-ID program, only MONA_DISABLE_ALL is read from it\n";
    assert_eq!(told(&everything, &[]), format!("secure\nkept\n{info}"));
    assert_eq!(told(&[("MONA_CLIENT_CONFIG_FILE", config)], &[]), format!("secure\nkept\n{info}"));
    assert_eq!(told(&[("MONA_CONFIG_FILE", config)], &[]), format!("secure\nkept\n{info}"));
    assert!(!events.exists());
    let untrusted = told(&[("SSL_CERT_FILE", ca_file), ("MONA_CA_FILE", ca_file)], &[&tls]);
    assert!(
        ["secure\nno client\n".to_owned(), format!("secure\nkept\n{info}")].contains(&untrusted),
        "{untrusted}"
    );
    assert_eq!(collector.records().len(), 2);
    // A proxy would be connected to instead of the collector, which is not there.
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let variable = format!("http://{}", proxy.local_addr().unwrap());
    let http = ["endpoint=http://192.0.2.1:1", "connect_timeout_ms=300"];
    assert_eq!(told(&[("http_proxy", &variable)], &http), format!("secure\nkept\n{info}"));
    assert!(proxy.accept().is_err(), "the proxy of the environment was called");
    let button = told(&[("MONA_DISABLE_ALL", "1"), ("MONA_ENDPOINT", &url)], &[]);
    assert_eq!(button, format!("secure\nfrom the environment: disable_all\ndisabled\n{info}"));
    assert!(!events.exists());
}

/// The user that has no rights; every system has it.
#[cfg(target_os = "linux")]
const NOBODY: u32 = 65534;

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
    once_within(|| {
        let mut command = program.command();
        command.arg("config.json").env("MONA_CLIENT_CONFIG_FILE", &config).env("MONA_ENDPOINT", "memory:");
        let begin = Instant::now();
        silent(&mut command);
        // Reading a gigabyte would take longer.
        (begin.elapsed(), Duration::from_secs(5))
    });
    fs::remove_file(&config).unwrap();
    fs::create_dir(&config).unwrap();
    let mut command = program.command();
    silent(
        command.arg("config.json").env("MONA_CLIENT_CONFIG_FILE", &config).env("MONA_ENDPOINT", "memory:"),
    );
}

/// Starts the program, mends what is wrong once it has said so, and expects it to deliver everything.
fn mended_while_running(endpoint: &str, named: &[&str], mend: impl FnOnce()) {
    let program = c("undeliverable");
    let mut command = program.command();
    command.args(named).env("MONA_ENDPOINT", endpoint).env("MONA_RETRY_MAX_MS", "200");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It ends by itself, whatever becomes of it.
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    println!("said: {line}");
    mend();
    stdout.read_to_string(&mut line).unwrap();
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && stderr.is_empty(), "{}: {stderr}", ended.status);
    assert_eq!(line.lines().count(), 1, "{line}");
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
    assert_eq!(client.flush(120_000), Ok(()));
    fs::rename(&there, &away).unwrap();
    ledger::export(&context, "main", 100..200, 0);
    assert_eq!(client.flush(300), Err(status::TIMEOUT));
    assert_eq!(client.stats().queued_events, 100);
    fs::create_dir(&there).unwrap();
    assert_eq!(client.flush(120_000), Ok(()));
    for path in [&path, &away.join("events.ndjson")] {
        assert_eq!(fs::read_to_string(path).unwrap().lines().count(), 100);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(client.stats().balanced());
}
