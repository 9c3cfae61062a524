//! squid on the way to a collector behind TLS: CONNECT, with credentials in the proxy's URL, without and with wrong ones.
//!
//! A proxy that wants others is a configuration fault: nothing is sent, everything is kept, the log says what to do. The
//! proxy belongs to a process, and a collector on the own machine is reached without one: so each case is a program, and
//! the collector has a name that squid alone knows. Skipped where squid is not installed.

use std::fs::{self, Permissions};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use mona_collector::{FaultCollector, Listen, Script, Service, Tls};
use mona_tests::reach::{Trust, eventually};
use mona_tests::{Finished, Program, run};
use tempfile::TempDir;

use crate::{LIMIT, Process, free_port, peers, skipped};

const COLLECTOR: &str = "collector.test";

/// squid that runs.
struct Squid {
    _process: Process,
    folder: TempDir,
    address: String,
}

impl Squid {
    /// Starts it for these users (`all` or `known`); none, with a line, when it is not installed.
    fn start(whom: &str) -> Option<Squid> {
        let squid = || {
            // Debian has it where only root looks.
            let path = std::env::var("PATH").unwrap_or_default();
            let mut command = Command::new("squid");
            command.env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin"));
            command
        };
        if run(squid().arg("-v"), LIMIT).and_then(|done| done.expect_ok()).is_err() {
            skipped("squid", "it is not found");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("mona-squid-").tempdir().unwrap();
        // Started by root it works as a user of its own.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
            path
        };
        write("hosts", &format!("127.0.0.1 {COLLECTOR}\n"));
        write(
            "known.sh",
            "while read -r who; do [ \"$who\" = 'a-name a-word' ] && echo OK || echo ERR; done\n",
        );
        let template = fs::read_to_string(peers().join("squid.conf")).unwrap();
        let filled = template.replace("@WHOM@", whom).replace("@FOLDER@", folder.path().to_str().unwrap());
        // The port is free when it is chosen; another process may be faster.
        for _ in 0..5 {
            let address = format!("127.0.0.1:{}", free_port());
            let port = address.rsplit(':').next().unwrap();
            let configuration = write("squid.conf", &filled.replace("@PORT@", port));
            let mut command = squid();
            // In the foreground and as one process, so that ending it leaves none behind.
            command.arg("-N").arg("-f").arg(configuration);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut process = Process(command.spawn().unwrap());
            let ended = |process: &mut Process| process.0.try_wait().unwrap().is_some();
            let listens = || TcpStream::connect(&address).is_ok();
            assert!(eventually(LIMIT, || listens() || ended(&mut process)));
            if !ended(&mut process) && listens() {
                return Some(Squid { _process: process, folder, address });
            }
        }
        panic!("squid does not start: {:?}", fs::read_to_string(folder.path().join("cache.log")));
    }

    /// The requests that it answered with this status.
    fn count(&self, status: u16) -> usize {
        let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
        let (word, method) = (format!("/{status} "), format!(" CONNECT {COLLECTOR}:"));
        log.lines().filter(|line| line.contains(&word) && line.contains(&method)).count()
    }
}

/// A collector of ours behind TLS, and a program that reaches it through squid only.
struct Way {
    trust: Trust,
    collector: FaultCollector,
    program: Program,
}

impl Way {
    fn new() -> Way {
        let trust = Trust::new();
        let tls = Tls::try_from(trust.authority().server(&[COLLECTOR]).unwrap()).unwrap();
        let service = Service::http().tls(tls).allow_host(COLLECTOR);
        let collector = FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap();
        Way { trust, collector, program: Program::c("tests/c/peers/export.c").build().unwrap() }
    }

    /// Exports 1000 events with this user and password in the proxy's URL, none with "".
    fn export(&self, squid: &Squid, user: &str, wait_ms: u32) -> Finished {
        let mut program = self.program.command();
        program.args(["1000", &wait_ms.to_string()]);
        for name in ["http_proxy", "https_proxy", "no_proxy", "NO_PROXY", "REQUEST_METHOD"] {
            program.env_remove(name);
        }
        let port = self.collector.addr().unwrap().port();
        program.env("HTTPS_PROXY", format!("http://{user}{}", squid.address));
        program.env("MONA_ENDPOINT", format!("https://{COLLECTOR}:{port}"));
        program.env("MONA_CA_FILE", self.trust.ca_file()).env("MONA_EVENT_ID", "1");
        program.env("MONA_PRINT_LOGS", "1");
        run(&mut program, 4 * LIMIT).and_then(Finished::expect_ok).unwrap()
    }
}

#[test]
fn squid_lets_through() {
    let way = Way::new();
    for (whom, user) in [("all", ""), ("known", "a-name:a-word@")] {
        let Some(squid) = Squid::start(whom) else { return };
        let before = way.collector.ledger().totals.records;
        let done = way.export(&squid, user, 60_000);
        assert!(done.stdout.contains("1000 accepted, 1000 delivered, 0 queued\n"), "{whom}: {}", done.stdout);
        let ledger = way.collector.ledger();
        assert_eq!((ledger.totals.records - before, ledger.duplicates()), (1000, 0), "{whom}");
        // It writes a tunnel into its log when it ends, as the program did.
        assert!(eventually(LIMIT, || squid.count(200) == 1), "{whom}: {}", squid.count(200));
        assert_eq!(squid.count(407), 0, "{whom}");
    }
}

#[test]
fn squid_that_asks_for_credentials() {
    let way = Way::new();
    let Some(squid) = Squid::start("known") else { return };
    for user in ["", "a-name:another@"] {
        let before = squid.count(407);
        let done = way.export(&squid, user, 10_000);
        assert!(done.stdout.contains("1000 accepted, 0 delivered, 1000 queued\n"), "{user}: {}", done.stdout);
        assert!(done.stdout.contains("asks for credentials"), "{user}: {}", done.stdout);
        assert!(!done.stdout.contains("another"), "{user}: the log shows a secret: {}", done.stdout);
        assert!(eventually(LIMIT, || squid.count(407) > before), "{user}");
    }
    assert_eq!(way.collector.ledger().totals.connections, 0);
}
