//! The one reader of hosts and ports, and the one rule for what stays on this machine.

use std::net::{IpAddr, Ipv6Addr};

/// Reads `host`, `host:port`, `[v6]` or `[v6]:port`: the host without brackets, and the port if there is one.
/// `None` for anything else, and for port 0.
pub(crate) fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inside) => inside.split_once(']').filter(|(host, _)| host.parse::<Ipv6Addr>().is_ok())?,
        None if text.parse::<Ipv6Addr>().is_ok() => (text, ""),
        None => text.split_at_checked(text.rfind(':').unwrap_or(text.len()))?,
    };
    let port = match rest.strip_prefix(':') {
        Some(port) => Some(port.parse().ok().filter(|port| *port > 0)?),
        None if rest.is_empty() => None,
        None => return None,
    };
    is_host(host).then_some((host, port))
}

/// Whether it is a name as DNS has them, or an address without brackets.
fn is_host(host: &str) -> bool {
    is_name(host) || host.parse::<IpAddr>().is_ok()
}

/// Whether it is a name as DNS has them.
pub(crate) fn is_name(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// Whether what is sent to `host` stays on this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The host as it stands in a URL: an IPv6 address in brackets.
pub(crate) fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports() {
        for (text, expected) in [
            ("h", Some(("h", None))),
            ("a_b-c.d.:80", Some(("a_b-c.d.", Some(80)))),
            ("1.2.3.4:5", Some(("1.2.3.4", Some(5)))),
            ("[::1]", Some(("::1", None))),
            ("[::1]:65535", Some(("::1", Some(65535)))),
            ("::1", Some(("::1", None))),
            ("", None),
            (":80", None),
            ("h:", None),
            ("h:0", None),
            ("h:65536", None),
            ("h:x", None),
            ("h:1:2", None),
            ("u@h", None),
            ("h/x", None),
            ("h h", None),
            ("h\u{e9}", None),
            ("[h]", None),
            ("[::1", None),
            ("[::1]80", None),
        ] {
            assert_eq!(host_and_port(text), expected, "{text}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "localhost.example", "10.0.0.1", "::2", "127.0.0.1.example"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
