//! Who may ask. The page shows what programs of this machine do, so nobody else's page may read it.
//!
//! A page of another site can send requests to 127.0.0.1, and a name of its own can resolve to it (DNS rebinding).
//! Three headers that no page can change tell: `Host` names what the browser believes to talk to, `Origin` and
//! `Sec-Fetch-Site` where the request came from. Where others on the network can connect, a token is asked for besides.

use std::net::IpAddr;

use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use sha2::{Digest, Sha256};

use super::trouble::Trouble;

/// Nothing but what this server gives: no inline script or style, no frame around it, no form to elsewhere, and no text
/// is ever made into HTML by the script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";

/// On every answer.
pub(crate) const HEADERS: [(&str, &str); 9] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("x-robots-tag", "noindex"),
    // What is shown is somebody's data: it stays out of caches.
    ("cache-control", "no-store"),
];

/// Who may ask.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Names besides localhost and addresses.
    pub(crate) hosts: Vec<String>,
    /// What to show where others can connect.
    pub(crate) token: Option<String>,
    /// In the name of the cookie: cookies are the same for all ports of a host.
    pub(crate) port: u16,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    Answer,
    /// The token was in the address: it goes into this cookie, and out of the address.
    Welcome {
        cookie: String,
        to: String,
    },
    Refuse(Trouble),
}

impl Guard {
    /// Judges a request.
    pub(crate) fn judge(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Verdict {
        if let Some(sentence) = self.stranger(headers) {
            return Verdict::Refuse(Trouble { status: StatusCode::FORBIDDEN, sentence });
        }
        if method != Method::GET && method != Method::HEAD {
            let sentence = format!("the page changes nothing: found {method}, expected GET");
            return Verdict::Refuse(Trouble { status: StatusCode::METHOD_NOT_ALLOWED, sentence });
        }
        let Some(token) = &self.token else { return Verdict::Answer };
        if self.cookies(headers).any(|given| same(given, token)) {
            return Verdict::Answer;
        }
        let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let (tokens, others): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| name == "token");
        if tokens.iter().any(|(_, given)| same(given, token)) {
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
            // Only ever to this server: a path of two slashes, for which browsers take a backslash too, would name another.
            let path = format!("/{}", uri.path().trim_start_matches(['/', '\\']));
            let to = if query.is_empty() { path } else { format!("{path}?{query}") };
            let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax", self.cookie_name());
            return Verdict::Welcome { cookie, to };
        }
        let sentence =
            "this page asks for a token: open the address that mona-collector printed when it started";
        Verdict::Refuse(Trouble { status: StatusCode::UNAUTHORIZED, sentence: sentence.to_owned() })
    }

    /// A sentence against a request that a page of another site made.
    fn stranger(&self, headers: &HeaderMap) -> Option<String> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or_default(),
            _ => return Some("host: expected it once".to_owned()),
        };
        if !self.is_known(name(host)) {
            let given: String = host.chars().take(80).collect();
            return Some(format!(
                "host: found \"{given}\", expected localhost, an address, or a name of --allow-host"
            ));
        }
        if let Some(origin) = headers.get(ORIGIN) {
            let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            if from.is_none_or(|(_, from)| !from.eq_ignore_ascii_case(host)) {
                return Some("origin: found a page of another site, expected this one".to_owned());
            }
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_elsewhere = !matches!(header("sec-fetch-site"), None | Some("same-origin" | "none"));
        // A link to the page is fine; what a page elsewhere loads, or shows in a frame, is not.
        let is_link =
            header("sec-fetch-mode") == Some("navigate") && header("sec-fetch-dest") == Some("document");
        (is_elsewhere && !is_link)
            .then(|| "found a request of another site's page, expected one of this".to_owned())
    }

    fn is_known(&self, name: &str) -> bool {
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match address {
            // A name can be made to lead here, an address cannot. Where only this machine can connect, it is this
            // machine's.
            Ok(address) => self.token.is_some() || address.is_loopback(),
            Err(_) => {
                let lower = name.trim_end_matches('.').to_ascii_lowercase();
                lower == "localhost"
                    || lower.ends_with(".localhost")
                    || self.hosts.iter().any(|host| host.trim_end_matches('.').eq_ignore_ascii_case(&lower))
            }
        }
    }

    fn cookies<'a>(&self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        let name = self.cookie_name();
        let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        texts
            .flat_map(|text| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(move |(given, value)| (given == name).then_some(value))
    }

    fn cookie_name(&self) -> String {
        format!("mona-page-{}", self.port)
    }
}

/// The headers of every answer.
pub(crate) fn harden(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// A host without its port.
fn name(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Compares digests, so that how long it takes tells nothing of the token.
fn same(given: &str, token: &str) -> bool {
    Sha256::digest(given.as_bytes()) == Sha256::digest(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(guard: &Guard, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        match guard.judge(&Method::GET, &target.parse().unwrap(), &map) {
            Verdict::Answer => 200,
            Verdict::Welcome { .. } => 303,
            Verdict::Refuse(trouble) => trouble.status.as_u16(),
        }
    }

    #[test]
    fn only_this_machine_and_this_page_are_answered() {
        let hosts = ["dev.example", "Other.Example."].map(str::to_owned).to_vec();
        let guard = Guard { hosts, token: None, port: 8724 };
        let known = [
            "localhost:8724",
            "127.0.0.1:8724",
            "[::1]:8724",
            "a.localhost",
            "LOCALHOST.",
            "dev.example:1",
            "other.example",
        ];
        for host in known {
            assert_eq!(status(&guard, "/", &[("host", host)]), 200, "{host}");
        }
        for host in
            ["evil.example", "evil.example:8724", "10.0.0.1", "", "127.0.0.1.evil.example", "localhost.evil"]
        {
            assert_eq!(status(&guard, "/", &[("host", host)]), 403, "{host}");
        }
        assert_eq!(status(&guard, "/", &[]), 403);
        assert_eq!(status(&guard, "/", &[("host", "localhost"), ("host", "localhost")]), 403);
        let with = |name, value| status(&guard, "/", &[("host", "localhost:8724"), (name, value)]);
        assert_eq!(with("origin", "http://localhost:8724"), 200);
        for origin in ["http://localhost:9999", "http://evil.example", "null", "http://127.0.0.1:8724"] {
            assert_eq!(with("origin", origin), 403, "{origin}");
        }
        assert_eq!(with("sec-fetch-site", "same-origin"), 200);
        assert_eq!(with("sec-fetch-site", "cross-site"), 403);
        assert_eq!(with("sec-fetch-site", "same-site"), 403);
        let mut link =
            vec![("host", "localhost"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        link.push(("sec-fetch-dest", "document"));
        assert_eq!(status(&guard, "/arcs", &link), 200);
        link.pop();
        link.push(("sec-fetch-dest", "iframe"));
        assert_eq!(status(&guard, "/arcs", &link), 403);
    }

    #[test]
    fn others_on_the_network_show_a_token() {
        let guard = Guard { hosts: Vec::new(), token: Some("s3cret".to_owned()), port: 1 };
        let ask =
            |target: &str, cookie: &str| status(&guard, target, &[("host", "10.0.0.1"), ("cookie", cookie)]);
        assert_eq!([ask("/", ""), ask("/?token=x", ""), ask("/", "mona-page-1=x")], [401, 401, 401]);
        assert_eq!([ask("/", "a=b; mona-page-1=s3cret"), ask("/?token=s3cret", "")], [200, 303]);
        assert_eq!(ask("/", "mona-page-2=s3cret"), 401);
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("10.0.0.1"))]);
        for path in ["//evil.example/arcs", "/\\evil.example/arcs", "/\\/evil.example/arcs"] {
            let uri = format!("{path}?class=a%2Fb&token=s3cret").parse::<Uri>().unwrap();
            let Verdict::Welcome { to, cookie } = guard.judge(&Method::GET, &uri, &headers) else {
                panic!("the token was not taken")
            };
            assert_eq!(to, "/evil.example/arcs?class=a%2Fb");
            assert!(cookie.contains("HttpOnly"), "{cookie}");
        }
    }

    #[test]
    fn nothing_can_be_changed() {
        let guard = Guard { hosts: Vec::new(), token: None, port: 1 };
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost"))]);
        let verdict = guard.judge(&Method::POST, &"/".parse().unwrap(), &headers);
        assert!(
            matches!(verdict, Verdict::Refuse(trouble) if trouble.status == StatusCode::METHOD_NOT_ALLOWED)
        );
    }
}
