//! What URL somebody may have meant who gave something else as an endpoint: what programs, config files and people at
//! `mona-doctor -o endpoint=` are told beside the list of schemes.
//!
//! Nothing is shown of the text that is not shown of it anyway: users, paths and queries stay hidden.

use crate::config::schemes::{ALONE, WITH_REST, is_endpoint};
use crate::config::secret::{HIDDEN_PATH, shown_urls};
use crate::config::value::quoted;

/// A longer text is no URL that somebody misspelt: DNS has room for names of 253 bytes.
const MOST_COMPARED: usize = 300;

/// Words of others for a scheme of ours.
const BY_OTHERS: [(&str, &str); 12] = [
    ("ssl", "tls"),
    ("tcps", "tls"),
    ("tcp+tls", "tls"),
    ("tcp+ssl", "tls"),
    ("srv+tcps", "srv+tls"),
    ("srv+ssl", "srv+tls"),
    ("forward", "tcp"),
    ("fluent", "tcp"),
    ("fluentd", "tcp"),
    ("otlp", "otlp+http"),
    ("otlps", "otlp+https"),
    ("shttp", "https"),
];

/// Schemes over a network without TLS.
const IN_THE_CLEAR: [&str; 4] = ["tcp", "srv+tcp", "http", "otlp+http"];

/// Ports that say what is spoken there: OTLP over HTTP, and the web with TLS and without.
const OTLP_PORT: &str = "4318";
const HTTPS_PORT: &str = "443";
const HTTP_PORTS: [&str; 2] = ["80", "8080"];

/// What stands behind a list of endpoints in which one is wrong, as ` (did you mean "tcp://localhost:24224"?)`; empty
/// where nothing is near.
pub(super) fn meant(list: &str) -> String {
    let mut urls = list.split(',').map(str::trim).enumerate();
    let Some((at, wrong)) = urls.find(|(_, url)| !is_endpoint(url)) else { return String::new() };
    if wrong.len() > MOST_COMPARED || wrong.chars().any(char::is_control) {
        return String::new();
    }
    match with_scheme(wrong, at == 0).or_else(|| if at == 0 { without_scheme(wrong) } else { None }) {
        Some(Meant::Url(url)) => format!(" (did you mean {}?)", quoted(&url)),
        Some(Meant::Lacks(what)) => format!(" (it names no {what})"),
        None => String::new(),
    }
}

enum Meant {
    Url(String),
    /// What is missing behind the scheme.
    Lacks(&'static str),
}

/// A text that begins with a scheme, or nearly so; the first of a list, or behind a comma.
fn with_scheme(text: &str, is_first: bool) -> Option<Meant> {
    let (word, rest) = text.split_once(':')?;
    let scheme = known(word)?;
    let is_right = scheme.eq_ignore_ascii_case(word);
    // What may be a host and its port is read as that.
    if !is_right && !rest.is_empty() && !rest.starts_with('/') {
        return None;
    }
    let place = rest.trim_start_matches('/');
    match scheme {
        "stdout" | "memory" | "null" => place.is_empty().then(|| Meant::Url(format!("{scheme}:"))),
        "unix" | "file" if place.is_empty() => Some(Meant::Lacks("path")),
        // Only behind its own scheme a path is shown.
        "unix" | "file" if is_right => Some(Meant::Url(format!("{scheme}:///{place}"))),
        "unix" | "file" => Some(Meant::Url(format!("{scheme}://{HIDDEN_PATH}"))),
        _ if place.is_empty() => Some(Meant::Lacks("host")),
        _ => {
            // Anything else is a path, or may belong to the URL before the comma, and is hidden where it is shown.
            let is_shown = match rest.strip_prefix("//") {
                Some(place) => !place.starts_with('/'),
                None => is_first && !rest.starts_with('/'),
            };
            let (authority, _) = split(place);
            let url = match host_and_port(authority).filter(|_| is_shown) {
                Some(_) => shown_urls(&format!("{scheme}://{place}")),
                None => format!("{scheme}://..."),
            };
            Some(Meant::Url(url))
        }
    }
}

/// A host, a path or a word without any scheme.
fn without_scheme(text: &str) -> Option<Meant> {
    if text.starts_with('/') {
        let scheme = if text.ends_with(".sock") || text.ends_with(".socket") { "unix" } else { "file" };
        return Some(Meant::Url(format!("{scheme}://{HIDDEN_PATH}")));
    }
    if ALONE.iter().any(|scheme| scheme.trim_end_matches(':').eq_ignore_ascii_case(text)) {
        return Some(Meant::Url(format!("{}:", text.to_ascii_lowercase())));
    }
    let (authority, path) = split(text);
    let (host, port) = host_and_port(authority)?;
    let is_here = host.eq_ignore_ascii_case("localhost") || host.starts_with("127.") || host == "[::1]";
    if !is_here && port.is_none() && !host.contains(['.', '[']) {
        // Any word is a name of a host.
        return None;
    }
    let has_path = !matches!(path, "" | "/");
    let scheme = match port {
        Some(OTLP_PORT) if is_here => "otlp+http",
        Some(OTLP_PORT) => "otlp+https",
        Some(HTTPS_PORT) => "https",
        Some(port) if HTTP_PORTS.contains(&port) => "http",
        _ if has_path && is_here => "http",
        _ if has_path => "https",
        // As host and port alone are taken.
        _ if is_here => "tcp",
        _ => "tls",
    };
    Some(Meant::Url(shown_urls(&format!("{scheme}://{}", text.trim_end_matches('/')))))
}

/// What stands before the path, and the rest.
fn split(text: &str) -> (&str, &str) {
    text.split_at_checked(text.find(['/', '?', '#']).unwrap_or(text.len())).unwrap_or((text, ""))
}

/// A host and its port, where that is all there is: no user, nothing that may be more.
fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match inside {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    };
    (is_host && port.is_none_or(is_port)).then_some((host, port))
}

/// The scheme that a word is, or is nearly: never one in the clear where the word may ask for TLS.
fn known(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let ours = WITH_REST.into_iter().chain(ALONE).filter_map(|scheme| scheme.split(':').next());
    let of_others = BY_OTHERS.iter().find(|(other, _)| *other == word);
    // One letter of three is a slip, two of six.
    let most = word.len() / 3;
    // An "s" more may stand for TLS, as in "tcps".
    let letters_s = |text: &str| text.matches('s').count();
    let near = ours
        .map(|scheme| (strsim::damerau_levenshtein(&word, scheme), IN_THE_CLEAR.contains(&scheme), scheme))
        .filter(|(changes, _, _)| *changes <= most.min(2))
        .filter(|(_, is_clear, scheme)| !is_clear || letters_s(&word) <= letters_s(scheme));
    of_others
        .map(|(_, ours)| *ours)
        .or_else(|| near.min_by_key(|(changes, is_clear, _)| (*changes, *is_clear)).map(|(.., near)| near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_may_have_meant_is_named() {
        for (text, expected) in [
            ("localhost:24224", "tcp://localhost:24224"),
            ("127.0.0.1", "tcp://127.0.0.1"),
            ("[::1]:24224", "tcp://[::1]:24224"),
            ("collector.example:24224", "tls://collector.example:24224"),
            ("collector:24224", "tls://collector:24224"),
            ("collector.example/", "tls://collector.example"),
            ("localhost:4318", "otlp+http://localhost:4318"),
            ("collector:4318/v1/logs", "otlp+https://collector:4318/..."),
            ("hooks.example:443", "https://hooks.example:443"),
            ("localhost:8080/tag", "http://localhost:8080/..."),
            ("unix:/tmp/x", "unix:///tmp/x"),
            ("file:/tmp/x", "file:///tmp/x"),
            ("file://tmp/x", "file:///tmp/x"),
            ("FILE:/tmp/x", "file:///tmp/x"),
            ("/run/mona.sock", "unix:///..."),
            ("/var/log/hush", "file:///..."),
            ("htp://foo", "http://foo"),
            ("HTTP:/foo", "http://..."),
            ("http:foo/x", "http://foo/..."),
            ("tpc://b:1", "tcp://b:1"),
            ("tcp:localhost:24224", "tcp://localhost:24224"),
            ("ssl://h:5", "tls://h:5"),
            ("fluentd://h:5", "tcp://h:5"),
            ("otlp://h:4318", "otlp+http://h:4318"),
            ("stdout", "stdout:"),
            ("Null", "null:"),
            ("sdtout:", "stdout:"),
            ("tcp://a:1,htps://b/hush?hush", "https://b/..."),
            ("tcp://a:1,tcp:b:1", "tcp://..."),
            ("tcp://a:1,http:/b", "http://..."),
        ] {
            assert_eq!(meant(text), format!(" (did you mean \"{expected}\"?)"), "{text}");
        }
        for (text, what) in [("tcp://", "host"), ("http:", "host"), ("unix://", "path"), ("file:///", "path")]
        {
            assert_eq!(meant(text), format!(" (it names no {what})"), "{text}");
        }
    }

    #[test]
    fn what_asks_for_tls_is_not_led_into_the_clear() {
        for (word, expected) in [
            ("tcps", "tls"),
            ("TCPS", "tls"),
            ("tlss", "tls"),
            ("tcs", "tls"),
            ("tcp+tls", "tls"),
            ("srv+tcps", "srv+tls"),
            ("srv+ssl", "srv+tls"),
            ("htts", "https"),
            ("httsp", "https"),
            ("htps", "https"),
            ("httpss", "https"),
            ("shttp", "https"),
            ("otlps", "otlp+https"),
            ("otlp+htts", "otlp+https"),
            ("otlp+htpps", "otlp+https"),
            ("otlp-https", "otlp+https"),
        ] {
            assert_eq!(meant(&format!("{word}://h:1")), format!(" (did you mean \"{expected}://h:1\"?)"));
        }
        for word in ["tcsp", "stcp", "fluents", "otlp+tls", "otlp+grpc", "otlp+grpcs", "http+tls", "wss"] {
            assert_eq!(meant(&format!("{word}://h:1")), "", "{word}");
        }
    }

    #[test]
    fn no_slip_in_a_scheme_of_tls_is_answered_with_one_in_the_clear() {
        let letters = "abcdefghijklmnopqrstuvwxyz+".chars();
        for scheme in ["tls", "srv+tls", "https", "otlp+https"] {
            let marks: Vec<char> = scheme.chars().collect();
            let mut slips = Vec::new();
            for at in 0..=marks.len() {
                let (before, rest) = marks.split_at(at);
                for letter in letters.clone() {
                    slips.push([before, &[letter], rest].concat());
                }
                if let [first, second, rest @ ..] = rest {
                    slips.push([before, &[*second, *first], rest].concat());
                }
                if let [_, rest @ ..] = rest {
                    slips.push([before, rest].concat());
                }
            }
            for slip in slips.into_iter().map(String::from_iter).filter(|slip| slip.contains('s')) {
                let is_ours = IN_THE_CLEAR.contains(&slip.as_str());
                let found = known(&slip).filter(|found| IN_THE_CLEAR.contains(found));
                assert!(is_ours || found.is_none(), "{slip} became {found:?}");
            }
        }
    }

    #[test]
    fn nothing_is_guessed_of_what_is_like_nothing() {
        for text in ["", "nonsense", "ftp://h", "udp://h:1", "a:1:2", "h:0", "tcp://a:1,", "tcp://a\n", "h h"]
        {
            assert_eq!(meant(text), "", "{text}");
        }
        assert_eq!(meant(&format!("{}:24224", "h".repeat(MOST_COMPARED))), "");
    }

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        for text in [
            "htp://me:hush@foo/hush",
            "tcpx://hush@foo",
            "me:hush@foo:24224",
            "hush@foo",
            "localhost:4318/hush?hush",
            "fiel:/hush",
            "/hush",
            "https://b/c,hush",
            "https://b/c,hush:24224",
            "https://b/c,/hush",
            "tcp://a:1,hush.example",
            "http:/me:hush@foo",
            "http:/hush/x",
            "htp:///hush/x",
            "https://b/c,tcp:hush:24224",
            "https://b/c,http:/hush",
            "https://b/c,http:///hush,tcp:hush",
            "https://b/c,hush?to=tcp://x",
        ] {
            assert!(!meant(text).contains("hush"), "{text}: {}", meant(text));
        }
    }
}
