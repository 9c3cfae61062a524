//! Which name servers to ask for what, as the system's resolver is told in `/etc/resolv.conf`.

use std::fs::File;
use std::io::Read as _;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use resolv_conf::{Config, ScopedIp};

use crate::net::host::is_name;
use crate::sys::host;

const PATH: &str = "/etc/resolv.conf";

/// More of the file is not read: it has a few lines.
const MOST_BYTES: u64 = 64 * 1024;

/// The port of name servers, which the file cannot change.
const PORT: u16 = 53;

// What glibc takes of the file.
const MOST_SERVERS: usize = 3;
const MOST_DOMAINS: usize = 6;
const MOST_ATTEMPTS: u32 = 5;

// What DNS has room for.
const MOST_NAME_BYTES: usize = 253;
const MOST_LABEL_BYTES: usize = 63;

/// How to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conf {
    /// One at least.
    pub(super) servers: Vec<SocketAddr>,
    /// What is put behind a name that is no whole one.
    pub(super) domains: Vec<String>,
    /// A name with as many dots is tried as it is first.
    pub(super) dots: usize,
    /// How long a server is waited for, and how often all of them are asked.
    pub(super) patience: Duration,
    pub(super) attempts: u32,
}

impl Conf {
    /// Read anew for each question, as it changes with the network. A file that is not there means this machine.
    pub(super) fn of_system() -> Conf {
        let mut text = Vec::new();
        let read = File::open(PATH).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut text));
        Conf::of(if read.is_ok() { &text } else { &[] })
    }

    fn of(text: &[u8]) -> Conf {
        // Lines that nobody understands are passed over by everybody.
        let (config, _) = Config::parse_with_errors(text);
        let servers = config.get_nameservers_or_local();
        Conf {
            servers: servers.iter().map(server).take(MOST_SERVERS).collect(),
            domains: config
                .get_last_search_or_domain()
                .filter_map(|name| domain(name))
                .take(MOST_DOMAINS)
                .collect(),
            dots: usize::try_from(config.ndots).unwrap_or(usize::MAX),
            patience: Duration::from_secs(config.timeout.max(1).into()),
            attempts: config.attempts.clamp(1, MOST_ATTEMPTS),
        }
    }

    /// The names that `name` may stand for, in the order in which they are asked for.
    pub(super) fn candidates(&self, name: &str) -> Vec<String> {
        if name.ends_with('.') {
            return vec![name.to_owned()];
        }
        let longer = self.domains.iter().map(|domain| format!("{name}.{domain}"));
        let longer = longer.filter(|name| name.len() <= MOST_NAME_BYTES);
        let whole = std::iter::once(name.to_owned());
        match name.matches('.').count() >= self.dots {
            true => whole.chain(longer).collect(),
            false => longer.chain(whole).collect(),
        }
    }
}

/// A domain to put behind names. The root, which is what `search .` of systemd-resolved means, adds nothing, and what is
/// no name is no place to look.
fn domain(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let are_labels = name.split('.').all(|label| !label.is_empty() && label.len() <= MOST_LABEL_BYTES);
    (are_labels && is_name(name)).then(|| name.to_owned())
}

fn server(ip: &ScopedIp) -> SocketAddr {
    match ip {
        ScopedIp::V6(ip, Some(scope)) => {
            // The scope is the number or the name of an interface.
            let number = scope.parse().ok().or_else(|| interface(scope)).unwrap_or_default();
            SocketAddrV6::new(*ip, PORT, 0, number).into()
        }
        other => SocketAddr::new(IpAddr::from(other.clone()), PORT),
    }
}

fn interface(name: &str) -> Option<u32> {
    host::interface(&std::ffi::CString::new(name).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_the_system_reads_it() {
        let conf = Conf::of(
            b"# a comment\nnameserver 10.0.0.53\nnameserver fe80::1%1\nnonsense\nsearch prod.svc.cluster.local svc.cluster.local\n\
              options ndots:5 timeout:2 attempts:9\nnameserver 10.0.0.54\nnameserver 10.0.0.55\n",
        );
        let servers: Vec<String> = conf.servers.iter().map(SocketAddr::to_string).collect();
        assert_eq!(servers, ["10.0.0.53:53", "[fe80::1%1]:53", "10.0.0.54:53"]);
        assert_eq!((conf.dots, conf.patience, conf.attempts), (5, Duration::from_secs(2), 5));
        assert_eq!(
            conf.candidates("_mona._tcp.collector"),
            [
                "_mona._tcp.collector.prod.svc.cluster.local",
                "_mona._tcp.collector.svc.cluster.local",
                "_mona._tcp.collector"
            ]
        );
        assert_eq!(conf.candidates("_mona._tcp.collector."), ["_mona._tcp.collector."]);
        let conf = Conf::of(b"domain example\n");
        assert_eq!(conf.candidates("_mona._tcp.c"), ["_mona._tcp.c", "_mona._tcp.c.example"]);
    }

    #[test]
    fn what_is_no_domain_is_put_behind_no_name() {
        let long = "l".repeat(64);
        let text = format!("search . example.. a..b {long} .b c.example.\noptions ndots:5\n");
        let conf = Conf::of(text.as_bytes());
        assert_eq!(conf.candidates("_mona._tcp.x"), ["_mona._tcp.x.c.example", "_mona._tcp.x"]);
        // As systemd-resolved writes it where there are none.
        let conf = Conf::of(b"nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n");
        assert_eq!(conf.candidates("_mona._tcp.x"), ["_mona._tcp.x"]);
        let name = format!("_mona._tcp.{}", "a.".repeat(120) + "a");
        assert_eq!(Conf::of(b"search c.example\n").candidates(&name), [name]);
    }

    #[test]
    fn without_a_file_this_machine_is_asked() {
        let conf = Conf::of(b"");
        assert_eq!(conf.servers, ["127.0.0.1:53".parse().unwrap(), "[::1]:53".parse().unwrap()]);
        assert_eq!(conf.candidates("a.b"), ["a.b"]);
        assert!(Conf::of(&[0xff; 100]).servers.len() == 2);
    }
}
