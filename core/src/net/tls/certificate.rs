//! What people want to know of a certificate: whose it is, who issued it and how long it is good.
//!
//! Nothing here decides whom to trust, which is the TLS library's part; it has no words for the dates. What comes from
//! the network is believed in nothing: each length is held against what is there, and texts and names are bounded.

use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::calendar;

/// Letters of a name that are told: a real one has fewer than a hundred.
const MOST_LETTERS: usize = 200;
/// Names that are told: a certificate for a hundred hosts would fill a screen.
const MOST_NAMES: usize = 10;

const SECONDS_A_DAY: i64 = 86_400;

// Tags of DER.
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const FULL_TIME: u8 = 0x18;
const UTF16: u8 = 0x1e;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const ADDRESS: u8 = 0x87;

/// The parts of a name that people know, by their object identifiers.
const PARTS: [(&[u8], &str); 4] =
    [(&[0x55, 4, 3], "CN"), (&[0x55, 4, 11], "OU"), (&[0x55, 4, 10], "O"), (&[0x55, 4, 6], "C")];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// A certificate as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// `CN=collector.example, O=Example`; empty where there are only alternative names.
    subject: String,
    issuer: String,
    names: Vec<String>,
    /// Seconds since 1970.
    not_before: i64,
    not_after: i64,
}

impl Certificate {
    /// Reads an X.509 certificate in DER; `None` where it is none.
    pub(super) fn read(der: &[u8]) -> Option<Certificate> {
        let mut whole = Der(Der(der).take(SEQUENCE)?);
        let mut signed = Der(whole.take(SEQUENCE)?);
        if signed.0.first() == Some(&VERSION) {
            signed.take(VERSION)?;
        }
        signed.take(INTEGER)?;
        signed.take(SEQUENCE)?;
        let issuer = name(signed.take(SEQUENCE)?);
        let mut validity = Der(signed.take(SEQUENCE)?);
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        let subject = name(signed.take(SEQUENCE)?);
        let mut names = Vec::new();
        while let Some((tag, value)) = signed.next() {
            if tag == EXTENSIONS {
                names = alternative_names(value).unwrap_or_default();
            }
        }
        Some(Certificate { subject, issuer, names, not_before, not_after })
    }

    /// What is reported of it, by the clock of this machine.
    pub(super) fn json(&self) -> Value {
        let left = self.not_after - now();
        json!({
            "subject": self.subject,
            "names": self.names,
            "issuer": self.issuer,
            "not_before": calendar::moment(self.not_before),
            "not_after": calendar::moment(self.not_after),
            "days_left": left.div_euclid(SECONDS_A_DAY),
        })
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Elements of DER, one behind the other.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next element: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if *first >= 0x80 {
            // Four bytes of length are gigabytes; an indefinite one (0x80) is not DER.
            let count = usize::from(first & 0x7f);
            let (bytes, behind) = rest.split_at_checked(count).filter(|_| (1..=4).contains(&count))?;
            length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            rest = behind;
        }
        let (content, behind) = rest.split_at_checked(length)?;
        self.0 = behind;
        Some((*tag, content))
    }

    /// The content of the next element, which has this tag.
    fn take(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }

    /// A moment in seconds since 1970: `YYMMDDhhmmssZ` or `YYYYMMDDhhmmssZ`, the only forms that certificates may have.
    fn time(&mut self) -> Option<i64> {
        let (tag, text) = self.next()?;
        let digits = text.strip_suffix(b"Z").filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        let (year, rest) = digits.split_at_checked(if tag == FULL_TIME { 4 } else { 2 })?;
        let number = |digits: &[u8]| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        let parts: Vec<i64> = rest.chunks(2).map(number).collect();
        let [month, day, hour, minute, second] = *parts.as_slice() else { return None };
        let year = match tag {
            FULL_TIME => number(year),
            // Two digits are of 1950 to 2049.
            UTC_TIME => number(year) + if number(year) < 50 { 2000 } else { 1900 },
            _ => return None,
        };
        let is_date = rest.len() == 10 && (1..=12).contains(&month) && (1..=31).contains(&day);
        (is_date && hour < 24 && minute < 60 && second <= 60)
            .then(|| calendar::seconds((year, month, day), (hour, minute, second)))
    }
}

/// A distinguished name as `CN=x, O=y`, with the parts that people know in their order of use.
fn name(content: &[u8]) -> String {
    let mut name = String::new();
    for (wanted, part) in PARTS {
        let mut sets = Der(content);
        while let Some(set) = sets.take(SET) {
            // A set of several parts is rare; what follows its first one is left out.
            let mut pair = Der(Der(set).take(SEQUENCE).unwrap_or_default());
            if pair.take(OID) == Some(wanted)
                && let Some((tag, value)) = pair.next()
                && name.len() < MOST_LETTERS
            {
                let comma = if name.is_empty() { "" } else { ", " };
                name = [&name, comma, part, "=", &text(tag, value)].concat();
            }
        }
    }
    name
}

/// A text of whatever kind, without what could steer a terminal.
fn text(tag: u8, bytes: &[u8]) -> String {
    let decoded = match tag {
        UTF16 => {
            let units: Vec<u16> = bytes
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    decoded.chars().take(MOST_LETTERS).map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

/// The hosts and addresses of a certificate, out of its extensions.
fn alternative_names(extensions: &[u8]) -> Option<Vec<String>> {
    let mut extensions = Der(Der(extensions).take(SEQUENCE)?);
    while let Some(extension) = extensions.take(SEQUENCE) {
        let mut parts = Der(extension);
        if parts.take(OID)? != ALTERNATIVE_NAMES {
            continue;
        }
        let mut value = None;
        while let Some((tag, content)) = parts.next() {
            value = (tag == OCTETS).then_some(content);
        }
        let mut all = Der(Der(value?).take(SEQUENCE)?);
        let mut names = Vec::new();
        while let Some((tag, content)) = all.next() {
            let found = match tag {
                DNS_NAME => Some(text(tag, content)),
                ADDRESS => address(content),
                _ => None,
            };
            names.extend(found.filter(|_| names.len() < MOST_NAMES));
        }
        return Some(names);
    }
    None
}

fn address(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    v4.or(v6).ok().map(|address| address.to_string())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::new(vec!["a.test".to_owned(), "::1".to_owned()]).unwrap();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn names_and_times_are_those_it_was_made_with() {
        let der = made(|params| {
            params.distinguished_name.push(DnType::OrganizationName, "Beispiel & Söhne");
            params.distinguished_name.push(DnType::CommonName, "a\u{1b}[2Jb");
            params.not_before = rcgen::date_time_ymd(1999, 12, 31);
            params.not_after = rcgen::date_time_ymd(2051, 2, 28);
        });
        let read = Certificate::read(&der).unwrap();
        assert_eq!(read.subject, "CN=a?[2Jb, O=Beispiel & Söhne");
        assert_eq!(read.issuer, read.subject);
        assert_eq!(read.names, ["a.test", "::1"]);
        let shown = read.json();
        assert_eq!(shown["not_before"], "1999-12-31T00:00:00Z");
        assert_eq!(shown["not_after"], "2051-02-28T00:00:00Z");
        assert!(shown["days_left"].as_i64().unwrap() > 0);
        let expired = made(|params| params.not_after = rcgen::date_time_ymd(2021, 1, 1));
        assert!(Certificate::read(&expired).unwrap().json()["days_left"].as_i64().unwrap() < 0);
    }

    #[test]
    fn one_of_openssl_is_read() {
        // openssl req -x509 -newkey ed25519 -nodes -days 36500 -subj "/C=DE/O=Example/CN=an authority"
        let pem = include_bytes!("tests/openssl.pem");
        let read = Certificate::read(&CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
        assert_eq!(read.subject, "CN=an authority, O=Example, C=DE");
        assert_eq!(read.names, [""; 0]);
        assert!(read.json()["days_left"].as_i64().unwrap() > 20_000);
    }

    #[test]
    fn what_is_cut_or_changed_is_none_or_another_and_never_a_panic() {
        let der = made(|_| ());
        for length in 0..der.len() {
            assert_eq!(Certificate::read(&der[..length]), None, "{length}");
        }
        for place in 0..der.len().min(400) {
            for byte in [0, 1, 0x7f, 0x80, 0x84, 0xff] {
                let mut changed = der.clone();
                changed[place] = byte;
                let _ = Certificate::read(&changed);
            }
        }
        assert_eq!(Certificate::read(&[0x30, 0x80]), None);
        assert_eq!(Certificate::read(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn times_that_are_none_are_refused() {
        let read = |tag: u8, text: &str| {
            let mut der = vec![tag, u8::try_from(text.len()).unwrap()];
            der.extend_from_slice(text.as_bytes());
            Der(&der).time()
        };
        assert_eq!(read(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(read(FULL_TIME, "19700101000001Z"), Some(1));
        assert_eq!(read(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        for (tag, text) in [
            (UTC_TIME, "700101000000"),
            (UTC_TIME, "7001010000Z"),
            (UTC_TIME, "701301000000Z"),
            (UTC_TIME, "700100000000Z"),
            (UTC_TIME, "70010100000xZ"),
            (UTC_TIME, "19700101000001Z"),
            (FULL_TIME, "19700101000001+0100"),
            (FULL_TIME, "Z"),
            (OCTETS, "700101000000Z"),
        ] {
            assert_eq!(read(tag, text), None, "{text}");
        }
    }
}
