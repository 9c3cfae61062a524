//! The names that stood for something, and for what.

use std::time::Instant;

/// Names remembered: more than any process has collectors, so that only a misuse forgets one.
const MOST_NAMES: usize = 64;

pub(crate) struct Names<T> {
    known: Vec<(String, T, Instant)>,
}

impl<T> Default for Names<T> {
    fn default() -> Names<T> {
        Names { known: Vec::new() }
    }
}

impl<T: Clone> Names<T> {
    /// What the last look-up gave that had an answer.
    pub(crate) fn last_good(&self, host: &str) -> Option<T> {
        self.known(host).map(|(answer, _)| answer)
    }

    /// The same, and when that was.
    pub(crate) fn known(&self, host: &str) -> Option<(T, Instant)> {
        let found = self.known.iter().find(|(name, ..)| name == host);
        found.map(|(_, answer, since)| (answer.clone(), *since))
    }

    pub(crate) fn remember(&mut self, host: &str, answer: &T) {
        self.forget(host);
        if self.known.len() >= MOST_NAMES {
            self.known.remove(0);
        }
        self.known.push((host.to_owned(), answer.clone(), Instant::now()));
    }

    pub(crate) fn forget(&mut self, host: &str) {
        self.known.retain(|(name, ..)| name != host);
    }
}
