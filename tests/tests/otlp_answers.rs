//! What servers answer to OTLP that are no receivers of it, or careless ones: nothing is lost, and nothing is counted
//! that did not happen.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test has to fail loudly"
)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use mona_collector::{FaultCollector, Listen, Script, Service};
use mona_tests::ledger::{client, context, export};
use mona_tests::native::status;
use mona_tests::reach::{FLUSH_MS, eventually};
use mona_tests::said;
use mona_tests::tap::Tap;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use prost::Message as _;

/// A server that answers every request in the same words, whatever these are.
struct Server {
    address: SocketAddr,
    words: Arc<Mutex<Vec<u8>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn saying(words: impl Into<Vec<u8>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (words, is_over) = (Arc::new(Mutex::new(words.into())), Arc::new(AtomicBool::new(false)));
        let (said, ends) = (Arc::clone(&words), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept()
                && !ends.load(Ordering::SeqCst)
            {
                let _ = serve(stream, &said);
            }
        });
        Server { address, words, is_over, thread: Some(thread) }
    }

    fn says(&self, words: impl Into<Vec<u8>>) {
        *self.words.lock().unwrap() = words.into();
    }

    fn endpoint(&self) -> String {
        format!("otlp+http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().map(JoinHandle::join);
    }
}

/// Reads one request, answers it and closes.
fn serve(mut stream: TcpStream, words: &Mutex<Vec<u8>>) -> std::io::Result<()> {
    let (mut sent, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let head = sent.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = head {
            let text = String::from_utf8_lossy(&sent[..end]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if sent.len() >= end + 4 + length {
                break;
            }
        }
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            count => sent.extend_from_slice(&piece[..count]),
        }
    }
    let words = words.lock().unwrap().clone();
    stream.write_all(&words)
}

/// An answer with these header lines and this body.
fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

const PROTOBUF: &str = "Content-Type: application/x-protobuf\r\n";

#[test]
fn a_page_that_comes_with_success_is_no_delivery() {
    let page = answer("200 OK", "Content-Type: text/html\r\n", b"<!DOCTYPE html>\n<title>Log in</title>");
    let server = Server::saying(page);
    let client = client(&server.endpoint(), &[]);
    let (checked, report) = client.check(10_000);
    assert!(checked == status::IO && report.contains("a page in HTML"), "{report}");
    export(&context(&client), "main", 0..100, 20);
    said::wait_for(&server.address.to_string(), &["a page in HTML", "events are kept"]);
    let stats = client.stats();
    assert!(stats.balanced() && stats.delivered == 0 && stats.dropped() == 0, "{stats:?}");
    server.says(answer("200 OK", PROTOBUF, b""));
    assert_eq!(client.flush(FLUSH_MS), Ok(()));
    let stats = client.stats();
    assert!(stats.balanced() && stats.delivered == 100, "{stats:?}");
}

#[test]
fn what_was_refused_is_counted_however_it_is_said() {
    let json = "Content-Type: application/json\r\n";
    let in_json = br#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"odd"}}"#;
    for (headers, body, rejected) in [
        (PROTOBUF, &b"\x0a\x06\x08\x03\x12\x02\xff\xfe"[..], 3),
        ("", b"\x0a\x06\x08\x03\x12\x02no", 3),
        (json, in_json, 3),
        ("", in_json, 3),
        // More than were sent, and fewer than none.
        (PROTOBUF, b"\x0a\x04\x08\xff\xff\x03", 10),
        (PROTOBUF, b"\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0),
        (PROTOBUF, b"\x0a\x7f\x08\x03", 0),
        ("", b"", 0),
        ("", b"ok", 0),
    ] {
        let server = Server::saying(answer("200 OK", headers, body));
        let client = client(&server.endpoint(), &[("flush_interval_ms", "60000")]);
        export(&context(&client), "main", 0..10, 20);
        assert_eq!(client.flush(FLUSH_MS), Ok(()));
        let stats = client.stats();
        let counts = (stats.delivered, stats.dropped_rejected);
        assert!(stats.balanced() && counts == (10 - rejected, rejected), "{headers} {body:?} {stats:?}");
    }
}

#[test]
fn half_a_secret_is_not_shown_either() {
    let secret = "hush-0123456789-abcdefghijklmnopqrstuvwxyz";
    // Words are cut somewhere; each of these has the secret at the cut for some lengths of what is shown.
    for start in [40, 60, 80, 100, 120, 140, 160, 180, 200, 250, 490] {
        let words = format!("{} {secret} is no key", "x".repeat(start));
        let server =
            Server::saying(answer("403 Forbidden", "Content-Type: text/plain\r\n", words.as_bytes()));
        let client =
            client(&server.endpoint(), &[("http_header", &format!("Authorization: Bearer {secret}"))]);
        let (checked, report) = client.check(10_000);
        assert!(checked == status::IO && report.contains("403"), "{report}");
        assert!(!report.contains("hush") && !report.contains("012345"), "{start}: {report}");
    }
}

#[test]
fn a_port_of_grpc_is_none_of_http() {
    // Settings of HTTP/2, with which every server of gRPC begins.
    let settings = b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0";
    let server = Server::saying(&settings[..]);
    let client = client(&server.endpoint(), &[]);
    let (checked, report) = client.check(10_000);
    assert_eq!(checked, status::IO, "{report}");
    assert!(report.contains("gRPC") && report.contains("4318"), "{report}");
    export(&context(&client), "main", 0..10, 20);
    assert!(eventually(std::time::Duration::from_secs(120), || client.stats().connections > 2));
    let stats = client.stats();
    assert!(stats.balanced() && stats.delivered == 0 && stats.dropped() == 0, "{stats:?}");
}

#[test]
fn what_is_too_deep_for_readers_of_protobuf_is_said_at_once() {
    let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let collector = FaultCollector::serve(Listen::Tcp, Service::otlp(), Script::normal()).unwrap();
    for (encoding, deepest) in [("protobuf", 31), ("json", 60)] {
        let tap = Tap::to(collector.addr().unwrap()).unwrap();
        let endpoint = format!("otlp+http://{}", tap.address());
        let client = client(&endpoint, &[("otlp_encoding", encoding), ("compress", "none")]);
        client.set_globals(Some(&nested(deepest))).unwrap();
        let context = context(&client);
        assert_eq!(context.export(&nested(deepest), 0.0), Ok(()), "{encoding}");
        assert_eq!(context.export(&nested(deepest + 1), 0.0), Err(status::LIMIT), "{encoding}");
        assert_eq!(client.close(FLUSH_MS), Ok(()));
        let stats = client.stats();
        assert!(stats.balanced() && stats.delivered >= 1 && stats.dropped() == 0, "{stats:?}");
        if encoding == "protobuf" {
            let sent = tap.sent().concat();
            let start = sent.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
            let head = String::from_utf8_lossy(&sent[..start]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
            let length: usize = length.trim().parse().unwrap();
            // This reader stops at 100 messages in each other.
            ExportLogsServiceRequest::decode(&sent[start..start + length]).unwrap();
        }
    }
}
