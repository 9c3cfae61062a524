//! No secret is ever in the log, in a description, in an error or in the report of a check, whether things go
//! well or not, and whatever a server repeats of what it was sent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use mona_collector::{
    Authority, FaultCollector, Handshake, Listen, Reply, Script, Service, Step, Tls, To, Tokens,
};
use mona_tests::native::{Client, last_error, load_release};
use mona_tests::reach::{HOSTS, Trust};
use mona_tests::said;
use serde_json::{Value, json};

/// Every option that is one, with a value that stands nowhere by chance.
const SECRETS: [(&str, &str); 7] = [
    ("shared_key", "sk-correct-horse-battery"),
    ("username", "un-staple-of-paper"),
    ("password", "pw-tin-of-biscuits"),
    ("api_key", "ak-jar-of-buttons"),
    ("api_secret", "as-box-of-matches"),
    ("http_header", "X-Secret: hh-ball-of-string"),
    ("hash_salt", "hs-pinch-of-pepper"),
];

/// In the path and the query of URLs: webhooks carry their tokens there.
const PATH: &str = "pk-bit-of-blotting-paper";
const QUERY: &str = "qk-drop-of-ink";

/// Tokens that servers of these tests gave out.
static TOKENS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn value(name: &str) -> &'static str {
    SECRETS.iter().find(|(option, _)| *option == name).unwrap().1
}

/// What must not be found.
fn secrets() -> Vec<String> {
    let values = SECRETS.iter().map(|(_, value)| value.rsplit(": ").next().unwrap().to_owned());
    values.chain(TOKENS.lock().unwrap().iter().cloned()).collect()
}

fn clean(what: &str, text: &str) {
    for secret in secrets().into_iter().chain([PATH, QUERY].map(str::to_owned)) {
        assert!(!text.contains(&secret), "{what} has {secret:?} in it: {text}");
    }
}

/// Makes a client with every secret and some more, lets it work and fail, and looks at all it says.
fn runs_clean(name: &str, more: &[(&str, &str)]) {
    load_release();
    let mut options = vec![
        ("log_level", "10"),
        ("hash_fields", "name"),
        ("flush_interval_ms", "5"),
        ("retry_initial_ms", "10"),
        ("retry_max_ms", "50"),
        ("connect_timeout_ms", "500"),
        ("io_timeout_ms", "500"),
        ("ack_timeout_ms", "200"),
    ];
    options.extend(SECRETS);
    options.extend(more);
    let client = Client::new(&options).unwrap_or_else(|_| panic!("{name}: {}", last_error()));
    let description = client.describe().unwrap();
    clean(name, &description);
    let described: Value = serde_json::from_str(&description).unwrap();
    for (option, _) in SECRETS {
        assert!(described.to_string().contains(option), "{name}: {option} is not described");
    }
    let context = client.context(Some("A_CLASS"), None).unwrap();
    for n in 0..50 {
        context.export(&format!(r#"{{"n": {n}, "name": "somebody"}}"#), 0.0).unwrap();
    }
    let flushed = client.flush(400);
    clean(name, &last_error());
    let (_, report) = client.check(1000);
    assert!(report.contains("\"step\""), "{name}: {report}");
    clean(name, &report);
    clean(name, &last_error());
    if client.close(100).is_err() || flushed.is_err() {
        clean(name, &last_error());
    }
    clean(name, &client.describe().unwrap());
    for line in said::everything() {
        clean(name, &line);
    }
}

fn serve(service: Service, script: impl Into<Script>) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, script).unwrap()
}

#[test]
fn forward() {
    let trust = Trust::new();
    let known = || Handshake::new(value("shared_key")).user(value("username"), value("password"));
    let asks = |handshake| Service::forward().handshake(handshake);
    let stranger = Authority::new().unwrap().server(&HOSTS).unwrap();
    let cases: [(&str, Service, Step); 11] = [
        ("all well", asks(known()), Step::Normal),
        ("all well in TLS", asks(known()).tls(trust.tls()), Step::Normal),
        ("another key", asks(Handshake::new("another")), Step::Normal),
        (
            "another password",
            asks(Handshake::new(value("shared_key")).user(value("username"), "x")),
            Step::Normal,
        ),
        ("a stranger", asks(known()).tls(Tls::try_from(stranger).unwrap()), Step::Normal),
        ("a wrong digest", asks(known()), Step::WrongDigest),
        ("a rejection", asks(known()), Step::RejectPong),
        ("our own name", asks(known()), Step::OwnHostname),
        ("no greeting", Service::forward(), Step::Normal),
        ("garbage", asks(known()), Step::Garbage),
        ("no ack", asks(known()), Step::DropAck),
    ];
    for (name, service, step) in cases {
        let collector = serve(service, step);
        runs_clean(name, &[("endpoint", &collector.endpoint()), ("ca_file", trust.ca_file())]);
        assert!(!said::about(&collector.addr().unwrap().to_string()).is_empty(), "{name}: nothing was said");
    }
    // The greeting is sent back as the reason.
    let echo = Echo::start(|stream| {
        stream.write_all(b"\x92\xa4HELO\x83\xa5nonce\xc4\x01n\xa4auth\xc4\x01a\xa9keepalive\xc3").unwrap();
        let mut ping = vec![0; 2048];
        let count = stream.read(&mut ping).unwrap_or(0);
        let secrets = SECRETS.map(|(_, value)| value).join(" ");
        let reason = [&ping[..count.min(1000)], secrets.as_bytes()].concat();
        let mut pong = b"\x95\xa4PONG\xc2\xda".to_vec();
        pong.extend((reason.len() as u16).to_be_bytes());
        pong.extend(reason);
        pong.extend(b"\xa0\xa0");
        let _ = stream.write_all(&pong);
    });
    runs_clean("a reason full of secrets", &[("endpoint", &format!("tcp://{}", echo.address))]);
    said::wait_for(&echo.address.to_string(), &["refuses our shared_key"]);
}

#[test]
fn http() {
    let trust = Trust::new();
    for status in [201, 301, 400, 401, 403, 404, 407, 413, 429, 500] {
        let collector =
            serve(trust.http(), Reply::new(status).first(if status == 201 { 0 } else { u64::MAX }));
        let endpoint = format!("{}/{PATH}?token={QUERY}", collector.endpoint());
        runs_clean(&format!("status {status}"), &[("endpoint", &endpoint), ("ca_file", trust.ca_file())]);
        assert!(
            !said::about(&collector.addr().unwrap().to_string()).is_empty(),
            "{status}: nothing was said"
        );
    }
    for status in ["200 OK", "301 Moved", "307 Moved", "400 Bad", "401 No", "500 Broken"] {
        let echo = Echo::http(move |request| (status.to_owned(), request.to_owned()));
        runs_clean(
            &format!("an echo with {status}"),
            &[("endpoint", &format!("http://{}/hooks/{PATH}?k={QUERY}", echo.address))],
        );
    }
    let refused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    runs_clean("nobody there", &[("endpoint", &format!("http://{refused}/{PATH}?k={QUERY}"))]);
}

#[test]
fn rest() {
    let tokens = || Tokens::new(value("api_key"), value("api_secret"));
    let cases: [(&str, Tokens, Script); 6] = [
        ("all well", tokens(), Script::normal()),
        ("another secret", Tokens::new(value("api_key"), "another"), Script::normal()),
        ("busy log-in", tokens(), Reply::new(503).to(To::Login).into()),
        ("refused token", tokens(), Reply::new(401).to(To::Events).into()),
        ("refused as a whole", tokens(), Reply::new(400).to(To::Events).into()),
        ("partial failures", tokens(), Step::RefuseEvery(3).into()),
    ];
    for (name, tokens, script) in cases {
        for mode in ["mona", "oidc"] {
            let collector = serve(Service::http().tokens(tokens.clone()), script.clone());
            let endpoint = collector.endpoint();
            let path = if mode == "mona" { "login" } else { "oidc" };
            let login = format!("{endpoint}/auth/{path}?hint={QUERY}");
            let more = [
                ("http_format", "mona"),
                ("endpoint", &*endpoint),
                ("auth_mode", mode),
                ("auth_url", &login),
            ];
            runs_clean(&format!("{name}, {mode}"), &more);
            let requests = collector.ledger().requests;
            assert!(!requests.is_empty(), "{name}, {mode}");
            for token in requests.iter().filter_map(|request| request.header("authorization")) {
                TOKENS.lock().unwrap().insert(token.trim_start_matches("Bearer ").to_owned());
            }
            said::everything().iter().for_each(|line| clean(name, line));
        }
    }
}

#[test]
fn a_rest_server_that_repeats_what_it_was_sent() {
    const ACCESS: &str = "at-a-token-to-export-with";
    const REFRESH: &str = "rt-a-token-to-refresh-with";
    TOKENS.lock().unwrap().extend([ACCESS.to_owned(), REFRESH.to_owned()]);
    for (name, login, answer) in [
        ("the log-in fails", "401 No", "200 OK"),
        ("the log-in is refused", "400 No", "200 OK"),
        ("the log-in moved", "302 Found", "200 OK"),
        ("the export fails", "200 OK", "400 Bad"),
        ("the export is refused", "200 OK", "403 No"),
        ("the export moved", "200 OK", "308 Moved"),
        ("the export breaks", "200 OK", "500 Broken"),
    ] {
        for partial in [false, true] {
            let echo = Echo::http(move |request| {
                if request.starts_with("POST /login") && login == "200 OK" {
                    let token = json!({"accessToken": ACCESS, "refreshToken": REFRESH, "expiresIn": 3600});
                    return (login.to_owned(), token.to_string());
                }
                let status = if request.starts_with("POST /login") { login } else { answer };
                let text = format!("{request} {}", secrets().join(" "));
                let body = match partial {
                    true => json!({"failed": 1, "failure_reasons": {"0": text}}),
                    false => json!({"topLevelError": text, "errors": [text]}),
                };
                (status.to_owned(), body.to_string())
            });
            let endpoint = format!("http://{}", echo.address);
            let login = format!("{endpoint}/login/{PATH}?k={QUERY}");
            let endpoint = format!("{endpoint}/{PATH}");
            let more = [
                ("http_format", "mona"),
                ("user_id", "a-user-id"),
                ("endpoint", &*endpoint),
                ("auth_url", &login),
                ("refresh_url", &login),
            ];
            runs_clean(name, &more);
        }
    }
}

#[test]
fn options_that_are_refused() {
    load_release();
    let file = tempfile::NamedTempFile::new().unwrap();
    let wrong = SECRETS.map(|(name, value)| (name.to_owned(), json!({ "nested": value })));
    std::fs::write(file.path(), Value::Object(wrong.into_iter().collect()).to_string()).unwrap();
    let config = file.path().to_str().unwrap();
    let header = value("http_header").replace(": ", "\u{1}");
    let long = value("username").repeat(100);
    let user = format!("http://{}:{}@127.0.0.1:1/{PATH}", value("username"), value("password"));
    let in_the_clear = format!("http://192.0.2.1/{PATH}?k={QUERY}");
    let no_scheme = format!("hooks.example/{PATH}?k={QUERY}");
    let misspelt = format!("htps://hooks.example/{PATH}?k={QUERY}");
    let with_comma = format!("https://hooks.example/a,{PATH}");
    for options in [
        vec![("endpoint", "tcp://192.0.2.1:1")],
        vec![("endpoint", "memory:"), ("config_file", config)],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_header", &header)],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_header", "Content-Length: hh-ball-of-string")],
        vec![("endpoint", "tcp://127.0.0.1:1"), ("username", &long)],
        vec![("endpoint", &user)],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_format", "mona"), ("auth_url", &user)],
        vec![("endpoint", "http://192.0.2.1"), ("http_format", "mona")],
        vec![("endpoint", &in_the_clear), ("http_format", "mona")],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_format", "mona"), ("auth_url", &in_the_clear)],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_format", "mona"), ("refresh_url", &in_the_clear)],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_format", "mona"), ("auth_url", &no_scheme)],
        vec![("endpoint", &no_scheme)],
        vec![("endpoint", &misspelt)],
        vec![("endpoint", &with_comma)],
        vec![("endpoint", "http://127.0.0.1:1"), ("http_format", "mona"), ("auth_mode", "oidc")],
    ] {
        let mut all = SECRETS.to_vec();
        all.push(("log_level", "10"));
        all.extend(&options);
        let made = Client::new(&all);
        // Where it was made after all, it warned.
        assert_eq!(made.is_ok(), options[0].1 == "memory:", "{options:?}");
        clean(&format!("{options:?}"), &last_error());
        for line in said::everything() {
            clean("the log", &line);
        }
    }
}

/// A server of a few lines, which can be as hostile as a test wants.
struct Echo {
    address: SocketAddr,
    thread: Option<std::thread::JoinHandle<()>>,
    ends: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Echo {
    fn start(serve: impl Fn(&mut TcpStream) + Send + 'static) -> Echo {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ends = std::sync::Arc::<std::sync::atomic::AtomicBool>::default();
        let thread = std::thread::spawn({
            let ends = ends.clone();
            move || {
                while let Ok((mut stream, _)) = listener.accept() {
                    if ends.load(std::sync::atomic::Ordering::Relaxed) {
                        return;
                    }
                    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
                    serve(&mut stream);
                }
            }
        });
        Echo { address, thread: Some(thread), ends }
    }

    /// Gives the status line and the body for a request, head and body in one text.
    fn http(answer: impl Fn(&str) -> (String, String) + Send + 'static) -> Echo {
        Echo::start(move |stream| {
            let Some(request) = read_request(stream) else { return };
            let (status, body) = answer(&request);
            let secret = value("http_header").rsplit(": ").next().unwrap();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Location: http://{}:{secret}@127.0.0.1:1/elsewhere?secret={secret}#{secret}\r\nConnection: close\r\n\r\n",
                body.len(),
                value("username"),
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        })
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut part) {
            Ok(count) if count > 0 => request.extend(&part[..count]),
            _ => return None,
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.ends.store(true, std::sync::atomic::Ordering::Relaxed);
        // Wakes the thread up.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let done = thread.join();
            assert!(std::thread::panicking() || done.is_ok());
        }
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let found = std::panic::catch_unwind(|| clean("a text", "before pw-tin-of-biscuits behind"));
    assert!(found.is_err());
}
