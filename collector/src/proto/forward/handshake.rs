//! The handshake that comes before the first message where a shared key is asked for: HELO, PING, PONG.
//!
//! The server's side, as a connection of the server plays it, in the two dialects that are out there. A
//! [`Handshake`] says who may come in; what a peer says wrong is a sentence.

use std::borrow::Cow;

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha512};

use crate::proto::hex::hex;
use crate::proto::malformed::Malformed;
use crate::proto::msgpack::{Cursor, Head};

/// Fluent Bit reads PING with a single read into a buffer of this size.
const MAX_PING: usize = 1023;

/// How HELO is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helo {
    /// As Fluentd does: binary values, and `keepalive`.
    Fluentd,
    /// As Fluent Bit does: text values with bytes that are no UTF-8, and no `keepalive`. PING has to
    /// arrive with one read of at most 1023 bytes.
    FluentBit,
}

/// Who may come in.
#[derive(Clone)]
pub struct Handshake {
    /// The key of both sides; empty is a key too.
    pub shared_key: String,
    /// Passwords by user name; without any, users are not asked for.
    pub users: BTreeMap<String, String>,
    /// How HELO is written.
    pub helo: Helo,
    /// Whether a connection takes more than one chunk. If not, HELO says so (Fluentd's way only), and
    /// the connection is closed behind the answer to the first.
    pub keepalive: bool,
    /// The name this server goes by in PONG.
    pub hostname: String,
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("helo", &self.helo)
            .field("keepalive", &self.keepalive)
            .finish_non_exhaustive()
    }
}

impl Handshake {
    /// This key, no users, Fluentd's way, many chunks to a connection.
    pub fn new(shared_key: impl Into<String>) -> Handshake {
        Handshake {
            shared_key: shared_key.into(),
            users: BTreeMap::new(),
            helo: Helo::Fluentd,
            keepalive: true,
            hostname: "mona-collector".to_owned(),
        }
    }

    /// Lets this user in; with one user or more, nobody comes in without a name.
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Handshake {
        self.users.insert(name.into(), password.into());
        self
    }

    /// Says HELO this way.
    pub fn helo(self, helo: Helo) -> Handshake {
        Handshake { helo, ..self }
    }

    /// One chunk to a connection, or many.
    pub fn keepalive(self, keepalive: bool) -> Handshake {
        Handshake { keepalive, ..self }
    }

    /// Begins one handshake, with random values that were used for no other.
    pub(crate) fn greet(&self, nonce: [u8; 16], auth: [u8; 16]) -> Greeting<'_> {
        Greeting { asked: self, nonce, auth }
    }
}

/// One handshake under way.
pub struct Greeting<'a> {
    asked: &'a Handshake,
    nonce: [u8; 16],
    auth: [u8; 16],
}

/// What a client said of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Ping {
    hostname: Vec<u8>,
    salt: Vec<u8>,
    digest: Vec<u8>,
    user: Vec<u8>,
    password: Vec<u8>,
}

impl Greeting<'_> {
    /// The bytes of HELO.
    pub fn helo(&self) -> Vec<u8> {
        // Fluent Bit sends the salt whether it knows users or not.
        let is_asking = !self.asked.users.is_empty() || matches!(self.asked.helo, Helo::FluentBit);
        let auth: &[u8] = if is_asking { &self.auth } else { &[] };
        let mut out = vec![0x92];
        text(&mut out, b"HELO");
        match self.asked.helo {
            Helo::Fluentd => {
                out.push(0x83);
                for (key, value) in [("nonce", &self.nonce[..]), ("auth", auth)] {
                    text(&mut out, key.as_bytes());
                    out.extend([0xc4, u8::try_from(value.len()).unwrap_or(u8::MAX)]);
                    out.extend_from_slice(value);
                }
                text(&mut out, b"keepalive");
                out.push(if self.asked.keepalive { 0xc3 } else { 0xc2 });
            }
            Helo::FluentBit => {
                out.push(0x82);
                for (key, value) in [("nonce", &self.nonce[..]), ("auth", auth)] {
                    text(&mut out, key.as_bytes());
                    text(&mut out, value);
                }
            }
        }
        out
    }

    /// Whether the client may come in; the error is what PONG tells it.
    pub fn check(&self, ping: &Ping) -> Result<(), &'static str> {
        if ping.digest != self.digest(&ping.salt, &ping.hostname).as_bytes() {
            return Err("shared_key mismatch");
        }
        if self.asked.users.is_empty() {
            return Ok(());
        }
        let known = std::str::from_utf8(&ping.user).ok().and_then(|user| self.asked.users.get(user));
        let expected = known.map(|password| sha512(&[&self.auth, &ping.user, password.as_bytes()]));
        match expected {
            Some(expected) if expected.as_bytes() == ping.password => Ok(()),
            _ => Err("username/password mismatch"),
        }
    }

    fn digest(&self, salt: &[u8], hostname: &[u8]) -> String {
        sha512(&[salt, hostname, &self.nonce, self.asked.shared_key.as_bytes()])
    }

    /// The PONG that lets the client in.
    pub fn welcome(&self, ping: &Ping) -> Vec<u8> {
        self.pong_as(ping, self.asked.hostname.as_bytes())
    }

    /// The PONG that lets the client in, in the client's own host name.
    pub fn welcome_as_client(&self, ping: &Ping) -> Vec<u8> {
        self.pong_as(ping, &ping.hostname)
    }

    /// A PONG that says yes and knows another key.
    pub fn welcome_with_wrong_digest(&self, ping: &Ping) -> Vec<u8> {
        let digest = sha512(&[&ping.salt, &self.nonce]);
        pong(true, "", self.asked.hostname.as_bytes(), &digest)
    }

    fn pong_as(&self, ping: &Ping, hostname: &[u8]) -> Vec<u8> {
        pong(true, "", hostname, &self.digest(&ping.salt, hostname))
    }

    /// Whether PING came as Fluent Bit needs it, `reads` reads and `bytes` bytes.
    pub(crate) fn is_in_one_piece(&self, reads: usize, bytes: usize) -> Result<(), Malformed> {
        if self.asked.helo == Helo::FluentBit && (reads > 1 || bytes > MAX_PING) {
            return Err(Malformed::new(format!(
                "PING: found {bytes} bytes in {reads} reads, expected at most {MAX_PING} bytes in one"
            )));
        }
        Ok(())
    }
}

/// The PONG that says no.
pub(crate) fn refusal(reason: &str) -> Vec<u8> {
    pong(false, reason, b"", "")
}

fn pong(ok: bool, reason: &str, hostname: &[u8], digest: &str) -> Vec<u8> {
    let mut out = vec![0x95];
    text(&mut out, b"PONG");
    out.push(if ok { 0xc3 } else { 0xc2 });
    for value in [reason.as_bytes(), hostname, digest.as_bytes()] {
        text(&mut out, value);
    }
    out
}

impl Ping {
    /// What the client calls its host.
    pub fn hostname(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.hostname)
    }

    /// Reads one complete message.
    pub(crate) fn parse(message: &[u8]) -> Result<Ping, Malformed> {
        let mut cursor = Cursor::new(message);
        let parts = match cursor.head()? {
            Head::Array(parts) => parts,
            other => return Err(Malformed::new(format!("PING: found {}, expected an array", other.kind()))),
        };
        let named = matches!(cursor.peek()?, Head::Str(_)) && cursor.text("PING")? == b"PING";
        if !named || parts != 6 {
            return Err(Malformed::new(format!(
                "handshake: found another message of {parts} parts, expected PING with 6 parts"
            )));
        }
        let mut part = |what: &str| match cursor.peek()? {
            Head::Str(_) => cursor.text(what).map(<[u8]>::to_vec),
            other => Err(Malformed::new(format!("PING {what}: found {}, expected text", other.kind()))),
        };
        Ok(Ping {
            hostname: part("hostname")?,
            salt: part("salt")?,
            digest: part("digest")?,
            user: part("user name")?,
            password: part("password digest")?,
        })
    }
}

fn sha512(parts: &[&[u8]]) -> String {
    let mut digest = Sha512::new();
    parts.iter().for_each(|part| digest.update(part));
    hex(&digest.finalize())
}

/// A text value of any bytes up to 255.
fn text(out: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = bytes.get(..255).unwrap_or(bytes);
    match u8::try_from(bytes.len()) {
        Ok(short @ 0..=31) => out.push(0xa0 | short),
        Ok(long) => out.extend([0xd9, long]),
        Err(_) => {}
    }
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping(parts: [&str; 6]) -> Vec<u8> {
        let mut out = vec![0x96];
        for part in parts {
            rmp::encode::write_str(&mut out, part).unwrap();
        }
        out
    }

    #[test]
    fn both_dialects_of_helo() {
        let asked = Handshake::new("key").keepalive(false);
        let greeting = Greeting { asked: &asked, nonce: [0xff; 16], auth: [0xfe; 16] };
        let nonce = [0xff; 16];
        let expected =
            [b"\x92\xa4HELO\x83\xa5nonce\xc4\x10", &nonce[..], b"\xa4auth\xc4\x00\xa9keepalive\xc2"];
        assert_eq!(greeting.helo(), expected.concat());

        let asked = Handshake::new("key").user("name", "password").helo(Helo::FluentBit);
        let greeting = Greeting { asked: &asked, nonce, auth: [0xfe; 16] };
        let expected = [b"\x92\xa4HELO\x82\xa5nonce\xb0", &nonce[..], b"\xa4auth\xb0", &[0xfe; 16]];
        assert_eq!(greeting.helo(), expected.concat());
        assert!(greeting.is_in_one_piece(1, 1023).is_ok());
        assert!(greeting.is_in_one_piece(2, 100).is_err() && greeting.is_in_one_piece(1, 1024).is_err());
    }

    #[test]
    fn digests_are_those_of_the_protocol() {
        // Computed with another implementation of SHA-512.
        let asked = Handshake::new("secret").user("name", "password");
        let greeting = Greeting { asked: &asked, nonce: *b"nonce-of-16-byte", auth: *b"auth-of-16-bytes" };
        let digest = "f23d6b7c22bec1cc766c84a17f6385eb801ca5c5f00dc1ad198b990639a03b6f10ba3d124422cc409a50839690131b67ce58160cdd2d57093271a93094c18eaa";
        let password = "d54bb0ccd5b47ceafc2ecfe4573d9d21baf5e691084fa730b16841907ee2fd65fd1f5c3830d361adf4ed6ca6df44f1c5e5ea2007ad6622570027951058ac7fb6";
        let read = Ping::parse(&ping(["PING", "client", "salt", digest, "name", password])).unwrap();
        assert_eq!(greeting.check(&read), Ok(()));
        let pong = greeting.welcome(&read);
        assert!(pong.starts_with(b"\x95\xa4PONG\xc3\xa0\xaemona-collector\xd9\x80"));
        assert!(pong.ends_with(b"2f7a7d62b2754b75e1e722aec668e8cd2e5c75f864ec7a0399d187993df9b9f204f5ab95568f55471db1ef41d84eaf0e47b1ca877bd7cf6389444b742c43edf3"));
        assert!(!greeting.welcome_with_wrong_digest(&read).ends_with(&pong[pong.len() - 128..]));

        let check = |parts| greeting.check(&Ping::parse(&ping(parts)).unwrap());
        assert_eq!(check(["PING", "client", "tlas", digest, "name", password]), Err("shared_key mismatch"));
        for (user, password) in [("name", "x"), ("other", password), ("", "")] {
            let refused = check(["PING", "client", "salt", digest, user, password]);
            assert_eq!(refused, Err("username/password mismatch"));
        }
    }

    #[test]
    fn other_messages_are_named() {
        let sentence = |bytes: &[u8]| Ping::parse(bytes).unwrap_err().to_string();
        assert_eq!(
            sentence(b"\x93\xa1t\xc4\x00\x80"),
            "handshake: found another message of 3 parts, expected PING with 6 parts"
        );
        assert_eq!(sentence(b"\x01"), "PING: found an integer, expected an array");
        assert_eq!(
            sentence(b"\x96\xa4PING\xc4\x01a\xa1b\xa1c\xa1d\xa1e"),
            "PING hostname: found binary, expected text"
        );
    }
}
