//! Peers that others wrote: the Forward server of `@fluent-org/logger`, and nginx in front of an HTTP input.
//!
//! Each is skipped, with a line that says why, where it is not installed and cannot be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use mona_collector::{FaultCollector, Listen, Record, Script, Service, Time};
use mona_tests::ledger::{self, arrived, client, context, export};
use mona_tests::native::{Stats, status};
use mona_tests::reach::{FLUSH_MS, HOSTS, Trust, eventually};
use mona_tests::{run, said, workspace};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a peer may take to start, or to say what it took, on a loaded machine.
const LIMIT: Duration = Duration::from_secs(30);

/// Says so past the capture of the test harness, which shows nothing of a test that passes.
fn skipped(what: &str, why: &str) {
    io::stderr().write_all(format!("skipped: {what}: {why}\n").as_bytes()).unwrap();
}

fn peers() -> PathBuf {
    workspace().join("tests/peers")
}

/// A process of a peer, ended when this is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The folder with the installed packages, made once; none when they cannot be had.
fn packages() -> Option<&'static Path> {
    static INSTALLED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match INSTALLED.get_or_init(install) {
        Ok(folder) => Some(folder),
        Err(why) => {
            skipped("@fluent-org/logger", why);
            None
        }
    }
}

fn install() -> Result<PathBuf, String> {
    for tool in ["node", "npm"] {
        let found = run(Command::new(tool).arg("--version"), LIMIT).and_then(|done| done.expect_ok());
        found.map_err(|_| format!("{tool} is not found"))?;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers");
    fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(peers().join(file), folder.join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund"]).current_dir(&folder);
    let done = run(&mut npm, Duration::from_secs(120)).and_then(|done| done.expect_ok());
    done.map_err(|error| format!("npm install failed: {error}"))?;
    Ok(folder)
}

/// A `FluentServer` that runs.
struct FluentServer {
    process: Process,
    lines: Receiver<Value>,
    port: u64,
}

impl FluentServer {
    fn start(packages: &Path, options: &Value) -> FluentServer {
        let mut node = Command::new("node");
        node.arg(peers().join("fluent-server.js")).arg(options.to_string());
        node.env("NODE_PATH", packages.join("node_modules"));
        let mut process = Process(node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap());
        let output = BufReader::new(process.0.stdout.take().unwrap());
        let (line, lines) = mpsc::channel();
        // Ends with the process.
        thread::spawn(move || {
            for text in output.lines() {
                let value = serde_json::from_str(&text.unwrap()).unwrap();
                if line.send(value).is_err() {
                    break;
                }
            }
        });
        let first: Value = lines.recv_timeout(LIMIT).expect("the server said nothing");
        let port = first["port"].as_u64().unwrap_or_else(|| panic!("no port: {first}"));
        FluentServer { process, lines, port }
    }

    /// Ends it and gives all that it took. It emits the entries of a chunk in the same turn of its loop as
    /// the ack, so none is on its way after the last ack.
    fn end(mut self) -> Vec<Record> {
        drop(self.process.0.stdin.take());
        let mut records = Vec::new();
        loop {
            match self.lines.recv_timeout(LIMIT) {
                Ok(line) => records.push(Record {
                    tag: line["tag"].as_str().unwrap().to_owned(),
                    user_id: None,
                    time: Time { seconds: 0, nanoseconds: 0 },
                    record: line["record"].clone(),
                    raw: Vec::new(),
                }),
                Err(mpsc::RecvTimeoutError::Disconnected) => return records,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
    }
}

/// Sends 10 000 events to a server of these options; each arrives once.
fn fluent_server_takes(scheme: &str, server: &Value, more: &[(&str, &str)]) {
    const EVENTS: u64 = 10_000;
    let Some(packages) = packages() else { return };
    let server = FluentServer::start(packages, server);
    let endpoint = format!("{scheme}://127.0.0.1:{}", server.port);
    let mut options = vec![("ack", "true"), ("chunk_bytes", "65536"), ("ack_timeout_ms", "30000")];
    options.extend(more);
    let client = client(&endpoint, &options);
    let context = context(&client);
    export(&context, "main", 0..EVENTS, 100);
    assert_eq!(client.close(FLUSH_MS), Ok(()), "{endpoint}: {:#?}", said::about(&server.port.to_string()));
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!((stats.accepted, stats.delivered), (EVENTS, EVENTS), "{stats:?}");
    assert_eq!((stats.connections, stats.chunks_resent), (1, 0), "{stats:?}");
    assert!(stats.chunks_acked > 10, "{stats:?}");
    let records = server.end();
    assert!(records.iter().all(|record| record.tag == "mona.client.message"));
    assert_eq!(records.len() as u64, EVENTS, "{scheme} {more:?}");
    let arrived = arrived(&records);
    assert!(arrived["main"].iter().copied().eq(0..EVENTS), "{scheme} {more:?}: not in order");
}

fn tls_of(trust: &Trust) -> Value {
    let certificate = trust.authority().server(&HOSTS).unwrap();
    json!({"key": certificate.key, "cert": certificate.chain})
}

#[test]
fn fluent_server_over_tcp() {
    fluent_server_takes("tcp", &json!({}), &[("compress", "none")]);
    fluent_server_takes("tcp", &json!({}), &[("compress", "gzip")]);
}

#[test]
fn fluent_server_over_tls() {
    let trust = Trust::new();
    let server = json!({"tls": tls_of(&trust)});
    fluent_server_takes("tls", &server, &[("ca_file", trust.ca_file())]);
}

#[test]
fn fluent_server_with_a_shared_key() {
    let trust = Trust::new();
    let key = "peer-key";
    for asks_for_user in [false, true] {
        let security = json!({
            "serverHostname": "peer.test",
            "sharedKey": key,
            "authorize": asks_for_user,
            "userDict": {"a-name": "a-password"},
        });
        let mut more = vec![("ca_file", trust.ca_file()), ("shared_key", key)];
        if asks_for_user {
            more.extend([("username", "a-name"), ("password", "a-password")]);
        }
        fluent_server_takes("tls", &json!({"tls": tls_of(&trust), "security": security}), &more);
    }
}

/// nginx that runs in front of a collector.
struct Nginx {
    _process: Process,
    folder: TempDir,
    endpoint: String,
}

impl Nginx {
    /// Starts it with these limits; none, with a line, when it is not installed.
    fn start(trust: &Trust, collector: &FaultCollector, limits: &str) -> Option<Nginx> {
        let folder = tempfile::Builder::new().prefix("mona-nginx-").tempdir().unwrap();
        let nginx = || {
            // Debian has it where only root looks.
            let path = std::env::var("PATH").unwrap_or_default();
            let mut command = Command::new("nginx");
            command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"));
            // Without -e it opens the log of the system before it reads its configuration.
            command.arg("-e").arg(folder.path().join("error.log"));
            command
        };
        if run(nginx().arg("-v"), LIMIT).and_then(|done| done.expect_ok()).is_err() {
            skipped("nginx", "it is not found, or older than 1.19.5");
            return None;
        }
        let certificate = trust.authority().server(&HOSTS).unwrap();
        fs::write(folder.path().join("server.pem"), certificate.chain).unwrap();
        fs::write(folder.path().join("server.key"), certificate.key).unwrap();
        let template = fs::read_to_string(peers().join("nginx.conf")).unwrap();
        let configuration = folder.path().join("nginx.conf");
        // The port is free when it is chosen; another process may be faster than nginx.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
            let filled = template.replace("@PORT@", &port).replace("@LIMITS@", limits);
            fs::write(&configuration, filled.replace("@COLLECTOR@", &collector.addr().unwrap().to_string()))
                .unwrap();
            let mut command = nginx();
            command.arg("-p").arg(folder.path()).arg("-c").arg(&configuration).stdin(Stdio::null());
            let mut process = Process(command.spawn().unwrap());
            // It writes this file when it listens.
            let mark = folder.path().join("nginx.pid");
            let started = |process: &mut Process| {
                let id = process.0.id().to_string();
                fs::read_to_string(&mark).is_ok_and(|text| text.trim() == id)
            };
            assert!(eventually(LIMIT, || started(&mut process) || process.0.try_wait().unwrap().is_some()));
            if started(&mut process) {
                let endpoint = format!("https://127.0.0.1:{port}");
                return Some(Nginx { _process: process, folder, endpoint });
            }
        }
        panic!("nginx does not start: {}", fs::read_to_string(folder.path().join("error.log")).unwrap());
    }

    /// What it answered: the status and the number of the connection of each request.
    fn answers(&self) -> Vec<(u16, u64)> {
        let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap();
        let answer = |line: &str| {
            let mut words = line.split_whitespace();
            let status = words.next().unwrap().parse().unwrap();
            (status, words.next().unwrap().parse().unwrap())
        };
        log.lines().map(answer).collect()
    }

    fn count(&self, status: u16) -> usize {
        self.answers().iter().filter(|answer| answer.0 == status).count()
    }
}

/// Sends 3000 events through nginx with these limits; each arrives once.
fn nginx_lets_through(limits: &str, more: &[(&str, &str)], seen: impl Fn(&Nginx, Stats)) {
    let trust = Trust::new();
    let collector = FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap();
    let Some(nginx) = Nginx::start(&trust, &collector, limits) else { return };
    let mut options = vec![("ca_file", trust.ca_file()), ("chunk_bytes", "16384")];
    options.extend(more);
    let client = client(&nginx.endpoint, &options);
    export(&context(&client), "main", 0..3000, 50);
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{limits}: {:#?}", said::about(&nginx.endpoint));
    let stats = ledger::check_all_delivered(&client, &collector, 3000);
    assert_eq!((stats.dropped_rejected, stats.dropped_too_big), (0, 0), "{limits}: {stats:?}");
    assert_eq!(collector.ledger().duplicates(), 0, "{limits}");
    seen(&nginx, stats);
    assert_eq!(client.close(FLUSH_MS), Ok(()));
}

#[test]
fn nginx_with_a_small_body_size() {
    nginx_lets_through("client_max_body_size 5k;", &[], |nginx, _| {
        assert!(nginx.count(413) > 0 && nginx.count(201) > 100, "{:?}", nginx.answers());
    });
    // The answer comes while most of the body is still to be sent.
    let large = [("chunk_bytes", "1048576"), ("flush_interval_ms", "500")];
    nginx_lets_through("client_max_body_size 50k;", &large, |nginx, _| {
        assert!(nginx.count(413) > 0 && nginx.count(201) > 10, "{:?}", nginx.answers());
    });
}

#[test]
fn nginx_with_a_request_rate() {
    for (status, limits) in [
        (503, "limit_req zone=few burst=2 nodelay;"),
        (429, "limit_req zone=few burst=2 nodelay; limit_req_status 429;"),
    ] {
        nginx_lets_through(limits, &[], |nginx, _| {
            assert!(nginx.count(status) > 0, "{:?}", nginx.answers());
        });
    }
}

#[test]
fn nginx_that_closes_connections() {
    nginx_lets_through("keepalive_requests 3;", &[], |nginx, stats| {
        let answers = nginx.answers();
        assert!(answers.len() > 20 && answers.iter().all(|answer| answer.0 == 201), "{answers:?}");
        assert!(stats.connections >= answers.len() as u64 / 3, "{stats:?}");
        for (_, connection) in &answers {
            assert!(answers.iter().filter(|(_, other)| other == connection).count() <= 3, "{answers:?}");
        }
        // An end that was announced costs no request.
        assert_eq!((stats.chunks_resent, stats.connect_failures), (0, 0), "{stats:?}");
    });
}

#[test]
fn nginx_with_everything_at_once() {
    let limits = "client_max_body_size 5k; limit_req zone=many burst=2 nodelay; keepalive_requests 3;";
    for compress in ["none", "gzip"] {
        nginx_lets_through(limits, &[("compress", compress)], |nginx, _| {
            assert!(nginx.count(503) + nginx.count(413) > 0, "{compress}: {:?}", nginx.answers());
        });
    }
}

#[test]
fn nginx_whose_collector_is_down() {
    let trust = Trust::new();
    let collector = FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap();
    let Some(nginx) = Nginx::start(&trust, &collector, "") else { return };
    let client = client(&nginx.endpoint, &[("ca_file", trust.ca_file())]);
    let context = context(&client);
    for round in 0..3 {
        collector.pause().unwrap();
        export(&context, "main", round * 500..round * 500 + 500, 20);
        assert!(eventually(LIMIT, || nginx.count(502) > 3 * round as usize));
        assert_eq!(client.flush(50), Err(status::TIMEOUT));
        collector.resume().unwrap();
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
    }
    ledger::check_all_delivered(&client, &collector, 1500);
    assert_eq!(collector.ledger().duplicates(), 0);
}
