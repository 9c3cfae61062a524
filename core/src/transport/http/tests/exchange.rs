//! Requests and answers over bare sockets: everything that a server may send, in every piece.
//!
//! What counts is what the sender makes of it: an event is delivered only by a success that came for its whole
//! request, a status says what became of the data even if its body breaks off, a connection in doubt is not used
//! again, and no wait outlasts its bound.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::server::{Reply, Server};
use super::{chunk, send, settings, soon, transport};
use crate::net::Cause;
use crate::net::url::HttpUrl;
use crate::transport::Sent;
use crate::transport::http::answer::Input;
use crate::transport::http::exchange::{Caller, Post};

/// What a request came to, and whether its connection is kept for another one.
struct Outcome {
    sent: Result<Sent, (Cause, String)>,
    keeps: bool,
}

impl Outcome {
    /// In the words of a status.
    fn status(&self) -> u16 {
        match &self.sent {
            Ok(_) => 200,
            Err((_, text)) => {
                let status = text.split("answered ").nth(1).and_then(|rest| rest.get(..3));
                status.and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{text}"))
            }
        }
    }

    fn error(self) -> (Cause, String) {
        self.sent.unwrap_err()
    }
}

/// What a request with these options comes to at a server that does this with its connection.
fn ask_with(options: &[(&str, &str)], text: &str, server: impl FnOnce(&mut TcpStream) + Send) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut transport = transport(&[&[("endpoint", url.as_str())], options].concat());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut socket, _) = listener.accept().unwrap();
            socket.set_nodelay(true).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            server(&mut socket);
            // Waits for the other side, so that nothing is reset.
            let _ = socket.read(&mut [0]);
        });
        let sent = send(&mut *transport, &chunk(&[text])).map_err(|error| (error.cause, error.text));
        let outcome = Outcome { sent, keeps: transport.is_connected() };
        drop(transport);
        outcome
    })
}

const PATIENT: (&str, &str) = ("io_timeout_ms", "20000");

fn ask(server: impl FnOnce(&mut TcpStream) + Send) -> Outcome {
    ask_with(&[PATIENT], "a", server)
}

/// The head of a request, in lower case.
fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// The body of a request with this head.
fn read_body(socket: &mut TcpStream, head: &str) {
    let length = head.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    socket.read_exact(&mut body).unwrap();
    assert_eq!((body.first(), body.last()), (Some(&b'['), Some(&b']')));
}

fn read_request(socket: &mut TcpStream) {
    let head = read_head(socket);
    read_body(socket, &head);
}

/// The outcome when the server answers with `text`.
fn answered(text: &str) -> Outcome {
    ask(|socket| {
        read_request(socket);
        socket.write_all(text.as_bytes()).unwrap();
    })
}

/// The outcome when the server answers with `text` and closes.
fn closed_after(text: &str) -> Outcome {
    ask(|socket| {
        read_request(socket);
        socket.write_all(text.as_bytes()).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
    })
}

#[test]
fn answers_that_end_by_themselves() {
    for (text, status, keeps) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", 200, false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200, false),
        ("HTTP/1.1 400 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", 400, false),
        ("HTTP/1.1 400 No\r\nContent-Length: 2\r\nConnection: Upgrade, CLOSE\r\n\r\nab", 400, false),
        ("HTTP/1.1 400 No\r\nContent-Length: 2\r\nConnection: x\r\nConnection: close\r\n\r\nab", 400, false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab", 200, true),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab", 200, true),
        ("HTTP/1.1 204 No\r\n\r\n", 200, true),
        ("HTTP/1.1 304 Old\r\nContent-Length: 9\r\n\r\n", 304, true),
        ("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 500, true),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\na\r\n0;c\r\nT: u\r\n\r\n", 200, true),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP", 200, false),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nsoon\r\n", 200, false),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 200, false),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\na", 200, false),
        ("HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 200, true),
        ("HTTP/1.1 100 Go on\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 200, true),
        ("HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 103 Look\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 200, true),
        ("HTTP/1.1 103 Look\r\n\r\nHTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", 503, true),
        ("HTTP/1.1 101 Else\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 101, false),
        ("\r\nHTTP/1.1 204 No\r\n\r\n", 200, true),
        // Two ends of one body: the status counts, and the connection is not used again.
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, false),
        ("HTTP/1.1 503 X\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab", 503, false),
        ("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 200, true),
    ] {
        let outcome = answered(text);
        assert_eq!((outcome.status(), outcome.keeps), (status, keeps), "{text:?}");
        let in_bytes = ask(|socket| {
            read_request(socket);
            for byte in text.as_bytes() {
                // The client may have read enough.
                let _ = socket.write_all(&[*byte]);
                // Long enough that most of them arrive alone.
                std::thread::sleep(Duration::from_micros(100));
            }
        });
        assert_eq!(in_bytes.status(), status, "{text:?}");
        // What stands behind an answer may not have arrived with it; then the next look finds it.
        let has_more = text.contains("abc") || text.contains("\r\nHTTP");
        assert!(in_bytes.keeps == keeps || has_more, "{text:?}");
    }
}

#[test]
fn answers_that_end_with_the_connection() {
    for (text, status) in [
        ("HTTP/1.1 200 OK\r\n\r\nall of it", 200),
        ("HTTP/1.0 400 No\r\n\r\nreason", 400),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200),
        ("HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nhalf", 503),
        ("HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", 503),
        ("HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", 503),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", 200),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n1\na\n0\n\n", 200),
    ] {
        let outcome = closed_after(text);
        assert_eq!((outcome.status(), outcome.keeps), (status, false), "{text:?}");
    }
}

#[test]
fn what_is_no_answer() {
    let head = |fields: &str| format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
    for (text, expected) in [
        (String::new(), "closed before"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".to_owned(), "closed before"),
        ("HTTP/1.1 100 Go on\r\n\r\n".to_owned(), "closed before"),
        ("HTTP/1.1 100 Go on\r\nA: b\r\n".to_owned(), "closed before"),
        ("HTTP/1.1 100 Go on\r\nA : b\r\n\r\nHTTP/1.1 204 No\r\n\r\n".to_owned(), "no HTTP/1.1"),
        (head("Content-Length: 5\r\nContent-Length: 6\r\n") + "abcde", "no HTTP/1.1"),
        (head("Content-Length: 5, 6\r\n") + "abcde", "no HTTP/1.1"),
        (head("Content-Length: 5,\r\n") + "abcde", "no HTTP/1.1"),
        (head("Content-Length:\r\n"), "no HTTP/1.1"),
        (head("Content-Length: -1\r\n"), "no HTTP/1.1"),
        (head("Content-Length: +5\r\n") + "abcde", "no HTTP/1.1"),
        (head("Content-Length: 0x5\r\n") + "abcde", "no HTTP/1.1"),
        (head("Content-Length: 18446744073709551616\r\n"), "no HTTP/1.1"),
        (head("A : b\r\n"), "no HTTP/1.1"),
        (head("A: b\0c\r\n"), "no HTTP/1.1"),
        (head("A: b\rc\r\n"), "no HTTP/1.1"),
        (head("A: b\r\n c\r\n"), "no HTTP/1.1"),
        (head("nothing\r\n"), "no HTTP/1.1"),
        ("HTTP/1.2 200 OK\r\n\r\n".to_owned(), "no HTTP/1.1"),
        ("HTTP/2.0 200 OK\r\n\r\n".to_owned(), "no HTTP/1.1"),
        ("HTTP/1.1 099 X\r\n\r\n".to_owned(), "no HTTP/1.1"),
        ("HTTP/1.1 2000 X\r\n\r\n".to_owned(), "no HTTP/1.1"),
        ("ICY 200 OK\r\n\r\n".to_owned(), "no HTTP/1.1"),
        ("<html></html>".to_owned(), "no HTTP/1.1"),
        (head(&"A: b\r\n".repeat(200)), "no HTTP/1.1"),
    ] {
        let outcome = closed_after(&text);
        assert!(!outcome.keeps, "{text:?}");
        let (cause, said) = outcome.error();
        assert!(cause == Cause::Connection && said.contains(expected), "{text:?}: {said}");
    }
    let long = head(&("A: b\r\n".repeat(50) + "C: " + &"C".repeat(16 * 1024)));
    for text in [&long, long.trim_end()] {
        let (cause, said) = answered(text).error();
        assert!(cause == Cause::Connection && said.contains("16 KiB"), "{said}");
    }
}

#[test]
fn a_body_beyond_all_bounds_is_cut() {
    let long = "x".repeat(3 << 20);
    for head in ["Content-Length: 3145728", "Transfer-Encoding: chunked", "X: y"] {
        let start = if head.contains("chunked") { "300000\r\n" } else { "" };
        let outcome = ask(|socket| {
            read_request(socket);
            // It is not read to its end.
            let _ = socket.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{start}{long}").as_bytes());
        });
        assert_eq!((outcome.status(), outcome.keeps), (200, false), "{head}");
    }
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n{}", &long[..1 << 20]);
    let outcome = answered(&whole);
    assert_eq!((outcome.status(), outcome.keeps), (200, true));
}

#[test]
fn an_answer_may_come_before_the_request_is_read() {
    let outcome = ask(|socket| {
        socket.write_all(b"HTTP/1.1 429 Busy\r\nContent-Length: 0\r\n\r\n").unwrap();
        read_request(socket);
    });
    assert_eq!((outcome.status(), outcome.keeps), (429, true));
}

#[test]
#[ignore = "slow: make test-slow"]
fn what_trickles_in_puts_no_bound_off() {
    for start in [
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 102 Wait\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ] {
        let began = Instant::now();
        let outcome = ask_with(&[("io_timeout_ms", "300")], "a", |socket| {
            read_request(socket);
            let mut is_open = socket.write_all(start.as_bytes()).is_ok();
            while is_open && began.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(20));
                is_open = socket.write_all(b"x").is_ok();
            }
        });
        assert!(began.elapsed() < Duration::from_secs(30), "{start:?}: {:?}", began.elapsed());
        assert!(!outcome.keeps, "{start:?}");
        match outcome.sent {
            Ok(_) => assert!(start.starts_with("HTTP/1.1 200") && start.contains("\r\n\r\n"), "{start:?}"),
            Err((_, text)) => {
                assert!(text.contains("io_timeout_ms") || text.contains("no HTTP"), "{start:?}: {text}");
            }
        }
    }
}

#[test]
fn what_has_no_end_is_given_one() {
    for (start, on, said) in [
        ("", "HTTP/1.1 100 Continue\r\n\r\n", "interim"),
        ("", "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", "interim"),
        ("HTTP/1.1 100 Continue\r\n", "A: b\r\n", ""),
        ("HTTP/1.1 200 OK\r\n", "A: b\r\n", ""),
        ("", "\r\n", ""),
    ] {
        let outcome = ask(|socket| {
            read_request(socket);
            let text = start.to_owned() + &on.repeat(1000);
            let mut is_open = socket.write_all(text.as_bytes()).is_ok();
            while is_open {
                is_open = socket.write_all(on.repeat(1000).as_bytes()).is_ok();
            }
        });
        assert!(!outcome.keeps, "{on:?}");
        let (cause, text) = outcome.error();
        assert!(cause == Cause::Connection && text.contains(said), "{on:?}: {text}");
    }
    // What comes behind the status changes nothing, and is not read for ever.
    for start in ["Transfer-Encoding: chunked\r\n\r\n0\r\n", "Transfer-Encoding: chunked\r\n\r\n", "\r\n"] {
        let on = if start.ends_with("0\r\n") { "A: b\r\n" } else { "1\r\na\r\n" };
        let outcome = ask_with(&[("io_timeout_ms", "500")], "a", |socket| {
            read_request(socket);
            let head = format!("HTTP/1.1 200 OK\r\n{start}");
            let mut is_open = socket.write_all(head.as_bytes()).is_ok();
            while is_open {
                is_open = socket.write_all(on.repeat(1000).as_bytes()).is_ok();
            }
        });
        assert_eq!((outcome.status(), outcome.keeps), (200, false), "{start:?}");
    }
}

#[test]
fn what_is_not_body_is_not_read_for_ever() {
    const FAR_TOO_MUCH: usize = 64 << 20;
    let mut written = 0;
    let outcome = ask(|socket| {
        read_request(socket);
        socket.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n").unwrap();
        let trailers = "A: b\r\n".repeat(10_000);
        while let Ok(count @ 1..) = socket.write(trailers.as_bytes())
            && written < FAR_TOO_MUCH
        {
            written += count;
        }
    });
    assert_eq!((outcome.status(), outcome.keeps), (200, false));
    assert!(written < FAR_TOO_MUCH, "{written} bytes were taken");
}

#[test]
fn interim_answers_put_no_bound_off() {
    let outcome = ask_with(&[("io_timeout_ms", "300")], "a", |socket| {
        read_request(socket);
        while socket.write_all(b"HTTP/1.1 102 Wait\r\n\r\n").is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    assert!(!outcome.keeps);
    assert!(outcome.error().1.contains("io_timeout_ms"));
}

#[test]
fn a_server_is_not_asked_first() {
    let options = [PATIENT, ("http_header", "Expect: 100-continue\nX-Key: k")];
    let outcome = ask_with(&options, "a", |socket| {
        let head = read_head(socket);
        assert!(head.contains("x-key: k") && !head.contains("expect"), "{head}");
        read_body(socket, &head);
        socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n").unwrap();
    });
    assert_eq!((outcome.status(), outcome.keeps), (200, true));
}

#[test]
#[ignore = "slow: make test-slow"]
fn what_comes_for_half_a_request_delivers_nothing() {
    // More than the buffers of two sockets hold, so that the client is still writing.
    let large = "x".repeat(24 << 20);
    let early = |text: &'static str| {
        ask_with(&[PATIENT], &large, move |socket| {
            read_head(socket);
            socket.write_all(text.as_bytes()).unwrap();
            socket.shutdown(Shutdown::Both).unwrap();
        })
    };
    let outcome = early("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
    // A reset may take the answer with it.
    assert!(!outcome.keeps && outcome.sent.is_err());
    for text in ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 OK\r\n\r\n"] {
        let outcome = early(text);
        assert!(!outcome.keeps, "{text:?}");
        assert_eq!(outcome.error().0, Cause::Connection, "{text:?}");
    }
}

#[test]
fn a_panic_in_the_client_is_an_error_of_the_connection() {
    let server = Server::new(|_, _| Reply::status(200));
    let settings = settings(&[PATIENT], &[]);
    let url = HttpUrl::parse(&server.url("/x")).unwrap();
    let mut caller = Caller::new(url, &settings, None, &Arc::default());
    let post =
        Post { content_type: "text/plain", input: Input::Http, is_gzip: false, bearer: None, body: b"hello" };
    for round in 1..=5 {
        caller.connect(soon()).unwrap();
        // Called by `ureq` where it waits for the answer.
        let error = caller.post(&post, None, Some(Box::new(|| panic!("on purpose")))).unwrap_err();
        assert_eq!((error.kind, error.cause), ("panic", Cause::Connection));
        assert!(caller.line().is_none());
        assert_eq!((caller.take_panics(), caller.take_panics()), (1, 0));
        assert_eq!(caller.post(&post, None, None).unwrap().status, 200);
        assert_eq!(caller.take_replaced(), 1);
        caller.disconnect();
        assert_eq!(server.connections(), 2 * round);
    }
}
