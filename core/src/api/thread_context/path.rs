//! Where a thread is: the segments of its context's id, and what its records need.

use std::sync::atomic::AtomicBool;

use crate::client::{ContextRef, Origin};
use crate::encode::ArcClass;
use crate::encode::full_id::SEPARATOR;

#[derive(Debug)]
struct Segment {
    /// Where it ends in the full id.
    end: usize,
    /// The class of the context that was opened with it as the last segment.
    class: Option<ArcClass<'static>>,
}

/// The path of segments, outermost first; empty when no context is open.
#[derive(Debug, Default)]
pub(super) struct Path {
    full_id: String,
    segments: Vec<Segment>,
    /// The number of segments of the main context.
    main: usize,
    is_kept: bool,
    /// Set until the globals went out with a message of the main context; only where messages carry them.
    owes_globals: AtomicBool,
    /// What is the same for all records of this very path, once there was one.
    origin: Option<Origin>,
}

impl Path {
    /// The path of a main context, with the segments of `id`.
    pub(super) fn new(id: &str, is_kept: bool, class: Option<ArcClass<'static>>, owes_globals: bool) -> Path {
        let mut path = Path { is_kept, owes_globals: AtomicBool::new(owes_globals), ..Path::default() };
        path.push(id, class);
        path.main = path.len();
        path
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub(super) fn full_id(&self) -> &str {
        &self.full_id
    }

    pub(super) fn len(&self) -> usize {
        self.segments.len()
    }

    /// Adds the segments of `id`, which are separated by ".".
    pub(super) fn push(&mut self, id: &str, class: Option<ArcClass<'static>>) {
        for segment in id.split(SEPARATOR) {
            if !self.segments.is_empty() {
                self.full_id.push(SEPARATOR);
            }
            self.full_id.push_str(segment);
            self.segments.push(Segment { end: self.full_id.len(), class: None });
        }
        if let Some(last) = self.segments.last_mut() {
            last.class = class;
        }
        self.origin = None;
    }

    /// Keeps the first `segments` segments.
    pub(super) fn truncate(&mut self, segments: usize) {
        if segments < self.segments.len() {
            self.segments.truncate(segments);
            self.full_id.truncate(self.segments.last().map_or(0, |last| last.end));
            self.origin = None;
        }
    }

    fn names(&self) -> Vec<&str> {
        if self.is_empty() { Vec::new() } else { self.full_id.split(SEPARATOR).collect() }
    }

    /// The place of the first run of segments equal to those of `id`.
    pub(super) fn find(&self, id: &str) -> Option<(usize, usize)> {
        let wanted: Vec<&str> = id.split(SEPARATOR).collect();
        let start = self.names().windows(wanted.len()).position(|run| run == wanted)?;
        Some((start, start + wanted.len()))
    }

    /// Where records of this path belong; what is the same for all of them is made by `make` when there is none yet.
    pub(super) fn context_ref(
        &mut self,
        make: impl FnOnce(&str, bool, Option<&ArcClass<'_>>) -> Origin,
    ) -> Option<ContextRef<'_>> {
        let class = self.segments.last()?.class.as_ref();
        let owes_globals = (self.segments.len() == self.main).then_some(&self.owes_globals);
        let origin = self.origin.get_or_insert_with(|| make(&self.full_id, self.is_kept, class));
        Some(ContextRef { origin, owes_globals })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::api::thread_context::stack::Stack;
    use crate::client::ClassName;
    use crate::encode::RecordPrefix;

    #[test]
    fn each_context_has_a_class_of_its_own_and_the_main_one_owes_the_globals() {
        fn found(stack: &mut Stack) -> (Option<String>, Option<bool>) {
            let path = stack.path();
            path.origin = None;
            let mut name = None;
            let context = path.context_ref(|full_id, is_kept, class| {
                name = class.and_then(ArcClass::name).map(str::to_owned);
                let prefix = RecordPrefix::new("u", full_id, false);
                Origin { prefix, class: ClassName::new(class), is_kept, is_plain: is_kept }
            });
            let owed = context.unwrap().owes_globals.map(|owed| owed.load(Ordering::Relaxed));
            (name, owed)
        }
        let class = |name: &str| Some(ArcClass::from(name).to_static());
        let mut stack = Stack::new();
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
        assert_eq!(found(&mut stack), (None, Some(false)));
        stack.restore(before);
        assert_eq!(found(&mut stack), (Some("MAIN".to_owned()), Some(true)));
    }
}
