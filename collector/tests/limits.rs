//! What strangers may take of a collector: memory, time, places, and names that are not its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use common::http::{answer, ask, json, request};
use common::*;
use mona_collector::{
    Authority, Budget, FaultCollector, FluentBit, Handshake, Limits, Listen, Script, Service, Tls,
};

const JSON: &str = "Content-Type: application/json";
const GZIP: &str = "Content-Encoding: gzip";

fn start(service: Service) -> FaultCollector {
    FaultCollector::serve(Listen::Tcp, service, Script::normal()).unwrap()
}

fn client(collector: &FaultCollector) -> TcpStream {
    connect(collector.addr().unwrap())
}

/// Short enough to wait for: what the case at hand is about.
const SHORT: Duration = Duration::from_millis(200);

/// What no case waits for, so that a busy machine does not end it for another reason.
fn patient() -> Limits {
    Limits { handshake: LONG, head: LONG, progress: LONG, idle: LONG, room: LONG, ..Limits::default() }
}

fn complains(collector: &FaultCollector, of: &str) {
    eventually(of, || collector.complaints().iter().any(|complaint| complaint.contains(of)));
}

fn numbers(count: usize) -> String {
    vec!["0"; count].join(",")
}

/// The head of a request, and the beginning of its body.
fn unfinished(length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("POST /t HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[test]
fn a_million_messages_in_two_kilobytes_are_refused() {
    let collector = start(Service::http());
    let mut stream = client(&collector);
    let wrong = gzip(format!(r#"{{"userId":"u","messages":[{}]}}"#, numbers(1_000_000)).as_bytes());
    assert!(wrong.len() < 3_000, "{}", wrong.len());
    let said = ask(&mut stream, &request("/monaExport", &[JSON, GZIP], &wrong));
    assert_eq!(said.status, 400);
    assert_eq!(
        said.json()["topLevelError"],
        "messages: found more than 10000 that are wrong, expected no more"
    );
    let message = r#"{"message":{},"contextId":"c","arcClass":"k"}"#;
    let many = format!(r#"{{"userId":"u","messages":[{}]}}"#, vec![message; 250_001].join(","));
    let said = ask(&mut stream, &request("/monaExport", &[JSON, GZIP], &gzip(many.as_bytes())));
    assert_eq!((said.status, said.json()["topLevelError"].as_str().unwrap().contains("250000")), (413, true));
    let records = gzip(format!("[{}]", vec!["{}"; 250_001].join(",")).as_bytes());
    assert_eq!(ask(&mut stream, &request("/t", &[JSON, GZIP], &records)).status, 413);
    assert_eq!(ask(&mut stream, &json("/t", "[{}]")).status, 201);
    assert_eq!(collector.ledger().totals.records, 1);

    let collector = start(Service::forward());
    let mut stream = client(&collector);
    let entries = [0x92, 1, 0x80].repeat(250_001);
    stream.write_all(&body(&gzip(&entries), &option(Some("id"), 1, true))).unwrap();
    assert!(rest(&mut stream).0.is_empty());
    complains(&collector, "entries: found more than 250000, expected no more");
}

#[test]
fn failures_up_to_a_bound_are_named() {
    let collector = start(Service::http());
    let mut stream = client(&collector);
    let body = |count| format!(r#"{{"userId":"u","messages":[{}]}}"#, numbers(count));
    let said = ask(&mut stream, &json("/monaExport", &body(10_000)));
    assert_eq!((said.status, said.json()["failure_reasons"].as_object().unwrap().len()), (400, 10_000));
    assert!(ask(&mut stream, &json("/monaExport", &body(10_001))).json().get("topLevelError").is_some());
}

#[test]
fn unfinished_bodies_share_one_memory() {
    let budget = Budget::new(1 << 20);
    let collector = start(Service::http().budget(budget.clone()));
    let mut holders: Vec<TcpStream> = (0..2).map(|_| client(&collector)).collect();
    for holder in &mut holders {
        holder.write_all(&unfinished(400_000, &vec![b' '; 300_000])).unwrap();
    }
    eventually("all of it is there", || budget.used() >= 600_000);
    let body = format!("[{}{{}}]", " ".repeat(460_000));
    let mut stream = client(&collector);
    let said = ask(&mut stream, &json("/t", &body));
    assert_eq!((said.status, said.header("retry-after")), (503, Some("1")));
    // The same when a small body unfolds.
    let said = ask(&mut client(&collector), &request("/t", &[JSON, GZIP], &gzip(body.as_bytes())));
    assert_eq!((said.status, said.header("retry-after")), (503, Some("1")));
    assert_eq!(ask(&mut client(&collector), &json("/t", "[{}]")).status, 201, "there is some left");
    drop(holders);
    eventually("it is given back", || budget.used() == 0);
    assert_eq!(ask(&mut client(&collector), &json("/t", &body)).status, 201);
    // One that no memory would be enough for.
    let large = format!("[{}{{}}]", " ".repeat(1 << 20));
    let said = ask(&mut client(&collector), &request("/t", &[JSON, GZIP], &gzip(large.as_bytes())));
    assert_eq!(said.status, 413);
    eventually("it is given back", || budget.used() == 0);
}

#[test]
fn forward_waits_for_memory() {
    let budget = Budget::new(2 << 20);
    let collector = start(Service::forward().budget(budget.clone()));
    let mut holder = client(&collector);
    let large = packed("large", &[record("c", &field_text("t", &"x".repeat(600_000)), None)]);
    holder.write_all(&large[..580_000]).unwrap();
    eventually("it is there", || budget.used() >= 580_000);
    let mut waiting = client(&collector);
    let bomb = body(
        &gzip(&entries(&[record("d", &field_text("t", &" ".repeat(600_000)), None)])),
        &option(Some("d"), 1, true),
    );
    waiting.write_all(&bomb).unwrap();
    expect_silence(&mut waiting);
    holder.write_all(&large[580_000..]).unwrap();
    expect(&mut holder, &ack("large"));
    // What is idle holds none of it, however large its last message was.
    expect(&mut waiting, &ack("d"));
    eventually("both keep little", || budget.used() <= 2 * (64 << 10));
    drop((holder, waiting));
    eventually("it is given back", || budget.used() == 0);

    // Nobody gives anything back in time.
    let limits = Limits { room: SHORT, ..patient() };
    let collector = start(Service::forward().budget(budget.clone()).limits(limits));
    let mut holder = client(&collector);
    holder.write_all(&large[..580_000]).unwrap();
    eventually("it is there", || budget.used() >= 580_000);
    let mut waiting = client(&collector);
    waiting.write_all(&bomb).unwrap();
    assert!(rest(&mut waiting).0.is_empty());
    complains(&collector, "memory: found all of it in use by other messages");
}

#[test]
fn a_gzip_bomb_is_one_message_at_most() {
    let zeros = gzip(&vec![b' '; (64 << 20) + 1]);
    let collector = start(Service::http());
    let said = ask(&mut client(&collector), &request("/t", &[JSON, GZIP], &zeros));
    assert_eq!(said.status, 413);
    let collector = start(Service::forward());
    let mut stream = client(&collector);
    stream.write_all(&body(&zeros, &option(None, 1, true))).unwrap();
    assert!(rest(&mut stream).0.is_empty());
    complains(&collector, "when decompressed");
}

#[test]
fn requests_that_stand_still_are_given_up() {
    let collector = start(Service::http().limits(Limits { idle: SHORT, ..patient() }));
    let mut idle = client(&collector);
    assert_eq!(rest(&mut idle), (Vec::new(), false));
    assert!(collector.complaints().is_empty(), "an idle connection is no fault");

    let collector = start(Service::http().limits(Limits { head: SHORT, ..patient() }));
    let mut head = client(&collector);
    head.write_all(b"POST / HTTP/1.1\r\nHost: loc").unwrap();
    rest(&mut head);
    complains(&collector, "the head of a request took too long");

    let collector = start(Service::http().limits(Limits { progress: SHORT, ..patient() }));
    let mut stream = client(&collector);
    stream.write_all(&unfinished(100, b"[")).unwrap();
    let said = answer(&mut stream);
    assert_eq!((said.status, said.header("connection")), (408, Some("close")));
    rest(&mut stream);

    // Byte by byte it takes no longer: what crawls is as bad as what stands still.
    let mut slow = client(&collector);
    slow.write_all(&unfinished(1_000_000, b"[")).unwrap();
    let crawling = std::thread::spawn({
        let mut slow = slow.try_clone().unwrap();
        move || {
            while slow.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    assert_eq!(answer(&mut slow).status, 408);
    rest(&mut slow);
    drop(slow);
    crawling.join().unwrap();
    assert_eq!(ask(&mut client(&collector), &json("/t", "[{}]")).status, 201);
}

#[test]
fn messages_and_handshakes_that_stand_still_are_given_up() {
    let collector = start(Service::forward().limits(Limits { progress: SHORT, ..patient() }));
    let mut idle = client(&collector);
    let mut stream = client(&collector);
    stream.write_all(&chunk("one", 1)[..20]).unwrap();
    assert!(rest(&mut stream).0.is_empty());
    complains(&collector, "nothing came for too long inside a message");
    idle.write_all(&chunk("two", 2)).unwrap();
    expect(&mut idle, &ack("two"));

    let limits = Limits { handshake: SHORT, ..patient() };
    let keyed = start(Service::forward().handshake(Handshake::new("key")).limits(limits));
    let mut stream = client(&keyed);
    expect(&mut stream, b"\x92\xa4HELO");
    rest(&mut stream);
    complains(&keyed, "the handshake took too long");

    let authority = Authority::new().unwrap();
    let tls = Tls::try_from(authority.server(&["localhost"]).unwrap()).unwrap();
    // Its HELO, and so its wait for the handshake, comes before anything is read.
    let slow = FluentBit::new().delays(Duration::ZERO, Duration::from_millis(1));
    for service in [Service::forward(), Service::http(), Service::forward().like(Arc::new(slow))] {
        let secure = start(service.tls(tls.clone()).limits(limits));
        let mut stream = client(&secure);
        stream.write_all(b"\x16\x03\x01").unwrap();
        rest(&mut stream);
        complains(&secure, "the handshake took too long");
    }
}

#[test]
fn the_longest_idle_gives_way_to_a_client_that_works() {
    for service in [Service::forward(), Service::http()] {
        let is_http = service.scheme() == "http";
        let work = |stream: &mut TcpStream, n: u64| match is_http {
            true => assert_eq!(ask(stream, &json("/t", "[{}]")).status, 201),
            false => {
                let id = n.to_string();
                stream.write_all(&chunk(&id, n)).unwrap();
                expect(stream, &ack(&id));
            }
        };
        let limits = Limits { connections: 16, ..Limits::default() };
        let collector = start(service.limits(limits));
        let mut good = client(&collector);
        work(&mut good, 0);
        let mut sockets: Vec<TcpStream> = Vec::new();
        for n in 1..=64 {
            sockets.push(client(&collector));
            assert!(collector.wait_for_connections(n + 1, LONG));
            work(&mut good, n);
        }
        let mut another = client(&collector);
        work(&mut another, 100);
        work(&mut good, 101);
        eventually("the others are closed", || collector.open_connections() <= 16);
        assert_eq!(rest(&mut sockets[0]), (Vec::new(), false), "closed, not broken");
        complains(&collector, "16 were open, and it was idle the longest");

        // Those in the middle of something stay.
        let collector = start(match is_http {
            true => Service::http().limits(limits),
            false => Service::forward().limits(limits),
        });
        let begin = if is_http { unfinished(100, b"[") } else { chunk("x", 1)[..20].to_vec() };
        let mut busy: Vec<TcpStream> = (0..16).map(|_| client(&collector)).collect();
        busy.iter_mut().for_each(|stream| stream.write_all(&begin).unwrap());
        let all = 16 * begin.len() as u64;
        eventually("all of it is there", || collector.ledger().totals.bytes == all);
        assert!(!matches!(client(&collector).read(&mut [0; 1]), Ok(1..)));
        complains(&collector, "found 16 others open and at work, expected fewer");
        assert_eq!(collector.open_connections(), 16);
    }
}

#[test]
fn requests_for_others_and_from_foreign_pages_are_refused() {
    let collector = start(Service::http().allow_host("collector.lan"));
    let port = collector.addr().unwrap().port();
    let post = |host: &str, further: &str| {
        let text =
            format!("POST /t HTTP/1.1\r\nHost: {host}\r\n{JSON}\r\n{further}Content-Length: 4\r\n\r\n[{{}}]");
        let said = ask(&mut client(&collector), text.as_bytes());
        (said.status, said.body)
    };
    for host in ["localhost", "127.0.0.1", "[::1]", "Collector.LAN"] {
        assert_eq!(post(&format!("{host}:{port}"), "").0, 201, "{host}");
    }
    let (status, sentence) = post(&format!("rebound.example:{port}"), "");
    assert_eq!(status, 403);
    assert!(sentence.starts_with("host: found \"rebound.example:") && sentence.contains("--allow-host"));
    assert_eq!(post("localhost", "Host: other\r\n").0, 403);
    assert_eq!(post("localhost", "Origin: https://evil.example\r\n").0, 403);
    assert_eq!(post("localhost", "Origin: null\r\n").0, 403);
    assert_eq!(post("localhost", "Origin: http://localhost:3000\r\n").0, 201);
    // The one kind of body that a page may send without asking first.
    let simple =
        "POST /t HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n[{}]";
    assert_eq!(ask(&mut client(&collector), simple.as_bytes()).status, 415);
    let asking = "OPTIONS /t HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n\r\n";
    let said = ask(&mut client(&collector), asking.as_bytes());
    assert_eq!((said.status, said.header("access-control-allow-origin")), (405, None));
    assert_eq!(collector.ledger().totals.records, 5);
}
