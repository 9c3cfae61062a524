//! What a check sees of TLS, whether the handshake succeeds or not.
//!
//! The library that shakes hands forgets a certificate that it refuses; so the one who verifies notes it first and then
//! decides nothing differently.

use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    ClientConnection, DigitallySignedStruct, Error, ProtocolVersion, RootCertStore, SignatureScheme,
};
use serde_json::Value;

use super::certificate::Certificate;
use crate::sys::sync::lock;

/// What was seen so far.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    version: Option<&'static str>,
    cipher: Option<String>,
    server: Option<Certificate>,
    client: Option<Certificate>,
}

impl Observed {
    /// Members of a report, those that are known.
    pub(crate) fn members(&self) -> Vec<(&'static str, Value)> {
        let seen = lock(&self.seen);
        let texts =
            [("tls", seen.version.map(Value::from)), ("cipher", seen.cipher.clone().map(Value::from))];
        let certificates = [("certificate", &seen.server), ("client_certificate", &seen.client)];
        let certificates = certificates.map(|(name, found)| (name, found.as_ref().map(Certificate::json)));
        texts.into_iter().chain(certificates).filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Notes what both sides agreed on.
    pub(super) fn agreed(&self, connection: &ClientConnection) {
        let mut seen = lock(&self.seen);
        seen.version = connection.protocol_version().and_then(|version| match version {
            ProtocolVersion::TLSv1_2 => Some("1.2"),
            ProtocolVersion::TLSv1_3 => Some("1.3"),
            _ => None,
        });
        seen.cipher = connection
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite()))
            .map(standard_name);
    }

    /// Notes the certificate that this client shows when it is asked for one.
    pub(super) fn shows(&self, der: &[u8]) {
        lock(&self.seen).client = Certificate::read(der);
    }
}

/// The name of a suite in the registry of TLS; the library's has the version in those of 1.3.
fn standard_name(name: String) -> String {
    name.strip_prefix("TLS13_").map(|rest| format!("TLS_{rest}")).unwrap_or(name)
}

/// Verifies as ever, and notes what it was shown.
#[derive(Debug)]
pub(super) struct Watching {
    roots: Arc<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
    observed: Arc<Observed>,
}

impl Watching {
    pub(super) fn new(roots: Arc<RootCertStore>, observed: Arc<Observed>) -> Watching {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        Watching { roots, algorithms, observed }
    }
}

// Each does what the verifier does that the library makes of authorities alone. That one can be made by hand only together
// with lists of revoked certificates, the reading of which is 20 kB that nothing here has a use for.
impl ServerCertVerifier for Watching {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        lock(&self.observed.seen).server = Certificate::read(end_entity);
        let certificate = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &self.roots,
            intermediates,
            now,
            self.algorithms.all,
        )?;
        verify_server_name(&certificate, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
