//! Whom this client trusts and who it says it is.
//!
//! Roots come from `ca_file` alone when it is set, else from the system. The files are looked at before
//! each connection and read again when they changed, because short-lived certificates are renewed under
//! running programs; what cannot be used then leaves the last good state in force. Files that are not there
//! yet when a client is made are awaited: until they can be read no connection is secured.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use super::observed::{Observed, Watching};
use super::pem::{self, Unusable};
use crate::config::Settings;
use crate::diag::error::{Error, Result, Status};
use crate::sys::environment;
use crate::sys::files::State;

/// Trust and identity of one client; cheap to clone.
#[derive(Clone)]
pub(crate) struct Tls {
    shared: Arc<Shared>,
    /// The name to check instead of the host's.
    server_name: Option<Arc<ServerName<'static>>>,
    /// Who is told of handshakes; only a check has one.
    observer: Option<Arc<Observed>>,
}

struct Shared {
    files: Files,
    /// The system's roots, where no file names others.
    system: Option<Arc<RootCertStore>>,
    /// `None` until the files could be read.
    current: ArcSwapOption<Loaded>,
}

struct Files {
    authorities: Option<PathBuf>,
    /// The certificate chain and its key.
    identity: Option<(PathBuf, PathBuf)>,
}

struct Loaded {
    config: Arc<ClientConfig>,
    stamps: Vec<Option<State>>,
}

impl Tls {
    /// Reads everything that the options name and that is there.
    ///
    /// # Errors
    /// The option whose file or name can never be used.
    pub(crate) fn load(settings: &Settings) -> Result<Tls> {
        let identity = match (&settings.client_cert_file, &settings.client_key_file) {
            (Some(chain), Some(key)) => Some((chain.clone(), key.clone())),
            (None, None) => None,
            (Some(_), None) => return Err(lonely("client_key_file", "client_cert_file")),
            (None, Some(_)) => return Err(lonely("client_cert_file", "client_key_file")),
        };
        let files = Files { authorities: settings.ca_file.clone(), identity };
        let system = if files.authorities.is_none() { Some(Arc::new(system_roots()?)) } else { None };
        let server_name = match &settings.tls_server_name {
            Some(name) => Some(Arc::new(ServerName::try_from(name.clone()).map_err(|_| {
                let expected = "a DNS name or an IP address is expected";
                Error::new(Status::Argument, format!("option \"tls_server_name\": \"{name}\", {expected}"))
            })?)),
            None => None,
        };
        let current = match files.load(system.as_ref(), None) {
            Ok(loaded) => ArcSwapOption::from_pointee(loaded),
            Err(unusable) if unusable.may_heal => ArcSwapOption::empty(),
            Err(unusable) => return Err(unusable.error),
        };
        Ok(Tls { shared: Arc::new(Shared { files, system, current }), server_name, observer: None })
    }

    /// Whether a certificate can be checked against `host`.
    pub(crate) fn check_host(&self, host: &str) -> Result<()> {
        self.server_name(host).map(drop).ok_or_else(|| {
            let expected = "a DNS name or an IP address, or the option tls_server_name is expected";
            Error::new(Status::Argument, format!("option \"endpoint\": host \"{host}\", {expected}"))
        })
    }

    /// The same trust and identity for other servers: a server name in the options is that of the collector.
    #[cfg_attr(not(feature = "http"), allow(dead_code))]
    pub(crate) fn of_others(&self) -> Tls {
        Tls { shared: Arc::clone(&self.shared), server_name: None, observer: None }
    }

    /// The same for a check, and what it will see.
    pub(crate) fn observed(&self) -> (Tls, Arc<Observed>) {
        let observed = Arc::new(Observed::default());
        (Tls { observer: Some(Arc::clone(&observed)), ..self.clone() }, observed)
    }

    pub(super) fn observer(&self) -> Option<&Observed> {
        self.observer.as_deref()
    }

    /// The name that the certificate must carry.
    pub(crate) fn server_name(&self, host: &str) -> Option<ServerName<'static>> {
        match &self.server_name {
            Some(given) => Some((**given).clone()),
            None => ServerName::try_from(host.to_owned()).ok(),
        }
    }

    /// Whether the trust is in a file of the user's choice.
    pub(crate) fn has_own_authorities(&self) -> bool {
        self.shared.files.authorities.is_some()
    }

    pub(crate) fn has_identity(&self) -> bool {
        self.shared.files.identity.is_some()
    }

    /// What to connect with now.
    ///
    /// # Errors
    /// The file that cannot be used, where none could be since the client was made.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>> {
        let shared = &*self.shared;
        if let Some(observed) = &self.observer
            && let Ok(watched) = shared.files.load(shared.system.as_ref(), Some(observed))
        {
            return Ok(watched.config);
        }
        let current = shared.current.load_full();
        match &current {
            Some(loaded) if loaded.stamps == shared.files.stamps() => return Ok(Arc::clone(&loaded.config)),
            _ => {}
        }
        match (shared.files.load(shared.system.as_ref(), None), current) {
            (Ok(renewed), _) => {
                let config = Arc::clone(&renewed.config);
                shared.current.store(Some(Arc::new(renewed)));
                Ok(config)
            }
            (Err(_), Some(last_good)) => Ok(Arc::clone(&last_good.config)),
            (Err(unusable), None) => Err(unusable.error),
        }
    }
}

impl Files {
    /// What they say; `observed` is who is told of handshakes.
    fn load(
        &self,
        system: Option<&Arc<RootCertStore>>,
        observed: Option<&Arc<Observed>>,
    ) -> std::result::Result<Loaded, Unusable> {
        // Taken first: a file that changes while it is read is read again the next time.
        let stamps = self.stamps();
        let roots = match (&self.authorities, system) {
            (Some(path), _) => Arc::new(roots_of(path)?),
            (None, Some(system)) => Arc::clone(system),
            (None, None) => Arc::new(RootCertStore::empty()),
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| lasting(Error::new(Status::Io, format!("TLS: {error}"))))?;
        let builder = match observed {
            Some(observed) => {
                let watching = Watching::new(roots, Arc::clone(observed));
                builder.dangerous().with_custom_certificate_verifier(Arc::new(watching))
            }
            None => builder.with_root_certificates(roots),
        };
        let mut config = match &self.identity {
            Some((chain, key)) => {
                let certificates = pem::certificates("client_cert_file", chain)?;
                if let (Some(observed), Some(shown)) = (observed, certificates.first()) {
                    observed.shows(shown);
                }
                let private = pem::private_key("client_key_file", key)?;
                builder
                    .with_client_auth_cert(certificates, private)
                    .map_err(|error| lasting(mismatch(key, &error)))?
            }
            None => builder.with_no_client_auth(),
        };
        config.resumption = Resumption::disabled();
        Ok(Loaded { config: Arc::new(config), stamps })
    }

    fn stamps(&self) -> Vec<Option<State>> {
        let (chain, key) = self.identity.as_ref().map(|(chain, key)| (chain, key)).unzip();
        [self.authorities.as_ref(), chain, key].into_iter().flatten().map(|path| State::of(path)).collect()
    }
}

/// What is wrong with files that are there and whole.
fn lasting(error: Error) -> Unusable {
    Unusable { error, may_heal: false }
}

fn roots_of(path: &Path) -> std::result::Result<RootCertStore, Unusable> {
    let mut roots = RootCertStore::empty();
    for (index, certificate) in pem::certificates("ca_file", path)?.into_iter().enumerate() {
        roots.add(certificate).map_err(|_| {
            let found = format!("certificate {} in it cannot be read", index + 1);
            lasting(pem::wrong("ca_file", path, &found, "a PEM file with X.509 certificates"))
        })?;
    }
    Ok(roots)
}

fn system_roots() -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    // Stores carry odd certificates of old; those that cannot be read vouch for nothing.
    roots.add_parsable_certificates(system_certificates());
    if roots.is_empty() {
        return Err(Error::new(
            Status::Argument,
            "option \"ca_file\": it is unset and the system has no trusted certificates, a file with the \
             collector's authority or the package ca-certificates is expected",
        ));
    }
    Ok(roots)
}

fn system_certificates() -> Vec<CertificateDer<'static>> {
    // Both crates take what SSL_CERT_FILE and SSL_CERT_DIR say, which may be somebody else's words.
    if environment::is_foreign() {
        let folders = openssl_probe::candidate_cert_dirs();
        let of_folder = |folder| rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs;
        return folders.flat_map(of_folder).collect();
    }
    rustls_native_certs::load_native_certs().certs
}

fn lonely(missing: &str, given: &str) -> Error {
    Error::new(
        Status::Argument,
        format!("option \"{missing}\": it is unset, the file that belongs to {given} is expected"),
    )
}

fn mismatch(key: &Path, error: &rustls::Error) -> Error {
    let found = match error {
        rustls::Error::InconsistentKeys(_) => "it does not belong to the certificate in client_cert_file",
        rustls::Error::InvalidCertificate(_) => "the certificate in client_cert_file cannot be read",
        _ => "its kind of key cannot be used",
    };
    pem::wrong("client_key_file", key, found, "the RSA, ECDSA or Ed25519 key of that certificate")
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Tls) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared) && self.server_name == other.server_name
    }
}

impl Eq for Tls {}
