//! Names with several addresses and services with SRV records, told by a real name server (dnsmasq) to the options that
//! users have: priorities, records that change while a client runs, dead servers, certificates, and shares of a fleet.
//!
//! Each test runs in a process of its own with a mount namespace of its own, in which `/etc/resolv.conf` names the name
//! server. Skipped with a line where that takes rights which the user has not, or dnsmasq is missing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mona_collector::{FaultCollector, Listen, Script, Service, Tls};
use mona_tests::ledger::{context, export};
use mona_tests::native::Client;
use mona_tests::reach::{Trust, check_all_delivered, eventually};
use mona_tests::setup::Setup;
use mona_tests::{run, said};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(120);

/// A close or flush returns as soon as it can.
const FLUSH_MS: u32 = 120_000;

/// Where the name server of the process listens.
const SERVER: &str = "MONA_TEST_NAME_SERVER";

/// Runs the ignored test `name` of this program where it has a name server for itself.
fn apart(name: &str) {
    let finds = |program: &str, argument: &str| {
        let found = run(Command::new(program).arg(argument), LIMIT).and_then(|done| done.expect_ok());
        found.is_ok()
    };
    let why = match () {
        () if !finds("dnsmasq", "--version") => "dnsmasq is not found",
        () if run(Command::new("unshare").args(["-m", "-p", "--fork", "--mount-proc", "true"]), LIMIT)
            .and_then(|done| done.expect_ok())
            .is_err() =>
        {
            "namespaces of its own take the rights of root"
        }
        () => "",
    };
    if !why.is_empty() {
        io::stderr().write_all(format!("skipped: {name}: {why}\n").as_bytes()).unwrap();
        return;
    }
    // Built here, where it may take its time.
    mona_tests::library().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("resolv.conf");
    let [_, _, high, low] = std::process::id().to_be_bytes();
    // Of this machine, and of no other test that runs.
    let server = Ipv4Addr::new(127, 53 + name.len() as u8, high, low.max(1));
    fs::write(&file, format!("nameserver {server}\noptions timeout:1 attempts:2\n")).unwrap();
    let mut command = Command::new("unshare");
    // With processes of its own too, none of which outlives a test that is ended.
    command.args([
        "-m",
        "-p",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--propagation",
        "private",
        "sh",
        "-c",
    ]);
    command.arg("mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"").arg(&file);
    command.arg(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--ignored", "--nocapture"]).env(SERVER, server.to_string());
    let done = run(&mut command, Duration::from_secs(300)).unwrap();
    assert!(done.status.success() && done.stdout.contains("1 passed"), "{}\n{}", done.stdout, done.stderr);
}

/// The name server, with the records of the last call of [`Dns::serve`].
struct Dns {
    address: Ipv4Addr,
    process: Option<Child>,
    folder: TempDir,
}

impl Dns {
    fn new() -> Dns {
        let address = std::env::var(SERVER).unwrap().parse().unwrap();
        Dns { address, process: None, folder: tempfile::tempdir().unwrap() }
    }

    /// Serves these lines of its configuration, and nothing else.
    fn serve(&mut self, lines: &[String]) {
        self.end();
        let file = self.folder.path().join("dnsmasq.conf");
        fs::write(&file, lines.join("\n")).unwrap();
        let mut command = Command::new("dnsmasq");
        command.args([
            "--keep-in-foreground",
            "--no-resolv",
            "--no-hosts",
            "--bind-interfaces",
            "--user=root",
        ]);
        command.args(["--pid-file=", "--local=/test/", "--local-ttl=1", "--auth-ttl=1"]);
        command
            .arg(format!("--listen-address={}", self.address))
            .arg(format!("--conf-file={}", file.display()));
        self.process = Some(command.stdin(Stdio::null()).spawn().unwrap());
        let place = SocketAddr::new(self.address.into(), 53);
        assert!(eventually(LIMIT, || TcpStream::connect(place).is_ok()), "dnsmasq does not listen");
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.end();
    }
}

const NAME: &str = "_mona._tcp.example.test";

/// A server of the service, all of them on this machine.
fn srv(target: &str, port: u16, priority: u16, weight: u16) -> String {
    format!("srv-host={NAME},{target},{port},{priority},{weight}")
}

fn host(name: &str, address: &str) -> String {
    format!("host-record={name},{address}")
}

fn port(collector: &FaultCollector) -> u16 {
    collector.addr().unwrap().port()
}

fn collector() -> FaultCollector {
    FaultCollector::start(Listen::Tcp, Script::normal()).unwrap()
}

/// A port that nobody listens on.
fn dead() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn records(collector: &FaultCollector) -> u64 {
    collector.ledger().totals.records
}

fn client(endpoint: &str, more: &[(&str, &str)]) -> Client {
    Setup::DEFAULTS.client(endpoint, more)
}

fn flush(client: &Client) {
    assert_eq!(client.flush(FLUSH_MS), Ok(()), "{:?} {:#?}", client.stats(), said::everything());
}

#[test]
fn a_service_is_followed_as_its_records_change() {
    apart("a_service_is_followed");
}

#[test]
#[ignore = "run by the test of the longer name"]
fn a_service_is_followed() {
    let mut dns = Dns::new();
    let [a, b, c] = [(); 3].map(|()| collector());
    let hosts = ["a", "b", "c", "gone"].map(|name| host(&format!("{name}.example.test"), "127.0.0.1"));
    let mut lines = hosts.to_vec();
    lines.extend([
        srv("gone.example.test", dead(), 5, 0),
        srv("nowhere.example.test", port(&b), 7, 0),
        srv("a.example.test", port(&a), 10, 0),
        srv("b.example.test", port(&b), 20, 0),
    ]);
    dns.serve(&lines);
    let client = client(&format!("srv+tcp://{NAME}"), &[]);
    let context = context(&client);
    let mut sent = export(&context, "main", 0..1000, 20);
    flush(&client);
    // The first that is there, and no worse one.
    assert_eq!((records(&a), records(&b)), (1000, 0));
    let (status, steps) = client.check(10_000);
    assert_eq!(status, 0, "{steps}");
    assert!(steps.contains(&format!("127.0.0.1:{} (a.example.test)", port(&a))), "{steps}");
    // Other records: the server is left though it is well, with all that it was given acknowledged.
    dns.serve(&[&hosts[..], &[srv("c.example.test", port(&c), 10, 0)]].concat());
    assert!(eventually(LIMIT, || {
        sent += export(&context, "main", sent..sent + 10, 20);
        std::thread::sleep(Duration::from_millis(100));
        records(&c) > 0
    }));
    let before = records(&a);
    sent += export(&context, "main", sent..sent + 500, 20);
    flush(&client);
    assert_eq!(records(&a), before);
    // Said to be none: who serves goes on, and nobody else is found until there are records again.
    dns.serve(&[&hosts[..], &[format!("srv-host={NAME}")]].concat());
    std::thread::sleep(Duration::from_secs(7));
    sent += export(&context, "main", sent..sent + 500, 20);
    flush(&client);
    c.pause().unwrap();
    sent += export(&context, "main", sent..sent + 500, 20);
    assert!(client.flush(3_000).is_err());
    said::wait_for(NAME, &["not offered"]);
    dns.serve(&[&hosts[..], &[srv("b.example.test", port(&b), 1, 0)]].concat());
    flush(&client);
    // The name server goes, and with it nothing.
    dns.end();
    sent += export(&context, "main", sent..sent + 500, 20);
    assert_eq!(client.close(FLUSH_MS), Ok(()));
    let stats = check_all_delivered(&client, &[&a, &b, &c], sent);
    assert_eq!(stats.chunks_resent, 0, "{stats:?}");
    assert_eq!(records(&a) + records(&b) + records(&c), sent);
}

#[test]
fn weights_are_the_shares_of_a_fleet_of_services() {
    apart("weights_are_shares");
}

#[test]
#[ignore = "run by the test of the longer name"]
fn weights_are_shares() {
    const CLIENTS: usize = 120;
    let mut dns = Dns::new();
    let [a, b] = [(); 2].map(|()| collector());
    dns.serve(&[
        host("a.example.test", "127.0.0.1"),
        host("b.example.test", "127.0.0.1"),
        srv("a.example.test", port(&a), 1, 30),
        srv("b.example.test", port(&b), 1, 10),
        srv("b.example.test", dead(), 1, 40),
    ]);
    let clients: Vec<Client> = (0..CLIENTS)
        .map(|number| {
            let balance = if number % 2 == 0 { "spread" } else { "sticky" };
            client(&format!("srv+tcp://{NAME}"), &[("balance", balance)])
        })
        .collect();
    for (number, client) in clients.iter().enumerate() {
        export(&context(client), &format!("client{number}"), 0..1, 0);
        flush(client);
    }
    // Of the dead one's half both take as much as of the other half: 3 to 1.
    let shares = [records(&a), records(&b)];
    assert_eq!(shares.iter().sum::<u64>(), CLIENTS as u64);
    // Five standard deviations.
    assert!(shares[0].abs_diff(90) < 24, "{shares:?}");
}

#[test]
fn certificates_are_those_of_the_domain_that_was_asked_for() {
    apart("certificates_of_the_domain");
}

#[test]
#[ignore = "run by the test of the longer name"]
fn certificates_of_the_domain() {
    let mut dns = Dns::new();
    let trust = Trust::new();
    // Who presents a certificate for this name, under this target; whether a client trusts it.
    for (certified, target, is_trusted) in [
        ("a.example.test", "a.example.test", true),
        ("example.test", "a.example.test", false),
        ("example.test", "elsewhere.test", true),
        ("elsewhere.test", "elsewhere.test", false),
        ("b.example.test", "a.example.test", false),
    ] {
        let tls = Tls::try_from(trust.authority().server(&[certified]).unwrap()).unwrap();
        let collector =
            FaultCollector::serve(Listen::Tcp, Service::forward().tls(tls), Script::normal()).unwrap();
        dns.serve(&[host(target, "127.0.0.1"), srv(target, port(&collector), 1, 1)]);
        for name in [None, Some(certified)] {
            let mut more = vec![("ca_file", trust.ca_file())];
            more.extend(name.map(|name| ("tls_server_name", name)));
            let client = client(&format!("srv+tls://{NAME}"), &more);
            let (status, steps) = client.check(10_000);
            let is_good = is_trusted || name.is_some();
            assert_eq!(status == 0, is_good, "{certified} {target} {name:?}: {steps}");
            if !is_good {
                assert!(steps.contains("\"tls\""), "{steps}");
            }
        }
        // The answers of the last one are good for five seconds.
        std::thread::sleep(Duration::from_millis(5_100));
    }
}

#[test]
fn the_addresses_of_a_name_share_a_fleet() {
    apart("addresses_share_a_fleet");
}

#[test]
#[ignore = "run by the test of the longer name"]
fn addresses_share_a_fleet() {
    const CLIENTS: usize = 120;
    let mut dns = Dns::new();
    let first = collector();
    let at = |address: [u8; 4], port| {
        FaultCollector::start(Listen::Address((address, port).into()), Script::normal()).unwrap()
    };
    let (second, other) = (at([127, 0, 0, 2], port(&first)), collector());
    // Nobody listens at the third one.
    dns.serve(&["127.0.0.1", "127.0.0.2", "127.0.0.3"].map(|address| host("many.test", address)));
    let endpoints = format!("tcp://many.test:{},{}", port(&first), other.endpoint());
    let clients: Vec<Client> = (0..CLIENTS).map(|_| client(&endpoints, &[("balance", "spread")])).collect();
    for (number, client) in clients.iter().enumerate() {
        export(&context(client), &format!("client{number}"), 0..5, 0);
        flush(client);
    }
    // Three places of four are those of the name, and two of them take the third one's share.
    let shares = [&first, &second, &other].map(|collector| records(collector) / 5);
    assert_eq!(shares.iter().sum::<u64>(), CLIENTS as u64);
    for (share, expected) in shares.into_iter().zip([45, 45, 30]) {
        // Five standard deviations.
        assert!(share.abs_diff(expected) < 27, "{shares:?}");
    }
    for client in &clients {
        let stats = client.stats();
        assert_eq!((stats.connections, stats.chunks_resent, stats.delivered), (1, 0, 5), "{stats:?}");
    }
}
