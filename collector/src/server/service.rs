//! What a listening socket speaks: Forward or HTTP, in clear text or in TLS, and what it asks for.
//!
//! Written by the program and by tests, read by the connections. The bounds and refusals here are
//! those of a correct collector; a [`Likeness`] adds those of another server.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::http::answer::Named;
use super::http::tokens::Tokens;
use super::likeness::{Likeness, Plain, Socket};
use super::limits::Limits;
use super::tls::Tls;
use crate::proto::budget::Budget;
use crate::proto::chunk::{Chunk, Mode, json};
use crate::proto::forward::handshake::Handshake;
use crate::proto::forward::json::Floats;

/// What a socket speaks, and what it refuses.
#[derive(Debug, Clone)]
pub struct Service {
    pub(super) speaks: Speaks,
    pub(super) tls: Option<Tls>,
    pub(super) limit: Option<usize>,
    pub(super) poison: Option<Poison>,
    pub(super) budget: Budget,
    pub(super) limits: Limits,
    pub(super) allowed_hosts: Vec<String>,
    pub(super) likeness: Arc<dyn Likeness>,
    /// What a request with poison is answered with.
    pub(super) poison_status: u16,
    /// Its endpoint is one of OTLP, which HTTP takes beside records.
    is_otlp: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Speaks {
    Forward(Option<Handshake>),
    Http { tokens: Option<Tokens>, named: Named },
}

#[derive(Clone)]
pub(super) struct Poison(Arc<dyn Fn(&Value) -> bool + Send + Sync>);

impl fmt::Debug for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Poison")
    }
}

impl Service {
    /// Fluent Forward.
    pub fn forward() -> Service {
        Service::new(Speaks::Forward(None))
    }

    /// HTTP: records posted to any path, which is their tag, and the Mona REST API at `/export` and
    /// `/sendEvent`, without a token at `/monaExport` and `/monaSendEvent`.
    pub fn http() -> Service {
        Service::new(Speaks::Http { tokens: None, named: Named::Index })
    }

    /// The same, for clients that send OTLP: at `/v1/logs`, in protobuf at any path.
    pub fn otlp() -> Service {
        Service { is_otlp: true, ..Service::http() }
    }

    fn new(speaks: Speaks) -> Service {
        Service {
            speaks,
            tls: None,
            limit: None,
            poison: None,
            budget: Budget::default(),
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            likeness: Arc::new(Plain),
            poison_status: 400,
            is_otlp: false,
        }
    }

    /// In TLS.
    pub fn tls(self, tls: Tls) -> Service {
        Service { tls: Some(tls), ..self }
    }

    /// Asks for a shared key. HTTP knows none and goes without.
    pub fn handshake(self, handshake: Handshake) -> Service {
        match self.speaks {
            Speaks::Forward(_) => Service { speaks: Speaks::Forward(Some(handshake)), ..self },
            Speaks::Http { .. } => self,
        }
    }

    /// Gives tokens out, and asks for one at `/export` and `/sendEvent`. Forward knows none and goes without.
    pub fn tokens(self, tokens: Tokens) -> Service {
        match self.speaks {
            Speaks::Http { named, .. } => {
                Service { speaks: Speaks::Http { tokens: Some(tokens), named }, ..self }
            }
            Speaks::Forward(_) => self,
        }
    }

    /// How the REST API names messages that failed; by index unless this is called.
    pub fn failures_by(self, named: Named) -> Service {
        match self.speaks {
            Speaks::Http { tokens, .. } => Service { speaks: Speaks::Http { tokens, named }, ..self },
            Speaks::Forward(_) => self,
        }
    }

    /// Refuses what is larger than this many bytes on the wire: a request with 413, a Forward message
    /// by closing the connection, as Fluent Bit does.
    pub fn limit(self, bytes: usize) -> Service {
        Service { limit: Some(bytes), ..self }
    }

    /// Holds what arrives in this memory, which services can share; one of 128 MiB unless this is called.
    pub fn budget(self, budget: Budget) -> Service {
        Service { budget, ..self }
    }

    /// Has these limits.
    pub fn limits(self, limits: Limits) -> Service {
        Service { limits, ..self }
    }

    /// HTTP: answers to this host name too. On a loopback address a request has to name that, and pages
    /// of other sites in a browser are refused everywhere.
    pub fn allow_host(mut self, name: impl Into<String>) -> Service {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Refuses a chunk with a record of which this is true: Forward closes the connection without an
    /// acknowledgement, HTTP answers 400 to the whole request, the REST API to these messages only.
    /// The record is what arrived: the map in Forward, the object in HTTP, the message object of REST.
    pub fn poison(self, is_poison: impl Fn(&Value) -> bool + Send + Sync + 'static) -> Service {
        Service { poison: Some(Poison(Arc::new(is_poison))), ..self }
    }

    /// OTLP: answers a request with poison so; 400 unless this is called.
    pub fn poison_status(self, status: u16) -> Service {
        Service { poison_status: status, ..self }
    }

    /// Takes and refuses what this server does.
    pub fn like(self, likeness: Arc<dyn Likeness>) -> Service {
        Service { likeness, ..self }
    }

    /// The same as the server it is like would have it; the error is a sentence.
    pub(super) fn settled(self) -> Result<Service, String> {
        let http = matches!(self.speaks, Speaks::Http { .. });
        let key = matches!(self.speaks, Speaks::Forward(Some(_)));
        self.likeness.suits(Socket { http, tls: self.tls.is_some(), key })?;
        match (self.speaks, self.likeness.helo()) {
            (Speaks::Forward(Some(handshake)), Some(helo)) => {
                Ok(Service { speaks: Speaks::Forward(Some(handshake.helo(helo))), ..self })
            }
            (speaks, _) => Ok(Service { speaks, ..self }),
        }
    }

    /// `tcp`, `tls`, `http` or `https`, the last two with `otlp+` before them for OTLP.
    pub fn scheme(&self) -> &'static str {
        match (&self.speaks, &self.tls) {
            (Speaks::Forward(_), None) => "tcp",
            (Speaks::Forward(_), Some(_)) => "tls",
            (Speaks::Http { .. }, None) if self.is_otlp => "otlp+http",
            (Speaks::Http { .. }, Some(_)) if self.is_otlp => "otlp+https",
            (Speaks::Http { .. }, None) => "http",
            (Speaks::Http { .. }, Some(_)) => "https",
        }
    }

    /// Whether one of the records is poison.
    pub(super) fn is_poisoned(&self, chunk: &Chunk<'_>) -> bool {
        self.poison.is_some()
            && chunk.entries.iter().any(|entry| self.is_poison(chunk.mode, chunk.raw(entry)))
    }

    /// Whether this record is poison.
    pub(super) fn is_poison(&self, mode: Mode, raw: &[u8]) -> bool {
        let Some(Poison(is_poison)) = &self.poison else { return false };
        json(mode, raw, Floats::Tagged).is_ok_and(|record| is_poison(&record))
    }

    /// Whether a message of this many bytes is refused.
    pub(super) fn is_too_large(&self, bytes: usize) -> bool {
        self.limit.is_some_and(|limit| bytes > limit)
    }
}
