//! Format `records`: requests, answers of every class, and connections that end at every moment.

use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::server::{Reply, Server};
use super::{chunk, open, send, settings, soon, transport};
use crate::net::{Abort, Cause};
use crate::transport::{Chunk, Sent};

fn endpoint(server: &Server) -> (&'static str, String) {
    ("endpoint", server.url(""))
}

fn to(server: &Server) -> Box<dyn crate::transport::Transport> {
    let (name, url) = endpoint(server);
    transport(&[(name, &url), ("io_timeout_ms", "20000")])
}

/// The answer to one chunk.
fn cause(server: &Server) -> (Cause, String) {
    let error = send(&mut *to(server), &chunk(&["a"])).unwrap_err();
    (error.cause, error.text)
}

#[test]
fn records_arrive_on_one_connection() {
    let server = Server::new(|_, _| Reply::new(201, &[], "thanks"));
    let url = server.url("");
    let headers = "X-Key: hush \u{e9}\n\nx-key: two\nUser-Agent: me";
    let mut transport = transport(&[("endpoint", &url), ("http_header", headers)]);
    assert!(!transport.is_connected());
    for texts in [&["a", "b"][..], &["c"]] {
        assert_eq!(send(&mut *transport, &chunk(texts)).unwrap(), Sent::Delivered);
        assert!(transport.is_connected() && transport.next_ack().unwrap().is_none() && !transport.is_worn());
        assert!(transport.is_connected() && transport.descriptor().is_some());
    }
    let requests = server.requests();
    let record = |text: &str| json!({"user_id": "u-1", "context": "c", "message": {"m": text}, "export_timestamp": 1_700_000_000});
    assert_eq!(requests[0].json(), json!([record("a"), record("b")]));
    assert_eq!(requests[1].json(), json!([record("c")]));
    for request in &requests {
        assert_eq!((request.line.as_str(), request.connection), ("POST /mona.client.message", 0));
        assert_eq!(request.header("host"), Some(server.address.to_string().as_str()));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert_eq!(request.header("content-encoding"), None);
        let extra: Vec<_> = request.headers.iter().filter(|(name, _)| name == "x-key").collect();
        assert_eq!((extra.len(), extra[0].1.as_str(), extra[1].1.as_str()), (2, "hush \u{e9}", "two"));
        assert_eq!(request.headers.iter().filter(|(name, _)| name == "user-agent").count(), 1);
    }
    transport.close(soon());
    assert!(!transport.is_connected());
    let plain = server.url("/tag?x=1");
    let mut transport = super::transport(&[("endpoint", &plain)]);
    send(&mut *transport, &chunk(&["a"])).unwrap();
    let last = server.requests().pop().unwrap();
    assert_eq!(last.line, "POST /tag?x=1");
    assert_eq!(last.header("user-agent"), Some(concat!("libmona/", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn gzip_on_request() {
    let server = Server::new(|_, _| Reply::status(200));
    let (name, url) = endpoint(&server);
    let mut transport = transport(&[(name, &url), ("compress", "gzip")]);
    assert!(!transport.takes_gzip());
    send(&mut *transport, &chunk(&["a"; 500])).unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(request.body.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().len(), 500);
    assert!(request.body.len() < 2000);
}

#[test]
fn a_record_a_line() {
    let server = Server::new(|_, _| Reply::status(200));
    let (name, url) = endpoint(&server);
    for compress in ["none", "gzip"] {
        let options = [(name, url.as_str()), ("http_format", "lines"), ("compress", compress)];
        let mut transport = transport(&options);
        assert_eq!(send(&mut *transport, &chunk(&["a", "b\n"])).unwrap(), Sent::Delivered);
        assert_eq!(transport.send(&Chunk::empty(), soon()).unwrap(), Sent::Delivered);
        let requests = server.requests();
        let texts: Vec<String> = requests[requests.len() - 2..]
            .iter()
            .map(|request| {
                assert_eq!(request.line, "POST /mona.client.message");
                assert_eq!(request.header("content-type"), Some("application/x-ndjson"));
                let is_gzip = request.header("content-encoding") == Some("gzip");
                assert_eq!(is_gzip, compress == "gzip");
                let mut text = String::new();
                match is_gzip {
                    true => GzDecoder::new(request.body.as_slice()).read_to_string(&mut text).unwrap(),
                    false => request.body.as_slice().read_to_string(&mut text).unwrap(),
                };
                text
            })
            .collect();
        let record = |text: &str| {
            format!(
                r#"{{"user_id":"u-1","context":"c","message":{{"m":"{text}"}},"export_timestamp":1700000000}}"#
            )
        };
        assert_eq!(texts, [format!("{}\n{}\n", record("a"), record("b\\n")), "\n".to_owned()]);
    }
}

#[test]
fn every_class_of_status_leaves_the_connection_open() {
    let statuses = [204, 408, 429, 500, 503, 413, 400, 422, 401, 403, 404, 307, 418];
    let server = Server::new(move |_, before| {
        let headers = ["Retry-After: 17", "Location: https://u:hush@new.example/hush?hush"];
        match statuses[before] {
            204 => Reply::raw("HTTP/1.1 204 Nothing\r\n\r\n"),
            status => Reply::new(status, &headers, "some reason"),
        }
    });
    let mut transport = to(&server);
    assert_eq!(send(&mut *transport, &chunk(&["a"])).unwrap(), Sent::Delivered);
    let busy = Cause::Busy { retry_after: Some(Duration::from_secs(17)) };
    for (status, cause) in statuses.into_iter().skip(1).zip([
        busy,
        busy,
        busy,
        busy,
        Cause::TooLarge,
        Cause::Refused,
        Cause::Refused,
        Cause::Configuration,
        Cause::Configuration,
        Cause::Configuration,
        Cause::Configuration,
        Cause::Configuration,
    ]) {
        let error = send(&mut *transport, &chunk(&["a"])).unwrap_err();
        assert_eq!(error.cause, cause, "{status}");
        assert!(error.text.contains(&status.to_string()) && !error.text.contains("hush"), "{}", error.text);
        assert_eq!(error.text.contains("set endpoint to https://new.example/..."), status == 307);
    }
    assert_eq!((server.requests().len(), server.connections()), (statuses.len(), 1));
}

#[test]
fn garbage_in_retry_after_is_no_wait() {
    let server = Server::new(|_, before| {
        let value = ["Retry-After: soon", "Retry-After: -3", "Retry-After: \u{e9}", "X: y"][before];
        Reply::new(503, &[value], "")
    });
    for _ in 0..4 {
        assert_eq!(cause(&server).0, Cause::Busy { retry_after: None });
    }
}

#[test]
fn a_connection_that_ends_before_the_answer_is_an_error() {
    for reply in ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", "HTTP/1.1 200 OK\r\nX: "] {
        let server = Server::new(|_, _| Reply::raw(reply).closing());
        let (cause, text) = cause(&server);
        assert_eq!(cause, Cause::Connection, "{text}");
        // A new connection meets the same, so it is not tried twice.
        assert_eq!(server.requests().len(), 1);
    }
    for reply in ["SSH-2.0-x\r\n\r\n", "\x15\x03\x01\x00\x02\x02\x28\r\n\r\n", "HTTP/9 200\r\n\r\n"] {
        let server = Server::new(|_, _| Reply::raw(reply).closing());
        let (cause, text) = cause(&server);
        assert_eq!(cause, Cause::Connection);
        assert!(text.contains("HTTP"), "{text}");
    }
    let server = Server::new(|_, _| Reply::raw(&format!("HTTP/1.1 200 OK\r\nX: {}\r\n", "y".repeat(40_000))));
    assert!(cause(&server).1.contains("16 KiB"));
}

#[test]
fn a_status_counts_although_its_body_breaks_off() {
    let server = Server::new(|_, before| {
        let status = [200, 503, 400][before];
        Reply::raw(&format!("HTTP/1.1 {status} X\r\nContent-Length: 100\r\n\r\nhalf")).closing()
    });
    let mut transport = to(&server);
    assert_eq!(send(&mut *transport, &chunk(&["a"])).unwrap(), Sent::Delivered);
    assert!(!transport.is_connected());
    let error = send(&mut *transport, &chunk(&["a"])).unwrap_err();
    assert_eq!(error.cause, Cause::Busy { retry_after: None });
    assert_eq!(send(&mut *transport, &chunk(&["a"])).unwrap_err().cause, Cause::Refused);
    assert_eq!((server.requests().len(), server.connections()), (3, 3));
}

#[test]
#[ignore = "slow: make test-slow"]
fn a_server_that_stops_reading_may_say_why() {
    // More than the buffers of two sockets hold, so that the client is still writing.
    let large = "x".repeat(24 << 20);
    let server = Server::with(
        |_, _| Reply::status(200),
        |request| match request.connection {
            0 => Some(Reply::raw("")),
            1 => Some(Reply::status(413)),
            2 => Some(Reply::status(200)),
            _ => None,
        },
        Box::new(|socket| Box::new(socket)),
    );
    let mut transport = to(&server);
    let error = send(&mut *transport, &chunk(&[&large])).unwrap_err();
    assert_eq!(error.cause, Cause::Connection, "{}", error.text);
    assert!(!transport.is_connected());
    let error = send(&mut *transport, &chunk(&[&large])).unwrap_err();
    assert_eq!(error.cause, Cause::TooLarge, "{}", error.text);
    let error = send(&mut *transport, &chunk(&[&large])).unwrap_err();
    assert!(error.cause == Cause::Connection && error.text.contains("half-way"), "{}", error.text);
    assert_eq!(send(&mut *transport, &chunk(&[&large])).unwrap(), Sent::Delivered);
    assert_eq!(server.connections(), 4);
    // An answer that is read by a client still writing: the lingering close of a careful server.
    let lingering = Server::with(
        |_, _| Reply::status(200),
        |_| None,
        Box::new(|mut socket| {
            use std::io::Write as _;
            socket
                .write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .unwrap();
            socket.shutdown(std::net::Shutdown::Write).unwrap();
            Box::new(socket)
        }),
    );
    assert_eq!(send(&mut *to(&lingering), &chunk(&[&large])).unwrap_err().cause, Cause::TooLarge);
}

#[test]
fn a_connection_that_the_server_dropped_while_idle_is_replaced_without_an_error() {
    // Closed after the answer, without a word about it.
    let server = Server::new(|_, _| Reply::status(200).closing());
    let mut transport = to(&server);
    for _ in 0..3 {
        assert_eq!(send(&mut *transport, &chunk(&["a"])).unwrap(), Sent::Delivered);
    }
    assert_eq!(server.requests().len(), 3);
    // Closed when the next request is already on its way.
    let server = Server::new(|_, before| match before {
        1 => Reply::raw("").closing(),
        _ => Reply::status(200),
    });
    let mut transport = to(&server);
    for _ in 0..3 {
        assert_eq!(send(&mut *transport, &chunk(&["a"])).unwrap(), Sent::Delivered);
    }
    assert_eq!((server.requests().len(), server.connections()), (4, 2));
}

#[test]
fn a_connection_whose_state_is_in_doubt_is_not_used_again() {
    let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
    for (reply, connections) in [
        (format!("{ok}\r\n"), 1),
        (format!("{ok}Connection: close\r\n\r\n"), 3),
        (format!("{ok}\r\nHTTP/1.1 413 Of another\r\nContent-Length: 0\r\n\r\n"), 3),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(), 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n".to_owned(), 3),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n".to_owned(), 1),
    ] {
        let text = reply.clone();
        let server = Server::new(move |_, _| Reply::raw(&text));
        let mut transport = to(&server);
        for _ in 0..3 {
            assert_eq!(send(&mut *transport, &chunk(&["a"])).unwrap(), Sent::Delivered, "{reply:?}");
        }
        assert_eq!((server.requests().len(), server.connections()), (3, connections), "{reply:?}");
    }
}

#[test]
fn the_end_of_an_idle_connection_is_noticed() {
    let server = Server::new(|_, _| Reply::status(200));
    let mut transport = to(&server);
    send(&mut *transport, &chunk(&["a"])).unwrap();
    transport.next_ack().unwrap();
    assert!(transport.is_connected());
    drop(server);
    let deadline = soon();
    while transport.is_connected() {
        assert!(!deadline.is_over(), "the end was never noticed");
        if let Some(descriptor) = transport.descriptor() {
            crate::sys::poll::wait_readable(&[descriptor], Duration::from_secs(10));
        }
        transport.next_ack().unwrap();
    }
    assert_eq!(transport.descriptor(), None);
}

#[test]
fn silence_ends_with_its_time_and_with_an_abort() {
    let server = Server::new(|_, _| Reply::silent());
    let (name, url) = endpoint(&server);
    let mut transport = transport(&[(name, &url), ("io_timeout_ms", "100")]);
    let error = send(&mut *transport, &chunk(&["a"])).unwrap_err();
    assert!(error.cause == Cause::Connection && error.text.contains("io_timeout_ms"), "{}", error.text);
    assert!(!transport.is_connected());
    let abort = Arc::new(Abort::default());
    let mut transport = open(&settings(&[(name, &url), ("io_timeout_ms", "60000")], &[]), &abort);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            abort.fire();
        });
        let start = Instant::now();
        assert!(send(&mut *transport, &chunk(&["a"])).is_err());
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    });
    assert!(transport.connect(soon()).is_err());
}

#[test]
fn nobody_listening_is_a_error_of_the_connection() {
    let server = Server::new(|_, _| Reply::status(200));
    let (name, url) = endpoint(&server);
    drop(server);
    let mut transport = transport(&[(name, &url)]);
    let error = transport.connect(soon()).unwrap_err();
    assert!(error.cause == Cause::Connection && error.kind == "connect", "{error:?}");
}

#[test]
fn a_chunk_too_large_for_one_request_is_handed_back() {
    let server = Server::new(|_, _| Reply::status(200));
    let mut transport = to(&server);
    let text = "x".repeat(600_000);
    let error = send(&mut *transport, &chunk(&[&text, &text])).unwrap_err();
    assert_eq!(error.cause, Cause::TooLarge);
    assert!(transport.is_connected() && server.requests().is_empty());
}
