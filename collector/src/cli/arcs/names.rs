//! Names of fields as numbers.
//!
//! Events of one place in a program have the same fields in the same order, so that the name behind another
//! one is nearly always the one that stood there the last time: that is looked at before anything is hashed.

use std::borrow::Cow;

use indexmap::IndexSet;

/// A name, as long as its [`Names`] are not cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name(u32);

impl Name {
    /// The field that holds what lies beneath all fields of an ARC.
    pub(crate) const GLOBALS: Name = Name(0);
    /// The field that says the class of a context.
    pub(crate) const CLASS: Name = Name(1);

    pub(super) fn of(number: u32) -> Name {
        Name(number)
    }

    pub(super) fn number(self) -> u32 {
        self.0
    }
}

/// What a name takes beside its text: its head, its places in the set, and what follows it.
const NAME: usize = 64;

#[derive(Debug)]
pub(crate) struct Names {
    texts: IndexSet<Box<str>>,
    /// Behind each name the one that followed it; before all of them the first one of a record.
    next: Vec<u32>,
    bytes: usize,
}

impl Default for Names {
    fn default() -> Names {
        let mut names = Names { texts: IndexSet::new(), next: vec![0], bytes: 0 };
        for reserved in ["MONA_GLOBALS", "MONA_ARC_CLASS"] {
            names.find(0, reserved.as_bytes());
        }
        names
    }
}

impl Names {
    /// The number of a name that stands behind another one.
    #[inline]
    pub(crate) fn name(&mut self, before: Option<Name>, text: &[u8]) -> Name {
        let place = before.map_or(0, |Name(number)| number as usize + 1);
        let likely = self.next.get(place).copied().unwrap_or_default();
        match self.texts.get_index(likely as usize) {
            Some(known) if known.as_bytes() == text => Name(likely),
            _ => self.find(place, text),
        }
    }

    fn find(&mut self, place: usize, text: &[u8]) -> Name {
        let text: Cow<'_, str> = String::from_utf8_lossy(text);
        let index = self.texts.get_index_of(text.as_ref()).unwrap_or_else(|| {
            self.bytes += NAME + text.len();
            self.next.push(0);
            self.texts.insert_full(text.into()).0
        });
        // Names take dozens of bytes each and are bounded by them.
        let number = u32::try_from(index).unwrap_or_default();
        if let Some(next) = self.next.get_mut(place) {
            *next = number;
        }
        Name(number)
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        self.texts.get_index(name.0 as usize).map_or("", |text| text)
    }

    /// The memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_wherever_it_stands() {
        let mut names = Names::default();
        let mut row = |texts: &[&str]| {
            let mut before = None;
            let all = texts.iter().map(|text| {
                before = Some(names.name(before, text.as_bytes()));
                before
            });
            all.collect::<Vec<_>>()
        };
        let first = row(&["a", "b", "c"]);
        assert_eq!(row(&["a", "b", "c"]), first);
        let other = row(&["c", "a", "b", "b", "d"]);
        assert_eq!((other[0], other[1], other[2], other[3]), (first[2], first[0], first[1], first[1]));
        assert_eq!(row(&["MONA_GLOBALS", "MONA_ARC_CLASS"]), [Some(Name::GLOBALS), Some(Name::CLASS)]);
        let bytes = names.bytes();
        let broken = names.name(None, b"\xff");
        assert_eq!(names.name(None, "\u{fffd}".as_bytes()), broken);
        assert_eq!(names.text(broken), "\u{fffd}");
        assert!(names.bytes() > bytes);
    }
}
