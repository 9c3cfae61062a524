//! A TLS server for tests, with certificates made on the spot.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::config::{Options, Settings};

pub(crate) type TlsStream = StreamOwned<ServerConnection, TcpStream>;

/// The name in every certificate that is not about names.
pub(crate) const NAME: &str = "collector.test";

/// An authority that certificates come from.
pub(crate) struct Authority {
    pub(crate) certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub(crate) struct Identity {
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Authority { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate for `names`, valid between the first days of these years.
    pub(crate) fn issue(&self, names: &[&str], from: i32, to: i32) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        Identity { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }

    pub(crate) fn identity(&self) -> Identity {
        self.issue(&[NAME], 2020, 2090)
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        Arc::new(roots)
    }
}

/// What a server does differently from the usual.
#[derive(Default, Clone, Copy)]
pub(crate) struct Ways<'a> {
    pub(crate) version: Option<&'static SupportedProtocolVersion>,
    /// Clients need a certificate of this authority.
    pub(crate) clients_of: Option<&'a Authority>,
}

pub(crate) fn config(identity: &Identity, ways: Ways<'_>) -> Arc<ServerConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = match &ways.version {
        Some(version) => builder.with_protocol_versions(&[version]).unwrap(),
        None => builder.with_safe_default_protocol_versions().unwrap(),
    };
    let builder = match ways.clients_of {
        Some(authority) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authority.roots(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    Arc::new(builder.with_single_cert(vec![identity.certificate.der().clone()], key).unwrap())
}

/// A server for `connections` connections, each given to `serve`, and what that gave.
pub(crate) struct Server<T> {
    pub(crate) address: SocketAddr,
    thread: JoinHandle<Vec<T>>,
}

impl<T: Send + 'static> Server<T> {
    /// Plain TCP.
    pub(crate) fn plain(
        connections: usize,
        mut serve: impl FnMut(TcpStream) -> T + Send + 'static,
    ) -> Server<T> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            (0..connections).map(|_| serve(listener.accept().unwrap().0)).collect()
        });
        Server { address, thread }
    }

    pub(crate) fn tls(
        config: Arc<ServerConfig>,
        connections: usize,
        mut serve: impl FnMut(TlsStream) -> T + Send + 'static,
    ) -> Server<T> {
        Server::plain(connections, move |socket| {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            serve(StreamOwned::new(session, socket))
        })
    }

    /// Waits for all of its connections.
    pub(crate) fn results(self) -> Vec<T> {
        self.thread.join().unwrap()
    }
}

/// Files of one test, gone with it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The options for a client that trusts `authority`.
    pub(crate) fn trusting(&self, authority: &Authority) -> Vec<(&'static str, String)> {
        vec![("ca_file", text(&self.file("ca.pem", &authority.certificate.pem())))]
    }
}

pub(crate) fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Settings with these options and nothing from the environment.
pub(crate) fn settings<'a>(options: impl IntoIterator<Item = (&'a str, String)>) -> Settings {
    let mut set = Options::new();
    for (name, value) in options {
        set.set(name, &value).unwrap();
    }
    (*crate::config::resolve(&set, |_| None).settings).clone()
}
