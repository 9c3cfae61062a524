//! HAProxy in front of collectors, over HTTP and as a TCP balancer before Forward: connections that end just when the
//! next chunk goes out, and collectors that are away.
//!
//! Nothing is lost; copies may come where a connection ended with a chunk on its way. Each case runs with options that
//! are quick and with those that users have. Skipped where HAProxy is not installed.

use std::fs;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use mona_collector::{FaultCollector, Listen, Script, Service, Step};
use mona_tests::ledger::{self, context};
use mona_tests::native::{Client, Stats};
use mona_tests::reach::{self, eventually};
use mona_tests::{run, said};
use tempfile::TempDir;

use crate::{BOTH, LIMIT, Process, client, free_port, name, peers, skipped};

/// Several retries of the default options, which wait for seconds.
const FLUSH_MS: u32 = 120_000;

/// HAProxy that runs.
struct Haproxy {
    _process: Process,
    _folder: TempDir,
    address: String,
}

impl Haproxy {
    /// Starts it before these collectors; none, with a line, when it is not installed.
    fn start(mode: &str, options: &str, collectors: &[&FaultCollector]) -> Option<Haproxy> {
        let haproxy = || {
            // Debian has it where only root looks.
            let path = std::env::var("PATH").unwrap_or_default();
            let mut command = Command::new("haproxy");
            command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"));
            command
        };
        if run(haproxy().arg("-v"), LIMIT).and_then(|done| done.expect_ok()).is_err() {
            skipped("HAProxy", "it is not found");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("mona-haproxy-").tempdir().unwrap();
        let servers: Vec<String> = collectors
            .iter()
            .enumerate()
            .map(|(number, collector)| format!("server s{number} {}", collector.addr().unwrap()))
            .collect();
        let template = fs::read_to_string(peers().join("haproxy.cfg")).unwrap();
        let filled = template.replace("@MODE@", mode).replace("@OPTIONS@", &options.replace(';', "\n   "));
        let filled = filled.replace("@SERVERS@", &servers.join("\n    "));
        let configuration = folder.path().join("haproxy.cfg");
        let log = folder.path().join("log");
        // The port is free when it is chosen; another process may be faster.
        for _ in 0..5 {
            let address = format!("127.0.0.1:{}", free_port());
            let port = address.rsplit(':').next().unwrap();
            fs::write(&configuration, filled.replace("@PORT@", port)).unwrap();
            let output = fs::File::create(&log).unwrap();
            let mut command = haproxy();
            // In the foreground and as one process, so that ending it leaves none behind.
            command.arg("-db").arg("-f").arg(&configuration).stdin(Stdio::null());
            command.stdout(output.try_clone().unwrap()).stderr(output);
            let mut process = Process(command.spawn().unwrap());
            let ended = |process: &mut Process| process.0.try_wait().unwrap().is_some();
            let listens = || TcpStream::connect(&address).is_ok();
            assert!(eventually(LIMIT, || listens() || ended(&mut process)));
            if !ended(&mut process) && listens() {
                return Some(Haproxy { _process: process, _folder: folder, address });
            }
        }
        panic!("HAProxy does not start: {}", fs::read_to_string(&log).unwrap());
    }
}

/// Flushes, and checks that all of `sent` is at one of the collectors. Gives the counters and the copies.
fn all_arrived(client: &Client, collectors: &[&FaultCollector], sent: u64, case: &str) -> (Stats, u64) {
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{case}: {:?} {:#?}", client.stats(), said::everything());
    let stats = reach::check_all_delivered(client, collectors, sent);
    assert_eq!((stats.dropped(), stats.queued_events), (0, 0), "{case}: {stats:?}");
    let copies = collectors.iter().map(|collector| collector.ledger().duplicates()).sum();
    println!("{case}: {copies} copies, {stats:?}");
    (stats, copies)
}

fn http() -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap()
}

/// Milliseconds in which a busy machine, too, closes what was idle for two seconds.
const AFTER_ALL: u64 = 5000;

/// Exports one event before each of these pauses, each a chunk of its own.
fn export_with_pauses(client: &Client, pauses: impl Iterator<Item = u64>) -> u64 {
    let context = context(client);
    let mut sent = 0;
    for pause in pauses {
        sent += ledger::export(&context, "main", sent..sent + 1, 50);
        thread::sleep(Duration::from_millis(pause));
    }
    sent
}

#[test]
fn haproxy_that_closes_just_as_a_request_comes() {
    for setup in BOTH {
        let collector = http();
        // The pauses between requests go around what the proxy waits.
        let (idle, pauses): (_, Vec<u64>) = if setup.has_defaults {
            (300, (0..30).map(|n| 290 + n % 20).chain([AFTER_ALL, 0]).collect())
        } else {
            (40, (0..150).map(|n| 30 + n % 20).chain([AFTER_ALL, 0]).collect())
        };
        let wait = format!("timeout http-keep-alive {idle}ms");
        let Some(proxy) = Haproxy::start("http", &wait, &[&collector]) else { return };
        let client = client(setup, &format!("http://{}", proxy.address));
        let sent = export_with_pauses(&client, pauses.into_iter());
        let case = format!("keep-alive of {idle} ms, {}", name(setup));
        let (stats, _) = all_arrived(&client, &[&collector], sent, &case);
        assert!(stats.connections > 1, "{case}: nothing was closed: {stats:?}");
    }
}

#[test]
fn haproxy_that_closes_after_each_request() {
    for setup in BOTH {
        for how in ["option http-server-close", "option httpclose"] {
            let collector = http();
            let Some(proxy) = Haproxy::start("http", how, &[&collector]) else { return };
            let client = client(setup, &format!("http://{}", proxy.address));
            let sent = ledger::export(&context(&client), "main", 0..3000, 50);
            let (stats, copies) =
                all_arrived(&client, &[&collector], sent, &format!("{how}, {}", name(setup)));
            // An end that was announced costs no request.
            assert_eq!((stats.chunks_resent, stats.connect_failures, copies), (0, 0, 0), "{how}: {stats:?}");
        }
    }
}

#[test]
fn haproxy_whose_patience_is_shorter_than_the_collector() {
    for setup in BOTH {
        // Every answer of the first connections comes too late for the proxy, which says 504; the events are in.
        let late = || Step::DelayAck(Duration::from_millis(500));
        let script = Script::new([late(), late(), Step::Normal]);
        let collector = FaultCollector::serve(Listen::Tcp, Service::http(), script).unwrap();
        let Some(proxy) = Haproxy::start("http", "timeout server 200ms", &[&collector]) else { return };
        let client = client(setup, &format!("http://{}", proxy.address));
        let sent = ledger::export(&context(&client), "main", 0..200, 50);
        let (_, copies) =
            all_arrived(&client, &[&collector], sent, &format!("late answers, {}", name(setup)));
        assert!(copies > 0, "{}: no answer was late", name(setup));
    }
}

#[test]
fn haproxy_whose_collector_restarts() {
    for setup in BOTH {
        for (mode, scheme) in [("http", "http"), ("tcp", "tcp")] {
            let service = if mode == "http" { Service::http() } else { Service::forward() };
            let collector = FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap();
            let Some(proxy) = Haproxy::start(mode, "", &[&collector]) else { return };
            let client = client(setup, &format!("{scheme}://{}", proxy.address));
            let context = context(&client);
            let mut sent = 0;
            for _ in 0..3 {
                sent += ledger::export(&context, "main", sent..sent + 500, 20);
                collector.pause().unwrap();
                sent += ledger::export(&context, "main", sent..sent + 500, 20);
                thread::sleep(Duration::from_millis(700));
                collector.resume().unwrap();
            }
            all_arrived(&client, &[&collector], sent, &format!("restarts over {mode}, {}", name(setup)));
        }
    }
}

#[test]
fn haproxy_before_forward_that_closes_idle_connections() {
    for setup in BOTH {
        let (one, other) = (forward(), forward());
        let times = if setup.has_defaults {
            "timeout client 2s; timeout server 2s; balance roundrobin"
        } else {
            "timeout client 200ms; timeout server 200ms; balance roundrobin"
        };
        let Some(proxy) = Haproxy::start("tcp", times, &[&one, &other]) else { return };
        let client = client(setup, &format!("tcp://{}", proxy.address));
        let pauses: Vec<u64> = if setup.has_defaults {
            vec![1990, 2000, 2010, 2000, AFTER_ALL, 0]
        } else {
            (0..40).map(|n| 190 + n % 20).chain([AFTER_ALL, 0]).collect()
        };
        let sent = export_with_pauses(&client, pauses.into_iter());
        let (stats, _) =
            all_arrived(&client, &[&one, &other], sent, &format!("idle before Forward, {}", name(setup)));
        assert!(stats.connections > 1, "{}: nothing was closed: {stats:?}", name(setup));
    }
}

fn forward() -> FaultCollector {
    FaultCollector::start(Listen::Tcp, Script::normal()).unwrap()
}
