//! Requests and answers over bare sockets: everything that a server may send, in every piece.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{settings, soon};
use crate::transport::http::answer::Answer;
use crate::transport::http::exchange::{Exchange, Patience};
use crate::transport::http::line::Line;
use crate::transport::socket::Stream;
use crate::transport::{Cause, Fault};

const HEAD: &[u8] = b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\n";
const BODY: &[u8] = b"12345";

type Outcome = Result<(Answer, bool), Fault>;

/// What a request comes to with a server that does this.
fn ask(asks_first: bool, io_timeout_ms: &str, server: impl FnOnce(&mut TcpStream) + Send) -> Outcome {
    let patience = Patience::of(&settings(&[("io_timeout_ms", io_timeout_ms)], &[]));
    let exchange = Exchange { head: HEAD, body: BODY, asks_first, patience, deadline: None };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = Stream::tcp(&[listener.local_addr().unwrap()], soon(), &Arc::default()).unwrap();
    let mut line = Line::new(stream);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut socket, _) = listener.accept().unwrap();
            socket.set_nodelay(true).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            server(&mut socket);
            // Waits for the other side, so that nothing is reset.
            let _ = socket.read(&mut [0]);
        });
        let outcome = exchange.run(&mut line, None);
        drop(line);
        outcome
    })
}

fn expect(socket: &mut TcpStream, bytes: &[u8]) {
    let mut request = vec![0; bytes.len()];
    socket.read_exact(&mut request).unwrap();
    assert_eq!(String::from_utf8(request), String::from_utf8(bytes.to_vec()));
}

fn expect_request(socket: &mut TcpStream) {
    expect(socket, HEAD);
    expect(socket, BODY);
}

/// The outcome when the server answers with `text`.
fn answered(text: &str) -> Outcome {
    ask(false, "20000", |socket| {
        expect_request(socket);
        socket.write_all(text.as_bytes()).unwrap();
    })
}

/// The outcome when the server answers with `text` and closes.
fn closed_after(text: &str) -> Outcome {
    ask(false, "20000", |socket| {
        expect_request(socket);
        socket.write_all(text.as_bytes()).unwrap();
        socket.shutdown(Shutdown::Write).unwrap();
    })
}

fn shown(outcome: Outcome) -> (u16, String, bool) {
    let (answer, keeps) = outcome.map_err(|fault| fault.text).unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap(), keeps)
}

#[test]
fn answers_that_end_by_themselves() {
    for (text, status, body, keeps) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", 200, "ab", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200, "", false),
        ("HTTP/1.1 400 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab", 400, "ab", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nab", 200, "ab", true),
        ("HTTP/1.1 204 No\r\n\r\n", 204, "", true),
        ("HTTP/1.1 304 Old\r\nContent-Length: 9\r\n\r\n", 304, "", true),
        ("HTTP/1.1 500 X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", 500, "ab", true),
        (
            "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\na\r\n0;c\r\nT: u\r\n\r\n",
            200,
            "a",
            true,
        ),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP", 200, "", false),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nsoon\r\n", 200, "", false),
        ("HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc", 200, "a", false),
        ("HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 204, "", true),
        (
            "HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 103 Look\r\nLink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
            204,
            "",
            true,
        ),
        ("HTTP/1.1 101 Else\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 101, "", false),
        ("\r\nHTTP/1.1 204 No\r\n\r\n", 204, "", true),
    ] {
        assert_eq!(shown(answered(text)), (status, body.to_owned(), keeps), "{text:?}");
        let in_bytes = ask(false, "20000", |socket| {
            expect_request(socket);
            for byte in text.as_bytes() {
                // The client may have read enough.
                let _ = socket.write_all(&[*byte]);
                // Long enough that most of them arrive alone.
                std::thread::sleep(Duration::from_micros(100));
            }
        });
        let (answer, keeps_now) = in_bytes.map_err(|fault| fault.text).unwrap();
        assert_eq!((answer.status, answer.body), (status, body.as_bytes().to_vec()), "{text:?}");
        // What stands behind an answer may not have arrived with it; then the next look finds it.
        assert!(keeps_now == keeps || text.contains("abc") || text.contains("\r\nHTTP"), "{text:?}");
    }
}

#[test]
fn answers_that_end_with_the_connection() {
    for (text, status, body) in [
        ("HTTP/1.1 200 OK\r\n\r\nall of it", 200, "all of it"),
        ("HTTP/1.0 400 No\r\n\r\nreason", 400, "reason"),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "0\r\n\r\n"),
        ("HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nhalf", 503, "half"),
        ("HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", 503, "half"),
        ("HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", 503, "half"),
    ] {
        assert_eq!(shown(closed_after(text)), (status, body.to_owned(), false), "{text:?}");
    }
}

#[test]
fn what_is_no_answer() {
    for (text, expected) in [
        ("", "closed before"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "closed before"),
        ("HTTP/1.1 100 Go on\r\n\r\n", "closed before"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "no HTTP/1.1",
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", "no HTTP/1.1"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "no HTTP/1.1"),
        ("<html></html>", "no HTTP/1.1"),
    ] {
        let fault = closed_after(text).unwrap_err();
        assert_eq!(fault.cause, Cause::Connection);
        assert!(fault.text.contains(expected), "{text:?}: {}", fault.text);
    }
    let long = format!("HTTP/1.1 200 OK\r\n{}", "A: b\r\n".repeat(100) + &"C".repeat(16 * 1024));
    assert!(answered(&long).unwrap_err().text.contains("16 KiB"));
}

#[test]
fn a_body_beyond_all_bounds_is_cut() {
    let long = "x".repeat(3 << 20);
    for head in ["Content-Length: 3145728", "Transfer-Encoding: chunked", "X: y"] {
        let start = if head.contains("chunked") { "300000\r\n" } else { "" };
        let (answer, keeps) = ask(false, "20000", |socket| {
            expect_request(socket);
            // It is not read to its end.
            let _ = socket.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{start}{long}").as_bytes());
        })
        .map_err(|fault| fault.text)
        .unwrap();
        assert_eq!((answer.body.len(), keeps), (1 << 20, false), "{head}");
    }
    let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n{}", &long[..1 << 20]);
    let (answer, keeps) = answered(&whole).map_err(|fault| fault.text).unwrap();
    assert_eq!((answer.body.len(), keeps), (1 << 20, true));
}

#[test]
fn an_answer_may_come_before_the_request_is_read() {
    let outcome = ask(false, "20000", |socket| {
        socket.write_all(b"HTTP/1.1 429 Busy\r\nContent-Length: 0\r\n\r\n").unwrap();
        expect_request(socket);
    });
    assert_eq!(shown(outcome), (429, String::new(), true));
}

#[test]
fn what_trickles_in_puts_no_bound_off() {
    for start in ["HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 102 Wait\r\n\r\n"] {
        let began = Instant::now();
        let outcome = ask(false, "300", |socket| {
            expect_request(socket);
            let mut is_open = socket.write_all(start.as_bytes()).is_ok();
            while is_open && began.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(20));
                is_open = socket.write_all(b"x").is_ok();
            }
        });
        assert!(began.elapsed() < Duration::from_secs(30), "{start:?}: {:?}", began.elapsed());
        match outcome {
            Ok((answer, keeps)) => assert!(answer.status == 200 && !keeps && start.ends_with("\r\n\r\n")),
            Err(fault) => assert!(
                fault.text.contains("io_timeout_ms") || fault.text.contains("no HTTP"),
                "{start:?}: {}",
                fault.text
            ),
        }
    }
}

#[test]
fn a_server_that_is_asked_first_gets_the_body_unless_it_refuses() {
    let consent = |text: &'static str| {
        ask(true, "20000", move |socket| {
            expect(socket, HEAD);
            socket.write_all(text.as_bytes()).unwrap();
            expect(socket, BODY);
            socket.write_all(b"HTTP/1.1 204 No\r\n\r\n").unwrap();
        })
    };
    // Silence is consent.
    for text in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 X\r\n\r\nHTTP/1.1 100 X\r\nA: b\r\n\r\n", ""]
    {
        assert_eq!(shown(consent(text)), (204, String::new(), true), "{text:?}");
    }
    let refusal = |text: &'static str| {
        ask(true, "20000", move |socket| {
            expect(socket, HEAD);
            socket.write_all(text.as_bytes()).unwrap();
            assert_eq!(socket.read(&mut [0]).unwrap(), 0, "the body came all the same");
        })
    };
    let outcome = refusal("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno");
    assert_eq!(shown(outcome), (417, "no".to_owned(), false));
    let fault = refusal("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap_err();
    assert!(fault.text.contains("half-way"), "{}", fault.text);
}
