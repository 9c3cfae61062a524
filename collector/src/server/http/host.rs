//! Whom a request was meant for: a page in somebody's browser must not reach a collector on their machine.
//!
//! A page can send to any address, and a name of its own can resolve to 127.0.0.1 (DNS rebinding). Both
//! show in headers that no page can change: `Host` names what the page believes to talk to, `Origin` where
//! it came from. Programs send no `Origin`, and name the host that they were given.

use std::net::IpAddr;

use crate::proto::http::request::RequestEntry;

/// The names a listening socket answers to.
#[derive(Debug)]
pub(super) struct Hosts<'a> {
    /// The address of the listening socket.
    pub(super) listen: Option<IpAddr>,
    /// Other names it is known by.
    pub(super) allowed: &'a [String],
}

impl Hosts<'_> {
    /// A sentence against the request, if there is one.
    pub(super) fn refuse(&self, request: &RequestEntry, authority: Option<&str>) -> Option<String> {
        let mut hosts =
            request.headers.iter().filter(|(name, _)| name == "host").map(|(_, host)| host.as_str());
        let host = hosts.next();
        if hosts.next().is_some() {
            return Some("host: found it twice, expected it once".to_owned());
        }
        for given in host.into_iter().chain(authority) {
            if self.is_checked() && !self.is_known(given) {
                let given: String = given.chars().take(80).collect();
                return Some(format!(
                    "host: found \"{given}\", expected localhost or the address, or --allow-host"
                ));
            }
        }
        let origin = request.header("origin")?;
        let from = origin.split_once("://").map_or("", |(_, from)| from);
        let is_own = host.is_some_and(|host| name(host) == name(from));
        if !from.is_empty() && (self.is_known(from) || !self.is_checked() && is_own) {
            return None;
        }
        let origin: String = origin.chars().take(80).collect();
        Some(format!("origin: found a page of \"{origin}\", expected none, or --allow-host"))
    }

    /// What others on the network call a socket that they can reach is not known here.
    fn is_checked(&self) -> bool {
        self.listen.is_some_and(|address| address.is_loopback()) || !self.allowed.is_empty()
    }

    fn is_known(&self, host: &str) -> bool {
        let name = name(host);
        if let Ok(address) = name.parse::<IpAddr>() {
            return address.is_loopback() || Some(address) == self.listen || self.is_allowed(&name);
        }
        name == "localhost" || name.ends_with(".localhost") || self.is_allowed(&name)
    }

    fn is_allowed(&self, name: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    }
}

/// A host in lower case, without its port, brackets and last dot.
fn name(host: &str) -> String {
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(listen: &str, allowed: &[&str], headers: &[(&str, &str)]) -> bool {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        let hosts = Hosts { listen: Some(listen.parse().unwrap()), allowed: &allowed };
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let (method, path, id) = ("POST".to_owned(), "/".to_owned(), String::new());
        let request = RequestEntry { connection: 0, method, path, headers, bytes: 0, id, status: None };
        hosts.refuse(&request, None).is_some()
    }

    #[test]
    fn on_loopback_only_its_names_are_answered() {
        for host in [
            "localhost",
            "LOCALHOST:9880",
            "localhost.:1",
            "a.localhost",
            "127.0.0.1:9880",
            "127.8.9.1",
            "[::1]:5",
        ] {
            assert!(!refused("127.0.0.1", &[], &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9880",
            "10.0.0.1",
            "127.0.0.1.evil.example",
            "localhost.evil",
            "[::2]",
            "",
        ] {
            assert!(refused("127.0.0.1", &[], &[("host", host)]), "{host}");
            assert!(!refused("0.0.0.0", &[], &[("host", host)]), "{host}");
        }
        assert!(!refused("127.0.0.1", &["Collector"], &[("host", "collector:80")]));
        assert!(refused("0.0.0.0", &["collector"], &[("host", "other")]));
        assert!(!refused("10.1.1.1", &["collector"], &[("host", "10.1.1.1:80")]));
        assert!(!refused("127.0.0.1", &[], &[]), "HTTP/1.0");
        assert!(refused("127.0.0.1", &[], &[("host", "localhost"), ("host", "localhost")]));
    }

    #[test]
    fn pages_of_others_are_refused_everywhere() {
        let from = |listen, origin| {
            refused(listen, &["good.example"], &[("host", "localhost:1"), ("origin", origin)])
        };
        for origin in ["null", "https://evil.example", "http://localhost.evil.example:1", "://", ""] {
            assert!(from("127.0.0.1", origin) && from("0.0.0.0", origin), "{origin}");
        }
        for origin in ["http://localhost:3000", "https://good.example", "http://[::1]"] {
            assert!(!from("127.0.0.1", origin), "{origin}");
        }
        let own = [("host", "box.lan:80"), ("origin", "http://box.lan")];
        assert!(!refused("0.0.0.0", &[], &own) && refused("127.0.0.1", &[], &own));
    }
}
