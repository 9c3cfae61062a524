//! From the command line to what is listened for: sockets, certificates, keys, users.

use std::path::Path;
use std::sync::Arc;

use mona_collector::{
    Authority, Budget, Certificate, Handshake, Listen, Listener, Service, Tls, TlsSettings, Tokens,
};

use crate::args::{Args, Binding};

/// A socket that listens already, and what it speaks.
pub(crate) struct Endpoint {
    /// `127.0.0.1:24224`, `unix:///path`, or with a scheme that is not Forward in clear text.
    pub(crate) address: String,
    pub(crate) listener: Listener,
    pub(crate) service: Service,
}

/// Starts listening everywhere; the error is a sentence that names the option.
pub(crate) fn listen(args: &Args) -> Result<Vec<Endpoint>, String> {
    let tls = tls(args)?;
    let forward = match &args.shared_key {
        None => Service::forward(),
        Some(key) => {
            let handshake = Handshake::new(key.clone()).helo(args.helo).keepalive(!args.no_keepalive);
            let handshake =
                args.user.iter().fold(handshake, |all, (name, password)| all.user(name, password));
            Service::forward().handshake(handshake)
        }
    };
    let http = match &args.api_key {
        None => Service::http(),
        Some((key, secret)) => Service::http().tokens(
            Tokens::new(key, secret)
                .login_at(&args.login_path)
                .refresh_at(&args.refresh_path)
                .oidc_at(&args.oidc_path),
        ),
    };
    // What arrives has one memory, wherever it arrives.
    let budget = Budget::default();
    let forward = forward.budget(budget.clone());
    let http = args.allow_host.iter().fold(http.budget(budget), |http, name| http.allow_host(name));
    let mut endpoints = Vec::new();
    for Binding { option, listen, secure, http: is_http } in args.bindings() {
        let named =
            |error: std::io::Error| format!("{option} {}: {error}", text(&listen, secure && !is_http));
        let service = if is_http { http.clone() } else { forward.clone() };
        let service = match (&tls, secure) {
            (Some(tls), true) => service.tls(tls.clone()),
            (None, true) => {
                return Err(format!(
                    "{option} {}: found no certificate, expected --tls-cert and --tls-key, or --tls-new",
                    text(&listen, !is_http)
                ));
            }
            (_, false) => service,
        };
        let service = match args.max_body {
            Some(bytes) => service.limit(bytes),
            None => service,
        };
        let service = service.like(Arc::clone(&args.like));
        let listener = Listener::bind(&listen).map_err(named)?;
        let address = listener.address().map_err(named)?;
        let address = match service.scheme() {
            "tcp" => address,
            scheme => format!("{scheme}://{address}"),
        };
        endpoints.push(Endpoint { address, listener, service });
    }
    Ok(endpoints)
}

fn text(listen: &Listen, tls: bool) -> String {
    let address = match listen {
        Listen::Tcp => "127.0.0.1:0".to_owned(),
        Listen::Address(address) => address.to_string(),
        Listen::Unix(path) => format!("unix:{}", path.display()),
    };
    if tls { format!("tls:{address}") } else { address }
}

fn tls(args: &Args) -> Result<Option<Tls>, String> {
    let certificate = match (&args.tls_cert, &args.tls_key, &args.tls_new) {
        (Some(chain), Some(key), _) => {
            Certificate { chain: read("--tls-cert", chain)?, key: read("--tls-key", key)? }
        }
        (_, _, Some(path)) => {
            let named = |error: std::io::Error| format!("--tls-new {}: {error}", path.display());
            let authority = Authority::new().map_err(named)?;
            std::fs::write(path, authority.pem()).map_err(named)?;
            authority.server(&["localhost", "127.0.0.1", "::1"]).map_err(named)?
        }
        _ => return Ok(None),
    };
    let mut settings = TlsSettings::new(certificate);
    if let Some(path) = &args.tls_client_ca {
        settings.client_ca = Some(read("--tls-client-ca", path)?);
    }
    Tls::new(&settings).map(Some).map_err(|error| format!("TLS: {error}"))
}

fn read(option: &str, path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{option} {}: {error}", path.display()))
}
