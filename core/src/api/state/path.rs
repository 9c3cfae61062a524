//! Where a thread or a task is: the segments of its context's id, and what its records need.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::few::Few;
use crate::client::{ContextRef, Origin};
use crate::encode::ArcClass;
use crate::encode::full_id::SEPARATOR;

/// The path of segments, outermost first; empty when no context is open.
#[derive(Debug, Default)]
pub(in crate::api) struct Path {
    full_id: String,
    /// How many there are in it; it may be empty where there is one.
    segments: usize,
    /// The classes of the contexts that were opened with one, each with the number of segments of its context.
    classes: Few<(usize, ArcClass<'static>)>,
    /// The number of segments of the main context.
    main: usize,
    is_kept: bool,
    /// Set until the globals went out with a message of the main context; only where messages carry them. All values
    /// that came from one move owe them together.
    owes_globals: Option<Arc<AtomicBool>>,
    /// What is the same for all records of this very path, once there was one.
    origin: Option<Origin>,
}

impl Path {
    /// Makes it that of a main context, with the segments of `id`.
    pub(in crate::api) fn open(
        &mut self,
        id: &str,
        is_kept: bool,
        class: Option<ArcClass<'static>>,
        owes_globals: bool,
    ) {
        self.truncate(0);
        self.push(id, class);
        self.main = self.segments;
        self.is_kept = is_kept;
        self.owes_globals = owes_globals.then(|| Arc::new(AtomicBool::new(true)));
    }

    /// The same without what its records have in common, which another path makes anew.
    pub(in crate::api) fn copied(&self) -> Path {
        Path {
            full_id: self.full_id.clone(),
            classes: self.classes.clone(),
            owes_globals: self.owes_globals.clone(),
            origin: None,
            ..*self
        }
    }

    pub(in crate::api) fn is_empty(&self) -> bool {
        self.segments == 0
    }

    pub(in crate::api) fn full_id(&self) -> &str {
        &self.full_id
    }

    pub(in crate::api) fn len(&self) -> usize {
        self.segments
    }

    /// Adds the segments of `id`, which are separated by ".".
    pub(in crate::api) fn push(&mut self, id: &str, class: Option<ArcClass<'static>>) {
        if self.is_empty() && self.full_id.capacity() == 0 {
            id.clone_into(&mut self.full_id);
        } else {
            self.full_id.reserve(1 + id.len());
            if !self.is_empty() {
                self.full_id.push(SEPARATOR);
            }
            self.full_id.push_str(id);
        }
        // Most ids are one segment, which is seen faster than counted.
        self.segments += if id.contains(SEPARATOR) { 1 + separators(id).count() } else { 1 };
        if let Some(class) = class {
            self.classes.push((self.segments, class));
        }
        self.origin = None;
    }

    /// Keeps the first `segments` segments.
    pub(in crate::api) fn truncate(&mut self, segments: usize) {
        if segments < self.segments {
            let end = segments.checked_sub(1).and_then(|last| separators(&self.full_id).nth(last));
            self.full_id.truncate(end.unwrap_or(0));
            self.segments = segments;
            let kept = self.classes.iter().take_while(|(at, _)| *at <= segments).count();
            self.classes.truncate(kept);
            self.origin = None;
        }
    }

    fn names(&self) -> Vec<&str> {
        if self.is_empty() { Vec::new() } else { self.full_id.split(SEPARATOR).collect() }
    }

    /// The place of the first run of segments equal to those of `id`.
    pub(in crate::api) fn find(&self, id: &str) -> Option<(usize, usize)> {
        let wanted: Vec<&str> = id.split(SEPARATOR).collect();
        let start = self.names().windows(wanted.len()).position(|run| run == wanted)?;
        Some((start, start + wanted.len()))
    }

    /// Where records of this path belong; what is the same for all of them is made by `make` when there is none yet.
    pub(in crate::api) fn context_ref(
        &mut self,
        make: impl FnOnce(&str, bool, Option<&ArcClass<'_>>) -> Origin,
    ) -> Option<ContextRef<'_>> {
        if self.is_empty() {
            return None;
        }
        let last = self.classes.last().filter(|(at, _)| *at == self.segments);
        let class = last.map(|(_, class)| class);
        self.origin.get_or_insert_with(|| make(&self.full_id, self.is_kept, class));
        self.made_ref()
    }

    /// The same for a path that had a record before, or none.
    #[inline(always)]
    pub(in crate::api) fn made_ref(&self) -> Option<ContextRef<'_>> {
        let owed = self.owes_globals.as_deref().filter(|_| self.segments == self.main);
        self.origin.as_ref().map(|origin| ContextRef { origin, owes_globals: owed })
    }
}

/// Where the segments of an id are parted.
fn separators(id: &str) -> impl Iterator<Item = usize> {
    id.bytes().enumerate().filter(|(_, byte)| *byte == SEPARATOR as u8).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::api::state::places::State;
    use crate::client::ClassName;
    use crate::encode::{RecordPrefix, Shape};

    #[test]
    fn each_context_has_a_class_of_its_own_and_the_main_one_owes_the_globals() {
        fn found(stack: &mut State) -> (Option<String>, Option<bool>) {
            let path = stack.path_mut();
            path.origin = None;
            let mut name = None;
            let context = path.context_ref(|full_id, is_kept, class| {
                name = class.and_then(ArcClass::name).map(str::to_owned);
                let prefix = RecordPrefix::new("u", full_id, Shape::default());
                Origin { prefix, class: ClassName::new(class), is_kept, is_plain: is_kept, is_precise: false }
            });
            let owed = context.unwrap().owes_globals.map(|owed| owed.load(Ordering::Relaxed));
            (name, owed)
        }
        let class = |name: &str| Some(ArcClass::from(name).to_static());
        let mut stack = State::of_thread();
        stack.open("a.b", true, class("MAIN"), true);
        assert_eq!(found(&mut stack), (Some("MAIN".to_owned()), Some(true)));
        let base = stack.push("s.t", class("SUB"));
        assert_eq!(found(&mut stack), (Some("SUB".to_owned()), None));
        stack.push("u", None);
        assert_eq!(found(&mut stack), (None, None));
        stack.pop_to(base + 2);
        assert_eq!(found(&mut stack), (Some("SUB".to_owned()), None));
        // What is left of a context that was opened as a whole was never given a class.
        stack.pop_to(base + 1);
        assert_eq!(found(&mut stack), (None, None));
        stack.pop_to(base);
        assert_eq!(found(&mut stack), (Some("MAIN".to_owned()), Some(true)));
        let before = stack.open("c", true, None, false);
        assert_eq!(found(&mut stack), (None, None));
        stack.restore(before);
        assert_eq!(found(&mut stack), (Some("MAIN".to_owned()), Some(true)));
    }
}
