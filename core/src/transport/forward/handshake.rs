//! The handshake of a Forward collector that asks for a shared key: HELO, PING, PONG.
//!
//! Both sides prove that they know the key before an event leaves. Collectors write the values of their
//! HELO as bytes (Fluentd) or as text with any bytes in it (Fluent Bit); both are read. Nothing here puts
//! a secret into an error.

use sha2::{Digest as _, Sha512};
use subtle::ConstantTimeEq as _;

use super::answer::MOST_ANSWER_BYTES;
use crate::config::{Secret, Settings};
use crate::encode::msgpack::{self, Head};
use crate::net::socket::Stream;
use crate::net::{Cause, Deadline, Finding, TransportError, greeting};
use crate::sys::{hex, host, id};

/// Characters of a reason that are shown: enough for a sentence, too few to flood a log.
const MOST_REASON_CHARS: usize = 200;

/// What proves who this client is.
pub(super) struct Credentials {
    shared_key: Secret,
    username: Secret,
    password: Secret,
}

/// What the collector said in its HELO.
#[derive(Debug, PartialEq, Eq)]
struct Greeting {
    nonce: Vec<u8>,
    /// The salt for the password; empty when no user is asked for.
    auth: Vec<u8>,
    keepalive: bool,
}

/// What both digests are made of.
struct Proof<'a> {
    salt: &'a str,
    nonce: &'a [u8],
    shared_key: &'a str,
}

impl Credentials {
    /// Those that the options hold. `None`: no handshake is expected.
    pub(super) fn of(settings: &Settings) -> Option<Credentials> {
        let is_set = !settings.shared_key.is_empty() || !settings.username.is_empty();
        is_set.then(|| Credentials {
            shared_key: settings.shared_key.clone(),
            username: settings.username.clone(),
            password: settings.password.clone(),
        })
    }

    /// Goes through the handshake before `deadline`, and lets it be seen from outside how far it is. Gives whether the connection may carry more than one
    /// chunk. What arrived after the PONG is left in `received`.
    pub(super) fn authenticate(
        &self,
        stream: &mut Stream,
        received: &mut Vec<u8>,
        deadline: Deadline,
    ) -> Result<bool, TransportError> {
        stream.progress().begin();
        let is_lasting = self.shake_hands(stream, received, deadline);
        if is_lasting.is_err() {
            stream.progress().fail();
        }
        is_lasting
    }

    fn shake_hands(
        &self,
        stream: &mut Stream,
        received: &mut Vec<u8>,
        deadline: Deadline,
    ) -> Result<bool, TransportError> {
        let helo = next_answer("HELO", stream, received, deadline)
            .map_err(|error| instead_of_end(error, "the collector closed the connection without a greeting"))?
            .ok_or_else(|| {
            configuration(
                "the collector sends no greeting within connect_timeout_ms, a Forward input with a shared key \
                 (or no shared_key here) is expected",
            )
            .found(Finding::Silent)
        })?;
        stream.progress().step();
        let greeting = Greeting::read(&helo).ok_or_else(|| malformed("HELO"))?;
        let salt = salt();
        let host = host_name();
        let proof = Proof { salt: &salt, nonce: &greeting.nonce, shared_key: self.shared_key.reveal() };
        // One write: Fluent Bit reads it at one go.
        stream.send_all(&[&self.ping(&greeting, &host, &proof)], deadline)?;
        let pong = next_answer("PONG", stream, received, deadline).map_err(|error| {
            let text = "the collector closed the connection on our greeting, the shared_key, username and \
                        password that it knows are expected";
            if error.is_end { configuration(text).found(Finding::Closed) } else { error }
        })?;
        let pong = pong.ok_or_else(|| {
            TransportError::new(
                "handshake",
                "the collector does not answer our greeting within connect_timeout_ms",
            )
            .found(Finding::Silent)
        })?;
        let asks_for_user = !greeting.auth.is_empty() && self.username.is_empty();
        self.check_pong(&pong, &host, &proof, asks_for_user)?;
        stream.progress().step();
        Ok(greeting.keepalive)
    }

    fn ping(&self, greeting: &Greeting, host: &str, proof: &Proof<'_>) -> Vec<u8> {
        let mut ping = Vec::with_capacity(512);
        msgpack::array_header(&mut ping, 6);
        msgpack::text(&mut ping, "PING");
        msgpack::text(&mut ping, host);
        msgpack::text(&mut ping, proof.salt);
        msgpack::text(&mut ping, &proof.digest(host.as_bytes()));
        if greeting.auth.is_empty() || self.username.is_empty() {
            // Nobody asks who we are, so nobody is told; Fluent Bit always seems to ask, users or not.
            msgpack::text(&mut ping, "");
            msgpack::text(&mut ping, "");
        } else {
            let (username, password) = (self.username.reveal(), self.password.reveal());
            msgpack::text(&mut ping, username);
            let parts = [&greeting.auth, username.as_bytes(), password.as_bytes()];
            msgpack::text(&mut ping, &digest(&parts));
        }
        ping
    }

    fn check_pong(
        &self,
        pong: &[u8],
        our_host: &str,
        proof: &Proof<'_>,
        asks_for_user: bool,
    ) -> Result<(), TransportError> {
        let Pong { is_ok, reason, host, digest } = Pong::read(pong).ok_or_else(|| malformed("PONG"))?;
        if !is_ok {
            let reason = self.without_secrets(reason);
            let hint = if asks_for_user { "; it asks for a user, set username and password" } else { "" };
            return Err(configuration(format!(
                "the collector refuses our shared_key, username or password: {reason}{hint}"
            )));
        }
        if host == our_host.as_bytes() {
            return Err(configuration(
                "the collector answers with our own greeting, a collector that knows the shared_key is expected",
            ));
        }
        let expected = proof.digest(host);
        if !bool::from(expected.as_bytes().ct_eq(digest)) {
            return Err(configuration(
                "the collector does not know our shared_key, the same one on both sides is expected",
            ));
        }
        Ok(())
    }

    /// A reason as the log may show it: short, printable, and without what we sent.
    fn without_secrets(&self, reason: &[u8]) -> String {
        let text = String::from_utf8_lossy(reason);
        let mut shown: String = text.chars().filter(|c| !c.is_control()).collect();
        for secret in [&self.shared_key, &self.password] {
            shown = hide(&shown, secret.reveal(), |_| false);
        }
        // A user called `user` is not hidden in `username`, or the reason could not be read.
        let username = self.username.reveal();
        let is_common = username.len() < LEAST_HIDDEN_IN_WORDS;
        shown = hide(&shown, username, |neighbour| is_common && neighbour.is_ascii_alphanumeric());
        if shown.is_empty() {
            return "no reason given".to_owned();
        }
        shown.chars().take(MOST_REASON_CHARS).collect()
    }
}

/// A shorter user name may well be a part of ordinary words.
const LEAST_HIDDEN_IN_WORDS: usize = 6;

/// `text` without `secret`, except where a character beside it makes it a part of something else.
fn hide(text: &str, secret: &str, is_joined: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(secret).filter(|_| !secret.is_empty()) {
        let inside = |c: Option<char>| c.is_some_and(&is_joined);
        let is_part = inside(before.chars().next_back()) || inside(after.chars().next());
        shown.push_str(before);
        shown.push_str(if is_part { secret } else { "***" });
        rest = after;
    }
    shown + rest
}

impl Greeting {
    fn read(helo: &[u8]) -> Option<Greeting> {
        let (Head::Array(2..), rest) = msgpack::read(helo)? else { return None };
        let (Head::Text(b"HELO") | Head::Bin(b"HELO"), rest) = msgpack::read(rest)? else { return None };
        let (Head::Map(pairs), mut rest) = msgpack::read(rest)? else { return None };
        let mut greeting = Greeting { nonce: Vec::new(), auth: Vec::new(), keepalive: true };
        for _ in 0..pairs {
            let (key, after_key) = msgpack::read(rest)?;
            let (value, _) = msgpack::read(after_key)?;
            rest = after_key.get(msgpack::value_len(after_key)?..)?;
            let (Head::Text(key) | Head::Bin(key)) = key else { continue };
            match (key, value) {
                (b"nonce", Head::Text(nonce) | Head::Bin(nonce)) => greeting.nonce = nonce.to_vec(),
                (b"auth", Head::Text(auth) | Head::Bin(auth)) => greeting.auth = auth.to_vec(),
                (b"keepalive", Head::Bool(keepalive)) => greeting.keepalive = keepalive,
                _ => {}
            }
        }
        // Without it the digests would be the same on every connection.
        (!greeting.nonce.is_empty()).then_some(greeting)
    }
}

impl Proof<'_> {
    fn digest(&self, host: &[u8]) -> String {
        digest(&[self.salt.as_bytes(), host, self.nonce, self.shared_key.as_bytes()])
    }
}

/// The collector's answer to our PING.
struct Pong<'a> {
    is_ok: bool,
    reason: &'a [u8],
    host: &'a [u8],
    digest: &'a [u8],
}

impl Pong<'_> {
    fn read(pong: &[u8]) -> Option<Pong<'_>> {
        let (Head::Array(2..), rest) = msgpack::read(pong)? else { return None };
        let (Head::Text(b"PONG") | Head::Bin(b"PONG"), rest) = msgpack::read(rest)? else { return None };
        let (Head::Bool(is_ok), mut rest) = msgpack::read(rest)? else { return None };
        // A refusal may leave out what follows.
        let mut texts = [&b""[..]; 3];
        for text in &mut texts {
            match msgpack::read(rest) {
                Some((Head::Text(value) | Head::Bin(value), after)) => (*text, rest) = (value, after),
                Some((Head::Nil, after)) => rest = after,
                _ => break,
            }
        }
        let [reason, host, digest] = texts;
        Some(Pong { is_ok, reason, host, digest })
    }
}

/// The next whole value. `None` when `deadline` came first.
fn next_answer(
    expected: &str,
    stream: &mut Stream,
    received: &mut Vec<u8>,
    deadline: Deadline,
) -> Result<Option<Vec<u8>>, TransportError> {
    loop {
        if received.first().is_some_and(|first| !msgpack::starts_array(*first)) {
            let error = malformed(expected);
            return Err(if greeting::is_http(received) { error.found(Finding::HttpPort) } else { error });
        }
        if let Some(length) = msgpack::value_len(received) {
            return Ok(Some(received.drain(..length).collect()));
        }
        let room = MOST_ANSWER_BYTES.saturating_sub(received.len());
        if room == 0 {
            return Err(malformed(expected));
        }
        if !stream.receive(received, room)? && !stream.await_bytes(deadline) {
            return Ok(None);
        }
    }
}

#[inline(never)]
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha512::new();
    parts.iter().for_each(|part| hash.update(part));
    hex::text(&hash.finalize())
}

/// 128 bits that nobody can foresee, in 32 characters.
fn salt() -> String {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = id::random_u128().to_ne_bytes();
    }
    hex::text(&bytes)
}

/// This client's name: the machine's with an ending of our own. A collector on the same machine usually
/// goes by the bare name, and one that goes by ours is taken for our own echo. It has few enough bytes that the PING
/// stays below the 1023 that Fluent Bit reads at once.
fn host_name() -> String {
    format!("{}.mona", host::name().as_deref().unwrap_or("localhost"))
}

/// The end of a connection, told as what it means here.
fn instead_of_end(error: TransportError, text: &str) -> TransportError {
    if error.is_end { TransportError::new("handshake", text).found(Finding::Closed) } else { error }
}

fn configuration(text: impl Into<String>) -> TransportError {
    TransportError::new("handshake", text).because(Cause::Configuration)
}

fn malformed(expected: &str) -> TransportError {
    configuration(format!(
        "the collector sends something else than {expected}, a Forward input with a shared key is expected"
    ))
}

#[cfg(test)]
mod tests;
