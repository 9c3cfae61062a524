//! Options that were given and have no effect with the endpoints there are: said, and nothing else, because what is
//! sent is sent to where it was to go.

use super::address::Endpoint;
use crate::config::{Ack, HttpFormat, Settings};

/// What kinds of endpoints an option is for.
type Fits = fn(&Endpoint, &Settings) -> bool;

/// Options that not every endpoint has a use for.
const FOR_SOME: [(&str, Fits); 25] = [
    ("http_format", is_http),
    ("otlp_encoding", is_otlp),
    ("service_name", is_otlp),
    ("ca_file", has_tls),
    ("tls_server_name", has_tls),
    ("client_cert_file", has_tls),
    ("client_key_file", has_tls),
    ("shared_key", is_forward),
    ("username", is_forward),
    ("password", is_forward),
    ("api_key", is_rest),
    ("api_secret", is_rest),
    ("auth_mode", is_rest),
    ("auth_url", is_rest),
    ("refresh_url", is_rest),
    ("oidc_scope", is_rest),
    ("http_header", posts),
    ("ack", may_acknowledge),
    ("compress", is_collector),
    ("balance", is_collector),
    ("spool_dir", is_lasting),
    ("spool_bytes", is_lasting),
    ("spool_sync", is_lasting),
    ("arc_id", takes_records),
    ("time_precision", takes_records),
];

/// What stands for nothing alone.
const PAIRS: [(&str, &str); 2] = [("username", "password"), ("password", "username")];

impl Endpoint {
    /// Warnings about options that somebody gave, as `is_chosen` knows, and that have no effect.
    pub(crate) fn contradictions(
        endpoints: &[Endpoint],
        settings: &Settings,
        is_chosen: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let has_use = |fits: Fits| endpoints.iter().any(|endpoint| fits(endpoint, settings));
        let idle: Vec<String> = FOR_SOME
            .iter()
            .filter(|(name, fits)| is_chosen(name) && !has_use(*fits))
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        let shown: Vec<String> = endpoints.iter().map(Endpoint::to_string).collect();
        let idle = (!idle.is_empty()).then(|| {
            let (options, shown) = (idle.join(", "), shown.join(", "));
            format!("options {options}: set, but without any effect with {shown}; options that fit it are expected")
        });
        let is_alone = |(given, missing): &&(&str, &str)| is_chosen(given) && !is_chosen(missing);
        let alone = PAIRS.iter().filter(|_| has_use(is_forward)).filter(is_alone).map(|(given, missing)| {
            format!("option \"{missing}\": it is not set although \"{given}\" is, both or none are expected")
        });
        idle.into_iter().chain(alone).collect()
    }
}

fn is_http(endpoint: &Endpoint, _: &Settings) -> bool {
    endpoint.is_http()
}

fn is_otlp(endpoint: &Endpoint, _: &Settings) -> bool {
    endpoint.is_otlp()
}

fn posts(endpoint: &Endpoint, _: &Settings) -> bool {
    endpoint.is_http() || endpoint.is_otlp()
}

fn is_rest(endpoint: &Endpoint, settings: &Settings) -> bool {
    endpoint.is_http() && settings.http_format == HttpFormat::Mona
}

/// The Mona REST export API has fields of its own, which are fewer.
fn takes_records(endpoint: &Endpoint, settings: &Settings) -> bool {
    !is_rest(endpoint, settings)
}

fn is_forward(endpoint: &Endpoint, _: &Settings) -> bool {
    matches!(
        endpoint,
        Endpoint::Tcp { .. } | Endpoint::Tls { .. } | Endpoint::Service { .. } | Endpoint::Unix(_)
    )
}

/// `auto` leaves it to the endpoint, so it is at odds with none.
fn may_acknowledge(endpoint: &Endpoint, settings: &Settings) -> bool {
    settings.ack == Ack::Auto || is_forward(endpoint, settings)
}

fn is_collector(endpoint: &Endpoint, _: &Settings) -> bool {
    endpoint.is_collector()
}

/// Else what other programs left there would be delivered to nobody.
fn is_lasting(endpoint: &Endpoint, _: &Settings) -> bool {
    endpoint.is_lasting()
}

fn has_tls(endpoint: &Endpoint, _: &Settings) -> bool {
    #[cfg(feature = "http")]
    if let Endpoint::Http { tls, .. } | Endpoint::Otlp { tls, .. } = endpoint {
        return tls.is_some();
    }
    matches!(endpoint, Endpoint::Tls { .. } | Endpoint::Service { tls: Some(_), .. })
}
