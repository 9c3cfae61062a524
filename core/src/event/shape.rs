//! The keys of messages that were written before: the events of a thread resemble each other.
//!
//! A message whose keys are those of a known shape, in the same order, needs one comparison for each of them.
//! That they are text and differ from each other, and what the rules make of them, was found out when the shape was
//! learned. The encoder asks for a shape by what a message begins with; where the keys go another way it goes
//! on as if nothing was known, and teaches what it found instead.

use super::field::AsField;
use super::object::Left;
use crate::filter::FieldRules;
use crate::name::SHORT;

/// Kinds of messages that are known at once: a call site each, for the few that share a thread.
const SHAPES: usize = 8;

/// Most keys of a shape, so that all of them together stay below 100 kB a thread.
const MOST_KEYS: usize = 128;

/// Longest key of a shape: with its quote and colon it fits two blocks of sixteen bytes.
const LONGEST_KEY: usize = 30;

/// Longer than any text, and not what stands for an unknown length either.
const NO_LEN: usize = usize::MAX - 1;

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

/// A key as it is compared and as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// With its header, zeros behind.
    pub(crate) encoded: [u8; 32],
    /// Bytes of it without the zeros: one more than those of the key, which are [`LONGEST_KEY`] at most.
    encoded_len: u8,
    /// The same where the ends are all of the key and its field is kept, else no length of anything.
    simple_len: usize,
    ends: Ends,
    /// As it stands in JSON between its opening quote and its value, and the bits that count.
    json: [[u64; 2]; 2],
    json_bits: [[u64; 2]; 2],
    /// A rule leaves its field out.
    pub(crate) is_dropped: bool,
}

/// What tells texts of the same length apart, up to sixteen bytes: the first and the last eight of them, or
/// four; all of less than four, and zero.
type Ends = (u64, u64);

/// Whether a name is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is, and its field is kept.
    Kept,
    /// It is, and its field is left out.
    Dropped,
    /// It is not.
    Not,
}

impl Key {
    pub(super) fn new(text: &[u8], is_dropped: bool) -> Option<Key> {
        let len = text.len();
        if len > LONGEST_KEY || text.iter().any(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            return None;
        }
        let padded = |parts: &[&[u8]]| {
            let mut block = [0; 32];
            block.iter_mut().zip(parts.iter().copied().flatten()).for_each(|(slot, byte)| *slot = *byte);
            block
        };
        Some(Key {
            encoded: padded(&[&[0xa0 | len as u8], text]),
            ends: ends(text),
            json: blocks(&padded(&[text, b"\":"])),
            json_bits: blocks(&padded(&[[0xff; 32].get(..len + 2)?])),
            encoded_len: 1 + len as u8,
            is_dropped,
            simple_len: if len <= SHORT && !is_dropped { len } else { NO_LEN },
        })
    }

    /// Bytes of the key itself, at most 30.
    #[inline(always)]
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.encoded_len() - 1
    }

    /// Bytes of the key with its header, at most 31.
    #[inline(always)]
    pub(crate) fn encoded_len(&self) -> usize {
        self.encoded_len.into()
    }

    /// Whether a text of `len` bytes may be this key and its ends are all that has to be looked at, with
    /// [`Key::has_ends_of`].
    #[inline(always)]
    pub fn is_simple(&self, len: usize) -> bool {
        len == self.simple_len
    }

    /// Whether `text`, which is as long as this key, begins and ends like it.
    #[inline(always)]
    pub fn has_ends_of(&self, text: &[u8]) -> bool {
        ends(text) == self.ends
    }

    /// Whether `text` is this key.
    #[inline(always)]
    pub fn matches(&self, text: &[u8]) -> Match {
        if text.len() != self.len() || !self.has_ends_of(text) {
            Match::Not
        } else if self.is_simple(text.len()) {
            Match::Kept
        } else {
            self.matches_beyond_ends(text)
        }
    }

    /// The same for what the ends do not say.
    #[inline(always)]
    fn matches_beyond_ends(&self, text: &[u8]) -> Match {
        let known = self.encoded.get(1..1 + self.len()).unwrap_or_default();
        if text.first_chunk::<16>() != known.first_chunk() || text.last_chunk::<16>() != known.last_chunk() {
            Match::Not
        } else if self.is_dropped {
            Match::Dropped
        } else {
            Match::Kept
        }
    }

    /// The bytes up to and with the colon, if this key stands at the beginning of `rest`, which comes behind
    /// an opening quote.
    #[inline(always)]
    pub(crate) fn in_json(&self, rest: &[u8]) -> Option<usize> {
        let Some(block) = rest.first_chunk() else { return self.at_the_end(rest) };
        let is_here = self.is_block(0, block) && (self.encoded_len <= 15 || self.goes_on(rest));
        is_here.then_some(self.len() + 2)
    }

    #[inline(always)]
    fn is_block(&self, number: usize, block: &[u8; 16]) -> bool {
        let [low, high] = halves(block);
        let (Some([key_low, key_high]), Some([low_bits, high_bits])) =
            (self.json.get(number), self.json_bits.get(number))
        else {
            return false;
        };
        (low ^ key_low) & low_bits | (high ^ key_high) & high_bits == 0
    }

    /// Whether the rest of a long key comes behind the first block.
    #[inline(always)]
    fn goes_on(&self, rest: &[u8]) -> bool {
        match rest.get(16..).and_then(|rest| rest.first_chunk()) {
            Some(block) => self.is_block(1, block),
            None => self.at_the_end(rest).is_some(),
        }
    }

    #[cold]
    #[inline(never)]
    fn at_the_end(&self, rest: &[u8]) -> Option<usize> {
        let mut block = [0; 32];
        block.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
        // No byte of the key and what follows it is zero.
        self.in_json(&block)
    }
}

#[inline(always)]
fn ends(text: &[u8]) -> Ends {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    (text.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0)
}

#[inline(always)]
fn halves(block: &[u8; 16]) -> [u64; 2] {
    let number = u128::from_le_bytes(*block);
    [number as u64, (number >> 64) as u64]
}

fn blocks(bytes: &[u8; 32]) -> [[u64; 2]; 2] {
    let block = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk()).map_or([0; 2], halves);
    [block(0), block(16)]
}

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

    #[test]
    fn a_key_is_known_in_json_and_as_text() {
        for len in 0..=LONGEST_KEY {
            let name = &"abcdefghijklmnopqrstuvwxyz0123456789"[..len];
            let key = Key::new(name.as_bytes(), false).unwrap();
            assert_eq!(key.matches(name.as_bytes()), Match::Kept);
            for rest in ["1}", "1,\"b\":22222222222222222222222222222222"] {
                let json = format!("{name}\":{rest}");
                assert_eq!(key.in_json(json.as_bytes()), Some(len + 2), "{json}");
                for place in 0..len + 2 {
                    let mut other = json.clone().into_bytes();
                    other[place] ^= 1;
                    assert_eq!(key.in_json(&other), None);
                    assert_eq!(key.in_json(&json.as_bytes()[..place]), None);
                    assert!(place >= len || key.matches(&other[..len]) == Match::Not);
                }
            }
            assert_eq!(key.matches(format!("{name}x").as_bytes()), Match::Not);
            let dropped = Key::new(name.as_bytes(), true).unwrap();
            assert_eq!(dropped.matches(name.as_bytes()), Match::Dropped);
            assert_eq!(dropped.matches(format!("{name}x").as_bytes()), Match::Not);
        }
        for unknown in ["thirty-one letters are too many", "a\"b", "a\\b", "a\n"] {
            assert!(Key::new(unknown.as_bytes(), false).is_none(), "{unknown}");
        }
    }

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
