//! What a hostile collector says without end, and its text form.
//!
//! Part of a [`super::step::Step`]. Nothing of it is ever a whole answer, but for the status of those that have one;
//! the server writes it as [`Babble`] says.

use std::io::Write as _;
use std::str::FromStr;
use std::time::Duration;

use super::reply::{duration, number};
use crate::server::conduct::Babble;

/// More than anybody sends, and no end in sight.
const GIANT: u64 = 4 << 30;

/// The body of an answer with some million failures.
const FAILURES_BYTES: usize = 100_000_000;

/// Failures whose answer has just less than the mebibyte that a client reads.
const REASONS: usize = 90_000;

/// Far more tickets than a client may take without data between them.
const TICKETS: usize = 4_000;

/// Zeros in a member of gzip, some kilobytes when packed.
const BOMB: usize = 8 << 20;

/// Talks without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// What it says.
    pub noise: Noise,
    /// One byte at a time, this long apart; `:each=1ms`.
    pub each: Option<Duration>,
    /// The status of an HTTP answer that has one; `:status=200`.
    pub status: u16,
}

/// What is said without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noise {
    /// A HELO whose nonce has 4 GiB. `helo-text`
    HeloText,
    /// A HELO whose map has 4 Gi pairs, all of which come. `helo-map`
    HeloMap,
    /// A list in a list, and so on. `nested`
    Nested,
    /// Lists that announce 4 Gi items each, one in the other. `giants`
    Giants,
    /// Bytes that are msgpack of no kind. `garbage`
    Garbage,
    /// Well-formed acknowledgements of chunks that nobody sent. `acks`
    Acks,
    /// An acknowledgement whose id has 4 GiB. `ack`
    Ack,
    /// A status line without an end. `status-line`
    StatusLine,
    /// Header after header. `head`
    Head,
    /// One header without an end. `header`
    Header,
    /// Line ends before the answer. `blank`
    Blank,
    /// Interim answers and none that is final. `interim`
    Interim,
    /// An interim answer of header after header. `early`
    Early,
    /// A body of 4 GiB. `length`
    Length,
    /// A body of 4 GiB in chunks that never end. `chunks`
    Chunks,
    /// The length of a chunk, without an end. `chunk-size`
    ChunkSize,
    /// Trailer after trailer. `trailers`
    Trailers,
    /// A compressed body of zeros without end. `gzip`
    Gzip,
    /// REST: a hundred megabytes of failures by name. `failures`
    Failures,
    /// REST: all failures that a mebibyte holds, by names that no message has. `reasons`
    Reasons,
    /// A token of 4 GiB. `token`
    Token,
    /// A redirect to the same place. `redirect`
    Redirect,
    /// TLS 1.3: session tickets, thousands of them. `tickets`
    Tickets,
    /// TLS 1.3: one change of keys after the other. `keys`
    Keys,
    /// In clear text: the first message of a TLS server, which has 16 MB. `tls-hello`
    TlsHello,
    /// Nothing; reads a byte now and then through the smallest window, `each` apart. `sip`
    Sip,
}

/// The words for them, in the same order.
const NAMES: [(&str, Noise); 26] = [
    ("helo-text", Noise::HeloText),
    ("helo-map", Noise::HeloMap),
    ("nested", Noise::Nested),
    ("giants", Noise::Giants),
    ("garbage", Noise::Garbage),
    ("acks", Noise::Acks),
    ("ack", Noise::Ack),
    ("status-line", Noise::StatusLine),
    ("head", Noise::Head),
    ("header", Noise::Header),
    ("blank", Noise::Blank),
    ("interim", Noise::Interim),
    ("early", Noise::Early),
    ("length", Noise::Length),
    ("chunks", Noise::Chunks),
    ("chunk-size", Noise::ChunkSize),
    ("trailers", Noise::Trailers),
    ("gzip", Noise::Gzip),
    ("failures", Noise::Failures),
    ("reasons", Noise::Reasons),
    ("token", Noise::Token),
    ("redirect", Noise::Redirect),
    ("tickets", Noise::Tickets),
    ("keys", Noise::Keys),
    ("tls-hello", Noise::TlsHello),
    ("sip", Noise::Sip),
];

impl Flood {
    /// This noise as fast as it goes, with a status that asks to come again.
    pub fn new(noise: Noise) -> Flood {
        Flood { noise, each: None, status: 503 }
    }

    /// The same one byte at a time.
    pub fn each(self, pause: Duration) -> Flood {
        Flood { each: Some(pause), ..self }
    }

    /// The same behind another status.
    pub fn status(self, status: u16) -> Flood {
        Flood { status, ..self }
    }

    /// What the server has to do.
    pub(super) fn babble(self) -> Babble {
        let each = self.each;
        let said = |waits, lead: Vec<u8>, again: &[u8]| Babble {
            waits,
            lead,
            again: again.to_vec(),
            each,
            ..Babble::default()
        };
        let greeting = |lead: &[u8], again: &[u8]| said(false, lead.to_vec(), again);
        let answer = |lead: &[u8], again: &[u8]| said(true, lead.to_vec(), again);
        let body = |fields: &str, again: &[u8]| said(true, self.head(fields), again);
        match self.noise {
            Noise::HeloText => greeting(b"\x92\xa4HELO\x81\xa5nonce\xdb\xff\xff\xff\xff", b"x"),
            Noise::HeloMap => greeting(b"\x92\xa4HELO\xdf\xff\xff\xff\xff", b"\xa1k\x01"),
            Noise::Nested => greeting(b"", b"\x91"),
            Noise::Giants => greeting(b"", b"\xdd\xff\xff\xff\xff"),
            Noise::Garbage => greeting(b"", b"\xc1\x00\xff\n"),
            Noise::Acks => answer(b"", b"\x81\xa3ack\xb8AAAAAAAAAAAAAAAAAAAAAA=="),
            Noise::Ack => answer(b"\x81\xa3ack\xdb\xff\xff\xff\xff", b"A"),
            Noise::StatusLine => answer(format!("HTTP/1.1 {} ", self.status).as_bytes(), b"x"),
            Noise::Head => answer(format!("HTTP/1.1 {} x\r\n", self.status).as_bytes(), b"X-More: x\r\n"),
            Noise::Header => answer(format!("HTTP/1.1 {} x\r\nX-More: ", self.status).as_bytes(), b"x"),
            Noise::Blank => answer(b"", b"\r\n"),
            Noise::Interim => answer(b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
            Noise::Early => answer(b"HTTP/1.1 103 Early Hints\r\n", b"Link: x\r\n"),
            Noise::Length => body(&format!("Content-Length: {GIANT}"), b"x"),
            Noise::Chunks => body("Transfer-Encoding: chunked", b"10\r\nxxxxxxxxxxxxxxxx\r\n"),
            Noise::ChunkSize => body("Transfer-Encoding: chunked", b"0"),
            Noise::Trailers => {
                let mut lead = self.head("Transfer-Encoding: chunked");
                lead.extend_from_slice(b"0\r\n");
                said(true, lead, b"X-More: x\r\n")
            }
            Noise::Gzip => body("Content-Encoding: gzip", &zeros()),
            Noise::Failures => said(true, self.failures(FAILURES_BYTES), b",\"nobody\":\"no\""),
            Noise::Reasons => answer(&self.reasons(), b""),
            Noise::Token => {
                let mut lead = self.head(&format!("Content-Length: {GIANT}"));
                lead.extend_from_slice(b"{\"accessToken\":\"");
                said(true, lead, b"x")
            }
            Noise::Redirect => answer(b"", b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
            Noise::Tickets => Babble { tickets: TICKETS, ..greeting(b"", b"") },
            Noise::Keys => Babble { renews_keys: true, ..greeting(b"", b"") },
            // Records of the handshake, all of one ServerHello.
            Noise::TlsHello => answer(b"\x16\x03\x03\x00\x04\x02\xff\xff\xff", b"\x16\x03\x03\x00\x04xxxx"),
            Noise::Sip => {
                Babble { sips: Some(each.unwrap_or(Duration::from_millis(1))), ..Babble::default() }
            }
        }
    }

    fn head(self, fields: &str) -> Vec<u8> {
        format!("HTTP/1.1 {} x\r\nContent-Type: application/json\r\n{fields}\r\n\r\n", self.status).into()
    }

    /// The start of an answer that names so many failures, and has a body of `length` bytes.
    fn failures(self, length: usize) -> Vec<u8> {
        let mut lead = self.head(&format!("Content-Length: {length}"));
        lead.extend_from_slice(b"{\"failed\":1000000,\"failure_reasons\":{\"nobody\":\"no\"");
        lead
    }

    /// An answer of just so many failures that a client reads it whole, by names that no message has.
    fn reasons(self) -> Vec<u8> {
        let names: Vec<String> = (0..REASONS).map(|n| format!("\"x{n}\":0")).collect();
        let json = format!("{{\"failed\":{REASONS},\"failure_reasons\":{{{}}}}}", names.join(","));
        let mut answer = self.head(&format!("Content-Length: {}", json.len()));
        answer.extend_from_slice(json.as_bytes());
        answer
    }
}

/// A member of gzip; more of them may follow.
fn zeros() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = [0; 64 << 10];
    // Writing into memory does not fail.
    for _ in 0..BOMB / block.len() {
        let _ = packed.write_all(&block);
    }
    packed.finish().unwrap_or_default()
}

impl FromStr for Flood {
    type Err = String;

    fn from_str(text: &str) -> Result<Flood, String> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let noise = NAMES.iter().find(|(known, _)| *known == name).map(|(_, noise)| *noise);
        let noise = noise.ok_or_else(|| {
            let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            format!("flood={text}: found no known noise, expected one of {}", known.join(", "))
        })?;
        let mut flood = Flood::new(noise);
        for part in parts {
            flood = match part.split_once('=') {
                Some(("each", pause)) => flood.each(duration(text, pause)?),
                Some(("status", status)) => flood.status(number(text, status, "a status")?),
                _ => {
                    return Err(format!("flood={text}: found \"{part}\", expected each=TIME or status=CODE"));
                }
            };
        }
        Ok(flood)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_noise_is_read_and_has_something_to_say() {
        for (name, noise) in NAMES {
            let flood: Flood = format!("{name}:each=2ms:status=400").parse().unwrap();
            assert_eq!(flood, Flood::new(noise).each(Duration::from_millis(2)).status(400));
            let babble = flood.babble();
            let says = babble.lead.len() + babble.again.len() + babble.tickets > 0 || babble.renews_keys;
            assert!(says || babble.sips.is_some(), "{name}");
        }
        for wrong in ["", "noise", "head:each", "head:each=x", "head:status=x", "head:twice=2"] {
            assert!(wrong.parse::<Flood>().unwrap_err().contains(": found "), "{wrong}");
        }
    }
}
