//! Interim answers (`100 Continue`, `103 Early Hints`): taken out before `ureq` reads the final one.
//!
//! Called by [`super::agent`] with what arrives. A client that asked for none may ignore them, header fields and all;
//! `ureq` takes a `100 Continue` with fields for a fault, and its request would be sent twice. Their number is bounded,
//! since each of them may arrive in time.

use crate::net::TransportError;

/// Interim answers to one request: a server that says once a second that it is at work is heard for longer than any
/// usual `io_timeout_ms`.
const MOST_INTERIM: u32 = 100;

/// Fields of an interim answer, as many as `ureq` takes of a final one.
const MOST_FIELDS: usize = 128;

/// `HTTP/1.1 1`: what tells an interim answer from a final one.
const TELLING_BYTES: usize = 10;

/// The start of an answer, until it is known to be the final one.
#[derive(Debug, Default)]
pub(super) struct Interim {
    held: Vec<u8>,
    count: u32,
    is_over: bool,
}

impl Interim {
    /// Whether the final answer has begun: what arrives belongs to it.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Bytes that wait for the rest of an interim answer.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes what arrived. What it gives begins the final answer; nothing when that has not begun.
    ///
    /// # Errors
    /// There are too many interim answers.
    pub(super) fn pass(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, TransportError> {
        self.held.extend_from_slice(bytes);
        loop {
            match interim_len(&self.held) {
                Length::Unknown => return Ok(None),
                Length::None => return Ok(Some(self.rest())),
                Length::Bytes(length) => {
                    self.held.drain(..length);
                    self.count += 1;
                }
            }
            if self.count > MOST_INTERIM {
                let text = format!("it sent more than {MOST_INTERIM} interim answers and none that is final");
                return Err(TransportError::new("answer", text));
            }
        }
    }

    /// What is held, once nothing more comes.
    pub(super) fn rest(&mut self) -> Vec<u8> {
        self.is_over = true;
        std::mem::take(&mut self.held)
    }
}

enum Length {
    /// More bytes are needed to tell.
    Unknown,
    /// It is no interim answer.
    None,
    /// It has so many bytes.
    Bytes(usize),
}

fn interim_len(bytes: &[u8]) -> Length {
    let skipped = bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let line = bytes.get(skipped..).unwrap_or_default();
    let start = line.get(..TELLING_BYTES).unwrap_or(line);
    let is_interim = |start: &[u8]| {
        let pattern = b"HTTP/1.? 1".iter().zip(start);
        pattern.into_iter().all(|(expected, byte)| expected == byte || *expected == b'?')
    };
    if !is_interim(start) {
        return Length::None;
    }
    if start.len() < TELLING_BYTES {
        return Length::Unknown;
    }
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut answer = httparse::Response::new(&mut fields);
    match answer.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => match answer.code {
            // After this one another protocol is spoken.
            Some(101) | None => Length::None,
            Some(100..=199) => Length::Bytes(length),
            Some(_) => Length::None,
        },
        Ok(httparse::Status::Partial) => Length::Unknown,
        // To be told by who reads it.
        Err(_) => Length::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is passed on of an answer that comes in pieces of this size.
    fn passed(text: &str, piece: usize) -> String {
        let mut interim = Interim::default();
        let mut passed = Vec::new();
        for bytes in text.as_bytes().chunks(piece) {
            match interim.is_over() {
                true => passed.extend_from_slice(bytes),
                false => passed.extend(interim.pass(bytes).unwrap().unwrap_or_default()),
            }
        }
        passed.extend(interim.rest());
        String::from_utf8(passed).unwrap()
    }

    #[test]
    fn interim_answers_go_and_everything_else_is_passed_on() {
        for (interim, rest) in [
            ("", "HTTP/1.1 200 OK\r\n\r\nbody HTTP/1.1 100 Continue\r\n\r\n"),
            ("HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n"),
            ("HTTP/1.1 100 Continue\r\nA: b\r\nC: d\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n"),
            (
                "HTTP/1.0 102 x\n\nHTTP/1.1 103 y\r\nLink: z\r\n\r\n",
                "HTTP/1.1 503 No\r\nX: HTTP/1.1 1\r\n\r\n",
            ),
            ("\r\nHTTP/1.1 199 x\r\n\r\n", "\r\n\nHTTP/1.1 204 No\r\n\r\n"),
            ("", "HTTP/1.1 101 Else\r\n\r\nHTTP/1.1 204 No\r\n\r\n"),
            ("", "HTTP/1.1 1000 Else\r\n\r\n"),
            ("", "HTTP/1.1 10"),
            ("", "HTTP/1.1 100 Continue\r\n"),
            ("", "HTTP/1.1 100 Continue\r\nno field\r\n\r\nHTTP/1.1 204 No\r\n\r\n"),
            ("", "<html>"),
            ("", "\r\n\r\n"),
            ("", "H"),
        ] {
            for piece in [1, 3, 1000] {
                assert_eq!(passed(&format!("{interim}{rest}"), piece), rest, "in pieces of {piece}");
            }
        }
    }

    #[test]
    fn there_is_an_end_to_them() {
        let one = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        let mut interim = Interim::default();
        for _ in 0..MOST_INTERIM {
            assert_eq!(interim.pass(one).unwrap(), None);
        }
        assert!(interim.pass(one).unwrap_err().text.contains("interim"));
        assert!(Interim::default().pass(&one.repeat(101)).is_err());
    }
}
