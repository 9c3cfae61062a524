//! What a Forward collector says back: acknowledgements, and things that are none.

use crate::encode::msgpack::{self, Head};
use crate::net::{Cause, Finding, TransportError, greeting};

/// The kind of the error of a collector that says nothing at all.
pub(super) const SILENCE: &str = "no ack";

/// Longest answer that is read: an ack is some 40 bytes, a HELO below 200.
pub(super) const MOST_ANSWER_BYTES: usize = 512;

/// Takes one acknowledgement off the front of `received`. `None` when more bytes are needed.
pub(super) fn take_ack(received: &mut Vec<u8>) -> Result<Option<Vec<u8>>, TransportError> {
    let Some(first) = received.first() else {
        return Ok(None);
    };
    if greeting::is_tls(received) {
        return Err(speaks_tls());
    }
    if greeting::is_http(received) {
        return Err(speaks_http());
    }
    if !msgpack::starts_container(*first) {
        // Neither a map nor a list: no use to wait for the rest.
        return Err(malformed());
    }
    let Some(length) = msgpack::value_len(received) else {
        return if received.len() < MOST_ANSWER_BYTES { Ok(None) } else { Err(malformed()) };
    };
    let answer: Vec<u8> = received.drain(..length).collect();
    ack_of(&answer).map(Some)
}

/// The error where no ack comes although somebody listens.
pub(super) fn none_in_time() -> TransportError {
    let text = "no ack came in time: connected, nothing is read: connection limit? A Forward input that acknowledges, \
                and has a connection left, is expected";
    TransportError::new(SILENCE, text).found(Finding::Silent)
}

/// The error where a server of HTTP listens.
pub(super) fn speaks_http() -> TransportError {
    TransportError::new(
        "answer",
        "it does not speak Fluent Forward but something like HTTP, a Forward input is expected there",
    )
    .because(Cause::Configuration)
    .found(Finding::HttpPort)
}

/// The error where a port of TLS was spoken to in the clear.
pub(super) fn speaks_tls() -> TransportError {
    TransportError::new("answer", "this port speaks TLS, tls:// (or use_ssl with host and port) is expected")
        .because(Cause::Configuration)
        .found(Finding::TlsPort)
}

fn ack_of(answer: &[u8]) -> Result<Vec<u8>, TransportError> {
    let Some((Head::Map(pairs), mut rest)) = msgpack::read(answer) else {
        return Err(if is_greeting(answer) {
            TransportError::new("greeting", "the collector requires a shared key, set shared_key")
                .because(Cause::Configuration)
                .found(Finding::SharedKey)
        } else {
            malformed()
        });
    };
    for _ in 0..pairs {
        let Some((Head::Text(key) | Head::Bin(key), after_key)) = msgpack::read(rest) else { break };
        if key == b"ack" {
            return match msgpack::read(after_key) {
                Some((Head::Text(id) | Head::Bin(id), _)) => Ok(id.to_vec()),
                _ => Err(malformed()),
            };
        }
        let Some(length) = msgpack::value_len(after_key) else { break };
        rest = after_key.get(length..).unwrap_or_default();
    }
    Err(malformed())
}

/// Whether this is the `["HELO", ...]` of a collector that wants to authenticate its clients.
fn is_greeting(answer: &[u8]) -> bool {
    let Some((Head::Array(_), rest)) = msgpack::read(answer) else { return false };
    matches!(msgpack::read(rest), Some((Head::Text(b"HELO") | Head::Bin(b"HELO"), _)))
}

fn malformed() -> TransportError {
    TransportError::new(
        "answer",
        "it answered with something that is no acknowledgement, {\"ack\": <chunk>} is expected",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acks_are_taken_one_by_one() {
        let mut received = b"\x81\xa3ack\xa2id\x82\xa1x\x91\x01\xa3ack\xc4\x03abc\x81\xa3a".to_vec();
        assert_eq!(take_ack(&mut received).unwrap().unwrap(), b"id");
        assert_eq!(take_ack(&mut received).unwrap().unwrap(), b"abc");
        assert_eq!(take_ack(&mut received).unwrap(), None);
        assert_eq!(received, b"\x81\xa3a");
    }

    #[test]
    fn anything_else_is_a_error_with_a_reason() {
        for (bytes, reason) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], "HTTP"),
            (b"\x15\x03\x01\x00\x02", "speaks TLS"),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", "no acknowledgement"),
            (b"\x92\xa4HELO\x80", "shared key"),
            (b"\x80", "no acknowledgement"),
            (b"\x81\xa3ack\x01", "no acknowledgement"),
            (b"\x81\xa3nak\xa2id", "no acknowledgement"),
            (b"\xc1", "no acknowledgement"),
            (b"\x01", "no acknowledgement"),
        ] {
            let error = take_ack(&mut bytes.to_vec());
            let error = error.map(|ack| panic!("{ack:?} of {bytes:?}")).unwrap_err();
            assert!(error.text.contains(reason), "{}", error.text);
        }
        let mut endless = vec![0x81, 0xdb, 0xff, 0xff, 0xff, 0xff];
        endless.resize(MOST_ANSWER_BYTES, b'x');
        assert!(take_ack(&mut endless).is_err());
    }
}
