//! TLS as a server: what a service presents and whom it lets in.
//!
//! Made from PEM by the program and by tests. rustls with ring, TLS 1.2 and 1.3, session tickets on, as
//! the collectors of this world have them.

use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

/// Which versions are spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TlsVersions {
    /// TLS 1.2 and 1.3.
    #[default]
    Both,
    /// TLS 1.2 only.
    Tls12,
    /// TLS 1.3 only.
    Tls13,
}

impl TlsVersions {
    fn list(self) -> Vec<&'static SupportedProtocolVersion> {
        match self {
            TlsVersions::Both => vec![&TLS12, &TLS13],
            TlsVersions::Tls12 => vec![&TLS12],
            TlsVersions::Tls13 => vec![&TLS13],
        }
    }
}

/// A certificate with its private key, both PEM.
#[derive(Clone)]
pub struct Certificate {
    /// The certificate and, behind it, those between it and the authority's, if there are any.
    pub chain: String,
    /// The private key, PKCS #8.
    pub key: String,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// What a [`Tls`] is made from.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// What the server presents.
    pub certificate: Certificate,
    /// PEM of those who sign for clients; with it a client without a certificate of theirs is refused.
    pub client_ca: Option<String>,
    /// Which versions are spoken.
    pub versions: TlsVersions,
    /// Whether clients get session tickets; TLS 1.3 sends them behind the handshake, unasked.
    pub tickets: bool,
}

impl TlsSettings {
    /// This certificate, any client, both versions, tickets.
    pub fn new(certificate: Certificate) -> TlsSettings {
        TlsSettings { certificate, client_ca: None, versions: TlsVersions::Both, tickets: true }
    }
}

/// The TLS side of a service; cheap to clone.
#[derive(Clone)]
pub struct Tls(pub(crate) Arc<ServerConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Tls {
    /// Reads the PEM; the error says what is wrong with which part.
    pub fn new(settings: &TlsSettings) -> io::Result<Tls> {
        let TlsSettings { certificate, client_ca, versions, tickets } = settings;
        let chain = certificates("certificate", &certificate.chain)?;
        let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())
            .map_err(|error| invalid(format!("private key: found no PEM key ({error}), expected one")))?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions.list())
            .map_err(io::Error::other)?;
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(pem) => builder.with_client_cert_verifier(verifier(pem, provider)?),
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| invalid(format!("certificate and private key: {error}")))?;
        if *tickets {
            config.ticketer = ring::Ticketer::new().map_err(io::Error::other)?;
        } else {
            config.send_tls13_tickets = 0;
        }
        Ok(Tls(Arc::new(config)))
    }
}

impl TryFrom<Certificate> for Tls {
    type Error = io::Error;

    fn try_from(certificate: Certificate) -> io::Result<Tls> {
        Tls::new(&TlsSettings::new(certificate))
    }
}

/// Bytes that nobody can guess.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let filled = ring::default_provider().secure_random.fill(&mut bytes);
    filled.map(|()| bytes).map_err(|_| io::Error::other("no random bytes could be had"))
}

/// An id that nobody else makes: a UUID of version 4, in lower case.
pub fn fresh_id() -> String {
    // Without random bytes TLS and tokens fail, and say so; ids are then alike.
    uuid::Builder::from_random_bytes(random().unwrap_or_default()).into_uuid().to_string()
}

fn verifier(
    pem: &str,
    provider: Arc<CryptoProvider>,
) -> io::Result<Arc<dyn rustls::server::danger::ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("client CA", pem)? {
        roots.add(certificate).map_err(|error| invalid(format!("client CA: {error}")))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| invalid(format!("client CA: {error}")))
}

fn certificates(what: &str, pem: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(read) if !read.is_empty() => Ok(read),
        Ok(_) => Err(invalid(format!("{what}: found no PEM certificate, expected one or more"))),
        Err(error) => Err(invalid(format!("{what}: found broken PEM ({error}), expected certificates"))),
    }
}

fn invalid(sentence: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::certificates::Authority;

    #[test]
    fn pem_that_is_not_is_said() {
        let authority = Authority::new().unwrap();
        let good = authority.server(&["localhost"]).unwrap();
        let other = authority.server(&["localhost"]).unwrap();
        assert!(Tls::try_from(good.clone()).is_ok());
        let mut settings = TlsSettings::new(good.clone());
        settings.client_ca = Some(authority.pem().to_owned());
        assert!(Tls::new(&settings).is_ok());
        settings.client_ca = Some("nothing".to_owned());
        assert!(Tls::new(&settings).unwrap_err().to_string().starts_with("client CA: found no PEM"));
        for (chain, key, part) in [
            (String::new(), good.key.clone(), "certificate: found no PEM"),
            (good.key.clone(), good.key.clone(), "certificate: found no PEM"),
            (good.chain.clone(), good.chain.clone(), "private key: found no PEM key"),
            (good.chain.clone(), other.key, "certificate and private key: "),
            ("-----BEGIN CERTIFICATE-----\n".to_owned(), good.key, "certificate: found broken PEM"),
        ] {
            let sentence = Tls::try_from(Certificate { chain, key }).unwrap_err().to_string();
            assert!(sentence.starts_with(part), "{sentence}");
        }
    }
}
