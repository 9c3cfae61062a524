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
        let (text, is_configuration) = match error {
            Error::InvalidCertificate(reason) => (self.certificate(reason), true),
            Error::AlertReceived(alert) => self.alert(*alert, is_handshake),
            Error::InvalidMessage(_) | Error::InappropriateMessage { .. } if is_handshake => (
                "it does not answer with TLS, a port with TLS switched on or a URL without TLS (tcp://, http://, otlp+http://) is \
                 expected"
                    .to_owned(),
                true,
            ),
            Error::PeerIncompatible(_) => (no_common_ground(), true),
            Error::NoCertificatesPresented => ("it shows no certificate, one is expected".to_owned(), true),
            Error::FailedToGetCurrentTime | Error::FailedToGetRandomBytes => {
                ("the system gives no time or no random bytes".to_owned(), false)
            }
            _ => ("it breaks the rules of TLS, or the bytes were changed on the way".to_owned(), false),
        };
        let error =
            TransportError { finding: finding(error, is_handshake), ..TransportError::new("tls", text) };
        if is_configuration { error.because(Cause::Configuration) } else { error }
    }

    fn certificate(&self, reason: &CertificateError) -> String {
        match reason {
            CertificateError::UnknownIssuer if self.own_authorities => {
                "its certificate was not issued by an authority in ca_file, put the right authority's \
                 certificate there"
                    .to_owned()
            }
            CertificateError::UnknownIssuer => {
                "its certificate was issued by an unknown authority, set ca_file to that authority's \
                 certificate"
                    .to_owned()
            }
            CertificateError::ExpiredContext { time, not_after } => format!(
                "its certificate expired on {}, a renewed one there (or the right time here: {}) is expected",
                date(*not_after),
                here(*time)
            ),
            CertificateError::Expired => {
                "its certificate has expired, a renewed one there (or the right time here) is expected".to_owned()
            }
            CertificateError::NotValidYetContext { time, not_before } => format!(
                "its certificate is not valid before {}, the right time on both sides ({}) is expected",
                date(*not_before),
                here(*time)
            ),
            CertificateError::NotValidYet => {
                "its certificate is not valid yet, the right time on both sides is expected".to_owned()
            }
            CertificateError::NotValidForNameContext { expected, presented } => format!(
                "its certificate is for {} and not for \"{}\", the right name in the endpoint or in \
                 tls_server_name is expected",
                names(presented),
                expected.to_str()
            ),
            CertificateError::NotValidForName => {
                "its certificate is for another name, the right name in the endpoint or in tls_server_name is \
                 expected"
                    .to_owned()
            }
            CertificateError::BadSignature => {
                "its certificate was not signed by the authority of that name that is trusted here, set ca_file \
                 to the right authority's certificate"
                    .to_owned()
            }
            CertificateError::Revoked => "its certificate was revoked, a new one there is expected".to_owned(),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "its certificate is not made for servers, one with the usage serverAuth is expected".to_owned()
            }
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                "its certificate is that of an authority (CA:TRUE), one that the authority issued for the server, \
                 or one made with CA:FALSE, is expected"
                    .to_owned()
            }
            _ => "its certificate cannot be used, an X.509 v3 certificate with a key of RSA (2048 bits or more), \
                  ECDSA or Ed25519 and a subject alternative name is expected"
                .to_owned(),
        }
    }

    fn alert(&self, alert: AlertDescription, is_handshake: bool) -> (String, bool) {
        let refused = "it refuses this client's certificate";
        let text = match alert {
            AlertDescription::CertificateRequired => self.asks_for_certificate(),
            // How servers of TLS 1.2 ask for one, or say that nothing fits.
            AlertDescription::HandshakeFailure if !self.identity => {
                format!("{}, or {}", self.asks_for_certificate(), no_common_ground())
            }
            AlertDescription::HandshakeFailure
            | AlertDescription::ProtocolVersion
            | AlertDescription::InsufficientSecurity => no_common_ground(),
            AlertDescription::UnknownCA => {
                format!("{refused}: unknown authority, a client_cert_file that it trusts is expected")
            }
            AlertDescription::CertificateExpired => {
                format!("{refused}: expired, a renewed client_cert_file is expected")
            }
            AlertDescription::CertificateRevoked => {
                format!("{refused}: revoked, a new client_cert_file is expected")
            }
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError => {
                if self.identity {
                    format!("{refused}, a client_cert_file that it accepts is expected")
                } else {
                    self.asks_for_certificate()
                }
            }
            AlertDescription::UnrecognisedName => {
                "it serves no such name, the right name in the endpoint or in tls_server_name is expected"
                    .to_owned()
            }
            other => {
                let text = format!("it ended the TLS connection with alert {}", u8::from(other));
                return (text, is_handshake);
            }
        };
        (text, true)
    }

    fn asks_for_certificate(&self) -> String {
        if self.identity {
            "it asks for another client certificate, a client_cert_file that it trusts is expected".to_owned()
        } else {
            "it asks for a client certificate, set client_cert_file and client_key_file".to_owned()
        }
    }
}

/// The same in a word.
fn finding(error: &Error, is_handshake: bool) -> Option<Finding> {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
            Some(Finding::UnknownAuthority)
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Some(Finding::WrongName),
        Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => Some(Finding::OutOfTime),
        Error::InvalidCertificate(_) | Error::NoCertificatesPresented => Some(Finding::Certificate),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } if is_handshake => {
            Some(Finding::PlainPort)
        }
        Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied => Some(Finding::ClientCertificate),
            AlertDescription::UnrecognisedName => Some(Finding::WrongName),
            _ => None,
        },
        _ => None,
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
}
