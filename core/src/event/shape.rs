//! The keys of messages that were written before: the events of a thread resemble each other.
//!
//! A message whose keys are those of a known shape, in the same order, needs one comparison for each of them.
//! That they are text, differ from each other and that no rule is about them was found out when the shape was
//! learned. The encoder asks for a shape by what a message begins with; where the keys go another way it goes
//! on as if nothing was known, and teaches what it found instead.

use super::fields::AsField;
use super::msgpack;
use crate::filter::FieldRules;

/// Kinds of messages that are known at once: a call site each, for the few that share a thread.
const SHAPES: usize = 8;

/// Most keys of a shape, so that all of them together stay below 100 kB a thread.
const MOST_KEYS: usize = 128;

/// Longest key of a shape: with its quote and colon it fits a block of sixteen bytes.
const LONGEST_KEY: usize = 14;

/// How often another message may come before a shape is given up for it: two kinds of messages that meet in
/// one place and take turns would otherwise push each other out every time.
const PATIENCE: u8 = 3;

/// A key as it is compared and as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// With its header, zeros behind.
    pub(crate) encoded: [u8; 16],
    pub(crate) encoded_len: usize,
    len: usize,
    /// Its first and its last bytes, eight of each or four; all of less than four, and zero.
    ends: (u64, u64),
    /// As it stands in JSON between its opening quote and its value, little-endian, and the bits that count.
    json: [u64; 2],
    json_bits: [u64; 2],
}

impl Key {
    fn new(text: &[u8]) -> Option<Key> {
        let len = text.len();
        if len > LONGEST_KEY || text.iter().any(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            return None;
        }
        let padded = |parts: &[&[u8]]| {
            let mut block = [0; 16];
            block.iter_mut().zip(parts.iter().copied().flatten()).for_each(|(slot, byte)| *slot = *byte);
            block
        };
        let json = u128::from_le_bytes(padded(&[text, b"\":"]));
        let json_bits = u128::MAX >> (8 * (LONGEST_KEY - len));
        Some(Key {
            encoded: padded(&[&[0xa0 | len as u8], text]),
            encoded_len: 1 + len,
            len,
            ends: ends(text),
            json: halves(json),
            json_bits: halves(json_bits),
        })
    }

    /// Bytes of the key itself.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether `text` is this key.
    #[inline(always)]
    pub fn is_text(&self, text: &[u8]) -> bool {
        text.len() == self.len && ends(text) == self.ends
    }

    /// The bytes up to and with the colon, if this key stands at the beginning of `rest`, which comes behind
    /// an opening quote.
    #[inline(always)]
    pub(crate) fn in_json(&self, rest: &[u8]) -> Option<usize> {
        let Some(block) = rest.first_chunk::<16>() else { return self.at_the_end(rest) };
        let [low, high] = halves(u128::from_le_bytes(*block));
        let ([key_low, key_high], [low_bits, high_bits]) = (self.json, self.json_bits);
        let differs = (low ^ key_low) & low_bits | (high ^ key_high) & high_bits;
        (differs == 0).then_some(self.len + 2)
    }

    #[cold]
    fn at_the_end(&self, rest: &[u8]) -> Option<usize> {
        let mut block = [0; 16];
        block.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
        // No byte of the key and what follows it is zero.
        self.in_json(&block)
    }
}

/// What tells texts of the same length apart, up to sixteen bytes.
#[inline(always)]
fn ends(text: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    (text.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)), 0)
}

#[inline(always)]
fn halves(number: u128) -> [u64; 2] {
    [number as u64, (number >> 64) as u64]
}

#[derive(Debug, Default)]
struct Shape {
    keys: Vec<Key>,
    /// The message has more keys, but the next one cannot be known.
    is_partial: bool,
    misses: u8,
}

/// What a thread knows of its messages.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    /// The rules under which all of them were learned.
    rules: u64,
    known: Vec<Shape>,
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
        Place((fields.len() + first) % SHAPES)
    }
}

impl Shapes {
    /// The keys of the shape at this place, none where no shape is known.
    #[inline(always)]
    pub(crate) fn keys(&self, place: Place, rules: &FieldRules) -> &[Key] {
        match self.known.get(place.0) {
            Some(shape) if self.rules == rules.number() => &shape.keys,
            _ => &[],
        }
    }

    /// Learns the first `count` keys of the encoded map, which was written under `rules` without one of them
    /// concerning it; `known` of them were those of the shape at this place.
    #[cold]
    #[inline(never)]
    pub(crate) fn learn(&mut self, place: Place, rules: &FieldRules, map: &[u8], count: usize, known: usize) {
        if self.rules != rules.number() || self.known.is_empty() {
            self.known.clear();
            self.known.resize_with(SHAPES, Shape::default);
            self.rules = rules.number();
        }
        let Some(shape) = self.known.get_mut(place.0) else { return };
        if shape.is_partial && known == shape.keys.len() {
            return;
        }
        shape.misses += 1;
        if !shape.keys.is_empty() && shape.misses < PATIENCE {
            return;
        }
        *shape = Shape { is_partial: true, ..Shape::default() };
        let Some((msgpack::Head::Map(_), mut rest)) = msgpack::read(map) else { return };
        for _ in 0..count.min(MOST_KEYS) {
            // What was just written can be read; a key that is no short text ends what is known.
            let Some((msgpack::Head::Text(text), value)) = msgpack::read(rest) else { return };
            let (Some(key), Some(len)) = (Key::new(text), msgpack::value_len(value)) else { return };
            shape.keys.push(key);
            rest = value.get(len..).unwrap_or_default();
        }
        shape.is_partial = count > MOST_KEYS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_in_json_and_as_text() {
        for len in 0..=LONGEST_KEY {
            let name = &"abcdefghijklmnop"[..len];
            let key = Key::new(name.as_bytes()).unwrap();
            assert!(key.is_text(name.as_bytes()));
            for rest in ["1}", "1,\"b\":22222222222222222"] {
                let json = format!("{name}\":{rest}");
                assert_eq!(key.in_json(json.as_bytes()), Some(len + 2), "{json}");
                for place in 0..len + 2 {
                    let mut other = json.clone().into_bytes();
                    other[place] ^= 1;
                    assert_eq!(key.in_json(&other), None);
                    assert_eq!(key.in_json(&json.as_bytes()[..place]), None);
                    assert!(place >= len || !key.is_text(&other[..len]));
                }
            }
            assert!(!key.is_text(format!("{name}x").as_bytes()));
        }
        for unknown in ["fifteen_letters", "a\"b", "a\\b", "a\n"] {
            assert!(Key::new(unknown.as_bytes()).is_none(), "{unknown}");
        }
    }

    #[test]
    fn a_shape_is_learned_and_replaced_when_others_come_again_and_again() {
        let rules = FieldRules::new("x", "", "", false).unwrap();
        let (place, mut shapes) = (Place(3), Shapes::default());
        assert!(shapes.keys(place, &rules).is_empty());
        shapes.learn(place, &rules, &[0x82, 0xa1, b'a', 1, 0xa1, b'b', 0x91, 2], 2, 0);
        assert_eq!(shapes.keys(place, &rules).len(), 2);
        for times in 1..=PATIENCE {
            assert_eq!(shapes.keys(place, &rules).len(), 2, "{times}");
            shapes.learn(place, &rules, &[0x81, 0xa1, b'c', 1], 1, 0);
        }
        assert_eq!(shapes.keys(place, &rules).len(), 1);
        let others = FieldRules::new("x", "", "", false).unwrap();
        assert!(shapes.keys(place, &others).is_empty());
    }
}
