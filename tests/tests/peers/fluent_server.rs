//! The Forward server of `@fluent-org/logger`: 10 000 events each way it can be asked, each once and in order.
//!
//! Its packages are installed on first use, from a lock file. Skipped where node or npm is missing.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use mona_collector::{Record, Time};
use mona_tests::ledger::{arrived, context, export};
use mona_tests::reach::{FLUSH_MS, HOSTS, Trust};
use mona_tests::setup::Setup;
use mona_tests::{run, said};
use serde_json::{Value, json};

use crate::{LIMIT, Process, peers, skipped};

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
                    time: time(&line["time"]),
                    record: line["record"].clone(),
                    raw: Vec::new(),
                }),
                Err(mpsc::RecvTimeoutError::Disconnected) => return records,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the server does not end"),
            }
        }
    }
}

/// A number, or an object where it came as an extension.
fn time(said: &Value) -> Time {
    match said.as_i64() {
        Some(seconds) => Time { seconds, nanoseconds: 0 },
        None => Time {
            seconds: said["epoch"].as_i64().unwrap(),
            nanoseconds: u32::try_from(said["nano"].as_u64().unwrap()).unwrap(),
        },
    }
}

/// Sends 10 000 events to a server of these options, in small chunks and as users do; each arrives once.
fn fluent_server_takes(scheme: &str, server: &Value, more: &[(&str, &str)]) {
    fluent_server_takes_from(Setup::PLAIN, scheme, server, &[&[("chunk_bytes", "65536")], more].concat());
    fluent_server_takes_from(Setup::DEFAULTS, scheme, server, more);
}

fn fluent_server_takes_from(setup: Setup, scheme: &str, server: &Value, more: &[(&str, &str)]) {
    const EVENTS: u64 = 10_000;
    let Some(packages) = packages() else { return };
    let server = FluentServer::start(packages, server);
    let endpoint = format!("{scheme}://127.0.0.1:{}", server.port);
    let client = setup.client(&endpoint, &[&[("ack_timeout_ms", "30000")], more].concat());
    let context = context(&client);
    export(&context, "main", 0..EVENTS, 100);
    assert_eq!(client.close(FLUSH_MS), Ok(()), "{endpoint}: {:#?}", said::about(&server.port.to_string()));
    let stats = client.stats();
    assert!(stats.balanced(), "{stats:?}");
    assert_eq!((stats.accepted, stats.delivered), (EVENTS, EVENTS), "{stats:?}");
    assert_eq!((stats.connections, stats.chunks_resent), (1, 0), "{stats:?}");
    // What is taken at a time is 64 KiB, or 256 KiB by default.
    let chunks = if setup.has_defaults { 4 } else { 10 };
    assert!(stats.chunks_acked > chunks, "{stats:?}");
    let records = server.end();
    assert!(records.iter().all(|record| record.tag == "mona.client.message"));
    let is_precise = more.contains(&("time_precision", "ns"));
    let with_a_part = records.iter().filter(|record| record.time.nanoseconds > 0).count();
    assert_eq!(with_a_part > records.len() / 2, is_precise, "{with_a_part} have a part of a second");
    assert!(records.iter().all(|record| record.record["export_timestamp"] == record.time.seconds));
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
    fluent_server_takes("tcp", &json!({}), &[("time_precision", "ns"), ("arc_id", "true")]);
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
