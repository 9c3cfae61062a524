//! nginx in front of an HTTP input: small bodies, request rates, connections that end, a collector that is down.
//!
//! Skipped where nginx is not installed.

use std::fs;
use std::process::{Command, Stdio};

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::ledger::{self, context, export};
use mona_tests::native::{Stats, status};
use mona_tests::reach::{FLUSH_MS, HOSTS, Trust, eventually};
use mona_tests::setup::Setup;
use mona_tests::{run, said};
use tempfile::TempDir;

use crate::{BOTH, LIMIT, Process, free_port, peers, skipped};

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
            let port = free_port().to_string();
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

/// Sends 3000 events through nginx with these limits, with quick retries and with those of users; each arrives once.
fn nginx_lets_through(limits: &str, more: &[(&str, &str)], seen: impl Fn(&Nginx, Stats)) {
    for setup in BOTH {
        nginx_lets_through_from(setup, limits, more, &seen);
    }
}

fn nginx_lets_through_from(setup: Setup, limits: &str, more: &[(&str, &str)], seen: &impl Fn(&Nginx, Stats)) {
    let trust = Trust::new();
    let collector = FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap();
    let Some(nginx) = Nginx::start(&trust, &collector, limits) else { return };
    let mut options = vec![("ca_file", trust.ca_file()), ("chunk_bytes", "16384")];
    options.extend(more);
    let client = setup.client(&nginx.endpoint, &options);
    export(&context(&client), "main", 0..3000, 50);
    assert_eq!(client.flush(setup.flush_ms()), Ok(()), "{limits}: {:#?}", said::about(&nginx.endpoint));
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
    // A busy machine may send more slowly than any rate allows: whole chunks are too large, whichever form they have.
    for (compress, most) in [("none", "5k"), ("gzip", "1k")] {
        let limits = format!(
            "client_max_body_size {most}; limit_req zone=many burst=2 nodelay; keepalive_requests 3;"
        );
        nginx_lets_through(&limits, &[("compress", compress)], |nginx, _| {
            assert!(nginx.count(503) + nginx.count(413) > 0, "{compress}: {:?}", nginx.answers());
        });
    }
}

#[test]
fn nginx_whose_collector_is_down() {
    BOTH.into_iter().for_each(gets_over_a_collector_that_is_down);
}

fn gets_over_a_collector_that_is_down(setup: Setup) {
    let trust = Trust::new();
    let collector = FaultCollector::serve(Listen::Tcp, Service::http(), Script::normal()).unwrap();
    let Some(nginx) = Nginx::start(&trust, &collector, "") else { return };
    let client = setup.client(&nginx.endpoint, &[("ca_file", trust.ca_file())]);
    let context = context(&client);
    for round in 0..3 {
        collector.pause().unwrap();
        export(&context, "main", round * 500..round * 500 + 500, 20);
        assert!(eventually(LIMIT, || nginx.count(502) > 3 * round as usize));
        assert_eq!(client.flush(50), Err(status::TIMEOUT));
        collector.resume().unwrap();
        assert_eq!(client.flush(setup.flush_ms()), Ok(()));
    }
    ledger::check_all_delivered(&client, &collector, 1500);
    assert_eq!(collector.ledger().duplicates(), 0);
}
