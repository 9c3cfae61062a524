//! Addresses that failed lately, so that others are tried before them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long an address is left alone after its first failure: a restart of a collector takes about as long.
const FIRST: Duration = Duration::from_secs(10);

/// And after many: as long as a connection gets old, when all is chosen anew.
const MOST: Duration = Duration::from_secs(300);

/// Addresses remembered; a service has fewer.
const MOST_ADDRESSES: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Shunned {
    known: Vec<Failure>,
}

#[derive(Debug)]
struct Failure {
    address: SocketAddr,
    until: Instant,
    pause: Duration,
}

impl Shunned {
    pub(super) fn is_shunned(&self, address: SocketAddr, now: Instant) -> bool {
        self.known.iter().any(|failure| failure.address == address && now < failure.until)
    }

    /// It failed; each time in a row it is left alone for twice as long.
    pub(super) fn shun(&mut self, address: SocketAddr, now: Instant) {
        if let Some(failure) = self.known.iter_mut().find(|failure| failure.address == address) {
            // One failure may be seen by two who look.
            if now >= failure.until {
                failure.pause = (failure.pause * 2).min(MOST);
                failure.until = now + failure.pause;
            }
            return;
        }
        if self.known.len() >= MOST_ADDRESSES {
            self.known.remove(0);
        }
        self.known.push(Failure { address, until: now + FIRST, pause: FIRST });
    }

    /// It served.
    pub(super) fn forgive(&mut self, address: SocketAddr) {
        self.known.retain(|failure| failure.address != address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_until_it_is_forgiven() {
        let address = "192.0.2.1:1".parse().unwrap();
        let (mut shunned, mut now) = (Shunned::default(), Instant::now());
        assert!(!shunned.is_shunned(address, now));
        for pause in [10, 20, 40, 80, 160, 300, 300] {
            shunned.shun(address, now);
            shunned.shun(address, now);
            let end = now + Duration::from_secs(pause);
            assert!(shunned.is_shunned(address, end - Duration::from_millis(1)));
            assert!(!shunned.is_shunned(address, end), "{pause}");
            now = end;
        }
        shunned.shun(address, now);
        shunned.forgive(address);
        assert!(!shunned.is_shunned(address, now));
        for port in 1..=1000 {
            shunned.shun(SocketAddr::new(address.ip(), port), now);
        }
        assert_eq!(shunned.known.len(), MOST_ADDRESSES);
    }
}
