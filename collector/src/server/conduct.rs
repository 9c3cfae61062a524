//! How a connection is treated: right, unless somebody asks for something else.
//!
//! A server asks its [`Conducts`] for the [`Conduct`] of each connection and follows it. Every default
//! is what a correct collector does, and [`Correct`] has nothing but these; the scripts of tests are the
//! other ones. What is asked for here, the server can do; why it should, it does not know.

use std::time::Duration;

use crate::proto::forward::handshake::{Greeting, Ping, refusal};

/// Gives each connection its conduct, in the order in which they are accepted.
pub trait Conducts: Send + Sync {
    /// That of the next connection.
    fn next_connection(&self) -> Box<dyn Conduct>;
}

/// How one connection is treated.
pub trait Conduct: Send + Sync {
    /// What happens when it was accepted.
    fn start(&self) -> Start {
        Start::Serve
    }

    /// Bytes off the wire (TLS counts as it is encrypted) behind which it is reset.
    fn reset_after(&self) -> Option<usize> {
        None
    }

    /// How long it lasts before it is reset, whatever is under way.
    fn lifetime(&self) -> Option<Duration> {
        None
    }

    /// How long nothing may arrive before it is closed.
    fn idle_limit(&self) -> Option<Duration> {
        None
    }

    /// What is said to the first bytes that arrive, before it is closed and nothing taken.
    fn outburst(&self, _protocol: Protocol) -> Option<Vec<u8>> {
        None
    }

    /// How the answer to a chunk or a request goes out; asked once for each.
    fn delivery(&self) -> Delivery {
        Delivery::Whole
    }

    /// Forward: what comes before PING; nothing, if empty.
    fn helo(&self, greeting: &Greeting<'_>) -> Vec<u8> {
        greeting.helo()
    }

    /// Forward: the answer to PING.
    fn pong(&self, greeting: &Greeting<'_>, ping: &Ping) -> Pong {
        match greeting.check(ping) {
            Ok(()) => Pong::Accept(greeting.welcome(ping)),
            Err(reason) => {
                Pong::Reject { pong: refusal(reason), fault: Some(format!("handshake: {reason}")) }
            }
        }
    }

    /// Forward: what is written in place of the acknowledgement of this chunk; asked once for each.
    fn other_ack(&self, _id: &str) -> Option<Vec<u8>> {
        None
    }

    /// HTTP: the answer to a request that is not looked at.
    fn instead(&self, _kind: RequestKind) -> Option<Instead> {
        None
    }

    /// Mona REST: why a message is not taken; asked once for each.
    fn refuse_message(&self) -> Option<&'static str> {
        None
    }
}

/// What happens to a connection that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It is served.
    Serve,
    /// It is reset.
    Reset,
    /// Nothing, until the collector stops.
    Ignore,
    /// It is talked to, and nothing is taken.
    Babble(Box<Babble>),
}

/// What is said on a connection that is not served, behind the handshake of TLS where there is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Babble {
    /// Whether it begins with the first bytes that arrive, and not at once.
    pub waits: bool,
    /// What is said once.
    pub lead: Vec<u8>,
    /// What follows, over and over; empty: nothing more is said.
    pub again: Vec<u8>,
    /// All of that one byte at a time, this long apart.
    pub each: Option<Duration>,
    /// Nothing is said, and one byte read this often, through the smallest window.
    pub sips: Option<Duration>,
    /// Session tickets behind the handshake, TLS 1.3.
    pub tickets: usize,
    /// Whether a change of keys is said too before each repetition, TLS 1.3.
    pub renews_keys: bool,
}

/// What a connection is served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Fluent Forward.
    Forward,
    /// HTTP.
    Http,
}

/// How an answer goes out. Only one that arrives whole says that something was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At once.
    Whole,
    /// This much later.
    Late(Duration),
    /// One byte at a time, this long apart.
    Trickle(Duration),
    /// Not at all.
    Never,
    /// Its first half (over HTTP that of the body, behind all headers); then the connection is closed.
    Half,
    /// The first half of the TLS record that carries it, in clear text of its bytes; then the connection
    /// is reset.
    HalfRecord,
}

/// The answer to PING.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pong {
    /// This PONG; messages may follow.
    Accept(Vec<u8>),
    /// This PONG, then the connection is closed.
    Reject {
        /// What is written.
        pong: Vec<u8>,
        /// Why, if the client was wrong.
        fault: Option<String>,
    },
    /// None, the connection is closed.
    Close,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// It carries records.
    Events,
    /// A first token, by log-in or OIDC.
    Login,
    /// Another token for a refresh token.
    Refresh,
}

/// An answer in place of the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// No, with this status; the request counts as refused.
    Refusal {
        /// The status, 100 to 999.
        status: u16,
        /// The header of that name.
        retry_after: Option<String>,
        /// What is said in the body.
        reason: &'static str,
    },
    /// 400, as by a server that did not understand, and the connection ends.
    BadRequest,
}

/// Does everything right.
#[derive(Debug, Clone, Copy, Default)]
pub struct Correct;

impl Conduct for Correct {}

impl Conducts for Correct {
    fn next_connection(&self) -> Box<dyn Conduct> {
        Box::new(Correct)
    }
}
