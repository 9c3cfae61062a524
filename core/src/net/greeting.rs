//! Whether a server speaks TLS or HTTP, found out by greeting it as a TLS client does.
//!
//! A check asks when a server took a connection in the clear and did nothing sensible with it: most servers of TLS
//! close then without a word, some wait for more, and those of HTTP wait for the end of a line. Nothing secret is sent
//! and nothing is believed of the answer.

use std::time::Duration;

use super::socket::Stream;
use crate::net::Deadline;

/// Longest wait for the answer: some ten round trips.
const MOST_WAIT: Duration = Duration::from_secs(2);

/// The smallest hello that every server of TLS answers, be it with an alert: TLS 1.2 with four usual ciphers.
const HELLO: &[u8] = &[
    0x16, 3, 1, 0, 51, // a record with a handshake message
    1, 0, 0, 47, 3, 3, // a hello
    0x6c, 0x69, 0x62, 0x6d, 0x6f, 0x6e, 0x61, 0x20, 0x61, 0x73, 0x6b, 0x73, 0x20, 0x66, 0x6f, 0x72, 0x20,
    0x54, 0x4c, 0x53, 0x20, 0x68, 0x65, 0x72, 0x65, 0x2c, 0x20, 0x6f, 0x6e, 0x63, 0x65,
    0x2e, // 32 bytes of any kind
    0, 0, 8, 0xc0, 0x2f, 0xc0, 0x2b, 0xc0, 0x30, 0, 0x2f, 1,
    0, // no session, four ciphers, no compression
];

/// Whether bytes of a server are the beginning of an alert or a handshake message of TLS.
pub(crate) fn is_tls(received: &[u8]) -> bool {
    matches!(received, [0x15 | 0x16, 3, ..])
}

/// The end of a head of HTTP, behind the hello: a server of TLS finds a broken record there, after its answer.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Who answers a greeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Tls,
    /// Or something that sends pages.
    Http,
}

/// Whether bytes of a server, as many as came, are the beginning of an answer of HTTP, or of a page. Greetings of SSH
/// and others begin with a letter too.
pub(crate) fn is_http(received: &[u8]) -> bool {
    const START: &[u8] = b"HTTP/";
    match received {
        [] => false,
        [b'<', ..] => true,
        _ => START.iter().zip(received).all(|(expected, byte)| expected == byte),
    }
}

/// Greets on a connection in the clear; what the answer is one of, where it is one of these.
pub(crate) fn greet(mut stream: Stream, deadline: Deadline) -> Option<Speaks> {
    let deadline = deadline.within(MOST_WAIT);
    let mut received = Vec::new();
    stream.send_all(&[HELLO, HEAD_END], deadline).ok()?;
    while received.len() < 2 {
        match stream.receive(&mut received, 2) {
            Ok(true) => {}
            Ok(false) if stream.await_bytes(deadline) => {}
            Ok(false) | Err(_) => return None,
        }
    }
    if is_tls(&received) {
        return Some(Speaks::Tls);
    }
    is_http(&received).then_some(Speaks::Http)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;

    use super::*;

    /// What is found out of a server that answers so.
    fn found(answer: &'static [u8]) -> Option<Speaks> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut hello = [0; HELLO.len() + HEAD_END.len()];
            stream.read_exact(&mut hello).unwrap();
            stream.write_all(answer).unwrap();
        });
        let deadline = Deadline::after(Duration::from_secs(60));
        let stream = Stream::tcp(&[address], deadline, &Arc::default()).unwrap();
        let found = greet(stream, deadline);
        server.join().unwrap();
        found
    }

    #[test]
    fn the_hello_is_as_long_as_it_says() {
        let [_, _, _, high, low, _, _, more, less, ..] = *HELLO else { panic!("it has a header") };
        assert_eq!(usize::from(u16::from_be_bytes([high, low])), HELLO.len() - 5);
        assert_eq!(usize::from(u16::from_be_bytes([more, less])), HELLO.len() - 9);
    }

    #[test]
    fn http_is_known_by_as_many_bytes_as_came() {
        for (received, expected) in [
            (&b""[..], false),
            (b"H", true),
            (b"HTTP", true),
            (b"HTTP/1.1 200 OK", true),
            (b"<", true),
            (b"HE", false),
            (b"HTTQ", false),
            (b"SSH-2.0-", false),
            (b"EHLO", false),
        ] {
            assert_eq!(is_http(received), expected, "{}", received.escape_ascii());
        }
    }

    #[test]
    fn alerts_and_hellos_are_tls_and_heads_and_pages_are_http() {
        for (answer, expected) in [
            (&b"\x15\x03\x03\x00\x02\x02\x28"[..], Some(Speaks::Tls)),
            (b"\x16\x03\x03\x00\x40\x02", Some(Speaks::Tls)),
            (b"HTTP/1.1 400 Bad Request\r\n", Some(Speaks::Http)),
            (b"<!DOCTYPE HTML>", Some(Speaks::Http)),
            (b"", None),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", None),
            (b"HELO", None),
            (b"\x15", None),
            (b"\x92\xa4HELO", None),
        ] {
            assert_eq!(found(answer), expected, "{}", answer.escape_ascii());
        }
    }
}
