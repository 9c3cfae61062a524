//! Collectors that mean harm: what one host with libmona in it costs meanwhile, with the options that users have.
//!
//! Each case is one process of [`host.c`](../c/hostile/host.c) against one collector that talks without end, or
//! listens without end. All cases run side by side: a process that is well costs next to nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use mona_collector::{
    FaultCollector, Flood, Handshake, Listen, Noise, Reply, RetryAfter, Script, Service, Step, TlsVersions,
};
use mona_tests::reach::Trust;
use mona_tests::{Finished, Program, run};
use std::path::Path;
use std::time::Duration;

/// Generous for one program on a loaded machine; the bounds under test are inside the program.
const LIMIT: Duration = Duration::from_secs(120);

/// What a process may take of one core, in thousandths: twice what is promised, for a loaded machine.
const MOST_PERMILLE: i64 = 100;

/// What a process may grow by.
const MOST_GROWN_KIB: i64 = 32 * 1024;

/// What `close(1000)` promises, and what a thread that waits for its turn adds on a loaded machine.
const MOST_CLOSE_MS: i64 = 1250 + 500;

struct Case {
    name: &'static str,
    service: Service,
    script: Script,
    /// The scheme of the endpoint, where it is not that of the service.
    scheme: Option<&'static str>,
    env: Vec<(&'static str, String)>,
    /// It says yes before it is hostile: events may count as delivered.
    says_yes: bool,
    listen: Listen,
}

fn case(name: &'static str, service: Service, step: impl Into<Script>) -> Case {
    Case {
        name,
        service,
        script: step.into(),
        scheme: None,
        env: Vec::new(),
        says_yes: false,
        listen: Listen::Tcp,
    }
}

impl Case {
    fn env(mut self, name: &'static str, value: impl Into<String>) -> Case {
        self.env.push((name, value.into()));
        self
    }

    fn scheme(self, scheme: &'static str) -> Case {
        Case { scheme: Some(scheme), ..self }
    }

    fn says_yes(self) -> Case {
        Case { says_yes: true, ..self }
    }

    fn listen(self, listen: Listen) -> Case {
        Case { listen, ..self }
    }

    fn has(&self, option: &str) -> bool {
        self.env.iter().any(|(name, _)| *name == option)
    }

    fn is_rest(&self) -> bool {
        self.has("MONA_HTTP_FORMAT")
    }

    fn asks_for_tokens(&self) -> bool {
        self.has("MONA_API_KEY")
    }

    fn key(self) -> Case {
        self.env("MONA_SHARED_KEY", "key")
    }

    fn rest(self) -> Case {
        self.env("MONA_HTTP_FORMAT", "mona").env("MONA_AUTH_MODE", "none").env("MONA_USER_ID", "user")
    }

    /// Asks this collector for tokens too.
    fn token(self) -> Case {
        self.rest().env("MONA_AUTH_MODE", "oidc").env("MONA_API_KEY", "key").env("MONA_API_SECRET", "secret")
    }
}

const MS: Duration = Duration::from_millis(1);

/// A byte at a time without a pause: as many segments as the system carries.
fn dust(noise: Noise) -> Step {
    Step::Flood(Flood::new(noise).each(Duration::ZERO))
}

fn flood(noise: Noise) -> Step {
    Step::Flood(Flood::new(noise))
}

fn trickle(noise: Noise) -> Step {
    Step::Flood(Flood::new(noise).each(MS))
}

fn status(noise: Noise, status: u16) -> Step {
    Step::Flood(Flood::new(noise).status(status))
}

/// All of them.
fn cases(trust: &Trust) -> Vec<Case> {
    let forward = || Service::forward();
    let greeted = || Service::forward().handshake(Handshake::new("key"));
    let http = || Service::http();
    let tls13 = || trust.tls_of(TlsVersions::Tls13);
    let socket = |name| Listen::Unix(Path::new(trust.ca_file()).with_file_name(name));
    let ca = |case: Case| case.env("MONA_CA_FILE", trust.ca_file());
    vec![
        case("a HELO of 4 GiB", greeted(), flood(Noise::HeloText)).key(),
        case("a HELO with pairs without end", greeted(), flood(Noise::HeloMap)).key(),
        case("a HELO byte by byte", greeted(), trickle(Noise::HeloMap)).key(),
        case("lists in lists instead of a HELO", greeted(), flood(Noise::Nested)).key(),
        case("giant lists instead of a HELO", greeted(), flood(Noise::Giants)).key(),
        case("bytes before the first chunk", forward(), flood(Noise::Garbage)),
        case("lists in lists instead of an ack", forward(), flood(Noise::Nested)),
        case("wrong acks without end", forward(), flood(Noise::Acks)),
        case("an ack of 4 GiB", forward(), flood(Noise::Ack)),
        case("acks byte by byte", forward(), Step::Trickle(MS)).says_yes(),
        case("an ack byte by byte without end", forward(), trickle(Noise::Ack)),
        case("a reader of one byte a millisecond", forward(), flood(Noise::Sip)),
        case("a reader of one byte a millisecond over HTTP", http(), flood(Noise::Sip)),
        case("resets without end", forward(), Step::Reset),
        case("resets of a Unix socket", forward(), Step::Reset).listen(socket("reset")),
        case("wrong acks of a Unix socket", forward(), flood(Noise::Acks)).listen(socket("acks")),
        case("a status line without end", http(), flood(Noise::StatusLine)),
        case("headers without end", http(), flood(Noise::Head)),
        case("headers byte by byte", http(), trickle(Noise::Head)),
        case("headers as dust", http(), dust(Noise::Head)),
        case("line ends as dust", http(), dust(Noise::Blank)),
        case("interim answers as dust", http(), dust(Noise::Interim)),
        case("one interim answer as dust", http(), dust(Noise::Early)),
        case("chunks as dust", http(), dust(Noise::Chunks)),
        case("trailers as dust", http(), dust(Noise::Trailers)),
        case("an ack as dust", forward(), dust(Noise::Ack)),
        case("a HELO as dust", greeted(), dust(Noise::HeloMap)).key(),
        case("a header without end", http(), flood(Noise::Header)),
        case("line ends without end", http(), flood(Noise::Blank)),
        case("line ends byte by byte", http(), trickle(Noise::Blank)),
        case("interim answers without end", http(), flood(Noise::Interim)),
        case("interim answers byte by byte", http(), trickle(Noise::Interim)),
        case("a body of 4 GiB behind 503", http(), flood(Noise::Length)),
        case("a body of 4 GiB behind 200", http(), status(Noise::Length, 200)).says_yes(),
        case("a body of 4 GiB behind 400", http(), status(Noise::Length, 400)),
        case("chunks without end", http(), status(Noise::Chunks, 200)).says_yes(),
        case("chunks byte by byte", http(), trickle(Noise::Chunks)),
        case("the length of a chunk without end", http(), flood(Noise::ChunkSize)),
        case("trailers without end", http(), status(Noise::Trailers, 200)).says_yes(),
        case("a compressed body without end", http(), status(Noise::Gzip, 200)).says_yes(),
        case("redirects without end", http(), flood(Noise::Redirect)),
        case("a Retry-After of ages", http(), Reply::new(503).retry_after(RetryAfter::Huge)),
        case("a Retry-After in the past", http(), Reply::new(429).retry_after(RetryAfter::DateAgo(1 << 30))),
        case("a million failures", http(), status(Noise::Failures, 400)).rest(),
        case("a mebibyte of failures", http(), status(Noise::Reasons, 400)).rest(),
        case("a token without end", http(), status(Noise::Token, 200)).token(),
        case("a token byte by byte", http(), Step::Flood(Flood::new(Noise::Token).status(200).each(MS)))
            .token(),
        case("headers instead of a token", http(), flood(Noise::Head)).token(),
        ca(case("TLS: tickets without end", forward().tls(tls13()), flood(Noise::Tickets))),
        ca(case("TLS: new keys without end", forward().tls(tls13()), flood(Noise::Keys))),
        ca(case("TLS: wrong acks without end", trust.forward(), flood(Noise::Acks))),
        ca(case("TLS: an ack byte by byte", trust.forward(), trickle(Noise::Ack))),
        ca(case("HTTPS: interim answers byte by byte", trust.http(), trickle(Noise::Interim))),
        ca(case("HTTPS: headers as dust", trust.http(), dust(Noise::Head))),
        ca(case("HTTPS: new keys without end", http().tls(tls13()), flood(Noise::Keys))),
        ca(case("a greeting of TLS without end", forward(), flood(Noise::TlsHello)).scheme("tls")),
        ca(case("a greeting of TLS byte by byte", forward(), trickle(Noise::TlsHello)).scheme("tls")),
    ]
}

fn printed(finished: &Finished, name: &str) -> i64 {
    let found =
        finished.stdout.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {name}= in {:?}", finished.stdout)).parse().unwrap()
}

/// Runs the host against this case; `behind` is an endpoint that comes after the hostile one.
fn host(
    program: &Program,
    case: &Case,
    collector: &FaultCollector,
    behind: Option<&str>,
    arguments: [&str; 3],
) -> Result<Finished, String> {
    let mut endpoint = collector.endpoint();
    let place = endpoint.replace("http://", "");
    if let (Some(scheme), Some((_, place))) = (case.scheme, endpoint.split_once("://")) {
        endpoint = format!("{scheme}://{place}");
    }
    if let Some(behind) = behind {
        endpoint = format!("{endpoint},{behind}");
    }
    let mut command = program.command();
    command.env("MONA_AUTH_URL", format!("http://{place}/auth"));
    command.args(arguments).env("MONA_ENDPOINT", endpoint).env("MONA_EVENT_ID", "true");
    // The REST API takes no event without a class.
    if case.is_rest() {
        command.arg("CLASS");
    }
    command.envs(case.env.iter().map(|(name, value)| (name, value)));
    let finished = run(&mut command, LIMIT).and_then(Finished::expect_quiet);
    finished.map_err(|error| format!("{}: {error}", case.name))
}

/// Does this with every case, all side by side; gives what went wrong.
fn with_each_case(run_case: impl Fn(&Case, &FaultCollector) -> Result<(), String> + Sync) {
    let trust = Trust::new();
    let faults: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = cases(&trust)
            .into_iter()
            .map(|case| {
                let run_case = &run_case;
                scope.spawn(move || {
                    let (service, script) = (case.service.clone(), case.script.clone());
                    let collector = FaultCollector::serve(case.listen.clone(), service, script).unwrap();
                    run_case(&case, &collector)
                })
            })
            .collect();
        running.into_iter().filter_map(|case| case.join().unwrap().err()).collect()
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What is wrong with one case, if anything is.
fn faults_of(case: &Case, finished: &Finished) -> Vec<String> {
    let mut faults = Vec::new();
    let mut most = |name: &str, bound: i64| {
        let found = printed(finished, name);
        if found > bound {
            faults.push(format!("{}: {name} is {found}, at most {bound} is expected", case.name));
        }
    };
    most("cpu_permille", MOST_PERMILLE);
    most("grown_kib", MOST_GROWN_KIB);
    most("close_ms", MOST_CLOSE_MS);
    if !case.says_yes {
        most("delivered", 0);
        most("rejected", 0);
    }
    faults
}

#[test]
fn a_hostile_collector_alone() {
    let program = Program::c("tests/c/hostile/host.c").build().unwrap();
    with_each_case(|case, collector| {
        let finished = host(&program, case, collector, None, ["2000", "5", "0"])?;
        println!("{}: {}", case.name, finished.stdout.trim_end());
        let faults = faults_of(case, &finished);
        if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
    });
}

/// What is behind it in the list of endpoints gets everything that the hostile one did not say yes to.
#[test]
fn a_hostile_collector_before_a_good_one() {
    let program = Program::c("tests/c/hostile/host.c").build().unwrap();
    with_each_case(|case, collector| {
        let is_rest = case.is_rest();
        if case.asks_for_tokens() {
            // There is one token server for all endpoints.
            return Ok(());
        }
        let service = match case.has("MONA_SHARED_KEY") {
            true => Service::forward().handshake(Handshake::new("key")),
            false if is_rest => Service::http(),
            false => Service::forward(),
        };
        let good = FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap();
        let endpoint = format!("{}{}", good.endpoint(), if is_rest { "/monaExport" } else { "" });
        let finished = host(&program, case, collector, Some(&endpoint), ["1000", "1", "60000"])?;
        println!("{}: {}", case.name, finished.stdout.trim_end());
        let ledger = good.ledger();
        // The REST API knows no ids, but nothing is sent twice to one who answers.
        let arrived = if is_rest { ledger.totals.records } else { ledger.unique_events() };
        let delivered = printed(&finished, "delivered");
        if delivered != 1000 || (arrived != 1000 && !case.says_yes) {
            return Err(format!("{}: {delivered} delivered, {arrived} arrived, of 1000", case.name));
        }
        Ok(())
    });
}
