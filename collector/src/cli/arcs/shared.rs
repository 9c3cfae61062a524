//! Texts that many have: classes and user ids.

use std::collections::HashSet;
use std::sync::Arc;

/// A program has dozens of classes. Beyond this they are forgotten, and those of later ARCs are their own.
const MAX_TEXTS: usize = 1024;

#[derive(Debug, Default)]
pub(super) struct Texts {
    known: HashSet<Arc<str>>,
}

impl Texts {
    /// The one text for all that are equal to it, as far as they are remembered.
    pub(super) fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return Arc::clone(known);
        }
        if self.known.len() >= MAX_TEXTS {
            self.known.clear();
        }
        let new: Arc<str> = text.into();
        // A long one is hardly that of others, and would be held beyond its ARC.
        if text.len() <= MAX_TEXTS {
            self.known.insert(Arc::clone(&new));
        }
        new
    }
}
