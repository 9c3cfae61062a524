//! What went wrong with TLS, in words that say what to do about it.

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use super::calendar;
use crate::net::{Cause, Finding, TransportError};

/// What the advice depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// `ca_file` is set.
    pub(crate) own_authorities: bool,
    /// `client_cert_file` is set.
    pub(crate) identity: bool,
}

impl Words {
    /// What an error of the TLS library means. What breaks later than in the handshake is a matter of the connection, but
    /// for a verdict on our certificate, which TLS 1.3 gives late.
    pub(crate) fn error(&self, error: &Error, is_handshake: bool) -> TransportError {
        let (text, finding, is_configuration) = match error {
            Error::InvalidCertificate(reason) => {
                let (text, finding) = self.certificate(reason);
                (text, Some(finding), true)
            }
            Error::AlertReceived(alert) => self.alert(*alert, is_handshake),
            Error::InvalidMessage(_) | Error::InappropriateMessage { .. } if is_handshake => (
                "it does not answer with TLS, a port with TLS switched on or a URL without TLS (tcp://, http://, otlp+http://) is \
                 expected"
                    .to_owned(),
                Some(Finding::PlainPort),
                true,
            ),
            Error::PeerIncompatible(_) => (no_common_ground(), None, true),
            Error::NoCertificatesPresented => {
                ("it shows no certificate, one is expected".to_owned(), Some(Finding::Certificate), true)
            }
            Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes => {
                ("the system gives no time or no random bytes".to_owned(), None, false)
            }
            _ => ("it breaks the rules of TLS, or the bytes were changed on the way".to_owned(), None, false),
        };
        let error = TransportError { finding, ..TransportError::new("tls", text) };
        if is_configuration { error.because(Cause::Configuration) } else { error }
    }

    fn certificate(&self, reason: &CertificateError) -> (String, Finding) {
        match reason {
            CertificateError::UnknownIssuer if self.own_authorities => (
                "its certificate was not issued by an authority in ca_file, put the right authority's \
                 certificate there"
                    .to_owned(),
                Finding::UnknownAuthority,
            ),
            CertificateError::UnknownIssuer => (
                "its certificate was issued by an unknown authority, set ca_file to that authority's \
                 certificate"
                    .to_owned(),
                Finding::UnknownAuthority,
            ),
            CertificateError::ExpiredContext { time, not_after } => (
                format!(
                    "its certificate expired on {}, a renewed one there (or the right time here: {}) is expected",
                    date(*not_after),
                    here(*time)
                ),
                Finding::OutOfTime,
            ),
            CertificateError::Expired => (
                "its certificate has expired, a renewed one there (or the right time here) is expected"
                    .to_owned(),
                Finding::OutOfTime,
            ),
            CertificateError::NotValidYetContext { time, not_before } => (
                format!(
                    "its certificate is not valid before {}, the right time on both sides ({}) is expected",
                    date(*not_before),
                    here(*time)
                ),
                Finding::OutOfTime,
            ),
            CertificateError::NotValidYet => (
                "its certificate is not valid yet, the right time on both sides is expected".to_owned(),
                Finding::OutOfTime,
            ),
            CertificateError::NotValidForNameContext { expected, presented } => (
                format!(
                    "its certificate is for {} and not for \"{}\", the right name in the endpoint or in \
                     tls_server_name is expected",
                    names(presented),
                    expected.to_str()
                ),
                Finding::WrongName,
            ),
            CertificateError::NotValidForName => (
                "its certificate is for another name, the right name in the endpoint or in tls_server_name \
                 is expected"
                    .to_owned(),
                Finding::WrongName,
            ),
            CertificateError::BadSignature => (
                "its certificate was not signed by the authority of that name that is trusted here, set \
                 ca_file to the right authority's certificate"
                    .to_owned(),
                Finding::UnknownAuthority,
            ),
            other => (unusable(other).to_owned(), Finding::Certificate),
        }
    }

    fn alert(&self, alert: AlertDescription, is_handshake: bool) -> (String, Option<Finding>, bool) {
        let refused = "it refuses this client's certificate";
        let (text, finding) = match alert {
            AlertDescription::CertificateRequired => {
                (self.asks_for_certificate(), Some(Finding::ClientCertificate))
            }
            // How servers of TLS 1.2 ask for one, or say that nothing fits.
            AlertDescription::HandshakeFailure if !self.identity => {
                (format!("{}, or {}", self.asks_for_certificate(), no_common_ground()), None)
            }
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity => (no_common_ground(), None),
            AlertDescription::UnknownCA => (
                format!("{refused}: unknown authority, a client_cert_file that it trusts is expected"),
                Some(Finding::ClientCertificate),
            ),
            AlertDescription::CertificateExpired => (
                format!("{refused}: expired, a renewed client_cert_file is expected"),
                Some(Finding::ClientCertificate),
            ),
            AlertDescription::CertificateRevoked => (
                format!("{refused}: revoked, a new client_cert_file is expected"),
                Some(Finding::ClientCertificate),
            ),
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError => {
                let text = if self.identity {
                    format!("{refused}, a client_cert_file that it accepts is expected")
                } else {
                    self.asks_for_certificate()
                };
                (text, Some(Finding::ClientCertificate))
            }
            AlertDescription::UnrecognisedName => (
                "it serves no such name, the right name in the endpoint or in tls_server_name is expected"
                    .to_owned(),
                Some(Finding::WrongName),
            ),
            other => {
                let text = format!("it ended the TLS connection with alert {}", u8::from(other));
                return (text, None, is_handshake);
            }
        };
        (text, finding, true)
    }

    fn asks_for_certificate(&self) -> String {
        if self.identity {
            "it asks for another client certificate, a client_cert_file that it trusts is expected".to_owned()
        } else {
            "it asks for a client certificate, set client_cert_file and client_key_file".to_owned()
        }
    }
}

/// Where it is neither its authority nor its name nor the time.
fn unusable(reason: &CertificateError) -> &'static str {
    match reason {
        CertificateError::Revoked => "its certificate was revoked, a new one there is expected",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not made for servers, one with the usage serverAuth is expected"
        }
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is that of an authority (CA:TRUE), one that the authority issued for the server, \
             or one made with CA:FALSE, is expected"
        }
        _ => {
            "its certificate cannot be used, an X.509 v3 certificate with a key of RSA (2048 bits or more), \
             ECDSA or Ed25519 and a subject alternative name is expected"
        }
    }
}

fn no_common_ground() -> String {
    "there is no TLS version and cipher that both sides have, TLS 1.2 or 1.3 is expected there".to_owned()
}

/// The names in a certificate, as people write them: `DnsName("a.test")` is `"a.test"`.
fn names(presented: &[String]) -> String {
    // More would fill a log line without helping anybody.
    const MOST_NAMED: usize = 5;
    if presented.is_empty() {
        return "no name at all".to_owned();
    }
    let mut text: Vec<String> = presented
        .iter()
        .take(MOST_NAMED)
        .map(|name| {
            let inner = name.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')')).unwrap_or(name);
            format!("\"{}\"", inner.trim_matches('"'))
        })
        .collect();
    if presented.len() > MOST_NAMED {
        text.push(format!("{} more", presented.len() - MOST_NAMED));
    }
    text.join(", ")
}

/// The day of a moment in UTC.
fn date(time: UnixTime) -> String {
    calendar::date(seconds(time))
}

/// What the clock of this machine said, for whom it is what is wrong.
fn here(time: UnixTime) -> String {
    format!("by this machine's clock it is {}", calendar::moment(seconds(time)))
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_out_of_their_wrapping() {
        let presented = ["DnsName(\"a.test\")".to_owned(), "IpAddress(127.0.0.1)".to_owned()];
        assert_eq!(names(&presented), "\"a.test\", \"127.0.0.1\"");
        assert_eq!(names(&[]), "no name at all");
        assert!(names(&vec!["x".to_owned(); 9]).ends_with("4 more"));
    }

    /// What is said of an error in the handshake of a client without a certificate, and with one.
    fn said(error: &Error) -> [TransportError; 2] {
        [false, true].map(|identity| Words { own_authorities: true, identity }.error(error, true))
    }

    #[test]
    fn whoever_wants_a_certificate_of_the_client_is_found_to() {
        for code in 0..=u8::MAX {
            let alert = AlertDescription::from(code);
            for error in said(&Error::AlertReceived(alert)) {
                // Where it may be something else too, no word says which it is.
                let wants = error.text.contains("client") && !error.text.contains(", or there is no");
                let is_found = error.finding == Some(Finding::ClientCertificate);
                assert_eq!(is_found, wants, "{alert:?}: {}", error.text);
            }
        }
        for error in said(&Error::AlertReceived(AlertDescription::DecryptError)) {
            assert_eq!(error.finding, Some(Finding::ClientCertificate));
        }
    }

    #[test]
    fn what_is_wrong_with_a_certificate_has_a_word() {
        for (reason, expected) in [
            (CertificateError::UnknownIssuer, Finding::UnknownAuthority),
            (CertificateError::BadSignature, Finding::UnknownAuthority),
            (CertificateError::Expired, Finding::OutOfTime),
            (CertificateError::NotValidYet, Finding::OutOfTime),
            (CertificateError::NotValidForName, Finding::WrongName),
            (CertificateError::Revoked, Finding::Certificate),
            (CertificateError::InvalidPurpose, Finding::Certificate),
            (CertificateError::BadEncoding, Finding::Certificate),
        ] {
            let [error, _] = said(&Error::InvalidCertificate(reason));
            assert_eq!(error.finding, Some(expected), "{}", error.text);
        }
    }
}
