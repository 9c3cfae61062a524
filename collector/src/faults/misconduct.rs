//! What a step asks of the server, and the wrong bytes it puts in the place of right ones.
//!
//! The server asks with each accept, chunk and request, as [`crate::server::conduct`] says; counts go on
//! across connections.

use std::sync::Arc;
use std::time::Duration;

use super::reply::REASON;
use super::script::{Counts, Faults};
use super::step::Step;
use crate::proto::forward::ack::ack;
use crate::proto::forward::handshake::{Greeting, Ping, refusal};
use crate::server::conduct::{
    Conduct, Conducts, Correct, Delivery, Instead, Pong, Protocol, RequestKind, Start,
};

/// What an HTTP server says to bytes it does not understand.
const HTTP: &[u8] = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Connection: close\r\nContent-Length: 15\r\n\r\n400 Bad Request";

/// Longer than any acknowledgement a client needs to read (wire.md caps it at 512 bytes), and no msgpack.
const GARBAGE_LENGTH: usize = 1024;

impl Conducts for Faults {
    fn next_connection(&self) -> Box<dyn Conduct> {
        Box::new(Misconduct { step: self.next_step(), counts: self.counts() })
    }
}

struct Misconduct {
    step: Step,
    counts: Arc<Counts>,
}

impl Conduct for Misconduct {
    fn start(&self) -> Start {
        match self.step {
            Step::Reset => Start::Reset,
            Step::AcceptNoRead => Start::Ignore,
            Step::Flood(flood) => Start::Babble(Box::new(flood.babble())),
            _ => Start::Serve,
        }
    }

    fn reset_after(&self) -> Option<usize> {
        match self.step {
            Step::ReadThenReset(bytes) => Some(bytes),
            _ => None,
        }
    }

    fn lifetime(&self) -> Option<Duration> {
        match self.step {
            Step::ResetAfter(time) => Some(time),
            _ => None,
        }
    }

    fn idle_limit(&self) -> Option<Duration> {
        match self.step {
            Step::CloseWhenIdle(time) => Some(time),
            _ => None,
        }
    }

    fn outburst(&self, protocol: Protocol) -> Option<Vec<u8>> {
        match (protocol, self.step) {
            (Protocol::Forward, Step::HttpAnswer) => Some(HTTP.to_vec()),
            (Protocol::Http, Step::Garbage) => Some(garbage()),
            _ => None,
        }
    }

    fn delivery(&self) -> Delivery {
        match self.step {
            Step::DelayAck(delay) => Delivery::Late(delay),
            Step::Trickle(pause) => Delivery::Trickle(pause),
            Step::DropAck => Delivery::Never,
            Step::DropAckEvery(n) if self.counts.is_nth(n) => Delivery::Never,
            Step::HalfAck => Delivery::Half,
            Step::HalfRecord => Delivery::HalfRecord,
            _ => Delivery::Whole,
        }
    }

    fn helo(&self, greeting: &Greeting<'_>) -> Vec<u8> {
        match self.step {
            Step::NoHelo => Vec::new(),
            Step::Garbage => garbage(),
            _ => greeting.helo(),
        }
    }

    fn pong(&self, greeting: &Greeting<'_>, ping: &Ping) -> Pong {
        match self.step {
            Step::CloseAfterPing => Pong::Close,
            Step::WrongDigest => Pong::Accept(greeting.welcome_with_wrong_digest(ping)),
            Step::OwnHostname => Pong::Accept(greeting.welcome_as_client(ping)),
            Step::RejectPong => Pong::Reject { pong: refusal(REASON), fault: None },
            _ => Correct.pong(greeting, ping),
        }
    }

    fn other_ack(&self, id: &str) -> Option<Vec<u8>> {
        match self.step {
            Step::WrongAck => Some(wrong_ack(id)),
            Step::WrongAckEvery(n) if self.counts.is_nth(n) => Some(wrong_ack(id)),
            Step::Garbage => Some(garbage()),
            _ => None,
        }
    }

    fn instead(&self, kind: RequestKind) -> Option<Instead> {
        match self.step {
            Step::Status(reply) if self.counts.answers(reply, kind) => Some(reply.instead()),
            Step::HttpAnswer => Some(Instead::BadRequest),
            _ => None,
        }
    }

    fn refuse_message(&self) -> Option<&'static str> {
        match self.step {
            Step::RefuseEvery(n) if self.counts.is_nth(n) => Some(REASON),
            _ => None,
        }
    }
}

/// A well-formed acknowledgement of the same length for another chunk: only the last character differs.
fn wrong_ack(id: &str) -> Vec<u8> {
    let mut other: String = id.chars().take(id.chars().count().saturating_sub(1)).collect();
    other.push(if id.ends_with('A') { 'B' } else { 'A' });
    ack(&other)
}

/// Bytes that start no msgpack value.
fn garbage() -> Vec<u8> {
    [0xc1, 0x00, 0xff, b'\n'].into_iter().cycle().take(GARBAGE_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_ack_differs_and_is_as_long() {
        for id in ["A", "B", "q83vEjRWeJASNFZ4kBI0Vg==", "…A"] {
            assert_ne!(wrong_ack(id), ack(id));
            assert_eq!(wrong_ack(id).len(), ack(id).len());
        }
    }
}
