//! The proxies that the environment names: which one stands before a host.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::host::{bracketed, host_and_port, is_loopback};
use crate::config::{ProxyVariables, Secret, Variable};

/// The port of a proxy whose URL names none, as curl has it.
const PROXY_PORT: u16 = 1080;

/// What stands before name and password in a `Proxy-Authorization` header.
const BASIC: &str = "Basic ";

/// Where requests go instead of to the collector itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// A name or an address without brackets.
    pub(crate) host: String,
    /// Its TCP port.
    pub(crate) port: u16,
    /// The variable that names it.
    variable: &'static str,
    /// The value of a `Proxy-Authorization` header, when the URL has a user part.
    pub(crate) authorization: Option<Secret>,
}

/// The proxies for each scheme, and the hosts that are reached without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// The variable that names these hosts.
    except_variable: &'static str,
    except: Vec<String>,
}

impl Proxies {
    /// What the variables name, and a warning for each that cannot be used and counts as unset.
    pub(crate) fn new(variables: &ProxyVariables) -> (Proxies, Vec<String>) {
        let mut warnings = Vec::new();
        let (except_variable, except) = match &variables.except {
            Some((name, hosts)) => (*name, hosts.reveal()),
            None => ("", ""),
        };
        let proxies = Proxies {
            http: proxy(&variables.http, &mut warnings),
            https: proxy(&variables.https, &mut warnings),
            except_variable,
            except: except.split(',').map(|host| host.trim().to_ascii_lowercase()).collect(),
        };
        (proxies, warnings)
    }

    /// The proxy on the way to a host. The own machine is always reached directly.
    pub(crate) fn before(&self, is_tls: bool, host: &str, port: u16) -> Option<&Proxy> {
        let proxy = self.named(is_tls)?;
        self.exception(host, port).is_none().then_some(proxy)
    }

    /// What a check reports of the proxy that the environment names for a host, used or not.
    pub(crate) fn report(&self, is_tls: bool, host: &str, port: u16) -> Option<Value> {
        let proxy = self.named(is_tls)?;
        let exception = self.exception(host, port);
        Some(json!({
            "address": format!("{}:{}", bracketed(&proxy.host), proxy.port),
            "variable": proxy.variable,
            "used": exception.is_none(),
            "exception": exception,
        }))
    }

    fn named(&self, is_tls: bool) -> Option<&Proxy> {
        if is_tls { self.https.as_ref() } else { self.http.as_ref() }
    }

    /// Why a host is reached without a proxy, where it is.
    fn exception(&self, host: &str, port: u16) -> Option<String> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if is_own_machine(&host) {
            return Some("the own machine is reached directly".to_owned());
        }
        let rule = self.except.iter().find(|rule| matches(rule, &host, port))?;
        Some(format!("{} names \"{rule}\"", self.except_variable))
    }
}

fn proxy(variable: &Variable, warnings: &mut Vec<String>) -> Option<Proxy> {
    let (name, url) = variable.as_ref()?;
    let found = parse(name, url.reveal());
    if found.is_none() {
        // The value may hold a password: it is not quoted.
        warnings.push(format!(
            "environment variable {name}: it is no http:// proxy, http://HOST:PORT is expected; no proxy is used"
        ));
    }
    found
}

fn parse(variable: &'static str, url: &str) -> Option<Proxy> {
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some(_) => return None,
        None => url,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (host, port) = host_and_port(place)?;
    let authorization = match user {
        Some(user) => Some(basic(user)?),
        None => None,
    };
    Some(Proxy { host: host.to_owned(), port: port.unwrap_or(PROXY_PORT), variable, authorization })
}

fn basic(user: &str) -> Option<Secret> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let (name, password) = (unescaped(name)?, unescaped(password)?);
    // With room for all of it: what grows leaves a copy behind.
    let mut pair = Zeroizing::new(Vec::with_capacity(name.len() + 1 + password.len()));
    pair.extend_from_slice(&name);
    pair.push(b':');
    pair.extend_from_slice(&password);
    let mut text = String::with_capacity(BASIC.len() + pair.len().div_ceil(3) * 4);
    text.push_str(BASIC);
    STANDARD.encode_string(&*pair, &mut text);
    Some(Secret::new(text))
}

/// Percent escapes as the bytes they stand for.
fn unescaped(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = text.bytes();
    let mut out = Zeroizing::new(Vec::with_capacity(text.len()));
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let digits = [char::from(bytes.next()?), char::from(bytes.next()?)];
                let [high, low] = digits.map(|digit| digit.to_digit(16));
                u8::try_from(high? << 4 | low?).ok()?
            }
            plain => plain,
        });
    }
    Some(out)
}

fn is_own_machine(host: &str) -> bool {
    is_loopback(host) || host.ends_with(".localhost")
}

/// Whether an entry of `NO_PROXY` means this host: `*`, a name and everything below it, an address, a
/// network as `address/bits`; each but the last with a port where only that one is meant.
fn matches(rule: &str, host: &str, port: u16) -> bool {
    if rule.is_empty() {
        return false;
    }
    if rule == "*" {
        return true;
    }
    if let Some((network, bits)) = rule.split_once('/') {
        return is_in_network(network, bits, host);
    }
    if let Ok(address) = rule.parse::<IpAddr>() {
        return host.parse() == Ok(address);
    }
    let name = rule.trim_start_matches('*').trim_start_matches('.');
    let Some((name, wanted)) = host_and_port(name) else { return false };
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    let name = name.trim_end_matches('.');
    host == name || host.strip_suffix(name).is_some_and(|before| before.ends_with('.') && !name.is_empty())
}

fn is_in_network(network: &str, bits: &str, host: &str) -> bool {
    let leading = |value: u128, width: u32, bits: u32| value.checked_shr(width - bits).unwrap_or(0);
    let (Ok(network), Ok(bits), Ok(host)) =
        (network.parse::<IpAddr>(), bits.parse::<u32>(), host.parse::<IpAddr>())
    else {
        return false;
    };
    match (network, host) {
        (IpAddr::V4(network), IpAddr::V4(host)) if bits <= 32 => {
            let [network, host] =
                [network, host].map(|address| leading(u128::from(address.to_bits()), 32, bits));
            network == host
        }
        (IpAddr::V6(network), IpAddr::V6(host)) if bits <= 128 => {
            let [network, host] = [network, host].map(|address| leading(address.to_bits(), 128, bits));
            network == host
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::config::{self, Options};

    fn proxies(variables: &[(&str, &str)]) -> (Proxies, Vec<String>) {
        let resolved = config::resolve(&Options::new(), |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(*value))
        });
        Proxies::new(&resolved.settings.proxy_variables)
    }

    #[test]
    fn each_scheme_has_its_own_and_lower_case_comes_first() {
        let (proxies, warnings) = proxies(&[
            ("HTTP_PROXY", "http://upper:1"),
            ("http_proxy", "lower:2/"),
            ("HTTPS_PROXY", "HTTP://u%40x:p%3A@[::2]:3"),
            ("https_proxy", " "),
        ]);
        assert_eq!(warnings, [""; 0]);
        let plain = proxies.before(false, "collector.example", 80).unwrap();
        assert_eq!((plain.host.as_str(), plain.port, &plain.authorization), ("lower", 2, &None));
        let secure = proxies.before(true, "collector.example", 443).unwrap();
        assert_eq!((secure.host.as_str(), secure.port), ("::2", 3));
        let authorization = secure.authorization.as_ref().unwrap();
        assert_eq!(authorization.reveal(), format!("Basic {}", STANDARD.encode("u@x:p:")));
        assert!(!format!("{proxies:?}").contains("Basic"));
    }

    #[test]
    fn a_report_names_the_proxy_its_variable_and_what_stands_against_it() {
        let (proxies, _) = proxies(&[
            ("HTTPS_PROXY", "http://u:hush@proxy.example:3128"),
            ("NO_PROXY", "other.example, .Inner.example"),
        ]);
        assert_eq!(proxies.report(false, "collector.example", 80), None);
        let used = proxies.report(true, "collector.example", 443).unwrap();
        let expected = json!({"address": "proxy.example:3128", "variable": "HTTPS_PROXY", "used": true, "exception": null});
        assert_eq!(used, expected);
        let aside = proxies.report(true, "a.inner.example", 443).unwrap();
        assert_eq!(
            (&aside["used"], &aside["exception"]),
            (&json!(false), &json!("NO_PROXY names \".inner.example\""))
        );
        let own = proxies.report(true, "localhost", 443).unwrap();
        assert_eq!(own["exception"], "the own machine is reached directly");
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_a_warning_without_its_password() {
        for url in
            ["socks5://u:hush@h:1", "https://h", "http://:1", "http://h:0", "http://u%zz@h", "http://a b"]
        {
            let (proxies, warnings) = proxies(&[("HTTPS_PROXY", url)]);
            assert_eq!(proxies.before(true, "collector.example", 443), None);
            assert_eq!(warnings.len(), 1, "{url}");
            assert!(warnings[0].contains("HTTPS_PROXY") && !warnings[0].contains("hush"), "{}", warnings[0]);
        }
    }

    #[test]
    fn a_request_cannot_set_the_proxy_of_a_cgi_program() {
        let (proxies, _) = proxies(&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")]);
        assert_eq!(proxies.before(false, "collector.example", 80), None);
    }

    #[test]
    fn hosts_without_a_proxy() {
        let rules = "one.example, .two.example,*.three.example,10.0.0.0/8,192.168.1.1,fd00::/8,::5,p.example:81,[::6]:7";
        let (proxies, _) = proxies(&[("http_proxy", "proxy:1"), ("NO_PROXY", rules)]);
        let direct = |host: &str, port: u16| proxies.before(false, host, port).is_none();
        for host in [
            "one.example",
            "ONE.example.",
            "a.one.example",
            "two.example",
            "b.two.example",
            "c.three.example",
            "10.255.0.1",
            "192.168.1.1",
            "fd12::1",
            "::5",
            "localhost",
            "127.0.0.2",
            "::1",
            "x.localhost",
        ] {
            assert!(direct(host, 80), "{host}");
        }
        for host in ["xone.example", "example", "11.0.0.1", "192.168.1.2", "fe00::1", "::6", "p.example"] {
            assert!(!direct(host, 80), "{host}");
        }
        assert!(direct("p.example", 81) && direct("::6", 7));
        let (all, _) = super::tests::proxies(&[("http_proxy", "proxy:1"), ("no_proxy", "*")]);
        assert_eq!(all.before(false, "collector.example", 80), None);
    }
}
