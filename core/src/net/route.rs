//! From what an endpoint names to a connection: its addresses, in which order they are tried, and which one is used.
//!
//! With `balance=sticky` a host's addresses come in the system's order and a service's servers in one that stays the
//! same for this client; with `spread` each connection begins anew, with any of them. What failed lately comes last in
//! either case, but for the addresses of a host that is sticky, which are tried as ever.

mod shunned;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError};

use super::happy_eyeballs;
use super::resolver::{self, Answer};
use super::socket::Stream;
use super::srv::{self, Record, Service, in_order, shuffled};
use crate::net::{Abort, Deadline};
use crate::sys::id;
use crate::sys::sync::lock;
use shunned::Shunned;

/// Servers of one service that are tried: each may cost a look-up.
const MOST_SERVERS: usize = 16;

/// Addresses that a check reports: more than anybody reads.
const MOST_REPORTED: usize = 32;

/// Pause behind a question whether a server is still one of its service that nobody could answer.
const RECHECK_PAUSE: Duration = Duration::from_secs(30);

/// What an endpoint names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Goal {
    Host {
        host: String,
        port: u16,
    },
    /// A name with SRV records.
    Service(String),
}

/// One address, and who is expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) address: SocketAddr,
    /// The name that a certificate has to carry.
    pub(crate) name: String,
    /// The server of a service that it belongs to.
    server: Option<(String, u16)>,
    /// The lower ones are tried for themselves first.
    rank: (bool, u16),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some((name, _)) => write!(f, "{} ({name})", self.address),
            None => self.address.fmt(f),
        }
    }
}

pub(crate) struct Route {
    goal: Goal,
    is_spread: bool,
    /// What the order of a sticky client is drawn with.
    seed: u64,
    shunned: Mutex<Shunned>,
    watch: Mutex<Watch>,
}

/// Whether a server is still one of its service.
#[derive(Default)]
struct Watch {
    /// When that is asked again; never before the first look-up.
    at: Option<Instant>,
    answer: Option<Receiver<Answer<Service>>>,
    is_gone: bool,
}

impl Route {
    pub(crate) fn new(goal: Goal, is_spread: bool) -> Route {
        Route {
            goal,
            is_spread,
            seed: id::random_u128() as u64,
            shunned: Mutex::default(),
            watch: Mutex::default(),
        }
    }

    /// The ways there are, in the order in which they are to be tried; one at least.
    pub(crate) fn resolve(&self, deadline: Deadline, abort: &Abort) -> io::Result<Vec<Way>> {
        let mut ways = match &self.goal {
            Goal::Host { host, port } => self.to_host(host, *port, deadline, abort)?,
            Goal::Service(name) => self.to_service(name, deadline, abort)?,
        };
        if self.is_choosing() {
            let (shunned, now) = (lock(&self.shunned), Instant::now());
            for way in &mut ways {
                way.rank.0 = shunned.is_shunned(way.address, now);
            }
        }
        Ok(by_rank(ways))
    }

    /// Whether addresses that failed come behind others.
    fn is_choosing(&self) -> bool {
        self.is_spread || matches!(self.goal, Goal::Service(_))
    }

    fn to_host(&self, host: &str, port: u16, deadline: Deadline, abort: &Abort) -> io::Result<Vec<Way>> {
        let found = resolver::addresses(host, port, deadline.instant(), abort)
            .map_err(|error| cannot_be_resolved(host, &error))?;
        let found = match self.is_spread {
            true => shuffled(found.into_iter(), id::random_fraction),
            false => happy_eyeballs::in_turns(&found),
        };
        let way = |address| Way { address, name: host.to_owned(), server: None, rank: (false, 0) };
        Ok(found.into_iter().map(way).collect())
    }

    fn to_service(&self, name: &str, deadline: Deadline, abort: &Abort) -> io::Result<Vec<Way>> {
        let service = resolver::service(name, deadline.instant(), abort).map_err(|error| {
            let text = format!("the service \"{name}\" cannot be found: {error}");
            io::Error::new(error.kind(), text)
        })?;
        *lock(&self.watch) =
            Watch { at: Some(Instant::now() + resolver::lifetime(&service)), ..Watch::default() };
        let mut seed = self.seed;
        let ordered = match self.is_spread {
            true => in_order(&service.records, id::random_fraction),
            false => in_order(&service.records, || next_fraction(&mut seed)),
        };
        let mut ways = Vec::new();
        let mut failure = None;
        let mut servers = ordered.into_iter().take(MOST_SERVERS);
        while let Some(record) = servers.next() {
            // A name that nobody answers for leaves time for the others, and for a connection.
            let others = u32::try_from(servers.len()).unwrap_or(u32::MAX).saturating_add(2);
            let share = deadline.within(deadline.left() / others);
            match resolver::addresses(&record.target, record.port, share.instant(), abort) {
                Ok(found) => ways.extend(happy_eyeballs::in_turns(&found).into_iter().map(|address| Way {
                    address,
                    name: name_of(name, &record.target).to_owned(),
                    server: Some((record.target.clone(), record.port)),
                    rank: (false, record.priority),
                })),
                Err(error) => failure = Some(cannot_be_resolved(&record.target, &error)),
            }
        }
        match failure {
            Some(failure) if ways.is_empty() => Err(failure),
            _ => Ok(ways),
        }
    }

    /// A connection over one of the ways, before `deadline`. Those of a worse rank get their turn when all better ones
    /// have failed, which share the time with them.
    pub(crate) fn connect(
        &self,
        ways: &[Way],
        deadline: Deadline,
        abort: &Arc<Abort>,
    ) -> io::Result<(Stream, Way)> {
        let ranks: Vec<&[Way]> = match self.goal {
            Goal::Host { .. } => vec![ways],
            Goal::Service(_) => ways.chunk_by(|one, other| one.rank == other.rank).collect(),
        };
        let mut failure = None;
        for (tried, rank) in ranks.iter().enumerate() {
            let shares = u32::try_from(ranks.len() - tried).unwrap_or(u32::MAX);
            let addresses: Vec<SocketAddr> = rank.iter().map(|way| way.address).collect();
            let outcome = happy_eyeballs::first(&addresses, deadline.within(deadline.left() / shares), abort);
            outcome.failed.iter().for_each(|address| self.has_failed(*address));
            match outcome.connected {
                Ok((connected, address)) => {
                    let way = rank.iter().find(|way| way.address == address).cloned();
                    let way = way.ok_or(io::ErrorKind::AddrNotAvailable)?;
                    return Ok((Stream::over_tcp(connected, abort)?, way));
                }
                Err(error) => failure = Some(error),
            }
            if abort.has_fired() || deadline.is_over() {
                break;
            }
        }
        Err(failure.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")))
    }

    /// What was found at this address was of no use.
    pub(crate) fn has_failed(&self, address: SocketAddr) {
        if self.is_choosing() {
            lock(&self.shunned).shun(address, Instant::now());
        }
    }

    /// What was found at this address served.
    pub(crate) fn has_served(&self, address: SocketAddr) {
        if self.is_choosing() {
            lock(&self.shunned).forgive(address);
        }
    }

    /// Whether a way leads to a server that is no longer one of its service. Never waits: the question is asked when the
    /// last answer is no longer good, and the answer found at a later call.
    pub(crate) fn has_lost(&self, way: &Way, now: Instant) -> bool {
        let (Goal::Service(name), Some((target, port))) = (&self.goal, &way.server) else { return false };
        let mut watch = lock(&self.watch);
        let Watch { at: Some(at), answer, is_gone } = &mut *watch else { return false };
        match answer.as_ref().map(Receiver::try_recv) {
            Some(Err(TryRecvError::Empty)) => {}
            Some(Ok(Ok(service))) => {
                let is_it = |record: &Record| record.target == *target && record.port == *port;
                *is_gone = !service.records.iter().any(is_it);
                *at = now + resolver::lifetime(&service);
                *answer = None;
            }
            // A server that serves is better than a service that is said to have none.
            Some(Ok(Err(_)) | Err(TryRecvError::Disconnected)) => {
                *at = now + RECHECK_PAUSE;
                *answer = None;
            }
            None if now >= *at => {
                *answer = resolver::ask_for_service(name);
                if answer.is_none() {
                    *at = now + RECHECK_PAUSE;
                }
            }
            None => {}
        }
        *is_gone
    }
}

/// The better ones first; among equals the order stays. There are few ranks.
fn by_rank(mut ways: Vec<Way>) -> Vec<Way> {
    let mut ordered = Vec::with_capacity(ways.len());
    while let Some(best) = ways.iter().map(|way| way.rank).min() {
        let (equals, rest) = ways.into_iter().partition(|way| way.rank == best);
        let equals: Vec<Way> = equals;
        ordered.extend(equals);
        ways = rest;
    }
    ordered
}

/// How many of the ways are as good as the first one.
pub(crate) fn places(ways: &[Way]) -> usize {
    ways.iter().take_while(|way| Some(way.rank) == ways.first().map(|first| first.rank)).count()
}

/// The addresses as a report has them, in the order in which they are tried.
pub(crate) fn addresses(ways: &[Way]) -> serde_json::Value {
    ways.iter().take(MOST_REPORTED).map(ToString::to_string).collect()
}

fn cannot_be_resolved(name: &str, error: &io::Error) -> io::Error {
    let hint = if name.starts_with('_') { "; a service is named by srv+tls:// or srv+tcp://" } else { "" };
    io::Error::new(error.kind(), format!("the name \"{name}\" cannot be resolved: {error}{hint}"))
}

/// The name that the certificate of a server has to carry. Whoever forges an answer can name any target, so the target
/// counts only where it lies within the domain that was asked for; elsewhere that domain is what has to be vouched for.
fn name_of<'n>(service: &'n str, target: &'n str) -> &'n str {
    let domain = srv::domain(service);
    let start = target.len().checked_sub(domain.len());
    let is_end =
        start.and_then(|start| target.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(domain));
    let is_label =
        start == Some(0) || start.is_some_and(|start| target.get(..start).is_some_and(|s| s.ends_with('.')));
    if is_end && is_label && !domain.is_empty() { target } else { domain }
}

/// The next number of a row that a seed begins (SplitMix64), from 0 (inclusive) to 1 (exclusive).
fn next_fraction(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests;
