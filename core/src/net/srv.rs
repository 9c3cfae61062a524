//! Services by name: what DNS says under `_mona._tcp.example` about who offers it (RFC 2782).
//!
//! The system's resolver has addresses for names and nothing else, so these records are asked for here, of the name
//! servers that it would ask. Targets become addresses by the resolver like any other host.

mod ask;
mod conf;
mod message;
mod record;

use std::io;
use std::time::{Duration, Instant};

pub(crate) use record::{Record, Service, in_order, shuffled};

use conf::Conf;

use crate::sys::kept::Placeholders;

/// Longest wait for the records, so that whoever waits for five seconds hears what was wrong.
const BUDGET: Duration = Duration::from_millis(4500);

/// The records of a service. On the thread of the resolver alone.
pub(crate) fn look_up(name: &str) -> io::Result<Service> {
    // As for the system's resolver: the host's words must not reach a name server.
    let _placeholders = Placeholders::hold();
    ask::service(name, &Conf::of_system(), Instant::now() + BUDGET)
}

/// The domain that a service belongs to: what stands behind `_service._proto.`.
pub(crate) fn domain(name: &str) -> &str {
    let name = name.strip_suffix('.').unwrap_or(name);
    let mut rest = name;
    for _ in 0..2 {
        match rest.split_once('.') {
            Some((label, behind)) if label.starts_with('_') => rest = behind,
            _ => break,
        }
    }
    rest
}

#[cfg(test)]
mod tests;
