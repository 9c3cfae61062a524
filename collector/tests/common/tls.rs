//! A TLS client.
#![allow(dead_code, clippy::unwrap_used)]

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use mona_collector::Certificate;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

pub(crate) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// A client that trusts this authority.
pub(crate) fn client(
    ca: &str,
    identity: Option<&Certificate>,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = CertificateDer::pem_slice_iter(identity.chain.as_bytes());
            let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain.map(Result::unwrap).collect(), key).unwrap()
        }
    })
}

/// Connects and completes the handshake.
pub(crate) fn connect(config: &Arc<ClientConfig>, address: SocketAddr, name: &str) -> io::Result<TlsStream> {
    let mut socket = super::connect(address);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    Ok(StreamOwned::new(connection, socket))
}
