//! What the encoder keeps between the events of one thread.

use std::sync::Arc;

use super::key_cache::Shapes;
use super::message::Scratch;
use crate::encode::filter::FieldRules;

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
        let scratch = Scratch { shapes: Shapes::for_thread(), ..Scratch::default() };
        Workspace { scratch, rules: Arc::default(), version: 0 }
    }
}

impl Workspace {
    /// The working memory, if its shapes are those of the rules in force.
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
            self.scratch.shapes.keep_only(&self.rules);
        }
        (&self.rules, &mut self.scratch)
    }
}
