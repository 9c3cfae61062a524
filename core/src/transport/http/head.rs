//! The head of an answer: its status, where its body ends, and whether the connection serves another request.
//!
//! Servers and what stands before them have to agree on where an answer ends. A head that can be read in two ways is
//! refused, so that nothing of one answer is ever taken for the next.

use httparse::{EMPTY_HEADER, Header, Response, Status};

use crate::transport::Fault;

/// Longest head that is read: usual ones have some hundred bytes.
pub(super) const MOST_BYTES: usize = 16 * 1024;

/// Most fields of a head: several times what servers and their proxies add.
const MOST_FIELDS: usize = 128;

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) length: Length,
    /// Whether the connection is good for another request once the body is read.
    pub(super) keeps: bool,
    pub(super) retry_after: Option<String>,
    pub(super) location: Option<String>,
}

/// Where the body of an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// After so many bytes.
    Known(u64),
    /// Where its chunks say.
    Chunked,
    /// With the connection.
    UntilEnd,
}

impl Head {
    /// Whether another head follows, that of the answer itself.
    pub(super) fn is_interim(&self) -> bool {
        // After a change of the protocol comes nothing that is understood here.
        (100..200).contains(&self.status) && self.status != 101
    }
}

/// Reads the head at the front of `bytes`: what it says and how long it is. `None` while it is not whole.
///
/// # Errors
/// A [`Fault`] when it is none, is too long, or leaves open where its body ends.
pub(super) fn read(bytes: &[u8]) -> Result<Option<(Head, usize)>, Fault> {
    let mut fields = [EMPTY_HEADER; MOST_FIELDS];
    let mut response = Response::new(&mut fields);
    let used = match response.parse(bytes) {
        Ok(Status::Complete(used)) => Some(used),
        Ok(Status::Partial) => None,
        Err(_) => return Err(no_http()),
    };
    if used.unwrap_or(bytes.len()) > MOST_BYTES {
        return Err(Fault::new("answer", "its answer has more than 16 KiB of headers"));
    }
    let (Some(used), Some(status), Some(minor)) = (used, response.code, response.version) else {
        return Ok(None);
    };
    let fields: &[Header<'_>] = response.headers;
    let text = |name| {
        let value = values(fields, name).next().filter(|value| value.is_ascii())?;
        std::str::from_utf8(value).ok().map(str::to_owned)
    };
    let length = length(fields, status, minor).filter(|_| status >= 100).ok_or_else(no_http)?;
    let says = |word| tokens(fields, "connection").any(|token| token.eq_ignore_ascii_case(word));
    let stays = !says(b"close") && (minor > 0 || says(b"keep-alive"));
    let head = Head {
        status,
        length,
        keeps: stays && length != Length::UntilEnd && status != 101,
        retry_after: text("retry-after"),
        location: text("location"),
    };
    Ok(Some((head, used)))
}

fn no_http() -> Fault {
    Fault::new("answer", "its answer is no HTTP/1.1, an HTTP input is expected there")
}

fn values<'a>(fields: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

/// The elements of a list, which may stand in one field or in several.
fn tokens<'a>(fields: &'a [Header<'a>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    values(fields, name).flat_map(|value| value.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii)
}

/// Where the body ends; `None` where the head says it twice, or wrongly.
fn length(fields: &[Header<'_>], status: u16, minor: u8) -> Option<Length> {
    let mut known = None;
    for token in tokens(fields, "content-length") {
        let is_number = !token.is_empty() && token.iter().all(u8::is_ascii_digit);
        let number: u64 = std::str::from_utf8(token).ok().filter(|_| is_number)?.parse().ok()?;
        if known.is_some_and(|known| known != number) {
            return None;
        }
        known = Some(number);
    }
    let coding = tokens(fields, "transfer-encoding").filter(|token| !token.is_empty()).last();
    if coding.is_some() && known.is_some() {
        return None;
    }
    Some(match (coding, known) {
        // These have no body, whatever else they say.
        _ if matches!(status, 100..200 | 204 | 304) => Length::Known(0),
        // HTTP/1.0 knows no chunks: what comes is read as it is, and the connection is not used again.
        (Some(coding), _) if minor > 0 && coding.eq_ignore_ascii_case(b"chunked") => Length::Chunked,
        (None, Some(known)) => Length::Known(known),
        _ => Length::UntilEnd,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        let (head, used) = read(text.as_bytes()).unwrap().unwrap();
        assert_eq!(used, text.len());
        head
    }

    fn length_of(fields: &str) -> Option<Length> {
        match read(format!("HTTP/1.1 200 OK\r\n{fields}\r\n").as_bytes()) {
            Ok(head) => Some(head.unwrap().0.length),
            Err(fault) => {
                assert!(fault.text.contains("no HTTP/1.1"), "{}", fault.text);
                None
            }
        }
    }

    #[test]
    fn what_a_head_says() {
        let text = "HTTP/1.1 503 Busy\r\nRETRY-After:  7 \r\nLocation: /a\r\nlocation: /b\r\nContent-Length: 3\r\n\r\n";
        let expected = Head {
            status: 503,
            length: Length::Known(3),
            keeps: true,
            retry_after: Some("7".to_owned()),
            location: Some("/a".to_owned()),
        };
        assert_eq!(head(text), expected);
        let (_, used) = read(format!("{text}abc").as_bytes()).unwrap().unwrap();
        assert_eq!(used, text.len(), "the body is not part of it");
        for end in 0..text.len() {
            assert_eq!(read(&text.as_bytes()[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(head("HTTP/1.1 200 OK\r\nRetry-After: \u{e9}\r\n\r\n").retry_after, None);
        assert_eq!(head("HTTP/1.1 200\r\n\r\n").status, 200);
    }

    #[test]
    fn where_a_body_ends() {
        for (fields, length) in [
            ("", Some(Length::UntilEnd)),
            ("Content-Length: 0\r\n", Some(Length::Known(0))),
            ("Content-Length: 5\r\ncontent-length: 5, 5\r\n", Some(Length::Known(5))),
            ("Content-Length: 18446744073709551615\r\n", Some(Length::Known(u64::MAX))),
            ("Transfer-Encoding: Chunked\r\n", Some(Length::Chunked)),
            ("Transfer-Encoding: gzip\r\nTransfer-Encoding: , chunked ,\r\n", Some(Length::Chunked)),
            ("Transfer-Encoding: chunked, gzip\r\n", Some(Length::UntilEnd)),
            ("Transfer-Encoding: xchunked\r\n", Some(Length::UntilEnd)),
            ("Content-Length: 5\r\nContent-Length: 6\r\n", None),
            ("Content-Length: 5, 6\r\n", None),
            ("Content-Length: 5,\r\n", None),
            ("Content-Length:\r\n", None),
            ("Content-Length: +5\r\n", None),
            ("Content-Length: -5\r\n", None),
            ("Content-Length: 5 5\r\n", None),
            ("Content-Length: 0x5\r\n", None),
            ("Content-Length: 18446744073709551616\r\n", None),
            ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", None),
            ("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", None),
        ] {
            assert_eq!(length_of(fields), length, "{fields:?}");
        }
        for status in [101, 204, 304] {
            let text = format!("HTTP/1.1 {status} X\r\nContent-Length: 7\r\n\r\n");
            assert_eq!(head(&text).length, Length::Known(0), "{status}");
        }
        assert_eq!(head("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").length, Length::UntilEnd);
    }

    #[test]
    fn whether_the_connection_serves_again() {
        for (line, fields, keeps) in [
            ("HTTP/1.1 200 OK", "", true),
            ("HTTP/1.1 200 OK", "Connection: keep-alive\r\n", true),
            ("HTTP/1.1 200 OK", "Connection: close\r\n", false),
            ("HTTP/1.1 200 OK", "Connection: Upgrade, CLOSE\r\n", false),
            ("HTTP/1.1 200 OK", "Connection: x\r\nConnection: close\r\n", false),
            ("HTTP/1.1 200 OK", "Connection: closed\r\n", true),
            ("HTTP/1.0 200 OK", "", false),
            ("HTTP/1.0 200 OK", "Connection: Keep-Alive\r\n", true),
            ("HTTP/1.0 200 OK", "Connection: keep-alive, close\r\n", false),
            ("HTTP/1.1 101 Else", "", false),
        ] {
            let text = format!("{line}\r\nContent-Length: 1\r\n{fields}\r\n");
            assert_eq!(head(&text).keeps, keeps, "{line} {fields:?}");
        }
        assert!(!head("HTTP/1.1 200 OK\r\n\r\n").keeps, "its body ends with the connection");
    }

    #[test]
    fn what_is_no_head() {
        for text in [
            "HTTP/2.0 200 OK\r\n",
            "HTTP/1.2 200 OK\r\n",
            "HTTP/1.1 099 X\r\n\r\n",
            "HTTP/1.1 2000 X\r\n\r\n",
            "HTTP/1.1 -20 X\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
            "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
            "SSH-2.0-x\r\n",
            "\x15\x03\x01",
            "ICY 200 OK\r\n\r\n",
        ] {
            let fault = read(text.as_bytes()).unwrap_err();
            assert!(fault.text.contains("no HTTP/1.1"), "{text:?}: {}", fault.text);
        }
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(MOST_FIELDS + 1));
        assert!(read(many.as_bytes()).is_err());
        let field = |length: usize| format!("A: {}\r\n", "x".repeat(length));
        let long = format!("HTTP/1.1 200 OK\r\n{}\r\n", field(MOST_BYTES - 24));
        assert_eq!(long.len(), MOST_BYTES);
        assert!(read(long.as_bytes()).unwrap().is_some());
        for text in [format!("HTTP/1.1 200 OK\r\n{}\r\n", field(MOST_BYTES)), field(MOST_BYTES + 1)] {
            let text = text.replacen("A: ", "HTTP/1.1 200 ", usize::from(!text.starts_with("HTTP")));
            assert!(read(text.as_bytes()).unwrap_err().text.contains("16 KiB"));
        }
    }
}
