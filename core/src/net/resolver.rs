//! Names to addresses, on one thread per process.
//!
//! The system's resolver can take minutes and cannot be interrupted. It is asked on a thread of its own,
//! `mona-resolver`, which all clients share; whoever needs an address waits for it with a deadline and
//! falls back on the last good answer. Addresses in text form and `localhost` ask nobody. A forked child
//! has a resolver of its own, which knows nothing yet.

mod names;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use super::Abort;
use crate::sys::fork::ForkLocal;
use crate::sys::sync::{lock, wait_until};
use crate::sys::thread;
use names::Names;

/// Longest wait for one look-up. Resolvers try a dead name server for five seconds before the next one.
const BUDGET: Duration = Duration::from_secs(5);

/// Longest wait where an earlier answer can stand in; the rest of the time belongs to the connection.
const BUDGET_WITH_FALLBACK: Duration = Duration::from_secs(1);

/// How long the thread stays without work: a process that closed its clients keeps none.
const LINGER: Duration = Duration::from_secs(2);

/// How often a wait looks whether it was aborted.
const ABORT_LOOK: Duration = Duration::from_millis(50);

static RESOLVER: ForkLocal<Arc<Resolver>> = ForkLocal::new();

/// The addresses of `host` in the system's order, before `deadline` and within five seconds.
///
/// # Errors
/// The name has no address, or no answer came in time; neither where an earlier look-up succeeded.
pub(crate) fn addresses(
    host: &str,
    port: u16,
    deadline: Instant,
    abort: &Abort,
) -> io::Result<Vec<SocketAddr>> {
    let found = match known(host) {
        Some(addresses) => addresses,
        None => resolver(host).look_up(host, deadline, abort)?,
    };
    Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
}

fn resolver(_host: &str) -> &'static Arc<Resolver> {
    #[cfg(test)]
    if _host.ends_with(tests::NEVER) {
        return tests::stuck();
    }
    RESOLVER.get(|| Resolver::new(system))
}

/// What needs no resolver. `localhost` is never asked for either, so that what may be sent in the clear to
/// this machine cannot be led elsewhere by a name server.
fn known(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]);
    }
    host.parse().ok().map(|address| vec![address])
}

fn system(host: &str) -> io::Result<Vec<IpAddr>> {
    let mut found: Vec<IpAddr> = Vec::new();
    for address in (host, 0).to_socket_addrs()? {
        if !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    if found.is_empty() {
        Err(io::Error::new(io::ErrorKind::NotFound, "it has no address"))
    } else {
        Ok(found)
    }
}

type Ask = fn(&str) -> io::Result<Vec<IpAddr>>;

struct Resolver {
    ask: Ask,
    names: Mutex<Names>,
    /// A look-up was asked for, or answered.
    changed: Condvar,
}

impl Resolver {
    fn new(ask: Ask) -> Arc<Resolver> {
        Arc::new(Resolver { ask, names: Mutex::default(), changed: Condvar::new() })
    }

    fn look_up(self: &Arc<Self>, host: &str, deadline: Instant, abort: &Abort) -> io::Result<Vec<IpAddr>> {
        let mut names = lock(&self.names);
        let seen = names.ask_for(host);
        if names.start_thread() {
            let me = Arc::clone(self);
            if let Err(error) = thread::spawn("mona-resolver", move || me.serve()) {
                names.thread_ended();
                let fault = io::Error::new(error.kind(), format!("the system has no thread left: {error}"));
                return names.last_good(host).ok_or(fault);
            }
        }
        self.changed.notify_all();
        let budget = if names.last_good(host).is_some() { BUDGET_WITH_FALLBACK } else { BUDGET };
        let until = deadline.min(Instant::now() + budget);
        loop {
            if let Some(answer) = names.answer_since(host, seen) {
                return names.last_good(host).map_or(answer, Ok);
            }
            let now = Instant::now();
            if now >= until || abort.has_fired() {
                let fault = io::Error::new(io::ErrorKind::TimedOut, "the name servers do not answer");
                return names.last_good(host).ok_or(fault);
            }
            names = wait_until(&self.changed, names, until.min(now + ABORT_LOOK));
        }
    }

    /// The body of the thread: answers what is asked for until nothing is for a while.
    fn serve(&self) {
        let mut names = lock(&self.names);
        let mut idle_until = Instant::now() + LINGER;
        loop {
            if let Some(host) = names.next_question() {
                drop(names);
                // A panic in here would leave the others waiting for a thread that is gone.
                let answer = std::panic::catch_unwind(|| (self.ask)(&host))
                    .unwrap_or_else(|_| Err(io::Error::other("a bug in libmona was contained")));
                names = lock(&self.names);
                names.answer(&host, answer);
                self.changed.notify_all();
                idle_until = Instant::now() + LINGER;
            } else if Instant::now() >= idle_until {
                names.thread_ended();
                return;
            } else {
                names = wait_until(&self.changed, names, idle_until);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
