//! The names that had addresses, and which.

use std::net::IpAddr;

/// Names remembered: more than any process has collectors, so that only a misuse forgets one.
const MOST_NAMES: usize = 64;

#[derive(Default)]
pub(crate) struct Names {
    known: Vec<(String, Vec<IpAddr>)>,
}

impl Names {
    /// The addresses of the last look-up that had any.
    pub(crate) fn last_good(&self, host: &str) -> Option<Vec<IpAddr>> {
        self.known.iter().find(|(name, _)| name == host).map(|(_, addresses)| addresses.clone())
    }

    /// Remembers addresses, of which there is one at least.
    pub(crate) fn remember(&mut self, host: &str, addresses: &[IpAddr]) {
        if let Some((_, known)) = self.known.iter_mut().find(|(name, _)| name == host) {
            *known = addresses.to_owned();
            return;
        }
        if self.known.len() >= MOST_NAMES {
            self.known.remove(0);
        }
        self.known.push((host.to_owned(), addresses.to_owned()));
    }
}
