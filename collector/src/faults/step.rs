//! How one connection behaves, and its text form.
//!
//! Made by tests, or from the text behind `--fault`; followed by [`super::misconduct`].
//! A step that says nothing of a protocol is [`Step::Normal`] there.

use std::str::FromStr;
use std::time::Duration;

use super::flood::Flood;
use super::reply::{Reply, duration, number};

/// How one connection behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Takes and acknowledges everything. `normal`
    Normal,
    /// Accepts and never reads, until the collector stops. `accept-no-read`
    AcceptNoRead,
    /// Reads this many bytes off the wire (TLS counts as it is encrypted, its handshake included), then
    /// resets (RST). Chunks that were complete by then are taken and acknowledged.
    /// `read-then-reset=BYTES`
    ReadThenReset(usize),
    /// Acknowledges each chunk this long after taking it, several at a time. `delay-ack=200ms`
    DelayAck(Duration),
    /// Takes every chunk and writes its answer one byte at a time, this long apart. `trickle=10ms`
    Trickle(Duration),
    /// Forward: takes every chunk and acknowledges another id of the same length. `wrong-ack`
    WrongAck,
    /// Forward: the same for every nth chunk with an id, right for the others. `wrong-ack-every=N`
    WrongAckEvery(u64),
    /// Takes every chunk and never answers. `drop-ack`
    DropAck,
    /// Takes every chunk and does not answer every nth with an id. `drop-ack-every=N`
    DropAckEvery(u64),
    /// Resets right after accepting. `reset`
    Reset,
    /// Takes and acknowledges, and resets (RST) this long after accepting. `reset-after=2s`
    ResetAfter(Duration),
    /// Takes and acknowledges, and closes when nothing arrived for this long. `close-when-idle=200ms`
    CloseWhenIdle(Duration),
    /// Takes every chunk and answers 1024 bytes that are no msgpack; in place of HELO if there is a
    /// handshake. HTTP: answers the first bytes so, closes, takes nothing. `garbage`
    Garbage,
    /// Answers the first bytes with `HTTP/1.1 400 Bad Request` and closes; takes nothing. `http`
    HttpAnswer,
    /// Takes a chunk, sends the first half of its acknowledgement and closes. HTTP: the head and the
    /// first half of the answer's body. `half-ack`
    HalfAck,
    /// Takes a chunk, sends the first half of the TLS record (without TLS: of the bytes) that carries
    /// its answer, and resets. `half-record`
    HalfRecord,
    /// HTTP: this answer to some requests or all, right for the others. `status=503`,
    /// `status=429:first=3:retry-after=5`, see [`Reply`].
    Status(Reply),
    /// Mona REST: takes all messages but every nth, and says so in the answer. `refuse-every=N`
    RefuseEvery(u64),
    /// Handshake: never says HELO, and reads what comes. `no-helo`
    NoHelo,
    /// Handshake: closes when PING has arrived. `close-after-ping`
    CloseAfterPing,
    /// Handshake: a PONG that says yes with the digest of another key. `wrong-digest`
    WrongDigest,
    /// Handshake: a PONG that says no, whatever the PING. `reject-pong`
    RejectPong,
    /// Handshake: a right PONG in the client's own host name, as in a reflected one. `own-hostname`
    OwnHostname,
    /// Takes nothing and talks without end. `flood=interim`, `flood=head:each=1ms`, see [`Flood`].
    Flood(Flood),
}

/// The forms of steps, for messages.
const FORMS: &str = "normal, accept-no-read, read-then-reset=BYTES, delay-ack=TIME, trickle=TIME, wrong-ack, \
    wrong-ack-every=N, drop-ack, drop-ack-every=N, reset, reset-after=TIME, close-when-idle=TIME, garbage, http, half-ack, \
    half-record, status=CODE, refuse-every=N, no-helo, close-after-ping, wrong-digest, reject-pong, own-hostname, \
    flood=WHAT";

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Step, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Ok(match (name, value) {
            ("normal", None) => Step::Normal,
            ("accept-no-read", None) => Step::AcceptNoRead,
            ("read-then-reset", Some(bytes)) => Step::ReadThenReset(number(text, bytes, "bytes")?),
            ("delay-ack", Some(time)) => Step::DelayAck(duration(text, time)?),
            ("wrong-ack", None) => Step::WrongAck,
            ("wrong-ack-every", Some(count)) => Step::WrongAckEvery(number(text, count, "chunks")?),
            ("drop-ack", None) => Step::DropAck,
            ("drop-ack-every", Some(count)) => Step::DropAckEvery(number(text, count, "chunks")?),
            ("reset", None) => Step::Reset,
            ("reset-after", Some(time)) => Step::ResetAfter(duration(text, time)?),
            ("close-when-idle", Some(time)) => Step::CloseWhenIdle(duration(text, time)?),
            ("garbage", None) => Step::Garbage,
            ("http", None) => Step::HttpAnswer,
            ("half-ack", None) => Step::HalfAck,
            ("half-record", None) => Step::HalfRecord,
            ("trickle", Some(time)) => Step::Trickle(duration(text, time)?),
            ("status", Some(reply)) => Step::Status(reply.parse()?),
            ("refuse-every", Some(count)) => Step::RefuseEvery(number(text, count, "messages")?),
            ("no-helo", None) => Step::NoHelo,
            ("close-after-ping", None) => Step::CloseAfterPing,
            ("wrong-digest", None) => Step::WrongDigest,
            ("reject-pong", None) => Step::RejectPong,
            ("own-hostname", None) => Step::OwnHostname,
            ("flood", Some(flood)) => Step::Flood(flood.parse()?),
            _ => {
                return Err(format!("{text}: found no known fault, expected one of {FORMS}"));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for form in FORMS.split(", ") {
            let text =
                form.replace("BYTES", "7").replace("TIME", "7ms").replace("=N", "=7").replace("CODE", "503");
            let text = text.replace("WHAT", "interim");
            assert!(text.parse::<Step>().is_ok(), "{text}");
        }
    }
}
