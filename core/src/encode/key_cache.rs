//! The keys of messages that were written before: the events of a thread resemble each other.
//!
//! A message whose keys are those of a known shape, in the same order, needs one comparison for each of them.
//! That they are text and differ from each other, and what the rules make of them, was found out when the shape was
//! learned. The encoder asks for a shape by what a message begins with; where the keys go another way it goes
//! on as if nothing was known, and teaches what it found instead.

mod key;

pub use key::{Key, KeyMatch};

use super::field::AsField;
use super::object::Left;
use crate::encode::filter::FieldRules;

/// Kinds of messages that are known at once: a call site each, for the few that share a thread.
const SHAPES: usize = 8;

/// Most keys of a shape, so that all of them together stay below 100 kB a thread.
const MOST_KEYS: usize = 128;

/// How often another message may come before a shape is given up for it. With every time that this happens in
/// one place the number doubles: two kinds of messages that meet there and take turns would otherwise push each
/// other out for ever.
const PATIENCE: u8 = 3;

/// Most of that, and as much where nothing could be known at first: a program that has changed its ways is known
/// again soon enough.
const MOST_PATIENCE: u8 = 200;

/// Messages of a new thread before it learns: one that is started for a task of its own would hardly have time
/// to use what it knows, and leaves the memory behind.
const WARM_UP: u8 = 16;

/// The keys of one kind of message.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) keys: Vec<Key>,
    /// Keys that are not dropped.
    pub(crate) kept: usize,
    /// The message has more keys, but the next one cannot be known.
    is_partial: bool,
    /// How many misses make it give way; 0 until it is learned.
    patience: u8,
    misses: u8,
}

/// What a thread knows of its messages.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// The rules under which all of them were learned.
    rules: u64,
    known: Vec<Shape>,
    learning: Option<Shape>,
    /// Messages that are not learned from before the first one is.
    warm_up: u8,
}

/// Where a shape is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(usize);

impl Place {
    /// For the text of an object, from behind the quote of its first key.
    #[inline(always)]
    pub(crate) fn of_json(text: &[u8]) -> Place {
        let first = text.first_chunk().map_or(0, |first| u16::from_le_bytes(*first));
        // An odd constant without a pattern, the fraction of the golden ratio.
        Place((first.wrapping_mul(0x9e37) >> 13) as usize % SHAPES)
    }

    /// For typed fields.
    #[inline(always)]
    pub(crate) fn of_fields(fields: &[impl AsField]) -> Place {
        let first = fields.first().map_or(0, AsField::key_mark);
        Place(fields.len().wrapping_add(first) % SHAPES)
    }
}

impl Shapes {
    /// For a thread, which may be gone after a few messages.
    pub(crate) fn for_thread() -> Shapes {
        Shapes { warm_up: WARM_UP, ..Shapes::default() }
    }

    /// The shape at this place, if one is known under these rules.
    #[inline(always)]
    pub(crate) fn at(&self, place: Place, rules: &FieldRules) -> Option<&Shape> {
        self.at_once(place).filter(|_| self.rules == rules.number())
    }

    /// The shape at this place, if one is known. Behind [`Shapes::keep_only`] it is one of those rules.
    #[inline(always)]
    pub(crate) fn at_once(&self, place: Place) -> Option<&Shape> {
        // Where nothing is kept there may be nothing to send.
        self.known.get(place.0).filter(|shape| shape.kept > 0)
    }

    /// Forgets what was learned under other rules.
    pub(crate) fn keep_only(&mut self, rules: &FieldRules) {
        if self.rules != rules.number() {
            self.known.clear();
            self.rules = rules.number();
        }
    }

    /// Begins to learn the keys of a message that the shape at `place` did not know, but for its first `known`
    /// keys. Most messages are not learned from.
    pub(crate) fn begin(&mut self, place: Place, rules: &FieldRules, known: usize) {
        self.learning = None;
        if self.warm_up > 0 {
            self.warm_up -= 1;
            return;
        }
        self.keep_only(rules);
        if self.known.is_empty() {
            self.known.resize_with(SHAPES, Shape::default);
        }
        let Some(shape) = self.known.get_mut(place.0) else { return };
        if shape.patience > 0 {
            let is_all = shape.is_partial && known > 0 && known == shape.keys.len();
            shape.misses += u8::from(!is_all);
            if is_all || shape.misses < shape.patience {
                return;
            }
        }
        let keys = shape.keys.get(..known).unwrap_or_default().to_vec();
        self.learning = Some(Shape { keys, ..Shape::default() });
    }

    /// Whether this message is learned from.
    #[inline(always)]
    pub(crate) fn is_learning(&self) -> bool {
        self.learning.is_some()
    }

    /// Learns the next key, and whether its field is dropped; `None` where its value decides what is written.
    #[cold]
    pub(crate) fn learn(&mut self, name: &[u8], is_dropped: Option<bool>) {
        if let Some(shape) = &mut self.learning {
            shape.learn(name, is_dropped);
        }
    }

    /// Forgets what was learned from a message that failed.
    pub(crate) fn forget(&mut self) {
        self.learning = None;
    }

    /// Keeps what was learned from a message that went well; nothing when its keys were not all `different`.
    #[inline(always)]
    pub(crate) fn keep(&mut self, place: Place, different: bool) {
        if let Some(shape) = self.learning.take() {
            self.replace(place, shape, different);
        }
    }

    #[cold]
    fn replace(&mut self, place: Place, mut shape: Shape, different: bool) {
        shape.kept = shape.keys.iter().filter(|key| !key.is_dropped).count();
        shape.keys.shrink_to_fit();
        let Some(slot) = self.known.get_mut(place.0) else { return };
        shape.patience = match slot.patience {
            _ if shape.kept == 0 => MOST_PATIENCE,
            0 => PATIENCE,
            before => before.saturating_mul(2).min(MOST_PATIENCE),
        };
        if different {
            *slot = shape;
        } else {
            (slot.misses, slot.patience) = (0, shape.patience);
        }
    }
}

impl Shape {
    fn learn(&mut self, name: &[u8], is_dropped: Option<bool>) {
        let key = is_dropped.and_then(|is_dropped| Key::new(name, is_dropped));
        match key.filter(|_| !self.is_partial && self.keys.len() < MOST_KEYS) {
            Some(key) => self.keys.push(key),
            None => self.is_partial = true,
        }
    }

    /// Whether it may fit a message of `fields` fields.
    #[inline(always)]
    pub(crate) fn may_fit(&self, fields: usize) -> bool {
        self.keys.len() == fields || self.is_partial
    }

    /// Where a message is left whose map begins at `base` and whose first `keys` keys were found.
    #[cold]
    pub(crate) fn left(&self, base: usize, keys: usize) -> Left {
        let written = self.keys.iter().take(keys).filter(|key| !key.is_dropped).count();
        Left { base, keys, written, at: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(shapes: &mut Shapes, rules: &FieldRules, names: &[&str]) {
        shapes.begin(Place(3), rules, 0);
        names.iter().for_each(|name| shapes.learn(name.as_bytes(), Some(false)));
        shapes.keep(Place(3), true);
    }

    #[test]
    fn a_shape_is_replaced_when_others_come_again_and_again() {
        let rules = FieldRules::new("x", "", "", false).unwrap();
        let (place, mut shapes) = (Place(3), Shapes::default());
        assert!(shapes.at(place, &rules).is_none());
        taught(&mut shapes, &rules, &["a", "b"]);
        for times in 1..=PATIENCE {
            assert_eq!(shapes.at(place, &rules).unwrap().keys.len(), 2, "{times}");
            taught(&mut shapes, &rules, &["c"]);
        }
        for times in 1..=2 * PATIENCE {
            assert_eq!(shapes.at(place, &rules).unwrap().keys.len(), 1, "{times}");
            taught(&mut shapes, &rules, &["d", "e", "f"]);
        }
        assert_eq!(shapes.at(place, &rules).unwrap().keys.len(), 3);
        let others = FieldRules::new("x", "", "", false).unwrap();
        assert!(shapes.at(place, &others).is_none());
    }

    #[test]
    fn what_cannot_be_known_ends_a_shape() {
        let rules = FieldRules::default();
        let (place, mut shapes) = (Place(3), Shapes::default());
        shapes.begin(place, &rules, 0);
        for (name, is_dropped) in [("a", Some(false)), ("b", Some(true)), ("c", None), ("d", Some(false))] {
            shapes.learn(name.as_bytes(), is_dropped);
        }
        shapes.keep(place, true);
        let shape = shapes.at(place, &rules).unwrap();
        assert_eq!((shape.keys.len(), shape.kept, shape.is_partial), (2, 1, true));
        // Messages that go on where the shape ends are no reason to give it up.
        for _ in 0..10 {
            shapes.begin(place, &rules, 2);
            assert!(shapes.learning.is_none());
        }
        shapes.begin(Place(0), &rules, 0);
        shapes.learn(b"a", Some(true));
        shapes.keep(Place(0), true);
        assert!(shapes.at(Place(0), &rules).is_none(), "nothing would be left of the message");
    }
}
