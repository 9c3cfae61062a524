//! The sub-contexts of a context, by the segment of their id.
//!
//! Most contexts have a few: these are looked through. From some on there is an index.

use std::collections::HashMap;

/// Looking through so many short texts takes no longer than hashing one.
const FEW: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Subs<C> {
    /// In the order in which they came.
    list: Vec<(Box<str>, C)>,
    index: Option<Box<Index>>,
}

/// Where each segment is in the list. Apart, because few contexts have it.
#[derive(Debug)]
struct Index(HashMap<Box<str>, usize>);

impl<C: Default> Subs<C> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &C)> {
        self.list.iter().map(|(segment, context)| (&**segment, context))
    }

    fn place(&self, segment: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.0.get(segment).copied(),
            None => self.list.iter().position(|(known, _)| **known == *segment),
        }
    }

    pub(crate) fn get(&self, segment: &str) -> Option<&C> {
        self.list.get(self.place(segment)?).map(|(_, context)| context)
    }

    /// That of a segment; it begins if there is none, and `begins` is called.
    pub(super) fn get_or_begin(&mut self, segment: &str, begins: impl FnOnce()) -> Option<&mut C> {
        let place = self.place(segment).unwrap_or_else(|| {
            begins();
            self.begin(segment)
        });
        self.list.get_mut(place).map(|(_, context)| context)
    }

    fn begin(&mut self, segment: &str) -> usize {
        let place = self.list.len();
        if place == self.list.capacity() {
            // Not four at once: there may be a hundred thousand with one.
            self.list.reserve_exact(1 + place / 2);
        }
        self.list.push((segment.into(), C::default()));
        match &mut self.index {
            Some(index) => drop(index.0.insert(segment.into(), place)),
            None if place == FEW => {
                let all = self.list.iter().enumerate().map(|(place, (known, _))| (known.clone(), place));
                self.index = Some(Box::new(Index(all.collect())));
            }
            None => {}
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_found_alike() {
        let mut subs = Subs::<Option<String>>::default();
        let mut begun = 0;
        for round in 0..2 {
            for n in 0..100 {
                let context = subs.get_or_begin(&format!("sub{n}"), || begun += 1).unwrap();
                assert_eq!(context.is_some(), round > 0);
                *context = Some(n.to_string());
                assert_eq!(subs.get(&format!("sub{n}")).unwrap().as_deref(), Some(&*n.to_string()));
                assert!(subs.get("other").is_none());
                assert_eq!(subs.index.is_some(), round > 0 || n >= FEW);
            }
        }
        let order: Vec<String> = subs.iter().map(|(segment, _)| segment.to_owned()).collect();
        assert_eq!((begun, order), (100, (0..100).map(|n| format!("sub{n}")).collect()));
    }
}
