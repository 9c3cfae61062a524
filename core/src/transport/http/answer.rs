//! What an HTTP status says about the data that was sent.

use std::time::{Duration, SystemTime};

use crate::config::quoted;
use crate::net::url::HttpUrl;
use crate::net::{Cause, Finding, TransportError};

/// Most bytes of an answer's body that are read: reasons for some thousand events, or any token.
pub(super) const MOST_BODY_BYTES: usize = 1 << 20;

/// Longest piece of a foreign URL that is shown.
const MOST_SHOWN: usize = 200;

/// Bytes of a body that are looked at for what to show; more than is shown of a text.
const MOST_SAID: usize = 512;

/// What is to be at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// An input of records, or the REST API.
    Http,
    Otlp,
}

impl Input {
    fn name(self) -> &'static str {
        match self {
            Input::Http => "an HTTP input",
            Input::Otlp => "a receiver of OTLP over HTTP",
        }
    }

    /// What is wrong where the answer is none of HTTP.
    pub(super) fn no_http(self) -> &'static str {
        match self {
            Input::Http => "its answer is no HTTP/1.1, an HTTP input is expected there",
            Input::Otlp => {
                "its answer is no HTTP/1.1, as that of a port of gRPC (4317 mostly) is not; a receiver of OTLP over \
                 HTTP (port 4318 mostly) is expected there"
            }
        }
    }

    fn form(self) -> &'static str {
        match self {
            Input::Http => "events in the form that http_format names are expected there",
            Input::Otlp => "log records of OTLP in the form that otlp_encoding names are expected there",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Input::Http => "the path of an HTTP input is expected in option \"endpoint\"",
            Input::Otlp => {
                "the path of a receiver of OTLP logs, /v1/logs mostly, is expected in option \"endpoint\""
            }
        }
    }
}

/// One answer of a server.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) location: Option<String>,
    /// When it was made, by the server's clock and to the second.
    pub(super) date: Option<SystemTime>,
    /// Its body is protobuf, as it says of itself, or says nothing and is the answer to a body that was.
    pub(super) is_protobuf: bool,
    /// What was read of the body; may be cut.
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether its body is a page for people.
    pub(super) fn is_page(&self) -> bool {
        let start = self.body.get(..MOST_SAID).unwrap_or(&self.body);
        let text = String::from_utf8_lossy(start);
        let text = text.trim_start_matches('\u{feff}').trim_start().as_bytes();
        let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        begins(b"<!doctype html") || begins(b"<html")
    }

    /// Whether it refuses what was posted, and not the connection it was posted on.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self.status, 400 | 422) && self.about_tls().is_none()
    }

    /// Servers of TLS tell in plain text, or over TLS in HTTP, what is wrong with a connection. None of them has looked
    /// at the data then.
    pub(super) fn about_tls(&self) -> Option<TransportError> {
        let says = |words: &[u8]| self.body.windows(words.len()).any(|window| window == words);
        if self.status != 400 {
            return None;
        }
        const ASKING_FOR_TLS: [&[u8]; 4] =
            [b"HTTPS port", b"HTTPS server", b"SSL-enabled server port", b"host and port requires TLS"];
        if ASKING_FOR_TLS.into_iter().any(says) {
            return Some(speaks_tls());
        }
        if says(b"No required SSL certificate") || says(b"SSL certificate error") {
            let text =
                "it asks for a client certificate that it trusts, set client_cert_file and client_key_file";
            let error = TransportError::new("tls", text).because(Cause::Configuration);
            return Some(error.found(Finding::ClientCertificate));
        }
        None
    }

    /// What an answer other than success means for the data posted to `url`.
    pub(super) fn error(&self, url: &HttpUrl, input: Input) -> TransportError {
        if let Some(error) = self.about_tls() {
            return error;
        }
        let status = shown(self.status);
        let said = self.first_words();
        let (cause, advice) = match self.status {
            408 | 429 | 500..=599 => {
                (Cause::Busy { retry_after: self.retry_after }, "it is asked again later".to_owned())
            }
            413 => (Cause::TooLarge, "a larger limit for request bodies is expected there".to_owned()),
            400 | 422 => (Cause::Refused, input.form().to_owned()),
            300..=399 => (Cause::Configuration, self.redirect_advice(url)),
            401 | 407 => (Cause::Configuration, "valid credentials are expected".to_owned()),
            403 => (Cause::Configuration, "credentials with the right to post there are expected".to_owned()),
            404 => (Cause::Configuration, input.path().to_owned()),
            415 => (Cause::Configuration, input.form().to_owned()),
            _ => (Cause::Configuration, format!("{} is expected there", input.name())),
        };
        TransportError::new("status", format!("{url} answered {status}{said}; {advice}"))
            .because(cause)
            .found(Finding::Status)
    }

    /// What the body begins with, to be shown behind the status. A page for people says no more than the status.
    pub(super) fn first_words(&self) -> String {
        let start = self.body.get(..MOST_SAID).unwrap_or(&self.body);
        let text = String::from_utf8_lossy(start);
        let line = text.trim_start().lines().next().unwrap_or_default().trim_end();
        if line.is_empty() || line.starts_with('<') { String::new() } else { format!(", {}", quoted(line)) }
    }

    fn redirect_advice(&self, url: &HttpUrl) -> String {
        let place = self.location.as_deref().and_then(|location| shown_location(location, url));
        match place {
            Some(place) => format!("redirects are not followed, set endpoint to {place}"),
            None => "redirects are not followed, set endpoint to the final URL".to_owned(),
        }
    }
}

/// The error where a port of TLS was spoken to in the clear.
pub(super) fn speaks_tls() -> TransportError {
    TransportError::new(
        "answer",
        "this port speaks TLS and no HTTP in the clear, https:// or otlp+https:// is expected",
    )
    .because(Cause::Configuration)
    .found(Finding::TlsPort)
}

/// The place of a redirect without user part, path, query and fragment, where it is one that can be shown.
fn shown_location(location: &str, url: &HttpUrl) -> Option<String> {
    let plain = location.split(['?', '#']).next()?;
    if plain.starts_with('/') && !plain.starts_with("//") {
        let whole = format!("{}{plain}", url.origin());
        return HttpUrl::parse(&whole).map(|url| short(&url));
    }
    let (scheme, rest) = plain.split_once("://")?;
    let (authority, path) = rest.split_at_checked(rest.find('/').unwrap_or(rest.len()))?;
    let host = authority.rsplit('@').next()?;
    HttpUrl::parse(&format!("{scheme}://{host}{path}")).map(|url| short(&url))
}

fn short(url: &HttpUrl) -> String {
    let text = url.to_string();
    match text.get(..MOST_SHOWN) {
        Some(start) => format!("{start}..."),
        None => text,
    }
}

/// A status with its usual name.
pub(super) fn shown(status: u16) -> String {
    let name = ureq::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    name.map_or_else(|| status.to_string(), |name| format!("{status} {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, location: Option<&str>) -> Answer {
        let retry_after = Some(Duration::from_secs(7));
        Answer {
            status,
            retry_after,
            location: location.map(str::to_owned),
            date: None,
            is_protobuf: false,
            body: Vec::new(),
        }
    }

    #[test]
    fn what_servers_of_tls_say_is_not_about_the_data() {
        let url = HttpUrl::parse("http://h/p").unwrap();
        let of = |body: &str| Answer { body: body.as_bytes().to_vec(), ..answer(400, None) };
        for (body, kind, words) in [
            // Go, nginx, Apache, Tomcat.
            ("Client sent an HTTP request to an HTTPS server.\n", "answer", "speaks TLS"),
            ("<center>The plain HTTP request was sent to HTTPS port</center>", "answer", "speaks TLS"),
            (
                "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
                "answer",
                "speaks TLS",
            ),
            ("Bad Request\r\nThis combination of host and port requires TLS.\r\n", "answer", "speaks TLS"),
            ("<center>No required SSL certificate was sent</center>", "tls", "client_cert_file"),
            ("<center>The SSL certificate error</center>", "tls", "client_cert_file"),
        ] {
            let error = of(body).error(&url, Input::Http);
            assert_eq!((error.kind, error.cause), (kind, Cause::Configuration), "{body}");
            assert!(error.text.contains(words) && !of(body).is_refusal(), "{}", error.text);
        }
        assert!(of("{\"message\": \"not JSON\"}").is_refusal());
        assert!(!answer(500, None).is_refusal());
    }

    #[test]
    fn every_class_of_status() {
        let url = HttpUrl::parse("http://h/p?key=hush").unwrap();
        let busy = Cause::Busy { retry_after: Some(Duration::from_secs(7)) };
        for (status, cause) in [
            (408, busy),
            (429, busy),
            (500, busy),
            (503, busy),
            (599, busy),
            (413, Cause::TooLarge),
            (400, Cause::Refused),
            (422, Cause::Refused),
            (401, Cause::Configuration),
            (403, Cause::Configuration),
            (404, Cause::Configuration),
            (405, Cause::Configuration),
            (418, Cause::Configuration),
            (301, Cause::Configuration),
            (304, Cause::Configuration),
            (199, Cause::Configuration),
        ] {
            let error = answer(status, None).error(&url, Input::Http);
            assert_eq!(error.cause, cause, "{status}");
            assert!(
                error.text.contains(&status.to_string()) && !error.text.contains("hush"),
                "{}",
                error.text
            );
        }
    }

    #[test]
    fn the_first_words_are_shown() {
        let url = HttpUrl::parse("http://h/p").unwrap();
        let long = "x".repeat(1000);
        for (body, said) in [
            ("", "answered 400 Bad Request; "),
            ("  \n", "answered 400 Bad Request; "),
            ("<html>hush", "answered 400 Bad Request; "),
            ("\ncannot parse\t\u{202e}it\r\nhush", r#"Bad Request, "cannot parse\t\u{202e}it"; "#),
            (long.as_str(), r#"xxx"...; "#),
        ] {
            let text = Answer { body: body.into(), ..answer(400, None) }.error(&url, Input::Http).text;
            assert!(text.contains(said) && !text.contains("hush") && text.len() < 300, "{text}");
        }
    }

    #[test]
    fn a_redirect_names_the_place_without_secrets() {
        let url = HttpUrl::parse("http://h/p").unwrap();
        for (location, shown) in [
            (
                "https://u:hush@new.example:8443/x?token=hush#y",
                "set endpoint to https://new.example:8443/...",
            ),
            ("/other?hush", "set endpoint to http://h/..."),
            ("//evil/hush", "set endpoint to the final URL"),
            ("javascript:hush", "set endpoint to the final URL"),
            ("http://x/\x1b[31mhush", "set endpoint to the final URL"),
        ] {
            let text = answer(308, Some(location)).error(&url, Input::Http).text;
            assert!(text.ends_with(shown) && !text.contains("hush"), "{text}");
        }
        let long = format!("http://x/{}", "y".repeat(5000));
        assert!(answer(302, Some(&long)).error(&url, Input::Http).text.len() < 400);
    }
}
