//! What the encoder keeps between the events of one thread.

use std::sync::Arc;

use crate::diag::error::Error;
use crate::encode::filter::FieldRules;
use crate::encode::json::Stack;
use crate::encode::key_cache::KeyCache;
use crate::encode::to_json::Level;

/// Working memory of the encoder, kept between events by whoever calls it. It grows with the largest
/// event and gives back what a giant needed.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(crate) stack: Stack,
    /// Text that is going to be hashed.
    pub(crate) text: Vec<u8>,
    pub(crate) levels: Vec<Level>,
    pub(crate) key_cache: KeyCache,
    /// The last message had a header of more than one byte.
    pub(crate) was_wide: bool,
}

// One event as large as the default limit leaves nothing behind; typical ones never allocate again.
const IDLE_CONTAINERS: usize = 512;
const IDLE_TEXT: usize = 16 * 1024;

impl Scratch {
    #[inline(always)]
    pub(crate) fn trim(&mut self) {
        if self.stack.keys.is_worn {
            self.trim_worn();
        }
    }

    #[cold]
    fn trim_worn(&mut self) {
        self.stack.keys.is_worn = false;
        self.stack.keys.trim();
        if self.stack.open.capacity() > IDLE_CONTAINERS {
            self.stack.open = Vec::new();
        }
        if self.text.capacity() > IDLE_TEXT {
            self.text = Vec::new();
        }
        if self.levels.capacity() > IDLE_CONTAINERS {
            self.levels = Vec::new();
        }
    }

    /// Forgets an event that failed half-way; gives the error back.
    #[cold]
    #[inline(never)]
    pub(crate) fn abandoned(&mut self, error: Error) -> Error {
        self.stack.keys.clear();
        self.key_cache.forget();
        self.trim_worn();
        error
    }
}

/// Working memory, and the rules as this thread saw them last.
#[derive(Debug)]
pub(crate) struct Workspace {
    scratch: Scratch,
    rules: Arc<FieldRules>,
    /// 0 until rules were fetched.
    version: u64,
}

impl Default for Workspace {
    fn default() -> Workspace {
        let scratch = Scratch { key_cache: KeyCache::for_thread(), ..Scratch::default() };
        Workspace { scratch, rules: Arc::default(), version: 0 }
    }
}

impl Workspace {
    /// The working memory, if its known keys are those of the rules in force.
    #[inline(always)]
    pub(crate) fn if_at(&mut self, version: u64) -> Option<&mut Scratch> {
        (self.version == version).then_some(&mut self.scratch)
    }

    /// The rules in force, fetched by `fetch` when their version is not the one known here, and the
    /// working memory.
    #[inline(always)]
    pub(crate) fn refreshed(
        &mut self,
        version: u64,
        fetch: impl FnOnce() -> Arc<FieldRules>,
    ) -> (&FieldRules, &mut Scratch) {
        if self.version != version {
            self.rules = fetch();
            self.version = version;
            self.scratch.key_cache.keep_only(&self.rules);
        }
        (&self.rules, &mut self.scratch)
    }
}
